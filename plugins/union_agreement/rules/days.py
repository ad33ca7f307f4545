"""Counts of days with their kind, as agreements write them: ``1_work_day``, ``10 school days``, ``{n: 3, unit: work_day}``."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from staffing.api import calendar

_WRITTEN = re.compile(r"(\d{1,4})[ _](calendar|work|school)[ _]days?")


class Days(msgspec.Struct, frozen=True):
    """So many days of a kind."""

    n: int
    kind: calendar.DayKind

    def __str__(self) -> str:
        return f"{self.n} {self.kind} day{'' if self.n == 1 else 's'}"


def days(value: Any) -> Days | None:
    """A count of days with its kind; None for anything else, such as a bare number: there is no usual kind."""
    if isinstance(value, dict):
        n, unit = value.get("n"), str(value.get("unit") or "")
        return days(f"{n} {unit}") if isinstance(n, int) and not isinstance(n, bool) else None
    found = _WRITTEN.fullmatch(str(value).strip().lower())
    return Days(int(found[1]), calendar.DayKind(found[2])) if found else None
