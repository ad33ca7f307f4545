"""Deciding many at once gives each of them what ``decide`` gives, to the last word."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from staffing import host, rulebook
from staffing.core.case import Case, Session
from staffing.core.decisions import decide
from staffing.core.evidence import Evidence
from staffing.core.many import Many, own_facts
from staffing.core.pack_cases import worked_cases
from staffing.core.pack_loader import PackText, load
from staffing.core.rules import RuleBook

HOST = host.load()
RULES = rulebook.rules(HOST)
ON = date(2026, 11, 24)


def short_and_long(many, case, on):
    """The decision taken in short and written out."""
    work = many.work(case, on)
    facts, held = own_facts(case), many.patterns.held(case.evidence)
    return work.decision(work.decide(facts, held), facts, held)


def with_ids(case, start=0):
    import msgspec

    pieces = tuple(msgspec.structs.replace(piece, id=f"e{start + n}") for n, piece in enumerate(case.evidence))
    return msgspec.structs.replace(case, evidence=pieces)


def same(many, case, on):
    assert short_and_long(many, case, on) == decide(case, many.book, on)


def test_every_worked_case_of_the_shipped_packs_comes_out_the_same():
    many = Many(RULES)
    seen = 0
    for plugin in ("background_check", "certification"):
        folder = HOST.folders("packs")[plugin].parent / "cases"
        for file in sorted(folder.glob("*.yaml")):
            for case in worked_cases(file.read_text(encoding="utf-8"), file.name, RULES):
                if not case.scenario.case.sessions:
                    same(many, with_ids(case.scenario.case, seen), case.scenario.on)
                    seen += 1
    assert seen > 60


KINDS = ["state_criminal_history", "child_abuse_history", "fbi_fingerprint", "affirmation", "tb_screening",
         "mandated_reporter_training", "sex_offender_registry", "arrest_report_form", "employment_history_review"]  # fmt: skip


def some_evidence(r, kinds, number):
    day = ON - timedelta(days=r.choice([-40, 0, 10, 200, 300, 330, 360, 700, 1000, 1400, 1800, 1830, 2500]))
    if r.random() < 0.15:
        return Evidence(kind=r.choice(kinds), state="initiated", requested_on=r.choice([None, day]), id=f"e{number}")
    return Evidence(
        kind=r.choice(kinds),
        issued_on=None if r.random() < 0.05 else day,
        result=r.choices(["clear", None, "not_clear", "qualified"], [20, 3, 1, 1])[0],
        expires_on=r.choices([None, day + timedelta(days=400)], [8, 1])[0],
        purpose=r.choices([None, "volunteer", "employment"], [8, 2, 1])[0],
        holder=r.choices([None, "district", "elsewhere"], [8, 1, 1])[0],
        id=f"e{number}",
    )


def some_person(r):
    person = {
        "born_on": r.choice(
            [None, date(1980, 2, 29), date(1961, 1, 1), ON.replace(year=2008), date(2009, 6, 1), date(2010, 1, 1)]
        ),
        "resident_since": r.choice([None, date(1999, 1, 1), date(2017, 3, 1), date(2025, 2, 1)]),
        "relationship": r.choice([None, "community", "parent"]),
    }
    return {name: value for name, value in person.items() if value is not None}


PLACES = [
    {"engagement": "volunteer", "employer": "district", "setting": "campus", "contact": "routine", "supervision": "none"},
    {"engagement": "volunteer", "employer": "district", "setting": "campus", "contact": "routine", "hours": {"week": 2},
     "supervision": "line_of_sight", "supervised_by": "certificated", "duties": ["reading_tutoring"], "funding": ["local"],
     "responsible_for_welfare": True},
    {"engagement": "employee", "employer": "partner", "setting": "off_campus", "programme": "child_care", "contact": "routine"},
    {"engagement": "paraprofessional", "employer": "district", "setting": "campus", "funding": ["title_i"]},
    {},
]  # fmt: skip


@pytest.mark.parametrize("jurisdiction", [*sorted({pack.id for pack in RULES.packs} - {"us"}), "us-nowhere"])
def test_people_alike_and_not_alike_are_each_decided_as_if_alone(jurisdiction):
    r = random.Random(jurisdiction)
    many = Many(RULES)
    for number in range(250):
        placement = dict(r.choice(PLACES))
        starts_on = r.choice([None, ON, ON - timedelta(days=30), ON - timedelta(days=60), ON - timedelta(days=900)])
        if starts_on:
            placement["starts_on"] = starts_on
        case = Case(
            jurisdiction=jurisdiction,
            person=some_person(r),
            placement=placement,
            evidence=tuple(some_evidence(r, KINDS, f"{number}-{n}") for n in range(r.randrange(10))),
        )
        same(many, case, ON)


INVENTED = """
pack: us-zz
title: Invented
layer: state_law
checked_on: 2026-06
source: Invented
requirements:
  - id: zz.check
    ref: ZZ-01
    title: Check
    why: Because.
    clearance: true
    remedy: {who: person, what: Ask for it.}
    versions:
      - from: 2020-01-01
        citation: Invented §1
        confidence: high
        unless:
          - {when: {person.age: {less_than: 18}}, reason: Under 18.}
        accepts: [{kind: state_criminal_history}, {kind: fbi_fingerprint}]
        valid: {months: 60, oldest_of: zz.group}
        provisional: zz.terms
  - id: zz.abuse
    ref: ZZ-02
    title: Abuse
    why: Because.
    clearance: true
    remedy: {who: person, what: Ask for it.}
    versions:
      - from: 2020-01-01
        citation: Invented §2
        confidence: high
        accepts: [{kind: child_abuse_history}]
        valid: {months: 60, oldest_of: zz.group}
  - id: zz.tb
    ref: ZZ-03
    title: TB
    why: Because.
    remedy: {who: person, what: Ask for it.}
    versions:
      - from: 2020-01-01
        until: 2026-12-31
        citation: Invented §3
        confidence: high
        accepts: [{kind: tb_screening, within: {days: 90}}, {kind: health_exam, on_or_after: person.resident_since}]
        valid: {months: 48, break: {more_than_days: 180}}
        grace: {weeks: 6, after: [start, school_year]}
      - from: 2027-01-01
        citation: Invented §3
        confidence: high
        no_rule: Gone.
  - id: zz.training
    ref: ZZ-05
    title: Training
    why: Because.
    remedy: {who: person, what: Do it.}
    versions:
      - from: 2020-01-01
        citation: Invented §5
        confidence: high
        applies_when: {any: [{holds: affirmation}, {person.years_resident: {at_least: 5}}]}
        accepts: [{all: [{kind: mandated_reporter_training}, {kind: orientation, result: any}]}]
        valid: {months: 12}
  - id: zz.before
    ref: ZZ-06
    title: Issued in a certain time
    why: Because.
    remedy: {who: person, what: Do it.}
    versions:
      - from: 2020-01-01
        citation: Invented §6
        confidence: high
        accepts: [{kind: tb_screening, issued: {until: 2025-06-30}}, {kind: affirmation, issued: {from: 2022-01-01}}]
        valid: {months: 60}
        provisional: zz.meanwhile
terms:
  - id: zz.meanwhile
    ref: ZZ-07
    title: Meanwhile
    versions:
      - {from: 2020-01-01, citation: Invented §7, confidence: high, asked_for: false, results_all: [tb_screening, health_exam]}
  - id: zz.terms
    ref: ZZ-04
    title: Terms
    versions:
      - from: 2020-01-01
        citation: Invented §4
        confidence: high
        days: 45
        results_in: [fbi_fingerprint, state_criminal_history]
        papers: [affirmation]
        when: {person.age: {at_least: 21}}
        conditions: Never alone.
"""
INVENTED_KINDS = ["state_criminal_history", "fbi_fingerprint", "child_abuse_history", "tb_screening", "health_exam",
                  "mandated_reporter_training", "orientation", "affirmation"]  # fmt: skip


def test_groups_grace_terms_breaks_and_new_versions_come_out_the_same():
    many = Many(RuleBook(load([PackText(INVENTED, "zz.yaml", "made_up")], {})))
    r = random.Random(7)
    ledger = [{"on": day} for day in ("2023-01-10", "2023-02-01", "2024-09-01", "2026-10-01")]
    places = [
        ({}, {}),
        ({"employer": "district"}, {"school_year_starts_on": date(2026, 10, 20)}),
        ({"hours": {"week": 3}}, {"service_ledger": ledger}),
        ({}, {"waivers": [{"id": "W1", "sections": ["Invented §3"], "from": date(2026, 1, 1), "until": date(2026, 12, 1)}]}),
    ]
    for number in range(1500):
        placement, context = r.choice(places)
        starts_on = r.choice([None, ON, ON - timedelta(days=30), ON - timedelta(days=60), ON - timedelta(days=900)])
        case = Case(
            jurisdiction="us-zz",
            person=some_person(r),
            placement={**placement, "starts_on": starts_on} if starts_on else placement,
            evidence=tuple(some_evidence(r, INVENTED_KINDS, f"{number}-{n}") for n in range(r.randrange(12))),
            context=context,
        )
        same(many, case, r.choice([ON, ON, ON, date(2027, 1, 1), date(2026, 12, 31)]))


WAIVABLE = """requirements:
  - id: zz.waivable
    ref: ZZ-20
    title: Waivable
    why: Because.
    waivable: {by: The board, under: Invented, sections: [Invented §9]}
    remedy: {who: person, what: Come.}
    versions:
      - from: 2020-01-01
        citation: Invented §9
        confidence: high
        accepts: [{kind: orientation}]
        valid: once
        missing: needs_notice
"""


def test_after_a_waiver_it_matters_whether_the_work_began_before_and_it_comes_out_the_same():
    text = INVENTED.replace("requirements:\n", WAIVABLE)
    many = Many(RuleBook(load([PackText(text, "zz.yaml", "made_up")], {})))
    waiver = {"id": "W1", "sections": ["Invented §9"], "from": date(2026, 1, 1), "until": date(2026, 6, 30)}
    for days in range(0, 400, 7):
        placement = {"starts_on": ON - timedelta(days=days)}
        same(many, Case(jurisdiction="us-zz", placement=placement, context={"waivers": [waiver]}), ON)


COUNTED_FROM_THE_OLDEST = """
pack: us-zz
title: Invented
layer: state_law
checked_on: 2026-06
source: Invented
requirements:
  - id: zz.check
    ref: ZZ-01
    title: Check
    why: Because.
    clearance: true
    remedy: {who: person, what: Ask for it.}
    versions:
      - from: 2020-01-01
        citation: Invented §1
        confidence: high
        unless:
          - {when: {person.age: {less_than: 18}}, reason: Under 18.}
        accepts: [{kind: state_criminal_history}, {kind: fbi_fingerprint, purpose: [volunteer, employment]}]
        valid: {months: 60, oldest_of: zz.group}
        provisional: zz.terms
  - id: zz.abuse
    ref: ZZ-02
    title: Abuse
    why: Because.
    clearance: true
    remedy: {who: person, what: Ask for it.}
    versions:
      - from: 2020-01-01
        citation: Invented §2
        confidence: high
        accepts: [{kind: child_abuse_history}]
        valid: {months: 48, oldest_of: zz.group}
  - id: zz.training
    ref: ZZ-03
    title: Training
    why: Because.
    remedy: {who: person, what: Do it.}
    versions:
      - from: 2020-01-01
        citation: Invented §3
        confidence: high
        accepts: [{kind: mandated_reporter_training, result: any}, {kind: orientation}]
        valid: {months: 24}
        grace: {weeks: 6, after: [start]}
  - id: zz.once
    ref: ZZ-04
    title: Once
    why: Because.
    clearance: true
    remedy: {who: person, what: Do it.}
    versions:
      - from: 2020-01-01
        citation: Invented §4
        confidence: high
        accepts: [{kind: tb_screening, on_or_after: person.resident_since}, {kind: health_exam}]
        valid: once
terms:
  - id: zz.terms
    ref: ZZ-05
    title: Terms
    versions:
      - {from: 2020-01-01, citation: Invented §5, confidence: high, days: 45, conditions: Never alone.}
"""


@pytest.mark.parametrize("papers", [(), ("affirmation",)])
def test_pieces_tried_one_by_one_come_out_as_if_all_were_looked_at(papers):
    """Of several pieces of a kind and of several kinds; dated ahead, against the person, out of date, undated, pending."""
    terms = f"days: 45, papers: [{', '.join(papers)}]"
    text = COUNTED_FROM_THE_OLDEST.replace("days: 45", terms) if papers else COUNTED_FROM_THE_OLDEST
    many = Many(RuleBook(load([PackText(text, "zz.yaml", "made_up")], {})))
    r = random.Random(len(papers))
    kinds = [*INVENTED_KINDS, "state_criminal_history", "fbi_fingerprint", "child_abuse_history"]
    for number in range(3000):
        starts_on = r.choice([None, ON, ON - timedelta(days=30), ON - timedelta(days=60), ON - timedelta(days=900)])
        case = Case(
            jurisdiction="us-zz",
            person=some_person(r),
            placement={"starts_on": starts_on} if starts_on else {},
            evidence=tuple(some_evidence(r, kinds, f"{number}-{n}") for n in range(r.randrange(12))),
        )
        same(many, case, ON)


def test_what_is_remembered_serves_people_in_other_work_with_the_same_answers():
    many = Many(RuleBook(load([PackText(INVENTED, "zz.yaml", "made_up")], {})))
    papers = (Evidence(kind="child_abuse_history", result="clear", issued_on=date(2025, 1, 7), id="a"),)
    for hours in range(50):
        same(many, Case(jurisdiction="us-zz", placement={"hours": {"week": hours}}, evidence=papers), ON)
    assert len({id(work._rules[0][0].alone) for work in many._works.values()}) == 1


def test_sessions_are_not_decided_here():
    many = Many(RULES)
    with pytest.raises(ValueError, match="each session's day"):
        many.work(Case(jurisdiction="us-ca", sessions=(Session(on=ON),)), ON)
