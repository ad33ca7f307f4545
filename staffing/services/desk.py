"""The rules of a district on a day, with what they have said so far, deciding about many people: rows in, decisions out, in plain
values all the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from staffing import host
from staffing.core import case_name
from staffing.core.evidence import Evidence
from staffing.core.kept_parts import Parts
from staffing.core.many import Answered, Many
from staffing.core.remembered import STARTS_ON
from staffing.services import readiness
from staffing.services.desk_memory import Dated, PartOf, Stated, Work
from staffing.store.engine import apart
from staffing.store.queries import kept_decisions as kept
from staffing.store.queries import whole_district as queries
from staffing.store.queries.whole_district import Papers, Placed

#: Patterns of evidence that a desk remembers, texts of people's facts, and kinds of work.
_PATTERNS, _STATED, _WORKS = 300_000, 50_000, 20_000
#: People decided about at a time: what they need of what is remembered stays at hand.
_PORTION = 200
_NO_PAPERS = Papers((), (), (), b"")


class Changed(NamedTuple):
    """A placement whose outcome is another than before, or the first (``before`` is None)."""

    person: bytes
    placement: bytes
    before: str | None
    after: str


class Done(NamedTuple):
    """What came of a stretch: people, first decisions, decisions taken again, those left as they were, and what changed.

    ``apart`` are placements of people not decided about: a plugin may have something to say of them, or they were being changed.
    """

    people: int
    first: int
    again: int
    unchanged: int
    changed: list[Changed]
    apart: list[Placed]


class Desk:
    """It serves one stretch after the other, and keeps what it learns until it ``is_full``."""

    def __init__(self, place: readiness.Here) -> None:
        self.place = place
        self._many = Many(place.book)
        self._parts = Parts()
        self._part_of = PartOf(self._parts)
        self._works: dict[tuple[bytes, bytes], Work] = {}
        self._terms: dict[bytes, str] = {}
        self._stated: dict[bytes, Stated] = {}
        #: By the name of a pattern: it on each day, and what the names of cases call it.
        self._patterns: dict[bytes, Dated] = {}
        self._called: dict[bytes, bytes] = {}
        #: Plugins that tell in whose case they have a say, and whether one may have in a work with what is stated of a person.
        self._asked_too = place.plugins & host.load().implementing("concerned")
        self._concerned: dict[tuple[Work, Stated], bool] = {}

    @property
    def is_full(self) -> bool:
        """Whether it remembers as much as it may."""
        return sum(map(len, self._patterns.values())) > _PATTERNS or len(self._works) > _WORKS

    async def take(self, connection: asyncpg.Connection, people: queries.Whose) -> Done:
        """Decide about these people and keep what is new. Inside a tenant_transaction."""
        papers = dict(await queries.evidence(connection, people))
        placements = await queries.placements(connection, people)
        unknown = await self._learn_patterns(connection, papers) | await self._learn_texts(connection, placements)
        standing = await queries.standing(connection, people)
        rows: list[bytes] = []
        changed: list[Changed] = []
        first = unchanged = 0
        seen: set[bytes] = set()
        placements, apart = self._apart(placements, papers, unknown) if unknown or self._asked_too else (placements, [])
        for start in range(0, len(placements), _PORTION):
            some = placements[start : start + _PORTION]
            seen.update([placed.person for placed in some])
            for placed, taken in zip(some, self._decide(some, papers), strict=True):
                before = standing.get(placed.id) if standing else None
                if before is None:
                    first += 1
                elif self._is_same(before, taken):
                    unchanged += 1
                    continue
                was = None if before is None else before["outcome"]
                outcome = taken.answered.outcome.value
                if was != outcome:
                    changed.append(Changed(placed.person, placed.id, was, outcome))
                rows.append(self._row(placed, None if before is None else before["id"].bytes, taken))
        if rows:
            await self._keep_parts()
            await kept.keep(connection, rows, self.place.today, self.place.rules_hash, again=len(rows) > first)
        return Done(len(seen), first, len(rows) - first, unchanged, changed, apart)

    def _decide(self, some: Sequence[Placed], papers: Mapping[bytes, Papers]) -> Iterator[_Decided]:
        """What the rules say of some placements, a step for all of them after the other."""
        patterns, called = self._patterns, self._called.__getitem__
        asked = [self._asked(placed) for placed in some]
        theirs = [papers.get(placed.person, _NO_PAPERS) for placed in some]
        held = [
            [(patterns[name][day], piece) for name, day, piece in zip(names, days, ids, strict=True)]
            for names, days, ids, _ in theirs
        ]
        answers = [one.here.work.decide(one.facts, pieces) for one, pieces in zip(asked, held, strict=True)]
        cases = [
            case_name.put_together(one.work, one.person, list(map(called, names)), days, together)
            for one, (names, days, _, together) in zip(asked, theirs, strict=True)
        ]
        ends = [self._until(answered.holds_until) for answered in answers]
        return map(_Decided, asked, answers, ends, cases)

    def _apart(
        self, placements: list[Placed], papers: Mapping[bytes, Papers], unknown: set[bytes]
    ) -> tuple[list[Placed], list[Placed]]:
        """Placements that the rules alone decide about, and those of people of whom a plugin may have something to say, or who
        were changed while they were read."""
        whose = {
            placed.person
            for placed in placements
            if not unknown.isdisjoint((placed.terms, placed.facts, *papers.get(placed.person, _NO_PAPERS).names))
            or (self._asked_too and self._concerns_plugins(placed))
        }
        return [p for p in placements if p.person not in whose], [p for p in placements if p.person in whose]

    def _concerns_plugins(self, placed: Placed) -> bool:
        """Whether a plugin may have something to say of a placement; asked once for the same work, place and facts."""
        key = self._works.get((placed.terms, placed.site)) or self._work(placed), self._stated[placed.facts]
        found = self._concerned.get(key)
        if found is None:
            case = msgspec.structs.replace(key[0].work.case, person=key[1].person)
            answers = host.load().ask("concerned", self._asked_too, case=case, on=self.place.today)
            found = {answer.plugin for answer in answers if answer.error is None and answer.value is False} < self._asked_too
            if len(self._concerned) > _STATED:
                self._concerned.clear()
            self._concerned[key] = found
        return found

    def _asked(self, placed: Placed) -> _Asked:
        """What is asked about a placement: in which work, of which facts; and how the name of its case begins."""
        _, _, site, starting, born, terms, text = placed
        here = self._works.get((terms, site)) or self._work(placed)
        stated = self._stated[text]
        starts_on = queries.day_of(starting) or here.starts_on
        facts = {**stated.facts, STARTS_ON: starts_on}
        work = here.names.get(starts_on) or here.name(starts_on)
        if (born_on := queries.day_of(born)) is None:
            return _Asked(here, facts, work, stated.alone)
        facts["person.born_on"] = born_on
        return _Asked(here, facts, work, _called_day(born_on) + stated.besides)

    def _until(self, day: date | None) -> date | None:
        """Until when a decision holds: no longer than the rules of the district stay as they are."""
        switch = self.place.next_switch
        return switch if switch and (day is None or switch < day) else day

    def _is_same(self, before: asyncpg.Record, taken: _Decided) -> bool:
        return bool(
            before["case_hash"] == taken.name
            and before["on_day"] == self.place.today
            and before["holds_until"] == taken.holds_until
            and before["rules_hash"] == self.place.rules_hash
        )

    def _row(self, placed: Placed, before: bytes | None, taken: _Decided) -> bytes:
        (here, facts, _, _), answered, holds_until, name = taken
        return kept.row(
            placed.person,
            placed.id,
            before,
            _outcome(answered.outcome.value),
            _kept_day(holds_until),
            kept.text(name.encode()),
            here.part + b"".join(map(self._part_of.__getitem__, answered.said)),
            answered.ids,
            here.shown.own(facts),
        )

    def _work(self, placed: Placed) -> Work:
        terms = msgspec.json.decode(self._terms[placed.terms])
        bare = readiness.assemble(self.place.jurisdiction, {"facts": {}, "born_on": None}, (), terms)
        site = UUID(bytes=placed.site) if any(placed.site) else None
        work = self._many.work(self.place.at(site).completed(bare), self.place.today)
        made = self._works[(placed.terms, placed.site)] = Work(work, bare.placement.get("starts_on"), self._parts)
        return made

    async def _learn_texts(self, connection: asyncpg.Connection, placements: Sequence[Placed]) -> set[bytes]:
        """Read the terms and the facts that have not been met so far; gives the names of those that are gone meanwhile."""
        if len(self._stated) > _STATED:
            self._stated.clear()
        terms = {one.terms: one.id for one in placements if one.terms not in self._terms}
        facts = {one.facts: one.person for one in placements if one.facts not in self._stated}
        if terms:
            self._terms.update(await queries.terms(connection, terms.values()))
        if facts:
            read = await queries.facts(connection, facts.values())
            self._stated.update((name, Stated(text)) for name, text in read.items())
        return (terms.keys() - self._terms.keys()) | (facts.keys() - self._stated.keys())

    async def _learn_patterns(self, connection: asyncpg.Connection, papers: Mapping[bytes, Papers]) -> set[bytes]:
        """Read what the patterns are that have not been met so far: of each, one piece. Gives those gone meanwhile."""
        met: set[bytes] = set()
        for held in papers.values():
            met.update(held.names)
        if new := met - self._patterns.keys():
            pieces = ((name, piece) for held in papers.values() for name, piece in zip(held.names, held.ids, strict=True))
            some = dict(pair for pair in pieces if pair[0] in new)
            for row in await queries.described(connection, list(some.values())):
                values = {name: row[name] for name in queries.DESCRIBES if row[name] is not None}
                values["detail"] = msgspec.json.decode(values["detail"])
                piece, name = Evidence(**values), row["pattern"][:16]
                self._patterns[name] = Dated(piece, self._many.patterns)
                self._called[name] = case_name.of_piece(piece)[0]
        return new - self._patterns.keys()

    async def _keep_parts(self) -> None:
        """Keep the new parts at once, in a transaction of their own: another process may be keeping the same."""
        if fresh := dict(self._parts.fresh):
            async with apart(self.place.tenant) as connection:
                await kept.keep_parts(connection, fresh)
            for number in fresh:
                del self._parts.fresh[number]


class _Asked(NamedTuple):
    """What is asked about a placement, and how the name of its case begins."""

    here: Work
    facts: Mapping[str, Any]
    work: bytes
    person: bytes


class _Decided(NamedTuple):
    """What the rules say to what was asked, until when; and the name of the case."""

    asked: _Asked
    answered: Answered
    holds_until: date | None
    name: str


_called_day = cache(case_name.day)
_kept_day = cache(kept.day)
_outcome = cache(lambda value: kept.text(value.encode()))
