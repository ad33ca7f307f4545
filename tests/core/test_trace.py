"""The trace of a decision and the ways to change it: what was read, from where, with which number of which date."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from staffing.core.case import Session
from staffing.core.condition_text import said
from staffing.core.decisions import decide
from staffing.core.facts import CaseView
from staffing.core.trace import step, trace
from staffing.core.what_helps import what_helps
from tests.core.packs import book, case, clear
from tests.core.test_conditions import compiled
from tests.core.test_pack_words import ON, WAIVABLE, rule

RULES = book()


def traced(name, on=ON, **given):
    return next(one for one in trace(case(**given), RULES, on) if one.rule == name)


def test_a_trace_has_every_finding_of_the_decision_and_says_the_same():
    decision = decide(case(evidence=()), RULES, ON)
    found = trace(case(evidence=()), RULES, ON)
    assert [(one.rule, one.state, one.effect, one.reason) for one in found] == [
        (f.rule, f.state, f.effect, str(f.reason)) for f in decision.findings
    ]


def test_one_rule_alone_is_traced_as_among_the_others():
    for one in trace(case(), RULES, ON):
        assert trace(case(), RULES, ON, one.rule) == (one,)


def test_what_would_do_counts_from_the_oldest_of_its_group_as_the_decision_does():
    assert traced("zz.history").offers[0].through == date(2029, 3, 1), "of 2025, but the check of its group is of 2024"


def test_an_offer_names_the_paper_looked_at_and_why_it_does_not_count():
    assert (traced("zz.check").offers[0].evidence, traced("zz.check").offers[0].reason) == ("check-1", "")
    other = traced("zz.check", evidence=(clear("state_criminal_history", date(2024, 3, 1), purpose="volunteer", id="v"),)).offers[
        0
    ]
    assert other.evidence == "v"
    assert other.reason == "The one on record was issued for another purpose (volunteer) and cannot be used for this work."


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("{all: [{person.age: {at_least: 18}}, {placement.contact: routine}]}", "all"),
        ("{any: [{person.age: {at_least: 18}}, {placement.contact: routine}]}", "any"),
        ("{not: {person.age: {at_least: 18}}}", "not"),
        ("{person.age: {at_least: 18}}", ""),
    ],
)
def test_joined_conditions_say_how_they_are_joined(text, how):
    assert step(compiled(text), CaseView(case(), ON, RULES.specs)).how == how


def test_a_condition_shows_its_truth_and_where_each_fact_came_from():
    exempt = traced("zz.check").exemptions[0]
    assert (exempt.truth, exempt.says) == (False, "age on the day is less than 18")
    assert exempt.facts == ({"name": "person.age", "value": 41, "source": "derived"},)
    unknown = traced("zz.check", person={}).exemptions[0]
    assert unknown.truth is None
    assert unknown.facts[0] == {"name": "person.age", "value": None, "source": "unknown"}


def test_a_number_is_shown_with_the_day_since_which_it_is_so():
    parameters = {p["name"]: p for p in traced("zz.check").parameters}
    assert parameters["valid"]["value"] == "good for 60 months from the oldest of its group"
    assert parameters["valid"]["since"] == date(2020, 1, 1)
    assert parameters["provisional days"] == {
        "name": "provisional days", "value": 45, "since": date(2020, 1, 1), "citation": "Invented Code 9",
    }  # fmt: skip


def test_each_version_is_traced_as_it_stood_on_the_day():
    assert traced("zz.course", date(2026, 6, 30)).until == date(2026, 6, 30)
    assert traced("zz.course", date(2026, 7, 1)).since == date(2026, 7, 1)


def test_what_is_held_is_shown_beside_what_would_do():
    offer = traced("zz.check").offers[0]
    assert offer.says.startswith("State criminal history check (for employment)")
    assert (offer.state, offer.through) == ("met", date(2029, 3, 1))


def test_a_trace_of_a_case_with_sessions_is_of_the_day_it_is_asked_for():
    found = trace(case(sessions=(Session(on=date(2026, 12, 1)),)), RULES, date(2026, 12, 1))
    assert found == trace(case(), RULES, date(2026, 12, 1))


def test_a_trace_can_be_written_as_json():
    assert b"zz.check" in msgspec.json.encode(trace(case(), RULES, ON))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("placement.contact: routine", "contact with children: Regularly, as part of the work"),
        ("placement.engagement: {is_not: volunteer}", "kind of engagement: not Unpaid volunteer"),
        ("placement.engagement: {not_in: [volunteer, substitute]}", "kind of engagement: not Substitute or Unpaid volunteer"),
        ("placement.responsible_for_welfare: false", "responsible for children's welfare: no"),
        ("placement.responsible_for_welfare: {is_not: true}", "responsible for children's welfare: no"),
        ("person.age: {at_least: 18}", "age on the day is at least 18"),
        ("person.resident_since: {before: placement.starts_on}", "living in the state since is before first day"),
        ("day: {on_or_after: 2026-01-01}", "the day is on or after 2026-01-01"),
        ("holds: fbi_fingerprint", "FBI fingerprint check is on record"),
        ("placement.duties: {includes_all: [coaching, tutoring]}", "duties: coaching and tutoring"),
        ("not: {placement.setting: campus}", "not (setting: On school grounds)"),
        (
            "any: [{placement.setting: campus}, {placement.setting: remote, person.age: {more_than: 17}}]",
            "setting: On school grounds or (setting: Online and age on the day is more than 17)",
        ),
    ],
)
def test_a_condition_is_said_in_the_words_of_its_facts(text, words):
    assert said(compiled(text), RULES.specs) == words


def test_the_parts_of_a_condition_are_traced_one_by_one():
    condition = compiled("any: [{placement.setting: campus}, {holds: affirmation}, {day: {before: 2026-01-01}}]")
    found = step(condition, CaseView(case(placement={"setting": "campus"}), ON, RULES.specs))
    assert [part.truth for part in found.parts] == [True, False, False]
    assert found.parts[2].facts[0]["value"] == ON


def helps(rules, **given):
    made = case(**given)
    return what_helps(decide(made, rules, ON), made, rules)


def test_what_would_change_an_answer_is_said_for_each_rule_in_the_way_and_no_other():
    ways = helps(RULES, evidence=())
    assert "zz.rumour" not in ways
    assert ways["zz.check"] == (
        "Bring: State criminal history check (for employment), good for 60 months from the oldest of its group.",
        "It is not asked for if age on the day is less than 18 (Not yet an adult).",
        "It is asked for only when contact with children: Regularly, as part of the work.",
    )
    assert helps(RULES) == {}


def test_who_may_waive_a_rule_is_among_what_would_change_it():
    assert helps(book(WAIVABLE), evidence=())["zz.rule"][-1] == (
        "A waiver by The board under Invented Code 50 that names Invented Code §1."
    )


def test_what_must_be_so_is_said_first():
    text = rule("must: [{when: {placement.supervision: immediate}, otherwise: In the room.}]")
    assert helps(book(text))["zz.rule"][0] == "Make it so: supervision: Staff direct the work in the same room."
