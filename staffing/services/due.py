"""Decisions whose day has come, or whose rules have changed, are taken again: every hour, at start, when plugins switch.

``holds_until`` makes this cheap: only decisions that could have changed by themselves are looked at.
"""

from __future__ import annotations

from staffing.services import whole_district
from staffing.services.case_list import districts
from staffing.store import jobs

RETAKE = "decisions:due"


@jobs.task(RETAKE, every="7 * * * *")
async def retake(tenant: str = "", timestamp: int = 0) -> None:
    """Take again what is due in one district, or in every district. Running it twice changes nothing more."""
    for district in [tenant] if tenant else await districts():
        await retake_in(district)


async def ask_again(tenant: str) -> None:
    """Queue it for one district, in the transaction that is open: its plugins or rules have changed."""
    await jobs.enqueue(RETAKE, queueing_lock=RETAKE, tenant=tenant)


async def retake_in(tenant: str) -> int:
    """Take again every due decision of a district and give how many people were looked at."""
    return await whole_district.take_due(tenant, "its day had come, or its rules have changed")
