"""The ledger of days served: whose days, in which position, and how many of them count for a cap.

``context.service_ledger`` (or ``ledger``) holds ``{on | date, person, position | position_id, chain | assignment_chain, role,
hours}``. It is the product's own ledger: a row without a person, or with ``person: me``, is the person's of the case. The day
decided for counts, and sessions planned up to it. Days count whole, whatever their hours, and a day of two people counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import msgspec

from .agreement import as_day
from .answers import Unknown
from .clause import Clause
from .exact import fraction
from .facts import Facts

#: How a count is taken: of the person, of the position, or of the chain of assignments.
BASES = ("person", "position", "assignment_chain")


class Row(msgspec.Struct, frozen=True):
    """A day of service. ``certain`` is false where the row does not tell whether it belongs to what is counted."""

    on: date
    hours: Fraction | None
    certain: bool = True
    planned: bool = False
    person: str = "me"


def rows(basis: str, facts: Facts, clause: Clause, *, hours: bool = True) -> list[Row]:
    """The rows up to the day decided for that count on a basis. Raises ``Unknown`` without a ledger, or where the position or
    chain of the placement is not told. ``hours`` false leaves the hours unread, which a count of days does not need."""
    held = facts.get("service_ledger")
    if held is None:
        held = facts.get("ledger")
    if held is None:
        raise Unknown("service_ledger")
    wanted = _wanted(basis, facts)
    found = []
    for row in held:
        on = as_day(row.get("on", row.get("date"))) if isinstance(row, Mapping) else None
        if on is None or on > facts.on or not _counted(row, clause):
            continue
        belongs = _belongs(basis, row, wanted)
        if belongs is not False:
            told = fraction(row.get("hours")) if hours else None
            found.append(Row(on, told, certain=belongs is True, person=str(row.get("person") or "me")))
    sessions = (session for session in facts.case.sessions if session.on <= facts.on)
    return [*found, *(Row(session.on, fraction(session.hours), planned=True) for session in sessions)]


def _wanted(basis: str, facts: Facts) -> str:
    name = {"position": "position_id", "assignment_chain": "assignment_chain"}.get(basis)
    return str(facts.need(name)) if name else "me"


def _belongs(basis: str, row: Mapping[str, Any], wanted: str) -> bool | None:
    if basis == "person":
        return row.get("person") in (None, wanted)
    keys = ("position", "position_id") if basis == "position" else ("chain", "assignment_chain")
    told = next((row[key] for key in keys if row.get(key) is not None), None)
    return None if told is None else str(told) == wanted


def _counted(row: Mapping[str, Any], clause: Clause) -> bool:
    """Days in a role the clause is not about do not count, so a volunteer's do not (they may be in the chain all the same)."""
    role = row.get("role")
    if role is None:
        return True
    return role in clause.scope.roles if clause.scope.roles else role != "volunteer"


def days(found: Iterable[Row], first: date, last: date) -> tuple[set[date], set[date]]:
    """The days of a time that certainly count, the last one among them, and those that may."""
    inside = [row for row in found if first <= row.on <= last]
    sure = {row.on for row in inside if row.certain}
    return sure | {last}, {row.on for row in inside} | {last}


def hours(found: Iterable[Row], first: date, last: date) -> tuple[Fraction, Fraction | None]:
    """The hours of a time that are certain, and the most they can be (None: a row does not tell its hours).

    A session that is in the ledger too counts once, at the longer of the two.
    """
    by_day: dict[tuple[date, str], list[Row]] = {}
    for row in found:
        if first <= row.on <= last:
            by_day.setdefault((row.on, row.person), []).append(row)
    least, most, told = Fraction(0), Fraction(0), True
    for held in by_day.values():
        done, planned = [row for row in held if not row.planned], [row for row in held if row.planned]
        least += max(_sum(row for row in done if row.certain), _sum(planned))
        most += max(_sum(done), _sum(planned))
        told = told and all(row.hours is not None for row in held)
    return least, most if told else None


def _sum(found: Iterable[Row]) -> Fraction:
    return sum((row.hours or Fraction(0) for row in found), Fraction(0))
