"""By themselves: last days to answer that have passed, and good letters that waited for a second reviewer."""

from __future__ import annotations

from staffing.api import districts, task

from .adverse import by_itself

CLOCKS = "background_check:clocks"


@task(CLOCKS, every="41 * * * *")
async def clocks(tenant: str = "", timestamp: int = 0) -> None:
    """Bring the fair steps of one district, or of all, to where time has brought them. Twice changes nothing more.

    It runs hourly: a day ends at another hour in each time zone.
    """
    for each in [tenant] if tenant else await districts():
        await by_itself(each)
