"""A small invented state for the tests of the kernel."""

from __future__ import annotations

from datetime import date
from typing import Any

from staffing.core.case import Case
from staffing.core.evidence import Evidence
from staffing.core.pack_loader import PackText, load
from staffing.core.rules import RuleBook

STATE = """
pack: us-zz
title: Invented state
layer: state_law
checked_on: 2026-01
terms:
  - id: zz.terms
    ref: ZZ-9
    title: Provisional
    versions:
      - {from: 2020-01-01, citation: Invented Code 9, confidence: high, days: 45, when: {placement.supervision: line_of_sight}}
requirements:
  - id: zz.check
    ref: ZZ-1
    title: Check
    why: So that children are safe.
    clearance: true
    remedy: {who: person, what: Ask for the check., usual_days: 3}
    versions:
      - from: 2020-01-01
        citation: Invented Code 1
        confidence: high
        applies_when: {placement.contact: routine}
        unless: [{when: {person.age: {less_than: 18}}, reason: Not yet an adult.}]
        accepts: [{kind: state_criminal_history, purpose: employment}]
        valid: {months: 60, oldest_of: zz}
        provisional: zz.terms
  - id: zz.history
    ref: ZZ-2
    title: History
    why: So that children are safe.
    clearance: true
    remedy: {who: person, what: Ask for the history.}
    versions:
      - from: 2020-01-01
        citation: Invented Code 2
        confidence: high
        applies_when: {placement.contact: routine}
        accepts: [{kind: child_abuse_history}]
        valid: {months: 60, oldest_of: zz}
  - id: zz.course
    ref: ZZ-3
    title: Course
    why: So that people know what to do.
    remedy: {who: person, what: Take the course.}
    versions:
      - from: 2020-01-01
        until: 2026-06-30
        citation: Invented Code 3
        confidence: high
        no_rule: No course was asked for before July 2026.
      - from: 2026-07-01
        citation: Invented Code 3
        confidence: high
        applies_when: {placement.contact: routine}
        accepts: [{kind: child_abuse_training}]
        valid: once
  - id: zz.rumour
    ref: ZZ-4
    title: Rumour
    why: Somebody said so.
    clearance: true
    remedy: {who: district, what: Ask counsel.}
    versions:
      - {from: 2020-01-01, citation: Invented Code 4, confidence: unconfirmed, accepts: [{kind: insurance}], valid: once}
left_out:
  - {ref: ZZ-8, reason: Binds somebody else.}
"""

DISTRICT = """
pack: us-zz
overlay: alder
title: Alder district
layer: district_policy
checked_on: 2026-01
requirements:
  - id: alder.orientation
    ref: ALDER-1
    title: Orientation
    why: So that everybody knows the school.
    remedy: {who: site, what: Come to an orientation.}
    versions:
      - {from: 2020-01-01, citation: Board policy 12, confidence: high, accepts: [{kind: orientation}], valid: once}
"""


def book(*texts: str, predicates: Any = None) -> RuleBook:
    """The rule book of pack texts (the invented state by default)."""
    files = [PackText(text, f"pack{n}.yaml", "test") for n, text in enumerate(texts or (STATE,))]
    return RuleBook(load(files, predicates or {}))


def clear(kind: str, issued_on: date, **more: Any) -> Evidence:
    """Evidence with a clear result."""
    return Evidence(kind=kind, issued_on=issued_on, result="clear", **more)


READY = (
    clear("state_criminal_history", date(2024, 3, 1), purpose="employment", id="check-1"),
    clear("child_abuse_history", date(2025, 3, 1)),
    clear("child_abuse_training", date(2026, 7, 2)),
)


def case(**given: Any) -> Case:
    """An adult with routine contact in the invented state, everything in order; fields given replace these."""
    placement = {"contact": "routine", "supervision": "line_of_sight", "starts_on": date(2026, 8, 1)} | given.pop("placement", {})
    placement = {key: value for key, value in placement.items() if value is not None}
    return Case(
        **{"jurisdiction": "us-zz", "person": {"born_on": date(1985, 3, 2)}, "evidence": READY, **given, "placement": placement}
    )
