"""Who has to tell what, and how soon; and whether a notice came in time. Pure: days and moments are handed in.

A person is asked for the day alone, never for the hour, so there are three answers: in time for certain, late for certain, and
"cannot be told from the day alone". Where no cited rule names a time, none is claimed.
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from staffing.api import read


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """A cited duty of people to tell the district within so many hours. ``rule`` is the pack's rule that says whom it binds."""

    id: str
    rule: str
    hours: int
    since: date = msgspec.field(name="from")
    citation: str
    confidence: str
    url: str = ""


class OnLeaving(msgspec.Struct, frozen=True, kw_only=True):
    """What the district owes a state when somebody leaves whose evidence of these ``kinds`` it holds from there."""

    id: str
    jurisdiction: str
    kinds: tuple[str, ...]
    title: str
    what: str
    citation: str
    confidence: str
    url: str = ""


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    from_people: tuple[Duty, ...]
    on_leaving: tuple[OnLeaving, ...]


@functools.cache
def _file() -> _File:
    path = Path(__file__).with_name("notices_in_time.yaml")
    return msgspec.convert(read(path.read_text(encoding="utf-8"), path.name), _File)


def duties() -> tuple[Duty, ...]:
    """Every cited duty of people to tell."""
    return _file().from_people


def on_leaving(jurisdiction: str) -> tuple[OnLeaving, ...]:
    """What a district of this jurisdiction owes its state when somebody leaves."""
    return tuple(one for one in _file().on_leaving if one.jurisdiction == jurisdiction)


def duty_of(rules: Collection[str], on: date) -> Duty | None:
    """The shortest duty among the rules that bind somebody on a day; None where no cited rule names a time."""
    found = [duty for duty in duties() if duty.rule in rules and duty.since <= on]
    return min(found, key=lambda duty: (duty.hours, duty.id), default=None)


def late(happened_on: date, received_at: datetime, hours: int, zone: str) -> bool | None:
    """Whether a notice came too late: False or True where the day decides it, None where it depends on the hour.

    ``received_at`` has a time zone; ``zone`` is the district's. Hours are hours, whatever the clocks do in between. Raises
    ``ValueError`` for a moment without a zone.
    """
    if received_at.tzinfo is None:
        raise ValueError(f"the moment {received_at} has no time zone")
    first = datetime.combine(happened_on, time(0), ZoneInfo(zone)).astimezone(UTC)
    last = datetime.combine(happened_on + timedelta(days=1), time(0), ZoneInfo(zone)).astimezone(UTC)
    allowed = timedelta(hours=hours)
    if received_at <= first + allowed:
        return False
    return True if received_at >= last + allowed else None


def last_sure_day(happened_on: date, hours: int) -> date:
    """The last day through which a notice of something on a day is in time for certain, whole days counted."""
    return happened_on + timedelta(days=max(0, hours // 24 - 1))
