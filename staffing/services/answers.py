"""Facts that rules still need about one person and one placement, and the answers staff give for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from staffing.core.case import Case
from staffing.core.errors import Conflict, Invalid, NotFound
from staffing.core.facts import AskedOf, FactSpec, FactType
from staffing.services import readiness
from staffing.services.actors import Actor
from staffing.store import journal
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Person, Placement

#: Whose facts come with the sessions, by the kind of fact.
_FROM_SESSIONS = {
    "person": frozenset({AskedOf.SCHEDULE}),
    "placement": frozenset({AskedOf.SCHEDULE}),
    "context": frozenset({AskedOf.SCHEDULE, AskedOf.SITE}),
}


def open_questions(case: Case, place: readiness.Here, on: date) -> list[FactSpec]:
    """The facts that can still change a rule's answer, in the order a form should ask them.

    Facts of the schedule and of the site's day are left out: they come from sessions, not from a form.
    """
    known = {f"person.{name}": value for name, value in case.person.items()}
    known |= {f"context.{name}": value for name, value in case.context.items()}
    specs = place.book.questions(place.jurisdiction, case.placement, known, on=on, overlays=place.overlay_names)
    return [s for s in specs if s.asked_of not in _FROM_SESSIONS.get(s.group, frozenset())]


async def answer(actor: Actor, person: UUID, placement: UUID, given: Mapping[str, list[str]]) -> list[str]:
    """Keep the answers (by the fact's full name; empty ones are left open) and decide again; gives the facts answered.

    A person's facts are kept with the person, a placement's and its context's with this placement.

    Raises ``Invalid`` by fact name, ``Conflict`` if nothing was answered, ``NotFound``.
    """
    actor.require("hr")
    async with tenant_transaction(actor.tenant):
        row = (
            await Person.select(Person.facts, Person.version)
            .where(Person.id == person)
            .lock_rows("UPDATE")
            .output(load_json=True)
            .first()
        )
        wanted = (
            await Placement.select(Placement.terms, Placement.version)
            .where((Placement.id == placement) & (Placement.person == person) & (Placement.state != "ended"))
            .lock_rows("UPDATE")
            .output(load_json=True)
            .first()
        )
        if row is None or wanted is None:
            raise NotFound("There is no such person or placement in this district.")
        case, place = await readiness.case_of(person, placement_id=placement)
        facts = _read(open_questions(case, place, place.today), given, place.today)
        if not facts:
            raise Conflict("No question was answered. Answer at least one, then save.")
        mine = {name.partition(".")[2]: v for name, v in facts.items() if name.startswith("person.")}
        changes: dict[Any, Any] = {Person.version: row["version"] + 1}
        if born_on := mine.pop("born_on", None):
            changes[Person.born_on] = born_on
        changes[Person.facts] = msgspec.json.encode({**row["facts"], **mine}).decode()
        await Person.update(changes).where(Person.id == person)
        terms = {name.partition(".")[2]: v for name, v in facts.items() if name.startswith("placement.")}
        around = {name.partition(".")[2]: v for name, v in facts.items() if name.startswith("context.")}
        if around:
            terms["context"] = {**wanted["terms"].get("context", {}), **around}
        if terms:
            merged = msgspec.json.encode({**wanted["terms"], **terms}).decode()
            await Placement.update({Placement.terms: merged, Placement.version: wanted["version"] + 1}).where(
                Placement.id == placement
            )
        await readiness.refresh(person, actor, "questions answered")
        answered = sorted(facts)
        await journal.record("person:answered", f"person/{person}", actor=actor.tag, questions=answered, placement=str(placement))
    return answered


def _read(specs: Iterable[FactSpec], given: Mapping[str, list[str]], today: date) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for spec in specs:
        values = [v.strip() for v in given.get(spec.name, []) if v.strip()]
        if not values:
            continue
        try:
            facts[spec.name] = _value(spec, values, today)
        except ValueError as exc:
            wrong[spec.name] = str(exc)
    if wrong:
        raise Invalid("The answers were not saved. " + " ".join(wrong.values()), wrong)
    return facts


def _value(spec: FactSpec, values: list[str], today: date) -> Any:
    """One answer as its fact's type. Raises ``ValueError`` with a sentence."""
    given = values[-1]
    if spec.type is FactType.LIST:
        return [part.strip() for v in values for part in v.split(",") if part.strip()]
    if spec.type is FactType.BOOL:
        if given not in ("yes", "no"):
            raise ValueError("Choose yes or no.")
        return given == "yes"
    if spec.type is FactType.CHOICE and given not in spec.choices:
        raise ValueError("Choose one of the answers.")
    if spec.type is FactType.NUMBER:
        try:
            return msgspec.convert(given, float, strict=False)
        except msgspec.ValidationError:
            raise ValueError(f"{given!r} is not a number. Write one, for example 4.") from None
    if spec.type is FactType.DATE:
        try:
            day = date.fromisoformat(given)
        except ValueError:
            raise ValueError(f"{given!r} is not a day. Write it as year-month-day.") from None
        if day > today and spec.name.endswith(("born_on", "_since")):
            raise ValueError("This day must be in the past.")
        return day
    return given
