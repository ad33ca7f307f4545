"""The life of an agreement: which step follows which, who takes it, and what has to be so first."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from plugins.union_agreement.rules import lifecycle
from plugins.union_agreement.rules.lifecycle import Standing, State, by_itself, step, steps
from plugins.union_agreement.rules.reader import agreement

ON = date(2026, 11, 24)


def made(**fields):
    given = {
        "id": "T1",
        "title": "Alder (invented)",
        "kind": "cba",
        "jurisdiction": "PA",
        "units": ["classified"],
        "effective": {"from": date(2024, 7, 1), "to": date(2027, 6, 30)},
        "signatories": ["superintendent", "union_president"],
        "clauses": [{"id": "T1.1", "type": "ratio_cap", "params": {"max_students": 3}}],
    }
    return agreement(given | fields, "t1.yaml")


def standing(state, **told):
    fields = told.pop("fields", {})
    return Standing(agreement=made(**fields), state=state, side=told.pop("side", "district"), **told)


def lacking(now, to, side="district"):
    return step(now, to, side, ON)


def test_a_draft_is_proposed_by_the_side_that_wrote_it_and_by_no_other():
    now = standing(State.DRAFT, side="union")
    assert lacking(now, State.PROPOSED, "union") == ()
    assert lacking(now, State.PROPOSED, "district") == ("The union takes this step, not the district.",)


def test_what_cannot_follow_is_said_with_what_can():
    (says,) = lacking(standing(State.DRAFT), State.EXECUTED)
    assert says == "“Signed” cannot follow “Draft”. What can follow: proposed, withdrawn."


def test_a_proposal_names_its_unit():
    assert lacking(standing(State.DRAFT, fields={"units": []}), State.PROPOSED) == ("Name the bargaining unit it is for.",)


def test_in_california_a_proposal_is_presented_in_public_first():
    now = standing(State.DRAFT, fields={"jurisdiction": "CA"})
    assert "Cal. Gov. Code §3547" in lacking(now, State.PROPOSED)[0]
    assert lacking(msgspec.structs.replace(now, told=frozenset({"sunshine"})), State.PROPOSED) == ()


def test_both_lead_negotiators_sign_before_it_is_tentative():
    now = standing(State.CONSULTING, signed=frozenset({"superintendent"}))
    assert lacking(now, State.TENTATIVE) == ("The lead negotiator of the union has not signed.",)
    assert lacking(msgspec.structs.replace(now, signed=frozenset({"superintendent", "union_president"})), State.TENTATIVE) == ()


@pytest.mark.parametrize(("last", "refused"), [(date(2026, 4, 30), False), (date(2026, 5, 2), True)])
def test_in_tennessee_a_memorandum_lasts_three_years_at_most(last, refused):
    fields = {"jurisdiction": "TN", "effective": {"from": date(2023, 5, 1), "to": last}}
    now = standing(State.CONSULTING, fields=fields, signed=frozenset({"superintendent", "union_president"}))
    assert any("at most 3 years" in one for one in lacking(now, State.TENTATIVE)) is refused


def test_the_employer_ratifies_after_a_vote_of_the_union_was_carried():
    now = standing(State.UNION_RATIFICATION)
    assert lacking(now, State.EMPLOYER_RATIFICATION, "union")
    lost = msgspec.structs.replace(now, votes={"union": {"for": 23, "against": 77}})
    assert lacking(lost, State.EMPLOYER_RATIFICATION, "union") == ("The vote was 23 for and 77 against: it was not carried.",)
    won = msgspec.structs.replace(now, votes={"union": {"for": 86, "against": 14}})
    assert lacking(won, State.EMPLOYER_RATIFICATION, "union") == ()


def test_a_tie_carries_nothing():
    now = standing(State.UNION_RATIFICATION, votes={"union": {"for": 50, "against": 50}})
    assert lacking(now, State.EMPLOYER_RATIFICATION, "union")


def test_a_rejected_agreement_goes_back_to_bargaining():
    assert {one.to for one in steps(standing(State.REJECTED), ON)} == {State.CONSULTING, State.WITHDRAWN}


def test_it_is_signed_when_every_role_has_signed_and_the_money_is_there():
    fields = {"funding_condition": {"body": "city_council", "status": "pending"}}
    now = standing(State.APPROPRIATION, fields=fields, signed=frozenset({"superintendent"}))
    assert lacking(now, State.EXECUTED) == ("It waits for money from city council.", "Not signed yet: union president.")
    whole = msgspec.structs.replace(
        now, signed=frozenset({"superintendent", "union_president"}), told=frozenset({"appropriated"})
    )
    assert lacking(whole, State.EXECUTED) == ()


def test_nothing_is_imposed_without_counsel():
    assert lacking(standing(State.IMPASSE), State.IMPOSED) == ("Counsel has to sign off first; record it.",)


@pytest.mark.parametrize(
    ("jurisdiction", "fields", "expected"),
    [
        ("TN", {"kind": "collaborative_conferencing_mou", "after_expiry": "lapsed"}, State.LAPSED),
        ("PA", {"after_expiry": "status_quo"}, State.STATUS_QUO),
        ("MA", {"after_expiry": "evergreen", "evergreen_clause": True}, State.EVERGREEN),
        ("MA", {"after_expiry": "evergreen"}, State.STATUS_QUO),
        ("TN", {"after_expiry": "evergreen", "evergreen_clause": True}, State.LAPSED),
        ("RI", {"after_expiry": "status_quo"}, State.PARTIAL_SURVIVAL),
        ("CA", {"kind": "side_letter", "after_expiry": "sunsets"}, State.EXPIRED),
    ],
)
def test_what_follows_the_last_day_depends_on_the_place(jurisdiction, fields, expected):
    one = made(jurisdiction=jurisdiction, effective={"from": date(2023, 7, 1), "to": date(2026, 6, 30)}, **fields)
    assert by_itself(one, State.EXPIRING, date(2026, 6, 30), {}) is State.EXPIRING
    assert by_itself(one, State.EXPIRING, date(2026, 7, 1), {}) is expected


def test_an_agreement_signed_early_waits_for_its_first_day():
    one = made(effective={"from": date(2027, 7, 1), "to": date(2030, 6, 30)})
    assert by_itself(one, State.EXECUTED, date(2027, 6, 30), {}) is State.EXECUTED
    assert by_itself(one, State.EXECUTED, date(2027, 7, 1), {}) is State.IN_EFFECT


def test_an_event_ends_it_and_the_day_of_the_event_is_the_last_in_effect():
    one = made(
        kind="side_letter",
        after_expiry="sunsets",
        effective={"from": date(2024, 9, 3), "to": {"earliest_of": [date(2027, 6, 13), {"event": "all_hubs_closed"}]}},
    )
    told = {"all_hubs_closed": date(2026, 11, 24)}
    assert by_itself(one, State.IN_EFFECT, date(2026, 11, 24), told) is State.EXPIRING
    assert by_itself(one, State.IN_EFFECT, date(2026, 11, 25), told) is State.EXPIRED


def test_half_a_year_before_its_end_it_is_ending_soon():
    one = made()
    assert by_itself(one, State.IN_EFFECT, date(2027, 1, 1), {}) is State.IN_EFFECT
    assert by_itself(one, State.IN_EFFECT, date(2027, 1, 2), {}) is State.EXPIRING


@pytest.mark.parametrize("state", [State.DRAFT, State.PROPOSED, State.VOID, State.WITHDRAWN, State.SUPERSEDED])
def test_time_moves_nothing_that_is_not_in_force(state):
    assert by_itself(made(), state, date(2040, 1, 1), {}) is state


def test_every_state_has_words_and_every_step_leads_somewhere_known():
    assert set(lifecycle.WORDS) == set(State)
    for state in State:
        for one in steps(standing(state), ON):
            assert one.to in State and one.sides


@pytest.mark.parametrize("side", ["district", "union"])
def test_nobody_replaces_an_agreement_alone(side):
    assert lacking(standing(State.IN_EFFECT), State.SUPERSEDED, side) == (
        "A later version takes its place once both sides have signed it: make a new version.",
    )


def test_an_agreement_that_is_funded_in_part_is_signed_by_everybody_too():
    now = standing(State.APPROPRIATION, signed=frozenset({"superintendent"}))
    assert lacking(now, State.PARTIALLY_FUNDED) == ("Not signed yet: union president.",)
