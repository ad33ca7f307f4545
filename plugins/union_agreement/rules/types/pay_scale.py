"""A unit's own scale of pay: which rate was in force on a day, as far as it was set by then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from ..agreement import as_day
from ..exact import money
from ..facts import Facts


class Reference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rate of a unit's own scale, by classification and step."""

    unit: str = ""
    classification: str = ""
    step: str | int | None = None


def rate(wanted: Reference, facts: Facts) -> Decimal | None:
    """The scale's rate in force on this day, as far as it was set by then; of several the one that began last."""
    told = facts.get("reference_rate_on_date")
    if not isinstance(told, Mapping | list | tuple):
        return money(told)
    held = [row for row in rows(told, wanted) if (begins(row) or facts.on) <= facts.on and (set_on(row) or facts.on) <= facts.on]
    if not held:
        return None
    return money(max(held, key=lambda row: (begins(row) or date.min, set_on(row) or date.min)).get("rate"))


def rows(told: Any, wanted: Reference) -> list[Mapping[str, Any]]:
    """The rows that may be about a classification and step; what a row does not say fits any. A bare number has no rows."""
    listed: Iterable[Any] = [told] if isinstance(told, Mapping) else told if isinstance(told, list | tuple) else ()
    return [
        row
        for row in listed
        if isinstance(row, Mapping)
        and all(
            row.get(key) is None or not asked or str(row[key]) == str(asked)
            for key, asked in (("unit", wanted.unit), ("classification", wanted.classification), ("step", wanted.step))
        )
    ]


def rises_on(wanted: Reference, facts: Facts) -> date | None:
    """The first later day on which a rate begins or is set."""
    told = rows(facts.get("reference_rate_on_date"), wanted)
    return min((day for row in told for day in (begins(row), set_on(row)) if day is not None and day > facts.on), default=None)


def begins(row: Mapping[str, Any]) -> date | None:
    """The first day of a rate."""
    return as_day(row.get("from"))


def set_on(row: Mapping[str, Any]) -> date | None:
    """The day on which a rate was set, which may be after its first day."""
    return as_day(row.get("set_on"))
