"""The condition language of packs: what a condition may say, and how it is compiled. There is no ``eval``.

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

Several keys in one mapping mean all of them. There is no Python in a pack.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from staffing.core.conditions import ALWAYS, NUMBERS, Compared, Condition, Day, Holds, Joined, Named, Not
from staffing.core.evidence import KINDS
from staffing.core.facts import FactSpec, FactType, Predicate
from staffing.core.sources import Listing, Problems, Section, meant


def _one_of(value: Any, operand: Any) -> bool:
    return value in operand


def _none_of(value: Any, operand: Any) -> bool:
    return value not in operand


def _any_in(value: Any, operand: Any) -> bool:
    return not operand.isdisjoint(value)


def _all_in(value: Any, operand: Any) -> bool:
    return bool(operand <= set(value))


_ANY_TYPE = {"is": operator.eq, "is_not": operator.ne, "in": _one_of, "not_in": _none_of}
_DAYS = {"before": operator.lt, "after": operator.gt, "on_or_before": operator.le, "on_or_after": operator.ge}
_LISTS = {"includes": _any_in, "includes_all": _all_in}

_OPERATORS: dict[FactType, dict[str, Callable[[Any, Any], bool]]] = {
    FactType.BOOL: {"is": operator.eq, "is_not": operator.ne},
    FactType.CHOICE: dict(_ANY_TYPE),
    FactType.TEXT: dict(_ANY_TYPE),
    FactType.NUMBER: _ANY_TYPE | NUMBERS,
    FactType.DATE: {"is": operator.eq, "is_not": operator.ne} | _DAYS,
    FactType.LIST: dict(_LISTS),
}


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
        self.listed: dict[str, str] = {}
        self.used: set[str] = set()

    def condition(self, value: Any, line: int) -> Condition:
        """Compile a condition; what cannot be read is noted in ``problems`` and stands for an unknown nobody can supply."""
        if isinstance(value, Listing):
            return self._many(value, decides=False)
        if not isinstance(value, Section) or not value:
            self.problems.add(line, "A condition is a mapping, such as {placement.contact: routine} or {all: [...]}.")
            return ALWAYS
        parts = [self._one(key, item, value.line_of(key)) for key, item in value.items()]
        return parts[0] if len(parts) == 1 else Joined(parts, decides=False)

    def _many(self, value: Any, decides: bool) -> Condition:
        return Joined((self.condition(item, line) for item, line in zip(value, value.lines, strict=True)), decides=decides)

    def _one(self, key: str, value: Any, line: int) -> Condition:
        match key:
            case "all" | "any":
                if isinstance(value, Listing) and value:
                    return self._many(value, decides=key == "any")
                self.problems.add(line, f"'{key}' takes a list of conditions.")
                return ALWAYS
            case "not":
                return Not(self.condition(value, line))
            case "holds":
                self.kind(value, line)
                return Holds(str(value))
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
        if value not in self.listed:
            self.problems.add(line, f"The predicate '{value}' must be listed under 'predicates', with what it says in words.")
        self.used.add(value)
        return Named(value, predicate)

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
            parts.append(Day(compare, plain, other, word))
        return Joined(parts, decides=False)

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
        return parts[0] if len(parts) == 1 else Joined(parts, decides=False)

    def _comparison(self, spec: FactSpec, word: str, operand: Any, line: int) -> Condition:
        known = _OPERATORS[spec.type]
        compare = known.get(word)
        if compare is None:
            self.problems.add(line, f"'{word}' does not fit {spec.name}, which is a {spec.type}. {meant(word, known)}")
            return ALWAYS
        if spec.type is FactType.DATE:
            plain, other = self._date(operand, line)
            return Compared(spec.name, compare, plain, other, word)
        many = word in {"in", "not_in", "includes", "includes_all"}
        items = list(operand) if isinstance(operand, list) else [operand]
        for item in items:
            self._fits(spec, item, line)
        if not many and isinstance(operand, list):
            self.problems.add(line, f"'{word}' takes one value; use 'in' for a list.")
            return ALWAYS
        return Compared(spec.name, compare, frozenset(items) if many else operand, word=word)

    def _fits(self, spec: FactSpec, item: Any, line: int) -> None:
        if not (isinstance(item, str) if spec.type is FactType.LIST else spec.fits(item)):
            self.problems.add(line, f"{spec.name} is a {spec.type}; '{item}' is not one.")
        elif spec.choices and item not in spec.choices:
            self.problems.add(line, f"{spec.name} is never '{item}'. {meant(str(item), spec.choices)}")
