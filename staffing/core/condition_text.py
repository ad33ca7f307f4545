"""Conditions in words: what a rule asks, with the labels of facts and of their choices instead of names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from staffing.core import reasons
from staffing.core.conditions import Always, Compared, Condition, Day, Holds, Joined, Named, Not
from staffing.core.facts import FactSpec, FactType

_COMPARISONS = {
    "more_than": "more than",
    "at_least": "at least",
    "less_than": "less than",
    "at_most": "at most",
    "before": "before",
    "after": "after",
    "on_or_before": "on or before",
    "on_or_after": "on or after",
}
_NEGATIVE = frozenset({"is_not", "not_in"})


def said(condition: Condition, specs: Mapping[str, FactSpec]) -> str:
    """A condition in words. Parts that are joined stand in brackets where the reader could lose count."""
    match condition:
        case Always():
            return "always"
        case Joined():
            if len(condition.parts) == 1:
                return said(condition.parts[0], specs)
            word = " or " if condition.decides else " and "
            return word.join(_bracketed(part, specs) for part in condition.parts)
        case Not():
            return f"not ({said(condition.part, specs)})"
        case Compared():
            return _compared(condition, specs)
        case Day():
            against = _label(condition.other, specs) if condition.other else _value(condition.operand, None)
            return f"the day is {_COMPARISONS.get(condition.word, condition.word)} {against}"
        case Holds():
            return f"{reasons.about(condition.kind)} is on record"
        case Named():
            return f"{condition.name} says so"
        case _:
            return "a condition"


def _bracketed(part: Condition, specs: Mapping[str, FactSpec]) -> str:
    while isinstance(part, Joined) and len(part.parts) == 1:
        part = part.parts[0]
    words = said(part, specs)
    return f"({words})" if isinstance(part, Joined) and len(part.parts) > 1 else words


def _compared(condition: Compared, specs: Mapping[str, FactSpec]) -> str:
    spec = specs.get(condition.name)
    label = _label(condition.name, specs)
    negative = condition.word in _NEGATIVE
    if spec is not None and spec.type is FactType.BOOL:
        return f"{label}: {'yes' if condition.operand is not negative else 'no'}"
    if condition.word in _COMPARISONS:
        against = _label(condition.other, specs) if condition.other else _value(condition.operand, spec)
        return f"{label} is {_COMPARISONS[condition.word]} {against}"
    values = sorted(condition.operand) if isinstance(condition.operand, frozenset) else [condition.operand]
    joined = (" and " if condition.word == "includes_all" else " or ").join(_value(value, spec) for value in values)
    return f"{label}: {'not ' if negative else ''}{joined}"


def _label(name: str, specs: Mapping[str, FactSpec]) -> str:
    spec = specs.get(name)
    return (spec.label if spec else "") or name


def _value(value: Any, spec: FactSpec | None) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if spec is not None and isinstance(value, str):
        return spec.choices.get(value, value.replace("_", " "))
    return str(value)
