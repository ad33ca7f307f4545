"""Steps and ways: what is known is added up, what is not known is never counted as nothing."""

from __future__ import annotations

from datetime import date

import pytest

from staffing.core.evidence import Evidence
from staffing.core.findings import Actor, Decision, Effect, FactUsed, Finding, Layer, Remedy, State, Text
from staffing.services.ahead.steps import Step, Way, cents, dollars, steps

TODAY = date(2026, 11, 24)


def finding(rule: str, state: State = State.MISSING, **more: object) -> Finding:
    values: dict[str, object] = {
        "title": rule.title(),
        "layer": Layer.DISTRICT_POLICY,
        "effect": Effect.HOLD,
        "reason": Text("Not on record."),
        "citation": "Policy 1",
    }
    return Finding(rule=rule, state=state, **values | more)  # type: ignore[arg-type]


def of(*findings: Finding, **more: object) -> tuple[Step, ...]:
    decision = Decision(on=TODAY, outcome=Effect.HOLD, findings=findings)
    return steps(decision, on=TODAY, **more)  # type: ignore[arg-type]


def remedy(days: int | None = None, cost: str | None = None, who: Actor = Actor.PERSON) -> Remedy:
    return Remedy(who, Text("Do it."), cost=cost, usual_days=days)


@pytest.mark.parametrize(
    ("words", "amount"),
    [
        ("Free", 0),
        ("free for volunteers", 0),
        ("No cost to the person", 0),
        ("$22.60", 2260),
        ("$ 13", 1300),
        ("about $10 to $25", 2500),
        ("$1,250 a year", 125000),
        ("depends on the clinic", None),
        ("Freetown fee", None),
        ("", None),
        (None, None),
    ],
)
def test_a_cost_in_words_is_read_as_money_or_not_at_all(words: str | None, amount: int | None) -> None:
    assert cents(words) == amount


def test_money_is_written_with_cents_only_where_there_are_some() -> None:
    assert [dollars(n) for n in (0, 1200, 2260, 125005)] == ["$0", "$12", "$22.60", "$1,250.05"]


def test_steps_are_taken_at_the_same_time_so_the_longest_counts() -> None:
    way = Way(steps=of(finding("a", remedy=remedy(5, "Free")), finding("b", remedy=remedy(45, "$22"))))
    assert (way.days, way.unknown_days, way.cents, way.unknown_costs) == (45, 0, 2200, 0)
    assert [s.rule for s in way.steps] == ["b", "a"], "the longest first: it has to be begun first"


def test_days_and_costs_nobody_said_are_unknown_and_not_nothing() -> None:
    way = Way(steps=of(finding("a", remedy=remedy(5, "Free")), finding("b", remedy=remedy())))
    assert (way.days, way.unknown_days, way.cents, way.unknown_costs) == (5, 1, 0, 1)
    quick = Way(steps=of(finding("c", remedy=remedy(300, "$900"))))
    assert quick.rank < way.rank, "300 known days come before days nobody knows"


def test_fewest_days_come_first_then_the_cost() -> None:
    slow, dear, cheap = (
        Way(steps=of(finding("x", remedy=remedy(days, cost)))) for days, cost in ((9, "Free"), (3, "$80"), (3, "$20"))
    )
    assert sorted([slow, dear, cheap], key=lambda way: way.rank) == [cheap, dear, slow]


def test_one_thing_asked_for_by_two_rules_is_paid_for_once() -> None:
    prints = {"accepts": ("fbi_fingerprint",), "remedy": remedy(10, "$50")}
    way = Way(steps=of(finding("state", **prints), finding("federal", **prints)))
    assert way.cents == 5000


def test_what_has_been_asked_for_takes_only_the_days_that_are_left_and_costs_nothing_more() -> None:
    asked = Evidence(kind="state_criminal_history", state="initiated", requested_on=date(2026, 11, 20), id="e1")
    waiting = finding("a", State.PENDING, evidence="e1", remedy=remedy(10, None, Actor.STATE_AGENCY))
    (step,) = of(waiting, evidence=[asked])
    assert (step.days, step.cents, step.late, step.who) == (6, 0, False, "state_agency")


def test_an_answer_that_is_late_already_has_no_days_left_that_anybody_knows() -> None:
    asked = Evidence(kind="state_criminal_history", state="initiated", requested_on=date(2026, 11, 14), id="e1")
    (step,) = of(finding("a", State.PENDING, evidence="e1", remedy=remedy(10)), evidence=[asked])
    assert (step.days, step.late) == (None, True)
    assert Way(steps=(step,)).unknown_days == 1


def test_a_paper_that_has_come_in_is_the_districts_step_within_its_promise() -> None:
    paper = {"tb_screening": {"id": 1, "kind": "tb_screening"}}
    (step,) = of(finding("a", accepts=("tb_screening",), remedy=remedy(30, "$60")), papers=paper, promise_days=2)
    assert (step.paper, step.who, step.days, step.cents) == (True, "district", 2, 0)


def test_telling_a_fact_costs_nothing_but_nobody_knows_when_it_comes() -> None:
    (step,) = of(finding("a", State.UNKNOWN, facts=(FactUsed("person.resident_since"),), remedy=remedy()))
    assert (step.days, step.cents) == (None, 0)


def test_a_result_that_is_not_clear_has_no_sure_way() -> None:
    judged = Way(steps=of(finding("a", State.DISQUALIFIED, remedy=remedy(2, "Free", Actor.DISTRICT))))
    unknown = Way(steps=of(finding("b", remedy=remedy())))
    assert not judged.sure
    assert unknown.rank < judged.rank
