"""Facts: what a rule may read about a person, a placement and a site. Each is a value or unknown, never silently false.

A fact's name is ``person.…``, ``placement.…`` or ``context.…``. ``STANDARD`` (in ``core/standard_facts.py``) lists the
facts every pack may read; a pack may declare more. Derived facts are worked out from others and are unknown when those are.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import msgspec

from staffing.core import calendar
from staffing.core.case import Case
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


# --- derived facts -----------------------------------------------------------------------------------------------


def _age(view: CaseView) -> int | None:
    born_on = view.get("person.born_on")
    return calendar.age_on(born_on, view.on) if born_on else None


def _years_resident(view: CaseView) -> int | None:
    since = view.get("person.resident_since")
    if since is None:
        return 0 if view.get("person.resident") is False else None
    return calendar.years_between(since, view.on)


def _resident(view: CaseView) -> bool | None:
    since = view.get("person.resident_since")
    return since <= view.on if since else None


_ROLES = {
    "volunteer": "volunteer",
    "contractor": "cbo_staff",
    "national_service": "national_service",
    "work_study": "work_study",
    "substitute": "substitute",
    "paraprofessional": "parapro",
    "student_teacher": "student_teacher",
}


def _role(view: CaseView) -> str | None:
    engagement = view.get("placement.engagement")
    if engagement == "employee":
        return {"district": "paid_tutor_district", "partner": "cbo_staff"}.get(view.get("placement.employer"))
    return _ROLES.get(engagement)


#: Duties that are care, supervision, guidance or control of children by their nature, and duties that are not.
CARING_DUTIES = frozenset(
    [
        "reading_tutoring",
        "math_tutoring",
        "tutoring",
        "homework_help",
        "mentoring",
        "one_to_one_mentoring",
        "coaching",
        "small_group_instruction",
        "classroom_support",
        "supervision",
        "recess_supervision",
        "meal_supervision",
        "field_trip_chaperone",
        "activity_supervision",
        "special_education_support",
        "substitute_teaching",
        "classroom_monitoring",
        "child_care",
        "personal_care",
    ]
)
OTHER_DUTIES = frozenset(
    ["guest_speaker", "guest_reader", "clerical", "event_help", "translation", "parent_involvement", "food_service", "set_up"]
)


def _gives_care(view: CaseView) -> bool | None:
    duties = view.get("placement.duties")
    if not duties:
        return None
    if any(duty in CARING_DUTIES for duty in duties):
        return True
    return False if all(duty in OTHER_DUTIES for duty in duties) else None


def _stated_hours(view: CaseView, unit: str) -> float | None:
    hours = view.case.placement.get("hours")
    value = hours.get(unit) if isinstance(hours, Mapping) else None
    return float(value) if value is not None else None


def _scheduled(view: CaseView, period: Callable[[date], object]) -> float | None:
    """The most hours in any one period of the schedule; None without a schedule or with a session of unknown length."""
    totals: dict[object, float] = {}
    for session in view.case.sessions:
        if session.hours is None:
            return None
        key = period(session.on)
        totals[key] = totals.get(key, 0.0) + session.hours
    return max(totals.values(), default=None)


def _most(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _hours_week(view: CaseView) -> float | None:
    return _most((_stated_hours(view, "week"), _scheduled(view, lambda on: on.isocalendar()[:2])))


def _hours_month(view: CaseView) -> float | None:
    # A calendar month can hold the same weekday five times; a weekly promise is counted at its most.
    week = _stated_hours(view, "week")
    return _most(
        (
            _stated_hours(view, "month") or (week * 5 if week is not None else None),
            _scheduled(view, lambda on: (on.year, on.month)),
        )
    )


def _hours_year(view: CaseView) -> float | None:
    stated = _stated_hours(view, "year")
    if stated is None and (week := _stated_hours(view, "week")) is not None:
        stated = week * (_stated_hours(view, "weeks") or 52)
    if stated is None and (month := _stated_hours(view, "month")) is not None:
        stated = month * 12
    return _most((stated, _scheduled(view, lambda on: on.year)))


#: How each derived fact is worked out when a case does not state it.
DERIVED: dict[str, Callable[[CaseView], Any]] = {
    "person.age": _age,
    "person.years_resident": _years_resident,
    "person.resident": _resident,
    "placement.role": _role,
    "placement.gives_care": _gives_care,
    "placement.hours_week": _hours_week,
    "placement.hours_month": _hours_month,
    "placement.hours_year": _hours_year,
}


def derived(name: str, view: CaseView) -> Any:
    """What a fact is worked out to be, whatever the case states; None when it is not a derived one or cannot be told."""
    derive = DERIVED.get(name)
    return derive(view) if derive else None
