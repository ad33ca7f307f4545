"""The pages of fair steps: one that shows where they stand with the next form alone, the person's letter, and the timers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from litestar import Litestar

from plugins.background_check.services import adverse
from staffing.app import create_app
from staffing.services import work
from staffing.settings import Settings
from staffing.store.engine import tenant_transaction
from staffing.store.jobs import run_waiting
from staffing.store.pool import close_pool
from staffing.store.tables import PluginSwitch
from tests.factories import make_account, make_person
from tests.plugins.background_check.steps import TODAY, Check, action, at, letters, make_check, told
from tests.web.driving import Browser, running, visitor

HOME = "/p/background_check/"
FIRST = {
    "contact": "alone",
    "ref_1": "item 1",
    "offence_1": "money",
    "standing_1": "conviction",
    "happened_on_1": "2024-03-01",
    "nature_rating": "against",
    "nature_reason": "It is close to the work.",
    "time_rating": "against",
    "time_reason": "It is recent.",
    "job_rating": "against",
    "job_reason": "Alone with money.",
    "related": "yes",
    "related_reason": "The work handles money alone.",
    "outcome": "may_deny",
}
LETTER = {
    "channels": "email",
    "copy": "portal",
    "agency": "Invented Screening, Inc.",
    "agency_address": "1 Invented Street",
    "agency_phone": "(844) 555-0100",
}


@pytest.fixture
async def app(database: str, installation: Path) -> AsyncIterator[Litestar]:
    await close_pool()
    async with running(create_app(Settings(data=installation, database_url=database, demo=True))) as started:
        yield started


@pytest.fixture
async def browser(app: Litestar) -> AsyncIterator[Browser]:
    async with visitor(app) as client:
        yield client


@pytest.fixture
async def check(app: Litestar, monkeypatch: pytest.MonkeyPatch) -> Check:
    at(monkeypatch, TODAY)
    made = await make_check()
    async with tenant_transaction(made.tenant):
        await PluginSwitch.insert(PluginSwitch(plugin="background_check", since=date(2020, 1, 1)))
    return made


async def hr(browser: Browser, name: str = "Vonda Invented", role: str = "hr", **columns) -> UUID:
    account = await make_account("alder", name=name, role=role, **columns)
    await browser.sign_in(account)
    return account


async def own(browser: Browser, check: Check) -> None:
    await hr(browser, "Rosa Invented", "volunteer", person=check.person)


def fair(check: Check) -> str:
    return f"{HOME}orders/{check.order}/fair"


async def act(check: Check) -> str:
    return f"{fair(check)}/{(await action(check))['id']}"


def version(page: str) -> str:
    return re.search(r'name="version" value="(\d+)"', page)[1]


async def test_a_reviewer_goes_from_a_record_to_the_letter_and_sees_the_clock(browser: Browser, check: Check) -> None:
    await hr(browser)
    page = await browser.see(fair(check))
    assert "Fair steps have not begun" in page.text
    await browser.submit(fair(check), status=303)
    page = await browser.see(fair(check))
    assert "Write the first assessment" in page.text
    wrong = await browser.submit(
        f"{await act(check)}/assess", {**FIRST, "version": version(page.text), "time_reason": ""}, status=422
    )
    assert "say why, in a sentence" in wrong.text
    assert "Alone with money." in wrong.text  # nothing typed is lost
    await browser.submit(f"{await act(check)}/assess", {**FIRST, "version": version(wrong.text)}, status=303)
    page = await browser.see(fair(check))
    assert "Tell Rosa before anything is decided" in page.text
    assert 'value="Invented Screening, Inc."' in page.text  # from the account's settings
    wrong = await browser.submit(f"{await act(check)}/send", {**LETTER, "version": version(page.text), "copy": ""}, status=422)
    assert "Say how the person gets a copy of the report" in wrong.text
    await browser.submit(f"{await act(check)}/send", {**LETTER, "version": version(wrong.text)}, status=303)
    page = await browser.see(fair(check))
    assert "5 work days left" in page.text
    assert "December 2, 2026" in page.text or "Dec 2, 2026" in page.text


async def test_a_person_reads_the_letter_answers_it_and_sees_that_the_clock_stands_still(
    browser: Browser,
    check: Check,
    app: Litestar,
) -> None:
    await told(check)
    notice = (await letters(check))[0]["id"]
    await own(browser, check)
    page = await browser.see(f"{HOME}me/notices/{notice}")
    assert "Your last day to answer" in page.text
    assert "A Summary of Your Rights Under the Fair Credit Reporting Act" in page.text
    assert (await letters(check))[0]["delivery"] == "delivered"
    await browser.see(f"{HOME}me/notices/{notice}/answer")
    wrong = await browser.submit(f"{HOME}me/notices/{notice}/answer", {"words": "It was my brother."}, status=422)
    assert "It was my brother." in wrong.text
    await browser.submit(
        f"{HOME}me/notices/{notice}/answer", {"wrong": "yes", "papers": "references", "words": "It was my brother."}, status=303
    )
    page = await browser.see(f"{HOME}me/notices/{notice}")
    assert "The clock stands still" in page.text
    async with visitor(app) as desk:
        await hr(desk)
        seen = await desk.see(fair(check))
    assert "Rosa has answered" in seen.text
    assert "It was my brother." in seen.text


async def test_an_administrator_reads_the_steps_but_not_what_the_person_wrote(browser: Browser, check: Check) -> None:
    ident = await told(check)
    await adverse.answer(check.own, ident, "context", words="It was my brother.")
    await hr(browser, "Ada Invented", "admin")
    assert "It was my brother." not in (await browser.see(fair(check))).text


async def test_the_final_letter_is_sent_from_the_page_by_a_colleague(browser: Browser, check: Check, monkeypatch, app) -> None:
    await told(check)
    at(monkeypatch, date(2026, 12, 3))
    await hr(browser)
    page = await browser.see(fair(check))
    assert "Nothing came through" in page.text
    form = {"version": version(page.text), "short": "1", "contact": "alone", "outcome": "deny", "reason": "Nothing came."}
    await browser.submit(f"{await act(check)}/assess", form, status=303)
    page = await browser.see(fair(check))
    assert "and send the letter" in page.text
    await browser.submit(f"{await act(check)}/finish", {"version": version(page.text), "channels": "email"}, status=303)
    page = await browser.see(fair(check))
    assert "Decided: not eligible" in page.text
    assert [one["kind"] for one in await letters(check)] == ["pre_adverse", "final_adverse"]


async def test_a_letter_is_printed_by_a_task_and_both_sides_can_keep_it(browser: Browser, check: Check, database, app) -> None:
    await told(check)
    try:
        await run_waiting(database)
    finally:
        work.close_renderer()
    notice = (await letters(check))[0]["id"]
    await hr(browser)
    assert "Letter N-1" in (await browser.see(f"{HOME}notices/{notice}")).text
    assert (await browser.get(f"{HOME}notices/{notice}/pdf")).content.startswith(b"%PDF")
    async with visitor(app) as person:
        await own(person, check)
        answer = await person.get(f"{HOME}me/notices/{notice}/pdf")
    assert answer.content.startswith(b"%PDF")
    assert "no-store" in answer.headers["cache-control"]


async def test_somebody_else_does_not_find_the_letter(browser: Browser, check: Check) -> None:
    await told(check)
    notice = (await letters(check))[0]["id"]
    await hr(browser, "Ola Invented", "volunteer", person=await make_person("alder"))
    for address in ("", "/pdf", "/answer"):
        await browser.see(f"{HOME}me/notices/{notice}{address}", status=404)


@pytest.mark.parametrize("role", ["partner", "coordinator", "union", "cabinet"])
async def test_nobody_else_of_the_house_sees_steps_letters_or_timers(browser: Browser, check: Check, role) -> None:
    await told(check)
    notice = (await letters(check))[0]["id"]
    await hr(browser, "Somebody", role)
    for address in (fair(check), f"{HOME}notices/{notice}", f"{HOME}notices/{notice}/pdf", f"{HOME}timers"):
        await browser.see(address, status=403)


async def test_the_person_withdraws_only_once_they_say_that_they_are_sure(browser: Browser, check: Check) -> None:
    await told(check)
    notice = (await letters(check))[0]["id"]
    await own(browser, check)
    await browser.see(f"{HOME}me/notices/{notice}")
    await browser.submit(f"{HOME}me/notices/{notice}/withdraw", status=303)
    assert (await action(check))["state"] == "waiting"
    await browser.submit(f"{HOME}me/notices/{notice}/withdraw", {"sure": "yes"}, status=303)
    assert (await action(check))["state"] == "withdrawn"
    assert "This letter no longer counts" in (await browser.see(f"{HOME}me/notices/{notice}")).text


async def test_an_administrator_switches_a_place_s_rule_with_counsel_s_name_and_hr_reads_it(browser: Browser, check, app) -> None:
    async with tenant_transaction("alder") as transaction:
        await transaction.connection.execute("UPDATE tenant SET jurisdiction = 'us-pa' WHERE id = 'alder'")
    await hr(browser, "Ada Invented", "admin")
    page = await browser.see(f"{HOME}timers")
    assert "1 rule counts here" in page.text
    wrong = await browser.submit(f"{HOME}timers/us_pa_philadelphia", {"counts": "yes"}, status=422)
    assert "Name the lawyer who says so" in wrong.text
    await browser.submit(f"{HOME}timers/us_pa_philadelphia", {"counts": "yes", "signed_off_by": "Lee Invented, Esq."}, status=303)
    page = await browser.see(f"{HOME}timers")
    assert "2 rules count here" in page.text
    assert "Lee Invented, Esq." in page.text
    own_rule = {
        "name": "Agreement with the tutors",
        "citation": "Agreement T1, section 4",
        "days": "8",
        "day_kind": "work",
        "effective_from": "2026-01-01",
        "signed_off_by": "The board",
    }
    await browser.submit(f"{HOME}timers/own", own_rule, status=303)
    async with visitor(app) as desk:
        await hr(desk)
        page = await desk.see(f"{HOME}timers")
        assert "3 rules count here" in page.text
        assert "Switch it off" not in page.text


async def test_an_answer_from_an_older_page_changes_nothing_and_says_so(browser: Browser, check: Check) -> None:
    await adverse.begin(check.hr, check.order)
    await hr(browser)
    page = await browser.see(fair(check))
    await adverse.drop(check.hr, (await action(check))["id"], "By mistake.", version=1)
    ident = (await action(check))["id"]
    answer = await browser.submit(f"{fair(check)}/{ident}/assess", {**FIRST, "version": version(page.text)}, status=409)
    assert "Somebody was faster" in answer.text
