"""The administrator switches plugins on and off from a day, and the district's decisions follow."""

from __future__ import annotations

from datetime import date

import pytest
from litestar import Litestar

from staffing.services import due, readiness
from staffing.store.engine import tenant_transaction
from staffing.store.jobs import run_waiting
from staffing.store.tables import Decision, PluginSwitch
from tests.services.desk import TODAY, Desk, make_desk, make_hr
from tests.web.driving import Browser


@pytest.fixture
async def desk(app: Litestar, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    return await make_desk()


async def _findings(desk: Desk) -> set[str]:
    async with tenant_transaction("alder"):
        wanted = Decision.current.eq(True) & (Decision.person == desk.person)
        rows = await Decision.select(Decision.id).where(wanted)
        taken = await readiness.taken([row["id"] for row in rows])
    return {finding.plugin for decision in taken.values() for finding in decision.findings}


async def test_switching_a_plugin_off_takes_its_rules_out_of_the_decisions_and_on_again_brings_them_back(
    browser: Browser, desk: Desk, database: str
) -> None:
    await browser.sign_in((await make_hr("Ada", role="admin")).account)
    await due.retake_in("alder")
    assert "background_check" in await _findings(desk)

    await browser.see("/admin/plugins")
    form = {"plugin": "background_check", "day": TODAY.isoformat(), "jurisdiction": "*"}
    await browser.submit("/admin/plugins", {**form, "to": "off"}, status=303)
    await run_waiting(database)
    assert "background_check" not in await _findings(desk)
    page = await browser.see("/admin/plugins")
    assert "Switch it on" in page.text

    await browser.submit("/admin/plugins", {**form, "to": "on"}, status=303)
    await run_waiting(database)
    assert "background_check" in await _findings(desk)


async def test_a_switch_planned_for_later_ends_what_is_promised_on_that_day(browser: Browser, desk: Desk, database: str) -> None:
    await browser.sign_in((await make_hr("Ada", role="admin")).account)
    await due.retake_in("alder")
    await browser.see("/admin/plugins")
    later = date(2027, 3, 1)
    await browser.submit("/admin/plugins", {"plugin": "background_check", "day": later.isoformat(), "to": "off"}, status=303)
    await run_waiting(database)
    async with tenant_transaction("alder"):
        rows = await Decision.select(Decision.holds_until).where(Decision.current.eq(True))
    assert rows
    assert all(row["holds_until"] is not None and row["holds_until"] <= later for row in rows)


async def test_what_cannot_be_switched_is_said_on_the_page_and_nothing_changes(browser: Browser, desk: Desk) -> None:
    await browser.sign_in((await make_hr("Ada", role="admin")).account)
    await browser.see("/admin/plugins")
    on_already = await browser.submit(
        "/admin/plugins", {"plugin": "background_check", "day": TODAY.isoformat(), "to": "on"}, status=409
    )
    assert "is on already" in on_already.text
    no_day = await browser.submit("/admin/plugins", {"plugin": "background_check", "day": "soon", "to": "on"}, status=422)
    assert "Nothing was switched" in no_day.text
    unknown = await browser.submit("/admin/plugins", {"plugin": "palm_reading", "day": TODAY.isoformat(), "to": "on"}, status=404)
    assert "palm_reading" in unknown.text
    async with tenant_transaction("alder"):
        assert await PluginSwitch.count().where(PluginSwitch.plugin == "background_check") == 1
