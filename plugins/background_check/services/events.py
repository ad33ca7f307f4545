"""Events that providers posted, worked off: each only says which order to look at, and what is seen there counts.

An event is done when its orders were looked at. A worker may be killed at any moment: what is not done is looked at again, and a
second look at the same changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import (
    Client,
    Conflict,
    NotFound,
    ProviderTrouble,
    Unusable,
    enqueue,
    record,
    system_viewer,
    task,
    tenant_transaction,
)

from ..rules.events import Named, by_reference, orders_of
from .connections import OF_THE_ACCOUNT, answers, as_trouble, connection_of, in_trouble
from .exclusive import alone
from .looking import look_again

EVENTS = "background_check:events"
#: Events taken at once: the more, the fewer looks at one order that several are about.
BATCH = 500
#: Orders looked at side by side.
SIDE_BY_SIDE = 4
#: Seconds that a burst is gathered before it is worked off.
GATHER = 1.0
#: An event about nothing of ours waits so long for our own order's references to be written down.
ASIDE_AFTER = timedelta(minutes=10)
NOT_OURS = (
    "No order of this account has what it names. It may be about another district's order, or about one that was placed at the "
    "provider itself. Nothing was changed."
)
NAMES_NOTHING = "It names nothing that an order is known by. Nothing was changed."

_NEW = """
SELECT id, refs, received_at < now() - $4::interval AS old FROM background_check.check_event
WHERE account = $1 AND state = 'new' AND id <> ALL ($2::bigint[]) ORDER BY id LIMIT $3"""
_ANY_NEW = """
SELECT EXISTS (SELECT 1 FROM background_check.check_event WHERE account = $1 AND state = 'new' AND id <> ALL ($2::bigint[]))"""
_ORDERS = """
SELECT id AS "order", order_ref, report_ref, subject_ref FROM background_check.check_order
WHERE account = $1 AND (order_ref = ANY ($2::text[]) OR report_ref = ANY ($2::text[]) OR subject_ref = ANY ($2::text[]))"""
_DONE = "UPDATE background_check.check_event SET state = 'done', says = '', done_at = now() WHERE id = ANY ($1::bigint[])"
_ASIDE = """
UPDATE background_check.check_event SET state = 'aside', says = $2, done_at = now()
WHERE id = ANY ($1::bigint[]) AND state = 'new' RETURNING id"""


async def work_soon(tenant: str, account: UUID, *, seconds: float = 0) -> None:
    """Have an account's events worked off. Inside a transaction: once that is committed."""
    async with tenant_transaction(tenant) as transaction:
        if seconds or await transaction.connection.fetchval(_ANY_NEW, account, []):
            # The queue runs by the real clock, whatever day the installation is told to take for today.
            at = datetime.now(UTC) + timedelta(seconds=seconds) if seconds else None
            await enqueue(EVENTS, queueing_lock=f"{EVENTS}/{account}", at=at, tenant=tenant, account=str(account))


@task(EVENTS)
async def work_off(tenant: str, account: str) -> None:
    """Work off an account's events until none is left that can be. Where the provider does not answer they stay, and the next
    sweep tries again; twice is harmless."""
    ident = UUID(account)
    left: set[int] | None = set()
    while left is not None:
        async with alone(f"check events {account}") as mine:
            if not mine:
                return
            left = await _work(tenant, ident)
        # One that came after the last look and found this job still at work queued no other: look once more, now unlocked.
        async with tenant_transaction(tenant) as transaction:
            if left is not None and not await transaction.connection.fetchval(_ANY_NEW, ident, list(left)):
                left = None


async def _work(tenant: str, account: UUID) -> set[int] | None:
    """Work off batch after batch. Gives the events that wait for their order to be known; None if the provider is in trouble."""
    try:
        provider, connection = await connection_of(tenant, account)
    except NotFound:
        return None
    except (Conflict, Unusable) as exc:
        await in_trouble(tenant, account, as_trouble(exc))
        return None
    waiting: set[int] = set()
    while batch := await _batch(tenant, account, waiting):
        waiting |= await _put_aside(tenant, account, batch)
        if not batch.orders:
            continue
        try:
            async with provider.open(connection) as client:
                trouble = await _look_at_all(tenant, client, batch)
        except ProviderTrouble as exc:
            trouble = exc
        if trouble is not None:
            if trouble.code in OF_THE_ACCOUNT:
                await in_trouble(tenant, account, trouble)
            return None
        await answers(tenant, account)
        if batch.failed:  # changed under our hands again and again: the next sweep looks
            return None
    return waiting


class _Batch:
    """Some events, and which orders each is about. ``seen`` are the orders looked at, ``failed`` those that kept changing."""

    def __init__(self, rows: Iterable[Mapping[str, Any]], known: Mapping[str, list[Named]]) -> None:
        refs = {row["id"]: msgspec.json.decode(row["refs"], type=list[str]) for row in rows}
        self.about = {ident: orders_of(named, known) for ident, named in refs.items()}
        self.orders = frozenset(order for orders in self.about.values() for order in orders)
        self.nameless = {ident for ident, named in refs.items() if not any(named)}
        self.strange = {ident for ident, orders in self.about.items() if not orders} - self.nameless
        self.old = {row["id"] for row in rows if row["old"]}
        self.seen: set[UUID] = set()
        self.failed: set[UUID] = set()

    def done(self) -> list[int]:
        """The events all of whose orders were looked at."""
        return [ident for ident, orders in self.about.items() if orders and orders <= self.seen]


async def _batch(tenant: str, account: UUID, waiting: set[int]) -> _Batch | None:
    async with tenant_transaction(tenant) as transaction:
        rows = await transaction.connection.fetch(_NEW, account, list(waiting), BATCH, ASIDE_AFTER)
        if not rows:
            return None
        refs = sorted({ref for row in rows for ref in msgspec.json.decode(row["refs"], type=list[str])})
        orders = [Named(**row) for row in await transaction.connection.fetch(_ORDERS, account, refs)]
    return _Batch(rows, by_reference(orders))


async def _look_at_all(tenant: str, client: Client, batch: _Batch) -> ProviderTrouble | None:
    """Look at each order once, a few side by side; gives the first trouble that is not of one order alone."""
    todo, troubles = list(batch.orders), list[ProviderTrouble]()

    async def some() -> None:
        while todo and not troubles:
            order = todo.pop()
            try:
                await look_again(tenant, order, client, why="event")
                batch.seen.add(order)
            except ProviderTrouble as exc:
                troubles.append(exc)
            except Conflict:
                batch.failed.add(order)

    await asyncio.gather(*(some() for _ in range(SIDE_BY_SIDE)))
    async with tenant_transaction(tenant) as transaction:
        await transaction.connection.execute(_DONE, batch.done())
    return troubles[0] if troubles else None


async def _put_aside(tenant: str, account: UUID, batch: _Batch) -> set[int]:
    """Put aside what is about nothing of ours; gives what may still become so: our own order may not be written down yet."""
    for idents, says in ((batch.nameless, NAMES_NOTHING), (batch.strange & batch.old, NOT_OURS)):
        if idents:
            async with tenant_transaction(tenant) as transaction:
                rows = await transaction.connection.fetch(_ASIDE, list(idents), says)
                actor = system_viewer(tenant).tag
                await record("check_event:aside", f"check_account/{account}", actor=actor, events=len(rows), says=says)
    return batch.strange - batch.old
