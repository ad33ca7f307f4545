"""The condition language: three-valued, typed, and told what is unknown."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing.core.case import Case
from staffing.core.condition_words import Words
from staffing.core.errors import Invalid
from staffing.core.evidence import Evidence
from staffing.core.facts import CaseView
from staffing.core.sources import Problems, read
from staffing.core.standard_facts import STANDARD

ON = date(2026, 11, 24)


def compiled(text, predicates=None):
    problems = Problems("pack.yaml")
    words = Words(STANDARD, predicates or {}, (), problems)
    words.listed = dict.fromkeys(predicates or {}, "An invented rule.")
    condition = words.condition(read(text, "pack.yaml"), 1)
    problems.raise_if_any()
    return condition


def view(person=None, placement=None, context=None, evidence=(), on=ON):
    case = Case(jurisdiction="us", person=person or {}, placement=placement or {}, context=context or {}, evidence=evidence)
    return CaseView(case, on, STANDARD)


@pytest.mark.parametrize(
    ("text", "placement", "truth"),
    [
        ("placement.contact: routine", {"contact": "routine"}, True),
        ("placement.contact: routine", {"contact": "occasional"}, False),
        ("placement.contact: routine", {}, None),
        ("placement.supervision: {in: [none, nearby]}", {"supervision": "unsupervised"}, True),
        ("placement.supervision: {not_in: [none, nearby]}", {"supervision": "immediate"}, True),
        ("placement.duties: {includes: coaching}", {"duties": ["clerical", "coaching"]}, True),
        ("placement.duties: {includes_all: [coaching, clerical]}", {"duties": ["coaching"]}, False),
        ("placement.hours_month: {more_than: 16}", {"hours": {"month": 16}}, False),
        ("placement.hours_month: {more_than: 16}", {"hours": {"month": 16.5}}, True),
        ("placement.hours_month: {at_least: 16, less_than: 17}", {"hours": {"month": 16}}, True),
        ("placement.hours_year: {at_most: 32}", {"hours": {"year": 32}}, True),
        ("placement.responsible_for_welfare: false", {}, None),
        ("placement.starts_on: {before: 2026-01-01}", {"starts_on": date(2025, 12, 31)}, True),
        ("placement.starts_on: {on_or_after: 2026-01-01}", {"starts_on": "2026-01-01"}, True),
        ("day: {on_or_after: 2026-11-24}", {}, True),
        ("day: {before: placement.starts_on}", {}, None),
        ("not: {placement.contact: routine}", {}, None),
    ],
)
def test_a_condition_is_true_false_or_unknown(text, placement, truth):
    assert compiled(text).test(view(placement=placement)) is truth


def test_a_known_part_decides_whatever_the_unknown_one_is():
    assert (
        compiled("any: [{placement.contact: routine}, {placement.employer: district}]").test(
            view(placement={"employer": "district"})
        )
        is True
    )
    assert (
        compiled("all: [{placement.contact: routine}, {placement.employer: district}]").test(
            view(placement={"employer": "partner"})
        )
        is False
    )


def test_only_the_unknown_facts_that_matter_are_named():
    condition = compiled(
        "any: [{all: [{placement.employer: partner}, {placement.setting: campus}]}, {person.age: {at_least: 18}}]"
    )
    assert list(condition.unknowns(view(placement={"employer": "district"}))) == ["person.born_on"]
    assert list(condition.unknowns(view(placement={"employer": "partner", "setting": "campus"}))) == []


def test_evidence_dated_ahead_is_not_held_yet():
    held = Evidence(kind="fbi_fingerprint", issued_on=date(2026, 11, 25))
    assert compiled("holds: fbi_fingerprint").test(view(evidence=(held,))) is False
    assert compiled("holds: fbi_fingerprint").test(view(evidence=(held,), on=date(2026, 11, 25))) is True


def test_a_predicate_tells_what_it_could_not_read():
    def rule(seen, on):
        return None if seen.get("placement.contact") is None else seen.get("placement.contact") == "routine"

    condition = compiled("predicate: mine.rule", {"mine.rule": rule})
    assert condition.test(view()) is None
    assert list(condition.unknowns(view())) == ["placement.contact"]
    assert condition.test(view(placement={"contact": "routine"})) is True


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("placement.contcat: routine", r"There is no fact 'placement.contcat'. Did you mean 'placement.contact'\?"),
        ("placement.contact: rotuine", r"placement.contact is never 'rotuine'. Did you mean 'routine'\?"),
        ("person.age: {atleast: 18}", r"'atleast' does not fit person.age, which is a number. Did you mean 'at_least'\?"),
        ("person.age: {at_least: many}", "person.age is a number; 'many' is not one"),
        ("placement.starts_on: {before: soon}", "There is no fact 'soon'"),
        ("holds: fbi_fingerprnt", r"Did you mean 'fbi_fingerprint'\?"),
        ("predicate: mine.rule", "There is no predicate 'mine.rule'"),
        ("condition: adult", "There is no condition 'adult'"),
        ("all: routine", "'all' takes a list"),
        ("routine", "A condition is a mapping"),
    ],
)
def test_what_a_condition_cannot_mean_is_refused_with_a_suggestion(text, says):
    with pytest.raises(Invalid, match=says):
        compiled(text)


truths = st.sampled_from([True, False, None])


@given(truths, truths)
def test_all_any_and_not_follow_kleene(a, b):
    facts = {name: value for name, value in (("responsible_for_welfare", a), ("gives_care", b)) if value is not None}
    seen = view(placement=facts)
    both = "[{placement.responsible_for_welfare: true}, {placement.gives_care: true}]"
    every, some = compiled(f"all: {both}").test(seen), compiled(f"any: {both}").test(seen)
    assert every is (False if False in (a, b) else None if None in (a, b) else True)
    assert some is (True if True in (a, b) else None if None in (a, b) else False)
    assert compiled(f"not: {{all: {both}}}").test(seen) is (None if every is None else not every)


@pytest.mark.parametrize(
    ("placement", "role"),
    [
        ({"engagement": "volunteer"}, "volunteer"),
        ({"engagement": "employee", "employer": "district"}, "paid_tutor_district"),
        ({"engagement": "paid", "employer": "partner"}, "cbo_staff"),
        ({"engagement": "contractor"}, "cbo_staff"),
        ({"engagement": "paraprofessional"}, "parapro"),
        ({"engagement": "employee"}, None),
        ({}, None),
        ({"role": "work_study"}, "work_study"),
    ],
)
def test_the_role_follows_from_engagement_and_employer(placement, role):
    assert view(placement=placement).get("placement.role") == role


def test_a_fact_knows_where_it_came_from():
    seen = view(person={"born_on": "1985-03-02"}, placement={"duties": "mentoring"})
    assert (seen.get("person.age"), seen.source("person.age")) == (41, "derived")
    assert (seen.get("placement.gives_care"), seen.source("placement.duties")) == (True, "district")
    assert (seen.get("placement.contact"), seen.source("placement.contact")) == (None, "unknown")
