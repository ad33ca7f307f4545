"""A stretch of a district's people decided about in one transaction."""

from __future__ import annotations

import gc
from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

import asyncpg
import msgspec

from staffing import host
from staffing.services import readiness
from staffing.services.actors import system
from staffing.services.desk import Changed, Desk
from staffing.store import journal
from staffing.store.engine import DB, tenant_transaction
from staffing.store.queries import whole_district as queries


class Stretch(msgspec.Struct, frozen=True):
    """People of a district: those with ids from ``first`` and before ``before``, or just ``these``. ``today`` is the day."""

    tenant: str
    today: date
    first: UUID = UUID(int=0)
    before: UUID | None = None
    these: tuple[UUID, ...] | None = None
    why: str = ""


class Taken(msgspec.Struct, frozen=True):
    """What came of it: people looked at, first decisions, decisions taken again, those left as they were, and changed outcomes
    (``"hold > allow"``) with their number."""

    people: int = 0
    first: int = 0
    again: int = 0
    unchanged: int = 0
    changed: dict[str, int] = {}

    def plus(self, other: Taken) -> Taken:
        """Both together."""
        return Taken(
            self.people + other.people,
            self.first + other.first,
            self.again + other.again,
            self.unchanged + other.unchanged,
            dict(Counter(self.changed) + Counter(other.changed)),
        )


async def take(stretch: Stretch) -> Taken:
    """Take the decisions of a stretch of people again and keep what is new, in one transaction."""
    people: queries.Whose = list(stretch.these) if stretch.these is not None else (stretch.first, stretch.before)
    gc_was_on = gc.isenabled()
    gc.disable()  # nothing here goes round in circles, and looking for what does takes as long as deciding
    try:
        async with tenant_transaction(stretch.tenant) as transaction:
            place = await readiness.here(stretch.today)
            await transaction.connection.execute("SET LOCAL max_parallel_workers_per_gather = 0")  # we are several ourselves
            await queries.looked_at(transaction.connection, people)
            if _asks_plugins(place):
                return await _singly(_people(await queries.placements(transaction.connection, people)), stretch)
            return await _together(transaction.connection, people, stretch, desk_for(place))
    finally:
        if gc_was_on:
            gc.enable()


def _asks_plugins(place: readiness.Here) -> bool:
    """Whether everybody is decided singly: a plugin that is switched on does not run, knows something of the district that may be
    about single placements, or has a say in cases and does not tell in whose."""
    running = host.load()
    if running.missing(place.plugins) or place.known or place.silent:
        return True
    return bool(place.plugins & (running.implementing("findings") - running.implementing("concerned")))


def _people(placements: Iterable[queries.Placed]) -> list[UUID]:
    return list(dict.fromkeys(UUID(bytes=placed.person) for placed in placements))


async def _singly(people: Sequence[UUID], stretch: Stretch) -> Taken:
    for person in people:
        await readiness.refresh(person, system(stretch.tenant), stretch.why)
    return Taken(people=len(people), again=len(people))


async def _together(connection: asyncpg.Connection, people: queries.Whose, stretch: Stretch, desk: Desk) -> Taken:
    """Take them at a desk, and tell in the journal what is new: of a whole district only what is not a first decision.

    Of whom a plugin may have something to say itself is decided singly.
    """
    done = await desk.take(connection, people)
    told = [one for one in done.changed if one.before is not None or stretch.these is not None]
    if told:
        entries = [(f"person/{UUID(bytes=one.person)}", _entry(one, desk.place, stretch.why)) for one in told]
        await journal.record_many("decision:taken", entries, actor=system(stretch.tenant).tag)
    changed = Counter(f"{one.before} > {one.after}" for one in done.changed if one.before is not None)
    taken = Taken(done.people, done.first, done.again, done.unchanged, dict(changed))
    return taken.plus(await _singly(_people(done.apart), stretch))


def _entry(one: Changed, place: readiness.Here, why: str) -> dict[str, str | None]:
    placement = str(UUID(bytes=one.placement))
    return {"placement": placement, "before": one.before, "after": one.after, "rules": place.rules_hash, "why": why}


_desks: OrderedDict[tuple[str, str, str, date], Desk] = OrderedDict()
_DESKS_KEPT = 4


def desk_for(place: readiness.Here) -> Desk:
    """The desk of a district for its rules and the day; those not used lately or grown too large are given up."""
    key = (str(DB.config.get("dsn")), place.tenant, place.rules_hash, place.today)
    desk = _desks.get(key)
    if desk is None or desk.place.plugins != place.plugins or desk.place.next_switch != place.next_switch or desk.is_full:
        desk = _desks[key] = Desk(place)
    _desks.move_to_end(key)
    while len(_desks) > _DESKS_KEPT:
        _desks.popitem(last=False)
    return desk
