"""From rows to a case, from a case to a decision, and the decision kept so that it can be explained later."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from staffing import host
from staffing.core.case import Case
from staffing.core.errors import NotFound
from staffing.core.evidence import Evidence as EvidenceItem
from staffing.core.findings import Decision, Effect
from staffing.rulebook import decide_with_plugins
from staffing.services.actors import Actor
from staffing.services.district_rules.in_force import Here, here
from staffing.store import journal
from staffing.store.engine import DB
from staffing.store.tables import Decision as DecisionRow
from staffing.store.tables import Evidence, Person, Placement, Position, Site

__all__ = [
    "EVIDENCE_FIELDS",
    "Here",
    "assemble",
    "case_of",
    "clears",
    "decide_here",
    "decision_of",
    "here",
    "refresh",
    "row_of",
    "sites_of",
    "stored",
    "taken",
]

#: The columns of a row of evidence that a case holds.
EVIDENCE_FIELDS = (
    "kind",
    "state",
    "result",
    "issued_on",
    "requested_on",
    "expires_on",
    "purpose",
    "issuer",
    "holder",
    "jurisdiction",
    "detail",
)


def assemble(
    jurisdiction: str,
    person: Mapping[str, Any],
    evidence: Iterable[Mapping[str, Any]],
    terms: Mapping[str, Any],
    starts_on: date | None = None,
) -> Case:
    """Build a case from plain rows of ``person`` (with ``born_on``, ``facts``) and ``evidence`` and a placement's terms.

    ``terms`` holds placement facts by short name and, under ``context``, what staff told of the site or the contract.
    Pure: the demo and the importer use it for many people at once. ``decide_here`` adds the overlays and waivers that count.
    """
    facts = dict(person["facts"] or {})
    if person["born_on"]:
        facts["born_on"] = person["born_on"]
    placement = dict(terms)
    context = placement.pop("context", None) or {}
    if starts_on:
        placement["starts_on"] = starts_on
    items = tuple(
        EvidenceItem(id=str(row["id"]), **{name: row[name] for name in EVIDENCE_FIELDS if row[name] is not None})
        for row in evidence
    )
    return Case(
        jurisdiction=jurisdiction,
        person=_dated(facts),
        placement=_dated(placement),
        context=_dated(context),
        evidence=items,
    )


def _dated(facts: Mapping[str, Any]) -> dict[str, Any]:
    """JSON has no dates: a fact whose name ends in _on or _since is one."""
    return {
        name: date.fromisoformat(value) if isinstance(value, str) and name.endswith(("_on", "_since")) and value else value
        for name, value in facts.items()
    }


async def case_of(
    person_id: UUID, *, placement_id: UUID | None = None, position_id: UUID | None = None, on: date | None = None
) -> tuple[Case, Here]:
    """The case of a person, in a placement they have or a position they might take. Inside a tenant_transaction.

    Raises ``NotFound`` if the person, placement or position is not in this district.
    """
    place = await here(on)
    people = await Person.select(Person.id, Person.born_on, Person.facts).where(Person.id == person_id).output(load_json=True)
    if not people:
        raise NotFound("There is no such person in this district.")
    terms, starts_on, site = await _terms(person_id, placement_id, position_id)
    rows = (
        await Evidence.select()
        .where((Evidence.person == person_id) & (Evidence.withdrawn.eq(False)))
        .order_by(Evidence.recorded_at, Evidence.id)
        .output(load_json=True)
    )
    case = place.of_placement(assemble(place.jurisdiction, people[0], rows, terms, starts_on), placement_id)
    return case, place.at(site)


async def _terms(
    person_id: UUID, placement_id: UUID | None, position_id: UUID | None
) -> tuple[dict[str, Any], date | None, UUID | None]:
    if placement_id is not None:
        rows = (
            await Placement.select(Placement.terms, Placement.starts_on, Placement.site)
            .where((Placement.id == placement_id) & (Placement.person == person_id))
            .output(load_json=True)
        )
        if not rows:
            raise NotFound("There is no such placement for this person.")
        return rows[0]["terms"], rows[0]["starts_on"], rows[0]["site"]
    if position_id is not None:
        rows = await Position.select(Position.terms, Position.site).where(Position.id == position_id).output(load_json=True)
        if not rows:
            raise NotFound("There is no such position in this district.")
        return rows[0]["terms"], None, rows[0]["site"]
    return {}, None, None


def decide_here(case: Case, place: Here, on: date | None = None) -> Decision:
    """Take the decision with the plugins, overlays and waivers that count here. The one way from a stored case to a decision.

    Give ``place.at(site)`` where the site is known: a waiver for one site counts there alone. The decision holds no longer
    than until a plugin or an overlay begins or ends here.
    """
    case = place.completed(case)
    decision = decide_with_plugins(host.load(), case, on or place.today, place.plugins, place.book, place.silent)
    days = [day for day in (decision.holds_until, place.next_switch) if day is not None]
    return msgspec.structs.replace(decision, holds_until=min(days, default=None), rules_hash=place.rules_hash)


async def decision_of(
    person_id: UUID, *, placement_id: UUID | None = None, position_id: UUID | None = None, on: date | None = None
) -> Decision:
    """Decide now, storing nothing. Inside a tenant_transaction."""
    case, place = await case_of(person_id, placement_id=placement_id, position_id=position_id, on=on)
    return decide_here(case, place, on)


def row_of(person_id: UUID, placement_id: UUID, decision: Decision) -> DecisionRow:
    """The row that keeps a decision, not yet saved."""
    return DecisionRow(
        person=person_id,
        placement=placement_id,
        on=decision.on,
        outcome=decision.outcome.value,
        holds_until=decision.holds_until,
        body=msgspec.json.encode(decision).decode(),
        case_hash=decision.case_hash,
        rules_hash=decision.rules_hash,
    )


def stored(body: Any) -> Decision:
    """A decision as it was taken, from the ``body`` column (text or loaded JSON)."""
    if isinstance(body, str | bytes):
        return msgspec.json.decode(body, type=Decision)
    return msgspec.convert(body, Decision)


async def taken(ids: Collection[UUID]) -> dict[UUID, Decision]:
    """Decisions as they were taken, by id, however they are kept. Inside a tenant_transaction."""
    async with DB.connection() as connection:
        rows = await connection.fetch(_TAKEN, list(ids))
    return {row["id"]: stored(row["body"]) for row in rows}


_TAKEN = "SELECT de.id, decision_body(de)::text AS body FROM decision de WHERE de.id = ANY ($1::uuid[])"


async def refresh(person_id: UUID, actor: Actor, why: str = "") -> list[UUID]:
    """Take every decision of this person again and keep those that are new. Inside a tenant_transaction.

    Call it after any change of facts, evidence or placement. An unchanged decision (same case, rules and day)
    is left as it is. Gives the ids of the decisions that are current afterwards.
    """
    placements = (
        await Placement.select(Placement.id, Placement.terms, Placement.starts_on)
        .where((Placement.person == person_id) & (Placement.state.is_in(["wished", "placed"])))
        .order_by(Placement.created_at)
        .output(load_json=True)
    )
    current: list[UUID] = []
    for placement in placements:
        case, place = await case_of(person_id, placement_id=placement["id"])
        decision = decide_here(case, place)
        current.append(await _keep(person_id, placement["id"], decision, actor, why))
    return current


async def _keep(person_id: UUID, placement_id: UUID, decision: Decision, actor: Actor, why: str) -> UUID:
    before = (
        await DecisionRow.select(
            DecisionRow.id,
            DecisionRow.outcome,
            DecisionRow.case_hash,
            DecisionRow.rules_hash,
            DecisionRow.holds_until,
            DecisionRow.on.as_alias("on"),
        )
        .where((DecisionRow.placement == placement_id) & (DecisionRow.current.eq(True)))
        .first()
    )
    same = ("case_hash", "rules_hash", "on", "holds_until")
    if before and all(before[name] == getattr(decision, name) for name in same):
        found: UUID = before["id"]
        return found
    if before:
        await DecisionRow.update({DecisionRow.current: False}).where(DecisionRow.id == before["id"])
    row = row_of(person_id, placement_id, decision)
    await DecisionRow.insert(row)
    if not before or before["outcome"] != decision.outcome.value:
        await journal.record(
            "decision:taken",
            f"person/{person_id}",
            actor=actor.tag,
            placement=str(placement_id),
            before=before["outcome"] if before else None,
            after=decision.outcome.value,
            rules=decision.rules_hash,
            why=why,
        )
    kept: UUID = row.id
    return kept


def clears(outcome: str | Effect) -> bool:
    """Whether work may go on under this outcome."""
    return Effect(outcome).clears


async def sites_of(ids: Collection[UUID]) -> dict[UUID, str]:
    """Site names by id, in one query."""
    if not ids:
        return {}
    rows: Sequence[Mapping[str, Any]] = await Site.select(Site.id, Site.name).where(Site.id.is_in(list(ids)))
    return {row["id"]: row["name"] for row in rows}
