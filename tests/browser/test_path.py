"""The whole path in Chromium: from the public page to a printed badge, its check, and its withdrawal."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from playwright.async_api import Browser, expect

from tests.browser.walking import Walk, codes_in, paper
from tests.served import Served


def _day(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


async def test_a_stranger_signs_up_is_cleared_placed_and_badged_and_the_badge_can_be_checked_and_withdrawn(
    served: Served, chromium: Browser
) -> None:
    name = await _sign_up_and_send_a_paper(served, chromium)
    person = await _review_and_place(served, chromium, name)
    pdf, scanned = await _issue_a_badge(served, chromium, person)
    assert pdf.startswith(b"%PDF-")
    await _check(served, chromium, scanned, "Valid")
    await _withdraw(served, chromium, person)
    await _check(served, chromium, scanned, "Withdrawn")


async def _sign_up_and_send_a_paper(served: Served, chromium: Browser) -> str:
    walk = await Walk.begin(chromium, served.address, "volunteer")
    page = walk.page
    await walk.go("/")
    await walk.keep("find-your-district")
    await walk.follow("Oakland")
    await walk.keep("district")
    await walk.press("Start now")
    await walk.keep("what-you-would-like-to-do")
    await page.get_by_label("Reading tutor").check()
    await walk.press("Continue")
    await walk.press("Continue")
    await expect(page).to_have_title(re.compile("^Error"))
    await walk.keep("name-missing")
    await page.get_by_label("Given name").fill("Amaya")
    await page.get_by_label("Family name").fill("Okonkwo-Lind")
    await page.get_by_label("Name for your badge").fill("Ms. Amaya")
    await walk.keep("name")
    await walk.press("Continue")
    await page.get_by_label("E-mail address").fill("amaya@home.example")
    await page.get_by_label("Phone number").fill("(510) 555-0117")
    await walk.keep("contact")
    await walk.press("Continue")
    await page.get_by_label("Español").check()
    await walk.keep("languages")
    await walk.press("Continue")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Check your answers")
    await walk.keep("check-your-answers")
    await walk.press("Send my sign-up")
    await expect(page).to_have_url(f"{served.address}/me")
    await expect(page.locator(".today")).to_contain_text("Tuberculosis risk assessment")
    await walk.keep("task-list")
    await page.locator(".tl").get_by_role("link", name="Tuberculosis risk assessment").click()
    await expect(page.get_by_text("Cal. Ed. Code §49406(m)")).to_be_visible()
    await walk.keep("task")
    await walk.press("Send a photo or file")
    await walk.keep("send-a-paper")
    await page.locator("input[type=file]").last.set_input_files(
        {"name": "IMG_2041.jpg", "mimeType": "image/jpeg", "buffer": paper("invented")}
    )
    await walk.press("Send")
    await expect(page.locator(".tl li", has_text="Tuberculosis risk assessment")).to_contain_text("Waiting")
    await walk.keep("sent")
    await walk.close()
    return "Amaya Okonkwo-Lind"


async def _review_and_place(served: Served, chromium: Browser, name: str) -> str:
    walk = await Walk.begin(chromium, served.address, "hr", width=1440)
    page = walk.page
    await walk.enter_as("hr@oakland.example")
    await expect(page).to_have_url(re.compile("/hr/queue"))
    await page.get_by_role("link", name=name).click()
    await walk.keep("review-queue")
    await walk.press("Approve")
    await expect(page.locator(".f__e").first).to_be_visible()
    await walk.keep("approve-without-looking")
    await page.get_by_label("Date on it").fill(_day(-3))
    await page.get_by_label("Result").select_option("clear")
    for check in await page.locator("input[name=checks]").all():
        await check.check()
    await walk.press("Approve")
    await expect(page.get_by_role("status").first).to_contain_text("Approved")
    await walk.keep("approved")
    await walk.go(f"/hr/people?q={name.split()[1]}")
    await walk.keep("people")
    await page.get_by_role("link", name=name).click()
    await walk.keep("person-one-left")
    await page.get_by_text("Record something seen elsewhere").click()
    await page.get_by_label("What", exact=True).select_option("sex_offender_registry")
    await page.get_by_label("Date of the result").fill(_day(0))
    await page.get_by_label("Result", exact=True).select_option("clear")
    await page.get_by_label("Where you saw it").fill("Megan’s Law site")
    await walk.press("Record it")
    await expect(page.get_by_role("heading", name=re.compile("^Ready"))).to_be_visible()
    await walk.keep("person-ready")
    person = page.url.split("?")[0]
    await page.get_by_role("link", name="Place", exact=True).click()
    await walk.keep("choices")
    await page.locator(".rowline", has_text="Reading tutor").get_by_role("button").first.click()
    await expect(page.get_by_role("button", name="Issue badge")).to_be_visible()
    await walk.keep("placed")
    await walk.close()
    return person


async def _issue_a_badge(served: Served, chromium: Browser, person: str) -> tuple[bytes, str]:
    walk = await Walk.begin(chromium, served.address, "badge", width=1440)
    page = walk.page
    await walk.enter_as("hr@oakland.example")
    await walk.go(person)
    await walk.press("Issue badge")
    await expect(page.get_by_role("heading", name=re.compile("^Valid through"))).to_be_visible()
    badge = page.url.split("?")[0]
    answer = await page.request.get(f"{badge}/badge.pdf")
    assert answer.headers["content-type"] == "application/pdf", await answer.text()
    pdf = await answer.body()
    await page.reload()
    await walk.keep("credential")
    await walk.close()
    (code,) = codes_in(pdf)
    assert code == code.upper()
    return pdf, code


async def _check(served: Served, chromium: Browser, scanned: str, expected: str) -> None:
    walk = await Walk.begin(chromium, served.address, f"check-{expected.lower()}")
    await walk.go(scanned)
    await expect(walk.page.get_by_role("heading", level=1)).to_have_text(expected)
    await expect(walk.page.get_by_text("Okonkwo")).to_have_count(0)
    await walk.keep("scan")
    await walk.close()


async def _withdraw(served: Served, chromium: Browser, person: str) -> None:
    walk = await Walk.begin(chromium, served.address, "withdraw", width=1440)
    page = walk.page
    await walk.enter_as("hr@oakland.example")
    await walk.go(person)
    await page.locator("main a[href^='/hr/credentials/']").first.click()
    await page.get_by_label("Why").select_option(index=1)
    await walk.press("Withdraw this badge")
    await expect(page.get_by_role("heading", name=re.compile("^Withdrawn"))).to_be_visible()
    await walk.keep("withdrawn")
    await walk.close()
