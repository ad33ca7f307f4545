"""Placing people: only where the decision on the day they start lets them work, and ending it again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing.core.errors import Conflict, Invalid, NotFound
from staffing.core.findings import Decision, Finding
from staffing.core.names import full_name
from staffing.hookspecs import Link
from staffing.services import credentials, people, plugins, readiness, review, review_words, standing
from staffing.services.actors import Actor
from staffing.store import journal
from staffing.store.engine import tenant_transaction
from staffing.store.queries import placement_list
from staffing.store.tables import Evidence, Person, Placement, Position

FARTHEST = timedelta(days=730)


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
    actions: tuple[Link, ...] = ()


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


async def choices(actor: Actor, person: UUID, on: date | None = None) -> Choices:
    """The open positions with a decision each, for a person starting on a day.

    Without a day: the first on which they asked to start, if that is ahead, else today.
    """
    actor.require("hr")
    async with tenant_transaction(actor.tenant) as transaction:
        place = await readiness.here()
        row = await person_row(person)
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

    def decide(terms: str, site: UUID | None) -> Decision:
        case = readiness.assemble(place.jurisdiction, row, evidence, msgspec.json.decode(terms), on)
        return readiness.decide_here(case, then.at(site), on)

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
            actions=_offered(able[p["id"]].findings, person, actor, then.plugins, p["id"]),
        )
        for p in positions
    ]
    rows.sort(key=lambda c: (c.placed, not c.wished, not c.clears, len(c.needs), c.site, c.title))
    name = full_name(row["given_name"], row["family_name"])
    return Choices(
        person=person, name=name, called=row["called"] or row["given_name"], on=on, rows=rows, invented=row["invented"]
    )


def _offered(
    findings: Iterable[Finding], person: UUID, actor: Actor, active: Collection[str], position: UUID
) -> tuple[Link, ...]:
    """What plugins offer to do about what stands in the way of a position, each once."""
    found = plugins.actions(findings, person, actor, active, position=position)
    return tuple({link.url: link for links in found.values() for link in links}.values())


async def preview(actor: Actor, person: UUID, position: UUID, starts_on: date) -> Preview:
    """Decide for a person, a position and a first day, changing nothing."""
    actor.require("hr")
    async with tenant_transaction(actor.tenant):
        row = await person_row(person)
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
        row = await person_row(person)
        wanted = await _position(position, lock=True)
        had = await held(person, position)
        if had and had["state"] == "placed":
            if had["starts_on"] == starts_on:
                return UUID(str(had["id"]))
            raise Conflict(f"{named(row)} is already placed there from {in_words(had['starts_on'])}. End that placement first.")
        if (had["version"] if had else 0) != (version or 0):
            raise Conflict(f"What {named(row)} asked for has changed since you opened the page. Open it again, then place.")
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
            told, lambda tag, name: review_words.placed(tag, name, wanted["title"], wanted["site"], in_words(starts_on))
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
            wrong["on"] = f"The last day cannot be before the first, {in_words(found['starts_on'])}."
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
        await credentials.withdraw_of_placement(actor, placement, "The placement ended")
        await journal.record(
            "placement:ended",
            f"placement/{placement}",
            actor=actor.tag,
            person=str(found["person"]),
            ends_on=last.isoformat() if last else "before it began",
            reason=reason.strip(),
            before=found["state"],
        )


async def person_row(person: UUID) -> dict[str, Any]:
    """A person's row. Inside a tenant_transaction. Raises ``NotFound``."""
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


async def held(person: UUID, position: UUID) -> dict[str, Any] | None:
    """What the person has in a position (placed before wished), locked until the transaction ends; None for nothing."""
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
    return (
        f"{named(row)} cannot start as {wanted['title']} at {wanted['site']} on {in_words(starts_on)} yet. Still needed: {what}."
    )


def named(row: dict[str, Any]) -> str:
    """The person's name in a sentence."""
    return full_name(row["given_name"], row["family_name"])


def in_words(day: date | None) -> str:
    """A day in a sentence: ``December 1, 2026``."""
    return f"{day:%B} {day.day}, {day.year}" if day else "a day not set"
