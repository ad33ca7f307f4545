"""A whole check against the invented provider, in Chromium: the person's, the reviewer's and the partner's journey, and one
adverse action from a record to the final letter with a dispute in between."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.test_pages import _enter_as_role
from tests.browser.walking import Walk, codes_in
from tests.served import Served, free_port

HOME = "/p/background_check/"
BESIDE = ("--beside", "tests.doubles.screening")
HR, LEAD = "denise.okafor@oakland.example", "hr@oakland.example"


async def _see(page: Page, words: str) -> None:
    """Load the page again until it says so: a worker and the provider are at work behind it."""
    for _ in range(40):
        if await page.locator("main").get_by_text(words).count():
            return
        await page.wait_for_timeout(250)
        await page.reload()
    await expect(page.locator("main")).to_contain_text(words)


async def _find(walk: Walk, name: str) -> str:
    await walk.go(f"/hr/people?find={name}")
    await walk.page.locator("main").get_by_role("link", name=re.compile(name)).first.click()
    await walk.page.wait_for_load_state()
    return walk.page.url.partition("?")[0]


async def _order(walk: Walk, person: str, package: str) -> str:
    await walk.go(f"{HOME}people/{person.rsplit('/', 1)[1]}/order")
    await walk.page.get_by_label(re.compile(package)).check()
    await walk.keep("order")
    await walk.press("Order")
    await walk.page.wait_for_load_state()
    await walk.go(f"{HOME}?move=person")
    await walk.page.locator("main tbody tr", has_text=package).last.get_by_role("link").first.click()
    await expect(walk.page.get_by_role("heading", level=1)).to_contain_text(package)
    return walk.page.url.partition("?")[0]


async def _sign(walk: Walk, name: str) -> None:
    """From the person's own list: read, sign, and go on at the provider's page."""
    page = walk.page
    await walk.go("/me")
    await walk.keep("list")
    await page.locator(".mine-panel").get_by_role("link").first.click()
    await walk.keep("check")
    await page.get_by_role("button", name="Read the disclosure").click()
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await walk.keep("disclosure")
    await walk.press("I have read it")
    await walk.press("Sign")
    await expect(page.locator(".govuk-error-summary, [role=alert]").first).to_be_visible()
    await walk.keep("not-signed")
    await page.get_by_label("Your name, as your signature").fill(name)
    await page.get_by_label("I agree to this authorisation").check()
    await walk.keep("authorisation")
    await walk.press("Sign")
    await page.wait_for_load_state()
    await _see(page, "You tell the company itself what it needs")
    await walk.keep("go-on")


async def _finish_with(walk: Walk, what: str) -> None:
    """The person on the provider's own page."""
    page = walk.page
    await page.get_by_role("button", name=re.compile("^Go on at")).click()
    await expect(page.get_by_text("Invented screening provider").first).to_be_visible()
    await walk.keep("provider")
    await page.get_by_label(re.compile(what)).check()
    await page.get_by_role("button", name="Finish").click()
    await page.wait_for_load_state()


async def test_a_person_authorises_a_check_hr_decides_and_the_partner_sees_only_that_they_are_cleared(
    served: Served, chromium: Browser
) -> None:
    hr = await Walk.begin(chromium, served.address, "check-hr", width=390)
    person = await Walk.begin(chromium, served.address, "check-person", width=1440)
    partner = await Walk.begin(chromium, served.address, "check-partner", width=390)
    await hr.enter_as(HR)
    record = await _find(hr, "Linh")
    order = await _order(hr, record, "Registries only")
    await hr.keep("ordered")

    await person.go("/demo")
    await person.page.get_by_role("button", name=re.compile("Đặng")).click()
    await _sign(person, "Thùy Linh Đặng")
    await _finish_with(person, "Nothing is found")
    await hr.go(order)
    await _see(hr.page, "Nothing was found")
    await hr.keep("answered")
    await person.go(f"{HOME}me/checks")
    await expect(person.page.locator("main")).to_contain_text("decide")
    await person.keep("waits-for-the-district")

    await hr.press("Eligible: nothing was found")
    await hr.page.wait_for_load_state()
    await hr.go(order)
    await expect(hr.page.locator(".ck-axes")).to_contain_text("Eligible")
    await hr.keep("decided")
    await person.page.reload()
    await expect(person.page.locator("main")).to_contain_text("Done")
    await person.keep("done")
    await hr.go(record)
    await expect(hr.page.locator("main")).to_contain_text("Registries only")
    await hr.keep("record")

    await _enter_as_role(partner, "Oakland", "Partner organisation")
    await expect(partner.page.locator("main")).to_contain_text("Linh")
    for word in ("Harbor Screening", "Registries", "Nothing was found", "eligible"):
        await expect(partner.page.locator("body")).not_to_contain_text(word)
    await partner.keep("roster")
    for path in (HOME, order.removeprefix(served.address)):
        answer = await partner.page.goto(f"{served.address}{path}" if path.startswith("/") else path)
        assert answer is not None
        assert answer.status == 403
    await partner.keep("closed")
    assert hr.wrong == person.wrong == partner.wrong == []


@pytest.fixture
def days_pass() -> Iterator[tuple[Served, object]]:
    """A demonstration of its own, and a way to stop it and go on later: the clock of an adverse action is real."""
    with tempfile.TemporaryDirectory(prefix="staffing-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        port, running = free_port(), list[Served]()

        def on(day: date) -> Served:
            for one in running:
                one.stop()
            running[:] = [Served(Path(folder) / "data", port, *BESIDE, STAFFING_TODAY=day.isoformat()).wait_until_ready()]
            return running[0]

        try:
            yield on
        finally:
            for one in running:
                one.stop()


async def test_nobody_is_turned_away_before_they_could_answer_and_two_people_looked(days_pass, chromium: Browser) -> None:
    today = date.fromisoformat(os.environ.get("STAFFING_TODAY", date.today().isoformat()))  # noqa: DTZ011 - where the test runs
    served = days_pass(today)
    hr = await Walk.begin(chromium, served.address, "adverse-hr", width=1440)
    person = await Walk.begin(chromium, served.address, "adverse-person", width=390)
    await hr.enter_as(HR)
    record = await _find(hr, "Abdirahman")
    order = await _order(hr, record, "National and county records")
    await person.go("/demo")
    await person.page.get_by_role("button", name=re.compile("Abdirahman")).click()
    await _sign(person, "Abdirahman Warsame")
    await _finish_with(person, "A record is found")
    await hr.go(order)
    await _see(hr.page, "This is never a refusal by itself")
    await hr.keep("record-found")
    await hr.page.get_by_role("link", name="Assess it: begin the fair steps").click()
    await hr.press("Begin the fair steps")
    await _assess(hr, "May decide against")
    await hr.page.get_by_label("How they get a copy of the report").first.is_visible()
    await hr.page.locator("input[name=copy]").first.check()
    await hr.keep("letter")
    await hr.press("Send the letter")
    await expect(hr.page.locator(".fs-clock")).to_contain_text("left")
    await hr.keep("clock")
    await hr.go(record)
    await expect(hr.page.locator(".verdict")).to_contain_text("decision about a check")
    await hr.keep("on-hold")

    await person.go(f"{HOME}me/checks")
    await person.page.locator("main").get_by_role("link", name="National and county records").click()
    await person.keep("asked")
    await person.page.get_by_role("button", name="Read the letter and answer").click()
    await expect(person.page.locator("main")).to_contain_text("A Summary of Your Rights Under the Fair Credit Reporting Act")
    await person.keep("letter")
    await person.page.get_by_role("button", name="Answer").first.click()
    await person.page.get_by_label("Something in it is not right").check()
    await person.page.get_by_label("Letters from people who know me").check()
    await person.page.get_by_label("In your own words").fill("My number is 123-45-6789 and it was not me.")
    await person.press("Send my answer")
    await expect(person.page.locator("main")).to_contain_text("Social Security number")
    await person.keep("refused")
    await person.page.go_back()
    await person.page.get_by_label("Something in it is not right").check()
    await person.page.get_by_label("In your own words").fill("It was not me.")
    await person.press("Send my answer")
    await expect(person.page.locator("main")).to_contain_text("The clock stands still")
    await person.keep("answered")

    await hr.go(f"{order}/fair")
    await expect(hr.page.locator(".fs-clock")).to_contain_text("The clock stands still")
    await expect(hr.page.locator("main")).to_contain_text("It was not me.")
    await hr.keep("paused")

    served = days_pass(today + timedelta(days=20))
    await hr.enter_as(HR)
    await hr.go(f"{order}/fair")
    await expect(hr.page.locator(".fs-clock")).to_contain_text("The clock stands still")  # however long it takes
    await hr.page.locator("input[name=ended][value=report_stands]").check()
    await hr.press("Close the answer")
    await expect(hr.page.locator(".fs-clock")).to_contain_text("left")
    await hr.keep("clock-goes-on")

    served = days_pass(today + timedelta(days=60))
    await hr.enter_as(HR)
    await hr.go(f"{order}/fair")
    await _see(hr.page, "second assessment")
    await _assess(hr, "Not eligible")
    await expect(hr.page.locator("main")).to_contain_text("The final letter")
    await expect(hr.page.get_by_role("button", name=re.compile("^Decide: not eligible"))).to_have_count(0)
    await hr.keep("two-people")
    lead = await Walk.begin(chromium, served.address, "adverse-lead", width=1440)
    await lead.enter_as(LEAD)
    await lead.go(f"{order}/fair")
    await lead.keep("final")
    await lead.press("Decide: not eligible")
    await expect(lead.page.locator("main")).to_contain_text(re.compile("not eligible", re.IGNORECASE))
    await lead.keep("ended")

    await person.go("/demo")
    await person.page.get_by_role("button", name=re.compile("Abdirahman")).click()
    await person.go(f"{HOME}me/notices")
    await person.page.get_by_role("link", name="Our decision").click()
    await expect(person.page.locator("main")).to_contain_text("within 60 days")
    await person.keep("final-letter")
    link = await person.page.get_by_role("link", name="Keep it as a PDF").get_attribute("href")
    assert link
    for _ in range(40):
        answer = await person.page.request.get(f"{served.address}{link}")
        if answer.headers.get("content-type") == "application/pdf":
            break
        await person.page.wait_for_timeout(250)
    assert (await answer.body()).startswith(b"%PDF")
    assert codes_in(await answer.body()) == []
    await lead.go(record)
    await expect(lead.page.locator(".verdict")).to_contain_text("not allowed")
    await lead.keep("record")
    assert hr.wrong == person.wrong == lead.wrong == []


async def _assess(walk: Walk, outcome: str) -> None:
    page = walk.page
    await page.get_by_label("How close to children").select_option(index=1)
    await page.get_by_label("Number").first.fill("item 1")
    await page.get_by_label("Kind").first.select_option("money")
    await page.get_by_label("What it is").first.select_option("conviction")
    await page.get_by_label("Happened on").first.fill("2025-03-01")
    for factor in ("nature", "time", "job"):
        await page.locator(f"input[name={factor}_rating][value=against]").check()
        await page.locator(f"#{factor}_reason").fill("It is close to this work.")
    await page.locator("input[name=related][value=yes]").check()
    await page.locator("#related_reason").fill("The work handles other people's money alone.")
    await page.locator("input[name=outcome]").last.check()
    await walk.keep("assessment")
    await walk.press("Keep the assessment")
    await page.wait_for_load_state()
