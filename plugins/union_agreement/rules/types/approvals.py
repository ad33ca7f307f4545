"""A written approval: by whom, for what, for how many hours and how long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from staffing.api import Actor

from .. import ledger
from ..agreement import as_day
from ..answers import Answer, Unknown, act, satisfied, violated
from ..clause import Clause
from ..exact import fraction, spoken_number
from ..facts import Facts
from ..records import day_after, spoken


def judge(by: str, max_hours: int | str | None, facts: Facts, clause: Clause) -> Answer:
    """Whether an approval on record covers this work on this day, and the hours stay within it.

    ``approval_document`` holds ``{by | role, signed_on | date, holds_office, functions, total_hours | hours, from, to}`` (one, or
    rows); evidence of the kind ``approval`` with its issuer counts too. What is not on record is not approved.
    """
    why = ""
    for row in _documents(facts):
        why = _not_counted(row, by, facts, clause)
        if why:
            continue
        last = as_day(row.get("to") or row.get("expires_on"))
        limit = fraction(row.get("total_hours", row.get("hours"))) if max_hours == "from_document" else fraction(max_hours)
        if limit is None and max_hours is not None:
            why = "It does not say for how many hours."
            continue
        since = as_day(row.get("from") or row.get("signed_on") or row.get("date") or row.get("on")) or date.min
        if limit is not None and (over := _over(limit, since, facts, clause)) is not None:
            return over
        return satisfied("The {by} approved this in writing.", by=spoken(by), changes_on=day_after(last))
    return violated(
        "The {by} has not approved this in writing.{why}",
        remedy=act(
            Actor.DISTRICT, "Ask the {by} to approve it in writing, naming the functions and the total hours.", by=spoken(by)
        ),
        by=spoken(by),
        why=f" {why}" if why else "",
    )


def _documents(facts: Facts) -> Iterable[Mapping[str, Any]]:
    yield from facts.rows("approval_document")
    for item in facts.evidence("approval"):
        if item.state == "complete" and item.result not in {"not_clear", "qualified"}:
            told = {"by": item.issuer, "signed_on": item.issued_on or date.min, "expires_on": item.expires_on}
            yield {**told, "total_hours": item.detail.get("total_hours", item.detail.get("hours"))}


def _not_counted(row: Mapping[str, Any], by: str, facts: Facts, clause: Clause) -> str:
    """Why a document does not count, in a sentence; empty if it does."""
    signer = str(row.get("by") or row.get("role") or "")
    signed = as_day(row.get("signed_on") or row.get("date") or row.get("on"))
    since, until = as_day(row.get("from")), as_day(row.get("to") or row.get("expires_on"))
    if signer != by:
        return f"One is by the {spoken(signer)}." if signer else "One does not say who signed it."
    if row.get("holds_office") is False:
        return "One is signed by somebody who holds no such office."
    if signed is None:
        return "One has no date."
    if signed > facts.on:
        return "One was signed after this day."
    if (since is not None and facts.on < since) or (until is not None and facts.on > until):
        return "One does not cover this day."
    named = row.get("functions") or row.get("duties")
    if named:
        duties = facts.words("duties")
        asked = duties & set(clause.scope.duties) if clause.scope.duties else duties
        if beyond := sorted(asked - ({named} if isinstance(named, str) else {str(one) for one in named})):
            return f"One does not name these duties: {', '.join(map(spoken, beyond))}."
    return ""


def _over(limit: Fraction, since: date, facts: Facts, clause: Clause) -> Answer | None:
    """Whether the hours pass the limit: those served since the approval, or where no ledger is kept, those planned for a year."""
    if facts.get("service_ledger") is None and facts.get("ledger") is None:
        planned = fraction(facts.get("hours_year"))
        if planned is None:
            raise Unknown("service_ledger")
        return _too_many(planned, limit) if planned > limit else None
    least, most = ledger.hours(ledger.rows("person", facts, clause), since, facts.on)
    if least > limit:
        return _too_many(least, limit)
    if most is None:
        raise Unknown("service_ledger")
    return None


def _too_many(hours: Fraction, limit: Fraction) -> Answer:
    return violated(
        "Hours: {hours}. The approval is for {limit}.",
        remedy=act(Actor.DISTRICT, "Plan fewer hours, or ask for an approval of more."),
        hours=spoken_number(hours),
        limit=spoken_number(limit),
    )
