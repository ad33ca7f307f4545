"""Days that note what they are asked."""

from __future__ import annotations

import operator
from datetime import date, timedelta

import pytest

from staffing.core import calendar
from staffing.core.noted_days import NotedDay

DAY = date(2024, 3, 5)


def span(noted):
    return date.fromordinal(noted.first), date.fromordinal(noted.last)


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge])
@pytest.mark.parametrize("apart", [-400, -1, 0, 1, 400])
@pytest.mark.parametrize("turned", [False, True])
def test_a_comparison_comes_out_the_same_for_all_days_of_the_span_and_for_no_day_beside_it(compare, apart, turned):
    other = DAY + timedelta(days=apart)

    def ask(day):
        return compare(other, day) if turned else compare(day, other)

    noted = NotedDay.of(DAY)
    assert ask(noted) is ask(DAY)
    first, last = span(noted)
    assert first <= DAY <= last
    assert ask(first) is ask(last) is ask(DAY)
    if first > date.min:
        assert ask(first - timedelta(days=1)) is not ask(DAY)
    if last < date.max:
        assert ask(last + timedelta(days=1)) is not ask(DAY)


def test_several_comparisons_leave_the_days_for_which_all_come_out_the_same():
    noted = NotedDay.of(DAY)
    assert noted > date(2024, 1, 1)
    assert noted <= date(2024, 12, 31)
    assert max(date(2023, 1, 1), date(2022, 1, 1)) < noted
    assert span(noted) == (date(2024, 1, 2), date(2024, 12, 31))


def test_compared_with_itself_it_says_nothing_of_other_days():
    noted = NotedDay.of(DAY)
    assert noted <= noted and noted >= noted and not noted < noted and not noted > noted  # noqa: PLR0124
    assert span(noted) == (date.min, date.max)


@pytest.mark.parametrize(
    "ask",
    [
        lambda day: day.year,
        lambda day: day.isoformat(),
        lambda day: day.toordinal(),
        lambda day: day.weekday(),
        lambda day: day.replace(day=1),
        lambda day: day + timedelta(days=1),
        lambda day: timedelta(days=1) + day,
        lambda day: day - timedelta(days=1),
        lambda day: (day - DAY, DAY - day),
        lambda day: day == DAY,
        lambda day: day != DAY,
        lambda day: day in (date(2020, 1, 1), DAY),
        lambda day: {day},
        str,
        repr,
        lambda day: f"{day:%Y}",
        lambda day: calendar.add_months(day, 3),
    ],
)
def test_whatever_else_is_asked_of_it_needs_exactly_this_day_and_is_answered_as_by_a_plain_one(ask):
    noted = NotedDay.of(DAY)
    assert ask(noted) == ask(DAY)
    assert span(noted) == (DAY, DAY)
