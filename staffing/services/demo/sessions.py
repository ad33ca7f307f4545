"""Sessions of the demonstration: the weeks ahead, taken in turn by those who are placed, whether their clearance lasts or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
from piccolo.table import Table

from staffing.store.tables import Assignment, Session

#: How far ahead sessions are planned.
WEEKS = 8
#: Adults of one position who share a session.
TOGETHER = 2
_LONG = timedelta(minutes=90)


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody placed in a position, from their first day."""

    person: UUID
    placement: UUID
    position: UUID
    starts_on: date


def planned(
    placed: Sequence[Placed], terms: Mapping[UUID, Mapping[str, Any]], today: date, zone: ZoneInfo
) -> Iterator[tuple[type[Table], dict[str, Any]]]:
    """Rows of sessions and of who takes them: once or twice a week by the hours agreed, two adults in one where there are two."""
    by_position: dict[UUID, list[Placed]] = {}
    for one in placed:
        by_position.setdefault(one.position, []).append(one)
    for number, (position, people) in enumerate(by_position.items()):
        hours = float(dict(terms[position].get("hours") or {}).get("week", 1))
        weekdays = (number % 4, (number + 2) % 5) if hours >= 2 else (number % 5,)
        for first in range(0, len(people), TOGETHER):
            together = people[first : first + TOGETHER]
            begins = time(14, 30) if first % (2 * TOGETHER) else time(14, 0)
            for day in _days(weekdays, today):
                who = [one for one in together if one.starts_on <= day]
                if who:
                    yield from _session(position, datetime.combine(day, begins, zone), len(together), who)


def _days(weekdays: Sequence[int], today: date) -> Iterator[date]:
    monday = today - timedelta(days=today.weekday())
    for week in range(WEEKS):
        for weekday in weekdays:
            if (day := monday + timedelta(days=7 * week + weekday)) > today:
                yield day


def _session(
    position: UUID, starts_at: datetime, adults: int, who: Sequence[Placed]
) -> Iterator[tuple[type[Table], dict[str, Any]]]:
    session, span = uuid4(), {"starts_at": starts_at, "ends_at": starts_at + _LONG}
    yield Session, {"id": session, "position": position, "adults": adults, **span}
    for one in who:
        yield Assignment, {"session": session, "person": one.person, "placement": one.placement, **span}
