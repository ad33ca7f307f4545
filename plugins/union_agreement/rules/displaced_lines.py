"""What comes out of comparing position actions with placements: a line for each classification, of counts alone."""

from __future__ import annotations

from datetime import date

import msgspec

from . import positions
from .positions import Row

#: Lists of the context that hold rows about positions.
LISTS = ("position_actions", "open_vacancies", "recall_list", "leaves", "labor_disputes")
#: How a page groups what happened.
GROUPS = {
    **dict.fromkeys(positions.FULL, "full"),
    **dict.fromkeys(positions.PARTIAL, "partial"),
    **dict.fromkeys(("vacancy", "recall", "leave"), "open"),
    **dict.fromkeys(("strike", "lockout", "work_to_rule"), "dispute"),
}


class Class(msgspec.Struct, frozen=True, kw_only=True):
    """A registered classification."""

    name: str
    unit: str = ""
    duties: tuple[str, ...] = ()


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A clause that says that placements are in the way, with how many (``today``: still on the last day), and why."""

    clause: str
    title: str
    citation: str
    url: str | None
    placements: int
    today: int
    says: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A classification. ``actions`` are positions by group (``full``, ``partial``, ``open``, ``dispute``, ``other``).

    ``placements`` do this work, ``conflicts`` of them are in the way of a clause, ``unknown`` cannot be told.
    """

    name: str
    unit: str
    actions: dict[str, int]
    events: int
    planned: int
    placements: int
    conflicts: int
    conflicts_today: int
    unknown: int
    clauses: tuple[Named, ...] = ()
    lacking: tuple[str, ...] = ()

    @property
    def zero(self) -> bool:
        """Whether nothing happened to it and nothing is in the way."""
        return not (self.events or self.planned or self.conflicts or self.unknown)


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, for days through ``until``."""

    since: date
    until: date
    lines: tuple[Line, ...]
    placements: int
    conflicts: int
    conflicts_today: int
    unknown: int

    @property
    def positions(self) -> int:
        """Positions to which something happened."""
        return sum(sum(line.actions.values()) for line in self.lines)


def counts(row: Row, since: date, until: date) -> bool:
    """Whether an action is of these days: it happened in them, or it began before and is open still."""
    on, last = positions.day(row), positions.day(row, "until")
    if on is None or on > until:
        return False
    if on >= since:
        return True
    lasting = GROUPS.get(positions.kind(row)) in {"open", "dispute"}
    return lasting and (last is None or last >= since)
