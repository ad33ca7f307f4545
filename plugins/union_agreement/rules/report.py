"""What a trial of a proposal found, as it is kept and shown."""

from __future__ import annotations

from datetime import date

import msgspec

#: What a proposal can change for a placement. ``shown`` stops nothing.
CHANGES = ("blocked", "hold", "cosign", "notice", "shown", "eased", "same")


class Amount(msgspec.Struct):
    """Placements with one change. Hours are of the days that change: ``planned`` in sessions, ``stated`` by the week where
    no sessions are planned; ``no_hours`` and ``no_students`` count the placements of which neither is told."""

    placements: int = 0
    ahead: int = 0
    planned: float = 0.0
    stated: float = 0.0
    no_hours: int = 0
    students: int = 0
    no_students: int = 0
    well: int = 0
    badly: int = 0


class Row(msgspec.Struct):
    """Placements of one site, role, unit or funding, by change."""

    label: str
    counts: dict[str, int] = {}


class Missing(msgspec.Struct):
    """A fact that clauses of the proposal lack: how many placements wait for it, and who supplies it."""

    fact: str
    who: str
    placements: int = 0


class Bites(msgspec.Struct):
    """A clause that changes something, and for how many placements."""

    clause: str
    title: str
    placements: int = 0


class Touched(msgspec.Struct):
    """A placement that changes: no person is named."""

    title: str
    site: str
    day: date
    before: str
    after: str
    clauses: list[str]


class Owed(msgspec.Struct):
    """What a clause with effect for the past leaves owing: nothing of the past is decided again."""

    clause: str
    since: date
    what: str
    placements: int = 0
    days: int = 0


class Report(msgspec.Struct, kw_only=True):
    """What a trial found. ``shift`` is the median of days by which a start moves, over ``shifted`` placements.

    ``wished`` are placements that people asked for and do not have yet. ``papers`` says whether a clause read evidence;
    ``data`` names what the placements were on record with.
    """

    since: date
    today: date
    placements: int = 0
    decided: int = 0
    ahead: int = 0
    wished: int = 0
    changes: dict[str, Amount] = {}
    by: dict[str, list[Row]] = {}
    bites: list[Bites] = []
    missing: list[Missing] = []
    shift: float | None = None
    shifted: int = 0
    no_shift: int = 0
    touched: list[Touched] = []
    owed: list[Owed] = []
    waiting: list[tuple[str, str]] = []
    papers: bool = False
    data: str = ""
    seconds: float = 0.0
