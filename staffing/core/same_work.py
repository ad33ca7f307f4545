"""Many people in the same kind of work on one day: what they have in common is worked out once.

There is one evaluator. This module looks up what ``assess`` said of somebody alike, and calls it where nobody alike has been
met: alike in the answers to a rule's conditions, in the evidence it looks at, and in whatever else it was seen to read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Any, Final

import msgspec

from staffing.core.assessment import Assessed, Rule, assess, group_day
from staffing.core.case import Case
from staffing.core.conditions import Condition
from staffing.core.evidence import Evidence
from staffing.core.facts import FactSpec
from staffing.core.findings import Effect, State
from staffing.core.holdings import limits_day
from staffing.core.packs import Lasting, TermsVersion, Version
from staffing.core.patterns import Held, Pattern
from staffing.core.remembered import STARTS_ON, Answer, Answers, Asked, Reading, Remembered, is_named, kinds_read, varies

FAR: Final = date.max
_RELAXED = frozenset({Effect.ALLOW, Effect.ADVISE})
_MET = frozenset({State.MET, State.EXPIRING})
#: States that a rule comes to without looking at evidence that says nothing against the person.
_REVIEW = State.NEEDS_REVIEW
_WITHOUT = frozenset({State.NOT_REQUIRED, State.EXEMPT, _REVIEW})
#: All that a rule may read of a placement outside its conditions.
_PLACEMENT_READ = ("employer", "organisation", "site")

Facts = Mapping[str, Any]


class Said:
    """What a rule says of everybody alike. Of the evidence it names only the place is kept, of the facts used nothing.

    ``certain`` and ``perhaps`` are the first of the days of ``Assessed`` (``FAR``: none). ``final``: further harmless evidence
    would change nothing, but that a piece good for longer would be named instead (``met``). ``day`` counts towards the oldest of
    the rule's group.
    """

    __slots__ = ("certain", "day", "effect", "final", "finding", "kind", "met", "perhaps", "place", "rule", "severity", "stands")

    def __init__(
        self, assessed: Assessed, rule: Rule | None = None, place: tuple[str, int] | None = None, day: date | None = None
    ) -> None:
        self.day = day
        self.finding = assessed.finding
        self.rule = rule
        self.effect = assessed.finding.effect
        self.severity = self.effect.severity
        self.stands = self.effect not in _RELAXED
        self.certain = assessed.certain or FAR
        self.perhaps = min(assessed.perhaps, default=FAR)
        self.kind, self.place = place or ("", -1)
        self.met = self.finding.state in _MET and self.place >= 0
        self.final = self.met or self.finding.state in _WITHOUT


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

    ``names`` holds the ids of the evidence, by the same numbers; a list where there are several pieces of a kind. ``near`` are
    the facts with a start of long ago made one of less long ago (``SameWork``).
    """

    __slots__ = ("facts", "held", "names", "near", "state")

    def __init__(self, facts: Facts, near: Facts, held: Sequence[Held], state: list[Any]) -> None:
        self.facts = facts
        self.near = near
        self.held = held
        self.state = state
        self.names: list[Any] = state[:]


class ReadyRule:
    """A rule made ready for a kind of work: where its answers and its evidence stand, and what it has said so far."""

    def __init__(self, original: Rule, case: Case, on: date, memory: Memory) -> None:
        self.original = original
        self.memory = memory
        self.on = on
        self.today = on.toordinal()
        looks = any(kinds_read(condition) for condition in original.conditions)
        self.kinds = _kinds(original)
        self.asked = _asked(original)
        version = original.version
        #: Each piece of evidence can be tried alone.
        self.parted = version is not None and not looks and _is_parted(version)
        self.anchored = self.parted and version is not None and _counts_from_oldest(version, original.terms)
        #: Kinds of which a newer piece may count where the older one did, and the other way round.
        #: Days after the start from which on it no longer matters when it was; None: it always may.
        #: After a waiver has ended it matters whether the work began before.
        lasting = looks
        self.window = None if lasting else _window(version, original.terms) if version is not None else 0
        self.dated = frozenset(i.kind for a in (version.accepts if version else ()) for i in a.items if i.issued_until)
        placement = {name: case.placement[name] for name in _PLACEMENT_READ if name in case.placement}
        self.case = case if looks or not _reads_little(version) else msgspec.structs.replace(case, placement=placement)

    def stand(self, numbers: Mapping[Condition, int], slots: Mapping[str, int], settled: Mapping[Condition, Answer]) -> None:
        """Tell the rule where in somebody's state its answers and its evidence are."""
        rule = self.original
        self.numbers = {c: numbers[c] for c in rule.conditions if c in numbers}
        varying = dict.fromkeys(n for condition, n in self.numbers.items() if condition not in settled)
        self.answers = itemgetter(*varying) if varying else None
        self.slots = tuple(slots[kind] for kind in self.kinds)
        self.accepts = self.slots[: len(rule.accepts)]
        self.alone_is_all = self.accepts == self.slots
        #: Its evidence can be looked up piece by piece.
        self.quick = self.parted and self.alone_is_all and not self.dated
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
        if self.parted and (found := self._by_one(somebody, oldest)) is not None:
            return found
        key = self.key(state)
        if oldest is not None:
            key = (key, oldest)
        one = self.said.get(key)
        if one.__class__ is not Said:
            one = self._first(self.said, key, one, somebody, self._all(state), lambda view: self._assess(view, oldest))
        if one.place < 0:
            return one, None
        name = somebody.names[self.slots[self.kinds.index(one.kind)]]
        return one, name[one.place] if name.__class__ is list else name

    def constant(self, blank: list[Any]) -> Said | None:
        """What the rule says of everybody who holds nothing against them, if it is the same and looks at no evidence."""
        if self.answers is not None:
            return None
        key = self.key(blank)
        one = self.said.get(key)
        if one.__class__ is not Said:
            one = self._first(self.said, key, one, Somebody({}, {}, (), blank), [], lambda view: self._assess(view, None))
        return one if self.said[key] is one and one.finding.state in _WITHOUT else None

    def _by_one(self, somebody: Somebody, oldest: date | None) -> tuple[Said, Any] | None:
        """What the rule says, where one piece of evidence alone settles it: with its id."""
        state = somebody.state
        answers = self.answers(state) if self.answers else None
        best: tuple[Said, Pattern, Any] | None = None
        several = False
        for slot in self.accepts:
            held = state[slot]
            if held is None:
                continue
            if held.__class__ is Pattern:
                several = several or best is not None
                best = self._longer(best, self._alone(answers, held, oldest, somebody), held, somebody.names[slot])
            else:
                several = True
                for n, piece in enumerate(held):
                    best = self._longer(best, self._alone(answers, piece, oldest, somebody), piece, somebody.names[slot][n])
        if best is None or not (best[0].final or (self.alone_is_all and not several)):
            return None
        if several and not all(self._harmless(state[slot]) for slot in self.accepts):
            return None
        return best[0], best[2] if best[0].place >= 0 else None

    def _longer(self, best: tuple[Said, Pattern, Any] | None, one: Said, piece: Pattern, name: Any) -> tuple[Said, Pattern, Any]:
        """The one of two pieces that stands better; of two of a kind that stand the same, the newer."""
        if best is None:
            return one, piece, name
        said = best[0]
        if one.met and said.met:
            newer = piece.kind is best[1].kind and piece.day > best[1].day
            better = one.certain > said.certain or (one.certain == said.certain and newer)
        else:
            better = one.met or (one.final and not said.final)
        return (one, piece, name) if better else best

    def _alone(self, answers: Any, piece: Pattern, oldest: date | None, somebody: Somebody) -> Said:
        """What the rule says of this piece of evidence and no other."""
        if oldest is not None and self.anchored and 0 < piece.day <= self.today:
            if piece.day > oldest.toordinal():
                piece = piece.shape.on(oldest)
            oldest = None
        key: Any = piece if answers is None else (answers, piece)
        if oldest is not None:
            key = (key, oldest)
        one = self.alone.get(key)
        if one.__class__ is Said:
            return one
        return self._first(self.alone, key, one, somebody, [(piece.kind, piece)], lambda view: self._assess(view, oldest))  # type: ignore[no-any-return]

    def _harmless(self, held: Any) -> bool:
        pieces = held if held.__class__ is tuple else () if held is None else (held,)
        return all(piece.is_harmless(self.on) for piece in pieces)

    def _all(self, state: list[Any]) -> list[tuple[str, Pattern]]:
        found: list[tuple[str, Pattern]] = []
        for kind, slot in zip(self.kinds, self.slots, strict=True):
            held = state[slot]
            if held is not None:
                found.extend((kind, piece) for piece in (held if held.__class__ is tuple else (held,)))
        return found

    def _first(  # noqa: PLR0917 - a place, a key and what is known there
        self, kept: dict[Any, Any], key: Any, known: Any, somebody: Somebody, pieces: Sequence[tuple[str, Pattern]], work: Any
    ) -> Any:
        """Ask the rule, as nobody alike has been met, or they are known to differ in more than the key."""
        question = known if known is not None else Remembered(work)
        facts = somebody.facts if self.window is None else somebody.near
        value = question.of(facts, lambda: self._view(somebody, facts, pieces))
        kept[key] = question.root if question.settled else question
        return value

    def _assess(self, view: Reading, oldest: date | None) -> Said:
        assessed = assess(self.asked, view, oldest)
        if not view.kinds.issubset(self.kinds):
            raise RuntimeError(
                f"{self.original.requirement.id} read evidence of {sorted(view.kinds - set(self.kinds))} unforeseen"
            )
        marked = assessed.finding.evidence
        place = None
        if marked is not None:
            kind, _, number = marked.rpartition("#")
            place = (kind, int(number))
            assessed = msgspec.structs.replace(assessed, finding=msgspec.structs.replace(assessed.finding, evidence=None))
        day = group_day(self.asked, view) if self.original.group and oldest is None else None
        return Said(assessed, self.original, place, day)

    def _view(self, somebody: Somebody, facts: Facts, pieces: Sequence[tuple[str, Pattern]]) -> Reading:
        count: dict[str, int] = {}
        evidence = []
        for kind, piece in pieces:
            number = count[kind] = count.get(kind, -1) + 1
            evidence.append(msgspec.structs.replace(piece.evidence, id=f"{kind}#{number}"))
        view = Reading(case_with(self.case, facts, evidence), self.on, self.memory.specs)
        view.answers = {condition: somebody.state[number] for condition, number in self.numbers.items()}
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


def may_be_remembered(rule: Rule) -> bool:
    """Whether what a rule reads can be noted: a plugin's predicate may look where nobody sees it."""
    return not any(is_named(condition) for condition in rule.conditions)


def _asked(rule: Rule) -> Rule:
    """The rule with its conditions on facts alone answered beforehand, and without the list of facts it shows."""
    version, terms = rule.version, rule.terms
    if version is not None and not version.no_rule:
        change = msgspec.structs.replace
        version = change(
            version,
            applies_when=_one(version.applies_when),
            unless=tuple(change(e, when=_one(e.when)) for e in version.unless),
            must=tuple(change(m, when=_one(m.when)) for m in version.must),
            ratio=tuple(change(b, when=_one(b.when)) for b in version.ratio),
            accepts=tuple(change(a, when=_one(a.when)) for a in version.accepts),
        )
        if terms is not None:
            terms = change(terms, when=_one(terms.when))
    asked = Rule(rule.requirement, version, terms)
    asked.facts = ()
    return asked


def _one(condition: Condition) -> Condition:
    return condition if kinds_read(condition) else Asked(condition)


def _kinds(rule: Rule) -> tuple[str, ...]:
    """The kinds of evidence a rule looks at, those it accepts first."""
    terms = rule.terms
    asked = (*terms.results_in, *terms.results_all, *terms.papers) if terms else ()
    looked = [kind for condition in rule.conditions for kind in sorted(kinds_read(condition))]
    return tuple(dict.fromkeys((*rule.accepts, *asked, *looked)))


def _is_parted(version: Version) -> bool:
    """Whether one piece of evidence can satisfy the rule, and each kind counts in one way."""
    kinds = [alternative.items[0].kind for alternative in version.accepts if len(alternative.items) == 1]
    return 0 < len(kinds) == len(version.accepts) == len(set(kinds))


def _counts_from_oldest(version: Version, terms: TermsVersion | None) -> bool:
    """Whether the day of issue matters for nothing but the end of a period that runs from the oldest of the group."""
    each = [alternative.validity or version.validity for alternative in version.accepts]
    items = [item for alternative in version.accepts for item in alternative.items]
    return (
        all(v.lasting is Lasting.MONTHS and v.group and not v.break_days for v in each)
        and not any(limits_day(item) for item in items)
        and not (terms and (terms.results_in or terms.results_all or terms.papers))
    )


def _window(version: Version, terms: TermsVersion | None) -> int | None:
    """The longest that work may go on after the start without an item; None where the start matters for more than that."""
    items = [item for alternative in version.accepts for item in alternative.items]
    if any(i.within_months or i.within_days or i.on_or_after for i in items):
        return None
    if terms and (not terms.days or terms.asked_within is not None or terms.counted_from == "asked"):
        return None
    grace = version.grace
    return max(terms.days if terms else 0, grace.months * 31 + grace.days if grace else 0)


def _reads_little(version: Version | None) -> bool:
    """Whether all that the rule reads of a placement outside its conditions is ``_PLACEMENT_READ``."""
    items = [item for alternative in (version.accepts if version else ()) for item in alternative.items]
    return all(not item.on_or_after or varies(item.on_or_after) for item in items)
