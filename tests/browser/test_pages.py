"""Every other page a person meets, in Chromium at phone and desktop width, kept as a picture."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from tests.browser.walking import Walk
from tests.served import Served

HOMES = {
    "partner": ("Partner organisation", ["/partner"]),
    "coordinator": ("Site coordinator", ["/site"]),
    "union": ("Union officer", ["/labor"]),
    "cabinet": ("Children’s cabinet", ["/cabinet"]),
    "admin": ("District administrator", ["/admin/plugins", "/admin/rules", "/hr/waivers", "/hr/people"]),
    "hr": ("HR clearance", ["/hr/queue", "/hr/people", "/hr/placements", "/hr/credentials", "/hr/journal"]),
}


async def _enter_as_role(walk: Walk, community: str, role: str) -> None:
    await walk.go("/demo")
    words = role.replace("’", ".")
    section = walk.page.locator("section", has=walk.page.get_by_role("heading", name=re.compile(f"^{community}")))
    await section.locator("li", has_text=re.compile(words)).first.get_by_role("button").click()
    await walk.page.wait_for_load_state()


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("role", list(HOMES))
async def test_each_role_has_its_pages(served: Served, chromium: Browser, role: str, width: int) -> None:
    words, pages = HOMES[role]
    walk = await Walk.begin(chromium, served.address, f"role-{role}-{width}", width=width)
    await _enter_as_role(walk, "Oakland", words)
    for path in pages:
        await walk.go(path)
        await walk.keep(path.strip("/").replace("/", "-"))
    await walk.close()


@pytest.mark.parametrize("lang", ["es", "zh-Hans", "ar"])
async def test_the_volunteers_pages_speak_the_persons_language(served: Served, chromium: Browser, lang: str) -> None:
    walk = await Walk.begin(chromium, served.address, f"language-{lang}")
    for path, name in (("/", "find"), ("/d/oakland", "district"), ("/d/oakland/join/do", "do"), ("/sign-in", "sign-in")):
        await walk.go(f"{path}?lang={lang}")
        await walk.keep(name)
        await expect(walk.page.locator("html")).to_have_attribute("lang", lang)
        await expect(walk.page.locator("html")).to_have_attribute("dir", "rtl" if lang == "ar" else "ltr")
    await walk.close()


async def test_a_pennsylvania_volunteer_without_scripts_answers_the_questions_the_rules_ask(
    served: Served, chromium: Browser
) -> None:
    walk = await Walk.begin(chromium, served.address, "pennsylvania", scripts=False)
    page = walk.page
    await walk.go("/d/lehigh-valley/join/do")
    for position in await page.locator("input[name=positions]").all():
        await position.check()
    await walk.press("Continue")
    await page.get_by_label("Given name").fill("Sukarno")
    await walk.press("Continue")
    await page.get_by_label("E-mail address").fill("sukarno@home.example")
    await walk.press("Continue")
    await walk.press("Continue")
    await expect(page).not_to_have_url(re.compile("/(contact|languages)"))
    asked = 0
    while "/about/" in page.url:
        asked += 1
        here = page.url
        await walk.keep(page.url.rsplit("/", 1)[-1].split("?")[0])
        if await page.locator("input[name=answer-day]").count():
            await page.locator("input[name=answer-day]").fill("14")
            await page.locator("select[name=answer-month]").select_option(index=3)
            await page.locator("input[name=answer-year]").fill("1979")
        else:
            await page.locator("input[type=radio]").first.check()
        await walk.press("Continue")
        await expect(page).not_to_have_url(here)
        assert asked < 12, f"{page.url} is asked again and again"
    assert asked, "Pennsylvania asks for the date of birth at least"
    await walk.keep("check")
    await walk.press("Send my sign-up")
    await expect(page).to_have_url(f"{served.address}/me")
    await walk.keep("task-list")
    await walk.close()


async def test_staff_sign_in_with_a_code_from_the_outbox(served: Served, chromium: Browser) -> None:
    walk = await Walk.begin(chromium, served.address, "sign-in")
    page = walk.page
    await walk.go("/sign-in")
    await walk.press("Send me a code")
    await walk.keep("no-address")
    await page.get_by_label("Your e-mail address or phone number").fill("hr@lehigh-valley.example")
    await walk.press("Send me a code")
    await page.get_by_label("Code").fill("000000")
    await walk.press("Sign in")
    await walk.keep("wrong-code")
    reader = await Walk.begin(chromium, served.address, "outbox")
    await reader.go("/outbox")
    await reader.keep("outbox")
    message = await reader.page.locator(".mail", has_text="hr@lehigh-valley.example").first.inner_text()
    await reader.close()
    code = re.search(r"\b\d{6}\b", message)
    assert code
    await page.get_by_label("Code").fill(code[0])
    await walk.press("Sign in")
    await expect(page).to_have_url(re.compile("/hr/queue"))
    await walk.close()


async def test_an_address_that_is_not_there_and_a_code_that_is_no_badge_get_a_whole_page(
    served: Served, chromium: Browser
) -> None:
    walk = await Walk.begin(chromium, served.address, "not-there")
    for path, name in (("/nothing/here", "page"), ("/v/HELLO", "badge"), ("/d/atlantis", "district"), ("/verify", "verify")):
        await walk.go(path)
        await walk.keep(name)
    await walk.close()
