"""Answers that are remembered by what was read for them."""

from __future__ import annotations

from datetime import date

import pytest

from staffing.core.case import Case
from staffing.core.conditions import ALWAYS
from staffing.core.facts import CaseView
from staffing.core.remembered import Asked, Reading, Remembered, of_the_person
from staffing.core.standard_facts import STANDARD

ON = date(2026, 11, 24)


def reading(facts):
    person = {name[7:]: value for name, value in facts.items() if name.startswith("person.")}
    return Reading(Case(jurisdiction="us-zz", person=person, placement={"employer": "district"}), ON, STANDARD)


class Counting:
    """Whether somebody is grown up; asks for more of those who are not."""

    def __init__(self):
        self.times = 0

    def __call__(self, view):
        self.times += 1
        if view.get("person.age") is None:
            return "no age"
        return "grown" if view.get("person.age") >= 18 else f"a {view.get('person.relationship')}"


def test_an_answer_is_worked_out_once_for_everybody_with_the_same_facts():
    work = Counting()
    asked = Remembered(work)
    grown = {"person.born_on": date(1990, 1, 1), "person.relationship": "parent"}
    assert [asked.of(grown | {"person.relationship": r}, lambda: reading(grown)) for r in ("parent", "community")] == [
        "grown"
    ] * 2
    assert work.times == 1, "the relationship was not read"
    young = {"person.born_on": date(2010, 1, 1)}
    for relationship in ("student", "relative", "student"):
        facts = young | {"person.relationship": relationship}
        assert asked.of(facts, lambda facts=facts: reading(facts)) == f"a {relationship}"
    assert work.times == 3
    assert asked.of({}, lambda: reading({})) == "no age"
    assert not asked.settled


def test_an_answer_that_reads_nothing_of_the_person_is_settled():
    asked = Remembered(lambda view: view.get("placement.employer"))
    assert asked.of({"person.born_on": ON}, lambda: reading({})) == "district"
    assert asked.settled


def test_what_is_shared_between_kinds_of_work_may_read_nothing_of_the_work():
    view = reading({})
    view.get("placement.employer")
    with pytest.raises(RuntimeError, match=r"placement\.employer was read"):
        of_the_person(view, True)


def test_an_asked_condition_needs_the_view_that_holds_its_answer():
    with pytest.raises(TypeError, match="needs a view"):
        Asked(ALWAYS).test(CaseView(Case(jurisdiction="us-zz"), ON, STANDARD))
