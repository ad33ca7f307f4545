"""What was missed is found: orders and events that wait longer than they should, and every night what providers changed."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from staffing.api import (
    Client,
    Conflict,
    NotFound,
    OrderSeen,
    OrderStatus,
    ProviderTrouble,
    Unusable,
    districts,
    now,
    screening_providers,
    task,
    tenant_transaction,
)

from ..rules.events import Named, by_reference, orders_of
from .connections import OF_THE_ACCOUNT, answers, as_trouble, connection_of, in_trouble
from .events import work_soon
from .looking import look_again
from .policies import policy_of
from .sending import send_soon

log = logging.getLogger(__name__)

SWEEP = "background_check:sweep"
RECONCILE = "background_check:reconcile"
#: How far back a provider is asked for what it changed: longer than it goes on posting an event that was not taken.
LOOK_BACK = timedelta(days=7)

#: Orders whose sending was lost: the next try is overdue, or there never was one.
_UNSENT = """
SELECT o.id FROM background_check.check_order o JOIN background_check.provider_account a ON a.id = o.account
WHERE o.status = 'to_send' AND a.state <> 'off' AND a.provider = ANY ($1::text[])
  AND coalesce(o.next_try_at, o.ordered_at) < now() - interval '1 minute' ORDER BY o.ordered_at LIMIT 500"""
_WITH_EVENTS = """
SELECT DISTINCT e.account FROM background_check.check_event e JOIN background_check.provider_account a ON a.id = e.account
WHERE e.state = 'new' AND a.state <> 'off'"""
_ACCOUNTS = (
    "SELECT id FROM background_check.provider_account WHERE state <> 'off' AND provider = ANY ($1::text[]) ORDER BY made_at"
)
_UNFOLLOWED = """
SELECT id FROM background_check.check_order
WHERE account = $1 AND order_ref <> '' AND coalesce(followed_at, ordered_at) < $2
  AND (status = ANY ($3::text[]) OR (status = 'complete' AND outcome IS NULL)) ORDER BY followed_at NULLS FIRST"""
_OPEN = [
    status.value for status in (OrderStatus.AWAITING_SUBJECT, OrderStatus.IN_PROGRESS, OrderStatus.ON_HOLD, OrderStatus.DISPUTED)
]
_NAMED = """
SELECT id AS "order", order_ref, report_ref, subject_ref FROM background_check.check_order
WHERE account = $1 AND (order_ref = ANY ($2::text[]) OR report_ref = ANY ($2::text[]) OR subject_ref = ANY ($2::text[]))"""


@task(SWEEP, every="* * * * *")
async def sweep(tenant: str = "", timestamp: int = 0) -> None:
    """Queue what waits and has no job: orders to send, events to work off. In one district, or in all; twice is harmless."""
    ways = _by_network()
    for each in [tenant] if tenant else await districts():
        async with tenant_transaction(each) as transaction:
            for row in await transaction.connection.fetch(_WITH_EVENTS):
                await work_soon(each, row["account"])
            for row in await transaction.connection.fetch(_UNSENT, ways):
                await send_soon(each, row["id"])


@task(RECONCILE, every="41 2 * * *")
async def reconcile(tenant: str = "", timestamp: int = 0) -> None:
    """Compare with every provider what is open here and what it changed: finds what no event told of. Twice is harmless."""
    for each in [tenant] if tenant else await districts():
        async with tenant_transaction(each) as transaction:
            accounts = [row["id"] for row in await transaction.connection.fetch(_ACCOUNTS, _by_network())]
        for account in accounts:
            try:
                await reconcile_account(each, account)
            except Exception:  # one account's fault must not keep the others from being compared
                log.exception("the account %s of %s could not be compared with its provider", account, each)


async def reconcile_account(tenant: str, account: UUID) -> int:
    """Compare one account; gives how many orders changed."""
    policy, _ = await policy_of(tenant)
    before = now() - timedelta(hours=policy.reconcile_hours)
    async with tenant_transaction(tenant) as transaction:
        rows = await transaction.connection.fetch(_UNFOLLOWED, account, before, _OPEN)
    changed, looked = 0, set[UUID]()
    try:
        provider, connection = await connection_of(tenant, account)
        async with provider.open(connection) as client:
            changed += await _look(tenant, client, (row["id"] for row in rows), looked)
            async for seen in client.changed(now() - LOOK_BACK):
                changed += await _look(tenant, client, await _ours(tenant, account, seen), looked)
    except NotFound:
        return changed
    except (ProviderTrouble, Unusable, Conflict) as exc:
        if (trouble := as_trouble(exc)).code in OF_THE_ACCOUNT:
            await in_trouble(tenant, account, trouble)
        return changed
    if looked:
        await answers(tenant, account)
    return changed


async def _look(tenant: str, client: Client, orders: Iterable[UUID], looked: set[UUID]) -> int:
    """Look at each order that was not looked at in this night; gives how many changed."""
    changed = 0
    for order in orders:
        if order in looked:
            continue
        looked.add(order)
        try:
            changed += await look_again(tenant, order, client, why="nightly")
        except Conflict:
            log.info("the order %s kept changing; the next night looks again", order)
    return changed


async def _ours(tenant: str, account: UUID, seen: OrderSeen) -> list[UUID]:
    """The orders of ours that a provider says have changed."""
    refs = [ref for ref in (seen.order_ref, seen.report_ref, seen.subject_ref) if ref]
    async with tenant_transaction(tenant) as transaction:
        rows: list[Any] = await transaction.connection.fetch(_NAMED, account, refs)
    return sorted(orders_of(refs, by_reference(Named(**row) for row in rows)))


def _by_network() -> list[str]:
    return sorted(name for name, provider in screening_providers().items() if provider.way == "api")
