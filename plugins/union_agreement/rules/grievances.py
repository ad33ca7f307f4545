"""A grievance that is pending about a proposed placement stops it, where an agreement or a programme says so (section 5.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from staffing.api import Actor, Effect, Finding, Layer, State, Text

from .agreement import Agreement, as_day
from .answers import act
from .facts import Facts

_OPEN = frozenset({"filed", "pending", "open", "step_1", "step_2", "step_3", "arbitration", "hearing"})


def pending(facts: Facts) -> list[Mapping[str, Any]]:
    """The open grievances about this placement; none where nobody told of any.

    A row is ``{id, clause, agreement, placement, site, status, filed_on, closed_on, consistent_with_resolution}``. One that
    names a placement or a site is about that alone.
    """
    rows = (*facts.rows("grievances"), *facts.rows("grievance_register"))
    return [row for row in rows if _is_open(row, facts) and _is_about(row, facts)]


def _is_open(row: Mapping[str, Any], facts: Facts) -> bool:
    filed, closed = as_day(row.get("filed_on") or row.get("date")), as_day(row.get("closed_on"))
    if (filed is not None and filed > facts.on) or (closed is not None and closed <= facts.on):
        return False
    if row.get("consistent_with_resolution") is True:
        return False
    return str(row.get("status", "pending")) in _OPEN


def _is_about(row: Mapping[str, Any], facts: Facts) -> bool:
    placement, site = row.get("placement"), row.get("site")
    if placement is not None and str(placement) != str(facts.get("placement_id")):
        return False
    return site is None or str(site) in facts.site_words


def grievances(agreement: Agreement, facts: Facts) -> Iterator[Finding]:
    """A hold for each open grievance under an agreement that holds placements meanwhile."""
    if not agreement.hold_on_grievance:
        return
    ours = {clause.id for clause in agreement.clauses}
    for row in pending(facts):
        clause, named = row.get("clause"), row.get("agreement")
        if (clause and clause not in ours) or (named and named != agreement.id):
            continue
        ident = str(row.get("id") or clause or "grievance")
        yield Finding(
            rule=f"union_agreement.{agreement.id}.grievance.{ident}",
            title=f"{agreement.title}: grievance",
            layer=Layer.SIDE_LETTER,
            state=State.PENDING,
            effect=Effect.HOLD,
            reason=Text(
                "Grievance {id} about this placement is pending. The agreement holds the placement until then.", {"id": ident}
            ),
            ref=f"{agreement.id}.grievance",
            citation=agreement.title,
            jurisdiction=agreement.jurisdiction,
            facts=facts.used,
            remedy=act(Actor.DISTRICT, "Settle grievance {id}, or record that the placement fits its resolution.", id=ident),
        )
