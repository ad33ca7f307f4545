"""An agreement: its parties, its days, its clauses, and how far it stands on a day."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from .clause import Clause


class Kind(enum.StrEnum):
    """What an agreement is called by those who sign it."""

    CBA = "cba"
    SIDE_LETTER = "side_letter"
    MOU = "mou"
    CONFERENCING_MOU = "collaborative_conferencing_mou"
    CONCURRENCE_MOU = "mou_with_concurrence"
    POLICY = "policy"
    LAW = "law"


class Ends(msgspec.Struct, frozen=True, kw_only=True):
    """When it ends: on a day, or with the first of several events (the event's day is the last in effect)."""

    on: date | None = None
    events: tuple[str, ...] = ()

    def last_day(self, happened: Mapping[str, Any]) -> date | None:
        """The last day in effect as far as it is known; ``happened`` gives the day of each event that has come."""
        days = [day for name in self.events if (day := as_day(happened.get(name))) is not None]
        if self.on is not None:
            days.append(self.on)
        return min(days, default=None)


class Funding(msgspec.Struct, frozen=True, kw_only=True):
    """A third body's money: ``status`` is ``appropriated``, ``partial``, ``pending`` or ``refused``."""

    body: str
    status: str = "pending"


class Signatory(msgspec.Struct, frozen=True):
    """A role that signs, and for which side (``district``, ``union``, ``joint`` or ``third``)."""

    role: str
    side: str


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement as it was read. ``status`` is its state of the lifecycle (``in_effect`` where none is told).

    ``closures`` are the employer's closed days for counts of work days. ``happened`` holds the days of events told with it.
    """

    id: str
    title: str
    kind: Kind
    jurisdiction: str
    clauses: tuple[Clause, ...]
    units: tuple[str, ...] = ()
    since: date
    ends: Ends = Ends()
    status: str = "in_effect"
    after_expiry: str = "status_quo"
    evergreen_clause: bool = False
    signatories: tuple[Signatory, ...] = ()
    funding: Funding | None = None
    base: Agreement | None = None
    supersedes: tuple[str, ...] = ()
    closures: tuple[date, ...] = ()
    happened: dict[str, Any] = {}
    hold_on_grievance: bool = False
    non_precedential: bool = False
    max_term_years: int | None = None
    ended: str = ""
    digest: str = ""

    def signers(self, side: str) -> tuple[str, ...]:
        """The roles that sign for a side."""
        return tuple(s.role for s in self.signatories if s.side == side)


def as_day(value: Any) -> date | None:
    """A day from a day or its ISO text; None for anything else."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return None
    return value if isinstance(value, date) else None
