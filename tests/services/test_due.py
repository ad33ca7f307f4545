"""Decisions whose day has come, or whose rules have changed, are taken again without anybody asking."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from staffing.services import due, readiness
from staffing.services.actors import system
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Decision, Journal, Placement, PluginSwitch
from tests.services.cleared import cleared, make_alder

pytestmark = pytest.mark.usefixtures("database")


async def _decide(placement: UUID) -> None:
    async with tenant_transaction("alder"):
        row = await Placement.select(Placement.person).where(Placement.id == placement).first()
        await readiness.refresh(row["person"], system("alder"), "test")


async def _current(placement: UUID) -> dict:
    async with tenant_transaction("alder"):
        rows = await Decision.select().where((Decision.placement == placement) & (Decision.current.eq(True)))
    assert len(rows) == 1
    return rows[0]


async def test_a_decision_that_has_run_out_is_taken_again_on_its_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFFING_TODAY", "2026-11-24")
    await make_alder()
    placement = await cleared(checked_on=date(2022, 1, 10))
    await _decide(placement)
    before = await _current(placement)
    assert before["outcome"] in {"allow", "advise"}
    assert before["holds_until"] == date(2027, 1, 11)

    monkeypatch.setenv("STAFFING_TODAY", "2027-01-10")
    assert await due.retake_in("alder") == 0, "it still holds"
    monkeypatch.setenv("STAFFING_TODAY", "2027-01-11")
    assert await due.retake_in("alder") == 1
    after = await _current(placement)
    assert after["outcome"] == "block"
    async with tenant_transaction("alder"):
        entries = await Journal.select().where(Journal.action == "decision:taken").order_by(Journal.id).output(load_json=True)
    assert entries[-1]["facts"]["after"] == "block"
    assert await due.retake_in("alder") == 0, "twice changes nothing more"


async def test_decisions_taken_under_other_rules_are_taken_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFFING_TODAY", "2026-11-24")
    await make_alder()
    placement = await cleared()
    await _decide(placement)
    async with tenant_transaction("alder"):
        await Decision.update({Decision.rules_hash: "the rules of last week"}).where(Decision.placement == placement)
    await due.retake()
    assert (await _current(placement))["rules_hash"] != "the rules of last week"


async def test_a_decision_holds_no_longer_than_until_a_plugin_is_switched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFFING_TODAY", "2026-11-24")
    await make_alder()
    placement = await cleared()
    async with tenant_transaction("alder"):
        await PluginSwitch.insert(PluginSwitch(plugin="certification", since=date(2026, 12, 24)))
    await _decide(placement)
    assert (await _current(placement))["holds_until"] == date(2026, 12, 24)


async def test_a_placement_without_any_decision_gets_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFFING_TODAY", "2026-11-24")
    await make_alder()
    placement = await cleared()
    assert await due.retake_in("alder") == 1
    assert (await _current(placement))["outcome"] in {"allow", "advise"}
