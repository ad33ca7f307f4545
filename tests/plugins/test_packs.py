"""The shipped packs: their worked cases, their coverage of the research, and what every rule must carry."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import msgspec
import pytest

from staffing import host, rulebook
from staffing.core.case import Case
from staffing.core.evidence import KINDS, Evidence
from staffing.core.facts import AskedOf
from staffing.core.pack_cases import run, worked_cases
from staffing.core.rules import RuleBook

HOST = host.load()
RULES = rulebook.rules(HOST)
FOLDERS = HOST.folders("packs")
#: The rows of the research, by the pack they belong to: one file for each jurisdiction.
ROWS = {
    file.stem: [line for line in file.read_text(encoding="utf-8").split("\n") if line and not line.startswith("#")]
    for file in sorted((Path(__file__).parent / "research_rows").glob("*.txt"))
}
SHIPPED = ("background_check", "certification")


def all_cases():
    for plugin in SHIPPED:
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


@pytest.mark.parametrize(
    "file",
    [f for plugin in SHIPPED for f in sorted(FOLDERS[plugin].glob("*.yaml"))],
    ids=lambda f: f"{f.parents[1].name}/{f.stem}",
)
def test_every_pack_file_has_twelve_worked_cases_beside_it(file):
    plugin = file.parent.parent.name
    alone = RuleBook(pack for pack in RULES.packs if pack.plugin == plugin)
    beside = file.parent.parent / "cases" / file.name
    assert len(worked_cases(beside.read_text(encoding="utf-8"), f"{plugin}/{file.name}", alone)) >= 12


def refs_of(pack):
    return {ref for r in pack.requirements for ref in r.refs} | {terms.ref for terms in pack.terms}


@pytest.mark.parametrize(("place", "row"), [(place, row) for place, rows in ROWS.items() for row in rows])
def test_a_row_of_the_research_is_a_rule_or_left_out_with_a_reason(place, row):
    packs = [pack for pack in RULES.packs if pack.id == place]
    expressed = set().union(*(refs_of(pack) for pack in packs))
    left_out = [one.reason for pack in packs for one in pack.left_out if one.ref == row]
    assert (row in expressed) + len(left_out) == 1, "a row is expressed or left out once, not both and not neither"
    assert all(left_out)


@pytest.mark.parametrize("place", sorted({pack.id for pack in RULES.packs}))
def test_no_rule_stands_for_a_row_the_research_does_not_have(place):
    packs = [pack for pack in RULES.packs if pack.id == place]
    refs = {ref for pack in packs for ref in refs_of(pack)} | {row.ref for pack in packs for row in pack.left_out}
    assert place in ROWS, f"list the rows in research_rows/{place}.txt"
    assert refs <= set(ROWS[place])


@pytest.mark.parametrize("requirement", [r for pack in RULES.packs for r in pack.requirements], ids=lambda r: r.id)
def test_a_rule_says_why_in_plain_words_who_acts_and_where_it_comes_from(requirement):
    assert requirement.why.endswith(".")
    assert str(requirement.remedy.what)
    for version in requirement.versions:
        assert version.citation
        assert version.checked_on
        assert version.no_rule or version.accepts or version.must or version.ratio


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
    asked = RULES.questions("us-ca", TUTOR | {"employer": "partner", "programme": "school"}, {}, AskedOf.PARTNER)
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


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"engagement": "employee"},
        {"engagement": "substitute", "duties": ["substitute_teaching"]},
        {"engagement": "paraprofessional", "employer": "district", "duties": ["clerical"]},
        {"engagement": "employee", "employer": "partner", "setting": "off_campus", "programme": "youth_programme"},
    ],
    ids=lambda more: "_".join(str(value) for value in more.values() if isinstance(value, str)) or "volunteer",
)
@pytest.mark.parametrize("papers", [(), "every"], ids=["without_papers", "with_every_paper"])
def test_new_jersey_whose_rules_nobody_read_neither_blocks_nor_clears(more, papers):
    day = date(2026, 11, 24)
    held = tuple(Evidence(kind=kind, issued_on=date(2026, 9, 1), result="clear") for kind in KINDS) if papers else ()
    person = {"born_on": date(1985, 3, 2), "resident_since": date(2001, 6, 1)}
    case = Case(jurisdiction="us-nj", person=person, placement=TUTOR | {"starts_on": day} | more, evidence=held)
    decision = rulebook.decide_with_plugins(HOST, case, day, SHIPPED)
    own = [finding for finding in decision.findings if finding.jurisdiction == "us-nj"]
    assert {finding.plugin for finding in own} == set(SHIPPED)
    assert {finding.state for finding in own} <= {"needs_review", "not_required"}
    assert {finding.effect for finding in own} <= {"advise", "allow"}
    assert decision.outcome == "hold"
    assert next(f for f in decision.findings if f.rule == "staffing.under_review").effect == "hold"


def test_no_python_knows_new_jersey():
    folders = [Path(rulebook.__file__).parent, *(FOLDERS[plugin].parent for plugin in SHIPPED)]
    sources = [file for folder in folders for file in folder.rglob("*.py")]
    assert len(sources) > 50
    assert not [file for file in sources if re.search(r"us-nj|us_nj|new jersey", file.read_text(encoding="utf-8").lower())]
    own = [version for pack in RULES.packs if pack.id == "us-nj" for rule in pack.requirements for version in rule.versions]
    assert {version.confidence for version in own} == {"unconfirmed"}


def test_the_stricter_district_only_adds_to_what_pennsylvania_asks():
    day = date(2026, 11, 24)
    person = {"born_on": date(1985, 3, 2), "resident_since": date(2001, 6, 1)}
    for placement in (TUTOR, TUTOR | {"contact": "occasional", "duties": ["guest_reader"]}):
        case = Case(jurisdiction="us-pa", person=person, placement=placement | {"starts_on": day})
        state = rulebook.decide_with_plugins(HOST, case, day, SHIPPED)
        district = rulebook.decide_with_plugins(HOST, msgspec.structs.replace(case, overlays=("pa-stricter",)), day, SHIPPED)
        assert {f.rule: (f.state, f.effect) for f in state.findings}.items() <= {
            f.rule: (f.state, f.effect) for f in district.findings
        }.items()
        assert district.outcome.severity >= state.outcome.severity
