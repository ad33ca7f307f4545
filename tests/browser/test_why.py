"""How a requirement was decided, in Chromium at phone and desktop width, kept as pictures."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from tests.browser.walking import Walk
from tests.served import Served


@pytest.mark.parametrize("width", [390, 1440])
async def test_staff_follow_a_requirement_to_how_it_was_decided(served: Served, chromium: Browser, width: int) -> None:
    walk = await Walk.begin(chromium, served.address, f"why-{width}", width=width)
    page = walk.page
    await walk.enter_as("hr@oakland.example")
    await walk.go("/hr/people?show=starting")
    await page.locator("main a[href^='/hr/people/']").first.click()
    record = page.url
    links = page.locator("main a", has_text="How this was decided")
    addresses = [await link.get_attribute("href") for link in await links.all()]
    assert addresses
    await page.locator("details.req").first.locator("a", has_text="How this was decided").click()
    await expect(page.get_by_role("heading", name="What would change this")).to_be_visible()
    await expect(page.locator(".tr").first).to_have_text(re.compile("^(yes|no|not known)$"))
    await walk.keep("open")
    await page.get_by_role("link", name="Record", exact=True).click()
    assert page.url.startswith(record.partition("?")[0])
    await page.locator("details.req", has=page.locator(".status--ok")).first.locator("summary").click()
    await (
        page.locator("details.req[open]", has=page.locator(".status--ok"))
        .first.get_by_role("link", name=re.compile("^How this was decided"))
        .click()
    )
    await expect(page.get_by_role("heading", name="How it was decided, step by step")).to_be_visible()
    await walk.keep("done")
    await walk.close()


@pytest.mark.parametrize(
    ("lang", "heading"), [("en", "What would change this"), ("es", "Qué cambiaría esto"), ("ar", "ما الذي يغيّر هذا")]
)
async def test_a_volunteer_without_scripts_sees_what_they_can_do_about_a_task(
    served: Served, chromium: Browser, lang: str, heading: str
) -> None:
    walk = await Walk.begin(chromium, served.address, f"change-{lang}", scripts=False)
    page = walk.page
    tasks = page.locator("#g-yours + ul a[href^='/me/task/']")
    await walk.go("/demo")
    somebody = re.findall(r"[\w.]+@oakland\.example", await page.content())
    for email in dict.fromkeys(somebody):
        await walk.enter_as(email)
        await walk.go(f"/me?lang={lang}")
        if await tasks.count():
            break
    await tasks.first.click()
    await expect(page.get_by_role("heading", level=2, name=heading)).to_be_visible()
    await walk.keep("task")
    await walk.close()
