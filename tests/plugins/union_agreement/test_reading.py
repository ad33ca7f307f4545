"""Agreements read strictly: each mistake in a sentence with its file and line, and nothing decided on one."""

from __future__ import annotations

from datetime import date

import pytest

from plugins.union_agreement.rules import library, yaml_text
from plugins.union_agreement.rules.reader import agreement, plain
from staffing.core.errors import Invalid
from staffing.core.sources import read

HEAD = """id: T1
title: Alder (invented)
kind: cba
jurisdiction: PA
units: [classified]
effective: {from: 2024-07-01, to: 2027-06-30}
clauses:
"""


def problems(text: str) -> str:
    with pytest.raises(Invalid) as caught:
        agreement(read(text, "t1.yaml"), "t1.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("clause", "says"),
    [
        (
            "{id: T1.1, type: union_notice, params: {addressee: union_president, lead: 10}}",
            "t1.yaml:8: A count of days needs its kind: day_kind: calendar, work or school. There is no usual one.",
        ),
        (
            "{id: T1.1, type: ratio_cap, params: {max_students: 0}}",
            "t1.yaml:8: A ratio of 0 students for an adult lets nobody work. Write 1 or more.",
        ),
        (
            "{id: T1.1, type: ratio_capp, params: {max_students: 3}}",
            "t1.yaml:8: There is no clause type 'ratio_capp'. Did you mean 'ratio_cap'?",
        ),
        (
            "{id: T1.1, type: ratio_cap, params: {max_student: 3}}",
            "There is no parameter of ratio_cap 'max_student'. Did you mean 'max_students'?",
        ),
        ("{id: T1.1, type: ratio_cap, params: {max_students: three}}", "'max_students': Expected 'int | null', got 'str'."),
        (
            "{id: T1.1, type: ratio_cap, roles: [volunter], params: {max_students: 3}}",
            "There is no role 'volunter'. Did you mean 'volunteer'?",
        ),
        ("{id: T1.1, type: ratio_cap, effect: hold, params: {max_students: 3}}", "'effect' is never 'hold'."),
        (
            "{id: T1.1, type: ratio_cap, supersedes: [T9.1], params: {max_students: 3}}",
            "It supersedes T9.1, and no such clause is known.",
        ),
        (
            "{id: T1.1, type: ratio_cap, supersedes: [LAW.CLEAR], params: {max_students: 3}}",
            "LAW.CLEAR is law: no agreement supersedes it.",
        ),
        ("{type: ratio_cap, params: {max_students: 3}}", "A clause needs an id"),
    ],
)
def test_a_clause_that_makes_no_sense_is_refused_in_words(clause, says):
    assert says in problems(f"{HEAD}  - {clause}\n")


def test_every_mistake_of_a_file_is_told_at_once():
    text = problems(
        HEAD.replace("cba", "cbaa")
        + "  - {id: T1.1, type: ratio_cap, params: {max_students: 0}}\n  - {id: T1.1, type: nothing}\n"
    )
    assert [line.split(": ")[0] for line in text.splitlines()] == ["t1.yaml:3", "t1.yaml:8", "t1.yaml:9"]


def test_two_clauses_cannot_share_an_id():
    clause = "  - {id: T1.1, type: ratio_cap, params: {max_students: 3}}\n"
    assert "The clause id T1.1 is used twice" in problems(HEAD + clause + clause)


def test_an_agreement_cannot_end_before_it_begins():
    text = HEAD.replace("2027-06-30", "2023-06-30") + "  - {id: T1.1, type: ratio_cap, params: {max_students: 3}}\n"
    assert "t1.yaml:6: An agreement cannot end on 2023-06-30 when it starts on 2024-07-01." in problems(text)


def test_two_agreements_for_one_unit_on_the_same_days_are_refused():
    clause = "  - {id: %s.1, type: ratio_cap, params: {max_students: 3}}\n"
    first = read(HEAD + clause % "T1", "a.yaml")
    second = read(HEAD.replace("T1", "T2").replace("2024-07-01", "2026-07-01").replace("2027", "2029") + clause % "T2", "b.yaml")
    with pytest.raises(Invalid, match="T1 and T2 are both in effect for classified"):
        library.resolve([first, second], "case.yaml")


def test_one_after_the_other_is_fine():
    clause = "  - {id: %s.1, type: ratio_cap, params: {max_students: 3}}\n"
    first = read(HEAD + clause % "T1", "a.yaml")
    second = read(
        HEAD.replace("T1", "T2").replace("2024-07-01", "2027-07-01").replace("2027-06-30", "2030-06-30") + clause % "T2", "b.yaml"
    )
    assert [one.id for one in library.resolve([first, second], "case.yaml")] == ["T1", "T2"]


def test_an_unknown_agreement_is_named_with_the_samples():
    with pytest.raises(Invalid, match=r"There is no agreement 'A9' here.*A1, A2, A3, A4, A5, A6"):
        library.resolve(["A9"], "case.yaml")


@pytest.mark.parametrize("name", ["A1", "A2", "A3", "A4", "A5", "A6"])
def test_the_samples_load_and_come_back_from_their_yaml_the_same(name):
    one = library.samples()[name]
    value = read((library.SAMPLES / f"{name.lower()}.yaml").read_text(encoding="utf-8"), name)
    again = agreement(read(yaml_text.write(plain(value)), name), name)
    assert again.digest == one.digest
    assert [c.params for c in again.clauses] == [c.params for c in one.clauses]


def test_a_side_letter_brings_its_base_agreement():
    assert [one.id for one in library.resolve(["A2"], "case.yaml")] == ["A2", "A2B"]
    base = library.samples()["A2"].base
    assert base is not None
    assert (base.jurisdiction, base.since) == ("us-ca", date(2023, 7, 1))
