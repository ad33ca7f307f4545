"""Facts worked out from other facts: age, years of residence, the role, whether there is care, hours from the schedule.

Each is a function of the view of a case; it answers None when what it needs is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from staffing.core import calendar
from staffing.core.service_facts import SERVICE

if TYPE_CHECKING:
    from staffing.core.facts import CaseView


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
        "driving_children",
    ]
)
OTHER_DUTIES = frozenset(
    [
        "guest_speaker",
        "guest_reader",
        "clerical",
        "event_help",
        "translation",
        "parent_involvement",
        "food_service",
        "set_up",
        "money_handling",
    ]
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
    stated = _stated_hours(view, "month")
    if stated is None and (week := _stated_hours(view, "week")) is not None:
        stated = week * 5  # a calendar month can hold the same weekday five times; a weekly promise is counted at its most
    return _most((stated, _scheduled(view, lambda on: (on.year, on.month))))


def _hours_year(view: CaseView) -> float | None:
    stated = _stated_hours(view, "year")
    if stated is None and (week := _stated_hours(view, "week")) is not None:
        stated = week * (_stated_hours(view, "weeks") or 52)
    if stated is None and (month := _stated_hours(view, "month")) is not None:
        stated = month * 12
    return _most((stated, _scheduled(view, lambda on: on.year)))


def _starts_on(view: CaseView) -> date | None:
    return min((session.on for session in view.case.sessions), default=None)


#: How each derived fact is worked out when a case does not state it.
DERIVED: dict[str, Callable[[CaseView], Any]] = {
    "person.age": _age,
    "person.years_resident": _years_resident,
    "person.resident": _resident,
    "placement.starts_on": _starts_on,
    "placement.role": _role,
    "placement.gives_care": _gives_care,
    "placement.hours_week": _hours_week,
    "placement.hours_month": _hours_month,
    "placement.hours_year": _hours_year,
    **SERVICE,
}
