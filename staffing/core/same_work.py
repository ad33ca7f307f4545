"""Many people in the same kind of work on one day: what they have in common is worked out once.

There is one evaluator. This module looks up what ``assess`` said of somebody alike, and calls it where nobody alike has been
met: alike in the answers to a rule's conditions, in the evidence it looks at, and in whatever else it was seen to read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from operator import itemgetter
from typing import Any, Final

import msgspec

from staffing.core import rule_traits as traits
from staffing.core.assessment import Assessed, Rule, assess, group_day
from staffing.core.case import Case
from staffing.core.conditions import Condition
from staffing.core.evidence import Evidence
from staffing.core.facts import FactSpec
from staffing.core.findings import Effect, Finding, State
from staffing.core.noted_days import NotedDay
from staffing.core.patterns import Held, Pattern
from staffing.core.remembered import STARTS_ON, Answer, Answers, Node, Reading, Remembered, kinds_read

FAR: Final = date.max
_RELAXED = frozenset({Effect.ALLOW, Effect.ADVISE})
#: States that a rule comes to without looking at evidence that says nothing against the person.
_WITHOUT = frozenset({State.NOT_REQUIRED, State.EXEMPT, State.NEEDS_REVIEW})
#: More than there are days.
_DAYS: Final = 10_000_000
#: So many mixtures of evidence are remembered of a rule at a time.
_MIXTURES: Final = 5_000
Facts = Mapping[str, Any]


class Said(msgspec.Struct, eq=False, gc=False):
    """What a rule says of everybody alike. Of the evidence it names only the place is kept, of the facts used nothing.

    ``certain`` and ``perhaps`` are the first of the days of ``Assessed`` (``FAR``: none). ``day`` counts towards the oldest of
    the rule's group. ``rank`` says how the evidence stands (``Standing.rank`` as one number), ``standing`` in which state;
    where that was not asked, everybody's is the same. ``final``: further harmless evidence would change nothing, but that a
    piece that stands better would be named instead.
    """

    severity: int
    place: int
    certain: date
    perhaps: date
    day: date | None
    rank: int
    final: bool
    standing: State | None
    finding: Finding
    rule: Rule | None
    kind: str

    @classmethod
    def of(
        cls, assessed: Assessed, rule: Rule | None = None, place: tuple[str, int] | None = None, day: date | None = None
    ) -> Said:
        """What was said, with what is only for one person taken out of the finding."""
        finding, standing = assessed.finding, assessed.standing
        kind, number = place or ("", -1)
        state, rank = None, 0
        if standing is not None:
            state = standing.state
            order, through = standing.rank
            rank = order * _DAYS + through
        return cls(
            finding.effect.severity,
            number,
            assessed.certain or FAR,
            min(assessed.perhaps, default=FAR),
            day,
            rank,
            state is State.MET or finding.state in _WITHOUT,
            state,
            finding,
            rule,
            kind,
        )

    @property
    def stands(self) -> bool:
        """Whether it stands in the way, or does more than advise."""
        return self.finding.effect not in _RELAXED


class Memory:
    """What rules have said so far. It grows with the number of ways in which people differ, not with the number of people."""

    def __init__(self, specs: Mapping[str, FactSpec]) -> None:
        self.specs = specs
        self.answers = Answers()
        self.seats: dict[Any, Any] = {}
        self._kept: dict[Any, tuple[dict[Any, Any], ...]] = {}

    def of(self, sign: Any) -> tuple[dict[Any, Any], ...]:
        """What rules of this sign have said: of all evidence held, and of one piece alone."""
        return self._kept.setdefault(sign, ({}, {}))


class Somebody:
    """One person while they are decided about: the answers and the evidence that the rules look at, by number.

    ``names`` holds the ids of the evidence, by the same numbers; a list where there are several pieces of a kind.
    """

    __slots__ = ("facts", "held", "names", "state")

    def __init__(self, facts: Facts, held: Sequence[Held], state: list[Any]) -> None:
        self.facts = facts
        self.held = held
        self.state = state
        self.names: list[Any] | None = None


class ReadyRule:
    """A rule made ready for a kind of work: where its answers and its evidence stand, and what it has said so far.

    ``parted``: each piece of evidence can be tried alone, and of several the one that stands best counts. ``whole``: that holds
    for pieces that do not satisfy the rule, too, if there is one; ``mixes``: if there are several. ``anchored``: the day of issue
    matters for nothing but the end of a period that runs from the oldest of the group.
    """

    def __init__(self, original: Rule, case: Case, on: date, memory: Memory) -> None:
        self.original = original
        self.memory = memory
        self.on = on
        self.today = on.toordinal()
        version, terms = original.version, original.terms
        self.looks = any(kinds_read(condition) for condition in original.conditions)
        self.kinds = traits.kinds(original)
        self.asked = traits.asked(original)
        self.parted = not self.looks and version is not None and traits.is_parted(version, grouped=bool(original.group))
        self.whole = self.parted and not (terms and (terms.results_in or terms.results_all or terms.papers))
        items = [item for alternative in (version.accepts if version else ()) for item in alternative.items]
        self.mixes = self.whole and not any(item.on_or_after for item in items)
        self.anchored = self.parted and version is not None and traits.counts_from_oldest(version)
        #: Kinds of which a newer piece may count where the older one did, and the other way round.
        self.dated = frozenset(item.kind for item in items if item.issued_until)
        #: A start before this day is as good as one on it. None: when the start was may always matter, as it does once a waiver
        #: has ended.
        window = (
            None if self.looks or original.requirement.waivable else traits.window(version, terms) if version is not None else 0
        )
        self._near = None if window is None else on - timedelta(days=1 + window)
        placement = {name: case.placement[name] for name in traits.PLACEMENT_READ if name in case.placement}
        self.case = case if self.looks or not traits.reads_little(version) else msgspec.structs.replace(case, placement=placement)

    def stand(self, numbers: Mapping[Condition, int], slots: Mapping[str, int], settled: Mapping[Condition, Answer]) -> None:
        """Tell the rule where in somebody's state its answers and its evidence are."""
        rule = self.original
        self.numbers = {c: numbers[c] for c in rule.conditions if c in numbers}
        varying = dict.fromkeys(n for condition, n in self.numbers.items() if condition not in settled)
        self.answers = itemgetter(*varying) if varying else None
        self.slots = tuple(slots[kind] for kind in self.kinds)
        self.key = itemgetter(*varying, *self.slots) if varying or self.slots else (lambda _: None)
        fixed = tuple(settled.get(condition) for condition in rule.conditions)
        place = msgspec.json.encode((self.case.placement, self.case.context, self.case.jurisdiction), order="deterministic")
        sign = (id(rule.requirement), id(rule.version), id(rule.terms), self.on, fixed, place)
        self.said, self.alone = self.memory.of(sign)
        #: Rules with the same seat are interchangeable, whatever the work.
        self.seat = (sign, tuple(varying), self.slots)

    def say(self, somebody: Somebody, oldest: date | None) -> tuple[Said, Any]:
        """What the rule says of somebody, and the id of the evidence it names. ``oldest`` is the day of the group's oldest."""
        state = somebody.state
        key = self.key(state)
        if oldest is not None:
            key = (key, oldest)
        one = self.said.get(key)
        if one.__class__ is not Said:
            if len(self.said) >= _MIXTURES:
                self.said.clear()
            one = self._ask(self.said, key, somebody.facts, state, self._all(state), oldest)
        if one.place < 0 or somebody.names is None:
            return one, None
        name = somebody.names[self.slots[self.kinds.index(one.kind)]]
        return one, name[one.place] if name.__class__ is list else name

    def table(self, answers: Any) -> dict[Pattern | None, Any]:
        """What the rule says of one piece and no other (None: of nothing held) under these answers, or how to find it."""
        table = self.alone.get(answers)
        if table is None:
            table = self.alone[answers] = {}
        return table

    def of_one(self, answers: Any, piece: Pattern | None, facts: Facts, state: list[Any]) -> Said:
        """What the rule says of this piece of evidence and no other; without one, of nothing held."""
        table = self.table(answers)
        known = table.get(piece)
        if known.__class__ is Said:
            return known
        if known is not None:
            one = self._recalled(known, facts)
        else:
            one = self._by_span(table, piece, facts, state) if piece is not None and piece.evidence.issued_on else None
        if one is not None:
            return one
        return self._ask(table, piece, facts, state, () if piece is None else (piece.evidence,), None)

    def _by_span(self, table: dict[Any, Any], piece: Pattern, facts: Facts, state: list[Any]) -> Said | None:
        """What the rule says of a piece issued in a span of days, all of which are the same to it; None where each day counts."""
        spans = table.setdefault(piece.shape, [])
        issued_on = piece.evidence.issued_on
        if spans is None or issued_on is None:
            return None
        number = issued_on.toordinal()
        for first, last, one in spans:
            if first <= number <= last:
                table[piece] = one
                return one  # type: ignore[no-any-return]
        day = NotedDay.of(issued_on)
        view = self._view(facts, state, (msgspec.structs.replace(piece.evidence, issued_on=day),))
        said = self._assess(view, None)
        if view.read or day.first == day.last or any(given is day for given in (said.day, said.certain, said.perhaps)):
            table[piece.shape] = None
            return None
        spans.append((day.first, day.last, said))
        table[piece] = said
        return said

    def _recalled(self, question: Remembered, facts: Facts) -> Said | None:
        """What is remembered for somebody with these facts."""
        node = question.root
        while node.__class__ is Node:
            value = facts.get(node.name)
            if node.name == STARTS_ON and value is not None and self._near is not None and value < self._near:
                value = self._near
            node = node.then.get(value)
        return node  # type: ignore[no-any-return]

    def constant(self, answers: Any, facts: Facts, state: list[Any]) -> Said | None:
        """What the rule says of everybody with these answers who holds nothing against them, if it looks at no evidence."""
        if self.looks or (answers is None and self.answers is not None):
            return None
        one = self.of_one(answers, None, facts, state)
        return one if one.finding.state in _WITHOUT and self.table(answers).get(None) is one and not self._counts(one) else None

    def _counts(self, one: Said) -> bool:
        """Whether a rule that says nothing still lets its evidence count towards the oldest of its group."""
        return bool(self.original.group) and one.finding.state is State.NEEDS_REVIEW

    def _all(self, state: list[Any]) -> list[Evidence]:
        found: list[Evidence] = []
        for slot in self.slots:
            held = state[slot]
            if held is not None:
                found.extend(piece.evidence for piece in (held if held.__class__ is tuple else (held,)))
        return found

    def _ask(  # noqa: PLR0917 - a place, a key, and what the answer may depend on
        self,
        kept: dict[Any, Any],
        key: Any,
        facts: Facts,
        state: list[Any],
        evidence: Sequence[Evidence],
        oldest: date | None,
    ) -> Said:
        """Ask the rule, as nobody alike has been met, or they are known to differ in more than the key."""
        if self._near is not None and (start := facts.get(STARTS_ON)) is not None and start < self._near:
            facts = {**facts, STARTS_ON: self._near}
        question = kept.get(key)
        if question is None:
            view = self._view(facts, state, evidence)
            said = self._assess(view, oldest)
            if not view.read:
                kept[key] = said
                return said
            question = kept[key] = Remembered(lambda view: self._assess(view, oldest))
            question.keep(said, facts, view.read)
            return said
        return question.of(facts, lambda: self._view(facts, state, evidence))  # type: ignore[no-any-return]

    def _assess(self, view: Reading, oldest: date | None) -> Said:
        assessed = assess(self.asked, view, oldest)
        if not view.kinds.issubset(self.kinds):
            raise RuntimeError(
                f"{self.original.requirement.id} read evidence of {sorted(view.kinds - set(self.kinds))} unforeseen"
            )
        marked, standing = assessed.finding.evidence, assessed.standing
        place = day = None
        if marked is not None:
            kind, _, number = marked.rpartition("#")
            place = (kind, int(number))
            assessed = msgspec.structs.replace(assessed, finding=msgspec.structs.replace(assessed.finding, evidence=None))
        if self.original.group:
            if oldest is None and standing is not None:
                day = standing.issued_on if standing.grouped else None
            else:
                day = group_day(self.asked, view)
        return Said.of(assessed, self.original, place, day)

    def _view(self, facts: Facts, state: list[Any], evidence: Sequence[Evidence]) -> Reading:
        count: dict[str, int] = {}
        marked = []
        for one in evidence:
            number = count[one.kind] = count.get(one.kind, -1) + 1
            marked.append(msgspec.structs.replace(one, id=f"{one.kind}#{number}"))
        view = Reading(case_with(self.case, facts, marked), self.on, self.memory.specs)
        view.answers = {condition: state[number] for condition, number in self.numbers.items()}
        return view


def case_with(case: Case, facts: Facts, evidence: Sequence[Evidence]) -> Case:
    """The case of somebody in this work."""
    person = {name[7:]: value for name, value in facts.items() if name.startswith("person.")}
    placement = case.placement
    if facts.get(STARTS_ON) is not None:
        placement = {**placement, "starts_on": facts[STARTS_ON]}
    return msgspec.structs.replace(case, person=person, placement=placement, evidence=tuple(evidence))


def own_facts(case: Case) -> dict[str, Any]:
    """What a case states of the person and of their start, by the facts' full names; lists as tuples."""
    facts = {f"person.{name}": value for name, value in case.person.items()}
    facts[STARTS_ON] = case.placement.get("starts_on")
    return {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}
