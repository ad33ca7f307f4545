"""The demonstration: eleven invented communities with people at every stage, loaded into an empty database."""

from __future__ import annotations

from staffing.core.errors import Conflict
from staffing.services.accounts import DemoAccount, demo_accounts
from staffing.store.engine import DB, tenant_transaction
from staffing.store.tables import Tenant

__all__ = ["DemoAccount", "accounts", "load", "needed"]

#: Two processes that both find the database empty load it one after the other.
_LOCK = 0x57AFD


async def needed() -> bool:
    """Whether the database is empty: it has no district."""
    return not await Tenant.exists()


async def load(*, beside: bool = False) -> list[str]:
    """Load every community, all or none, and give the ids of the districts made.

    :param beside: load into a database that has districts already. Without it that raises ``Conflict``, as it does when
        a community of the demonstration is there already.
    """
    from staffing.services.demo.communities import communities  # a start that has nothing to load need not wait for these
    from staffing.services.demo.loading import load_community

    async with DB.transaction() as transaction:
        await transaction.connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        here = {row["id"] for row in await Tenant.select(Tenant.id)}
        both = sorted(here & {community.id for community in communities()})
        if both:
            raise Conflict(f"The demonstration is loaded already: {', '.join(both)}. Nothing was changed.")
        if here and not beside:
            raise Conflict(
                f"This database is not empty: it holds {', '.join(sorted(here))}. The demonstration is for an empty one. "
                "To load it beside them all the same, use `staffing demo load --beside`."
            )
        for community in communities():
            async with tenant_transaction(community.id):
                await load_community(community)
    return [community.id for community in communities()]


async def accounts() -> list[DemoAccount]:
    """The demonstration's sign-ins, community by community."""
    return await demo_accounts()
