"""Limits of clauses at their real numbers, parameters that make no sense, and numbers that are never nearly so."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from plugins.union_agreement.rules import deciding, exact, library
from plugins.union_agreement.rules.facts import Facts
from plugins.union_agreement.rules.in_force import stands
from plugins.union_agreement.rules.reader import agreement
from plugins.union_agreement.rules.types import TYPES
from staffing.core.case import Case, Session
from staffing.core.errors import Invalid
from staffing.core.findings import Effect, Finding, State
from staffing.core.sources import read

HEAD = """id: T1
title: Alder (invented)
kind: cba
jurisdiction: CA
units: [classified]
effective: {from: 2024-07-01, to: 2027-06-30}
signatories: [superintendent, union_president]
clauses:
"""


def clauses(text: str) -> Any:
    return agreement(read(f"{HEAD}  - {text}\n", "t1.yaml"), "t1.yaml")


def says(text: str, on: date, **case: Any) -> Finding:
    """What one clause says of a case."""
    made = clauses(text)
    found = Case(jurisdiction="us-ca", **case)
    finding = deciding.judge(made.clauses[0], made, stands(made, on), Facts(found, on, made))
    assert finding is not None
    return finding


def answer(text: str, on: date, **case: Any) -> Any:
    made = clauses(text)
    clause = made.clauses[0]
    return deciding.answer_of(clause, made, TYPES[clause.type], Facts(Case(jurisdiction="us-ca", **case), on, made))


CAP = (
    "{id: T1.3, type: service_cap, params: {limit: 195, unit: work_day, per: fiscal_year, count_by: [person, position], "
    "warn_at: 0.8, on_reach: accrete_to_unit, anti_rotation: true}}"
)
FIRST = date(2025, 7, 1)


def served(days: int) -> dict[str, Any]:
    """So many days before the day decided for, in one position, by two people in turn."""
    rows = [{"on": FIRST + timedelta(days=n), "position": "P1", "person": "me" if n % 2 else "p-2"} for n in range(days)]
    return {"service_ledger": rows, "position_id": "P1"}


@pytest.mark.parametrize(
    ("before", "state", "effect"),
    [
        (155, State.MET, Effect.ALLOW),  # with today 156, which is four fifths of 195 exactly and not past it
        (156, State.MET, Effect.ADVISE),
        (194, State.MET, Effect.ADVISE),
        (195, State.VIOLATED, Effect.BLOCK),
    ],
)
def test_day_195_of_a_position_is_within_the_cap_and_day_196_is_not_however_people_take_turns(
    before: int, state: State, effect: Effect
) -> None:
    finding = says(CAP, FIRST + timedelta(days=before), context=served(before))
    assert (finding.state, finding.effect) == (state, effect)


def test_work_that_took_place_past_the_cap_stays_the_units_in_the_next_fiscal_year() -> None:
    assert says(CAP, date(2026, 7, 1), context=served(195)).state is State.MET
    finding = says(CAP, date(2026, 7, 1), context=served(196))
    assert finding.state is State.VIOLATED
    assert "2026-01-12" in str(finding.reason)


def test_the_earliest_day_on_which_a_cap_can_be_passed_is_when_the_answer_is_looked_at_again() -> None:
    finding = says(CAP, FIRST + timedelta(days=189), context=served(189))
    assert finding.holds_until == FIRST + timedelta(days=195)  # the 196th day, if every day is served


def test_a_session_that_is_in_the_ledger_too_counts_once_at_the_longer_of_the_two() -> None:
    text = "{id: T1.4, type: service_cap, params: {limit: 5, unit: hour, per: calendar_year}}"
    ledger = [{"on": date(2025, 9, 1), "hours": 2}]
    on = date(2025, 9, 2)
    case = {"context": {"service_ledger": ledger}, "sessions": (Session(on=date(2025, 9, 1), hours=3), Session(on=on, hours=2))}
    assert says(text, on, **case).state is State.MET
    assert says(text, on, **{**case, "sessions": (*case["sessions"], Session(on=on, hours=0.25))}).state is State.VIOLATED


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("type: certificated_supervision, params: {standard: sometimes}", "Invalid enum value 'sometimes'"),
        (
            "type: certificated_supervision, params: {standard: line_of_sight, min_share: 1.5}",
            "A share of 1.5 of the day",
        ),
        ("type: certificated_supervision, params: {standard: line_of_sight, max_supervisees: 0}", "nobody works"),
        ("type: solo_coverage_limit, params: {max: a few minutes}", "is no number of minutes. Let the parties choose one"),
        ("type: solo_coverage_limit, params: {}", "Say for how many minutes (max) or on how many days (max_days)"),
        ("type: solo_coverage_limit, params: {max: 45, emergency_report: {to: principal, within: 1}}", "with a kind of day"),
        ("type: service_cap, params: {limit: 0, unit: work_day, per: school_year}", "A limit of 0 lets nobody serve."),
        ("type: service_cap, params: {limit: -3, unit: hour, per: school_year}", "A limit of -3 lets nobody serve."),
        ("type: service_cap, params: {limit: 90.5, unit: work_day, per: school_year}", "Days and quarters are counted whole"),
        ("type: service_cap, params: {limit: 90, unit: day, per: school_year}", "Invalid enum value 'day'"),
        ("type: service_cap, params: {limit: 90, unit: work_day}", "Say in which time: per: school_year"),
        ("type: service_cap, params: {limit: 90, unit: work_day, per: school_year, warn_at: 80}", "is no share of the limit"),
        ("type: first_offer, params: {posting: {lead: 5}}", "A count of days needs its kind: unit: work_day or calendar_day."),
        ("type: first_offer, params: {order: pool_then_choice}", "Say how large the pool is"),
        ("type: first_offer, params: {order: seniority, pool_multiple: 2}", "There is a pool only with order: pool_then_choice."),
        ("type: first_offer, params: {then: [cbo]}", "There is no role 'cbo'."),
        ("type: pay_floor, params: {}", "Say how much at least"),
        ("type: pay_floor, params: {floor: 0}", "'0' is no amount of money."),
        ("type: pay_floor, params: {floor: plenty}", "'plenty' is no amount of money."),
        ("type: pay_floor, params: {stipend_cap: 500, differential: 1}", "A differential is paid on top of a rate"),
        ("type: volunteer_status_integrity, params: {nominal_fee_share_max: 20}", "is no share of full pay."),
        ("type: qualification_training, params: {}", "Say what is asked for"),
        ("type: qualification_training, params: {approval: {by: principal, max_hours: 0}}", "An approval for 0 hours is none."),
        (
            "type: clearance_identification, params: {checks: [fbi], max_age: 12}",
            "12 of what? Write max_age:",
        ),
        ("type: clearance_identification, params: {checks: [dmv]}", "Invalid enum value 'dmv'"),
        (
            "type: clearance_identification, exceptions: [{when: fire}], params: {checks: [fbi]}",
            "relaxed by nothing",
        ),
        ("type: ratio_cap, params: {grade_bands: [{grades: k-3, max: 20}, {grades: 3-5, max: 25}]}", "k-3 and 3-5 share a grade"),
        ("type: ratio_cap, params: {grade_bands: [{grades: primary, max: 20}]}", "'primary' are no grades."),
        ("type: ratio_cap, params: {max_students: 3, exceptions_cap: {n: 2, per: moon}}", "Invalid enum value 'moon'"),
    ],
)
def test_parameters_that_make_no_sense_are_refused_in_a_sentence_with_the_line(text: str, sentence: str) -> None:
    with pytest.raises(Invalid) as caught:
        clauses(f"{{id: T1.1, {text}}}")
    assert sentence in str(caught.value)
    assert "t1.yaml:9" in str(caught.value)


def test_ten_hours_at_the_floor_are_exactly_enough_and_a_cent_less_is_not() -> None:
    text = "{id: T1.1, type: pay_floor, params: {floor: 0.1}}"
    enough = {"pay_rate": {"amount": 0.3, "per": "week", "hours": 3}}  # 0.1 * 3 is more than 0.3 in binary
    assert says(text, date(2025, 9, 1), context=enough).state is State.MET
    less = {"pay_rate": {"amount": 0.29, "per": "week", "hours": 3}}
    assert says(text, date(2025, 9, 1), context=less).state is State.VIOLATED


def test_a_rise_that_reaches_back_leaves_back_pay_owing_and_decides_nothing_again() -> None:
    text = "{id: T1.1, type: pay_floor, params: {or_reference: {classification: tutor}}}"
    rates = [{"rate": 24, "from": "2024-07-01"}, {"rate": 25, "from": "2025-01-01", "set_on": "2025-03-10"}]
    context = {"pay_rate": 25, "reference_rate_on_date": rates}
    before = answer(text, date(2025, 3, 9), placement={"starts_on": date(2025, 2, 3)}, context={**context, "pay_rate": 24})
    assert before.standing == "satisfied"
    assert before.remedies_due == ()
    after = answer(text, date(2025, 3, 10), placement={"starts_on": date(2025, 2, 3)}, context=context)
    assert after.standing == "satisfied"
    assert [str(one) for one in after.remedies_due] == [
        "Back pay is owed up to $25.00 an hour from 2025-02-03 until 2025-03-10, that day not included."
    ]


def test_a_waiver_or_a_fact_never_makes_missing_clearance_less_than_a_block() -> None:
    text = "{id: T1.9, type: clearance_identification, effect: advise, params: {badge: true}}"
    assert says(text, date(2025, 9, 1)).effect is Effect.BLOCK
    assert says(text, date(2025, 9, 1)).clearance


@pytest.mark.parametrize("number", ["1e999999999", "inf", "nan", "", "1/0", "0x10", True, None, "--3"])
def test_what_is_no_plain_number_is_no_number(number: object) -> None:
    assert exact.fraction(number) is None
    assert exact.money(number) is None


@pytest.mark.parametrize("name", ["A1", "A2", "A3", "A4", "A5", "A6"])
def test_every_clause_of_the_samples_is_said_in_plain_words(name: str) -> None:
    for one in library.resolve([name]):
        for clause in one.clauses:
            words = TYPES[clause.type].words(clause.params)
            assert words.endswith(".")
            assert "None" not in words
            assert "_" not in words


def test_every_type_says_what_it_means_and_which_facts_it_reads() -> None:
    for kind in TYPES.values():
        assert kind.meaning.endswith(".")
        assert kind.facts
        assert issubclass(kind.params, msgspec.Struct)
