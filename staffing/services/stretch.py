"""A stretch of a district's people decided about in one transaction: rows in, decisions out, in plain values all the way."""

from __future__ import annotations

import gc
from collections import Counter, OrderedDict
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from staffing import host
from staffing.core.evidence import Evidence
from staffing.core.kept_parts import Hashes, Parts, Shown
from staffing.core.many import Many, SameWork, own_facts
from staffing.core.patterns import Held, Pattern
from staffing.services import readiness
from staffing.services.actors import system
from staffing.store import journal
from staffing.store.engine import DB, apart, tenant_transaction
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
            if _asks_plugins(place):
                return await _singly(transaction.connection, people, stretch)
            desk = desk_for(place)
            return await desk.take(transaction.connection, people, stretch)
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


async def _singly(connection: asyncpg.Connection, people: queries.Whose, stretch: Stretch) -> Taken:
    ids = dict.fromkeys(row["person"] for row in await queries.placements(connection, people))
    await _refresh(ids, stretch)
    return Taken(people=len(ids), again=len(ids))


async def _refresh(people: Iterable[UUID], stretch: Stretch) -> None:
    for person in people:
        await readiness.refresh(person, system(stretch.tenant), stretch.why)


class _Here:
    """A kind of work at a place: its rules made ready, and the texts its cases share."""

    __slots__ = ("hashes", "shown", "starts_on", "work")

    def __init__(self, work: SameWork, starts_on: Any, parts: Parts) -> None:
        self.work = work
        self.starts_on = starts_on
        self.shown = Shown(work, parts)
        self.hashes = Hashes(work)


class Desk:
    """The rules of a district on a day with what they have said so far. It serves one stretch after the other."""

    def __init__(self, place: readiness.Here) -> None:
        self.place = place
        self.many = Many(place.book)
        self._parts = Parts()
        self._part_of: dict[Any, bytes] = {}
        self._works: dict[tuple[str, UUID | None], _Here] = {}
        self._patterns: dict[bytes, Pattern] = {}
        self._stated: dict[str, dict[str, Any]] = {}
        self._asked = place.plugins & host.load().implementing("concerned")
        self._concerned: dict[tuple[str, UUID | None, str], bool] = {}

    async def take(self, connection: asyncpg.Connection, people: queries.Whose, stretch: Stretch) -> Taken:
        """Decide about these people and keep what is new."""
        held = await self._evidence(connection, people)
        rows: list[bytes] = []
        news: list[tuple[asyncpg.Record, str]] = []
        first = again = unchanged = 0
        seen: set[UUID] = set()
        none: tuple[list[Held], list[bytes]] = ([], [])
        placed = await queries.placements(connection, people)
        singly = dict.fromkeys(row["person"] for row in placed if self._concerns(row)) if self._asked else {}
        for row in placed:
            seen.add(row["person"])
            if row["person"] in singly:
                continue
            decided = self._decide(row, *held.get(row["person"].bytes, none))
            if decided is None:
                unchanged += 1
                continue
            copied, outcome = decided
            rows.append(copied)
            if row["before"] is None:
                first += 1
            else:
                again += 1
            if row["outcome"] != outcome and (row["before"] is not None or stretch.these is not None):
                news.append((row, outcome))
        if rows:
            await self._keep_parts()
            await queries.keep(connection, rows, self.place.today, self.place.rules_hash)
        if news:
            entries = [(f"person/{row['person']}", self._told(row, outcome, stretch.why)) for row, outcome in news]
            await journal.record_many("decision:taken", entries, actor=system(stretch.tenant).tag)
        await _refresh(singly, stretch)
        changed = Counter(f"{row['outcome']} > {outcome}" for row, outcome in news if row["before"] is not None)
        return Taken(len(seen), first, again + len(singly), unchanged, dict(changed))

    def _concerns(self, row: asyncpg.Record) -> bool:
        """Whether a plugin may have something to say of a placement; asked once for the same work, place and facts."""
        key = (row["terms"], row["site"], row["facts"])
        found = self._concerned.get(key)
        if found is None:
            person = {"facts": msgspec.json.decode(row["facts"]), "born_on": None}
            bare = readiness.assemble(self.place.jurisdiction, person, (), msgspec.json.decode(row["terms"]), starts_on=None)
            case = self.place.at(row["site"]).completed(bare)
            answers = host.load().ask("concerned", self._asked, case=case, on=self.place.today)
            found = {answer.plugin for answer in answers if answer.error is None and answer.value is False} < self._asked
            if len(self._concerned) > _STATED:
                self._concerned.clear()
            self._concerned[key] = found
        return found

    def _told(self, row: asyncpg.Record, outcome: str, why: str) -> dict[str, Any]:
        return {
            "placement": str(row["id"]),
            "before": row["outcome"],
            "after": outcome,
            "rules": self.place.rules_hash,
            "why": why,
        }

    def _decide(self, row: asyncpg.Record, held: list[Held], texts: list[bytes]) -> tuple[bytes, str] | None:
        """The decision about a placement as a row to keep, and its outcome; None if the one that stands is the same."""
        here = self._works.get((row["terms"], row["site"])) or self._work(row["terms"], row["site"])
        stated = self._stated.get(row["facts"])
        if stated is None:
            stated = self._person(row["facts"])
        starts_on = row["starts_on"] or here.starts_on
        facts = dict(stated)
        person = facts.pop("", {})
        facts["placement.starts_on"] = starts_on
        if row["born_on"]:
            facts["person.born_on"] = row["born_on"]
            person = {**person, "born_on": row["born_on"]}
        answered = here.work.decide(facts, held)
        case_hash = here.hashes.of(_encode(person), starts_on, texts)
        holds_until = answered.holds_until
        if self.place.next_switch and (holds_until is None or self.place.next_switch < holds_until):
            holds_until = self.place.next_switch
        if (
            row["case_hash"] == case_hash.decode()
            and row["on_day"] == self.place.today
            and row["holds_until"] == holds_until
            and row["rules_hash"] == self.place.rules_hash
        ):
            return None
        part_of = self._part_of
        parts = [part_of.get(said) or self._part(said) for said in answered.said]
        before: UUID | None = row["before"]
        copied = queries.row(
            row["person"].bytes,
            row["id"].bytes,
            before.bytes if before else None,
            outcome=answered.outcome.value.encode(),
            holds_until=holds_until,
            case_hash=case_hash,
            parts=[self._part(here), *parts],
            pieces=answered.ids,
            facts=here.shown.own(facts),
        )
        return copied, answered.outcome.value

    def _part(self, said: Any) -> bytes:
        found = self._part_of.get(said)
        if found is None:
            number = said.shown.part if isinstance(said, _Here) else self._parts.of(said)
            found = self._part_of[said] = queries.part(number)
        return found

    def _work(self, terms: str, site: UUID | None) -> _Here:
        bare = readiness.assemble(
            self.place.jurisdiction, {"facts": {}, "born_on": None}, (), msgspec.json.decode(terms), starts_on=None
        )
        case = self.place.at(site).completed(bare)
        work = self.many.work(case, self.place.today)
        made = self._works[(terms, site)] = _Here(work, bare.placement.get("starts_on"), self._parts)
        return made

    def _person(self, text: str) -> dict[str, Any]:
        """What a person's ``facts`` column states, by full names; under '' as the case has it."""
        case = readiness.assemble("", {"facts": msgspec.json.decode(text), "born_on": None}, (), {})
        stated = {**own_facts(case), "": case.person}
        if len(self._stated) > _STATED:
            self._stated.clear()
        self._stated[text] = stated
        return stated

    async def _evidence(
        self, connection: asyncpg.Connection, people: queries.Whose
    ) -> dict[bytes, tuple[list[Held], list[bytes]]]:
        """By person: the pieces of evidence, and the JSON of each up to its end."""
        patterns = self._patterns
        found: dict[bytes, tuple[list[Held], list[bytes]]] = {}
        last = b""
        held: list[Held] = []
        texts: list[bytes] = []
        for person, name, key in await queries.evidence(connection, people):
            if person != last:
                held, texts = found[queries.uuid_of(person)] = [], []
                last = person
            pattern = patterns.get(key) or self._pattern(key)
            held.append((pattern, name))
            texts.append(pattern.head + name)
        return found

    def _pattern(self, key: bytes) -> Pattern:
        values = queries.described(key)
        values["detail"] = msgspec.json.decode(values["detail"])
        found = self._patterns[key] = self.many.patterns.of(Evidence(**values))
        return found

    async def _keep_parts(self) -> None:
        """Keep the new parts at once, in a transaction of their own: another process may be keeping the same."""
        if fresh := dict(self._parts.fresh):
            async with apart(self.place.tenant) as connection:
                await queries.keep_parts(connection, fresh)
            for number in fresh:
                del self._parts.fresh[number]


_encode = msgspec.json.Encoder(order="deterministic").encode

#: Texts of people's facts that are remembered at a time.
_STATED = 50_000

_desks: OrderedDict[tuple[str, str, str, date], Desk] = OrderedDict()
_DESKS_KEPT = 4


def desk_for(place: readiness.Here) -> Desk:
    """The desk of a district for its rules and the day; those not used lately are given up."""
    key = (str(DB.config.get("dsn")), place.tenant, place.rules_hash, place.today)
    desk = _desks.get(key)
    if desk is None or desk.place.plugins != place.plugins or desk.place.next_switch != place.next_switch:
        desk = _desks[key] = Desk(place)
    _desks.move_to_end(key)
    while len(_desks) > _DESKS_KEPT:
        _desks.popitem(last=False)
    return desk
