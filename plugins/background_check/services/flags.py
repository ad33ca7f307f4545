"""Flags: word that something may have happened since a check. Who told and when is kept, never what happened."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    PersonSeen,
    Viewer,
    district,
    in_language,
    now,
    people_of,
    person_of,
    record,
    refuse_private,
    tenant_transaction,
    today,
    write_to,
)

from ..rules.flag_words import ENDINGS, SOURCES
from ..rules.notices_in_time import Duty, duties, late
from ..tables.continuing import Flag
from ..tables.decided import AdverseAction
from ..tables.orders import CheckOrder
from .holding import settle
from .policies import policy_of

_OLDEST = timedelta(days=3653)
#: What is said of a day that cannot be; the catalogues have both, because a person's own notice has a day too.
AHEAD = "This day is in the future. Check the date."
LONG_AGO = "This day is more than ten years ago. Check the year."


class FlagSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A flag as HR sees it. ``waits``: somebody has to do something still; ``check`` is the state of the check ordered for it."""

    id: UUID
    person: UUID
    name: str
    partner: str
    kind: str
    source: str
    happened_on: date | None
    duty: Duty | None
    late: bool | None
    holds: bool
    received_at: datetime
    received_by: str
    order: UUID | None
    check: str
    ended: str
    reason: str
    ended_by: str
    ended_at: datetime | None
    waits: bool
    invented: bool


async def raise_flag(viewer: Viewer, person: UUID, kind: str, source: str, day: date) -> UUID:
    """HR records that word came (a state's notice, or other word) with the day on it; gives the flag's id.

    The same word recorded twice is one flag while it is open. Raises ``NotAllowed``, ``NotFound`` and ``Invalid``.
    """
    _hr(viewer)
    if source not in SOURCES.get(kind, {}):
        raise Invalid("Choose who sent word.", {"source": "Choose who sent word."})
    zone = (await district(viewer.tenant)).time_zone
    possible(day, today(zone), "day")
    await person_of(viewer.tenant, person)
    return await keep(viewer, person, kind, source, day)


async def keep(viewer: Viewer, person: UUID, kind: str, source: str, day: date, *, duty: Duty | None = None) -> UUID:
    """Keep a flag; the same word again while it is open is the same flag. ``duty``: the one that asked for the notice."""
    policy, _ = await policy_of(viewer.tenant)
    place, at = await district(viewer.tenant), now()
    async with tenant_transaction(viewer.tenant) as transaction:
        await transaction.connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"checks of {person}")
        same = (Flag.person == person) & (Flag.kind == kind) & (Flag.source == source) & (Flag.happened_on == day)
        known = await Flag.select(Flag.id).where(same & (Flag.ended == "")).first()
        if known:
            again: UUID = known["id"]
            return again
        who = await person_of(viewer.tenant, person)
        flag = Flag(
            person=person,
            kind=kind,
            source=source,
            happened_on=day,
            rule=duty.id if duty else "",
            late=late(day, at, duty.hours, place.time_zone) if duty else None,
            holds=policy.hold_while_flagged,
            received_at=at,
            received_by=viewer.tag,
            invented=who.invented,
        )
        await Flag.insert(flag)
        if kind == "self_notice":
            await _receipt(viewer.tenant, who)
        held = await settle(viewer, person)
        await record(
            "flag:raised",
            f"flag/{flag.id}",
            actor=viewer.tag,
            person=str(person),
            kind=kind,
            source=source,
            day=day,
            duty=duty.id if duty else None,
            late=flag.late,
            held=held,
        )
    ident: UUID = flag.id
    return ident


async def _receipt(tenant: str, who: PersonSeen) -> None:
    tag = who.language
    body = in_language(
        tag,
        "Hello {name}. We have received your notice. The district looks at it and writes to you. "
        "Sign in to see the day on which we received it.",
        name=who.called,
    )
    news = in_language(tag, "We have received your notice.")
    await write_to(tenant, who.id, in_language(tag, "We have your notice"), body, news)


async def end(viewer: Viewer, flag: UUID, ended: str, reason: str, *, package: UUID | None = None) -> UUID | None:
    """End a flag with a reason; gives the new check's id where one was ordered. Work goes on only when nothing else holds it.

    ``new_check`` orders a package; the work waits on until that check is decided. ``not_eligible`` is possible only once the
    fair steps are open for this person. Raises ``NotAllowed``, ``NotFound``, ``Invalid``, and ``Conflict`` for one ended already.
    """
    _hr(viewer)
    if ended not in ENDINGS:
        raise Invalid("Choose how it ends.", {"ended": "Choose how it ends."})
    if not reason.strip():
        raise Invalid("Say in a sentence why it ends so.", {"reason": "Say in a sentence why it ends so."})
    refuse_private(reason, "The reason", "reason")
    if ended == "new_check" and package is None:
        raise Invalid("Choose which check is ordered.", {"package": "Choose which check is ordered."})
    async with tenant_transaction(viewer.tenant):
        row = await Flag.select().where(Flag.id == flag).lock_rows("UPDATE").first()
        if row is None:
            raise NotFound("There is no such flag in this district.")
        (seen,) = await seen_of(viewer.tenant, [row])
        if not seen.waits:
            if (row["ended"], row["reason"]) == (ended, reason.strip()):
                done: UUID | None = row["of_order"]
                return done
            raise Conflict(f"This flag was ended already: {ENDINGS[row['ended']].lower()}. Open it again to read why.")
        order: UUID | None = row["of_order"]
        if ended == "new_check" and package is not None:
            from .orders import place_order

            order = await place_order(viewer, row["person"], package, why="flag")
        if ended == "not_eligible":
            order = await _fair_steps(row["person"])
        await Flag.update(
            {
                Flag.ended: ended,
                Flag.reason: reason.strip(),
                Flag.order: order,
                Flag.ended_by: viewer.tag,
                Flag.ended_at: now(),
            }
        ).where(Flag.id == flag)
        held = await settle(viewer, row["person"])
        await record(
            "flag:ended",
            f"flag/{flag}",
            actor=viewer.tag,
            person=str(row["person"]),
            ended=ended,
            why=reason.strip(),
            order=str(order) if order else None,
            held=held,
        )
    return order if ended == "new_check" else None


async def _fair_steps(person: UUID) -> UUID:
    """The check on which the fair steps are open for a person. Raises ``Conflict`` if there is none."""
    action = (
        await AdverseAction.select(AdverseAction.order.as_alias("order"))
        .where(AdverseAction.person == person)
        .where(AdverseAction.ended_at.is_null())
        .first()
    )
    if action is None:
        raise Conflict(
            "The fair steps are not open for this person, so the flag stays. Open the check that is meant, begin them there, "
            "then end the flag."
        )
    order: UUID = action["order"]
    return order


async def flags(viewer: Viewer) -> tuple[list[FlagSeen], list[FlagSeen]]:
    """The flags that wait for somebody, the oldest first, and the last hundred that were ended. Raises ``NotAllowed``."""
    _staff(viewer)
    async with tenant_transaction(viewer.tenant):
        rows = await Flag.select().where(Flag.ended.is_in(["", "new_check"])).order_by(Flag.received_at)
        over = await Flag.select().where(Flag.ended != "").order_by(Flag.ended_at, ascending=False).limit(100)
        waiting = [seen for seen in await seen_of(viewer.tenant, rows) if seen.waits]
        known = {seen.id for seen in waiting}
        ended = [seen for seen in await seen_of(viewer.tenant, over) if seen.id not in known]
    return waiting, ended


async def flag_of(viewer: Viewer, flag: UUID) -> FlagSeen:
    """One flag; that somebody looked is in the journal. Raises ``NotAllowed`` and ``NotFound``."""
    _staff(viewer)
    async with tenant_transaction(viewer.tenant):
        rows = await Flag.select().where(Flag.id == flag)
        if not rows:
            raise NotFound("There is no such flag in this district.")
        (seen,) = await seen_of(viewer.tenant, rows)
        await record("flag:seen", f"flag/{flag}", actor=viewer.tag, person=str(seen.person))
    return seen


async def seen_of(tenant: str, rows: Collection[Mapping[str, Any]]) -> list[FlagSeen]:
    """Rows of flags as they are shown. Inside a ``tenant_transaction``."""
    people = await people_of(tenant, {row["person"] for row in rows})
    ordered = [row["of_order"] for row in rows if row["of_order"] is not None]
    checks: dict[UUID, Mapping[str, Any]] = {}
    if ordered:
        found = await CheckOrder.select(CheckOrder.id, CheckOrder.status, CheckOrder.outcome).where(CheckOrder.id.is_in(ordered))
        checks = {row["id"]: row for row in found}
    by_id = {duty.id: duty for duty in duties()}
    seen = []
    for row in rows:
        who, check = people.get(row["person"]), checks.get(row["of_order"])
        open_check = row["ended"] == "new_check" and check is not None and check["outcome"] is None
        seen.append(
            FlagSeen(
                **{name: row[name] for name in _SAME},
                order=row["of_order"],
                name=who.name if who else "Somebody whose record is gone",
                partner=who.partner_name if who else "",
                duty=by_id.get(row["rule"]),
                check=str(check["status"]) if check else "",
                waits=not row["ended"] or open_check,
            )
        )
    return seen


_SAME = (
    "id",
    "person",
    "kind",
    "source",
    "happened_on",
    "late",
    "holds",
    "received_at",
    "received_by",
    "ended",
    "reason",
    "ended_by",
    "ended_at",
    "invented",
)


def possible(day: date, on: date, field: str) -> None:
    """Raise ``Invalid`` for a day that something cannot have happened on."""
    if day > on:
        says = AHEAD
    elif day < on - _OLDEST:
        says = LONG_AGO
    else:
        return
    raise Invalid(says, {field: says})


def _hr(viewer: Viewer) -> None:
    if viewer.role not in {"hr", "system"}:
        raise NotAllowed("Flags are recorded and ended by the district’s HR clearance staff.")


def _staff(viewer: Viewer) -> None:
    if viewer.role not in {"hr", "admin"}:
        raise NotAllowed("Flags are open to the district’s HR clearance staff alone. Others see who is cleared, and until when.")
