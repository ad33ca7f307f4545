"""The case put before the rules: one person, one piece of work, the evidence held and what is known of the site."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from staffing.core.evidence import Evidence


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One day of the schedule: hours worked and who is present."""

    on: date
    hours: float | None = None
    students: int | None = None
    adults: int | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a decision needs. Facts absent from a mapping are unknown, never false.

    ``person``, ``placement`` and ``context`` map fact names (without the prefix) to plain values, as in a scenario file.
    """

    jurisdiction: str
    person: dict[str, Any] = {}
    placement: dict[str, Any] = {}
    evidence: tuple[Evidence, ...] = ()
    overlays: tuple[str, ...] = ()
    agreements: tuple[Any, ...] = ()
    context: dict[str, Any] = {}
    sessions: tuple[Session, ...] = ()
