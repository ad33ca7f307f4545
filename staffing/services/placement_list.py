"""Placements as HR lists them: who is placed, who asked, whose placement ended, and how each stands today."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing.core.names import fold, full_name
from staffing.services import people, readiness, standing
from staffing.services.actors import Actor
from staffing.store.engine import tenant_transaction
from staffing.store.queries import placement_list as queries

STATE_NAMES: dict[str, str] = {"placed": "Placed", "wished": "Asked for", "ended": "Ended"}
PAGE = 50


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A placement in the list."""

    id: UUID
    person: UUID
    name: str
    title: str
    site: str
    state: str
    starts_on: date | None
    ends_on: date | None
    kind: str
    word: str
    clears: bool
    holds_until: date | None
    version: int
    badge: str | None
    invented: bool

    @property
    def through(self) -> date | None:
        """The last day the answer is sure to hold, or None if nothing known ends it."""
        return self.holds_until - timedelta(days=1) if self.holds_until else None


class Placements(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the placements list with the number in each state."""

    rows: list[Listed]
    counts: dict[str, int]
    state: str
    words: str
    page: int
    pages: int


async def placements(actor: Actor, state: str = "placed", words: str = "", page: int = 1) -> Placements:
    """Placements in a state, soonest start first, with how each person stands there today. For HR."""
    actor.require("hr", "admin")
    state = state if state in STATE_NAMES else "placed"
    page = max(1, page)
    async with tenant_transaction(actor.tenant) as transaction:
        today = (await readiness.here()).today
        counts = await queries.counts(transaction)
        found, total = await queries.rows(transaction, state=state, words=fold(words), limit=PAGE, offset=PAGE * (page - 1))
        rows = [await _listed(row, today) for row in found]
    return Placements(
        rows=rows,
        counts={name: counts.get(name, 0) for name in STATE_NAMES},
        state=state,
        words=words,
        page=page,
        pages=max(1, -(-total // PAGE)),
    )


async def _listed(row: dict[str, Any], today: date) -> Listed:
    outcome, holds_until = row["outcome"], row["holds_until"]
    if outcome and row["state"] != "ended" and holds_until is not None and holds_until <= today:
        decision = await readiness.decision_of(row["person"], placement_id=row["id"])
        outcome, holds_until = decision.outcome.value, decision.holds_until
    kind, word = standing.OUTCOMES[outcome] if outcome else ("mute", "Not decided")
    return Listed(
        id=row["id"],
        person=row["person"],
        name=full_name(row["given_name"], row["family_name"]),
        title=row["title"],
        site=row["site"],
        state=row["state"],
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
        kind=kind,
        word=word,
        clears=people.clears(outcome),
        holds_until=holds_until,
        version=row["version"],
        badge=row["badge"],
        invented=row["invented"],
    )
