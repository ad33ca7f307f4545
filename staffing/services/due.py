"""Decisions whose day has come, or whose rules have changed, are taken again: every hour, at start, when plugins switch.

``holds_until`` makes this cheap: only decisions that could have changed by themselves are looked at.
"""

from __future__ import annotations

from uuid import UUID

from staffing.services import readiness
from staffing.services.actors import system
from staffing.store import jobs
from staffing.store.engine import DB, tenant_transaction
from staffing.store.tables import Decision, Placement, Tenant

RETAKE = "decisions:due"

#: People whose decisions are taken again in one transaction, so that nobody waits long for a row.
AT_ONCE = 50


@jobs.task(RETAKE, every="7 * * * *")
async def retake(tenant: str = "", timestamp: int = 0) -> None:
    """Take again what is due in one district, or in every district. Running it twice changes nothing more."""
    for district in [tenant] if tenant else await _districts():
        await retake_in(district)


async def ask_again(tenant: str) -> None:
    """Queue it for one district, in the transaction that is open: its plugins or rules have changed."""
    await jobs.enqueue(RETAKE, queueing_lock=RETAKE, tenant=tenant)


async def retake_in(tenant: str) -> int:
    """Take again every due decision of a district and give how many people were looked at."""
    async with tenant_transaction(tenant):
        people = await _due()
    for start in range(0, len(people), AT_ONCE):
        async with tenant_transaction(tenant):
            for person in people[start : start + AT_ONCE]:
                await readiness.refresh(person, system(tenant), "its day had come, or its rules have changed")
    return len(people)


async def _districts() -> list[str]:
    async with DB.transaction():
        return [row["id"] for row in await Tenant.select(Tenant.id).order_by(Tenant.id)]


async def _due() -> list[UUID]:
    """People with a decision that has run out or was taken under other rules, or a placement without any decision."""
    place = await readiness.here()
    stale = (Decision.holds_until.is_not_null() & (Decision.holds_until <= place.today)) | (
        Decision.rules_hash != place.rules_hash
    )
    if place.next_switch:  # somebody has planned a switch or an overlay since: nothing may be promised beyond it
        stale |= Decision.holds_until.is_null() | (Decision.holds_until > place.next_switch)
    rows = await Decision.select(Decision.person).where(
        Decision.current.eq(True) & stale & Decision.placement.state.is_in(["wished", "placed"])
    )
    decided = Decision.select(Decision.placement).where(Decision.current.eq(True))
    without = await Placement.select(Placement.person).where(
        Placement.state.is_in(["wished", "placed"]) & Placement.id.not_in(decided)
    )
    return sorted({row["person"] for row in [*rows, *without]})
