"""Facts: what a rule may read about a person, a placement and a site. Each is a value or unknown, never silently false.

A fact's name is ``person.…``, ``placement.…`` or ``context.…``. ``STANDARD`` (in ``core/standard_facts.py``) lists the
facts every pack may read; a pack may declare more. Derived facts are worked out from others and are unknown when those are.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import msgspec

from staffing.core.case import Case
from staffing.core.derived_facts import DERIVED
from staffing.core.evidence import Evidence
from staffing.core.findings import FactUsed


class FactType(enum.StrEnum):
    """What kind of value a fact has."""

    DATE = "date"
    BOOL = "bool"
    CHOICE = "choice"
    NUMBER = "number"
    LIST = "list"
    TEXT = "text"


class AskedOf(enum.StrEnum):
    """Who can supply a fact. ``schedule`` means the sessions themselves."""

    PERSON = "person"
    DISTRICT = "district"
    PARTNER = "partner"
    SITE = "site"
    SCHEDULE = "schedule"


class FactSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A fact: its name and type, the question that asks for it, and who is asked.

    ``choices`` maps each value to its label; for a list they are the usual words and others are allowed. ``aliases`` maps
    other spellings to a value. ``default`` is used when nobody has answered, with the source "assumed"; most facts have
    none. ``bases`` names the facts a derived one is worked out from: those are asked, not it.
    """

    name: str
    type: FactType
    question: str
    label: str = ""
    hint: str = ""
    choices: dict[str, str] = {}
    aliases: dict[str, str] = {}
    asked_of: AskedOf = AskedOf.DISTRICT
    default: Any = None
    bases: tuple[str, ...] = ()
    declared_by: str = ""

    @property
    def group(self) -> str:
        """``person``, ``placement`` or ``context``."""
        return self.name.partition(".")[0]

    @property
    def key(self) -> str:
        """The name without its group, as written in a scenario file."""
        return self.name.partition(".")[2]

    def fits(self, value: object) -> bool:
        """Whether a value is of this fact's type (choices are not looked at)."""
        number = isinstance(value, int | float) and not isinstance(value, bool)
        match self.type:
            case FactType.DATE:
                return isinstance(value, date)
            case FactType.BOOL:
                return isinstance(value, bool)
            case FactType.NUMBER:
                return number
            case FactType.LIST:
                return isinstance(value, str) or (isinstance(value, list | tuple) and all(isinstance(v, str) for v in value))
            case FactType.TEXT:
                return isinstance(value, str) or number
            case _:
                return isinstance(value, str)


class CaseView:
    """A case on one day, as conditions see it: every fact by its name, None when unknown.

    Values are read once and kept; ``seen`` holds every fact read so far. A view is made for one day and thrown away.
    """

    __slots__ = ("_kinds", "_sources", "_used", "case", "on", "seen", "specs")

    def __init__(self, case: Case, on: date, specs: Mapping[str, FactSpec]) -> None:
        self.case = case
        self.on = on
        self.specs = specs
        self.seen: dict[str, Any] = {}
        self._sources: dict[str, str] = {}
        self._used: dict[str, FactUsed] = {}
        self._kinds: dict[str, list[Evidence]] | None = None

    def get(self, name: str) -> Any:
        """The value of a fact, or None when it is unknown (or no such fact is declared)."""
        seen = self.seen
        if name in seen:
            return seen[name]
        value = seen[name] = self._find(name)
        return value

    def _find(self, name: str) -> Any:
        spec = self.specs.get(name)
        if spec is None:
            return None
        value = given(self.case, spec)
        source = spec.asked_of.value
        if value is None and (derive := DERIVED.get(name)):
            value = derive(self)
            source = "derived"
        if value is None:
            value = spec.default
            source = "unknown" if value is None else "assumed"
        self._sources[name] = source
        return value

    def source(self, name: str) -> str:
        """Where a fact's value came from, in a word: who stated it, ``derived``, ``assumed`` or ``unknown``."""
        self.get(name)
        return self._sources.get(name, "unknown")

    def used(self, name: str) -> FactUsed:
        """The fact as a finding reports it."""
        used = self._used.get(name)
        if used is None:
            used = self._used[name] = FactUsed(name, self.get(name), self.source(name))
        return used

    def evidence(self, kind: str) -> list[Evidence]:
        """All evidence of one kind, as handed in."""
        if self._kinds is None:
            self._kinds = {}
            for item in self.case.evidence:
                self._kinds.setdefault(item.kind, []).append(item)
        return self._kinds.get(kind, [])

    def another_day(self, on: date) -> CaseView:
        """The same case on another day."""
        return CaseView(self.case, on, self.specs)

    @property
    def start(self) -> date:
        """First day of service: the stated one, or the day decided for where none is stated yet."""
        return self.get("placement.starts_on") or self.on

    def unknown_bases(self, name: str) -> tuple[str, ...]:
        """The facts somebody must supply for an unknown fact to become known."""
        spec = self.specs.get(name)
        if spec is None or not spec.bases:
            return (name,)
        missing = tuple(base for fact in spec.bases if self.get(fact) is None for base in self.unknown_bases(fact))
        return missing or (name,)


#: A named rule in a plugin that data cannot express: true, false, or None for unknown. Must be pure.
Predicate = Callable[[CaseView, date], bool | None]


def given(case: Case, spec: FactSpec) -> Any:
    """The value a case states for a fact, in the fact's own type, or None.

    Days may be written as ISO text and lists as a single word, as they come out of a database column.
    """
    group, _, key = spec.name.partition(".")
    held: Mapping[str, Any] = case.placement if group == "placement" else case.person if group == "person" else case.context
    value = held.get(key)
    if value is None:
        return None
    kind = spec.type
    if kind is FactType.DATE:
        return date.fromisoformat(value) if isinstance(value, str) else value
    if kind is FactType.CHOICE:
        return spec.aliases.get(value, value)
    if kind is FactType.LIST:
        items = [value] if isinstance(value, str) else value
        return tuple(spec.aliases.get(item, item) for item in items) if spec.aliases else tuple(items)
    return value


def derived(name: str, view: CaseView) -> Any:
    """What a fact is worked out to be, whatever the case states; None when it is not a derived one or cannot be told."""
    derive = DERIVED.get(name)
    return derive(view) if derive else None
