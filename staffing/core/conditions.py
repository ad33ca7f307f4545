"""The condition language of packs, compiled once into small objects. Three-valued: true, false, or None for unknown.

A condition is one of::

    {all: [...]}  {any: [...]}  {not: ...}        combined; unknown only when the known parts do not decide it
    {placement.contact: routine}                  is; a bool, number or day is written the same way
    {person.age: {at_least: 18}}                  more_than, at_least, less_than, at_most (numbers)
    {placement.supervision: {in: [none, nearby]}} in, not_in, is, is_not
    {placement.duties: {includes: [coaching]}}    a list fact holds one of them; includes_all: every one
    {person.resident_since: {before: 2015-01-01}} before, after, on_or_before, on_or_after (a day or the name of a date fact)
    {day: {on_or_after: 2026-01-01}}              the day decided for
    {holds: fbi_fingerprint}                      evidence of that kind with a result is held
    {condition: school_volunteer}                 one that the pack names under ``conditions``
    {predicate: background_check.some_rule}       a named function of a plugin

Several keys in one mapping mean all of them. There is no ``eval`` and no Python in a pack.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from staffing.core import calendar
from staffing.core.evidence import KINDS
from staffing.core.facts import CaseView, FactSpec, FactType, Predicate
from staffing.core.sources import Listing, Problems, Section, meant

Truth = bool | None


class Condition:
    """A compiled condition. ``facts`` are the names it may read, in order; ``timed`` whether time alone can turn it."""

    __slots__ = ("facts", "timed")
    facts: tuple[str, ...]
    timed: bool

    def test(self, view: CaseView) -> Truth:
        """True, false, or None when the facts known do not decide it."""
        raise NotImplementedError

    def unknowns(self, view: CaseView) -> Iterator[str]:
        """The unknown facts that keep the condition from being decided; none when it is decided."""
        raise NotImplementedError

    def days(self, view: CaseView) -> Iterator[date]:
        """Days after the view's own on which the answer could change by time alone."""
        return iter(())


class Always(Condition):
    """True."""

    __slots__ = ()

    def __init__(self) -> None:
        self.facts = ()
        self.timed = False

    def test(self, view: CaseView) -> Truth:
        """True."""
        return True

    def unknowns(self, view: CaseView) -> Iterator[str]:
        """None."""
        return iter(())


class _Joined(Condition):
    """Several conditions; ``decides`` is the truth of one that settles the whole."""

    __slots__ = ("decides", "parts")

    def __init__(self, parts: Iterable[Condition], decides: bool) -> None:
        self.parts = tuple(parts)
        self.decides = decides
        self.facts = tuple(dict.fromkeys(name for part in self.parts for name in part.facts))
        self.timed = any(part.timed for part in self.parts)

    def test(self, view: CaseView) -> Truth:
        answer: Truth = not self.decides
        for part in self.parts:
            truth = part.test(view)
            if truth is self.decides:
                return truth
            if truth is None:
                answer = None
        return answer

    def unknowns(self, view: CaseView) -> Iterator[str]:
        if self.test(view) is None:
            for part in self.parts:
                yield from part.unknowns(view)

    def days(self, view: CaseView) -> Iterator[date]:
        for part in self.parts:
            yield from part.days(view)


class _Not(Condition):
    __slots__ = ("part",)

    def __init__(self, part: Condition) -> None:
        self.part = part
        self.facts = part.facts
        self.timed = part.timed

    def test(self, view: CaseView) -> Truth:
        truth = self.part.test(view)
        return None if truth is None else not truth

    def unknowns(self, view: CaseView) -> Iterator[str]:
        return self.part.unknowns(view)

    def days(self, view: CaseView) -> Iterator[date]:
        return self.part.days(view)


class _Compared(Condition):
    """One fact against a plain value, or against another fact if ``other`` is named."""

    __slots__ = ("compare", "name", "operand", "other")

    def __init__(self, name: str, compare: Callable[[Any, Any], bool], operand: Any, other: str = "") -> None:
        self.name = name
        self.compare = compare
        self.operand = operand
        self.other = other
        self.facts = (name, other) if other else (name,)
        self.timed = name in _GROWS or name == "person.resident"

    def test(self, view: CaseView) -> Truth:
        value = view.get(self.name)
        if value is None:
            return None
        if not self.other:
            return self.compare(value, self.operand)
        operand = view.get(self.other)
        return None if operand is None else self.compare(value, operand)

    def unknowns(self, view: CaseView) -> Iterator[str]:
        for name in self.facts:
            if view.get(name) is None:
                yield from view.unknown_bases(name)

    def days(self, view: CaseView) -> Iterator[date]:
        # Two facts grow with time: an age, and the years lived in a state.
        base = _GROWS.get(self.name)
        since = view.get(base) if base else None
        if since is not None and isinstance(self.operand, int | float):
            for years in (int(self.operand), int(self.operand) + 1):
                yield calendar.add_years(since, years)
        elif self.name == "person.resident" and (since := view.get("person.resident_since")) is not None:
            yield since


_GROWS = {"person.age": "person.born_on", "person.years_resident": "person.resident_since"}


class _Day(Condition):
    """The day decided for, against a day or a date fact."""

    __slots__ = ("compare", "operand", "other")

    def __init__(self, compare: Callable[[Any, Any], bool], operand: Any, other: str = "") -> None:
        self.compare = compare
        self.operand = operand
        self.other = other
        self.facts = (other,) if other else ()
        self.timed = True

    def _against(self, view: CaseView) -> date | None:
        against: date | None = view.get(self.other) if self.other else self.operand
        return against

    def test(self, view: CaseView) -> Truth:
        against = self._against(view)
        return None if against is None else self.compare(view.on, against)

    def unknowns(self, view: CaseView) -> Iterator[str]:
        if self.other and view.get(self.other) is None:
            yield from view.unknown_bases(self.other)

    def days(self, view: CaseView) -> Iterator[date]:
        if against := self._against(view):
            yield against
            yield against + timedelta(days=1)


class _Holds(Condition):
    """Whether evidence of a kind, complete and dated no later than the day, is held."""

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.facts = ()
        self.timed = True

    def test(self, view: CaseView) -> Truth:
        return any(e.state == "complete" and (e.issued_on is None or e.issued_on <= view.on) for e in view.evidence(self.kind))

    def unknowns(self, view: CaseView) -> Iterator[str]:
        return iter(())

    def days(self, view: CaseView) -> Iterator[date]:
        return (e.issued_on for e in view.evidence(self.kind) if e.issued_on)


class _Named(Condition):
    """A plugin's predicate. What it reads is found out by running it."""

    __slots__ = ("name", "predicate")

    def __init__(self, name: str, predicate: Predicate, facts: tuple[str, ...] = ()) -> None:
        self.name = name
        self.predicate = predicate
        self.facts = facts
        self.timed = True

    def test(self, view: CaseView) -> Truth:
        return self.predicate(view, view.on)

    def unknowns(self, view: CaseView) -> Iterator[str]:
        alone = CaseView(view.case, view.on, view.specs)
        if self.predicate(alone, alone.on) is None:
            for name in [name for name, value in alone.seen.items() if value is None]:
                yield from view.unknown_bases(name)

    def days(self, view: CaseView) -> Iterator[date]:
        for name, base in _GROWS.items():
            if name in view.seen and (since := view.get(base)):
                yield calendar.birthday(since, calendar.years_between(since, view.on) + 1)


def _one_of(value: Any, operand: Any) -> bool:
    return value in operand


def _none_of(value: Any, operand: Any) -> bool:
    return value not in operand


def _any_in(value: Any, operand: Any) -> bool:
    return not operand.isdisjoint(value)


def _all_in(value: Any, operand: Any) -> bool:
    return bool(operand <= set(value))


_ANY_TYPE = {"is": operator.eq, "is_not": operator.ne, "in": _one_of, "not_in": _none_of}
_NUMBERS = {
    "more_than": calendar.more_than,
    "at_least": calendar.at_least,
    "less_than": operator.lt,
    "at_most": operator.le,
}
_DAYS = {"before": operator.lt, "after": operator.gt, "on_or_before": operator.le, "on_or_after": operator.ge}
_LISTS = {"includes": _any_in, "includes_all": _all_in}

_OPERATORS: dict[FactType, dict[str, Callable[[Any, Any], bool]]] = {
    FactType.BOOL: {"is": operator.eq, "is_not": operator.ne},
    FactType.CHOICE: dict(_ANY_TYPE),
    FactType.TEXT: dict(_ANY_TYPE),
    FactType.NUMBER: _ANY_TYPE | _NUMBERS,
    FactType.DATE: {"is": operator.eq, "is_not": operator.ne} | _DAYS,
    FactType.LIST: dict(_LISTS),
}

ALWAYS = Always()


class Words:
    """What conditions may name: facts, evidence kinds and predicates. Compiles conditions and notes what is wrong."""

    def __init__(
        self, facts: Mapping[str, FactSpec], predicates: Mapping[str, Predicate], kinds: Iterable[str], problems: Problems
    ) -> None:
        self.facts = facts
        self.predicates = predicates
        self.kinds = frozenset(KINDS) | frozenset(kinds)
        self.problems = problems
        self.named: dict[str, Condition] = {}
        self.used: set[str] = set()

    def condition(self, value: Any, line: int) -> Condition:
        """Compile a condition; what cannot be read is noted in ``problems`` and stands for an unknown nobody can supply."""
        if isinstance(value, Listing):
            return self._many(value, decides=False)
        if not isinstance(value, Section) or not value:
            self.problems.add(line, "A condition is a mapping, such as {placement.contact: routine} or {all: [...]}.")
            return ALWAYS
        parts = [self._one(key, item, value.line_of(key)) for key, item in value.items()]
        return parts[0] if len(parts) == 1 else _Joined(parts, decides=False)

    def _many(self, value: Any, decides: bool) -> Condition:
        return _Joined((self.condition(item, line) for item, line in zip(value, value.lines, strict=True)), decides=decides)

    def _one(self, key: str, value: Any, line: int) -> Condition:
        match key:
            case "all" | "any":
                if isinstance(value, Listing) and value:
                    return self._many(value, decides=key == "any")
                self.problems.add(line, f"'{key}' takes a list of conditions.")
                return ALWAYS
            case "not":
                return _Not(self.condition(value, line))
            case "holds":
                self.kind(value, line)
                return _Holds(str(value))
            case "condition":
                self.used.add(str(value))
                if value not in self.named:
                    self.problems.add(line, f"There is no condition '{value}' above. {meant(str(value), self.named)}")
                return self.named.get(str(value), ALWAYS)
            case "predicate":
                return self._predicate(value, line)
            case "day":
                return self._day(value, line)
            case _:
                return self._fact(key, value, line)

    def kind(self, value: Any, line: int) -> str:
        """Check the name of an evidence kind."""
        if value not in self.kinds:
            self.problems.add(line, f"There is no evidence kind '{value}'. {meant(str(value), sorted(self.kinds))}")
        return str(value)

    def fact(self, name: Any, line: int) -> FactSpec | None:
        """Check the name of a fact."""
        spec = self.facts.get(name) if isinstance(name, str) else None
        if spec is None:
            self.problems.add(
                line, f"There is no fact '{name}'. {meant(str(name), self.facts)} Packs declare new ones under 'facts'."
            )
        return spec

    def _predicate(self, value: Any, line: int) -> Condition:
        predicate = self.predicates.get(value) if isinstance(value, str) else None
        if predicate is None:
            self.problems.add(line, f"There is no predicate '{value}'. {meant(str(value), sorted(self.predicates))}")
            return ALWAYS
        return _Named(value, predicate)

    def _day(self, value: Any, line: int) -> Condition:
        if not isinstance(value, Section) or not value:
            self.problems.add(line, "'day' takes a comparison, such as {on_or_after: 2026-01-01}.")
            return ALWAYS
        parts: list[Condition] = []
        for word, operand in value.items():
            compare = _DAYS.get(word)
            if compare is None:
                self.problems.add(value.line_of(word), f"'{word}' does not compare days. {meant(word, _DAYS)}")
                continue
            plain, other = self._date(operand, value.line_of(word))
            parts.append(_Day(compare, plain, other))
        return _Joined(parts, decides=False)

    def _date(self, operand: Any, line: int) -> tuple[date | None, str]:
        if isinstance(operand, date):
            return operand, ""
        spec = self.fact(operand, line)
        if spec is not None and spec.type is not FactType.DATE:
            self.problems.add(line, f"'{operand}' is not a date; compare with a day (2026-01-01) or a date fact.")
        return None, str(operand)

    def _fact(self, name: str, value: Any, line: int) -> Condition:
        spec = self.fact(name, line)
        if spec is None:
            return ALWAYS
        if not isinstance(value, Section):
            word = "includes" if spec.type is FactType.LIST else "in" if isinstance(value, Listing) else "is"
            return self._comparison(spec, word, value, line)
        if not value:
            self.problems.add(line, f"'{name}' needs a value or a comparison.")
        parts = [self._comparison(spec, word, operand, value.line_of(word)) for word, operand in value.items()]
        return parts[0] if len(parts) == 1 else _Joined(parts, decides=False)

    def _comparison(self, spec: FactSpec, word: str, operand: Any, line: int) -> Condition:
        known = _OPERATORS[spec.type]
        compare = known.get(word)
        if compare is None:
            self.problems.add(line, f"'{word}' does not fit {spec.name}, which is a {spec.type}. {meant(word, known)}")
            return ALWAYS
        if spec.type is FactType.DATE:
            plain, other = self._date(operand, line)
            return _Compared(spec.name, compare, plain, other)
        many = word in {"in", "not_in", "includes", "includes_all"}
        items = list(operand) if isinstance(operand, list) else [operand]
        for item in items:
            self._fits(spec, item, line)
        if not many and isinstance(operand, list):
            self.problems.add(line, f"'{word}' takes one value; use 'in' for a list.")
            return ALWAYS
        return _Compared(spec.name, compare, frozenset(items) if many else operand)

    def _fits(self, spec: FactSpec, item: Any, line: int) -> None:
        if not (isinstance(item, str) if spec.type is FactType.LIST else spec.fits(item)):
            self.problems.add(line, f"{spec.name} is a {spec.type}; '{item}' is not one.")
        elif spec.choices and item not in spec.choices:
            self.problems.add(line, f"{spec.name} is never '{item}'. {meant(str(item), spec.choices)}")
