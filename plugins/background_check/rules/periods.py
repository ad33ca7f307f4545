"""The stretches of time that counts by group are made for: months, quarters, halves and years of a school year from July on.

One lies inside another or apart from it and never across, so that two tables cannot be subtracted to give a few days of people.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

import msgspec

from staffing.api import Invalid, calendar

#: Months in each kind of stretch; the first month of a school year is July.
_KINDS = {"m": 1, "q": 3, "h": 6, "y": 12}
_CODE = re.compile(r"(\d{4})-(\d{2})-([mqhy])")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """From ``since`` through ``until``. ``code`` is its first month and its kind: "2026-07-y"."""

    code: str
    since: date
    until: date

    @property
    def title(self) -> str:
        """What people call it."""
        first, last = _MONTHS[self.since.month - 1], _MONTHS[self.until.month - 1]
        if self.code.endswith("y"):
            return f"School year {self.since.year}–{self.until.year % 100:02}"
        if first == last:
            return f"{first} {self.since.year}"
        return f"{first} to {last} {self.until.year}"

    def holds(self, other: Period) -> bool:
        """Whether another one lies in it (itself too)."""
        return self.since <= other.since and other.until <= self.until


def period(code: str) -> Period:
    """The stretch of this code. Raises ``Invalid``."""
    found = _CODE.fullmatch(code)
    if found is None or not 1 <= int(found[2]) <= 12 or (int(found[2]) - 7) % _KINDS[found[3]]:
        raise Invalid("Choose a month, a quarter, a half or a school year from the list.")
    since = date(int(found[1]), int(found[2]), 1)
    return Period(code=code, since=since, until=calendar.add_months(since, _KINDS[found[3]]) - timedelta(days=1))


def ended(on: date, first: date) -> tuple[Period, ...]:
    """Every stretch that is over on a day and ends after ``first``, the latest first, the longer before the shorter."""
    found = []
    month = date(first.year - 1, 7, 1)
    while month <= on:
        for kind, months in _KINDS.items():
            if (month.month - 7) % months == 0:
                one = period(f"{month:%Y-%m}-{kind}")
                if first <= one.until < on:
                    found.append(one)
        month = calendar.add_months(month, 1)
    return tuple(sorted(found, key=lambda one: (one.until, (one.until - one.since).days), reverse=True))
