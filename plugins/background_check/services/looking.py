"""One order looked at with its provider, and brought to where it was seen."""

from __future__ import annotations

from uuid import UUID

from staffing.api import Client, Conflict, ProviderTrouble, record, system_viewer, tenant_transaction

from ..tables.orders import CheckOrder
from .following import follow, known_to_provider

#: How often an order that changes while its provider is asked is looked at again.
LOOKS = 3


async def look_again(tenant: str, order: UUID, client: Client, *, why: str) -> bool:
    """Ask the provider where an order is, and follow; True if anything changed. An order it never had is left as it is.

    The order may change while the provider is asked, by another job or by somebody of the staff; then what was seen may be old
    and it is asked once more. Raises ``Conflict`` if that does not end, and ``ProviderTrouble`` where trying later may help; what
    the provider will not say at all stands on the order.
    """
    for _ in range(LOOKS):
        async with tenant_transaction(tenant):
            row = await CheckOrder.select().where(CheckOrder.id == order).output(load_json=True).first()
        if row is None or not (row["order_ref"] or row["report_ref"]):
            return False
        try:
            seen = await client.look(known_to_provider(row))
        except ProviderTrouble as trouble:
            if trouble.again:
                raise
            return await _note(tenant, order, str(trouble))
        try:
            return await follow(system_viewer(tenant), order, seen, why=why, version=row["version"])
        except Conflict:
            continue
    raise Conflict("The order keeps changing while its provider is asked. It is looked at again in a minute.")


async def _note(tenant: str, order: UUID, says: str) -> bool:
    """Write on an order why its provider does not say where it is."""
    async with tenant_transaction(tenant):
        row = (
            await CheckOrder.select(CheckOrder.says, CheckOrder.version).where(CheckOrder.id == order).lock_rows("UPDATE").first()
        )
        if row is None or row["says"] == says:
            return False
        await CheckOrder.update({CheckOrder.says: says, CheckOrder.version: row["version"] + 1}).where(CheckOrder.id == order)
        await record("check:not_seen", f"check/{order}", actor=system_viewer(tenant).tag, says=says)
    return True
