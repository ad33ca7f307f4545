"""Which facts the rules need from a person for the work they chose, why, and what each piece of work asks of a newcomer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from staffing import clock
from staffing.core.errors import Invalid
from staffing.core.facts import AskedOf, FactSpec, FactType
from staffing.core.findings import Actor as Who
from staffing.core.findings import Decision, Effect, Remedy
from staffing.services import readiness
from staffing.services.directory import OpenPosition
from staffing.store.engine import tenant_transaction


def wrong_field(field: str, sentence: str) -> Invalid:
    """An ``Invalid`` whose one sentence belongs to one field."""
    return Invalid(sentence, {field: sentence})


class Asked(msgspec.Struct, frozen=True):
    """What a position asks of a new volunteer: a requirement's title, who acts, its cost in words and usual days."""

    title: str
    who: str
    cost: str | None
    usual_days: int | None


class Reason(msgspec.Struct, frozen=True):
    """A rule that needs a fact: its title, whose rule it is (``Layer``), its citation and where to read it."""

    title: str
    layer: str
    citation: str
    url: str | None


async def questions(
    tenant: str, positions: Iterable[OpenPosition], facts: Mapping[str, Any], asked: Iterable[str]
) -> list[FactSpec]:
    """The facts that the rules for these positions need and the person can tell, in the order of asking.

    ``facts`` holds answers by full name (an answer may bring a further question or take one away), ``asked`` the names of
    questions already put, so that one answered with "I do not know" stays in its place.
    """
    async with tenant_transaction(tenant):
        place = await readiness.here()
    put = set(asked)
    found: dict[str, FactSpec] = {}
    for terms in _different_terms(positions):
        for spec in _path(place, terms, facts, put):
            found.setdefault(spec.name, spec)
    return list(found.values())


def _different_terms(positions: Iterable[OpenPosition]) -> list[dict[str, Any]]:
    return list({msgspec.json.encode(p.terms, order="sorted"): p.terms for p in positions}.values())


def _path(place: readiness.Here, terms: Mapping[str, Any], facts: Mapping[str, Any], put: set[str]) -> list[FactSpec]:
    """The questions for one kind of work: those answered, each bringing what follows from it, then those open."""
    known: dict[str, Any] = {}
    path: list[FactSpec] = []
    while True:
        seen = {spec.name for spec in path}
        needed = place.book.questions(
            place.jurisdiction, terms, known, AskedOf.PERSON, on=place.today, overlays=place.overlay_names
        )
        open_now = [spec for spec in needed if spec.name not in seen and spec.group in {"person", "placement"}]
        nxt = next((spec for spec in open_now if spec.name in facts or spec.name in put), None)
        if nxt is None:
            return path + open_now
        path.append(nxt)
        if facts.get(nxt.name) is not None:
            known[nxt.name] = _typed(nxt, facts[nxt.name])


def _typed(spec: FactSpec, value: Any) -> Any:
    return date.fromisoformat(value) if spec.type is FactType.DATE and isinstance(value, str) else value


async def reasons(tenant: str, positions: Iterable[OpenPosition], facts: Mapping[str, Any], spec: FactSpec) -> list[Reason]:
    """The rules that cannot be decided without this fact: why it is asked."""
    async with tenant_transaction(tenant):
        place = await readiness.here()
    others = {name: value for name, value in facts.items() if name != spec.name}
    found: dict[str, Reason] = {}
    for terms in _different_terms(positions):
        for finding in _decision(place, terms, others).findings:
            if any(fact.name == spec.name and fact.value is None for fact in finding.facts):
                words = Reason(finding.title, finding.layer.value, finding.citation, finding.url)
                found.setdefault(finding.rule, words)
    return list(found.values())


def _decision(place: readiness.Here, terms: Mapping[str, Any], facts: Mapping[str, Any]) -> Decision:
    person: dict[str, Any] = {}
    placement = dict(terms)
    sort_facts(facts, person, placement)
    born_on = person.pop("born_on", None)
    row = {"born_on": date.fromisoformat(born_on) if born_on else None, "facts": person}
    return readiness.decide_here(readiness.assemble(place.jurisdiction, row, [], placement), place)


async def asked_of_newcomers(tenant: str, positions: Iterable[OpenPosition]) -> dict[UUID, list[Asked]]:
    """What each position asks of somebody of whom nothing is known yet, for its start page."""
    async with tenant_transaction(tenant):
        place = await readiness.here()
    known: dict[bytes, list[Asked]] = {}
    answer: dict[UUID, list[Asked]] = {}
    for position in positions:
        key = msgspec.json.encode(position.terms, order="sorted")
        if key not in known:
            known[key] = _asked(_decision(place, position.terms, {}))
        answer[position.id] = known[key]
    return answer


def _asked(decision: Decision) -> list[Asked]:
    found: dict[str, Asked] = {}
    for finding in decision.standing:
        if finding.effect is Effect.ADVISE or not finding.accepts:
            continue
        remedy = finding.remedy or Remedy(who=Who.DISTRICT, what=finding.reason)
        found.setdefault(finding.title, Asked(finding.title, remedy.who.value, remedy.cost, remedy.usual_days))
    return list(found.values())


def plain_fact(spec: FactSpec, given: Any) -> Any:
    """An answer as it is kept: ISO text for a date, the value itself otherwise. Raises ``Invalid`` for what is no answer."""
    if spec.type is FactType.DATE and isinstance(given, date):
        if not date(1900, 1, 1) <= given <= clock.today() and spec.name.endswith(("born_on", "_since")):
            raise wrong_field(spec.key, "Write a day in the past.")
        return given.isoformat()
    if spec.type is FactType.CHOICE and given not in spec.choices:
        raise wrong_field(spec.key, "Choose one of the answers.")
    return given


def sort_facts(facts: Mapping[str, Any], person: dict[str, Any], placement: dict[str, Any]) -> None:
    """Put facts by full name into a person's and a placement's; the rest, and those without a value, are left out."""
    for name, value in facts.items():
        group, _, key = name.partition(".")
        if value is not None and group in {"person", "placement"}:
            (person if group == "person" else placement)[key] = value
