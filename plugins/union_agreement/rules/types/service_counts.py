"""Counting service for a cap: in days, calendar days, hours, quarters or minutes, in a year of one kind or another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from fractions import Fraction

import msgspec

from staffing.api import calendar

from .. import ledger
from ..agreement import as_day
from ..answers import Unknown
from ..clause import Clause
from ..exact import fraction, whole
from ..facts import Facts

_DAY = timedelta(days=1)
_FISCAL = date(2000, 7, 1)
_HOURS_OF_A_DAY = 24


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How much service there is, the day decided for included: at least ``least``, at most ``most`` (None: not told).

    ``over`` is whether it is certainly past the limit; ``without_today`` whether today's hours are not in it, because nobody told
    them. ``full_on`` is the earliest day on which the limit can be passed if the person serves every day, ``fresh_on`` the first
    later day within the limit again. ``passed_before`` is the day on which service that took place went past it.
    """

    least: Fraction
    most: Fraction | None
    over: bool
    without_today: bool = False
    lacking: tuple[str, ...] = ("service_ledger",)
    full_on: date | None = None
    fresh_on: date | None = None
    passed_before: date | None = None
    people: int = 1


def count(  # noqa: PLR0917 - what is counted, in which unit and time, for whom
    basis: str, unit: str, per: str | None, limit: Fraction, facts: Facts, clause: Clause
) -> Count:
    """Count on a basis. Raises ``Unknown`` for what has to be told first."""
    if unit == "minute_per_week":
        return _minutes(limit, facts)
    if facts.get("service_ledger") is None and facts.get("ledger") is None:
        return _stated(basis, unit, per, limit, facts)
    found = ledger.rows(basis, facts, clause, hours=unit == "hour")
    if unit == "hour":
        return _hours(found, per or "", limit, facts)
    return _days(found, unit, per or "", limit, facts)


def first_of(per: str, facts: Facts) -> Callable[[date], date]:
    """The first day of the period a day falls in."""
    if per == "calendar_year":
        return lambda day: date(day.year, 1, 1)
    if per == "rolling_12m":
        return lambda day: calendar.add_months(day, -12) + _DAY
    starts = _FISCAL if per == "fiscal_year" else as_day(facts.get("school_year_starts_on"))
    return lambda day: calendar.school_year(day, starts)[0]


def _next_period(per: str, facts: Facts) -> date | None:
    """The first day of the next period; None where periods roll on."""
    if per == "rolling_12m":
        return None
    if per == "calendar_year":
        return date(facts.on.year + 1, 1, 1)
    starts = _FISCAL if per == "fiscal_year" else as_day(facts.get("school_year_starts_on"))
    return calendar.school_year(facts.on, starts)[1] + _DAY


def _measure(days: Iterable[date], unit: str) -> int:
    """Days as they are; calendar days from the first to the last, those between included; or the quarters they fall in."""
    held = set(days)
    if unit == "work_day" or not held:
        return len(held)
    if unit == "calendar_quarter":
        return len({(day.year, (day.month - 1) // 3) for day in held})
    return (max(held) - min(held)).days + 1


def _days(found: list[ledger.Row], unit: str, per: str, limit: Fraction, facts: Facts) -> Count:
    first = first_of(per, facts)
    since = first(facts.on)
    sure, perhaps = ledger.days(found, since, facts.on)
    least, most = Fraction(_measure(sure, unit)), Fraction(_measure(perhaps, unit))
    return Count(
        least=least,
        most=most,
        over=least > limit,
        full_on=None if least > limit else _full_on(facts.on, unit, limit, most),
        fresh_on=_fresh_on(found, unit, per, limit, facts) if least > limit else None,
        passed_before=_passed(found, unit, limit, first, facts.on),
        people=len({row.person for row in found if row.on >= since and row.certain}),
    )


def _full_on(on: date, unit: str, limit: Fraction, count: Fraction) -> date | None:
    if count > limit:
        return None
    if unit == "calendar_quarter":
        quarter = on.replace(month=(on.month - 1) // 3 * 3 + 1, day=1)
        return calendar.add_months(quarter, 3 * (int(limit - count) + 1))
    return on + timedelta(days=int(limit - count) + 1)


def _fresh_on(found: list[ledger.Row], unit: str, per: str, limit: Fraction, facts: Facts) -> date | None:
    """The next period's first day; where twelve months roll on, the day enough of what was served has fallen out of them."""
    following = _next_period(per, facts)
    if following is not None:
        return following
    served = {row.on for row in found if row.certain}
    for ahead in range(1, 367):
        day = facts.on + timedelta(days=ahead)
        since = calendar.add_months(day, -12) + _DAY
        if _measure({one for one in served if one >= since} | {day}, unit) <= limit:
            return day
    return None


def _passed(found: list[ledger.Row], unit: str, limit: Fraction, first: Callable[[date], date], until: date) -> date | None:
    """The day on which service that took place before today went past the limit of its period."""
    served = sorted({row.on for row in found if row.certain and not row.planned and row.on < until})
    if _measure(served, unit) <= limit:  # not even all periods together
        return None
    start = 0
    for at, day in enumerate(served):
        since = first(day)
        while served[start] < since:
            start += 1
        count = _measure(served[start : at + 1], unit) if unit == "calendar_quarter" else _span(served, start, at, unit)
        if count > limit:
            return day
    return None


def _span(served: list[date], start: int, at: int, unit: str) -> int:
    return at - start + 1 if unit == "work_day" else (served[at] - served[start]).days + 1


def _hours(found: list[ledger.Row], per: str, limit: Fraction, facts: Facts) -> Count:
    """Hours up to and with today. Where today's are not told, some are served: at a full limit any are too many."""
    first = first_of(per, facts)
    since = first(facts.on)
    least, most = ledger.hours(found, since, facts.on)
    told = any(row.on == facts.on and row.person == "me" and row.hours is not None for row in found)
    over = least > limit or (not told and least == limit)
    perhaps = None if most is None else most if told else most + _HOURS_OF_A_DAY
    fits = perhaps is not None and perhaps <= limit
    return Count(
        least=least,
        most=most if fits else perhaps,
        over=over,
        without_today=not told,
        lacking=("service_ledger",) if most is None or most > limit else ("hours",),
        full_on=facts.on + timedelta(days=int((limit - (most or 0)) // _HOURS_OF_A_DAY) + 1) if fits else None,
        fresh_on=_next_period(per, facts) if over else None,
        passed_before=_hours_passed(found, limit, first, facts.on),
        people=len({row.person for row in found if row.on >= since and row.certain}),
    )


def _hours_passed(found: list[ledger.Row], limit: Fraction, first: Callable[[date], date], until: date) -> date | None:
    served = [row for row in found if row.certain and not row.planned and row.on < until]
    for day in sorted({row.on for row in served}):
        if ledger.hours(served, first(day), day)[0] > limit:
            return day
    return None


def _minutes(limit: Fraction, facts: Facts) -> Count:
    hours = fraction(facts.get("hours_week"))
    if hours is None:
        raise Unknown("hours_week")
    return Count(least=hours * 60, most=hours * 60, over=hours * 60 > limit)


def _stated(basis: str, unit: str, per: str | None, limit: Fraction, facts: Facts) -> Count:
    """Without a ledger: the counts the product knows by themselves, which are of this school year."""
    name = {"person": "days_school_year", "position": "days_in_position"}.get(basis)
    if unit == "work_day" and per == "school_year" and name and (told := whole(facts.get(name))) is not None:
        days = Fraction(told)
        fresh = _next_period("school_year", facts) if days > limit else None
        return Count(least=days, most=days, over=days > limit, full_on=_full_on(facts.on, unit, limit, days), fresh_on=fresh)
    raise Unknown("service_ledger")
