"""An invented district in Pennsylvania with rules of its own, so that days and costs are what a test says they are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from staffing.services import readiness
from staffing.services.actors import Actor, system
from staffing.store.engine import tenant_transaction
from tests.factories import make_account, make_assignment, make_person, make_placement, make_session
from tests.services.cleared import make_alder
from tests.services.district_rules import adopt

TODAY = date(2026, 11, 24)

#: Days and cost: the talk 3 and free, first aid 12 and $40, the reference nobody knows, the card 1 and $15. They last a year.
RULES = """\
pack: us-pa
overlay: alder-own
title: Alder Unified, own rules
layer: district_policy
checked_on: 2026-11

facts:
  placement.trips: {type: bool, label: trips, question: Do they go on trips?, asked_of: site, default: false}
  placement.library: {type: bool, label: library, question: Is it in the library?, asked_of: site, default: false}

requirements:
  - id: alder.talk
    ref: ALDER-11
    title: Safety talk
    why: Everybody hears the safety talk once a year.
    remedy: {who: person, what: Come to the safety talk., cost: Free, usual_days: 3}
    versions:
      - from: 2020-07-01
        citation: Alder policy 5.1
        confidence: high
        applies_when: {placement.engagement: volunteer}
        accepts: [{kind: orientation}]
        valid: {months: 12}
  - id: alder.first_aid
    ref: ALDER-12
    title: First aid course
    why: Helpers on school grounds know first aid.
    remedy: {who: person, what: Take the course and send us the card., cost: $40, usual_days: 12}
    versions:
      - from: 2020-07-01
        citation: Alder policy 5.2
        confidence: high
        applies_when: {placement.setting: campus}
        accepts: [{kind: education}]
        valid: {months: 12}
  - id: alder.reference
    ref: ALDER-13
    title: Reference
    why: Away from school somebody has to know the person.
    waivable:
      by: Board of Alder Unified
      under: Alder policy 1.9
      sections: [Alder policy 5.3]
    remedy: {who: district, what: Ask for a reference.}
    versions:
      - from: 2020-07-01
        citation: Alder policy 5.3
        confidence: high
        applies_when: {placement.setting: off_campus}
        accepts: [{kind: approval}]
        valid: {months: 12}
  - id: alder.card
    ref: ALDER-14
    title: Library card
    why: Who works alone with books has a card.
    remedy: {who: partner, what: Give the person a card., cost: $15, usual_days: 1}
    versions:
      - from: 2020-07-01
        citation: Alder policy 5.4
        confidence: high
        applies_when: {placement.library: true}
        accepts: [{kind: insurance}]
        valid: {months: 12}
        missing: provisional
  - id: alder.adult
    ref: ALDER-15
    title: Of age
    why: Nobody under 18 goes along on trips.
    remedy: {who: district, what: Find other work for the person.}
    versions:
      - from: 2020-07-01
        citation: Alder policy 5.5
        confidence: high
        applies_when: {placement.trips: true}
        must:
          - when: {person.age: {at_least: 18}}
            otherwise: Trips are for people of 18 and older.
        missing: block
"""

#: A volunteer who is only now and then with children and never responsible for them: the state asks nothing of them.
_GUEST: dict[str, Any] = {
    "engagement": "volunteer",
    "employer": "district",
    "contact": "occasional",
    "gives_care": False,
    "responsible_for_welfare": False,
    "programme": "school",
}
BY_TERMS: dict[str, dict[str, Any]] = {
    "remote": {**_GUEST, "setting": "remote"},
    "campus": {**_GUEST, "setting": "campus"},
    "away": {**_GUEST, "setting": "off_campus"},
}


def a_year_before(day: date) -> date:
    """When a paper was issued that is good for 12 months and stops counting on ``day``."""
    last = day - timedelta(days=1)
    return last.replace(year=last.year - 1)


async def make_own_rules() -> Actor:
    """The district "alder" with ``RULES`` and the background checks; gives its HR."""
    await make_alder()
    await adopt(RULES)
    account = await make_account("alder", name="Denise Okafor", role="hr")
    return Actor(tenant="alder", name="Denise Okafor", role="hr", account=account)


async def decide(person: UUID) -> None:
    """Take the person's decisions as they are today."""
    async with tenant_transaction("alder"):
        await readiness.refresh(person, system("alder"))


async def make_placed(
    position: UUID, site: UUID, terms: str | dict[str, Any] = "remote", *, person: UUID | None = None, **columns: Any
) -> tuple[UUID, UUID]:
    """Somebody placed since September; gives the person and the placement."""
    who = person or await make_person("alder")
    values = {
        "person": who,
        "position": position,
        "site": site,
        "terms": BY_TERMS[terms] if isinstance(terms, str) else terms,
        "starts_on": date(2026, 9, 1),
    }
    return who, await make_placement("alder", **values | columns)


async def make_taken(position: UUID, day: date, *takers: tuple[UUID, UUID], adults: int = 1, hour: int = 19) -> UUID:
    """A session on a day, taken by these people in these placements."""
    starts = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    session = await make_session("alder", position=position, starts_at=starts, adults=adults)
    for person, placement in takers:
        await make_assignment("alder", person=person, placement=placement, session=session, starts_at=starts)
    return session
