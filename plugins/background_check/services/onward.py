"""What goes on by itself after a check: people are reminded each night, and districts are told of what was taken back."""

from __future__ import annotations

from staffing.api import districts, enqueue, task, tenant_transaction

from .renewals import remind
from .sharing_watch import tell_of_withdrawn

RENEWALS = "background_check:renewals"
SHARES = "background_check:shares"


@task(RENEWALS, every="41 4 * * *")
async def renewals(tenant: str = "", timestamp: int = 0) -> None:
    """Remind the people of one district, or queue it for every one, so that one district's trouble is not another's."""
    await (remind(tenant) if tenant else _each(RENEWALS))


@task(SHARES, every="53 * * * *")
async def shares(tenant: str = "", timestamp: int = 0) -> None:
    """Tell of what one district, or every one, has taken off the record after others took it over."""
    await (tell_of_withdrawn(tenant) if tenant else _each(SHARES))


async def _each(name: str) -> None:
    for district in await districts():
        async with tenant_transaction(district):
            await enqueue(name, queueing_lock=name, tenant=district)
