"""How days and months are counted."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from staffing.core import calendar
from staffing.core.calendar import DayKind

days = st.dates(min_value=date(1950, 1, 1), max_value=date(2090, 12, 31))
months = st.integers(min_value=0, max_value=240)


def test_a_sixty_month_item_is_good_through_the_same_numbered_day():
    assert calendar.good_through(date(2022, 4, 10), 60) == date(2027, 4, 10)


@pytest.mark.parametrize(
    ("issued", "count", "last"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
    ],
)
def test_a_shorter_month_ends_the_period_on_its_last_day(issued, count, last):
    assert calendar.good_through(issued, count) == last


@given(days, months)
def test_months_keep_the_day_number_or_take_the_months_last_day(day, count):
    end = calendar.add_months(day, count)
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == count
    assert end.day == day.day or (end + timedelta(days=1)).day == 1


@given(days, months, months)
def test_a_longer_period_never_ends_earlier(day, a, b):
    short, long = sorted((a, b))
    assert calendar.good_through(day, short) <= calendar.good_through(day, long)


@given(days, days, months)
def test_a_later_item_never_lapses_earlier(a, b, count):
    first, second = sorted((a, b))
    assert calendar.good_through(first, count) <= calendar.good_through(second, count)


def test_an_age_is_reached_on_the_birthday():
    born_on = date(2008, 11, 24)
    assert calendar.age_on(born_on, date(2026, 11, 23)) == 17
    assert calendar.age_on(born_on, date(2026, 11, 24)) == 18


def test_a_leap_day_birthday_falls_on_the_last_of_february():
    assert calendar.age_on(date(2008, 2, 29), date(2026, 2, 27)) == 17
    assert calendar.age_on(date(2008, 2, 29), date(2026, 2, 28)) == 18


@given(days, st.integers(min_value=0, max_value=100))
def test_age_and_birthday_agree(born_on, age):
    day = calendar.birthday(born_on, age)
    assert calendar.age_on(born_on, day) == age
    assert calendar.age_on(born_on, day - timedelta(days=1)) == age - 1


def test_within_days_includes_the_last_day_and_not_the_next():
    start = date(2022, 2, 28)
    assert calendar.within_days(date(2022, 4, 14), start, 45)
    assert not calendar.within_days(date(2022, 4, 15), start, 45)
    assert calendar.within_days_before(date(2026, 8, 31), date(2026, 10, 30), 60)
    assert not calendar.within_days_before(date(2026, 8, 30), date(2026, 10, 30), 60)


@given(st.integers(), st.integers())
def test_more_than_excludes_the_limit_and_at_least_includes_it(amount, limit):
    assert calendar.at_least(amount, limit) == (calendar.more_than(amount, limit) or amount == limit)
    assert not calendar.more_than(limit, limit)


def test_work_days_skip_weekends_and_closed_days():
    closed = {date(2026, 11, 26), date(2026, 11, 27)}
    assert calendar.add_days(date(2026, 11, 24), 3, DayKind.WORK, closed) == date(2026, 12, 1)
    assert calendar.add_days(date(2026, 11, 24), 3, DayKind.CALENDAR) == date(2026, 11, 27)


@given(days, st.integers(min_value=0, max_value=60), st.sets(days, max_size=5), st.sampled_from(DayKind))
def test_a_period_holds_exactly_the_days_counted(day, count, closed, kind):
    end = calendar.add_days(day, count, kind, closed)
    passed = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert sum(calendar.counts(one, kind, closed) for one in passed) == count


def test_a_negative_period_is_refused():
    with pytest.raises(ValueError, match="cannot be counted"):
        calendar.add_days(date(2026, 1, 1), -1, DayKind.WORK)


def test_a_school_year_runs_from_its_first_day_to_the_day_before_the_next():
    assert calendar.school_year(date(2026, 11, 24)) == (date(2026, 7, 1), date(2027, 6, 30))
    assert calendar.school_year(date(2026, 8, 16), date(2026, 8, 17)) == (date(2025, 8, 17), date(2026, 8, 16))
    assert calendar.school_year(date(2026, 8, 17), date(2026, 8, 17)) == (date(2026, 8, 17), date(2027, 8, 16))


@given(days, days)
@example(date(2000, 2, 27), date(2000, 2, 29))
@example(date(2001, 2, 27), date(2000, 2, 29))
def test_every_day_belongs_to_one_school_year(day, starts_on):
    first, last = calendar.school_year(day, starts_on)
    assert first <= day <= last
    assert calendar.school_year(first, starts_on) == (first, last) == calendar.school_year(last, starts_on)
    assert calendar.school_year(last + timedelta(days=1), starts_on)[0] == last + timedelta(days=1)
