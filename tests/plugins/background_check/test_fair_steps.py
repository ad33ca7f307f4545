"""The order of fair steps: which act is open when, what each waits for, and that nobody is turned away by a short cut."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.background_check.rules import fair_steps
from plugins.background_check.rules.fair_steps import ENDS, Act, Standing, Step, lacking

DAY = date(2026, 12, 2)
NEXT = DAY + timedelta(days=1)
READY = Standing(
    step=Step.TO_FINISH,
    deadline=DAY,
    delivery="delivered",
    reported=True,
    assessed_by=frozenset({"hana"}),
    reassessed=True,
)

#: Each act, and the steps at which it may be done.
OPEN = {
    Act.ASSESS: {Step.ASSESSING},
    Act.NOTIFY: {Step.TO_NOTIFY},
    Act.ANSWER: {Step.WAITING, Step.TO_REASSESS, Step.TO_FINISH},
    Act.END_ANSWER: {Step.PAUSED},
    Act.FINISH: {Step.TO_FINISH},
    Act.DROP: {Step.ASSESSING, Step.TO_NOTIFY},
    Act.TAKE_BACK: {Step.TO_NOTIFY, Step.TO_FINISH},
    Act.WITHDRAW: set(Step) - ENDS,
    Act.DELIVERY: {Step.WAITING, Step.PAUSED, Step.TO_REASSESS, Step.TO_FINISH},
    Act.REASSESS: {Step.WAITING, Step.TO_REASSESS},
}


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("act", list(Act))
def test_an_act_is_open_at_its_steps_alone_and_everywhere_else_says_why_not(act: Act, step: Step) -> None:
    says = lacking(msgspec.structs.replace(READY, step=step), act, NEXT, by="sol")
    assert (says == []) == (step in OPEN[act])
    assert all(sentence.endswith(".") and sentence[0].isupper() for sentence in says)


def test_with_everything_there_the_final_letter_may_go_out_the_day_after_the_last_day() -> None:
    assert lacking(READY, Act.FINISH, NEXT, by="sol") == []
    assert "from the day after" in lacking(READY, Act.FINISH, DAY, by="sol")[0]


@pytest.mark.parametrize(
    ("change", "by", "says"),
    [
        ({"delivery": "not_delivered"}, "sol", "did not reach the person"),
        ({"delivery": ""}, "sol", "did not reach the person"),
        ({"reported": False}, "sol", "how the person got a copy"),
        ({"answer_open": True}, "sol", "An answer is open"),
        ({"deadline": None}, "sol", "No last day"),
        ({"reassessed": False}, "sol", "not made again"),
        ({}, "hana", "Somebody else has to send"),
        ({}, "", "Somebody else has to send"),
    ],
)
def test_each_thing_that_is_lacking_alone_stops_the_final_letter(change, by, says) -> None:
    found = lacking(msgspec.structs.replace(READY, **change), Act.FINISH, NEXT, by=by)
    assert len(found) == 1
    assert says in found[0]


def test_everything_that_is_lacking_is_said_at_once() -> None:
    bare = Standing(step=Step.TO_FINISH, assessed_by=frozenset({"hana"}))
    assert len(lacking(bare, Act.FINISH, NEXT, by="hana")) == 5


def test_one_person_may_do_both_where_the_policy_says_so() -> None:
    assert lacking(msgspec.structs.replace(READY, two_person=False), Act.FINISH, NEXT, by="hana") == []


def test_until_the_last_day_only_a_decision_for_the_person_can_be_made() -> None:
    waiting = msgspec.structs.replace(READY, step=Step.WAITING, reassessed=False)
    assert lacking(waiting, Act.REASSESS, DAY, good=True) == []
    assert "through 2026-12-02" in lacking(waiting, Act.REASSESS, DAY)[0]
    assert lacking(waiting, Act.REASSESS, NEXT) == []
    assert lacking(msgspec.structs.replace(waiting, answers=1), Act.REASSESS, DAY) == []
    assert "once the letter reaches them" in lacking(msgspec.structs.replace(waiting, deadline=None), Act.REASSESS, NEXT)[0]


@pytest.mark.parametrize(
    ("change", "on", "step"),
    [
        ({}, DAY, Step.WAITING),
        ({}, NEXT, Step.TO_REASSESS),
        ({"deadline": None}, NEXT, Step.WAITING),
        ({"step": Step.PAUSED}, NEXT, Step.PAUSED),
        ({"step": Step.TO_FINISH}, NEXT, Step.TO_FINISH),
    ],
)
def test_only_a_last_day_that_passed_moves_the_steps_by_itself(change, on, step) -> None:
    assert fair_steps.by_itself(msgspec.structs.replace(READY, **({"step": Step.WAITING} | change)), on) is step


def test_the_person_has_the_next_move_only_while_they_can_answer_and_have_not() -> None:
    moves = {step for step in Step if not lacking(msgspec.structs.replace(READY, step=step), Act.ANSWER, NEXT)}
    assert moves > fair_steps.PERSONS_MOVE == {Step.WAITING}


def test_every_step_that_is_not_an_end_has_its_place_in_the_line() -> None:
    placed = [step for _, steps in fair_steps.LINE for step in steps]
    assert sorted(placed) == sorted(set(Step) - ENDS)


AFTER = {
    Act.ASSESS: ["may_deny", "eligible"],
    Act.REASSESS: ["deny", "eligible"],
}


@given(st.lists(st.tuples(st.sampled_from(list(Act)), st.integers(0, 9), st.booleans()), max_size=30))
def test_no_order_of_acts_turns_somebody_away_before_they_could_answer(acts) -> None:
    """A walk as the services take it: whatever is tried, an end against the person has everything behind it."""
    now, on = Standing(step=Step.ASSESSING, assessed_by=frozenset({"hana"})), date(2026, 11, 24)
    told_on = None
    for act, days, bad in acts:
        on += timedelta(days=days)
        now = msgspec.structs.replace(now, step=fair_steps.by_itself(now, on))
        good = act is Act.REASSESS and not bad
        if lacking(now, act, on, by="sol" if bad else "hana", good=good):
            continue
        change = {}
        if act is Act.ASSESS:
            change = {"step": fair_steps.after_assessment(AFTER[act][0 if bad else 1])}
        elif act is Act.NOTIFY:
            told_on = on
            change = {"step": Step.WAITING, "delivery": "sent", "reported": True, "deadline": on + timedelta(days=7)}
        elif act is Act.ANSWER:
            change = {"step": Step.PAUSED, "answer_open": True, "reassessed": False}
        elif act is Act.END_ANSWER:
            change = {"step": fair_steps.after_answer(now.deadline, on), "answer_open": False, "answers": now.answers + 1}
        elif act is Act.REASSESS:
            step = fair_steps.after_reassessment(AFTER[act][0 if bad else 1])
            change = {"step": step, "reassessed": step is Step.TO_FINISH}
        elif act is Act.FINISH:
            assert told_on is not None and on > told_on + timedelta(days=7)
            assert now.reassessed and not now.answer_open and bad  # the colleague, never the one who assessed first
            change = {"step": Step.NOT_ELIGIBLE}
        elif act in (Act.WITHDRAW, Act.DROP):
            change = {"step": Step.WITHDRAWN if act is Act.WITHDRAW else Step.DROPPED}
        elif act is Act.TAKE_BACK:
            back = Step.ASSESSING if now.step is Step.TO_NOTIFY else fair_steps.after_answer(now.deadline, on)
            change = {"step": back, "reassessed": False}
        now = msgspec.structs.replace(now, **change)
