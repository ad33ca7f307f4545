"""Events that providers posted, worked off: each only says which order to look at, and what is seen there counts.

An event is done when its orders were looked at. A worker may be killed at any moment: what is not done is looked at again, and a
second look at the same changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from staffing.api import (
    Client,
    Conflict,
    NotFound,
    OrderSeen,
    OrderStatus,
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

log = logging.getLogger(__name__)
_Item = TypeVar("_Item")

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
ASKED = "No order of this account has what it names; its provider was asked whose that is."
NAMES_NOTHING = "It names nothing that an order is known by. Nothing was changed."

_NEW = """
SELECT id, refs, says <> '' AS asked, received_at < now() - $4::interval AS old FROM background_check.check_event
WHERE account = $1 AND state = 'new' AND id <> ALL ($2::bigint[]) ORDER BY id LIMIT $3"""
_ANY_NEW = """
SELECT EXISTS (SELECT 1 FROM background_check.check_event WHERE account = $1 AND state = 'new' AND id <> ALL ($2::bigint[]))"""
_ORDERS = """
SELECT id AS "order", order_ref, report_ref, subject_ref FROM background_check.check_order
WHERE account = $1 AND (order_ref = ANY ($2::text[]) OR report_ref = ANY ($2::text[]) OR subject_ref = ANY ($2::text[]))"""
_LEARNT = "UPDATE background_check.check_event SET refs = $2::jsonb, says = $3 WHERE id = ANY ($1::bigint[])"
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
        try:
            if batch.orders or batch.unasked:
                async with provider.open(connection) as client:
                    await _ask_whose(tenant, client, batch)
                    await _look_at_all(tenant, client, batch)
                await answers(tenant, account)
        except ProviderTrouble as trouble:
            if trouble.code in OF_THE_ACCOUNT:
                await in_trouble(tenant, account, trouble)
            return None
        waiting |= batch.failing() | await _put_aside(tenant, account, batch)
    return waiting


class _Batch:
    """Some events, and which orders each is about. ``seen`` are the orders looked at, ``failed`` those that could not be."""

    def __init__(self, rows: Iterable[Mapping[str, Any]], known: Mapping[str, list[Named]]) -> None:
        self.refs = {row["id"]: tuple(ref for ref in msgspec.json.decode(row["refs"], type=list[str]) if ref) for row in rows}
        self.about = {ident: orders_of(named, known) for ident, named in self.refs.items()}
        self.orders = frozenset(order for orders in self.about.values() for order in orders)
        self.nameless = {ident for ident, named in self.refs.items() if not named}
        strange = {ident for ident, orders in self.about.items() if not orders} - self.nameless
        self.unasked = strange - {row["id"] for row in rows if row["asked"]}
        self.strange = strange - self.unasked
        self.old = {row["id"] for row in rows if row["old"]}
        self.seen: set[UUID] = set()
        self.failed: set[UUID] = set()

    def done(self) -> list[int]:
        """The events all of whose orders were looked at."""
        return [ident for ident, orders in self.about.items() if orders and orders <= self.seen]

    def failing(self) -> set[int]:
        """The events with an order that could not be looked at now: the next sweep tries."""
        return {ident for ident, orders in self.about.items() if orders & self.failed}


async def _batch(tenant: str, account: UUID, waiting: set[int]) -> _Batch | None:
    async with tenant_transaction(tenant) as transaction:
        rows = await transaction.connection.fetch(_NEW, account, list(waiting), BATCH, ASIDE_AFTER)
        if not rows:
            return None
        refs = sorted({ref for row in rows for ref in msgspec.json.decode(row["refs"], type=list[str])})
        orders = [Named(**row) for row in await transaction.connection.fetch(_ORDERS, account, refs)]
    return _Batch(rows, by_reference(orders))


async def _ask_whose(tenant: str, client: Client, batch: _Batch) -> None:
    """Ask the provider, once for each event, whose the thing is that no order of ours is known by.

    The first event about a report may come before the one that tells us that there is a report. Raises ``ProviderTrouble``.
    """
    same: dict[tuple[str, ...], list[int]] = {}
    for ident in batch.unasked:
        same.setdefault(batch.refs[ident], []).append(ident)

    async def ask(refs: tuple[str, ...]) -> None:
        found = refs
        try:
            seen = await client.look(OrderSeen(order_ref=refs[0], report_ref=refs[0], status=OrderStatus.IN_PROGRESS, raw=""))
            found = tuple(dict.fromkeys((*refs, *filter(None, (seen.order_ref, seen.report_ref, seen.subject_ref)))))
        except ProviderTrouble as trouble:
            if trouble.again:
                raise
        except Exception:  # one event's fault must not keep the others waiting
            log.exception("%s was not told whose %s is", tenant, refs[0])
        async with tenant_transaction(tenant) as transaction:
            await transaction.connection.execute(_LEARNT, same[refs], msgspec.json.encode(found).decode(), ASKED)

    await _side_by_side(ask, same)


async def _look_at_all(tenant: str, client: Client, batch: _Batch) -> None:
    """Look at each order once; its events are then done. Raises ``ProviderTrouble`` once those before it are written down."""

    async def look(order: UUID) -> None:
        try:
            await look_again(tenant, order, client, why="event")
            batch.seen.add(order)
        except ProviderTrouble:
            raise
        except Conflict:
            batch.failed.add(order)
        except Exception:  # one order's fault must not keep the others' events waiting
            log.exception("the order %s of %s could not be followed", order, tenant)
            batch.failed.add(order)

    try:
        await _side_by_side(look, batch.orders)
    finally:
        async with tenant_transaction(tenant) as transaction:
            await transaction.connection.execute(_DONE, batch.done())


async def _side_by_side(work: Callable[[_Item], Awaitable[None]], items: Iterable[_Item]) -> None:
    """Do this with every item, a few at a time; after the first error what is not begun is left, and the error is raised."""
    waiting, errors = list(items), list[Exception]()

    async def some() -> None:
        while waiting and not errors:
            try:
                await work(waiting.pop())
            except Exception as exc:
                errors.append(exc)

    await asyncio.gather(*(some() for _ in range(SIDE_BY_SIDE)))
    if errors:
        raise errors[0]


async def _put_aside(tenant: str, account: UUID, batch: _Batch) -> set[int]:
    """Put aside what is about nothing of ours; gives what may still become so: our own order may not be written down yet."""
    for idents, says in ((batch.nameless, NAMES_NOTHING), (batch.strange & batch.old, NOT_OURS)):
        if idents:
            async with tenant_transaction(tenant) as transaction:
                rows = await transaction.connection.fetch(_ASIDE, list(idents), says)
                actor = system_viewer(tenant).tag
                await record("check_event:aside", f"check_account/{account}", actor=actor, events=len(rows), says=says)
    return batch.strange - batch.old
