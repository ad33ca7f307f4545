"""Where a clause stands in the way of somebody's work: HR asks for the signature, the president signs, the work goes on."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.browser.test_pages import _enter_as_role
from tests.browser.walking import Walk
from tests.served import Served

HOME = "/p/union_agreement/"
WORK = "Paid math tutor at Kite Field Middle School"


@pytest.mark.parametrize("width", [390, 1440])
async def test_a_clause_is_quoted_where_it_bites_and_a_signature_lets_the_work_go_on_until_it_is_taken_back(
    served: Served, chromium: Browser, width: int
) -> None:
    hr = await Walk.begin(chromium, served.address, f"signature-hr-{width}", width=width)
    union = await Walk.begin(chromium, served.address, f"signature-union-{width}", width=width)
    await _enter_as_role(hr, "Dayton", "HR clearance")
    await _enter_as_role(union, "Dayton", "Union officer")

    await hr.go("/hr/people?find=Deborah")
    await hr.page.locator("main").get_by_role("link", name="Deborah Tolliver").first.click()
    record = hr.page.url
    await expect(hr.page.locator(".verdict")).to_contain_text("Co-signature needed")
    await hr.page.get_by_role("link", name="Ask for the co-signature").click()
    await expect(hr.page.get_by_text("Small groups are taught by the bargaining unit").first).to_be_visible()
    await hr.press("Ask for it")
    await expect(hr.page.get_by_role("alert")).to_contain_text("Say why it is needed")
    await hr.page.get_by_label("Why it is needed").fill("Two groups need a second adult.")
    await hr.press("Ask for it")
    await hr.keep("asked")

    await union.go(f"{HOME}requests")
    request = union.page.locator("article", has_text=WORK)
    await expect(request).to_contain_text("Two groups need a second adult.")
    await expect(union.page.locator("main")).not_to_contain_text("Deborah")
    await union.keep("asked")
    await union.press("Sign as Association president")
    await expect(union.page.get_by_role("heading", level=1)).to_have_text("No signature is asked for")
    await union.keep("signed")

    await hr.go(record.partition("?")[0])
    await expect(hr.page.locator(".verdict")).to_contain_text("Ready")

    await union.go(HOME)
    await union.page.locator("main").get_by_role("link", name="Millrace memorandum").first.click()
    await union.page.get_by_role("link", name="On record").click()
    kept = union.page.locator(".ag-line", has_text="Co-signature, MEA-26.3").filter(has_text="Counts")
    await expect(kept).to_have_count(1)
    await union.keep("on-record")
    await kept.locator("summary").click()
    await kept.get_by_label("Why").fill("The second group was given up.")
    await kept.get_by_role("button").click()
    await expect(kept).to_have_count(0)

    await hr.go(record.partition("?")[0])
    await expect(hr.page.locator(".verdict")).to_contain_text("Co-signature needed")
    assert hr.wrong == union.wrong == []
