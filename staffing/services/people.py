"""People as HR sees them: a searchable list with how each stands, and one person's whole record on any day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing.core.errors import NotFound
from staffing.core.findings import Decision, Effect
from staffing.core.names import fold, full_name
from staffing.services import history, readiness, standing
from staffing.services.actors import Actor
from staffing.services.standing import Requirement, Verdict
from staffing.store.engine import tenant_transaction
from staffing.store.queries import console, one_person, people_list
from staffing.store.tables import Person

STATUS_NAMES: dict[str, str] = {
    "us": "Waiting on us",
    "them": "Waiting on them",
    "others": "Waiting on others",
    "expiring": "Lapsing in 30 days",
    "ready": "Ready",
    "none": "No work chosen yet",
}
SOON = timedelta(days=30)
PAGE = 50


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A person in the list, with the work that decides how they stand."""

    id: UUID
    name: str
    organisation: str
    title: str
    site: str
    placed: bool
    starts_on: date | None
    status: str
    kind: str
    word: str
    missing: tuple[str, ...]
    holds_until: date | None
    waiting: int
    invented: bool

    @property
    def through(self) -> date | None:
        """The last day the answer is sure to hold, or None if nothing known ends it."""
        return self.holds_until - timedelta(days=1) if self.holds_until else None


class People(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the list with the number of people at each status."""

    rows: list[Listed]
    counts: dict[str, int]
    found: int
    page: int
    pages: int
    words: str
    status: str | None
    show: str | None


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


async def people(actor: Actor, words: str = "", status: str | None = None, page: int = 1, show: str | None = None) -> People:
    """People whose name (in any script, without accents) holds every word, with how each stands. For HR.

    ``show`` is a saved view: ``starting`` (starts within 7 days, not ready) or ``unplaced`` (ready, not placed).
    """
    actor.require("hr", "admin")
    status = status if status in STATUS_NAMES else None
    show = show if show in ("starting", "unplaced") else None
    async with tenant_transaction(actor.tenant) as transaction:
        place = await readiness.here()
        span = {"today": place.today, "soon": place.today + SOON}
        counts = await people_list.counts(transaction, **span)
        found, total = await people_list.rows(
            transaction, words=fold(words), standing=status, show=show, limit=PAGE, offset=PAGE * (max(1, page) - 1), **span
        )
        rows = [await listed(row, place) for row in found]
    return People(
        rows=rows,
        counts=counts,
        found=total,
        page=max(1, page),
        pages=max(1, -(-total // PAGE)),
        words=words,
        status=status,
        show=show,
    )


async def numbers(actor: Actor) -> dict[str, int]:
    """Documents waiting, people, placements and the saved views' counts, for the menu of the console."""
    async with tenant_transaction(actor.tenant) as transaction:
        today = (await readiness.here()).today
        return await console.numbers(transaction, week=today + timedelta(days=7), month=today + SOON)


async def listed(row: dict[str, Any], place: readiness.Here) -> Listed:
    """A row of the people list; a decision whose day has passed is taken again for this row alone."""
    outcome, holds_until, status = row["outcome"], row["holds_until"], row["standing"]
    lacking: tuple[str, ...] = ()
    if row["body"] is not None:
        decision = readiness.stored(row["body"])
        if holds_until is not None and holds_until <= place.today:
            decision = await readiness.decision_of(row["id"], placement_id=row["placement"])
            outcome, holds_until = decision.outcome.value, decision.holds_until
            status = _status(decision, row["waiting"], place.today)
        lacking = tuple(standing.missing(decision))
    kind, word = standing.OUTCOMES[outcome] if outcome else ("mute", "No work chosen")
    return Listed(
        id=row["id"],
        name=full_name(row["given_name"], row["family_name"]),
        organisation=row["organisation"] or "",
        title=row["title"] or "",
        site=row["site"] or "",
        placed=row["placement_state"] == "placed",
        starts_on=row["starts_on"],
        status=status,
        kind=kind,
        word=word,
        missing=lacking,
        holds_until=holds_until,
        waiting=row["waiting"],
        invented=row["invented"],
    )


def _status(decision: Decision, waiting: int, today: date) -> str:
    """The standing of ``people_list`` for a decision just taken."""
    if decision.outcome.clears:
        return "expiring" if decision.holds_until and decision.holds_until <= today + SOON else "ready"
    groups = {r.group for r in standing.requirements(decision, {})}
    return "us" if waiting else "them" if "theirs" in groups else "us" if "ours" in groups else "others"


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

    def decide(terms: Any, starts_on: date | None = None) -> Decision:
        case = readiness.assemble(place.jurisdiction, person, reversed(held), _json(terms), starts_on)
        return readiness.decide_here(case, then, on)

    decision = None
    if main is not None:
        kept = readiness.stored(main["body"]) if main["body"] and on == place.today else None
        fresh = kept is not None and (kept.holds_until is None or kept.holds_until > place.today)
        decision = kept if fresh else decide(main["terms"], main["starts_on"])
    waiting = {d["kind"]: d for d in documents if d["state"] == "waiting"}
    required = standing.requirements(decision, waiting) if decision else []
    called = person["called"] or person["given_name"]
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
    )


def _main(placements: list[dict[str, Any]], wanted: UUID | None) -> dict[str, Any] | None:
    if wanted is not None:
        chosen = next((p for p in placements if p["id"] == wanted), None)
        if chosen is None:
            raise NotFound("There is no such placement for this person.")
        return chosen
    return next((p for p in placements if p["state"] != "ended"), None)


def can_do(decide: Any, positions: Iterable[dict[str, Any]]) -> list[CanDo]:
    """Each open position with its decision, ready ones first; positions with the same terms are decided once."""
    known: dict[str, Decision] = {}
    found = []
    for position in positions:
        terms = position["terms"] if isinstance(position["terms"], str) else msgspec.json.encode(position["terms"]).decode()
        decision = known.get(terms) or known.setdefault(terms, decide(terms))
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


def clears(outcome: str | None) -> bool:
    """Whether an outcome lets work go on; None (never decided) does not."""
    return outcome is not None and Effect(outcome).clears
