"""Scenario files are read strictly, and say what to write instead."""

from __future__ import annotations

from datetime import date

import pytest

from staffing.core.errors import Invalid
from staffing.core.scenario import overlays, scenario
from tests.core.packs import book

RULES = book()
TEXT = """\
jurisdiction: us-zz             # pack layers resolved upward
overlays: []
on: 2027-04-10
person:    {born_on: 1985-03-02, resident_since: 2001-06-01, relationship: community}
placement: {engagement: volunteer, employer: district, setting: campus, contact: routine, supervision: line_of_sight,
            supervised_by: certificated, responsible_for_welfare: false, duties: [reading_tutoring], funding: [local],
            grade_band: k-5, hours: {week: 2}, starts_on: 2022-05-10}
evidence:
  - {kind: state_criminal_history, issued_on: 2022-05-02, state: complete, result: clear, purpose: volunteer}
  - {kind: child_abuse_history, state: initiated, requested_on: 2027-04-01}
agreements: []
context: {position_actions: [], open_vacancies: []}
"""


def test_the_documented_scenario_is_read_whole():
    found = scenario(TEXT, "s.yaml", RULES)
    assert found.on == date(2027, 4, 10)
    assert found.case.placement["hours"] == {"week": 2}
    assert found.case.person["born_on"] == date(1985, 3, 2)
    assert found.case.evidence[0].result == "clear"
    assert found.case.evidence[1].state == "initiated"
    assert found.case.context == {"position_actions": [], "open_vacancies": []}


def test_sessions_take_the_place_of_the_day():
    found = scenario(
        TEXT.replace("on: 2027-04-10", "sessions: [{on: 2027-05-01, hours: 2}, {on: 2027-04-12, students: 8, adults: 2}]"),
        "s.yaml",
        RULES,
    )
    assert found.on == date(2027, 4, 12)
    assert [s.hours for s in found.case.sessions] == [2, None]


def test_a_null_fact_is_unknown():
    assert "contact" not in scenario(TEXT.replace("contact: routine", "contact: null"), "s.yaml", RULES).case.placement


def test_other_spellings_of_a_value_are_understood():
    assert scenario(TEXT.replace("setting: campus", "setting: hub"), "s.yaml", RULES).case.placement["setting"] == "hub"


def test_labor_facts_are_kept_as_they_stand():
    text = TEXT.replace("context: {", "context: {recall_list: [{classification: tutor, site: alder}], ")
    assert scenario(text, "s.yaml", RULES).case.context["recall_list"] == [{"classification": "tutor", "site": "alder"}]


CHANGES = [
    ("person:  ", "persn:  ", r"s.yaml:4: There is no key 'persn'. Did you mean 'person'\?"),
    ("jurisdiction: us-zz", "jurisdiction: US-ZZ", "s.yaml:1: 'US-ZZ' is not a jurisdiction"),
    ("jurisdiction: us-zz  ", "overlay: us-zz  ", "'jurisdiction' is missing"),
    ("on: 2027-04-10\n", "\n", "'on' must be the day decided for"),
    ("on: 2027-04-10\n", "on: next week\n", "s.yaml:3: 'on' must be the day decided for"),
    ("on: 2027-04-10\n", "on: 2027-04-31\n", "s.yaml:3: 2027-04-31 is not a day"),
    ("born_on: 1985-03-02", "borne_on: 1985-03-02", r"s.yaml:4: There is no fact 'person.borne_on'. Did you mean 'born_on'\?"),
    ("born_on: 1985-03-02", "contact: routine", "There is no fact 'person.contact'. Write it under 'placement'"),
    ("born_on: 1985-03-02", "born_on: march", "person.born_on is a day such as 2026-01-31, not 'march'"),
    ("contact: routine", "contact: rutine", r"s.yaml:5: placement.contact is never 'rutine'. Did you mean 'routine'\?"),
    (
        "responsible_for_welfare: false",
        "responsible_for_welfare: no",
        "placement.responsible_for_welfare is true or false, not 'no'",
    ),
    (
        "duties: [reading_tutoring]",
        "duties: [reading_tutorin]",
        r"placement.duties has no 'reading_tutorin'. Did you mean 'reading_tutoring'\?",
    ),
    ("hours: {week: 2}", "hours: {weeek: 2}", r"There is no key 'weeek'. Did you mean 'week'\?"),
    ("hours: {week: 2}", "hours: {week: two}", "'week' is a number of hours, not 'two'"),
    (
        "kind: state_criminal_history",
        "kind: state_criminal_histroy",
        r"s.yaml:9: There is no evidence kind 'state_criminal_histroy'. Did you mean",
    ),
    ("result: clear", "result: cleer", r"'result' is never 'cleer'. Did you mean 'clear'\?"),
    ("issued_on: 2022-05-02", "issued: 2022-05-02", r"There is no field of evidence 'issued'. Did you mean 'issued_on'\?"),
    ("issued_on: 2022-05-02", "issued_on: 2027-04-11", "'issued_on' 2027-04-11 is after 2027-04-10"),
    ("requested_on: 2027-04-01", "requested_on: 2027-04-01, result: clear", "has no result"),
    ("evidence:\n", "evidence: some\nevidnce:\n", "'evidence' is a list"),
    ("supervision: line_of_sight", "supervision: none", "supervision: none contradicts 'supervised_by'"),
    ("engagement: volunteer", "engagement: volunteer, role: parapro", "The role 'parapro' contradicts"),
    ("resident_since: 2001-06-01", "resident_since: 1984-06-01", "resident_since 1984-06-01 is before born_on"),
    ("born_on: 1985-03-02, resident_since: 2001-06-01", "born_on: 2027-04-11", "is after the day decided for"),
    ("relationship: community", "relationship: community, resident: false", "resident: false contradicts"),
    ("context: {", "context: {recal_list: [], ", r"There is no fact 'context.recal_list'. Did you mean 'recall_list'\?"),
    ("relationship: community", "relationship: community, relationship: parent", "'relationship' is written twice"),
]


@pytest.mark.parametrize(("before", "after", "says"), CHANGES, ids=[change[1][:40] for change in CHANGES])
def test_a_mistake_is_named_with_its_line_and_what_to_write(before, after, says):
    assert before in TEXT
    with pytest.raises(Invalid, match=says):
        scenario(TEXT.replace(before, after, 1), "s.yaml", RULES)


@pytest.mark.parametrize("text", ["", "- a", "just words"])
def test_what_is_no_mapping_is_no_scenario(text):
    with pytest.raises(Invalid, match=r"s\.yaml:1: A scenario is a mapping"):
        scenario(text, "s.yaml", RULES)


def test_overlays_are_named_before_the_rest_is_read():
    assert overlays("jurisdiction: us-zz\noverlays: [alder, mine/birch.yaml]\n", "s.yaml") == ["alder", "mine/birch.yaml"]
