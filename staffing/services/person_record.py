"""One person's whole record: how each requirement stands on a day, what they may do, and all that is held about them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from staffing.core.errors import NotFound
from staffing.core.facts import FactSpec
from staffing.core.findings import Decision, Finding, State
from staffing.core.names import full_name
from staffing.hookspecs import Link
from staffing.services import answers, history, plugins, readiness, standing
from staffing.services.actors import Actor
from staffing.services.standing import Requirement, Verdict
from staffing.store.engine import tenant_transaction
from staffing.store.queries import one_person
from staffing.store.tables import Person


class CanDo(msgspec.Struct, frozen=True, kw_only=True):
    """What a person may do in one open position on the day asked about."""

    position: UUID
    title: str
    site: str
    clears: bool
    kind: str
    word: str
    needs: tuple[str, ...]
    more_sites: int = 0
    findings: tuple[Finding, ...] = ()


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one person on one day. Rows of documents, evidence … are plain mappings for the page."""

    person: dict[str, Any]
    name: str
    called: str
    on: date
    today: date
    placement: dict[str, Any] | None
    placements: list[dict[str, Any]]
    decision: Decision | None
    verdict: Verdict | None
    groups: dict[str, list[Requirement]]
    can_do: list[CanDo]
    dates: list[tuple[date, str, bool]]
    documents: list[dict[str, Any]]
    evidence: list[dict[str, Any]]
    credentials: list[dict[str, Any]]
    entries: list[history.Entry]
    rules: list[tuple[str, int]]
    questions: list[FactSpec]
    actions: dict[str, list[Link]] = {}

    def standing_of(self, item: dict[str, Any]) -> tuple[str, str]:
        """How an item of evidence stands in this decision, as a pill: colour and words."""
        if item["result"] == "not_clear":
            return "bad", "Not clear"
        if item["result"] == "qualified":
            return "warn", "For some work only"
        required = [q for group in self.groups.values() for q in group]
        if any(q.evidence == str(item["id"]) and q.group == "done" for q in required):
            return "ok", "Counts"
        if any(item["kind"] in q.accepts and q.group in ("theirs", "ours", "others") for q in required):
            return "warn", "Not enough"
        return "mute", "On record"


async def record(actor: Actor, person_id: UUID, on: date | None = None, placement_id: UUID | None = None) -> Record:
    """One person's readiness and history. ``on`` decides for another day; ``placement_id`` for another placement.

    Raises ``NotFound`` for a person or placement that is not in the actor's district.
    """
    actor.require("hr", "admin")
    async with tenant_transaction(actor.tenant) as transaction:
        place = await readiness.here()
        on = on or place.today
        then = place if on == place.today else await readiness.here(on)
        found = (
            await Person.select(*Person.all_columns(), Person.organisation.name.as_alias("organisation_name"))
            .where(Person.id == person_id)
            .output(load_json=True)
        )
        if not found:
            raise NotFound("There is no such person in this district.")
        person: dict[str, Any] = found[0]
        placements = await one_person.placements(transaction, person_id)
        documents = await one_person.documents(transaction, person_id)
        evidence = _loaded(await one_person.evidence(transaction, person_id))
        credentials = await one_person.credentials(transaction, person_id)
        positions = await one_person.open_positions(transaction)
        subjects = history.subjects_of(
            person_id,
            document=[d["id"] for d in documents],
            placement=[p["id"] for p in placements],
            credential=[c["id"] for c in credentials],
        )
        entries = await history.of_subjects(subjects)
    held = [e for e in evidence if not e["withdrawn"]]
    main = _main(placements, placement_id)

    def decide(terms: Any, site: UUID | None, starts_on: date | None = None, of: UUID | None = None) -> Decision:
        case = readiness.assemble(place.jurisdiction, person, reversed(held), _json(terms), starts_on)
        return readiness.decide_here(then.of_placement(case, of), then.at(site), on)

    decision = None
    if main is not None:
        kept = readiness.stored(main["body"]) if main["body"] and on == place.today else None
        current = kept is not None and kept.rules_hash == place.rules_hash  # else it waits to be taken again
        fresh = kept is not None and current and (kept.holds_until is None or kept.holds_until > place.today)
        decision = kept if fresh else decide(main["terms"], main["site_id"], main["starts_on"], main["id"])
    questions: list[FactSpec] = []
    if decision and main and any(f.state is State.UNKNOWN for f in decision.findings):
        case = readiness.assemble(place.jurisdiction, person, (), _json(main["terms"]), main["starts_on"])
        questions = answers.open_questions(case, then, on)
    waiting = {d["kind"]: d for d in documents if d["state"] == "waiting"}
    required = standing.requirements(decision, waiting) if decision else []
    called = person["called"] or person["given_name"]
    offered = (
        plugins.actions(decision.findings, person_id, actor, then.plugins, placement=main["id"]) if decision and main else {}
    )
    return Record(
        person=person,
        name=full_name(person["given_name"], person["family_name"]),
        called=called,
        on=on,
        today=place.today,
        placement=main,
        placements=placements,
        decision=decision,
        verdict=standing.verdict(decision, required, called) if decision else None,
        groups=_groups(required),
        can_do=_joined(can_do(decide, positions)),
        dates=_dates(main, required, decision, credentials, on),
        documents=documents,
        evidence=evidence,
        credentials=credentials,
        entries=entries,
        rules=_rules(required),
        questions=questions,
        actions=offered,
    )


def _main(placements: list[dict[str, Any]], wanted: UUID | None) -> dict[str, Any] | None:
    if wanted is not None:
        chosen = next((p for p in placements if p["id"] == wanted), None)
        if chosen is None:
            raise NotFound("There is no such placement for this person.")
        return chosen
    return next((p for p in placements if p["state"] != "ended"), None)


def can_do(decide: Any, positions: Iterable[dict[str, Any]]) -> list[CanDo]:
    """Each open position with its decision, ready ones first; positions with the same terms at one site are decided once."""
    known: dict[tuple[str, UUID | None], Decision] = {}
    found = []
    for position in positions:
        terms = position["terms"] if isinstance(position["terms"], str) else msgspec.json.encode(position["terms"]).decode()
        key = terms, position.get("site_id")
        decision = known.get(key) or known.setdefault(key, decide(*key))
        kind, word = standing.OUTCOMES[decision.outcome.value]
        found.append(
            CanDo(
                position=position["id"],
                title=position["title"],
                site=position["site"],
                clears=decision.outcome.clears,
                kind=kind,
                word=word,
                needs=tuple(standing.lower_first(t) for t in standing.missing(decision)),
                findings=decision.standing,
            )
        )
    return sorted(found, key=lambda c: (not c.clears, len(c.needs), c.title, c.site))


def _joined(found: list[CanDo]) -> list[CanDo]:
    """The same position at several sites with the same answer, said once with how many sites more."""
    joined: dict[tuple[str, str, tuple[str, ...]], CanDo] = {}
    for c in found:
        key = (c.title, c.word, c.needs)
        first = joined.get(key)
        joined[key] = msgspec.structs.replace(first, more_sites=first.more_sites + 1) if first else c
    return list(joined.values())


def _groups(required: Iterable[Requirement]) -> dict[str, list[Requirement]]:
    groups: dict[str, list[Requirement]] = {"theirs": [], "ours": [], "others": [], "done": [], "aside": []}
    for found in required:
        groups[found.group].append(found)
    groups["done"].sort(key=lambda r: (r.kind == "ok", r.until or date.max))
    return groups


def _dates(
    main: dict[str, Any] | None,
    required: Iterable[Requirement],
    decision: Decision | None,
    credentials: Iterable[dict[str, Any]],
    on: date,
) -> list[tuple[date, str, bool]]:
    dates: list[tuple[date, str, bool]] = []
    if main and main["starts_on"] and main["starts_on"] >= on:
        dates.append((main["starts_on"], "First day" if main["state"] == "placed" else "Would like to start", True))
    if main and main["ends_on"] and main["ends_on"] >= on:
        dates.append((main["ends_on"], "Last day", True))
    dates += [(r.until, f"{r.title}: last good day", False) for r in required if r.until and r.until >= on]
    dates += [(c["valid_through"], f"Badge {c['number']} valid through", False) for c in credentials if c["state"] == "issued"]
    if decision and decision.holds_until and not any(d == decision.valid_through for d, _, _ in dates):
        dates.append((decision.holds_until, "The answer could change", False))
    return sorted(d for d in dates if d[0] >= on)[:8]


def _rules(required: Iterable[Requirement]) -> list[tuple[str, int]]:
    counted: dict[str, int] = {}
    for found in required:
        counted[found.layer] = counted.get(found.layer, 0) + 1
    return list(counted.items())


def _json(value: Any) -> Any:
    return msgspec.json.decode(value) if isinstance(value, str | bytes) else value


def _loaded(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "detail": _json(row["detail"])} for row in rows]
