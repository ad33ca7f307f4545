"""Conditions of a determination: codes that the rules check against the work, kept until a later determination."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from plugins import background_check
from plugins.background_check.rules import conditions
from plugins.background_check.rules.conditions import CONDITIONS, FACT, RULE
from plugins.background_check.services import determining, orders
from plugins.background_check.services.following import follow
from staffing.api import (
    Case,
    Effect,
    Invalid,
    OrderSeen,
    OrderStatus,
    Outcome,
    Result,
    State,
    system_viewer,
    tenant_transaction,
    work_of,
)
from staffing.core.derived_facts import CARING_DUTIES, OTHER_DUTIES
from staffing.core.standard_facts import STANDARD
from staffing.store.tables import Placement
from tests.factories import json_text
from tests.plugins.background_check.district_desk import TODAY, Desk, make_desk
from tests.plugins.background_check.onward import person_at
from tests.services.cleared import TERMS, cleared

CASES: list[tuple[str, dict[str, Any], State | None]] = [
    ("in_sight", {"supervision": "immediate"}, None),
    ("in_sight", {"supervision": "line_of_sight"}, None),
    ("in_sight", {"supervision": "nearby"}, State.VIOLATED),
    ("in_sight", {"supervision": "none"}, State.VIOLATED),
    ("in_sight", {}, State.UNKNOWN),
    ("on_campus", {"setting": "campus"}, None),
    ("on_campus", {"setting": "remote"}, State.VIOLATED),
    ("on_campus", {}, State.UNKNOWN),
    ("no_driving", {"duties": ["reading_tutoring"]}, None),
    ("no_driving", {"duties": ["driving_children"]}, State.VIOLATED),
    ("no_driving", {"duties": ["reading_tutoring"], "transports_children": True}, State.VIOLATED),
    ("no_driving", {}, State.UNKNOWN),
    ("no_money", {"duties": ["event_help"]}, None),
    ("no_money", {"duties": ["event_help", "money_handling"]}, State.VIOLATED),
    ("no_money", {}, State.UNKNOWN),
    ("a_code_of_later", {"supervision": "immediate", "setting": "campus", "duties": []}, State.UNKNOWN),
]


def case(codes: list[str], placement: dict[str, Any]) -> Case:
    return Case(jurisdiction="us-pa", person={FACT: codes} if codes else {}, placement=placement)


@pytest.mark.parametrize(("code", "placement", "state"), CASES)
def test_a_condition_holds_work_that_does_not_keep_it_or_may_not(
    code: str, placement: dict[str, Any], state: State | None
) -> None:
    found = conditions.findings_of(case([code], placement), TODAY)
    assert [(one.rule, one.state, one.effect) for one in found] == (
        [] if state is None else [(f"{RULE}.{code}", state, Effect.HOLD)]
    )


def test_each_condition_that_is_not_kept_is_named_and_only_those_concerned_are_asked_about() -> None:
    broken = case(
        ["in_sight", "on_campus", "no_money"], {"supervision": "none", "setting": "campus", "duties": ["money_handling"]}
    )
    found = list(background_check.findings(broken, TODAY))
    assert [one.rule for one in found] == [f"{RULE}.in_sight", f"{RULE}.no_money"]
    assert background_check.concerned(broken, TODAY)
    assert not background_check.concerned(case([], {"supervision": "none"}), TODAY)


def test_no_condition_tells_of_a_record_and_each_reads_facts_the_product_asks_for() -> None:
    known = {name.removeprefix("placement.") for name in STANDARD} | {"transports_children"}
    for one in CONDITIONS.values():
        assert set(one.reads) <= known
        assert not {"record", "crime", "offence", "offense"} & set(f"{one.title} {one.waits} {one.remedy}".lower().split())
    assert "driving_children" in CARING_DUTIES
    assert "money_handling" in OTHER_DUTIES


@pytest.fixture
async def alder(database: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    return await make_desk()


async def test_work_under_conditions_goes_on_where_they_are_kept_and_waits_where_not(alder: Desk) -> None:
    placement = await cleared(date(2026, 5, 2))
    person = await person_at(placement)
    order = await orders.place_order(alder.hr, person, await alder.package(), placement=placement)
    seen = OrderSeen(order_ref="", status=OrderStatus.COMPLETE, raw="x", result=Result.UNABLE)
    await follow(system_viewer("alder"), order, seen, why="a test")
    version = (await alder.order(order)).version

    async def decide(codes: tuple[str, ...], outcome: Outcome = Outcome.WITH_CONDITIONS) -> Any:
        return await determining.determine(alder.hr, order, outcome, "confirmed_elsewhere", conditions=codes, version=version)

    for codes, outcome, says in (
        ((), Outcome.WITH_CONDITIONS, "at least one condition"),
        (("in_sight",), Outcome.ELIGIBLE, "alone"),
        (("at_night",), Outcome.WITH_CONDITIONS, "No rule can check the condition at_night"),
    ):
        with pytest.raises(Invalid, match=says):
            await decide(codes, outcome)
    made = await decide(("in_sight", "on_campus"))
    assert (await alder.facts(person))[FACT] == ["in_sight", "on_campus"]
    assert (await work_of(alder.hr, person, placement=placement)).decision.outcome.clears

    async with tenant_transaction("alder"):
        terms = json_text({**TERMS, "supervision": "nearby"})
        await Placement.update({Placement.terms: terms}).where(Placement.id == placement)
    decision = (await work_of(alder.hr, person, placement=placement)).decision
    assert f"{RULE}.in_sight" in [one.rule for one in decision.findings if not one.effect.clears]

    await determining.take_back(alder.hr, made, "Decided on the wrong check.")
    assert FACT not in await alder.facts(person)


async def test_a_later_decision_on_the_same_check_ends_the_conditions_of_the_earlier(alder: Desk) -> None:
    person = await person_at(await cleared(date(2026, 5, 2)))
    package, other = await alder.package(), await alder.package(title="Another check")

    async def decided(of: Any, result: Result, reason: str, outcome: Outcome, codes: tuple[str, ...] = ()) -> None:
        order = await orders.place_order(alder.hr, person, of)
        seen = OrderSeen(order_ref="", status=OrderStatus.COMPLETE, raw="x", result=result)
        await follow(system_viewer("alder"), order, seen, why="a test")
        version = (await alder.order(order)).version
        await determining.determine(alder.hr, order, outcome, reason, conditions=codes, version=version)

    await decided(package, Result.UNABLE, "confirmed_elsewhere", Outcome.WITH_CONDITIONS, ("no_money",))
    await decided(other, Result.CLEAR, "clear", Outcome.ELIGIBLE)
    assert (await alder.facts(person))[FACT] == ["no_money"]
    await decided(package, Result.CLEAR, "clear", Outcome.ELIGIBLE)
    assert FACT not in await alder.facts(person)
