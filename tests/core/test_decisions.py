"""The kernel: every state, what it does, and until when it holds."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest

from staffing.core.case import Session
from staffing.core.decisions import decide
from staffing.core.evidence import Evidence
from staffing.core.findings import Actor, Effect, State
from tests.core.packs import DISTRICT, READY, STATE, book, case, clear

ON = date(2026, 11, 24)
RULES = book()


def finding(decision, rule):
    return next(f for f in decision.findings if f.rule == rule)


def stands(decision, rule):
    found = finding(decision, rule)
    return (str(found.state), str(found.effect))


def without(*kinds):
    return tuple(e for e in READY if e.kind not in kinds)


def test_everything_in_order_is_good_through_the_oldest_certificates_last_day():
    decision = decide(case(), RULES, ON)
    assert stands(decision, "zz.check") == ("met", "allow")
    assert stands(decision, "zz.history") == ("met", "allow")
    assert decision.holds_until == date(2029, 3, 2)
    assert decision.valid_through == date(2029, 3, 1)


def test_the_day_after_the_oldest_lapses_the_whole_group_has_lapsed():
    assert decide(case(), RULES, date(2029, 3, 1)).outcome is Effect.ADVISE
    decision = decide(case(), RULES, date(2029, 3, 2))
    assert decision.outcome is Effect.BLOCK
    assert stands(decision, "zz.check") == stands(decision, "zz.history") == ("expired", "block")


def test_an_item_that_lapses_within_sixty_days_is_shown_as_expiring_and_that_is_no_change_of_the_answer():
    assert stands(decide(case(), RULES, date(2028, 12, 30)), "zz.check") == ("met", "allow")
    decision = decide(case(), RULES, date(2028, 12, 31))
    assert stands(decision, "zz.check") == ("expiring", "advise")
    assert decision.holds_until == date(2029, 3, 2)


def test_a_missing_clearance_blocks_and_a_missing_course_holds():
    decision = decide(case(evidence=()), RULES, ON)
    assert stands(decision, "zz.check") == ("missing", "block")
    assert stands(decision, "zz.course") == ("missing", "hold")
    assert decision.outcome is Effect.BLOCK
    assert decision.standing[0].rule == "zz.check"


def test_a_missing_item_says_who_acts_and_what_would_do():
    found = finding(decide(case(evidence=()), RULES, ON), "zz.check")
    assert (found.remedy.who, str(found.remedy.what), found.remedy.usual_days) == (Actor.PERSON, "Ask for the check.", 3)
    assert found.accepts == ("state_criminal_history",)
    assert (found.citation, found.ref, found.version) == ("Invented Code 1", "ZZ-1", date(2020, 1, 1))


def test_an_item_asked_for_is_pending_where_no_provisional_work_is_allowed():
    asked = Evidence(kind="child_abuse_history", state="initiated", requested_on=date(2026, 11, 20))
    decision = decide(case(evidence=(*without("child_abuse_history"), asked)), RULES, ON)
    assert stands(decision, "zz.history") == ("pending", "block")
    assert finding(decision, "zz.history").remedy.who is Actor.STATE_AGENCY


def test_provisional_work_ends_after_its_last_day():
    asked = Evidence(kind="state_criminal_history", state="initiated", requested_on=date(2026, 10, 1))
    held = case(evidence=(*without("state_criminal_history"), asked), placement={"starts_on": date(2026, 10, 10)})
    last = date(2026, 10, 10) + timedelta(days=45)
    decision = decide(held, RULES, last)
    assert stands(decision, "zz.check") == ("provisional", "provisional")
    assert (decision.outcome, decision.holds_until) == (Effect.PROVISIONAL, last + timedelta(days=1))
    assert stands(decide(held, RULES, last + timedelta(days=1)), "zz.check") == ("pending", "block")


def test_provisional_work_needs_its_conditions_to_be_known():
    asked = Evidence(kind="state_criminal_history", state="initiated", requested_on=date(2026, 11, 1))
    held = case(evidence=(*without("state_criminal_history"), asked), placement={"supervision": None, "starts_on": ON})
    assert stands(decide(held, RULES, ON), "zz.check") == ("pending", "block")


def test_evidence_for_another_purpose_is_not_used_and_the_reason_says_so():
    volunteer = clear("state_criminal_history", date(2026, 3, 1), purpose="volunteer")
    found = finding(decide(case(evidence=(*without("state_criminal_history"), volunteer)), RULES, ON), "zz.check")
    assert (found.state, found.effect) == (State.MISSING, Effect.BLOCK)
    assert "issued for another purpose (volunteer)" in str(found.reason)


def test_a_result_that_is_not_clear_blocks_even_a_case_that_would_be_exempt():
    bad = Evidence(kind="state_criminal_history", issued_on=date(2026, 11, 1), result="not_clear")
    young = case(person={"born_on": date(2010, 1, 1)}, evidence=(*READY, bad))
    assert stands(decide(young, RULES, ON), "zz.check") == ("disqualified", "block")


def test_a_later_clear_result_replaces_one_that_was_not():
    bad = Evidence(kind="state_criminal_history", issued_on=date(2024, 2, 1), result="not_clear")
    assert stands(decide(case(evidence=(*READY, bad)), RULES, ON), "zz.check") == ("met", "allow")


def test_a_check_on_record_without_a_result_does_not_clear():
    blank = Evidence(kind="child_abuse_history", issued_on=date(2026, 11, 1))
    decision = decide(case(evidence=(*without("child_abuse_history"), blank)), RULES, ON)
    assert stands(decision, "zz.history") == ("pending", "block")


def test_a_check_without_a_date_does_not_clear():
    undated = Evidence(kind="child_abuse_history", result="clear")
    decision = decide(case(evidence=(*without("child_abuse_history"), undated)), RULES, ON)
    assert stands(decision, "zz.history") == ("unknown", "block")


def test_a_qualified_result_waits_for_a_person():
    qualified = Evidence(kind="child_abuse_history", issued_on=date(2026, 11, 1), result="qualified")
    decision = decide(case(evidence=(*without("child_abuse_history"), qualified)), RULES, ON)
    assert stands(decision, "zz.history") == ("pending", "block")
    assert finding(decision, "zz.history").remedy.who is Actor.DISTRICT


def test_an_unknown_fact_blocks_a_clearance_and_holds_the_rest_naming_the_fact_and_who_can_tell():
    decision = decide(case(evidence=(), placement={"contact": None}), RULES, ON)
    assert stands(decision, "zz.check") == ("unknown", "block")
    assert stands(decision, "zz.course") == ("unknown", "hold")
    found = finding(decision, "zz.course")
    assert "contact with children" in str(found.reason)
    assert [(f.name, f.value, f.source) for f in found.facts] == [("placement.contact", None, "unknown")]
    assert found.remedy.who is Actor.DISTRICT


def test_evidence_in_hand_clears_whether_or_not_it_was_needed():
    assert stands(decide(case(placement={"contact": None}), RULES, ON), "zz.check") == ("met", "allow")


def test_an_unconfirmed_rule_is_shown_and_never_stops_or_clears():
    decision = decide(case(evidence=READY), RULES, ON)
    assert stands(decision, "zz.rumour") == ("needs_review", "advise")
    assert decision.outcome is Effect.ADVISE


def test_a_minor_is_exempt_until_the_birthday_and_the_answer_ends_then():
    young = case(person={"born_on": date(2008, 12, 1)}, evidence=without("state_criminal_history"))
    decision = decide(young, RULES, ON)
    assert stands(decision, "zz.check") == ("exempt", "allow")
    assert decision.holds_until == date(2008 + 18, 12, 1)
    assert stands(decide(young, RULES, decision.holds_until), "zz.check") == ("missing", "block")


def test_a_birthday_that_changes_nothing_is_looked_past():
    young = case(person={"born_on": date(2008, 12, 1)})
    assert decide(young, RULES, ON).holds_until == date(2029, 3, 2)


def test_a_new_version_of_a_rule_ends_the_answer_only_if_it_changes_it():
    untrained = case(evidence=without("child_abuse_training"))
    assert decide(untrained, RULES, date(2026, 6, 30)).holds_until == date(2026, 7, 1)
    assert stands(decide(untrained, RULES, date(2026, 6, 30)), "zz.course") == ("not_required", "allow")
    assert stands(decide(untrained, RULES, date(2026, 7, 1)), "zz.course") == ("missing", "hold")
    trained = case(evidence=(*without("child_abuse_training"), clear("child_abuse_training", date(2026, 1, 2))))
    assert decide(trained, RULES, date(2026, 6, 30)).holds_until == date(2029, 3, 2)


def test_evidence_from_after_the_day_does_not_count_on_it():
    early = case(evidence=(*without("child_abuse_history"), clear("child_abuse_history", date(2026, 11, 25))))
    decision = decide(early, RULES, ON)
    assert stands(decision, "zz.history") == ("missing", "block")
    assert decision.holds_until == date(2026, 11, 25)
    assert stands(decide(early, RULES, date(2026, 11, 25)), "zz.history") == ("met", "allow")


def test_each_session_is_decided_on_its_own_day_and_the_worst_counts():
    days = (date(2026, 12, 1), date(2029, 3, 1), date(2029, 3, 8))
    decision = decide(case(sessions=tuple(Session(on=day, hours=2) for day in days)), RULES, ON)
    assert [(s.on, str(s.outcome)) for s in decision.sessions] == list(zip(days, ("advise", "advise", "block"), strict=True))
    assert decision.sessions[2].rules == ("zz.check", "zz.history", "zz.rumour")
    assert decision.outcome is Effect.BLOCK
    assert stands(decision, "zz.check") == ("expired", "block")


def test_a_place_without_a_pack_is_held_for_a_person():
    decision = decide(case(jurisdiction="us-tx"), RULES, ON)
    assert decision.outcome is Effect.HOLD
    assert "us-tx" in str(finding(decision, "staffing.no_pack").reason)


def test_agreements_are_never_passed_over_in_silence():
    decision = decide(case(agreements=({"id": "A1"},)), RULES, ON)
    assert stands(decision, "staffing.agreements") == ("unknown", "hold")


def test_a_districts_pack_adds_its_rules_only_where_it_is_named():
    rules = book(STATE, DISTRICT)
    assert "alder.orientation" not in {f.rule for f in decide(case(), rules, ON).findings}
    decision = decide(case(overlays=("alder",)), rules, ON)
    assert stands(decision, "alder.orientation") == ("missing", "hold")
    assert finding(decision, "alder.orientation").layer == "district_policy"


def test_a_districts_pack_that_is_not_loaded_holds():
    assert stands(decide(case(overlays=("birch",)), RULES, ON), "staffing.no_overlay") == ("unknown", "hold")


def test_the_same_case_and_rules_give_the_same_decision_and_hashes_in_any_order_of_facts():
    one = decide(case(placement={"contact": "routine", "setting": "campus"}), RULES, ON)
    other = decide(case(placement={"setting": "campus", "contact": "routine"}), RULES, ON)
    assert msgspec.json.encode(one) == msgspec.json.encode(other)
    assert one.case_hash and one.case_hash != decide(case(evidence=()), RULES, ON).case_hash
    assert one.rules_hash == book().digest != book(STATE, DISTRICT).digest


def test_a_decision_survives_being_stored_as_json():
    decision = decide(case(evidence=()), RULES, ON)
    again = msgspec.json.decode(msgspec.json.encode(decision), type=type(decision))
    assert again == decision
    assert [str(f.reason) for f in again.findings] == [str(f.reason) for f in decision.findings]


@pytest.mark.parametrize(
    ("known", "asked"),
    [
        ({}, ["person.born_on"]),
        ({"born_on": date(1985, 3, 2)}, []),
        ({"person.born_on": "2010-01-01"}, []),
    ],
)
def test_only_questions_that_can_still_matter_are_asked(known, asked):
    assert [q.name for q in RULES.questions("us-zz", {"contact": "routine"}, known, "person", on=ON)] == asked


def test_questions_follow_from_the_placement():
    assert [q.name for q in RULES.questions("us-zz", {}, on=ON)] == ["placement.contact"]
    assert RULES.questions("us-zz", {"contact": "occasional"}, on=ON) == []


@pytest.mark.parametrize(
    ("answer", "says"), [(1 / 3, "it answered 0.33"), (ZeroDivisionError("no luck"), "ZeroDivisionError: no luck")]
)
def test_a_rule_whose_predicate_fails_blocks_and_says_so_and_loses_no_other_rule(answer, says):
    def broken(view, on):
        if isinstance(answer, Exception):
            raise answer
        return answer

    text = STATE.replace("{placement.contact: routine}\n        unless", "{predicate: test.broken}\n        unless")
    text = text.replace("terms:", "predicates: {test.broken: An invented rule.}\nterms:", 1)
    decision = decide(case(), book(text, predicates={"test.broken": broken}), ON)
    assert stands(decision, "zz.check") == ("unknown", "block")
    assert says in str(finding(decision, "zz.check").reason)
    assert stands(decision, "zz.history") == ("met", "allow")
