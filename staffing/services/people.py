"""People as HR sees them: a searchable list with how each stands. One person's record is in ``person_record``."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing.core.findings import Decision, Effect
from staffing.core.names import fold, full_name
from staffing.services import readiness, standing
from staffing.services.actors import Actor
from staffing.services.person_record import CanDo, Record, can_do, record
from staffing.store.engine import tenant_transaction
from staffing.store.queries import console, people_list

__all__ = [
    "PAGE",
    "SOON",
    "STATUS_NAMES",
    "CanDo",
    "Listed",
    "People",
    "Record",
    "can_do",
    "clears",
    "listed",
    "numbers",
    "people",
    "record",
]

STATUS_NAMES: dict[str, str] = {
    "us": "Waiting on us",
    "them": "Waiting on them",
    "others": "Waiting on others",
    "expiring": "Lapsing in 30 days",
    "ready": "Ready",
    "none": "No work chosen yet",
}
SOON = timedelta(days=30)
PAGE = 50


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A person in the list, with the work that decides how they stand."""

    id: UUID
    name: str
    organisation: str
    title: str
    site: str
    placed: bool
    starts_on: date | None
    status: str
    kind: str
    word: str
    missing: tuple[str, ...]
    holds_until: date | None
    waiting: int
    invented: bool

    @property
    def through(self) -> date | None:
        """The last day the answer is sure to hold, or None if nothing known ends it."""
        return self.holds_until - timedelta(days=1) if self.holds_until else None


class People(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the list with the number of people at each status."""

    rows: list[Listed]
    counts: dict[str, int]
    found: int
    page: int
    pages: int
    words: str
    status: str | None
    show: str | None


async def people(actor: Actor, words: str = "", status: str | None = None, page: int = 1, show: str | None = None) -> People:
    """People whose name (in any script, without accents) holds every word, with how each stands. For HR.

    ``show`` is a saved view: ``starting`` (starts within 7 days, not ready) or ``unplaced`` (ready, not placed).
    """
    actor.require("hr", "admin")
    status = status if status in STATUS_NAMES else None
    show = show if show in ("starting", "unplaced") else None
    async with tenant_transaction(actor.tenant) as transaction:
        place = await readiness.here()
        span = {"today": place.today, "soon": place.today + SOON}
        counts = await people_list.counts(transaction, **span)
        found, total = await people_list.rows(
            transaction, words=fold(words), standing=status, show=show, limit=PAGE, offset=PAGE * (max(1, page) - 1), **span
        )
        rows = [await listed(row, place) for row in found]
    return People(
        rows=rows,
        counts=counts,
        found=total,
        page=max(1, page),
        pages=max(1, -(-total // PAGE)),
        words=words,
        status=status,
        show=show,
    )


async def numbers(actor: Actor) -> dict[str, int]:
    """Documents waiting, people, placements and the saved views' counts, for the menu of the console."""
    async with tenant_transaction(actor.tenant) as transaction:
        today = (await readiness.here()).today
        return await console.numbers(transaction, week=today + timedelta(days=7), month=today + SOON)


async def listed(row: dict[str, Any], place: readiness.Here) -> Listed:
    """A row of the people list; a decision whose day has passed is taken again for this row alone."""
    outcome, holds_until, status = row["outcome"], row["holds_until"], row["standing"]
    lacking: tuple[str, ...] = ()
    if row["body"] is not None:
        decision = readiness.stored(row["body"])
        if holds_until is not None and holds_until <= place.today:
            decision = await readiness.decision_of(row["id"], placement_id=row["placement"])
            outcome, holds_until = decision.outcome.value, decision.holds_until
            status = _status(decision, row["waiting"], place.today)
        lacking = tuple(standing.missing(decision))
    kind, word = standing.OUTCOMES[outcome] if outcome else ("mute", "No work chosen")
    return Listed(
        id=row["id"],
        name=full_name(row["given_name"], row["family_name"]),
        organisation=row["organisation"] or "",
        title=row["title"] or "",
        site=row["site"] or "",
        placed=row["placement_state"] == "placed",
        starts_on=row["starts_on"],
        status=status,
        kind=kind,
        word=word,
        missing=lacking,
        holds_until=holds_until,
        waiting=row["waiting"],
        invented=row["invented"],
    )


def _status(decision: Decision, waiting: int, today: date) -> str:
    """The standing of ``people_list`` for a decision just taken."""
    if decision.outcome.clears:
        return "expiring" if decision.holds_until and decision.holds_until <= today + SOON else "ready"
    groups = {r.group for r in standing.requirements(decision, {})}
    return "us" if waiting else "them" if "theirs" in groups else "us" if "ours" in groups else "others"


def clears(outcome: str | None) -> bool:
    """Whether an outcome lets work go on; None (never decided) does not."""
    return outcome is not None and Effect(outcome).clears
