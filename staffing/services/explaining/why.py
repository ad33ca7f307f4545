"""How one rule came to its answer for one person: the finding, what would change it, each step, each number, each version.

Nothing here decides. The decision is ``readiness.decide_here``'s, the steps are ``core.trace``'s and the ways to change the
answer ``core.what_helps``'s, all of the same case and the same rule book.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from staffing import clock
from staffing.core import waivers
from staffing.core.case import Case
from staffing.core.errors import NotFound
from staffing.core.evidence import Evidence
from staffing.core.facts import CaseView
from staffing.core.findings import Decision, Finding
from staffing.core.names import full_name
from staffing.core.packs import Requirement, Terms, TermsVersion, Version
from staffing.core.trace import Offer, RuleTrace, trace
from staffing.core.trace import step as traced
from staffing.core.waivers import Waiver
from staffing.core.what_helps import what_helps
from staffing.services import readiness, standing
from staffing.services.actors import Actor
from staffing.services.explaining import why_versions, why_words
from staffing.services.explaining.why_versions import Period
from staffing.services.explaining.why_words import Fact, Node
from staffing.services.readiness import Here
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Person, Placement, Position, Tenant


class Exempting(msgspec.Struct, frozen=True, kw_only=True):
    """An exemption: the reason as the pack gives it, and its condition as it was found."""

    reason: str
    only_if_stated: bool
    node: Node


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """Something that has to be so, what is wrong otherwise, and its condition as it was found."""

    otherwise: str
    node: Node


class Would(msgspec.Struct, frozen=True, kw_only=True):
    """One way to satisfy the rule, how what is held stands in it (a pill: colour and words), and where it is open."""

    offer: Offer
    pill: tuple[str, str]
    node: Node | None


class Meanwhile(msgspec.Struct, frozen=True, kw_only=True):
    """Provisional service: its versions, what the one in force asks, and its further condition as it was found."""

    title: str
    ref: str
    now: TermsVersion | None
    asks: tuple[str, ...]
    node: Node | None
    periods: tuple[Period, ...]


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """The work asked about: a placement the person has, or a position they might take."""

    placement: UUID | None
    position: UUID | None
    title: str
    site: str


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """One rule's answer for one person on one day, explained.

    ``helps`` are the ways to change it; ``changes_on`` the first day on which it, or the rule, changes by itself. ``papers``
    are the items of evidence that the rule or its terms look at. ``requirement`` is None where a plugin answered without a pack.
    """

    person: UUID
    name: str
    called: str
    on: date
    today: date
    work: Work
    finding: Finding
    layer: str
    pill: tuple[str, str]
    headline: str
    consequence: str
    next_actor: str
    helps: tuple[str, ...]
    changes_on: date | None
    requirement: Requirement | None
    trace: RuleTrace | None
    applies: Node | None
    exemptions: tuple[Exempting, ...]
    demands: tuple[Demand, ...]
    offers: tuple[Would, ...]
    facts: tuple[Fact, ...]
    papers: tuple[Evidence, ...]
    waivers: tuple[Waiver, ...]
    terms: Meanwhile | None
    periods: tuple[Period, ...]


async def why(
    actor: Actor,
    person: UUID,
    rule: str,
    *,
    placement: UUID | None = None,
    position: UUID | None = None,
    on: date | None = None,
) -> Why:
    """Explain one rule's answer. Without a placement or position, the person's main placement is meant. For HR.

    Raises ``NotFound`` for a person, placement or position that is not in the district, for somebody without work, and for a
    rule that was not looked at.
    """
    actor.require("hr", "admin")
    async with tenant_transaction(actor.tenant):
        rows = await Person.select(Person.given_name, Person.family_name, Person.called).where(Person.id == person)
        if not rows:
            raise NotFound("There is no such person in this district.")
        work = await _work(person, placement, position)
        case, place = await readiness.case_of(person, placement_id=work.placement, position_id=work.position, on=on)
        today = place.today
        if on is not None:
            zones = await Tenant.select(Tenant.time_zone).where(Tenant.id == actor.tenant)
            today = clock.today(zones[0]["time_zone"])
    decision = readiness.decide_here(case, place)
    finding = next((found for found in decision.findings if found.rule == rule), None)
    if finding is None:
        raise NotFound("No such rule was looked at for this work on this day. Go back to the record and choose one of its rules.")
    called = rows[0]["called"] or rows[0]["given_name"]
    return explained(
        decision,
        finding,
        place.completed(case),
        place,
        called=called,
        person=person,
        name=full_name(rows[0]["given_name"], rows[0]["family_name"]),
        today=today,
        work=work,
    )


async def _work(person: UUID, placement: UUID | None, position: UUID | None) -> Work:
    if position is not None and placement is None:
        found = await Position.select(Position.title, Position.site.name.as_alias("site")).where(Position.id == position)
        if not found:
            raise NotFound("There is no such position in this district.")
        return Work(placement=None, position=position, title=found[0]["title"], site=found[0]["site"])
    rows = await Placement.select(
        Placement.id,
        Placement.state,
        Placement.starts_on,
        Placement.created_at,
        Placement.position.title.as_alias("title"),
        Placement.site.name.as_alias("site"),
    ).where(Placement.person == person)
    order = {"placed": 0, "wished": 1}
    rows.sort(key=lambda row: (order.get(row["state"], 2), row["starts_on"] or date.max, row["created_at"]))
    wanted = [row for row in rows if (row["state"] != "ended" if placement is None else row["id"] == placement)]
    if not wanted:
        raise NotFound(
            "There is no such placement for this person."
            if placement
            else "This person has no work yet, so no rule has been applied. Place them, or name a position."
        )
    return Work(placement=wanted[0]["id"], position=None, title=wanted[0]["title"], site=wanted[0]["site"])


def explained(decision: Decision, finding: Finding, case: Case, place: Here, *, called: str, **about: Any) -> Why:
    """The explanation of a finding. ``case`` is complete: with the overlays and waivers that count."""
    book, on = place.book, decision.on
    view = CaseView(case, on, book.specs)
    rules = {rule.requirement.id: rule for rule in book.era(case.jurisdiction, case.overlays, on).rules}
    rule = rules.get(finding.rule)
    requirement = rule.requirement if rule else None
    known = {terms.id: terms for pack in book.packs_for(case.jurisdiction, case.overlays) for terms in pack.terms}
    version = rule.version if rule else None
    steps = trace(case, book, on, finding.rule)[0] if rule else None
    terms = known.get(version.provisional) if version and not version.no_rule else None
    kinds = [*rule.accepts, *_kinds_of(rule.terms)] if rule else []
    return Why(
        on=on,
        called=called,
        finding=finding,
        layer=standing.LAYER_NAMES[finding.layer],
        pill=standing.PILLS[finding.state],
        headline=why_words.headline(finding.state, called),
        consequence=why_words.consequence(finding.effect),
        next_actor=why_words.acts(finding.remedy.who, called) if finding.remedy else "",
        helps=what_helps(decision, case, book).get(finding.rule, ()),
        changes_on=min((day for day in (finding.holds_until, *_next(requirement, on)) if day is not None), default=None),
        requirement=requirement,
        trace=steps,
        applies=why_words.node(steps.applies, view, called) if steps and steps.applies else None,
        exemptions=tuple(_exemptions(version, steps, view, called)) if version and steps else (),
        demands=tuple(_demands(version, steps, view, called)) if version and steps else (),
        offers=tuple(_would(offer, view, called) for offer in steps.offers) if steps else (),
        facts=tuple(why_words.fact(used.name, view, called) for used in finding.facts if used.name in book.specs),
        papers=tuple(item for item in case.evidence if item.kind in kinds),
        waivers=waivers.relaxing(requirement, view) if requirement else (),
        terms=_meanwhile(terms, rule.terms, view, called) if terms and rule else None,
        periods=why_versions.of_rule(requirement, known, view) if requirement else (),
        **about,
    )


def _next(requirement: Requirement | None, on: date) -> tuple[date, ...]:
    """The first days of the versions still to come."""
    return tuple(version.since for version in requirement.versions if version.since > on) if requirement else ()


def _kinds_of(terms: TermsVersion | None) -> tuple[str, ...]:
    return (*terms.results_in, *terms.results_all, *terms.papers) if terms and not terms.no_rule else ()


def _exemptions(version: Version, steps: RuleTrace, view: CaseView, called: str) -> Iterator[Exempting]:
    for exemption, step in zip(version.unless, steps.exemptions, strict=False):
        node = why_words.node(step, view, called)
        yield Exempting(reason=exemption.reason, only_if_stated=exemption.only_if_stated, node=node)


def _demands(version: Version, steps: RuleTrace, view: CaseView, called: str) -> Iterator[Demand]:
    for must, step in zip(version.must, steps.must, strict=False):
        yield Demand(otherwise=must.otherwise, node=why_words.node(step, view, called))


def _would(offer: Offer, view: CaseView, called: str) -> Would:
    node = why_words.node(offer.open, view, called) if offer.open else None
    return Would(offer=offer, pill=why_words.held(offer), node=node)


def _meanwhile(terms: Terms, now: TermsVersion | None, view: CaseView, called: str) -> Meanwhile:
    counts = now is not None and not now.no_rule
    return Meanwhile(
        title=terms.title,
        ref=terms.ref,
        now=now,
        asks=tuple(why_words.conditions_of(now)) if now and counts else (),
        node=why_words.node(traced(now.when, view), view, called) if now and counts and now.when.facts else None,
        periods=why_versions.of_terms(terms, view),
    )
