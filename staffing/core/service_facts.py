"""Facts counted from days of service: the ledger of days worked, the sessions planned, and the day decided for itself.

The ledger is ``context.service_ledger``: the days one person served, as ``[{on: 2026-09-01, teacher: T1, hours: 3}]``
(``docs/packs.md``). A count up to a day includes that day: somebody decided for their twenty-first day has twenty-one days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from staffing.core import calendar

if TYPE_CHECKING:
    from staffing.core.facts import CaseView

_DAY = timedelta(days=1)


def ledger(view: CaseView) -> list[Mapping[str, Any]] | None:
    """The entries of the service ledger with their days as dates, or None when no ledger is handed in.

    An entry of another ``person`` (who served in the same position) is not the person's own; ``me`` and none are.
    """
    entries = view.case.context.get("service_ledger", view.case.context.get("ledger"))
    if entries is None:
        return None
    mine = (one for one in entries if isinstance(one, Mapping) and one.get("person") in {None, "", "me"})
    return [{**entry, "on": _day(entry)} for entry in mine if _day(entry) is not None]


def _day(entry: Mapping[str, Any]) -> date | None:
    found = entry.get("on", entry.get("date"))
    return date.fromisoformat(found) if isinstance(found, str) else found


def _served(view: CaseView, **same: object) -> set[date] | None:
    """Days served up to the day decided for, that day and earlier sessions included; None without a ledger or an answer."""
    entries = ledger(view)
    if entries is None or any(value is None for value in same.values()):
        return None
    days = {entry["on"] for entry in entries if all(entry.get(key) == value for key, value in same.items())}
    days.update(session.on for session in view.case.sessions)
    return {day for day in days if day <= view.on} | {view.on}


def _this_school_year(view: CaseView, days: set[date] | None) -> int | None:
    if days is None:
        return None
    first = calendar.school_year(view.on, view.get("context.school_year_starts_on"))[0]
    return sum(1 for day in days if first <= day)


def _days_school_year(view: CaseView) -> int | None:
    return _this_school_year(view, _served(view))


def _days_with_teacher(view: CaseView) -> int | None:
    return _this_school_year(view, _served(view, teacher=view.get("placement.teacher")))


def _days_in_position(view: CaseView) -> int | None:
    return _this_school_year(view, _served(view, position=_position(view)))


def _position(view: CaseView) -> object:
    return view.case.placement.get("position_id") or view.case.context.get("position_id")


def _closed(view: CaseView) -> frozenset[date]:
    days = view.case.context.get("closed_days") or ()
    return frozenset(date.fromisoformat(day) if isinstance(day, str) else day for day in days)


def _consecutive_days(view: CaseView) -> int | None:
    """School days in a row in this assignment, ending with the day decided for. Days without school do not break the row."""
    teacher, position = view.get("placement.teacher"), _position(view)
    days = _served(view, teacher=teacher) if teacher is not None else _served(view, position=position)
    if days is None:
        return None
    closed = _closed(view)
    first = min(days)
    count, day = 1, view.on - _DAY
    while day >= first:
        if day in days:
            count += 1
        elif calendar.counts(day, calendar.DayKind.SCHOOL, closed):
            break
        day -= _DAY
    return count


def _planned(view: CaseView, period: Callable[[date], object]) -> int | None:
    """The most days in any one period, in the ledger and the schedule together; None without either."""
    entries = ledger(view)
    days = {session.on for session in view.case.sessions}
    if entries is not None:
        days |= {entry["on"] for entry in entries if entry["on"] <= view.on} | {view.on}
    totals: dict[object, int] = {}
    for day in days:
        key = period(day)
        totals[key] = totals.get(key, 0) + 1
    return max(totals.values(), default=None)


def _stated(view: CaseView, unit: str) -> int | None:
    days = view.case.placement.get("days")
    value = days.get(unit) if isinstance(days, Mapping) else None
    return int(value) if value is not None else None


def _days_month(view: CaseView) -> int | None:
    stated = _stated(view, "month")
    if stated is None and (week := _stated(view, "week")) is not None:
        stated = min(31, week * 5)  # a calendar month can hold the same weekday five times
    return _most(stated, _planned(view, lambda on: (on.year, on.month)))


def _days_year(view: CaseView) -> int | None:
    stated = _stated(view, "year")
    if stated is None and (week := _stated(view, "week")) is not None:
        stated = min(366, week * 53)
    return _most(stated, _planned(view, lambda on: on.year))


def _most(*counts: int | None) -> int | None:
    return max((count for count in counts if count is not None), default=None)


def breaks(view: CaseView) -> Iterator[tuple[date, date | None]]:
    """Breaks in service: the last day before and the first day after (None: not back on the day decided for)."""
    separated = view.get("context.separated_on")
    if separated is not None:
        yield separated, view.get("context.returned_on")
    if days := sorted({entry["on"] for entry in ledger(view) or () if entry["on"] <= view.on}):
        yield from zip(days, [*days[1:], None], strict=True)


def ends_with_break(view: CaseView, issued: date, days: int) -> date | None:
    """The last day on which an item of ``issued`` counts, if a break of ``days`` days ends it; None if no break does.

    A break is counted from the last day of service, that day not counted, to the first day back.
    """
    ends: date | None = None
    for separated, returned in breaks(view):
        if issued > separated or (returned is not None and (returned - separated).days < days):
            continue
        last = separated + timedelta(days=days - 1)
        ends = last if ends is None else min(ends, last)
    return ends


def _students_present(view: CaseView) -> int | None:
    return max((s.students for s in view.case.sessions if s.on == view.on and s.students is not None), default=None)


def _adults_present(view: CaseView) -> int | None:
    return min((s.adults for s in view.case.sessions if s.on == view.on and s.adults is not None), default=None)


_GRADES = {"pk": -1, "prek": -1, "pre-k": -1, "tk": -1, "k": 0, "kindergarten": 0}


def _youngest_grade(view: CaseView) -> int | None:
    """The first grade of a band such as ``k-5``; pre-kindergarten is -1, kindergarten 0."""
    band = view.get("placement.grade_band")
    if band is None:
        return None
    text = str(band).strip().lower()
    first = text if text in _GRADES else text.split("-")[0].strip()
    if first in _GRADES:
        return _GRADES[first]
    return int(first) if first.isdigit() else None


def _youngest_age(view: CaseView) -> int | None:
    grade = view.get("placement.youngest_grade")
    return None if grade is None else grade + 5


def _hired_on(view: CaseView) -> Any:
    return view.get("placement.starts_on")


def _tomorrow_and_next_year(view: CaseView) -> Iterator[date]:
    yield view.on + _DAY
    yield calendar.school_year(view.on, view.get("context.school_year_starts_on"))[1] + _DAY


def _tomorrow(view: CaseView) -> Iterator[date]:
    yield view.on + _DAY


def _next_school_days(view: CaseView) -> Iterator[date]:
    closed = _closed(view)
    for days in (1, 2):
        day = calendar.add_days(view.on, days, calendar.DayKind.SCHOOL, closed)
        yield day
        yield day + _DAY


#: How each fact of this module is worked out when a case does not state it.
SERVICE: dict[str, Callable[[CaseView], Any]] = {
    "placement.days_month": _days_month,
    "placement.days_year": _days_year,
    "placement.days_school_year": _days_school_year,
    "placement.days_with_teacher": _days_with_teacher,
    "placement.days_in_position": _days_in_position,
    "placement.consecutive_days": _consecutive_days,
    "placement.youngest_grade": _youngest_grade,
    "placement.youngest_age": _youngest_age,
    "person.hired_on": _hired_on,
    "context.students_present": _students_present,
    "context.adults_present": _adults_present,
}

#: Facts that change as days go by, and the days ahead on which they may.
CHANGES: dict[str, Callable[[CaseView], Iterator[date]]] = {
    "placement.days_month": _tomorrow,
    "placement.days_year": _tomorrow,
    "placement.days_school_year": _tomorrow_and_next_year,
    "placement.days_with_teacher": _tomorrow_and_next_year,
    "placement.days_in_position": _tomorrow_and_next_year,
    "placement.consecutive_days": _next_school_days,
}
