"""What a change of the rules would do, as a report: people, rules and future sessions."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec


class Affected(msgspec.Struct, frozen=True, kw_only=True):
    """A person in a placement whose answer changes, and the rules that make the difference.

    ``by`` is the day by which somebody who needs something new later must have it (None: no such day is known).
    """

    person: UUID
    placement: UUID
    name: str
    title: str
    site: str
    organisation: str
    placed: bool
    invented: bool
    rules: tuple[str, ...]
    by: date | None = None


class RuleEffect(msgspec.Struct, kw_only=True):
    """A rule that makes a difference: how many it stops, stops later, adds to those not ready, or no longer stops.

    ``who`` and ``what`` say how most of them get ready: who acts, and what they do.
    """

    rule: str
    title: str
    citation: str
    overlay: bool
    stops: int = 0
    stops_later: int = 0
    adds: int = 0
    frees: int = 0
    who: str = ""
    what: str = ""
    cost: str = ""
    usual_days: int | None = None


class SessionLoss(msgspec.Struct, kw_only=True):
    """Future sessions of an organisation at a site that lose an adult: how many, how many are then short, and the first day."""

    site: str
    organisation: str
    sessions: int = 0
    short: int = 0
    adults: int = 0
    first: date | None = None


class Impact(msgspec.Struct, frozen=True, kw_only=True):
    """What a change would do on a day, and through ``until`` for sessions and later needs.

    ``stopped`` are no longer ready on the day, ``freed`` become ready, ``later`` are ready and need something new within the
    window. ``still_ready`` (those of ``later`` too) and ``still_not`` stay as they are; of the latter ``more`` would lack
    something further. The lists name a few hundred people at most; the numbers count all. ``seen`` names the rules it was
    worked out for.
    """

    on: date
    until: date
    begins: date
    placements: int
    stopped: int
    freed: int
    needs_later: int
    still_ready: int
    still_not: int
    more: int
    stopped_people: tuple[Affected, ...]
    freed_people: tuple[Affected, ...]
    later_people: tuple[Affected, ...]
    rules: tuple[RuleEffect, ...]
    sessions: tuple[SessionLoss, ...]
    sessions_losing: int
    sessions_short: int
    rules_before: str
    rules_after: str
    seen: str

    @property
    def nothing(self) -> bool:
        """Whether nobody and no session is touched."""
        return not (self.stopped or self.freed or self.needs_later or self.more or self.sessions_losing)
