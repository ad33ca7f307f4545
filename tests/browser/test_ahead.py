"""What a person can do and what lapses, in Chromium at phone and desktop width, kept as pictures."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from tests.browser.walking import Walk
from tests.served import Served


@pytest.mark.parametrize("width", [390, 1440])
async def test_staff_see_what_lapses_and_follow_it_to_a_person_and_what_they_can_do(
    served: Served, chromium: Browser, width: int
) -> None:
    walk = await Walk.begin(chromium, served.address, f"lapses-{width}", width=width)
    page = walk.page
    await walk.enter_as("hr@oakland.example")
    await walk.go("/hr/lapses")
    await page.get_by_role("link", name="90 days").click()
    await expect(page).to_have_url(re.compile("days=90"))
    await expect(page.locator("main table").first).to_be_visible()
    await walk.keep("next-90-days")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download CSV").click()
    assert re.fullmatch(r"lapses-\d{4}-\d\d-\d\d-90-days\.csv", (await download.value).suggested_filename)
    await page.locator("section", has=page.get_by_role("heading", name=re.compile("placement"))).locator("a.who").first.click()
    await page.get_by_role("link", name=re.compile("^What they can do")).click()
    await expect(page.get_by_role("heading", level=2, name=re.compile("positions open to"))).to_be_visible()
    for way in await page.locator("details.req").all():
        await way.locator("summary").click()
    await walk.keep("what-they-can-do")
    await walk.close()


@pytest.mark.parametrize("lang", ["en", "es", "ar"])
async def test_a_volunteer_without_scripts_sees_what_else_they_could_do(served: Served, chromium: Browser, lang: str) -> None:
    walk = await Walk.begin(chromium, served.address, f"could-do-{lang}", scripts=False)
    page = walk.page
    await walk.enter_as("abdirahman.warsame@oakland.example")
    await walk.go(f"/me?lang={lang}")
    await walk.keep("list")
    await page.locator("a[href='/me/work']").click()
    await page.locator("details.miss-d summary").first.click()
    await expect(page.locator(".miss").first).to_be_visible()
    await walk.keep("work")
    await walk.close()


@pytest.mark.parametrize("width", [390, 1440])
async def test_a_partner_sees_what_lapses_among_its_own_people(served: Served, chromium: Browser, width: int) -> None:
    walk = await Walk.begin(chromium, served.address, f"partner-lapses-{width}", width=width)
    await walk.enter_as("marieange.filsaime@somerville.example")
    await walk.go("/partner")
    await walk.page.get_by_role("link", name="What lapses").click()
    await walk.page.get_by_role("link", name="90 days").click()
    await expect(walk.page.locator("main")).not_to_contain_text(re.compile("M.G.L|good through"))
    await walk.keep("next-90-days")
    await walk.close()
