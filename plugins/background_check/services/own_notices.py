"""The person's own notice: that something happened which their rules ask them to tell. The day alone, and a receipt for it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from staffing.api import NotAllowed, State, Viewer, decided_with, district, system_viewer, tenant_transaction, today

from ..rules.notices_in_time import duties, duty_of
from ..tables.continuing import Flag
from .flags import FlagSeen, keep, possible, seen_of

#: A rule in one of these states binds nobody, or nobody can say that it does: no clock is claimed.
NOT_BOUND = frozenset({State.NOT_REQUIRED, State.EXEMPT, State.UNKNOWN, State.NEEDS_REVIEW})


async def tell(viewer: Viewer, happened_on: date) -> UUID:
    """The person's own notice: only the day on which something happened. Gives the flag's id; the same day twice is one notice.

    Whether it came in time is worked out from the rules that bind the person's work; without a cited one no clock is claimed.
    Raises ``NotAllowed`` for anyone but the person and ``Invalid`` for a day that cannot be.
    """
    if viewer.role != "volunteer" or viewer.person is None:
        raise NotAllowed("This notice is the person’s own. Staff record what others send on the page of flags.")
    zone = (await district(viewer.tenant)).time_zone
    possible(happened_on, today(zone), "happened_on")
    bound = await binding(viewer)
    return await keep(viewer, viewer.person, "self_notice", "", happened_on, duty=duty_of(bound, happened_on))


async def binding(viewer: Viewer) -> set[str]:
    """The rules with a cited duty to tell that bind the work of the person signed in."""
    if viewer.person is None:
        return set()
    named = {duty.rule for duty in duties()}
    work = await decided_with(system_viewer(viewer.tenant), viewer.person, ())
    return {f.rule for each in work for f in each.now.findings if f.rule in named and f.state not in NOT_BOUND}


async def own_notices(viewer: Viewer) -> list[FlagSeen]:
    """The notices of the person signed in, the newest first. Raises ``NotAllowed``."""
    if viewer.role != "volunteer" or viewer.person is None:
        raise NotAllowed("These are a volunteer’s own notices.")
    async with tenant_transaction(viewer.tenant):
        rows = (
            await Flag.select()
            .where((Flag.person == viewer.person) & (Flag.kind == "self_notice"))
            .order_by(Flag.received_at, ascending=False)
        )
        return await seen_of(viewer.tenant, rows)
