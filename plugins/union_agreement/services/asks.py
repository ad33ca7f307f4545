"""Co-signatures asked of an office: asked by the district, answered by whoever holds the office, kept either way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import Conflict, Invalid, NotAllowed, NotFound, Viewer, now, record, tenant_transaction

from ..rules.records import spoken
from ..tables import Agreement, Ask
from . import records
from .sides import offices, require_officer, side_of


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """A request as the office that signs sees it: the work and its place, no name. ``mine``: the viewer holds the office."""

    id: UUID
    agreement: UUID
    code: str
    clause: str
    role: str
    work: str
    why: str
    scope: dict[str, Any]
    asked_at: datetime
    asked_by: str
    answer: str
    says: str
    mine: bool


async def ask(viewer: Viewer, agreement: UUID, clause: str, role: str, *, work: str, why: str, scope: records.Scope) -> UUID:
    """Ask an office for its signature. Raises ``Conflict`` while the same is open, ``Invalid`` without a reason."""
    if not why.strip():
        raise Invalid("Say why it is needed; whoever signs reads it.")
    async with tenant_transaction(viewer.tenant):
        if await require_officer(viewer) != "district":
            raise NotAllowed("The district asks; the office signs.")
        wanted = await records.signers_of(viewer, agreement, clause)
        if role not in wanted:
            raise Invalid(f"{clause} asks for {', '.join(map(spoken, wanted))}, not for {spoken(role)}.")
        same = (Ask.agreement == agreement) & (Ask.clause == clause) & (Ask.role == role) & (Ask.answer == "")
        if await Ask.exists().where(same & (Ask.placement == scope.placement if scope.placement else Ask.placement.is_null())):
            raise Conflict(f"{spoken(role).capitalize()} has been asked for this already and has not answered yet.")
        made = Ask(
            agreement=agreement,
            clause=clause,
            role=role,
            placement=scope.placement,
            work=work,
            scope=msgspec.json.encode(scope.as_record()).decode(),
            why=why.strip(),
            asked_by=viewer.tag,
        )
        await Ask.insert(made)
        await record("cosignature:asked", f"ask/{made.id}", actor=viewer.tag, clause=clause, role=role, why=why.strip())
    ident: UUID = made.id
    return ident


async def waiting(viewer: Viewer) -> list[Open]:
    """Requests nobody has answered yet, those for the viewer's own offices first."""
    side_of(viewer)
    async with tenant_transaction(viewer.tenant):
        rows = await Ask.select().where(Ask.answer == "").order_by(Ask.asked_at).output(load_json=True)
        found = await _shown(viewer, rows)
    return sorted(found, key=lambda one: (not one.mine, one.asked_at))


async def answered(viewer: Viewer, last: int = 20) -> list[Open]:
    """The last requests that were answered."""
    side_of(viewer)
    async with tenant_transaction(viewer.tenant):
        query = Ask.select().where(Ask.answer != "").order_by(Ask.answered_at, ascending=False).limit(last)
        return await _shown(viewer, await query.output(load_json=True))


async def _shown(viewer: Viewer, rows: Sequence[dict[str, Any]]) -> list[Open]:
    mine = {one.role for one in await offices(viewer)}
    codes = {row["id"]: row["code"] for row in await Agreement.select(Agreement.id, Agreement.code)}
    names = ("id", "agreement", "clause", "role", "work", "why", "scope", "asked_at", "asked_by", "answer", "says")
    return [
        Open(**{name: row[name] for name in names}, code=codes.get(row["agreement"], ""), mine=row["role"] in mine)
        for row in rows
    ]


async def sign(viewer: Viewer, ident: UUID, expires_on: date | None = None) -> None:
    """Sign what was asked, for exactly what was asked. Raises ``NotAllowed`` for somebody who does not hold the office."""
    async with tenant_transaction(viewer.tenant):
        row = await _open(ident)
        scope = row["scope"]
        kept = await records.cosign(
            viewer,
            row["agreement"],
            row["clause"],
            row["role"],
            scope=records.Scope(
                sites=tuple(scope.get("sites", ())),
                roles=tuple(scope.get("roles", ())),
                headcount=scope.get("headcount"),
                since=_day(scope.get("from")),
                until=_day(scope.get("to")),
                placement=row["placement"],
            ),
            expires_on=expires_on,
        )
        await _answer(viewer, row, "signed", "", kept)


async def decline(viewer: Viewer, ident: UUID, says: str) -> None:
    """Decline, with a reason the district reads."""
    if not says.strip():
        raise Invalid("Say why; the district reads it.")
    async with tenant_transaction(viewer.tenant):
        row = await _open(ident)
        if row["role"] not in {one.role for one in await offices(viewer)}:
            raise NotAllowed(f"Only the {spoken(row['role'])} answers this.")
        await _answer(viewer, row, "declined", says.strip(), None)


async def _open(ident: UUID) -> dict[str, Any]:
    rows = await Ask.select().where(Ask.id == ident).lock_rows("UPDATE").output(load_json=True)
    if not rows:
        raise NotFound("There is no such request here.")
    if rows[0]["answer"]:
        raise Conflict("It was answered already.")
    found: dict[str, Any] = rows[0]
    return found


async def _answer(viewer: Viewer, row: dict[str, Any], answer: str, says: str, kept: UUID | None) -> None:
    values: dict[Any, Any] = {
        Ask.answer: answer,
        Ask.says: says,
        Ask.answered_by: viewer.tag,
        Ask.answered_at: now(),
        Ask.record: kept,
    }
    await Ask.update(values).where(Ask.id == row["id"])
    await record(f"cosignature:{answer}", f"ask/{row['id']}", actor=viewer.tag, clause=row["clause"], role=row["role"], says=says)


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None
