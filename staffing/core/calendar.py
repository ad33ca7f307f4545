"""Days and months as the rules count them. Written once; every module that counts, counts here.

The conventions (``docs/packs.md`` repeats them for pack authors):

* An item good for N months is good **through** the same-numbered day N months later, and fails the day after. Where
  that month has no such day, through its last day. There is no rolling forward over weekends or holidays.
* "Within N days of X" **includes** the Nth day. The day of X itself is not counted.
* "More than N" **excludes** N; "at least N" includes it.
* A person reaches an age on the birthday. Born on 29 February: on 28 February in other years, the last day of the month.
* Day counts name their kind: ``calendar`` (every day), ``work`` (Monday to Friday less the closed days handed in), ``school``
  (the same less the days without school). There is no default kind.
"""

from __future__ import annotations

import calendar as _months
import enum
from collections.abc import Collection
from datetime import date, timedelta

#: Where nobody has told us the district's first day of school, the school year is taken to start on 1 July.
SCHOOL_YEAR_STARTS = (7, 1)

_SATURDAY = 5


class DayKind(enum.StrEnum):
    """Which days are counted."""

    CALENDAR = "calendar"
    WORK = "work"
    SCHOOL = "school"


def add_months(day: date, months: int) -> date:
    """The same-numbered day ``months`` later (or earlier), or the last day of that month if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    if day.day <= 28:  # every month has it
        return date(year, month, day.day)
    return date(year, month, min(day.day, _months.monthrange(year, month)[1]))


def good_through(issued_on: date, months: int) -> date:
    """The last day on which an item issued on a day is good, if it is good for ``months`` months."""
    return add_months(issued_on, months)


def add_years(day: date, years: int) -> date:
    """The anniversary; for 29 February in a common year, 28 February."""
    return add_months(day, 12 * years)


def years_between(first: date, last: date) -> int:
    """Whole years from one day to another; negative if ``last`` comes first."""
    years = last.year - first.year
    return years if add_years(first, years) <= last else years - 1


def age_on(born_on: date, day: date) -> int:
    """Age in whole years on a day; reached on the birthday."""
    return years_between(born_on, day)


def birthday(born_on: date, age: int) -> date:
    """The day on which a person reaches an age."""
    return add_years(born_on, age)


def last_day_of_years(day: date, years: int, starting: tuple[int, int]) -> date:
    """The last day of ``years`` years that begin on a month and day of the calendar, the one ``day`` falls in being the first."""
    following = school_year(day, date(2000, *starting))[1] + timedelta(days=1)
    return add_years(date(2000, *starting), following.year + years - 1 - 2000) - timedelta(days=1)


def within_days(day: date, since: date, days: int) -> bool:
    """Whether ``day`` falls in the ``days`` calendar days after ``since``, the last one included (``since`` itself too)."""
    return since <= day <= since + timedelta(days=days)


def within_days_before(day: date, event: date, days: int) -> bool:
    """Whether ``day`` is at most ``days`` calendar days before an event, the first one included."""
    return event - timedelta(days=days) <= day <= event


def more_than(amount: float, limit: float) -> bool:
    """Whether an amount exceeds a limit; exactly the limit does not."""
    return amount > limit


def at_least(amount: float, limit: float) -> bool:
    """Whether an amount reaches a limit; exactly the limit does."""
    return amount >= limit


def counts(day: date, kind: DayKind, closed: Collection[date] = ()) -> bool:
    """Whether a day is one of a kind. ``closed`` are the employer's closed days (work) or days without school (school)."""
    return kind is DayKind.CALENDAR or (day.weekday() < _SATURDAY and day not in closed)


def add_days(day: date, days: int, kind: DayKind, closed: Collection[date] = ()) -> date:
    """The last day of a period of ``days`` counted days after ``day``; the starting day is not counted.

    Raises ``ValueError`` for a negative count.
    """
    if days < 0:
        raise ValueError(f"A period of {days} days cannot be counted.")
    if kind is DayKind.CALENDAR:
        return day + timedelta(days=days)
    while days:
        day += timedelta(days=1)
        days -= counts(day, kind, closed)
    return day


def school_year(day: date, starts_on: date | None = None) -> tuple[date, date]:
    """First and last day of the school year a day falls in.

    ``starts_on`` is a known first day of school of that district; other years are taken to start on the same-numbered
    day. Without one, ``SCHOOL_YEAR_STARTS`` is used. A year lasts until the day before the next one starts.
    """
    month, number = (starts_on.month, starts_on.day) if starts_on else SCHOOL_YEAR_STARTS
    this, before = (add_years(date(2000, month, number), year - 2000) for year in (day.year, day.year - 1))
    first = this if this <= day else before
    return first, add_years(date(2000, month, number), first.year + 1 - 2000) - timedelta(days=1)
