"""Federal holidays of the United States (5 USC 6103), with the weekdays on which those of a weekend are kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache


@cache
def federal_holidays(year: int) -> frozenset[date]:
    """The days of one calendar year on which federal offices are closed; weekends as such are not in it."""
    import holidays  # a tenth of a second that only clocks need

    return frozenset(day for day in holidays.country_holidays("US", years=year, expand=False) if day.year == year)


def in_years(years: Iterable[int]) -> frozenset[date]:
    """Those of several years."""
    return frozenset().union(*(federal_holidays(year) for year in years))
