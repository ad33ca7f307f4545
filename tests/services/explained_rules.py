"""Rules of the invented district "alder", one for each thing an explanation has to show, and people they are about."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from tests.factories import make_person, make_placement, make_position, make_site
from tests.services.cleared import TERMS

#: One rule for each thing an explanation has to show.
RULES = """\
pack: us-pa
overlay: alder-why
title: Alder Unified, own rules
layer: district_policy
checked_on: 2026-11

facts:
  person.drives: {type: bool, label: drives children, question: Do you drive children?, asked_of: person}
  person.has_talk:
    type: bool
    label: heard it elsewhere
    question: Did you hear the talk elsewhere?
    asked_of: person
    default: false
  placement.trips: {type: bool, label: trips, question: Do they go on trips?, asked_of: site, default: false}

requirements:
  - id: alder.talk
    ref: ALDER-21
    title: Safety talk
    why: Everybody hears the safety talk.
    remedy: {who: person, what: Come to the safety talk., cost: Free, usual_days: 3}
    waivable: {by: Board of Alder Unified, under: Alder policy 1.9, sections: [Alder policy 6.1]}
    versions:
      - from: 2015-07-01
        until: 2020-06-30
        citation: Alder policy 6, old text
        confidence: high
        no_rule: The talk was not asked for before 2020-07-01.
      - from: 2020-07-01
        until: 2027-06-30
        citation: Alder policy 6.1
        confidence: high
        applies_when: {placement.engagement: volunteer}
        unless:
          - when: {person.has_talk: true}
            only_if_stated: true
            reason: You need no talk if you heard it in another district.
        accepts:
          - kind: orientation
          - all: [{kind: affirmation}, {kind: assessment, issued: {from: 2026-01-01}}]
            valid: once
        valid: {months: 12}
        provisional: alder.start
      - from: 2027-07-01
        citation: Alder policy 6.1, as amended
        confidence: high
        applies_when: {placement.engagement: volunteer}
        accepts: [{kind: orientation}]
        valid: {months: 24}
  - id: alder.driving
    ref: ALDER-22
    title: Driving record
    why: Who drives children shows a driving record.
    remedy: {who: person, what: Send the record.}
    versions:
      - from: 2020-07-01
        citation: Alder policy 6.2
        confidence: high
        applies_when: {person.drives: true}
        accepts: [{kind: insurance}]
        valid: {months: 12}
  - id: alder.adult
    ref: ALDER-23
    title: Of age
    why: Nobody under 18 goes along on trips.
    remedy: {who: district, what: Find other work for the person.}
    versions:
      - from: 2020-07-01
        citation: Alder policy 6.3
        confidence: high
        applies_when: {placement.trips: true}
        must:
          - when: {person.age: {at_least: 18}}
            otherwise: Trips are for people of 18 and older.
        missing: block
  - id: alder.badge
    ref: ALDER-24
    title: Photo badge
    why: Some remember that a badge was asked for.
    remedy: {who: person, what: Show the badge.}
    versions:
      - from: 2020-07-01
        citation: Alder custom
        confidence: unconfirmed
        accepts: [{kind: approval}]
        valid: once

terms:
  - id: alder.start
    ref: ALDER-25
    title: Starting before the talk
    versions:
      - from: 2020-07-01
        until: 2027-06-30
        citation: Alder policy 6.9
        confidence: high
        days: 30
        asked_for: true
        conditions: Never alone with children.
      - from: 2027-07-01
        citation: Alder policy 6.9, ended
        confidence: high
        no_rule: Nobody starts before the talk any more.
"""


async def placed(terms: dict[str, Any] | None = None, **person: Any) -> tuple[UUID, UUID]:
    """Rosa, placed as a reading tutor since the first of November; gives the person and the placement."""
    who = await make_person("alder", given_name="Rosa", called="Rosa", **person)
    site = await make_site("alder", name="Marigold Elementary")
    position = await make_position("alder", site=site, title="Reading tutor")
    values = {"person": who, "site": site, "position": position, "terms": {**TERMS, **(terms or {})}}
    return who, await make_placement("alder", **values, starts_on=date(2026, 11, 1))
