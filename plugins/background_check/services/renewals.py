"""Renewals: both sides are told before a clearance runs out, once for each step, and the new check is one press away."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

import msgspec

from staffing.api import (
    Conflict,
    NotAllowed,
    PersonSeen,
    StaffingError,
    Viewer,
    district,
    in_language,
    people_of,
    person_of,
    record,
    system_viewer,
    tenant_transaction,
    today,
    write_to,
)

from ..tables.continuing import Reminder
from .lapsing import RunningOut, running_out
from .leaving import LEFT
from .orders import place_order
from .policies import policy_of

log = logging.getLogger(__name__)

#: How long after its last day somebody is still told that it ran out, where the days before were missed.
LATE_DAYS = 30


class Told(msgspec.Struct, frozen=True):
    """That both sides were told at one step. Without a channel the person has no address: staff call them."""

    days: str
    channel: str
    at: datetime


class Renewal(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the page of renewals. ``days_left`` is negative once it ran out."""

    what: RunningOut
    name: str
    partner: str
    language: str
    days_left: int | None
    told: tuple[Told, ...]
    invented: bool

    @property
    def group(self) -> str:
        """Where the line stands on the page: after a break, ran out, or runs out."""
        return "break" if self.what.after_break and self.what.lapsed else "lapsed" if self.what.lapsed else "soon"


async def renewals(viewer: Viewer) -> list[Renewal]:
    """What runs out within the longest of the policy's steps, what has run out, and who needs a new check after a break.

    Raises ``NotAllowed``.
    """
    if viewer.role not in {"hr", "admin"}:
        raise NotAllowed("Renewals are open to the district’s HR clearance staff alone.")
    policy, _ = await policy_of(viewer.tenant)
    found = await running_out(viewer.tenant, max(policy.remind_days))
    people = await people_of(viewer.tenant, {one.person for one in found})
    day = today((await district(viewer.tenant)).time_zone)
    async with tenant_transaction(viewer.tenant):
        rows = await Reminder.select().where(Reminder.days != LEFT).order_by(Reminder.told_at)
    told: dict[tuple[UUID, str, date], list[Told]] = {}
    for row in rows:
        key = (row["person"], row["rule"], row["runs_out"])
        told.setdefault(key, []).append(Told(row["days"], row["channel"], row["told_at"]))
    lines = []
    for one in found:
        who, last = people[one.person], one.last_good_day
        lines.append(
            Renewal(
                what=one,
                name=who.name,
                partner=who.partner_name,
                language=who.language,
                days_left=(last - day).days if last else None,
                told=tuple(told.get((one.person, one.rule, last), ())) if last else (),
                invented=who.invented,
            )
        )
    return lines


def by_person(lines: Iterable[Renewal]) -> list[list[Renewal]]:
    """The lines of each person together, in the order of the first of each."""
    found: dict[UUID, list[Renewal]] = {}
    for line in lines:
        found.setdefault(line.what.person, []).append(line)
    return list(found.values())


async def check_again(viewer: Viewer, person: UUID, rule: str, package: UUID) -> UUID:
    """Order the new check for what runs out, or ran out, or ended with a break; gives the order's id.

    Raises ``Conflict`` if it does not run out any more, and what ``place_order`` raises.
    """
    policy, _ = await policy_of(viewer.tenant)
    found = await running_out(viewer.tenant, max(policy.remind_days), person)
    one = next((each for each in found if each.rule == rule), None)
    if one is None:
        raise Conflict("This does not run out any more. Somebody may have renewed it. Nothing was ordered.")
    return await _place(viewer, one, package)


async def _place(viewer: Viewer, one: RunningOut, package: UUID) -> UUID:
    renews = one.suggested.renews if one.suggested else None
    why = "break_in_service" if one.after_break else "renewal"
    return await place_order(viewer, one.person, package, placement=one.placement, why=why, renews=renews)


def steps_due(last_good_day: date, on: date, steps: Iterable[int], told: Iterable[str]) -> list[int]:
    """The steps whose day has come and that nobody was told of, the longest first. Long after its last day there are none.

    A missed night is made up by the next: then several are due at once, and one message serves them all.
    """
    left = (last_good_day - on).days
    if left < -LATE_DAYS:
        return []
    known = set(told)
    return sorted((step for step in set(steps) if left <= step and str(step) not in known), reverse=True)


async def remind(tenant: str) -> int:
    """Tell everybody in a district whose clearance runs out at a step that has come; gives how many people were told.

    Each person has a transaction of their own: a night that is broken off goes on where it stopped, and nobody is told twice.
    """
    policy, _ = await policy_of(tenant)
    day = today((await district(tenant)).time_zone)
    by_person: dict[UUID, list[RunningOut]] = {}
    for one in await running_out(tenant, max(policy.remind_days)):
        if one.last_good_day is not None and not one.after_break:
            by_person.setdefault(one.person, []).append(one)
    count = 0
    for person, running in by_person.items():
        count += await _remind(tenant, person, running, day, policy.remind_days, place=policy.renew_by_itself)
    return count


async def _remind(
    tenant: str, person: UUID, running: list[RunningOut], day: date, steps: tuple[int, ...], *, place: bool
) -> bool:
    viewer = system_viewer(tenant)
    async with tenant_transaction(tenant) as transaction:
        await transaction.connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"checks of {person}")
        rows = await Reminder.select(Reminder.rule, Reminder.runs_out, Reminder.days).where(Reminder.person == person)
        due: list[tuple[RunningOut, list[int]]] = []
        for one in running:
            if one.last_good_day is None:
                continue
            told = [row["days"] for row in rows if (row["rule"], row["runs_out"]) == (one.rule, one.last_good_day)]
            if new := steps_due(one.last_good_day, day, steps, told):
                due.append((one, new))
        if not due:
            return False
        placed = await _place_all(viewer, [one for one, _ in due]) if place else []
        who = await person_of(tenant, person)
        last = min(one.last_good_day for one, _ in due if one.last_good_day)
        on_its_way = all(one.open_order or one.asked_again or one.renewed_by(placed) for one, _ in due)
        channel = await _write(tenant, who, last, day, on_its_way=on_its_way)
        for one, new in due:
            for step in new:
                row = Reminder(person=person, rule=one.rule, runs_out=one.last_good_day, days=str(step), channel=channel)
                await Reminder.insert(row)
        await record(
            "renewal:reminded",
            f"person/{person}",
            actor=viewer.tag,
            rules={one.rule: new for one, new in due},
            runs_out=last,
            channel=channel,
        )
    return True


async def _place_all(viewer: Viewer, due: list[RunningOut]) -> list[UUID]:
    """Place the new checks that the policy wants placed by themselves, each package once; gives the packages.

    What cannot be ordered (too young, an account that is off) stays on the page for HR.
    """
    placed: list[UUID] = []
    for one in due:
        if one.suggested is None or one.open_order or one.suggested.package in placed:
            continue
        try:
            async with tenant_transaction(viewer.tenant):
                await _place(viewer, one, one.suggested.package)
        except StaffingError as error:
            log.info("a renewal was left to HR: %s", type(error).__name__)
        else:
            placed.append(one.suggested.package)
    return placed


async def _write(tenant: str, who: PersonSeen, last: date, day: date, *, on_its_way: bool) -> str:
    tag = who.language
    if last < day:
        subject = in_language(tag, "Part of your clearance has run out")
        first = in_language(tag, "Hello {name}. Part of your clearance ran out on {day}.", name=who.called, day=last)
    else:
        subject = in_language(tag, "Part of your clearance runs out soon")
        first = in_language(tag, "Hello {name}. Part of your clearance is good until {day}.", name=who.called, day=last)
    if on_its_way:
        rest = in_language(tag, "A new check has been started. Sign in to see whether it waits for you.")
    else:
        rest = in_language(tag, "Sign in to see what to renew, so that you can go on without a break.")
    news = in_language(tag, "Part of your clearance has to be renewed. Sign in to see what to do.")
    return await write_to(tenant, who.id, subject, f"{first} {rest}", news)
