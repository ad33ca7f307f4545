"""The whole path in Chromium: from the public page to a printed badge, its check, and its withdrawal."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Browser, expect

from tests.served import Served
from tests.browser.walking import Walk, codes_in, paper


def _day(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def test_a_stranger_signs_up_is_cleared_placed_and_badged_and_the_badge_can_be_checked_and_withdrawn(
    served: Served, chromium: Browser
) -> None:
    name = _sign_up_and_send_a_paper(served, chromium)
    person = _review_and_place(served, chromium, name)
    pdf, scanned = _issue_a_badge(served, chromium, person)
    assert pdf.startswith(b"%PDF-")
    _check(served, chromium, scanned, "Valid")
    _withdraw(served, chromium, person)
    _check(served, chromium, scanned, "Withdrawn")


def _sign_up_and_send_a_paper(served: Served, chromium: Browser) -> str:
    walk = Walk(chromium, served.address, "volunteer")
    page = walk.page
    walk.go("/")
    walk.keep("find-your-district")
    walk.follow("Oakland")
    walk.keep("district")
    walk.press("Start now")
    walk.keep("what-you-would-like-to-do")
    page.get_by_label("Reading tutor").check()
    walk.press("Continue")
    walk.press("Continue")
    expect(page).to_have_title(re.compile("^Error"))
    walk.keep("name-missing")
    page.get_by_label("Given name").fill("Amaya")
    page.get_by_label("Family name").fill("Okonkwo-Lind")
    page.get_by_label("Name for your badge").fill("Ms. Amaya")
    walk.keep("name")
    walk.press("Continue")
    page.get_by_label("E-mail address").fill("amaya@home.example")
    page.get_by_label("Phone number").fill("(510) 555-0117")
    walk.keep("contact")
    walk.press("Continue")
    page.get_by_label("Español").check()
    walk.keep("languages")
    walk.press("Continue")
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your answers")
    walk.keep("check-your-answers")
    walk.press("Send my sign-up")
    expect(page).to_have_url(f"{served.address}/me")
    expect(page.locator(".today")).to_contain_text("Tuberculosis risk assessment")
    walk.keep("task-list")
    page.locator(".tl").get_by_role("link", name="Tuberculosis risk assessment").click()
    expect(page.get_by_text("Cal. Ed. Code §49406(m)")).to_be_visible()
    walk.keep("task")
    walk.press("Send a photo or file")
    walk.keep("send-a-paper")
    page.locator("input[type=file]").last.set_input_files(
        {"name": "IMG_2041.jpg", "mimeType": "image/jpeg", "buffer": paper("invented")}
    )
    walk.press("Send")
    expect(page.locator(".tl li", has_text="Tuberculosis risk assessment")).to_contain_text("Waiting")
    walk.keep("sent")
    walk.close()
    return "Amaya Okonkwo-Lind"


def _review_and_place(served: Served, chromium: Browser, name: str) -> str:
    walk = Walk(chromium, served.address, "hr", width=1440)
    page = walk.page
    walk.enter_as("hr@oakland.example")
    expect(page).to_have_url(re.compile("/hr/queue"))
    page.get_by_role("link", name=name).click()
    walk.keep("review-queue")
    walk.press("Approve")
    expect(page.locator(".f__e").first).to_be_visible()
    walk.keep("approve-without-looking")
    page.get_by_label("Date on it").fill(_day(-3))
    for check in page.locator("input[name=checks]").all():
        check.check()
    walk.press("Approve")
    expect(page.get_by_role("status").first).to_contain_text("Approved")
    walk.keep("approved")
    walk.go(f"/hr/people?q={name.split()[1]}")
    walk.keep("people")
    page.get_by_role("link", name=name).click()
    walk.keep("person-one-left")
    page.get_by_text("Record something seen elsewhere").click()
    page.get_by_label("What", exact=True).select_option("sex_offender_registry")
    page.get_by_label("Date of the result").fill(_day(0))
    page.get_by_label("Result", exact=True).select_option("clear")
    page.get_by_label("Where you saw it").fill("Megan’s Law site")
    walk.press("Record it")
    expect(page.get_by_role("heading", name=re.compile("^Ready"))).to_be_visible()
    walk.keep("person-ready")
    person = page.url.split("?")[0]
    page.get_by_role("link", name="Place", exact=True).click()
    walk.keep("choices")
    page.get_by_role("button", name="Place here as Reading tutor").or_(
        page.locator(".rowline", has_text="Reading tutor").get_by_role("button")
    ).first.click()
    expect(page.get_by_role("button", name="Issue badge")).to_be_visible()
    walk.keep("placed")
    walk.close()
    return person


def _issue_a_badge(served: Served, chromium: Browser, person: str) -> tuple[bytes, str]:
    walk = Walk(chromium, served.address, "badge", width=1440)
    page = walk.page
    walk.enter_as("hr@oakland.example")
    walk.go(person)
    walk.press("Issue badge")
    expect(page.get_by_role("heading", name=re.compile("^Valid through"))).to_be_visible()
    badge = page.url.split("?")[0]
    answer = page.request.get(f"{badge}/badge.pdf")
    assert answer.headers["content-type"] == "application/pdf", answer.text()
    pdf = answer.body()
    page.reload()
    walk.keep("credential")
    walk.close()
    (code,) = codes_in(pdf)
    assert code == code.upper()
    return pdf, code


def _check(served: Served, chromium: Browser, scanned: str, expected: str) -> None:
    walk = Walk(chromium, served.address, f"check-{expected.lower()}")
    walk.go(scanned)
    expect(walk.page.get_by_role("heading", level=1)).to_have_text(expected)
    expect(walk.page.get_by_text("Okonkwo")).to_have_count(0)
    walk.keep("scan")
    walk.close()


def _withdraw(served: Served, chromium: Browser, person: str) -> None:
    walk = Walk(chromium, served.address, "withdraw", width=1440)
    page = walk.page
    walk.enter_as("hr@oakland.example")
    walk.go(person)
    page.locator("main a[href^='/hr/credentials/']").first.click()
    page.get_by_label("Why").select_option(index=1)
    walk.press("Withdraw this badge")
    expect(page.get_by_role("heading", name=re.compile("^Withdrawn"))).to_be_visible()
    walk.keep("withdrawn")
    walk.close()
