"""The one place that asks what time it is. ``STAFFING_TODAY`` (an ISO date) pins the day, for tests and what-if."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The moment, with UTC as its zone."""
    if pinned := os.environ.get("STAFFING_TODAY"):
        return datetime.combine(date.fromisoformat(pinned), datetime.now(UTC).timetz())
    return datetime.now(UTC)


def today(time_zone: str = "UTC") -> date:
    """The calendar day in a time zone (an IANA name, the district's)."""
    if pinned := os.environ.get("STAFFING_TODAY"):
        return date.fromisoformat(pinned)
    return now().astimezone(ZoneInfo(time_zone)).date()
