"""Whether a clause is about this placement on this day: yes, no, or not known."""

from __future__ import annotations

from datetime import time

from .answers import Unknown
from .clause import Clause, Scope, Window
from .facts import Facts


def applies(clause: Clause, facts: Facts) -> bool:
    """Whether the clause is about the case. What is certainly outside is out even if something else is unknown.

    Raises ``Unknown`` naming the facts that would tell.
    """
    missing: list[str] = []
    for told in _parts(clause.scope, facts):
        if told is False:
            return False
        if isinstance(told, str):
            missing.append(told)
    if missing:
        raise Unknown(*missing)
    return True


def _parts(scope: Scope, facts: Facts) -> list[bool | str]:
    """One answer for each part of the scope that is set: true, false, or the name of the fact that would tell."""
    return [
        *(_one_of(scope.roles, facts.role, "role") if scope.roles else ()),
        *(_at(scope.sites, facts) if scope.sites else ()),
        *(_any_of(scope.duties, facts, "duties") if scope.duties else ()),
        *(_any_of(scope.funding, facts, "funding") if scope.funding and "any" not in scope.funding else ()),
        *(_settings(scope, facts) if scope.setting else ()),
        *(_units(scope, facts) if scope.units else ()),
        *(_window(scope.window, facts) if scope.window else ()),
    ]


def _one_of(wanted: tuple[str, ...], value: str | None, name: str) -> list[bool | str]:
    return [name] if value is None else [value in wanted]


def _at(wanted: tuple[str, ...], facts: Facts) -> list[bool | str]:
    words = facts.site_words
    return [not words.isdisjoint(wanted)] if words else ["site"]


def _any_of(wanted: tuple[str, ...], facts: Facts, name: str) -> list[bool | str]:
    if facts.get(name) is None:
        return [name]
    return [not facts.words(name).isdisjoint(wanted)]


#: Settings of the note that say the same as one of the product's facts.
_SETTINGS = {"hub": "off_campus"}


def _settings(scope: Scope, facts: Facts) -> list[bool | str]:
    setting = facts.get("setting")
    if setting is None:
        return ["setting"]
    wanted = {_SETTINGS.get(one, one) for one in scope.setting}
    hours = wanted & {"school_day", "out_of_school"}
    if setting in wanted:
        return [True]
    if not hours:
        return [False]
    when = facts.get("school_time")
    return ["school_time"] if when is None else [when in hours]


def _units(scope: Scope, facts: Facts) -> list[bool | str]:
    """By the position's unit, else by the units whose work its duties are (R11): never by a person's membership."""
    unit = facts.get("unit_id")
    if unit is not None:
        return [unit in scope.units]
    known = facts.get("duty_to_unit_map")
    if known is None:
        return ["duty_to_unit_map"]
    units = {one for duty in facts.words("duties") for one in _listed(known.get(duty))}
    return [not units.isdisjoint(scope.units)]


def _listed(value: object) -> list[str]:
    return [value] if isinstance(value, str) else [str(one) for one in value] if isinstance(value, list | tuple) else []


def _window(window: Window, facts: Facts) -> list[bool | str]:
    on = facts.on
    if (window.since and on < window.since) or (window.until and on > window.until):
        return [False]
    if window.weekdays and on.weekday() not in window.weekdays:
        return [False]
    if not window.times:
        return [True]
    session = facts.get("session_time")
    if session is None:
        return ["session_time"]
    first, last = span(str(session))
    return [any(first < until and since < last for since, until in window.times)]


def span(text: str) -> tuple[time, time]:
    """The times of ``15:00-17:30``. Raises ``Unknown`` for anything else: it does not tell when."""
    first, _, last = text.partition("-")
    try:
        return time.fromisoformat(first.strip()), time.fromisoformat(last.strip())
    except ValueError:
        raise Unknown("session_time") from None
