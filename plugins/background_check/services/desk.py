"""The desk of checks: every order under the line that says whose move it is, oldest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import (
    DB,
    OrderStatus,
    Outcome,
    PlaceSeen,
    Viewer,
    now,
    people_found,
    people_of,
    places_of,
    screening_providers,
    tenant_transaction,
)

from ..rules.fair_steps import PERSONS_MOVE
from ..rules.reasons import stands
from ..rules.whose_move import TITLES, Move, Stand, whose
from ..tables.orders import Package
from .order_view import changed_since, may_see

#: Lines of a page.
PAGE = 50
#: People whose checks a search by name looks through.
_FOUND = 200

_LINES = """
SELECT o.id, o.person, o.status, o.result, o.detail, o.outcome, o.says, o.tries, o.eta, o.ordered_at, o.requested_on,
  o.completed_at, o.revised_at, o.opened_again_at, o.placement, o.position, o.invented, o.why,
  p.title AS package, p.usual_days, a.title AS account, a.provider, a.state AS account_state, d.state AS decided,
  d.decided_at, d.decided_account, f.state AS fair,
  EXISTS (SELECT FROM background_check.check_order n
    WHERE n.person = o.person AND n.package = o.package AND n.ordered_at > o.ordered_at) AS followed
FROM background_check.check_order o
JOIN background_check.package p ON p.id = o.package
JOIN background_check.provider_account a ON a.id = o.account
LEFT JOIN background_check.determination d ON d.of_order = o.id AND d.state <> 'taken_back'
LEFT JOIN background_check.adverse_action f ON f.of_order = o.id AND f.ended_at IS NULL
WHERE ($1::uuid[] IS NULL OR o.person = ANY ($1)) AND ($2::uuid IS NULL OR o.package = $2)
ORDER BY o.ordered_at"""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One check on the desk. ``since`` is when it came to where it is; ``days`` how many whole days ago."""

    id: UUID
    person: UUID
    name: str
    package: str
    account: str
    place: PlaceSeen | None
    status: OrderStatus
    stands: str
    outcome: Outcome | None
    move: Move
    says: str
    second: bool
    own: bool
    again: bool
    fair: str
    since: datetime
    days: int
    eta: date | None
    invented: bool


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """The desk: how many stand where, and the lines of one of them."""

    move: Move
    counts: dict[Move, int]
    lines: tuple[Line, ...]
    total: int
    page: int
    pages: int
    packages: tuple[tuple[UUID, str], ...]


def stand_of(row: Mapping[str, Any]) -> Stand:
    """What of a row says whose move it is."""
    provider = screening_providers().get(row["provider"])
    return Stand(
        status=OrderStatus(row["status"]),
        way=provider.way if provider else "",
        detail=row["detail"],
        decided=row["outcome"] is not None,
        again=changed_since(row["opened_again_at"], row["decided_at"]),
        waits_for_second=row["decided"] == "waits_for_second",
        answering=row["fair"] in PERSONS_MOVE,
        tries=row["tries"],
        account_off=row["account_state"] == "off",
        said=row["result"] is not None,
        followed=row["followed"],
    )


def _since(row: Mapping[str, Any]) -> datetime:
    moments = (row["ordered_at"], row["completed_at"], row["revised_at"], row["opened_again_at"], row["decided_at"])
    last: datetime = max(moment for moment in moments if moment)
    return last


async def rows_of(people: Sequence[UUID] | None = None, package: UUID | None = None) -> list[Mapping[str, Any]]:
    """Every order, or those of these people. Inside a ``tenant_transaction``."""
    async with DB.connection() as connection:
        found: list[Mapping[str, Any]] = await connection.fetch(_LINES, list(people) if people is not None else None, package)
    return found


async def desk(viewer: Viewer, move: Move | None = None, *, words: str = "", package: UUID | None = None, page: int = 1) -> Desk:
    """The desk with the lines of one move; without one, the first that has any. Raises ``NotAllowed``."""
    may_see(viewer)
    async with tenant_transaction(viewer.tenant):
        people = [one.id for one in await people_found(viewer, words, _FOUND)] if words.strip() else None
        rows = await rows_of(people, package)
        moves = [(whose(stand_of(row)), row) for row in rows]
        counts = dict.fromkeys(Move, 0)
        for each, _ in moves:
            counts[each] += 1
        if move is None:
            move = next((each for each in TITLES if counts[each]), Move.DECIDE)
        mine = sorted((row for each, row in moves if each is move), key=_since, reverse=move is Move.DONE)
        pages = max(1, -(-len(mine) // PAGE))
        page = min(max(1, page), pages)
        lines = await lines_of(viewer, mine[(page - 1) * PAGE : page * PAGE])
        packages = await _packages()
    return Desk(move=move, counts=counts, lines=tuple(lines), total=len(mine), page=page, pages=pages, packages=tuple(packages))


async def _packages() -> list[tuple[UUID, str]]:
    return [(row["id"], row["title"]) for row in await Package.select(Package.id, Package.title).order_by(Package.title)]


async def lines_of(viewer: Viewer, rows: Iterable[Mapping[str, Any]]) -> list[Line]:
    """These rows as lines, with names and places. Inside a ``tenant_transaction``."""
    rows = list(rows)
    people = await people_of(viewer.tenant, {row["person"] for row in rows})
    places = await places_of(
        viewer.tenant, {row[name] for row in rows for name in ("placement", "position") if row[name] is not None}
    )
    moment = now()
    return [
        Line(
            id=row["id"],
            person=row["person"],
            name=people[row["person"]].name if row["person"] in people else "Somebody no longer on record",
            package=row["package"],
            account=row["account"],
            place=places.get(row["placement"]) or places.get(row["position"]),
            status=OrderStatus(row["status"]),
            stands=stands(row["result"], row["detail"]),
            outcome=Outcome(row["outcome"]) if row["outcome"] else None,
            move=whose(stand_of(row)),
            says=row["says"],
            second=row["decided"] == "waits_for_second",
            own=row["decided_account"] is not None and row["decided_account"] == viewer.account,
            again=changed_since(row["opened_again_at"], row["decided_at"]),
            fair=row["fair"] or "",
            since=_since(row),
            days=max(0, (moment - _since(row)).days),
            eta=row["eta"],
            invented=row["invented"],
        )
        for row in rows
    ]


async def of_person(viewer: Viewer, person: UUID) -> list[Line]:
    """The checks of one person, the newest first. Raises ``NotAllowed``."""
    may_see(viewer)
    async with tenant_transaction(viewer.tenant):
        return await lines_of(viewer, reversed(await rows_of([person])))
