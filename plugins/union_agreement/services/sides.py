"""Who acts for a side: HR for the district, registered officers for the union. Offices are held from a day through a day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

import msgspec

from staffing.api import Conflict, Invalid, NotAllowed, NotFound, Viewer, record, tenant_transaction, today

from ..rules import signers
from ..rules.records import spoken
from ..tables import Officer

SIDES = {"district": "the district", "union": "the union"}


class Office(msgspec.Struct, frozen=True, kw_only=True):
    """A role somebody holds. ``current`` says whether they hold it today."""

    id: UUID
    account: UUID
    name: str
    side: str
    role: str
    unit: str
    since: date
    until: date | None
    current: bool


def side_of(viewer: Viewer) -> str:
    """The side a viewer is on. Raises ``NotAllowed`` for anybody on neither."""
    if viewer.role in {"hr", "admin", "system"}:
        return "district"
    if viewer.role == "union":
        return "union"
    raise NotAllowed("Agreements are open to the district's HR and to the union's registered officers.")


async def offices(viewer: Viewer, on: date | None = None) -> list[Office]:
    """The offices a viewer holds on a day (today), of the viewer's own side or of a third body. Inside a ``tenant_transaction``.

    Nobody of the district acts for the union, and nobody of the union for the district, whatever was registered.
    """
    side = side_of(viewer)
    return [
        one
        for one in await _all(on)
        if viewer.account is not None and one.account == viewer.account and one.current and one.side in {side, "joint", "third"}
    ]


async def require_office(viewer: Viewer, role: str, units: Collection[str] = ()) -> Office:
    """The office of that role, held today for one of the units (an office for none is for all).

    Raises ``NotAllowed``: somebody who holds no such office signs nothing.
    """
    for one in await offices(viewer):
        if one.role == role and (not one.unit or not units or one.unit in units):
            return one
    of = f" of {', '.join(map(spoken, units))}" if units else ""
    raise NotAllowed(
        f"You are not registered as {spoken(role)}{of} today, so nothing was signed. An administrator registers officers."
    )


async def require_officer(viewer: Viewer) -> str:
    """The side a viewer may act for: HR always, somebody of the union only as a registered officer. Inside a transaction."""
    side = side_of(viewer)
    if side == "union" and not [one for one in await offices(viewer) if one.side == "union"]:
        raise NotAllowed("Only the union's registered officers act for it. Ask the administrator to register your office.")
    return side


async def officers(viewer: Viewer) -> list[Office]:
    """Every office registered, those held today first."""
    side_of(viewer)
    async with tenant_transaction(viewer.tenant):
        return sorted(await _all(), key=lambda one: (not one.current, one.side, one.role, one.name))


async def _all(on: date | None = None) -> list[Office]:
    day = on or today()
    rows = await Officer.select().order_by(Officer.since)
    return [
        Office(
            **{name: row[name] for name in ("id", "account", "name", "side", "role", "unit", "since", "until")},
            current=row["since"] <= day and (row["until"] is None or day <= row["until"]),
        )
        for row in rows
    ]


async def register(viewer: Viewer, *, account: UUID, name: str, role: str, unit: str = "", since: date) -> UUID:
    """Register somebody's office. Administrators register for the district; for the union too, on its written word."""
    if viewer.role not in {"admin", "system"}:
        raise NotAllowed("An administrator registers officers, on the written word of their side.")
    if not role or not name:
        raise Invalid("Say who it is and which office they hold.")
    async with tenant_transaction(viewer.tenant):
        for one in await _all(since):
            if one.role == role and one.account == account and one.current:
                raise Conflict(f"{name} is registered as {spoken(role)} already.")
        made = Officer(
            account=account,
            name=name,
            side=signers.side_of(role),
            role=role,
            unit=unit,
            since=since,
            registered_by=viewer.tag,
        )
        await Officer.insert(made)
        await record("officer:registered", f"officer/{made.id}", actor=viewer.tag, role=role, unit=unit, since=since)
    ident: UUID = made.id
    return ident


async def end(viewer: Viewer, office: UUID, until: date) -> None:
    """End an office. What was signed while it was held stays signed."""
    if viewer.role not in {"admin", "system"}:
        raise NotAllowed("An administrator ends an office.")
    async with tenant_transaction(viewer.tenant):
        rows = await Officer.select(Officer.since, Officer.role).where(Officer.id == office)
        if not rows:
            raise NotFound("There is no such office here.")
        if until < rows[0]["since"]:
            raise Invalid(f"The office began on {rows[0]['since']}; it cannot end before that.")
        await Officer.update({Officer.until: until}).where(Officer.id == office)
        await record("officer:ended", f"officer/{office}", actor=viewer.tag, role=rows[0]["role"], until=until)
