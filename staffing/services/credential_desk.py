"""Badges as staff and holders see them: the list, one badge with its history, and one's own."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec

from staffing.core.errors import Conflict, NotFound
from staffing.core.names import fold
from staffing.documents.badge import Card
from staffing.services import history, readiness, verification
from staffing.services.actors import Actor
from staffing.services.verification import Status
from staffing.store.engine import tenant_transaction
from staffing.store.queries import badge_list
from staffing.store.tables import Credential, Placement

PAGE = 50
#: A badge in its last weeks is shown as ending soon.
SOON = timedelta(days=30)

View = Literal["good", "soon", "ended", "all"]
VIEWS: dict[View, str] = {"good": "In use", "soon": "Ending soon", "ended": "Ended", "all": "All"}


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A badge in the list. ``made`` says whether its PDF is ready."""

    id: UUID
    number: str
    person: UUID
    name: str
    role: str
    site: str
    status: Status
    issued_on: date
    valid_through: date
    days_left: int
    made: bool
    invented: bool


class Badges(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the list with the number in each view."""

    rows: list[Listed]
    counts: dict[str, int]
    view: View
    words: str
    page: int
    pages: int
    today: date


class Badge(msgspec.Struct, frozen=True, kw_only=True):
    """One badge with everything staff may know of it."""

    id: UUID
    person: UUID
    placement: UUID
    decision: UUID
    number: str
    token: str
    status: Status
    issued_on: date
    issued_by: str
    valid_through: date
    withdrawn_at: datetime | None
    withdrawn_by: str
    reason: str
    made: bool
    card: Card
    today: date
    history: list[history.Entry] = []


async def badges(actor: Actor, view: View = "good", words: str = "", page: int = 1) -> Badges:
    """The district's badges: those in use first to end, others newest first. ``words`` finds names and numbers."""
    actor.require("hr", "admin")
    async with tenant_transaction(actor.tenant) as transaction:
        today = (await readiness.here()).today
        folded = words.strip().lower() if any(c.isdigit() for c in words) else fold(words)
        soon = today + SOON
        counts = await badge_list.counts(transaction, words=folded, today=today, soon=soon)
        pages = max(1, -(-counts[view] // PAGE))
        page = min(max(page, 1), pages)
        found = await badge_list.rows(
            transaction, view=view, words=folded, today=today, soon=soon, limit=PAGE, offset=(page - 1) * PAGE
        )
        rows = [await _listed(row, today) for row in found]
    return Badges(rows=rows, counts=counts, view=view, words=words, page=page, pages=pages, today=today)


async def badge_of(actor: Actor, credential: UUID) -> Badge:
    """One badge and what has happened to it. For HR and administrators. Raises ``NotFound``."""
    actor.require("hr", "admin")
    async with tenant_transaction(actor.tenant) as transaction:
        row = await badge_list.one(transaction, credential)
        if row is None:
            raise NotFound("There is no such badge in this district.")
        today = (await readiness.here()).today
        return await _badge(row, today, await history.of_subjects([f"credential/{credential}"]))


async def own_badges(actor: Actor) -> list[Badge]:
    """The badges of the person signed in that are not withdrawn, last to end first."""
    if actor.person is None:
        return []
    async with tenant_transaction(actor.tenant) as transaction:
        rows = await badge_list.of_person(transaction, actor.person)
        today = (await readiness.here()).today if rows else date.min
        return [await _badge(row, today, []) for row in rows]


async def by_number(actor: Actor, number: str) -> UUID | None:
    """The badge with this number in the actor's district, for staff."""
    actor.require("hr", "admin")
    async with tenant_transaction(actor.tenant):
        row = await Credential.select(Credential.id).where(Credential.number == number).first()
    return row["id"] if row else None


async def to_print(actor: Actor, number: str | None = None) -> list[UUID]:
    """The badge with this number, or every badge in use, by number. Raises ``NotFound``."""
    actor.require("hr", "admin")
    async with tenant_transaction(actor.tenant):
        today = (await readiness.here()).today
        wanted = (
            Credential.number == number if number else (Credential.state != "withdrawn") & (Credential.valid_through >= today)
        )
        rows = await Credential.select(Credential.id, Credential.state).where(wanted).order_by(Credential.number)
    if number and not rows:
        raise NotFound(f"There is no badge {number} in this district.")
    if number and rows[0]["state"] == "withdrawn":
        raise Conflict(f"The badge {number} was withdrawn, so it is not printed. Issue a new one.")
    return [row["id"] for row in rows]


async def holder_of(actor: Actor, placement: UUID) -> UUID:
    """Whose placement it is. Raises ``NotFound``."""
    actor.require("hr", "admin")
    async with tenant_transaction(actor.tenant):
        row = await Placement.select(Placement.person).where(Placement.id == placement).first()
    if row is None:
        raise NotFound("There is no such placement in this district.")
    person: UUID = row["person"]
    return person


async def _badge(row: dict[str, Any], today: date, entries: list[history.Entry]) -> Badge:
    return Badge(
        id=row["id"],
        person=row["person"],
        placement=row["placement"],
        decision=row["decision"],
        number=row["number"],
        token=row["token"],
        status=await verification.status_of(row, today),
        issued_on=row["issued_on"],
        issued_by=row["issued_by"],
        valid_through=row["valid_through"],
        withdrawn_at=row["withdrawn_at"],
        withdrawn_by=row["withdrawn_by"],
        reason=row["reason"],
        made=row["file"] is not None,
        card=msgspec.convert(row["card"], Card),
        today=today,
        history=entries,
    )


async def _listed(row: dict[str, Any], today: date) -> Listed:
    card = row["card"]
    return Listed(
        id=row["id"],
        number=row["number"],
        person=row["person"],
        name=card.get("name", ""),
        role=card.get("role", ""),
        site=card.get("site", ""),
        status=await verification.status_of(row, today),
        issued_on=row["issued_on"],
        valid_through=row["valid_through"],
        days_left=(row["valid_through"] - today).days,
        made=row["file"] is not None,
        invented=bool(card.get("invented")),
    )
