"""Both sides look at what happened to positions, sign a statement and check it; and at a waiver and who relies on it."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from staffing.documents.conformance import faults
from tests.browser.test_pages import _enter_as_role
from tests.browser.walking import Walk
from tests.served import Served

HOME = "/p/union_agreement"
HEAD = "kind,on,until,classification,unit,site,positions,hours_before,hours_after,duties,cause\n"
WRONG = HEAD + "hours_cut,2026-09-14,,Food service worker,classified_77,Nowhere School,1,30,32,food_service,lack_of_funds\n"


async def choose(walk: Walk, text: str) -> None:
    await walk.page.get_by_label("The file, as CSV").set_input_files(
        {"name": "actions.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    await walk.press("Try it first")


@pytest.mark.parametrize("width", [390, 1440])
async def test_both_sides_see_that_nobody_is_displaced_and_sign_it(served: Served, chromium: Browser, width: int) -> None:
    hr = await Walk.begin(chromium, served.address, f"assurance-hr-{width}", width=width)
    await _enter_as_role(hr, "Oakland", "HR clearance")
    await hr.go(f"{HOME}/")
    await hr.follow("Register of positions")
    await choose(hr, WRONG)
    await expect(hr.page.get_by_role("heading", level=1)).to_have_text("1 row is wrong, so nothing is imported")
    await expect(hr.page.get_by_text("There is no site “Nowhere School” here.")).to_be_visible()
    await expect(hr.page.get_by_text("Hours were not cut: 30 before and 32 after.")).to_be_visible()
    await hr.keep("wrong")
    good = WRONG.replace("Nowhere School", "").replace("30,32", f"{width // 10},22")
    await choose(hr, good)
    await expect(hr.page.get_by_role("heading", level=1)).to_have_text("1 row can be imported")
    await hr.keep("tried")
    await hr.press("Import all of it")
    await expect(hr.page.get_by_role("status")).to_contain_text("Imported: 1 new row")
    await hr.follow("Nobody is displaced")
    await expect(hr.page.get_by_role("heading", level=1)).to_contain_text("Nobody is displaced: 0 of")
    zero = hr.page.get_by_role("row", name=re.compile("Office clerk"))
    await expect(zero.get_by_role("cell")).to_have_text(["0"] * 7)
    await hr.keep("zeros")
    await hr.page.get_by_label("Quarter", exact=True).select_option(index=0 if width == 390 else 1)
    await hr.press("Make it")
    await expect(hr.page.get_by_role("heading", level=1)).to_contain_text("version 1")
    statement = hr.page.url
    await hr.press("Sign as chief business official")
    await expect(hr.page.get_by_text("Signed", exact=True).first).to_be_visible()
    await hr.keep("signed")

    union = await Walk.begin(chromium, served.address, f"assurance-union-{width}", width=width)
    await _enter_as_role(union, "Oakland", "Union officer")
    await union.go(f"{HOME}/assurance")
    await expect(union.page.get_by_role("link", name="Import actions")).to_have_count(0)
    await union.keep("zeros")
    await union.go(statement)
    await union.press("Sign as local 77 president")
    await union.keep("signed")
    digest = await union.page.locator(".ag-hash").first.inner_text()
    pdf = await union.page.request.get(f"{statement}/pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert faults(await pdf.body()) == []
    await union.go(f"{HOME}/assurance")
    await union.page.get_by_label("SHA-256 printed on it").fill(digest)
    await union.press("Check it")
    await expect(union.page.get_by_role("alert")).to_contain_text("Nothing in it was changed.")
    await union.keep("checked")
    await union.page.get_by_label("or its file").set_input_files(
        {"name": "statement.pdf", "mimeType": "application/pdf", "buffer": await pdf.body()}
    )
    await union.press("Check it")
    await expect(union.page.get_by_role("alert")).to_contain_text("with the signatures it has today")
    await union.close()
    await hr.close()


@pytest.mark.parametrize("width", [390, 1440])
async def test_both_sides_see_who_relies_on_a_waiver_and_each_records_its_own(
    served: Served, chromium: Browser, width: int
) -> None:
    section = f"Invented Code §{width}"
    hr = await Walk.begin(chromium, served.address, f"relied-hr-{width}", width=width)
    await _enter_as_role(hr, "Oakland", "HR clearance")
    await hr.go("/hr/waivers")
    await hr.page.get_by_label("ections").last.fill(section)
    await hr.page.get_by_label("Granted by").fill("State Board of Education (invented)")
    await hr.page.get_by_label("Last day").fill("2030-06-30")
    await hr.page.get_by_role("button", name="See the effect").last.click()
    await hr.page.get_by_label("Why").fill("Granted in November")
    await hr.page.get_by_role("button", name=re.compile("^Apply from")).click()
    await hr.go(f"{HOME}/waivers")
    await hr.keep("list")
    await hr.follow(section)
    address = hr.page.url
    await hr.page.get_by_label("What it is about").select_option("background_checks")
    await hr.press("Keep it")
    await expect(hr.page.get_by_role("alert")).to_contain_text("nobody may waive this, here or anywhere")
    await hr.keep("never")
    await hr.page.get_by_label("What it is about").select_option("qualifications")
    await hr.page.get_by_label("The law that lets somebody grant it").fill("Cal. Educ. Code §33050")
    await hr.page.get_by_role("combobox", name="The union’s step").select_option("written_consent_required")
    await hr.press("Keep it")
    await expect(hr.page.get_by_text("The written consent of the union is not on record yet.")).to_be_visible()
    await expect(hr.page.get_by_text("An officer of the union records it here.")).to_be_visible()
    await hr.keep("kept")

    union = await Walk.begin(chromium, served.address, f"relied-union-{width}", width=width)
    await _enter_as_role(union, "Oakland", "Union officer")
    await union.go(f"{HOME}/")
    await union.follow("Waivers and who relies on them")
    await union.keep("list")
    await union.go(address)
    await expect(union.page.get_by_role("button", name="Keep it")).to_have_count(0)
    await union.page.locator("summary", has_text="Record it").click()
    await union.page.get_by_label("In words").fill("The executive board consented by letter.")
    await union.press("Record it")
    await expect(union.page.get_by_text("The executive board consented by letter.")).to_be_visible()
    await union.keep("consented")
    await union.close()
    await hr.close()
