"""Signatures, notices, meetings, letters and grievances: recorded once, by whoever may, and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from staffing.api import Conflict, Invalid, NotAllowed, NotFound, Viewer, ask_again, record, tenant_transaction, today

from ..rules import signers
from ..rules.agreement import Agreement as Model
from ..rules.clause import Clause
from ..rules.records import required, spoken
from ..rules.types import TYPES
from ..tables import Agreement, Record
from .drafts import find, parsed
from .known import COUNTS, changed
from .sides import offices, require_office, require_officer

#: Who alone takes a record of a kind back; of others, the side of the office that signed.
_OWNERS = {"notice": "district", "grievance": "union"}


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What a signature covers. Empty means all; ``placement`` narrows it to one."""

    sites: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    headcount: int | None = None
    since: date | None = None
    until: date | None = None
    placement: UUID | None = None

    def as_record(self) -> dict[str, Any]:
        """In the words the clauses read."""
        told = {
            "sites": list(self.sites),
            "roles": list(self.roles),
            "headcount": self.headcount,
            "from": self.since.isoformat() if self.since else None,
            "to": self.until.isoformat() if self.until else None,
        }
        return {name: value for name, value in told.items() if value}


_Side = Literal["district", "union"]
_Number = Annotated[int, msgspec.Meta(ge=0)]


class Meeting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A meeting of a joint body in the words the clauses read: how many of each side were there and voted how, never who.

    ``conflicts`` are those left out of both for a conflict of interest.
    """

    body: str = ""
    requested_on: date | None = None
    present: dict[_Side, _Number] = {}
    votes: dict[_Side, dict[Literal["for", "against"], _Number]] = {}
    conflicts: _Number = 0


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A record as pages show it."""

    id: UUID
    kind: str
    clause: str
    role: str
    on: date
    body: dict[str, Any]
    made_by: str
    withdrawn_on: date | None
    placement: UUID | None


async def cosign(viewer: Viewer, ident: UUID, clause: str, role: str, *, scope: Scope, expires_on: date | None = None) -> UUID:
    """Sign for a clause in an office held today. Raises ``NotAllowed`` for somebody without it, ``Invalid`` for a wrong role."""
    async with tenant_transaction(viewer.tenant):
        row, made, found = await _clause(viewer, ident, clause)
        await require_office(viewer, role, made.units)
        wanted = _signers(found, made)
        if role not in wanted:
            raise Invalid(f"{clause} asks for {', '.join(map(spoken, wanted))}; {spoken(role)} does not sign for it.")
        if expires_on is not None and expires_on < today():
            raise Invalid(f"The signature would have run out on {expires_on} already.")
        kind = "concurrence" if found.type == "union_concurrence" else "cosignature"
        body = {**scope.as_record(), **({"expires_on": expires_on.isoformat()} if expires_on else {}), "form": "signed_form"}
        return await _keep(viewer, kind, row, clause=clause, role=role, on=today(), body=body, placement=scope.placement)


async def notice(
    viewer: Viewer,
    ident: UUID,
    clause: str,
    *,
    addressee: str,
    items: tuple[str, ...],
    delivered_on: date,
    proof: str,
    placement: UUID | None = None,
) -> UUID:
    """Record a notice that was delivered, with its proof. Raises ``Invalid`` for the wrong officer: it counts as not given."""
    async with tenant_transaction(viewer.tenant):
        row, _, found = await _clause(viewer, ident, clause)
        if await require_officer(viewer) != "district":
            raise NotAllowed("The district gives the notice and records it.")
        wanted = getattr(found.params, "addressee", "")
        if wanted and addressee != wanted:
            raise Invalid(
                f"{clause} wants the notice to go to the {spoken(wanted)}. One to the {spoken(addressee)} counts as not given."
            )
        lacking = sorted(set(getattr(found.params, "content", ())) - set(items))
        if lacking:
            raise Invalid(f"The notice has to hold also: {', '.join(map(spoken, lacking))}. Without it counts as not given.")
        if delivered_on > today():
            raise Invalid(f"It cannot have been delivered on {delivered_on}: that day has not come.")
        if not proof.strip():
            raise Invalid("Say how it is known that it was delivered: a receipt, a reply, who handed it over.")
        body = {"items": list(items), "proof": proof.strip()}
        return await _keep(viewer, "notice", row, clause=clause, role=addressee, on=delivered_on, body=body, placement=placement)


async def consultation(viewer: Viewer, ident: UUID, clause: str, *, held_on: date, body: Mapping[str, Any]) -> UUID:
    """Record a meeting of a joint body as a ``Meeting``. Raises ``Invalid`` for anything else, such as names."""
    try:
        kept = msgspec.convert(dict(body), Meeting)
    except msgspec.ValidationError as error:
        raise Invalid(f"A meeting is kept as numbers by side, without names: {error}.") from None
    async with tenant_transaction(viewer.tenant):
        row, _, found = await _clause(viewer, ident, clause)
        await require_officer(viewer)
        if found.type != "joint_consultation":
            raise Invalid(f"{clause} asks for no meeting.")
        if held_on > today():
            raise Invalid(f"The meeting cannot have been on {held_on}: that day has not come.")
        told = {name: value for name, value in msgspec.to_builtins(kept).items() if value}
        return await _keep(viewer, "consultation", row, clause=clause, role="", on=held_on, body=told)


async def grievance(
    viewer: Viewer, ident: UUID, clause: str, *, filed_on: date, placement: UUID | None = None, site: str = ""
) -> UUID:
    """Record a grievance, without the name of whoever it is about. While it is open, what it is about may be on hold."""
    async with tenant_transaction(viewer.tenant):
        row, _, _ = await _clause(viewer, ident, clause)
        if await require_officer(viewer) != "union":
            raise NotAllowed("The union files a grievance; an officer of it records it here.")
        body = {"status": "pending", **({"site": site} if site else {})}
        return await _keep(viewer, "grievance", row, clause=clause, role="", on=filed_on, body=body, placement=placement)


async def withdraw(viewer: Viewer, ident: UUID, why: str) -> None:
    """Take a record back from today on; what was decided under it stays explained. Only the office that made it, or its side."""
    if not why.strip():
        raise Invalid("Say in a sentence why it is taken back.")
    async with tenant_transaction(viewer.tenant):
        side = await require_officer(viewer)
        rows = await Record.select().where(Record.id == ident).output(load_json=True)
        if not rows:
            raise NotFound("There is no such record here.")
        row = rows[0]
        if row["withdrawn_on"] is not None:
            raise Conflict(f"It was taken back on {row['withdrawn_on']} already.")
        mine = {one.role for one in await offices(viewer)}
        owner = _OWNERS.get(row["kind"]) or (signers.side_of(row["role"]) if row["role"] else side)
        if row["kind"] in {"cosignature", "concurrence"} and (owner != side or row["role"] not in mine):
            raise NotAllowed("Only the office that signed takes its signature back.")
        if owner != side:
            raise NotAllowed(f"A {row['kind']} is the {owner}'s to take back.")
        await Record.update({Record.withdrawn_on: today()}).where(Record.id == ident)
        await record(f"{row['kind']}:withdrawn", f"record/{ident}", actor=viewer.tag, clause=row["clause"], why=why)
        await changed()
        await ask_again(viewer.tenant)


async def of_agreement(ident: UUID) -> list[Kept]:
    """Every record about an agreement, the newest first. Inside a ``tenant_transaction``."""
    rows = await Record.select().where(Record.agreement == ident).order_by(Record.on, ascending=False).output(load_json=True)
    names = ("id", "kind", "clause", "role", "on", "body", "made_by", "withdrawn_on", "placement")
    return [Kept(**{name: row[name] for name in names}) for row in rows]


async def signers_of(viewer: Viewer, ident: UUID, clause: str) -> tuple[str, ...]:
    """The offices whose signature a clause asks for. Inside a transaction."""
    _, made, found = await _clause(viewer, ident, clause)
    return _signers(found, made)


async def clause_of(viewer: Viewer, code: str, clause: str) -> tuple[UUID, Clause, tuple[str, ...]]:
    """The agreement in effect that holds a clause, the clause, and who signs for it. Raises ``NotFound``."""
    async with tenant_transaction(viewer.tenant):
        rows = await Agreement.select(Agreement.id, Agreement.code).where(Agreement.state.is_in(sorted(COUNTS)))
        for row in rows:
            try:
                _, made, found = await _clause(viewer, row["id"], clause)
            except NotFound:
                continue
            if not code or row["code"] == code:
                return row["id"], found, _signers(found, made)
    raise NotFound(f"No agreement in effect here has the clause {clause}.")


def _signers(clause: Clause, made: Model) -> tuple[str, ...]:
    named = getattr(clause.params, "signer_role", "")
    return (named,) if named else required(clause, made)


async def _clause(viewer: Viewer, ident: UUID, clause: str) -> tuple[dict[str, Any], Model, Clause]:
    row = await find(viewer, ident, await require_officer(viewer))
    if row["state"] not in COUNTS:
        raise Conflict(f"{row['code']} is not in effect, so there is nothing to record under it yet.")
    made = parsed(row)
    for each in (made, made.base):
        for one in each.clauses if each else ():
            if one.id == clause and one.type in TYPES:
                return row, made, one
    raise NotFound(f"{row['code']} has no clause {clause}.")


async def _keep(
    viewer: Viewer,
    kind: str,
    row: Mapping[str, Any],
    *,
    clause: str,
    role: str,
    on: date,
    body: Mapping[str, Any],
    placement: UUID | None = None,
) -> UUID:
    made = Record(
        kind=kind,
        agreement=row["id"],
        clause=clause,
        role=role,
        on=on,
        body=msgspec.json.encode(body).decode(),
        placement=placement,
        made_by=viewer.tag,
    )
    await Record.insert(made)
    await record(
        f"{kind}:recorded", f"record/{made.id}", actor=viewer.tag, agreement=row["code"], clause=clause, role=role, on=on
    )
    await changed()
    await ask_again(viewer.tenant)
    ident: UUID = made.id
    return ident
