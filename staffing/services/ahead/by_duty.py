"""Readiness by duty: for one person every position at a site or of the district, and the shortest way to those not open yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from staffing.core.case import Case
from staffing.core.errors import NotFound
from staffing.core.findings import Decision, Finding, State
from staffing.core.names import full_name
from staffing.services import readiness, standing
from staffing.services.actors import Actor
from staffing.services.ahead import for_now
from staffing.services.ahead.steps import Step, Way, steps
from staffing.store.engine import tenant_transaction
from staffing.store.queries import by_duty as queries


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """A position with the decision for one person. ``ways`` lead to it, the shortest first; none where it is open already.

    ``state`` is what the person has there: placed, wished or None. ``conditions`` are the reasons work is open for now only.
    """

    position: UUID
    placement: UUID | None
    title: str
    summary: str
    employer: str
    places: int
    taken: int
    open: bool
    state: str | None
    clears: bool
    kind: str
    word: str
    valid_through: date | None
    conditions: tuple[Any, ...]
    ways: tuple[Way, ...]

    @property
    def full(self) -> bool:
        """Whether every place is taken, by others."""
        return self.taken >= self.places and self.state != "placed"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A site with its positions: those open to the person now, and those not yet, nearest first."""

    site: UUID
    name: str
    setting: str
    address: str
    now: tuple[Duty, ...]
    later: tuple[Duty, ...]


class Duties(msgspec.Struct, frozen=True, kw_only=True):
    """What one person can do on a day, by site. ``sites`` are all there are, for staff to choose one of (``site``)."""

    person: UUID
    name: str
    called: str
    invented: bool
    on: date
    today: date
    places: tuple[Place, ...]
    sites: tuple[tuple[UUID, str], ...]
    site: UUID | None

    @property
    def now(self) -> int:
        """How many positions are open to the person."""
        return sum(len(place.now) for place in self.places)

    @property
    def later(self) -> int:
        """How many are not yet."""
        return sum(len(place.later) for place in self.places)

    @property
    def others(self) -> tuple[tuple[Place, Duty], ...]:
        """The positions that the person neither has nor has asked for and that have room, the nearest first."""
        free = [(p, d) for p in self.places for d in (*p.now, *p.later) if d.state is None and d.open and not d.full]
        return tuple(sorted(free, key=lambda pair: _rank(pair[1])))


async def of_person(actor: Actor, person: UUID, on: date | None = None, site: UUID | None = None) -> Duties:
    """Every position for a person on a day (today, if none is given), closed ones too. For HR.

    Raises ``NotFound`` for a person or site that is not in the district.
    """
    actor.require("hr", "admin")
    return await _duties(actor, person, on, site, choose=True)


async def mine(actor: Actor) -> Duties:
    """The open positions for the person signed in, today. Raises ``NotFound`` for an account without a person."""
    if actor.person is None:
        raise NotFound("You are signed in to an account that is no volunteer's, so it has no list.")
    return await _duties(actor, actor.person, None, None, choose=False)


async def _duties(actor: Actor, person: UUID, on: date | None, site: UUID | None, *, choose: bool) -> Duties:
    async with tenant_transaction(actor.tenant) as transaction:
        place = await readiness.here()
        on = on or place.today
        then = place if on == place.today else await readiness.here(on)
        row = await queries.person(transaction, person)
        if row is None:
            raise NotFound("There is no such person in this district.")
        sites = await queries.sites(transaction) if choose else []
        if site is not None and site not in {s["id"] for s in sites}:
            raise NotFound("There is no such site in this district, or it has no positions.")
        found = await queries.positions(transaction, person, site=site, closed=choose)
        evidence = await queries.evidence(transaction, person)
        papers = await queries.papers(transaction, person)
    look = _Look(
        place=then,
        on=on,
        person=row,
        evidence=evidence,
        papers=papers,
        promise_days=row["promise_days"],
    )
    return Duties(
        person=person,
        name=full_name(row["given_name"], row["family_name"]),
        called=row["called"] or row["given_name"],
        invented=row["invented"],
        on=on,
        today=place.today,
        places=_by_site(found, look),
        sites=tuple((s["id"], s["name"]) for s in sites),
        site=site,
    )


class _Look:
    """One person's decisions on one day; the same work is decided once."""

    def __init__(
        self,
        *,
        place: readiness.Here,
        on: date,
        person: Mapping[str, Any],
        evidence: Iterable[Mapping[str, Any]],
        papers: Mapping[str, Any],
        promise_days: int,
    ) -> None:
        self.place, self.on, self.person, self.evidence = place, on, person, list(evidence)
        self.papers, self.promise_days = papers, promise_days
        self._by_place = any(waiver.site for waiver in place.waivers)
        self._known: dict[tuple[Any, ...], tuple[Decision, tuple[Way, ...]]] = {}

    def at(self, terms: str, starts_on: date | None, site: UUID) -> tuple[Decision, tuple[Way, ...]]:
        """The decision for these terms at a site and the ways there. Sites differ where a waiver is for one of them alone."""
        key = (terms, starts_on, site if self._by_place else None)
        if key not in self._known:
            given = msgspec.json.decode(terms)
            case = readiness.assemble(self.place.jurisdiction, self.person, self.evidence, given, starts_on)
            there = self.place.at(site)
            decision = readiness.decide_here(case, there, self.on)
            self._known[key] = (decision, () if decision.outcome.clears else self._ways(case, there, decision))
        return self._known[key]

    def _ways(self, case: Case, there: readiness.Here, decision: Decision) -> tuple[Way, ...]:
        """Everything in; and, where the rules let work begin once something is asked for, the way to that."""
        found = steps(
            decision,
            on=self.on,
            evidence=case.evidence,
            papers=self.papers,
            promise_days=self.promise_days,
            specs=self.place.book.specs,
        )
        states = {finding.rule: finding for finding in decision.findings}
        all_in = Way(steps=tuple(self._by_itself(case, there, states[step.rule], step) for step in found))
        sooner = for_now.way(case, there, self.on, decision, all_in)
        return tuple(sorted((way for way in (all_in, sooner) if way is not None), key=lambda way: way.rank))

    def _by_itself(self, case: Case, there: readiness.Here, finding: Finding, step: Step) -> Step:
        """The same, or with the day from which the rule is content although nobody does anything (somebody turns 18).

        Where something can be brought, that is the step: a later day on which the rule lets it pass again is no way to it.
        """
        day = finding.holds_until
        if day is None or finding.accepts:
            return step
        then = next((f for f in readiness.decide_here(case, there, day).findings if f.rule == step.rule), None)
        days = (day - self.on).days
        if then is None or not then.effect.clears or (step.days is not None and step.days <= days):
            return step
        return msgspec.structs.replace(step, opens_on=day, days=days, cents=0, sure=True)


def _by_site(found: Iterable[Mapping[str, Any]], look: _Look) -> tuple[Place, ...]:
    rows: dict[UUID, list[Mapping[str, Any]]] = {}
    for row in found:
        rows.setdefault(row["site_id"], []).append(row)
    places = []
    for site, positions in rows.items():
        duties = [_duty(row, look) for row in positions]
        now = sorted((d for d in duties if d.clears), key=lambda d: (d.state != "placed", d.state != "wished", d.title))
        later = sorted((d for d in duties if not d.clears), key=_rank)
        first = positions[0]
        places.append(
            Place(
                site=site,
                name=first["site"],
                setting=first["setting"],
                address=first["address"],
                now=tuple(now),
                later=tuple(later),
            )
        )
    return tuple(places)


def _rank(duty: Duty) -> tuple[Any, ...]:
    return not duty.clears, *(duty.ways[0].rank if duty.ways else ()), duty.title


def _duty(row: Mapping[str, Any], look: _Look) -> Duty:
    decision, ways = look.at(row["terms"], row["starts_on"] if row["placement"] else look.on, row["site_id"])
    kind, word = standing.OUTCOMES[decision.outcome.value]
    return Duty(
        position=row["id"],
        placement=row["placement"],
        title=row["title"],
        summary=row["summary"],
        employer=row["employer"],
        places=row["places"],
        taken=row["taken"],
        open=row["open"],
        state=row["state"],
        clears=decision.outcome.clears,
        kind=kind,
        word=word,
        valid_through=decision.valid_through if decision.outcome.clears else None,
        conditions=tuple(f.reason for f in decision.findings if f.state is State.PROVISIONAL) if decision.outcome.clears else (),
        ways=ways,
    )
