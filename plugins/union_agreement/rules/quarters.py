"""Quarters of a calendar year, by which both sides state that nobody was displaced."""

from __future__ import annotations

import re
from datetime import date, timedelta

import msgspec

from staffing.api import Invalid


class Quarter(msgspec.Struct, frozen=True, kw_only=True):
    """Three months of a calendar year. ``name`` is 2026-Q3."""

    year: int
    n: int

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.year}-Q{self.n}"

    @property
    def since(self) -> date:
        """The first day."""
        return date(self.year, 3 * self.n - 2, 1)

    @property
    def until(self) -> date:
        """The last day."""
        return date(self.year + self.n // 4, (3 * self.n) % 12 + 1, 1) - timedelta(days=1)


def quarter(name: str, today: date) -> Quarter:
    """A quarter by its name. Raises ``Invalid``."""
    found = re.fullmatch(r"(\d{4})-Q([1-4])", name)
    if not found or not 1990 <= int(found[1]) <= today.year:
        raise Invalid("Choose a quarter, such as 2026-Q3.")
    return Quarter(year=int(found[1]), n=int(found[2]))


def quarters(today: date, count: int = 5) -> list[Quarter]:
    """The last quarters that are over, the newest first."""
    year, n = today.year, (today.month - 1) // 3
    found: list[Quarter] = []
    while len(found) < count:
        if n == 0:
            year, n = year - 1, 4
        found.append(Quarter(year=year, n=n))
        n -= 1
    return found
