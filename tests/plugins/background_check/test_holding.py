"""A record that was found lets work wait until a person has decided about it: a hold, and no refusal."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from plugins.background_check.rules.policy import Policy
from plugins.background_check.rules.under_review import FACT
from plugins.background_check.services import determining, orders, policies
from plugins.background_check.services.following import follow
from staffing.api import OrderSeen, OrderStatus, Outcome, Result, system_viewer
from tests.factories import make_person
from tests.plugins.background_check.checks import order_row
from tests.plugins.background_check.district_desk import TODAY, Desk, make_desk

ANSWERED, ASKED = datetime(2026, 11, 20, 12, tzinfo=UTC), date(2026, 11, 16)


@pytest.fixture
async def alder(database: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    return await make_desk()


async def _answered(alder: Desk, result: Result) -> tuple[UUID, UUID]:
    person = await make_person("alder")
    order = await orders.place_order(alder.hr, person, await alder.package())
    await _says(order, result)
    return person, order


async def _says(order: UUID, result: Result, **more: Any) -> None:
    seen = OrderSeen(order_ref="", status=OrderStatus.COMPLETE, raw=result.value, result=result, completed_at=ANSWERED, **more)
    await follow(system_viewer("alder"), order, seen, why="a test", asked_on=ASKED)


async def _held(alder: Desk, person: UUID) -> str | None:
    found: str | None = (await alder.facts(person)).get(FACT)
    return found


async def test_work_waits_from_the_record_until_the_decision_and_again_when_that_is_taken_back(alder: Desk) -> None:
    person, order = await _answered(alder, Result.RECORD_FOUND)
    assert await _held(alder, person) == "deciding"
    version = (await order_row(order))["version"]
    made = await determining.determine(alder.hr, order, Outcome.ELIGIBLE, "not_this_person", version=version)
    assert await _held(alder, person) is None
    await determining.take_back(alder.hr, made, "The wrong file was open.")
    assert await _held(alder, person) == "deciding"


@pytest.mark.parametrize("result", [Result.CLEAR, Result.UNABLE])
async def test_another_answer_holds_nobody(alder: Desk, result: Result) -> None:
    person, _ = await _answered(alder, result)
    assert await _held(alder, person) is None


async def test_a_source_that_takes_its_word_back_frees_the_person(alder: Desk) -> None:
    person, order = await _answered(alder, Result.RECORD_FOUND)
    await _says(order, Result.CLEAR, revised_at=datetime(2026, 11, 21, 12, tzinfo=UTC))
    assert await _held(alder, person) is None


async def test_a_district_may_let_work_go_on_meanwhile(alder: Desk) -> None:
    await policies.change(alder.admin, Policy(hold_on_record=False), "The board decided so.", over="standard-1")
    person, _ = await _answered(alder, Result.RECORD_FOUND)
    assert await _held(alder, person) is None
