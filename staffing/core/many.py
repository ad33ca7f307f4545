"""Decisions for many: the same as ``decide`` gives each of them, without evaluating again what was evaluated for the like.

``Many(book)`` is made once; ``work`` gives the rules for one kind of work on a day, and its ``decide`` a short answer that
``decision`` writes out as the ``Decision`` of that person.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from staffing.core.assessment import Rule
from staffing.core.case import Case
from staffing.core.conditions import Compared, Condition
from staffing.core.days_ahead import DaysAhead
from staffing.core.decisions import (
    Ahead,
    ahead_on,
    assessed_of,
    beside_the_rules,
    case_hash,
    day_towards_group,
    first_change,
    order,
)
from staffing.core.facts import CaseView
from staffing.core.findings import Decision, Effect, Finding
from staffing.core.patterns import Held, Pattern, Patterns, needed
from staffing.core.quick import Ask, Quick
from staffing.core.remembered import NEW, STARTS_ON, Answer, Node, Reading, kinds_read, parts
from staffing.core.rule_traits import may_be_remembered
from staffing.core.rules import RuleBook
from staffing.core.same_work import FAR, Facts, Memory, ReadyRule, Said, Somebody, case_with, own_facts
from staffing.core.service_facts import CHANGES

#: A day asked for so often gets rules made ready for it; before that each person is evaluated singly.
_OFTEN = 20

_EFFECTS = tuple(Effect)


class Answered(msgspec.Struct, frozen=True, gc=False):
    """A decision in short: ``said`` is what each rule says, in the order of the rules; ``ids`` the evidence each names."""

    outcome: Effect
    holds_until: date | None
    said: tuple[Said, ...]
    ids: tuple[Any, ...]


class Many:
    """The rules of a book, for many people. It remembers: keep it for a pass, or a shift, and not for ever."""

    def __init__(self, book: RuleBook) -> None:
        self.book = book
        self.patterns = Patterns()
        self.memory = Memory(book.specs)
        self._works: dict[tuple[bytes, date], SameWork] = {}

    def work(self, case: Case, on: date) -> SameWork:
        """The rules for a kind of work on a day. Of ``case`` neither the person, nor the evidence, nor the start is looked at.

        Raises ``ValueError`` for a case with sessions: those are decided each on their own day.
        """
        if case.sessions:
            raise ValueError("a case with sessions is decided on each session's day: use decide()")
        placement = {name: value for name, value in case.placement.items() if name != "starts_on"}
        bare = msgspec.structs.replace(case, person={}, evidence=(), placement=placement)
        key = (msgspec.json.encode(bare, order="deterministic"), on)
        found = self._works.get(key)
        if found is None:
            found = self._works[key] = SameWork(self, bare, on)
        return found


class SameWork:
    """One kind of work on one day."""

    def __init__(self, many: Many, case: Case, on: date) -> None:
        self.many = many
        self.case = case
        self.on = on
        self._today = on.toordinal()
        era = many.book.era(case.jurisdiction, case.overlays, on)
        #: The rules in force, in order.
        self.rules = era.rules
        self._ends = era.ends or FAR
        self._extras = tuple(Said.of(one) for one in beside_the_rules(CaseView(case, on, many.book.specs), many.book, era))
        ready: dict[str, ReadyRule] = {}
        settled: dict[Condition, Answer] = {}
        numbers: dict[Condition, int] = {}
        state: list[Any] = []
        self._asking = []
        for rule in era.rules:
            if not may_be_remembered(rule):
                continue
            ready[rule.requirement.id] = ReadyRule(rule, case, on, many.memory)
            for condition in rule.conditions:
                if condition in numbers or kinds_read(condition):
                    continue
                question = many.memory.answers.remembered(condition, case, on, many.book.specs)
                numbers[condition] = len(state)
                state.append(None)
                if question.settled:
                    settled[condition] = state[-1] = question.root
                else:
                    self._asking.append((numbers[condition], question))
        self._slots: dict[str, int] = {}
        for made in ready.values():
            for kind in made.kinds:
                if kind not in self._slots:
                    self._slots[kind] = len(state)
                    state.append(None)
        self._blank = state
        self._dated = {self._slots[kind] for made in ready.values() for kind in made.dated}
        for made in ready.values():
            made.stand(numbers, self._slots, settled)
        groups = {name: n for n, name in enumerate(era.groups)}
        self._groups = [[n for n, rule in enumerate(era.rules) if rule.group == name] for name in groups]
        self._rules = [(ready.get(rule.requirement.id), rule, groups.get(rule.group, -1)) for rule in era.rules]
        self._days_ahead = DaysAhead(case, self._rules, self._groups, many.book.specs)
        self._steady = len(ready) == len(era.rules) and not any(_counts_days(c) for rule in era.rules for c in rule.conditions)
        seats = tuple(made.seat if made else None for made, _, _ in self._rules)
        self._quick: Quick = many.memory.seats.get(seats) or Quick([made for made, _, _ in self._rules], self._groups, on, state)
        many.memory.seats[seats] = self._quick
        self._asked: dict[date, int] = {}

    def decide(self, facts: Facts, held: Sequence[Held]) -> Answered:
        """The decision about somebody in this work, in short.

        ``facts`` are the person's by full name (``person.born_on``) and ``placement.starts_on``, as stated, with tuples for
        lists; ``held`` is their evidence in the order in which it was recorded.
        """
        said, ids, hidden = self._say(facts, held)
        severity = 0
        certain, first = FAR, self._ends
        for one in said:  # without max() and min(), which take twice as long
            if one.severity > severity:  # noqa: PLR1730
                severity = one.severity
            if one.certain < certain:  # noqa: PLR1730
                certain = one.certain
            if one.perhaps < first:  # noqa: PLR1730
                first = one.perhaps
        if first is not FAR and certain > first:
            steady = self._steady and not hidden
            certain = self._first_change(facts, held, said, Ahead(_doings(said), _day(certain), first), steady=steady) or FAR
        return Answered(_EFFECTS[severity], None if certain is FAR else certain, tuple(said), tuple(ids))

    def decision(self, answered: Answered, facts: Facts, held: Sequence[Held]) -> Decision:
        """The decision written out, as ``decide`` would give it. Ids are written as text."""
        case = self.case_of(facts, held)
        view = CaseView(case, self.on, self.many.book.specs)
        findings = [written(one, name, view) for one, name in zip(answered.said, answered.ids, strict=True)]
        return Decision(
            on=self.on,
            outcome=answered.outcome,
            findings=tuple(sorted(findings, key=order)),
            holds_until=answered.holds_until,
            case_hash=case_hash(case),
            rules_hash=self.many.book.digest,
        )

    def case_of(self, facts: Facts, held: Sequence[Held]) -> Case:
        """The whole case of somebody in this work."""
        evidence = [
            pattern.evidence if name is None else msgspec.structs.replace(pattern.evidence, id=str(name))
            for pattern, name in held
        ]
        return case_with(self.case, facts, evidence)

    def _say(self, facts: Facts, held: Sequence[Held]) -> tuple[list[Any], list[Any], bool]:
        state = self._blank[:]
        for number, question in self._asking:
            node = question.root
            while node.__class__ is Node:
                node = node.then.get(facts.get(node.name), NEW)
            state[number] = self._ask(question, facts) if node is NEW else node
        said, ids, hidden = self._quick.say(facts, held, state, self._in_full)
        if self._extras:
            said += self._extras
            ids += [None] * len(self._extras)
        return said, ids, hidden

    def _in_full(self, facts: Facts, held: Sequence[Held], state: list[Any]) -> Ask:
        """Asks a rule of somebody with all their evidence before it."""
        somebody = Somebody(facts, held, state)
        self._evidence(somebody)

        def ask(number: int, oldest: date | None) -> tuple[Said, Any]:
            ready, rule, _ = self._rules[number]
            return ready.say(somebody, oldest) if ready is not None else self._singly(rule, somebody, oldest)

        return ask

    def _ask(self, question: Any, facts: Facts) -> Any:
        return question.of(facts, lambda: Reading(case_with(self.case, facts, ()), self.on, self.many.book.specs))

    def _evidence(self, somebody: Somebody) -> None:
        """Put the evidence that the rules look at into the state."""
        slots, today, state = self._slots, self._today, somebody.state
        names = somebody.names = state[:]
        several: dict[int, list[Held]] | None = None
        for one in somebody.held:
            pattern = one[0]
            slot = slots.get(pattern.kind)
            if slot is None:
                continue
            before = state[slot]
            if before is None:
                state[slot] = pattern
                names[slot] = one[1]
            elif several is not None and slot in several:
                several[slot].append(one)
            elif (
                pattern.shape is before.shape and 0 < pattern.day <= today and 0 < before.day <= today and slot not in self._dated
            ):
                if pattern.day > before.day:
                    state[slot] = pattern
                    names[slot] = one[1]
            else:
                several = several if several is not None else {}
                several[slot] = [(before, names[slot]), one]
        for slot, pieces in several.items() if several else ():
            kept = pieces if slot in self._dated else needed(pieces, today)
            if len(kept) == 1:
                state[slot], names[slot] = kept[0]
            else:
                state[slot] = tuple(pattern for pattern, _ in kept)
                names[slot] = [name for _, name in kept]

    def _view(self, somebody: Somebody) -> CaseView:
        return CaseView(self.case_of(somebody.facts, somebody.held), self.on, self.many.book.specs)

    def _singly(self, rule: Rule, somebody: Somebody, oldest: date | None) -> tuple[Said, Any]:
        view = self._view(somebody)
        assessed = assessed_of(rule, view, oldest)
        name = next((n for _, n in somebody.held if n is not None and str(n) == assessed.finding.evidence), None)
        return Said.of(assessed, day=day_towards_group(rule, view) if rule.group else None), name

    def _first_change(self, facts: Facts, held: Sequence[Held], said: Sequence[Said], now: Ahead, *, steady: bool) -> date | None:
        """The first day on which what the rules do changes. While it is ``steady``, only the rules that name a day are asked."""
        then = list(said)
        steady = steady and facts.get(STARTS_ON) is not None  # without a start, every day could be the first

        def on(day: date) -> Ahead:
            nonlocal steady
            if day >= self._ends or not steady:
                return self._another_day(facts, held, day)
            steady = self._days_ahead.ask(then, day, facts, held)
            return self._together(then, self._ends)

        return first_change(now, on)

    def _another_day(self, facts: Facts, held: Sequence[Held], day: date) -> Ahead:
        if (then := self._on(day)) is None:
            return ahead_on(self.case_of(facts, held), self.many.book, day)
        return self._together(then._say(facts, held)[0], then._ends)

    @staticmethod
    def _together(said: Sequence[Said], ends: date) -> Ahead:
        perhaps = min(ends, min((one.perhaps for one in said), default=FAR))
        return Ahead(_doings(said), _day(min((one.certain for one in said), default=FAR)), _day(perhaps))

    def _on(self, day: date) -> SameWork | None:
        """The same work on another day, once it has been asked for often."""
        asked = self._asked[day] = self._asked.get(day, 0) + 1
        return self.many.work(self.case, day) if asked > _OFTEN else None


def _day(day: date) -> date | None:
    return None if day is FAR else day


def _counts_days(condition: Condition) -> bool:
    """Whether the condition counts days of service, so that tomorrow may be otherwise on any day."""
    return any(isinstance(part, Compared) and part.name in CHANGES for part in parts(condition))


def _doings(said: Sequence[Said]) -> dict[str, Effect]:
    return {one.finding.rule: one.finding.effect for one in said if one.stands}


def written(said: Said, name: Any, view: CaseView) -> Finding:
    """A finding with what is this person's own: the evidence it names and the facts that the rule used."""
    finding = said.finding
    if said.rule is None:
        return finding
    facts = [view.used(fact) for fact in said.rule.facts if view.get(fact) is not None]
    facts.extend(view.used(fact.name) for fact in finding.facts if fact.value is None)
    return msgspec.structs.replace(finding, facts=tuple(facts), evidence=None if name is None else str(name))


__all__ = ["Answered", "Many", "Pattern", "SameWork", "case_with", "own_facts", "written"]
