"""A provider that wants to know is told what the district decided in somebody's favour. Nothing here depends on its answer."""

from __future__ import annotations

from uuid import UUID

from staffing.api import Outcome, ProviderTrouble, enqueue, record, system_viewer, task, tenant_transaction

from ..rules.reasons import FAVOURABLE
from ..tables.orders import CheckOrder
from .connections import connection_of
from .following import known_to_provider

TELL = "background_check:tell"


async def tell_soon(tenant: str, order: UUID) -> None:
    """Queue it, in the transaction that is open."""
    await enqueue(TELL, tenant=tenant, order=str(order), queueing_lock=f"{TELL}:{order}")


@task(TELL, tries=8, wait=4)
async def tell(tenant: str, order: str) -> None:
    """Tell the provider of an order that the person was taken. Twice is harmless; a decision taken back meanwhile is not told."""
    async with tenant_transaction(tenant):
        row = await CheckOrder.select().where(CheckOrder.id == UUID(order)).output(load_json=True).first()
    if row is None or not row["report_ref"] or row["outcome"] not in FAVOURABLE:
        return
    provider, connection = await connection_of(tenant, row["account"])
    if provider.way != "api":
        return
    try:
        async with provider.open(connection) as client:
            await client.decided(known_to_provider(row), Outcome(row["outcome"]))
    except ProviderTrouble as trouble:
        if trouble.again:
            raise
        return
    async with tenant_transaction(tenant):
        await record("check:told", f"check/{order}", actor=system_viewer(tenant).tag, provider=provider.name)
