"""Deciding for many people of a district at once: after a change of its rules for everybody, each night for whoever is due.

It gives what ``readiness.refresh`` gives each of them. People are taken a stretch at a time, each in a transaction of its own,
so that a pass that was stopped is taken up where it was by asking again.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any
from uuid import UUID

from staffing.services import readiness
from staffing.services.actors import system
from staffing.services.stretch import Stretch, Taken, take
from staffing.store import journal
from staffing.store.engine import DB, tenant_transaction
from staffing.store.queries import whole_district as queries
from staffing.store.tables import Placement

#: People taken in one transaction where few are due, so that nobody waits long for a row.
AT_ONCE = 4000
#: From so many people on, other processes help.
MANY = 20_000
#: People in a stretch of a whole district: what a process holds in memory at a time.
STRETCH = 30_000


async def take_due(tenant: str, why: str) -> int:
    """Take again every decision of a district that is due, and give how many people were looked at."""
    async with tenant_transaction(tenant) as transaction:
        place = await readiness.here()
        people = await queries.due(transaction.connection, place.rules_hash, place.today, place.next_switch)
    if not people:
        return 0
    if len(people) >= MANY:
        return await take_all(tenant, why)
    total = Taken()
    for start in range(0, len(people), AT_ONCE):
        total = total.plus(await take(Stretch(tenant, place.today, these=tuple(people[start : start + AT_ONCE]), why=why)))
    await _note(tenant, total, place, why)
    return len(people)


async def take_all(tenant: str, why: str, processes: int | None = None) -> int:
    """Take every decision of a district again, whether it is due or not, and give how many people were looked at."""
    async with tenant_transaction(tenant):
        place = await readiness.here()
        count = await Placement.count().where(Placement.state.is_in(["wished", "placed"]))
    bounds = _bounds(max(1, count // STRETCH))
    stretches = [Stretch(tenant, place.today, first=first, before=before, why=why) for first, before in bounds]
    helpers = min(processes or os.cpu_count() or 1, len(stretches)) if count >= MANY or processes else 1
    total = await (_here(stretches) if helpers == 1 else _together(stretches, helpers))
    await _note(tenant, total, place, why)
    return total.people


async def _here(stretches: Sequence[Stretch]) -> Taken:
    total = Taken()
    for stretch in stretches:
        total = total.plus(await take(stretch))
    return total


async def _together(stretches: Sequence[Stretch], helpers: int) -> Taken:
    loop = asyncio.get_running_loop()
    config = dict(DB.config)
    total = Taken()
    with ProcessPoolExecutor(helpers, mp_context=multiprocessing.get_context("spawn")) as pool:
        jobs = [loop.run_in_executor(pool, in_a_process, config, stretch) for stretch in stretches]
        try:
            for done in asyncio.as_completed(jobs):
                total = total.plus(await done)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return total


def in_a_process(config: dict[str, Any], stretch: Stretch) -> Taken:
    """A stretch, in a process of its own with a connection of its own."""
    gc.disable()
    DB.configure(**config)
    done = asyncio.run(take(stretch))
    gc.collect()
    gc.freeze()  # what is remembered stays as long as the process: the next collection looks only at what is new
    return done


def _bounds(count: int) -> list[tuple[UUID, UUID | None]]:
    """So many stretches of all people, by their ids, which are spread evenly."""
    bounds = [UUID(int=(n << 128) // count) for n in range(count)]
    return list(zip(bounds, [*bounds[1:], None], strict=True))


async def _note(tenant: str, total: Taken, place: readiness.Here, why: str) -> None:
    """One entry that says what the pass changed, if it changed anything."""
    if not (total.first or total.again):
        return
    async with tenant_transaction(tenant):
        await journal.record(
            "decisions:taken",
            f"tenant/{tenant}",
            actor=system(tenant).tag,
            people=total.people,
            first=total.first,
            again=total.again,
            unchanged=total.unchanged,
            changed=total.changed,
            rules=place.rules_hash,
            why=why,
        )
