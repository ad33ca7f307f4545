"""Who applied for posted work: in whose unit's line, with what seniority, and what they answered to an offer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import msgspec

from staffing.api import calendar

from ..agreement import as_day
from ..exact import fraction
from ..facts import Facts


class Applicant(msgspec.Struct, frozen=True):
    """One applicant as an offer sees them.

    ``eligible``: of the unit, qualified and long enough in service; None where that is not told. ``seniority`` is a rank (1 comes
    first) or the day service began (the earlier comes first). ``answer``: empty (no offer), ``waiting``, ``accepted``,
    ``declined``, or ``took_it_back``.
    """

    eligible: bool | None
    seniority: Fraction | date | None
    answer: str
    of_unit: bool | None

    @property
    def rank(self) -> Fraction:
        """Where they stand: the smaller comes first."""
        held = self.seniority
        return Fraction(held.toordinal()) if isinstance(held, date) else held if held is not None else Fraction(10**9)


def read(facts: Facts, min_service: Fraction | None) -> list[Applicant]:
    """The applicants on record. Raises ``Unknown`` where there is no such record; an empty list says that nobody applied."""
    declined = facts.rows("declinations")
    return [_applicant(row, declined, facts, min_service) for row in facts.rows("applicants", needed=True)]


def _applicant(row: Mapping[str, Any], declined: Iterable[Mapping[str, Any]], facts: Facts, least: Fraction | None) -> Applicant:
    parts = (_of_unit(row, facts), _told(row.get("qualified")), _served(row, facts, least))
    eligible = False if False in parts else None if None in parts else True
    told = row.get("seniority")
    seniority = as_day(told) if isinstance(told, date) or (isinstance(told, str) and "-" in told) else fraction(told)
    return Applicant(eligible, seniority, _answer(row, declined, facts), parts[0])


def _told(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _of_unit(row: Mapping[str, Any], facts: Facts) -> bool | None:
    """Whether the applicant's position is the unit's: ``unit: true``, or the name of one of the agreement's units."""
    unit = row.get("unit", row.get("unit_id"))
    if unit is None or isinstance(unit, bool):
        return unit
    units = facts.agreement.units if facts.agreement else ()
    return not units or str(unit) in units


def _served(row: Mapping[str, Any], facts: Facts, least: Fraction | None) -> bool | None:
    if not least:
        return True
    years = fraction(row.get("service_years"))
    since = as_day(row.get("since") or row.get("hired_on"))
    if years is None and since is not None:
        return calendar.add_months(since, int(least * 12)) <= facts.on
    return None if years is None else years >= least


def _answer(row: Mapping[str, Any], declined: Iterable[Mapping[str, Any]], facts: Facts) -> str:
    """What has been answered by the day decided for. A no that was taken back counts as such until the work begins."""
    ref = row.get("ref", row.get("id"))
    for no in declined:
        if ref is not None and no.get("applicant", no.get("ref")) == ref and _by(facts, no.get("on") or no.get("date")):
            return _no(no, facts)
    answer = str(row.get("answer") or ("declined" if row.get("declined_on") or row.get("declined") is True else ""))
    if answer in {"accepted", "declined"} and _by(facts, row.get("answered_on") or row.get("declined_on")):
        return answer if answer == "accepted" else _no(row, facts)
    offered = row.get("offered_on") or (row.get("offered") is True) or answer
    return "waiting" if offered and _by(facts, row.get("offered_on")) else ""


def _no(row: Mapping[str, Any], facts: Facts) -> str:
    back = as_day(row.get("withdrawn_on") or row.get("taken_back_on"))
    return "took_it_back" if back is not None and back <= facts.on and back < facts.start else "declined"


def _by(facts: Facts, value: Any) -> bool:
    """Whether something had happened by the day decided for; what has no day had."""
    day = as_day(value)
    return day is None or day <= facts.on
