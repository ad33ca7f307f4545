"""What each word of the pack language does, on small invented rules: both sides of every boundary."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from staffing.core.case import Session
from staffing.core.decisions import decide
from staffing.core.errors import Invalid
from staffing.core.evidence import Evidence
from tests.core.packs import book, case, clear
from tests.core.test_decisions import finding, stands

ON = date(2026, 11, 24)
DAY = timedelta(days=1)


def rule(body: str, *, clearance: bool = False, more: str = "", requirement: str = "") -> str:
    """The text of a pack with one rule; ``body`` are the lines of its version."""
    lines = "\n".join("        " + line for line in body.strip().splitlines())
    extra = "".join(f"    {line}\n" for line in requirement.strip().splitlines())
    return f"""
pack: us-zz
title: Invented state
layer: state_law
checked_on: 2026-01
{more}
requirements:
  - id: zz.rule
    ref: ZZ-1
    title: The rule
    why: So that children are safe.
{"    clearance: true" if clearance else ""}
{extra}    remedy: {{who: person, what: Do it., usual_days: 3}}
    versions:
      - from: 2000-01-01
        citation: Invented Code 1
        confidence: high
{lines}
"""


def decided(text: str, on: date = ON, **given):
    decision = decide(case(**given), book(text), on)
    return stands(decision, "zz.rule"), decision


# --- must ----------------------------------------------------------------------------------------------------------

CAP = rule(
    "must: [{when: {placement.days_with_teacher: {at_most: 30}}, otherwise: Thirty days for one teacher.}]\nmissing: block"
)


@pytest.mark.parametrize(("days", "expected"), [(29, ("met", "allow")), (30, ("met", "allow")), (31, ("violated", "block"))])
def test_a_day_cap_holds_through_its_last_day_and_says_what_is_wrong_after(days, expected):
    found, decision = decided(CAP, placement={"days_with_teacher": days})
    assert found == expected
    assert (str(finding(decision, "zz.rule").reason) == "Thirty days for one teacher.") == (days > 30)


def test_an_uncounted_day_cap_is_unknown_and_names_who_can_count():
    found, decision = decided(CAP)
    assert found == ("unknown", "block")
    assert [fact.name for fact in finding(decision, "zz.rule").facts if fact.value is None] == ["placement.days_with_teacher"]
    assert finding(decision, "zz.rule").remedy.who == "site"


def test_what_must_be_so_is_looked_at_before_what_must_be_held():
    text = rule(
        "must: [{when: {placement.supervision: immediate}, otherwise: Staff must be in the room.}]\n"
        "accepts: [{kind: orientation}]\nvalid: once"
    )
    held = (Evidence(kind="orientation", issued_on=date(2026, 1, 5)),)
    assert decided(text, evidence=held)[0] == ("violated", "hold")
    assert decided(text, evidence=held, placement={"supervision": "immediate"})[0] == ("met", "allow")
    assert decided(text, evidence=(), placement={"supervision": "immediate"})[0] == ("missing", "hold")


def test_a_broken_must_of_a_rule_that_may_not_apply_is_unknown():
    must = "must: [{when: {placement.supervision: immediate}, otherwise: In the room.}]"
    text = rule("applies_when: {placement.employer: district}\n" + must)
    assert decided(text)[0] == ("unknown", "hold")
    assert decided(text, placement={"employer": "partner"})[0] == ("not_required", "allow")


# --- days of service -----------------------------------------------------------------------------------------------


def ledger(*days: date, **more):
    return {"service_ledger": [{"on": day, **more} for day in days]}


def school_days(last: date, count: int) -> list[date]:
    found: list[date] = []
    day = last
    while len(found) < count:
        if day.weekday() < 5:
            found.append(day)
        day -= DAY
    return found


@pytest.mark.parametrize(("served", "expected"), [(29, "met"), (30, "violated")])
def test_the_day_decided_for_counts_as_a_day_of_service(served, expected):
    context = ledger(*school_days(ON - DAY, served), teacher="T1")
    assert decided(CAP, placement={"teacher": "T1"}, context=context)[0][0] == expected
    assert decided(CAP, placement={"teacher": "T2"}, context=context)[0][0] == "met"


def test_days_of_the_school_year_before_do_not_count():
    context = ledger(*school_days(date(2026, 6, 30), 40), teacher="T1")
    assert decided(CAP, placement={"teacher": "T1"}, context=context)[0] == ("met", "allow")


def test_sessions_pass_a_day_cap_on_the_day_they_exceed_it():
    text = rule("must: [{when: {placement.days_school_year: {at_most: 20}}, otherwise: Twenty days a year.}]")
    days = [date(2026, 9, 1) + DAY * n for n in range(21)]
    found = decide(case(sessions=tuple(Session(on=day, hours=2) for day in days), context=ledger()), book(text), ON)
    assert [session.outcome for session in found.sessions] == ["allow"] * 20 + ["hold"]


@pytest.mark.parametrize(
    ("on", "expected"),
    [(date(2026, 11, 20), 6), (date(2026, 11, 21), 7), (date(2026, 11, 23), 7), (date(2026, 11, 24), 1), (date(2026, 11, 25), 1)],
)
def test_days_in_a_row_reach_over_a_weekend_and_end_with_a_school_day_missed(on, expected):
    served = [date(2026, 11, day) for day in (13, 16, 17, 18, 19, 20) if date(2026, 11, day) <= on]
    for most, found in ((expected, "met"), (expected - 1, "violated")):
        text = rule(f"must: [{{when: {{placement.consecutive_days: {{at_most: {most}}}}}, otherwise: Too long.}}]")
        assert decided(text, on, placement={"teacher": "T1"}, context=ledger(*served, teacher="T1"))[0][0] == found


def test_a_closed_day_does_not_break_a_row():
    text = rule("must: [{when: {placement.consecutive_days: {at_most: 2}}, otherwise: Too long.}]")
    context = ledger(date(2026, 11, 19), date(2026, 11, 20), teacher="T1") | {"closed_days": [date(2026, 11, 23)]}
    assert decided(text, placement={"teacher": "T1"}, context=context)[0][0] == "violated"
    assert decided(text, placement={"teacher": "T1"}, context=context | {"closed_days": []})[0][0] == "met"


MONTH = rule("applies_when: {placement.days_month: {at_least: 5}}\naccepts: [{kind: orientation}]\nvalid: once")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"placement": {"days_month": 4}}, "not_required"),
        ({"placement": {"days_month": 5}}, "missing"),
        ({"placement": {"days": {"week": 1}}}, "missing"),  # a month can hold five Mondays
        ({"context": ledger(*[date(2026, 10, day) for day in (5, 6, 7, 8)])}, "not_required"),
        ({"context": ledger(*[date(2026, 10, day) for day in (5, 6, 7, 8, 9)])}, "missing"),
        ({}, "unknown"),
    ],
)
def test_days_in_a_calendar_month_are_counted_from_what_is_known(given, expected):
    assert decided(MONTH, **given, evidence=())[0][0] == expected


def test_the_answer_over_a_ledger_holds_until_the_day_it_names():
    for most in (1, 2, 3, 6, 7, 8):
        text = rule(f"must: [{{when: {{placement.consecutive_days: {{at_most: {most}}}}}, otherwise: Too long.}}]")
        given = {
            "placement": {"teacher": "T1"},
            "context": ledger(*[date(2026, 11, day) for day in (16, 17, 18, 19, 20, 23)], teacher="T1"),
        }
        on = date(2026, 11, 23)
        now = decided(text, on, **given)[1]
        until = now.holds_until or on + DAY * 40
        for n in range((until - on).days):
            assert decided(text, on + DAY * n, **given)[1].outcome == now.outcome
        assert now.holds_until is None or decided(text, until, **given)[1].outcome != now.outcome


# --- ratio ---------------------------------------------------------------------------------------------------------

RATIO = rule(
    "ratio:\n"
    "  - {when: {placement.youngest_grade: {at_most: 3}}, children_per_adult: 12, group_at_most: 24}\n"
    "  - {children_per_adult: 15, group_at_most: 30, second_adult_above: 12}"
)


@pytest.mark.parametrize(
    ("band", "students", "adults", "expected"),
    [
        ("k-5", 12, 1, "met"),
        ("k-5", 13, 1, "violated"),
        ("k-5", 24, 2, "met"),
        ("k-5", 25, 3, "violated"),
        ("pk", 13, 1, "violated"),
        ("4-8", 13, 1, "violated"),  # above twelve there must be two
        ("4-8", 12, 1, "met"),
        ("4-8", 13, 2, "met"),
        ("4-8", 30, 2, "met"),
        ("4-8", 31, 3, "violated"),
        ("4-8", 0, 0, "met"),
        ("4-8", 1, 0, "violated"),
    ],
)
def test_a_ratio_counts_children_adults_groups_and_the_second_adult(band, students, adults, expected):
    session = Session(on=ON, students=students, adults=adults)
    assert decided(RATIO, placement={"grade_band": band}, sessions=(session,))[0][0] == expected


def test_a_ratio_that_cannot_be_counted_yet_is_said_and_stops_nobody_beforehand():
    found, decision = decided(RATIO, placement={"grade_band": "k-5"})
    assert found == ("unknown", "advise")
    assert decision.outcome == "advise"


def test_a_ratio_of_children_of_unknown_age_holds():
    assert decided(RATIO, context={"students_present": 10, "adults_present": 1})[0] == ("unknown", "hold")


# --- how long ------------------------------------------------------------------------------------------------------


def held_on(text: str, issued: date, on: date, **given):
    return decided(text, on, evidence=(clear("orientation", issued),), **given)[0][0]


@pytest.mark.parametrize(
    ("issued", "on", "expected"),
    [
        (date(2026, 7, 1), date(2027, 4, 30), "met"),
        (date(2026, 7, 1), date(2027, 6, 30), "expiring"),
        (date(2026, 7, 1), date(2027, 7, 1), "expired"),
        (date(2026, 6, 30), date(2026, 6, 30), "expiring"),
        (date(2026, 6, 30), date(2026, 7, 1), "expired"),
    ],
)
def test_a_year_that_begins_on_a_day_ends_before_the_next_one(issued, on, expected):
    text = rule("accepts: [{kind: orientation}]\nvalid: {years: 1, starting: 07-01}")
    assert held_on(text, issued, on) == expected


@pytest.mark.parametrize(
    ("starting", "last"), [("07-01", date(2029, 6, 30)), ("01-01", date(2028, 12, 31)), ("02-29", date(2029, 2, 27))]
)
def test_five_years_count_the_one_of_issue(starting, last):
    text = rule(f"accepts: [{{kind: orientation}}]\nvalid: {{years: 5, starting: {starting}}}")
    issued = date(2024, 8, 15)
    assert held_on(text, issued, last) == "expiring"
    assert held_on(text, issued, last + DAY) == "expired"


BREAK = "accepts: [{kind: orientation}]\nvalid: {months: 60, break: {%s: 180}}"


@pytest.mark.parametrize(
    ("word", "days", "expected"),
    [
        ("more_than_days", 180, "met"),
        ("more_than_days", 181, "expired"),
        ("at_least_days", 179, "met"),
        ("at_least_days", 180, "expired"),
    ],
)
def test_a_break_in_service_ends_what_came_before_it(word, days, expected):
    left = date(2026, 1, 10)
    context = {"separated_on": left, "returned_on": left + DAY * days}
    assert held_on(rule(BREAK % word), date(2025, 9, 1), ON, context=context) == expected
    assert held_on(rule(BREAK % word), left + DAY, ON, context=context) == "met"


@pytest.mark.parametrize(("days", "over"), [(180, False), (181, True)])
def test_a_break_that_has_not_ended_ends_the_item_when_it_is_long_enough(days, over):
    left = date(2026, 1, 10)
    text = rule(BREAK % "more_than_days")
    found = held_on(text, date(2025, 9, 1), left + DAY * days, context={"separated_on": left})
    assert (found == "expired") is over
    _, decision = decided(text, left, evidence=(clear("orientation", date(2025, 9, 1)),), context={"separated_on": left})
    assert decision.holds_until == left + DAY * 181


def test_a_break_is_seen_in_the_service_ledger():
    text = rule(BREAK % "more_than_days")
    days = (date(2025, 9, 2), date(2026, 3, 2), date(2026, 3, 3))
    assert held_on(text, date(2025, 9, 1), date(2026, 3, 3), context=ledger(*days)) == "expired"
    assert held_on(text, date(2025, 9, 1), date(2026, 3, 1), context=ledger(days[0])) in ("met", "expiring")


def test_days_that_somebody_else_served_are_not_the_persons_own():
    text = rule(BREAK % "more_than_days")
    mine, theirs = date(2025, 9, 2), date(2026, 1, 5)
    context = {"service_ledger": [{"on": mine, "person": "me"}, {"on": theirs, "person": "P2"}, {"on": date(2026, 3, 3)}]}
    assert held_on(text, date(2025, 9, 1), date(2026, 3, 3), context=context) == "expired"
    context["service_ledger"][1].pop("person")
    assert held_on(text, date(2025, 9, 1), date(2026, 3, 3), context=context) in ("met", "expiring")


@pytest.mark.parametrize(("day", "expected"), [(date(2026, 11, 1), "provisional"), (date(2026, 11, 2), "missing")])
def test_months_of_grace_run_through_the_same_numbered_day(day, expected):
    text = rule("accepts: [{kind: orientation}]\nvalid: once\ngrace: {months: 3, after: [start]}")
    assert decided(text, day, evidence=())[0][0] == expected


# --- asked for in time ---------------------------------------------------------------------------------------------

TERMS = """
terms:
  - id: zz.terms
    ref: ZZ-9
    title: May begin
    versions:
      - {from: 2000-01-01, citation: Invented Code 9, confidence: high, asked_within: {days: 7}}
"""
ASKED = rule("accepts: [{kind: state_criminal_history}]\nvalid: once\nprovisional: zz.terms", clearance=True, more=TERMS)


@pytest.mark.parametrize(("day", "expected"), [(date(2026, 8, 8), "provisional"), (date(2026, 8, 9), "missing")])
def test_within_a_week_of_the_start_the_check_need_not_have_been_asked_for(day, expected):
    assert decided(ASKED, day, evidence=())[0][0] == expected


@pytest.mark.parametrize(("asked", "expected"), [(date(2026, 8, 8), "provisional"), (date(2026, 8, 9), "pending")])
def test_a_check_asked_for_in_time_lets_work_go_on_until_the_result_and_a_late_one_does_not(asked, expected):
    held = (Evidence(kind="state_criminal_history", state="initiated", requested_on=asked),)
    assert decided(ASKED, date(2026, 11, 1), evidence=held)[0][0] == expected


def test_a_check_asked_for_on_no_known_day_lets_nobody_work():
    held = (Evidence(kind="state_criminal_history", state="initiated"),)
    assert decided(ASKED, date(2026, 11, 1), evidence=held)[0] == ("pending", "block")


@pytest.mark.parametrize(("last", "expected"), [(date(2026, 8, 8), "provisional"), (date(2026, 8, 9), "pending")])
def test_of_several_checks_each_has_to_be_asked_for_in_time(last, expected):
    text = ASKED.replace("[{kind: state_criminal_history}]", "[{all: [{kind: state_criminal_history}, {kind: fbi_fingerprint}]}]")
    days = {"state_criminal_history": date(2026, 8, 3), "fbi_fingerprint": last}
    held = tuple(Evidence(kind=kind, state="initiated", requested_on=day) for kind, day in days.items())
    assert decided(text, date(2026, 11, 1), evidence=held)[0][0] == expected
    assert decided(text, date(2026, 11, 1), evidence=held[::-1])[0][0] == expected


@pytest.mark.parametrize(("asked", "expected"), [(date(2026, 8, 1), "provisional"), (date(2026, 8, 2), "pending")])
def test_a_check_may_have_to_be_asked_for_by_the_first_day(asked, expected):
    held = (Evidence(kind="state_criminal_history", state="initiated", requested_on=asked),)
    text = ASKED.replace("asked_within: {days: 7}", "asked_within: {days: 0}")
    assert decided(text, date(2026, 11, 1), evidence=held)[0][0] == expected


def test_asking_again_later_does_not_undo_having_asked_in_time():
    held = [Evidence(kind="state_criminal_history", state="initiated", requested_on=date(2026, 8, day)) for day in (3, 30)]
    for evidence in (held, held[::-1]):
        assert decided(ASKED, date(2026, 11, 1), evidence=tuple(evidence))[0][0] == "provisional"


def test_the_answer_before_asking_holds_until_the_days_for_asking_are_over():
    assert decided(ASKED, date(2026, 8, 3), evidence=())[1].holds_until == date(2026, 8, 9)


BACK = """
terms:
  - id: zz.terms
    ref: ZZ-9
    title: May begin
    versions:
      - {from: 2000-01-01, citation: Invented Code 9, confidence: high, days: 400, results_in: [fbi_fingerprint]}
"""
TWO = rule(
    "accepts: [{all: [{kind: fbi_fingerprint, purpose: employment}, {kind: state_criminal_history}]}]\n"
    "valid: {months: 60, break: {more_than_days: 180}}\nprovisional: zz.terms",
    clearance=True,
    more=BACK,
)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (clear("fbi_fingerprint", date(2026, 8, 5)), "provisional"),
        (clear("fbi_fingerprint", date(2026, 8, 5), purpose="volunteer"), "pending"),  # for another purpose
        (clear("fbi_fingerprint", date(2021, 8, 5)), "pending"),
        (clear("fbi_fingerprint", date(2025, 3, 1)), "pending"),  # from before the break
        (clear("fbi_fingerprint", date(2026, 8, 5), expires_on=date(2026, 9, 1)), "pending"),
    ],
)
def test_only_a_result_that_still_stands_lets_provisional_work_go_on(result, expected):
    asked = [
        Evidence(kind=kind, state="initiated", requested_on=date(2026, 8, 1))
        for kind in ("state_criminal_history", "fbi_fingerprint")
    ]
    context = {"separated_on": date(2025, 9, 1), "returned_on": date(2026, 8, 1)}
    assert decided(TWO, evidence=(result, *asked), context=context)[0][0] == expected


@pytest.mark.parametrize(("place", "expected"), [("us-zz", "provisional"), (None, "provisional"), ("us-yy", "pending")])
@pytest.mark.parametrize("word", ["results_in", "results_all", "papers"])
def test_what_has_to_be_back_meanwhile_can_have_to_be_of_one_place(word, place, expected):
    text = rule(
        "accepts: [{kind: fbi_fingerprint}]\nvalid: {months: 60}\nprovisional: zz.terms",
        clearance=True,
        more=BACK.replace("results_in: [fbi_fingerprint]", f"{word}: [child_abuse_history], of: {{child_abuse_history: us-zz}}"),
    )
    held = (
        Evidence(kind="fbi_fingerprint", state="initiated", requested_on=date(2026, 8, 1)),
        clear("child_abuse_history", date(2026, 8, 5), jurisdiction=place),
    )
    assert decided(text, evidence=held)[0][0] == expected


@pytest.mark.parametrize(("expires_on", "expected"), [(ON, "provisional"), (ON - DAY, "pending")])
def test_a_paper_that_has_run_out_is_no_paper(expires_on, expected):
    text = TWO.replace("results_in: [fbi_fingerprint]", "papers: [affirmation]")
    held = (
        clear("fbi_fingerprint", date(2026, 8, 5)),
        Evidence(kind="state_criminal_history", state="initiated", requested_on=date(2026, 8, 1)),
        Evidence(kind="affirmation", issued_on=date(2026, 8, 1), expires_on=expires_on),
    )
    assert decided(text, evidence=held)[0][0] == expected


HOLDS = rule("unless: [{when: {holds: teaching_licence}, reason: A teacher.}]\naccepts: [{kind: substitute_permit}]\nvalid: once")


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ({"expires_on": ON}, "exempt"),
        ({"expires_on": ON - DAY}, "missing"),
        ({"issued_on": ON}, "exempt"),
        ({"result": "not_clear"}, "missing"),
        ({"state": "initiated"}, "missing"),
    ],
)
def test_what_has_run_out_is_not_held(licence, expected):
    held = (Evidence(**{"kind": "teaching_licence", "issued_on": date(2020, 1, 5)} | licence),)
    found, decision = decided(HOLDS, evidence=held)
    assert found[0] == expected
    if licence.get("expires_on") == ON:
        assert decision.holds_until == ON + DAY


def test_an_item_good_for_ever_can_be_ended_by_a_break():
    text = rule("accepts: [{kind: orientation}]\nvalid: {once: true, break: {more_than_days: 365}}")
    left = date(2025, 1, 10)
    context = {"separated_on": left, "returned_on": left + DAY * 365}
    assert held_on(text, date(2024, 9, 1), ON, context=context) == "met"
    assert held_on(text, date(2024, 9, 1), ON, context=context | {"returned_on": left + DAY * 366}) == "expired"


@pytest.mark.parametrize(
    ("issued", "expected"),
    [
        (date(2022, 5, 25), "missing"),
        (date(2022, 5, 26), "met"),
        (date(2023, 11, 7), "met"),
        (date(2023, 11, 8), "missing"),
    ],
)
def test_an_item_may_have_to_be_issued_in_a_certain_time(issued, expected):
    text = rule("accepts: [{kind: orientation, issued: {from: 2022-05-26, until: 2023-11-07}}]\nvalid: once")
    assert held_on(text, issued, ON) == expected


def test_provisional_terms_that_are_not_confirmed_let_nobody_work():
    text = ASKED.replace("Invented Code 9, confidence: high", "Invented Code 9, confidence: low")
    assert decided(text, date(2026, 8, 3), evidence=())[0] == ("missing", "block")


@pytest.mark.parametrize(("day", "expected"), [(date(2026, 9, 8), "provisional"), (date(2026, 9, 9), "pending")])
def test_days_counted_from_the_asking_end_so_many_days_after_it_whenever_the_work_began(day, expected):
    text = ASKED.replace("asked_within: {days: 7}", "days: 60, counted_from: asked")
    held = (Evidence(kind="state_criminal_history", state="initiated", requested_on=date(2026, 7, 10)),)
    assert decided(text, day, evidence=held)[0][0] == expected


def test_days_counted_from_an_asking_of_unknown_day_do_not_begin():
    text = ASKED.replace("asked_within: {days: 7}", "days: 60, counted_from: asked")
    held = (Evidence(kind="state_criminal_history", state="initiated"),)
    assert decided(text, date(2026, 8, 3), evidence=held)[0][0] == "pending"


# --- numbers in evidence -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("score", "expected"), [(459, "missing"), (460, "met"), ("460", "missing"), (None, "missing")])
def test_a_score_is_compared_as_a_number(score, expected):
    text = rule("accepts: [{kind: assessment, detail: {test: parapro, score: {at_least: 460}}}]\nvalid: once")
    detail = {"test": "parapro"} | ({"score": score} if score is not None else {})
    held = (Evidence(kind="assessment", issued_on=date(2026, 1, 5), detail=detail),)
    assert decided(text, evidence=held)[0][0] == expected


# --- waivers -------------------------------------------------------------------------------------------------------

WAIVABLE = rule(
    "accepts: [{kind: teaching_licence}]\nvalid: once",
    requirement='waivable: {by: The board, under: Invented Code 50, sections: ["Invented Code §1"]}',
)
WAIVER = {"id": "W-1", "sections": ["Invented Code 1"], "from": date(2026, 7, 1), "until": date(2026, 12, 31)}


def waived(on: date = ON, text: str = WAIVABLE, **changes):
    return decided(text, on, evidence=(), context={"waivers": [WAIVER | changes]})


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 6, 30), ("missing", "hold")),
        (date(2026, 7, 1), ("waived", "allow")),
        (date(2026, 12, 31), ("waived", "allow")),
        (date(2027, 1, 1), ("missing", "hold")),
    ],
)
def test_a_waiver_counts_from_its_first_through_its_last_day_and_then_the_work_is_held(on, expected):
    found, decision = waived(on)
    assert found == expected
    if on > date(2026, 12, 31):
        assert "W-1 ended on 2026-12-31" in str(finding(decision, "zz.rule").reason)
    else:
        assert decision.holds_until == (date(2026, 7, 1) if on < date(2026, 7, 1) else date(2027, 1, 1))


@pytest.mark.parametrize(
    "changes", [{"sections": ["Invented Code 11"]}, {"sections": ["Invented Code"]}, {"state": "revoked"}, {"site": "elsewhere"}]
)
def test_a_waiver_relaxes_only_the_sections_it_names_where_it_counts(changes):
    assert waived(**changes)[0] == ("missing", "hold")


def test_a_waiver_of_a_rule_that_nobody_may_waive_changes_nothing_and_it_is_said():
    text = rule("accepts: [{kind: state_criminal_history}]\nvalid: once", clearance=True)
    found, decision = waived(text=text)
    assert found == ("missing", "block")
    refused = finding(decision, "staffing.waiver_refused.W-1")
    assert refused.effect == "advise"
    assert "nobody may waive" in str(refused.reason)


def test_a_waiver_makes_no_rule_stricter_and_is_not_needed_when_the_rule_is_met():
    held = (Evidence(kind="teaching_licence", issued_on=date(2026, 1, 5)),)
    assert decided(WAIVABLE, evidence=held, context={"waivers": [WAIVER]})[0] == ("met", "allow")


MILD = rule(
    "accepts: [{kind: teaching_licence}]\nvalid: once\nmissing: needs_notice",
    requirement='waivable: {by: The board, under: Invented Code 50, sections: ["Invented Code §1"]}',
)
GRACE = MILD.replace("missing: needs_notice", "grace: {after: [start], days: 400}")


def after_the_waiver(text: str, starts_on: date | None, on: date = date(2027, 1, 1), **changes):
    return decided(text, on, evidence=(), placement={"starts_on": starts_on}, context={"waivers": [WAIVER | changes]})


@pytest.mark.parametrize(("text", "own"), [(MILD, "needs_notice"), (GRACE, "provisional")])
@pytest.mark.parametrize("starts_on", [date(2026, 3, 2), date(2026, 12, 31)])
def test_work_that_relied_on_a_waiver_is_held_when_it_has_ended_even_where_the_rule_itself_is_milder(text, own, starts_on):
    assert decided(text, date(2027, 1, 1), evidence=(), placement={"starts_on": starts_on})[0][1] == own
    found, decision = after_the_waiver(text, starts_on)
    assert found == ("expired", "hold")
    assert str(finding(decision, "zz.rule").reason) == (
        "The waiver W-1 ended on 2026-12-31, and this work relied on it. It is on hold until the waiver is renewed or what the "
        "rule asks for is in."
    )


@pytest.mark.parametrize("starts_on", [date(2027, 1, 1), None])
def test_work_that_began_after_a_waiver_relied_on_nothing(starts_on):
    found, decision = after_the_waiver(MILD, starts_on)
    assert found[1] == "needs_notice"
    assert "ended on 2026-12-31, so the rule counts again" in str(finding(decision, "zz.rule").reason)


def test_a_waiver_said_to_be_expired_still_names_itself_and_never_relaxes():
    assert after_the_waiver(MILD, date(2026, 9, 1), state="expired")[0] == ("expired", "hold")
    assert after_the_waiver(MILD, date(2026, 9, 1), on=date(2026, 12, 1), state="expired")[0][1] == "needs_notice"


def test_a_rule_that_stops_more_than_a_hold_is_not_made_milder_by_a_waiver_that_ended():
    assert after_the_waiver(MILD.replace("needs_notice", "block"), date(2026, 9, 1))[0] == ("missing", "block")


# --- a state whose rules are all under review ----------------------------------------------------------------------


def test_a_state_none_of_whose_rules_is_confirmed_clears_nobody():
    text = rule("accepts: [{kind: orientation}]\nvalid: once").replace("confidence: high", "confidence: unconfirmed")
    found, decision = decided(text)
    assert found == ("needs_review", "advise")
    assert stands(decision, "staffing.under_review") == ("unknown", "hold")
    assert decision.outcome == "hold"


# --- what packs may not say ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("ratio: [{children_per_adult: 0}]", "'children_per_adult' must be a whole number above 0"),
        ("ratio: [{children_per_adult: 10}]\naccepts: [{kind: orientation}]\nvalid: once", "A ratio is a rule of its own"),
        ("must: [{otherwise: Wrong.}]", "'when' is missing"),
        ("must: [{when: {placement.supervision: none}}]", "'otherwise' is missing"),
        ("accepts: [{kind: orientation}]\nvalid: {years: 1, starting: 7-1}", "'starting' is a month and a day such as 07-01"),
        ("accepts: [{kind: orientation}]\nvalid: {years: 1, months: 3}", "Write either 'months' or 'years'"),
        (
            "accepts: [{kind: orientation}]\nvalid: {months: 3, break: {days: 3}}",
            "A break is 'more_than_days' or 'at_least_days'",
        ),
        ("accepts: [{kind: affirmation, result: clear}]\nvalid: once", "Nobody can hold a clear 'affirmation'"),
        ("accepts: [{kind: orientation, purpose: voluntering}]\nvalid: once", "Did you mean 'volunteer'"),
        (
            "accepts: [{kind: orientation, jurisdiction: pennsylvania}]\nvalid: once",
            "Nobody can hold evidence from 'pennsylvania'",
        ),
        ("accepts: [{kind: education, detail: {level: []}}]\nvalid: once", "is one of nothing"),
        ("accepts: [{kind: assessment, detail: {score: {atleast: 4}}}]\nvalid: once", "Did you mean 'at_least'"),
        (
            "accepts: [{kind: assessment, detail: {score: {at_least: four}}}]\nvalid: once",
            "'at_least' takes a number, not 'four'",
        ),
    ],
)
def test_a_pack_that_says_what_cannot_be_meant_is_refused_with_what_to_write(body, says):
    with pytest.raises(Invalid, match=r"pack0.yaml:\d+: ") as refused:
        book(rule(body))
    assert says in str(refused.value)


def test_days_counted_from_the_asking_are_days_and_follow_an_asking():
    with pytest.raises(Invalid, match="'counted_from: asked' needs 'days'"):
        book(ASKED.replace("asked_within: {days: 7}", "counted_from: asked"))


def test_a_clearance_can_be_made_waivable_by_nobody():
    text = rule(
        "accepts: [{kind: state_criminal_history}]\nvalid: once",
        clearance=True,
        requirement="waivable: {by: The board, under: Invented Code 50, sections: [Invented Code 1]}",
    )
    with pytest.raises(Invalid, match="A clearance is waived by nobody"):
        book(text)


FACT = "facts: {placement.on_a_boat: {type: bool, label: whether on a boat, question: Is it on a boat?}}"
USES = "applies_when: {placement.on_a_boat: true}\naccepts: [{kind: orientation}]\nvalid: once"


def test_two_packs_that_declare_one_fact_in_different_words_are_refused():
    one, other = rule(USES, more=FACT), rule(USES, more=FACT.replace("Is it on", "Is the work on")).replace("zz.rule", "zz.other")
    with pytest.raises(Invalid, match=r"pack1.yaml:\d+: 'placement.on_a_boat' is declared otherwise by test"):
        book(one, other)
    book(one, rule(USES, more=FACT).replace("zz.rule", "zz.other"))
