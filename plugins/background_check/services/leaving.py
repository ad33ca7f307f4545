"""What the district owes a state when somebody leaves who was checked there: shown until HR says that it was sent."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from staffing.api import Conflict, NotAllowed, Viewer, district, gone_with, people_of, record, tenant_transaction

from ..rules.notices_in_time import OnLeaving, on_leaving
from ..tables.continuing import Reminder

#: What the table of reminders names such a notice by, in place of the days before.
LEFT = "left"


class Leaver(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who has left and about whom the state is still to be told. ``since``: their last day, or else the check's day."""

    person: UUID
    name: str
    notice: OnLeaving
    since: date
    last_day: date | None
    invented: bool


async def leavers(viewer: Viewer) -> list[Leaver]:
    """Everybody about whom a notice is still to be sent, the longest gone first. Raises ``NotAllowed``."""
    if viewer.role not in {"hr", "admin"}:
        raise NotAllowed("These notices are sent by the district’s HR clearance staff.")
    here = await district(viewer.tenant)
    notices = on_leaving(here.jurisdiction)
    if not notices:
        return []
    gone = await gone_with(viewer.tenant, {kind for notice in notices for kind in notice.kinds})
    people = await people_of(viewer.tenant, {one.person for one in gone})
    async with tenant_transaction(viewer.tenant):
        rows = await Reminder.select(Reminder.person, Reminder.rule, Reminder.runs_out).where(Reminder.days == LEFT)
    told = {(row["person"], row["rule"], row["runs_out"]) for row in rows}
    found: dict[tuple[UUID, str], Leaver] = {}
    for one in gone:
        since = one.last_day or one.issued_on
        if one.holder not in (None, here.name) or one.jurisdiction not in (None, here.jurisdiction) or since is None:
            continue
        for notice in notices:
            if one.kind in notice.kinds and (one.person, notice.id, since) not in told:
                who = people[one.person]
                found[one.person, notice.id] = Leaver(
                    person=one.person,
                    name=who.name,
                    notice=notice,
                    since=since,
                    last_day=one.last_day,
                    invented=who.invented,
                )
    return sorted(found.values(), key=lambda leaver: (leaver.since, leaver.name))


async def sent(viewer: Viewer, person: UUID, notice: str) -> None:
    """HR says that the notice went to the state. Twice is harmless.

    Raises ``NotAllowed``, and ``Conflict`` where nothing is owed for this person (any more).
    """
    if viewer.role != "hr":
        raise NotAllowed("These notices are sent by the district’s HR clearance staff.")
    open_one = next((one for one in await leavers(viewer) if (one.person, one.notice.id) == (person, notice)), None)
    async with tenant_transaction(viewer.tenant):
        if open_one is None:
            done = (Reminder.person == person) & (Reminder.rule == notice) & (Reminder.days == LEFT)
            if await Reminder.exists().where(done):
                return
            raise Conflict("No notice is owed for this person. They may have come back, or their check was taken off the record.")
        row = Reminder(person=person, rule=notice, runs_out=open_one.since, days=LEFT, channel="staff")
        await Reminder.insert(row).on_conflict(action="DO NOTHING")
        await record("leaving:told", f"person/{person}", actor=viewer.tag, notice=notice, last_day=open_one.last_day)
