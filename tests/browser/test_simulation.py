"""A proposal is tried out by one side and read by both: with scripts and without, on a phone and on a desk."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.test_pages import _enter_as_role
from tests.browser.walking import Walk
from tests.served import Served

HOME = "/p/union_agreement/"
PROPOSAL = "Millrace learning hub side letter"
#: Milliseconds for a worker on a busy machine.
PATIENT = 60_000


async def numbers(page: Page) -> list[str]:
    """What a run found, as both sides read it."""
    await expect(page.locator(".sm-tiles")).to_be_visible()
    return [*await page.locator(".sm-tile").all_inner_texts(), *await page.locator(".sm-tbl").first.all_inner_texts()]


@pytest.mark.parametrize(("width", "scripts"), [(390, False), (1440, True)])
async def test_a_proposal_is_tried_by_the_union_and_both_sides_read_the_same(
    served: Served, chromium: Browser, width: int, scripts: bool
) -> None:
    union = await Walk.begin(chromium, served.address, f"trial-union-{width}", width=width, scripts=scripts)
    hr = await Walk.begin(chromium, served.address, f"trial-hr-{width}", width=width)
    await _enter_as_role(union, "Dayton", "Union officer")
    await _enter_as_role(hr, "Dayton", "HR clearance")

    await union.go(HOME)
    await union.follow(PROPOSAL)
    panel = union.page.locator("section", has=union.page.get_by_role("heading", name="Try it out"))
    await expect(panel).to_contain_text("Both sides see every trial of what was proposed.")
    await panel.get_by_role("button").click()
    await union.page.wait_for_url("**/simulations/*")
    # the page loads itself again until the worker is done, without a script
    await expect(union.page.get_by_role("heading", level=1)).to_contain_text("would", timeout=PATIENT)
    await expect(union.page.locator("meta[http-equiv=refresh]")).to_have_count(0)
    await expect(union.page.get_by_text("this product keeps no such facts about anybody")).to_be_visible()
    if scripts:
        await union.keep("found")
    address = union.page.url

    await hr.go(HOME)
    await hr.follow(PROPOSAL)
    await hr.follow("The last trial")
    assert hr.page.url == address
    await hr.keep("found")
    assert await numbers(hr.page) == await numbers(union.page)
    await expect(hr.page.locator(".head")).to_contain_text("for the union")
    await hr.press("Try it again")
    await expect(hr.page.get_by_role("status")).to_contain_text("The last run still holds")
    assert hr.page.url == address
    await hr.close()
    await union.close()


async def test_a_trial_of_a_draft_is_not_there_for_the_other_side(served: Served, chromium: Browser) -> None:
    hr = await Walk.begin(chromium, served.address, "trial-draft", width=1440)
    union = await Walk.begin(chromium, served.address, "trial-draft-union", width=1440)
    await _enter_as_role(hr, "Dayton", "HR clearance")
    await _enter_as_role(union, "Dayton", "Union officer")
    await hr.go(f"{HOME}new")
    text = (
        "id: MEA-TRIAL\ntitle: Millrace substitutes memorandum (invented)\nkind: mou\njurisdiction: OH\nunits: [teachers]\n"
        "effective: {from: 2027-01-04, to: 2027-06-04}\nsignatories: [treasurer, association_president]\nclauses:\n"
        "  - {id: MEA-TRIAL.1, type: ratio_cap, roles: [substitute], params: {max_students: 12, per: adult}}\n"
    )
    await hr.page.get_by_label("The agreement, as YAML").fill(text)
    await hr.press("Check it and keep it")
    await hr.press("Try it out")
    await expect(hr.page.get_by_role("heading", level=1)).to_contain_text("would", timeout=PATIENT)
    await expect(hr.page.locator(".head")).to_contain_text("Only the district sees it, for this is a draft.")
    answer = await union.page.goto(hr.page.url)
    assert answer is not None
    assert answer.status == 404
    await hr.close()
    await union.close()
