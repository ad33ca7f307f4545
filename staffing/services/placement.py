"""Placing people: only where the decision on the day they start lets them work, and ending it again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import msgspec

from staffing.core.errors import Conflict, Invalid, NotFound
from staffing.core.findings import Decision
from staffing.core.names import fold, full_name
from staffing.services import people, readiness, review, review_desk, review_words, standing
from staffing.services.actors import Actor
from staffing.store import journal
from staffing.store.engine import DB, tenant_transaction
from staffing.store.queries import placement_list
from staffing.store.tables import Assignment, Evidence, Person, Placement, Position, Session

STATE_NAMES: dict[str, str] = {"placed": "Placed", "wished": "Asked for", "ended": "Ended"}
FARTHEST = timedelta(days=730)
PAGE = 50


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A position a person might take, with the decision for the day asked about."""

    position: UUID
    title: str
    site: str
    employer: str
    places: int
    taken: int
    wished: bool
    placed: bool
    version: int
    clears: bool
    kind: str
    word: str
    needs: tuple[str, ...]


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """A person's choices on a day: ready ones first, what they asked for before the rest."""

    person: UUID
    name: str
    called: str
    on: date
    rows: list[Choice]
    invented: bool


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What placing would mean: the decision on the first day, and who must act first if it does not clear."""

    decision: Decision
    clears: bool
    refused: str | None


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A placement in the list."""

    id: UUID
    person: UUID
    name: str
    title: str
    site: str
    state: str
    starts_on: date | None
    ends_on: date | None
    kind: str
    word: str
    clears: bool
    holds_until: date | None
    version: int
    badge: str | None
    invented: bool

    @property
    def through(self) -> date | None:
        """The last day the answer is sure to hold, or None if nothing known ends it."""
        return self.holds_until - timedelta(days=1) if self.holds_until else None


class Placements(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the placements list with the number in each state."""

    rows: list[Listed]
    counts: dict[str, int]
    state: str
    words: str
    page: int
    pages: int


async def choices(actor: Actor, person: UUID, on: date | None = None) -> Choices:
    """The open positions with a decision each, for a person starting on a day.

    Without a day: the first on which they asked to start, if that is ahead, else today.
    """
    actor.require("hr")
    async with tenant_transaction(actor.tenant) as transaction:
        place = await readiness.here()
        row = await _person(person)
        positions = await placement_list.positions(transaction, person)
        wished = [p["starts_on"] for p in positions if p["state"] == "wished" and p["starts_on"]]
        on = max(on or min(wished, default=place.today), place.today)
        then = place if on == place.today else await readiness.here(on)
        evidence = (
            await Evidence.select()
            .where((Evidence.person == person) & (Evidence.withdrawn.eq(False)))
            .order_by(Evidence.recorded_at)
            .output(load_json=True)
        )

    def decide(terms: str) -> Decision:
        case = readiness.assemble(place.jurisdiction, row, evidence, msgspec.json.decode(terms), on)
        return readiness.decide_here(case, then, on)

    able = {c.position: c for c in people.can_do(decide, positions)}
    rows = [
        Choice(
            position=p["id"],
            title=p["title"],
            site=p["site"],
            employer=p["employer"],
            places=p["places"],
            taken=p["taken"],
            wished=p["state"] == "wished",
            placed=p["state"] == "placed",
            version=p["version"] or 0,
            clears=able[p["id"]].clears,
            kind=able[p["id"]].kind,
            word=able[p["id"]].word,
            needs=able[p["id"]].needs,
        )
        for p in positions
    ]
    rows.sort(key=lambda c: (c.placed, not c.wished, not c.clears, len(c.needs), c.site, c.title))
    name = full_name(row["given_name"], row["family_name"])
    return Choices(
        person=person, name=name, called=row["called"] or row["given_name"], on=on, rows=rows, invented=row["invented"]
    )


async def preview(actor: Actor, person: UUID, position: UUID, starts_on: date) -> Preview:
    """Decide for a person, a position and a first day, changing nothing."""
    actor.require("hr")
    async with tenant_transaction(actor.tenant):
        row = await _person(person)
        wanted = await _position(position, lock=False)
        decision = await _decide(person, wanted, starts_on)
    refused = None if decision.outcome.clears else _refusal(decision, row, wanted, starts_on)
    return Preview(decision=decision, clears=decision.outcome.clears, refused=refused)


async def place(actor: Actor, person: UUID, position: UUID, starts_on: date, version: int | None = None) -> UUID:
    """Place a person if the decision on ``starts_on`` clears; gives the placement's id.

    ``version`` is that of the placement they asked for (0 or None: there was none). Raises ``Conflict`` naming what is
    missing and who acts next, that the places are taken, or that somebody was faster; ``Invalid`` for a date that
    cannot be; ``NotFound``. Placing the same person there twice from the same day changes nothing.
    """
    actor.require("hr")
    async with tenant_transaction(actor.tenant):
        today = (await readiness.here()).today
        if starts_on < today or starts_on > today + FARTHEST:
            words = "Choose a first day from today on, at most two years ahead."
            raise Invalid(words, {"starts_on": words})
        row = await _person(person)
        wanted = await _position(position, lock=True)
        had = await _held(person, position)
        if had and had["state"] == "placed":
            if had["starts_on"] == starts_on:
                return UUID(str(had["id"]))
            raise Conflict(f"{_name(row)} is already placed there from {_day(had['starts_on'])}. End that placement first.")
        if (had["version"] if had else 0) != (version or 0):
            raise Conflict(f"What {_name(row)} asked for has changed since you opened the page. Open it again, then place.")
        taken = await Placement.count().where((Placement.position == position) & (Placement.state == "placed"))
        if taken >= wanted["places"]:
            raise Conflict(
                f"All {wanted['places']} places for {wanted['title']} at {wanted['site']} are taken. "
                "Choose another position, or end a placement there first."
            )
        decision = await _decide(person, wanted, starts_on)
        if not decision.outcome.clears:
            raise Conflict(_refusal(decision, row, wanted, starts_on))
        placement = await _write(actor, person, wanted, had, starts_on)
        await readiness.refresh(person, actor, "placed")
        told = {**row, "consents": msgspec.json.encode(row["consents"]).decode()}
        await review.tell(
            told, lambda tag, name: review_words.placed(tag, name, wanted["title"], wanted["site"], _day(starts_on))
        )
        await journal.record(
            "placement:placed",
            f"placement/{placement}",
            actor=actor.tag,
            person=str(person),
            position=wanted["title"],
            site=wanted["site"],
            starts_on=starts_on.isoformat(),
            outcome=decision.outcome.value,
            rules=decision.rules_hash,
        )
    return placement


async def end(actor: Actor, placement: UUID, on: date, reason: str, version: int | None = None) -> None:
    """End a placement after the day ``on`` for a reason in words. Ending it twice changes nothing.

    Raises ``Invalid``, ``Conflict`` (changed since it was opened) or ``NotFound``.
    """
    actor.require("hr")
    async with tenant_transaction(actor.tenant):
        found = (
            await Placement.select(
                Placement.id, Placement.person, Placement.state, Placement.version, Placement.starts_on, Placement.ends_on
            )
            .where(Placement.id == placement)
            .first()
        )
        if found is None:
            raise NotFound("There is no such placement in this district.")
        if found["state"] == "ended":
            return
        wrong = {}
        if not reason.strip():
            wrong["reason"] = "Say why it ends; the journal keeps it."
        today = (await readiness.here()).today
        if on > today:
            wrong["on"] = "The last day is in the future. End the placement on that day, or choose today or an earlier day."
        elif found["starts_on"] and on < found["starts_on"] and found["starts_on"] <= today:
            wrong["on"] = f"The last day cannot be before the first, {_day(found['starts_on'])}."
        if wrong:
            raise Invalid("The placement was not ended. " + " ".join(wrong.values()), wrong)
        last = on if found["starts_on"] is None or on >= found["starts_on"] else None  # None: it never began
        known = found["version"] if version is None else version
        moved = (
            await Placement.update({Placement.state: "ended", Placement.ends_on: last, Placement.version: known + 1})
            .where((Placement.id == placement) & (Placement.version == known))
            .returning(Placement.id)
        )
        if not moved:
            raise Conflict("Somebody changed this placement since you opened the page. Open it again, then end it.")
        await readiness.refresh(found["person"], actor, "placement ended")
        await journal.record(
            "placement:ended",
            f"placement/{placement}",
            actor=actor.tag,
            person=str(found["person"]),
            ends_on=last.isoformat() if last else "before it began",
            reason=reason.strip(),
            before=found["state"],
        )


async def placements(actor: Actor, state: str = "placed", words: str = "", page: int = 1) -> Placements:
    """Placements in a state, soonest start first, with how each person stands there today. For HR."""
    actor.require("hr", "admin")
    state = state if state in STATE_NAMES else "placed"
    page = max(1, page)
    async with tenant_transaction(actor.tenant) as transaction:
        today = (await readiness.here()).today
        counts = await placement_list.counts(transaction)
        found, total = await placement_list.rows(
            transaction, state=state, words=fold(words), limit=PAGE, offset=PAGE * (page - 1)
        )
        rows = [await _listed(row, today) for row in found]
    return Placements(
        rows=rows,
        counts={name: counts.get(name, 0) for name in STATE_NAMES},
        state=state,
        words=words,
        page=page,
        pages=max(1, -(-total // PAGE)),
    )


async def assign(actor: Actor, person: UUID, session: UUID) -> UUID:
    """Let a placed person take a session, if the decision on that day clears; gives the assignment's id.

    Raises ``Conflict`` when the person has another session then (the database refuses it) or may not work that day.
    """
    actor.require("hr", "coordinator")
    async with tenant_transaction(actor.tenant):
        row = await _person(person)
        found = (
            await Session.select(
                Session.id, Session.position, Session.starts_at, Session.ends_at, Session.position.title.as_alias("title")
            )
            .where((Session.id == session) & (Session.state == "planned"))
            .first()
        )
        if found is None:
            raise NotFound("There is no such session, or it was cancelled.")
        placement = await _held(person, found["position"])
        if placement is None or placement["state"] != "placed":
            raise Conflict(f"{_name(row)} is not placed as {found['title']}. Place them first, then plan the session.")
        district, _ = await review_desk.district(actor.tenant)
        begins = found["starts_at"].astimezone(ZoneInfo(district["time_zone"]))
        on = begins.date()
        decision = await readiness.decision_of(person, placement_id=placement["id"], on=on)
        if not decision.outcome.clears:
            what = standing.joined([standing.lower_first(t) for t in standing.missing(decision)])
            raise Conflict(f"{_name(row)} may not work on {_day(on)}: {what}. Settle that first, or ask somebody else.")
        made = Assignment(
            session=session,
            person=person,
            placement=placement["id"],
            starts_at=found["starts_at"],
            ends_at=found["ends_at"],
        )
        try:
            async with DB.transaction():
                await Assignment.insert(made)
        except asyncpg.ExclusionViolationError as exc:
            raise Conflict(
                f"{_name(row)} already has a session that overlaps with {_day(on)}, "
                f"{begins:%H:%M}. Choose another time or another person."
            ) from exc
        await journal.record(
            "assignment:planned", f"person/{person}", actor=actor.tag, session=str(session), starts_on=on.isoformat()
        )
    identity: UUID = made.id
    return identity


async def _listed(row: dict[str, Any], today: date) -> Listed:
    outcome, holds_until = row["outcome"], row["holds_until"]
    if outcome and row["state"] != "ended" and holds_until is not None and holds_until <= today:
        decision = await readiness.decision_of(row["person"], placement_id=row["id"])
        outcome, holds_until = decision.outcome.value, decision.holds_until
    kind, word = standing.OUTCOMES[outcome] if outcome else ("mute", "Not decided")
    return Listed(
        id=row["id"],
        person=row["person"],
        name=full_name(row["given_name"], row["family_name"]),
        title=row["title"],
        site=row["site"],
        state=row["state"],
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
        kind=kind,
        word=word,
        clears=people.clears(outcome),
        holds_until=holds_until,
        version=row["version"],
        badge=row["badge"],
        invented=row["invented"],
    )


async def _person(person: UUID) -> dict[str, Any]:
    row: dict[str, Any] | None = await Person.select().where(Person.id == person).output(load_json=True).first()
    if row is None:
        raise NotFound("There is no such person in this district.")
    return row


async def _position(position: UUID, *, lock: bool) -> dict[str, Any]:
    if lock:  # two people placing into the last place wait for each other here
        await Position.select(Position.id).where(Position.id == position).lock_rows("UPDATE")
    row: dict[str, Any] | None = (
        await Position.select(
            Position.id,
            Position.title,
            Position.site,
            Position.terms,
            Position.places,
            Position.open,
            Position.site.name.as_alias("site_name"),
        )
        .where(Position.id == position)
        .first()
    )
    if row is None or not row["open"]:
        raise NotFound("There is no such open position in this district.")
    return {**row, "site_id": row["site"], "site": row["site_name"]}


async def _held(person: UUID, position: UUID) -> dict[str, Any] | None:
    row: dict[str, Any] | None = (
        await Placement.select(Placement.id, Placement.state, Placement.version, Placement.starts_on)
        .where((Placement.person == person) & (Placement.position == position) & (Placement.state != "ended"))
        .order_by(Placement.state)
        .lock_rows("UPDATE")
        .first()
    )
    return row


async def _decide(person: UUID, wanted: dict[str, Any], starts_on: date) -> Decision:
    case, place = await readiness.case_of(person, position_id=wanted["id"], on=starts_on)
    case = msgspec.structs.replace(case, placement={**case.placement, "starts_on": starts_on})
    return readiness.decide_here(case, place, starts_on)


async def _write(actor: Actor, person: UUID, wanted: dict[str, Any], had: dict[str, Any] | None, starts_on: date) -> UUID:
    if had is None:
        made = Placement(
            person=person,
            position=wanted["id"],
            site=wanted["site_id"],
            state="placed",
            terms=wanted["terms"],
            starts_on=starts_on,
            placed_by=actor.tag,
        )
        await Placement.insert(made)
        identity: UUID = made.id
        return identity
    await Placement.update(
        {
            Placement.state: "placed",
            Placement.terms: wanted["terms"],
            Placement.starts_on: starts_on,
            Placement.placed_by: actor.tag,
            Placement.version: had["version"] + 1,
        }
    ).where(Placement.id == had["id"])
    return UUID(str(had["id"]))


def _refusal(decision: Decision, row: dict[str, Any], wanted: dict[str, Any], starts_on: date) -> str:
    """Why a placement is refused: what is missing on the first day and who acts next."""
    required = [r for r in standing.requirements(decision, {}) if r.counts and r.group != "done"]
    called = row["called"] or row["given_name"]
    needs = standing.verdict(decision, required, called).needs
    what = standing.joined([*needs]) or "the rules do not allow it"
    return f"{_name(row)} cannot start as {wanted['title']} at {wanted['site']} on {_day(starts_on)} yet. Still needed: {what}."


def _name(row: dict[str, Any]) -> str:
    return full_name(row["given_name"], row["family_name"])


def _day(day: date | None) -> str:
    return f"{day:%B} {day.day}, {day.year}" if day else "a day not set"
