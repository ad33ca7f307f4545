"""The shipped packs: their worked cases, their coverage of the research, and what every rule must carry."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from staffing import host, rulebook
from staffing.core.case import Case
from staffing.core.evidence import Evidence
from staffing.core.facts import AskedOf
from staffing.core.pack_cases import run, worked_cases
from staffing.core.rules import RuleBook

HOST = host.load()
RULES = rulebook.rules(HOST)
FOLDERS = HOST.folders("packs")
ROWS = [
    line
    for line in (Path(__file__).parent / "research_rows.txt").read_text(encoding="utf-8").split("\n")
    if line and not line.startswith("#")
]


def all_cases():
    for plugin in ("background_check", "certification"):
        alone = RuleBook(pack for pack in RULES.packs if pack.plugin == plugin)
        for file in sorted((FOLDERS[plugin].parent / "cases").glob("*.yaml")):
            for case in worked_cases(file.read_text(encoding="utf-8"), file.name, alone):
                yield pytest.param(case, alone, id=f"{plugin}/{file.stem}: {case.title}"[:110])


CASES = list(all_cases())


@pytest.mark.parametrize(("case", "rules"), CASES)
def test_a_worked_case_comes_out_as_its_author_says(case, rules):
    assert run(case, rules).wrong == ()


def test_there_are_worked_cases_enough_and_each_says_its_source():
    assert len(CASES) >= 90
    assert all(param.values[0].cite for param in CASES)


def test_a_wrong_expectation_is_found():
    file = FOLDERS["background_check"].parent / "cases" / "us_ca.yaml"
    alone = RuleBook(pack for pack in RULES.packs if pack.plugin == "background_check")
    text = file.read_text(encoding="utf-8").replace(
        "outcome: allow, holds_until: never", "outcome: block, holds_until: 2027-01-01", 1
    )
    first = worked_cases(text, "us_ca.yaml", alone)[0]
    assert [sentence.split(",")[0] for sentence in run(first, alone).wrong] == ["outcome is allow", "holds_until is None"]


@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_the_research_is_a_rule_or_left_out_with_a_reason(row):
    expressed = {ref for pack in RULES.packs for r in pack.requirements for ref in r.refs}
    expressed |= {terms.ref for pack in RULES.packs for terms in pack.terms}
    left_out = {row.ref: row.reason for pack in RULES.packs for row in pack.left_out}
    assert (row in expressed) != (row in left_out), "a row is expressed or left out, not both and not neither"
    assert row in expressed or left_out[row]


def test_no_rule_stands_for_a_row_the_research_does_not_have():
    refs = {ref for pack in RULES.packs for r in pack.requirements for ref in r.refs} | {
        row.ref for p in RULES.packs for row in p.left_out
    }
    assert refs <= set(ROWS)


@pytest.mark.parametrize("requirement", [r for pack in RULES.packs for r in pack.requirements], ids=lambda r: r.id)
def test_a_rule_says_why_in_plain_words_who_acts_and_where_it_comes_from(requirement):
    assert requirement.why.endswith(".")
    assert str(requirement.remedy.what)
    for version in requirement.versions:
        assert version.citation
        assert version.checked_on
        assert version.no_rule or version.accepts


def test_the_two_plugins_share_no_rule_id():
    ids = [r.id for pack in RULES.packs for r in pack.requirements]
    assert len(ids) == len(set(ids))


def test_a_fact_two_packs_declare_is_the_same_in_both():
    declared: dict[str, object] = {}
    for pack in RULES.packs:
        for spec in pack.facts:
            same = {key: getattr(spec, key) for key in ("type", "question", "label", "asked_of", "default", "choices")}
            assert declared.setdefault(spec.name, same) == same


TUTOR = {
    "engagement": "volunteer",
    "employer": "district",
    "setting": "campus",
    "contact": "routine",
    "supervision": "line_of_sight",
    "supervised_by": "certificated",
    "responsible_for_welfare": False,
    "duties": ["reading_tutoring"],
    "funding": ["local"],
}


def test_a_pennsylvania_volunteer_is_asked_for_a_birth_date_and_how_long_they_have_lived_there():
    asked = RULES.questions("us-pa", TUTOR, {}, AskedOf.PERSON)
    assert [spec.name for spec in asked] == ["person.born_on", "person.resident_since"]
    assert RULES.questions("us-pa", TUTOR, {"born_on": "1985-03-02", "resident_since": date(2001, 6, 1)}, AskedOf.PERSON) == []


def test_a_minor_is_not_asked_how_long_they_have_lived_there():
    assert RULES.questions("us-pa", TUTOR, {"born_on": "2010-03-02"}, AskedOf.PERSON, on=date(2026, 11, 24)) == []


def test_a_california_aide_in_sight_of_a_teacher_is_asked_nothing():
    assert RULES.questions("us-ca", TUTOR, {}, AskedOf.PERSON) == []


def test_a_partner_is_asked_whether_it_is_a_youth_organisation():
    asked = RULES.questions("us-ca", TUTOR | {"employer": "partner"}, {}, AskedOf.PARTNER)
    assert [spec.name for spec in asked] == ["placement.youth_organisation"]


def test_a_volunteer_is_cleared_in_pennsylvania_by_both_plugins_together():
    placement = TUTOR | {"starts_on": date(2026, 9, 8)}
    held = (
        Evidence(kind="state_criminal_history", issued_on=date(2026, 8, 3), result="clear", purpose="volunteer"),
        Evidence(kind="child_abuse_history", issued_on=date(2026, 8, 20), result="clear", purpose="volunteer"),
        Evidence(kind="affirmation", issued_on=date(2026, 8, 20)),
        Evidence(kind="notice_acknowledgement", issued_on=date(2026, 8, 20)),
        Evidence(kind="tb_screening", issued_on=date(2026, 8, 25), result="clear"),
    )
    person = {"born_on": date(1985, 3, 2), "resident_since": date(2001, 6, 1)}
    case = Case(jurisdiction="us-pa", person=person, placement=placement, evidence=held)
    decision = rulebook.decide_with_plugins(HOST, case, date(2026, 11, 24), ("background_check", "certification"))
    assert decision.outcome.clears
    assert decision.valid_through == date(2031, 8, 3)
    assert {f.plugin for f in decision.findings} == {"background_check", "certification"}


def test_a_plugin_that_is_switched_on_and_does_not_run_blocks():
    case = Case(jurisdiction="us-ca", placement=TUTOR)
    decision = rulebook.decide_with_plugins(HOST, case, date(2026, 11, 24), ("background_check", "union_rules"))
    absent = next(f for f in decision.findings if f.rule == "union_rules.not_running")
    assert (absent.effect, absent.state, decision.outcome) == ("block", "unknown", "block")


def test_only_the_packs_of_active_plugins_count():
    case = Case(jurisdiction="us-ca", placement=TUTOR)
    decision = rulebook.decide_with_plugins(HOST, case, date(2026, 11, 24), ("certification",))
    assert {f.plugin for f in decision.findings} == {"certification"}
