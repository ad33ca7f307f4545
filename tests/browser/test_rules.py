"""The administrator looks at the effect of district rules, and HR at that of a waiver, on a phone and on a desk."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.browser.test_pages import _enter_as_role
from tests.browser.walking import Walk
from tests.served import Served
from tests.services.district_rules import ORIENTATION

TEXT = ORIENTATION.replace("us-pa", "us-ca").replace("alder", "oakland").replace("Alder", "Oakland")


@pytest.mark.parametrize("width", [390, 1440])
async def test_the_effect_of_rules_is_shown_before_they_count(served: Served, chromium: Browser, width: int) -> None:
    walk = await Walk.begin(chromium, served.address, f"rules-{width}", width=width)
    await _enter_as_role(walk, "Oakland", "District administrator")
    await walk.go("/admin/rules")
    await walk.page.get_by_label("The pack, as YAML").fill(TEXT.replace("kind: orientation", "kind: orientatoin"))
    await walk.press("Check it and see the effect")
    await expect(walk.page.get_by_role("alert")).to_contain_text("Did you mean 'orientation'?")
    await walk.keep("wrong")
    await walk.page.get_by_label("The pack, as YAML").fill(TEXT)
    await walk.press("Check it and see the effect")
    await expect(walk.page.get_by_role("heading", level=1)).to_contain_text("would no longer be ready")
    await walk.keep("effect")
    await walk.follow("Change nothing")
    await expect(walk.page).to_have_url(f"{served.address}/admin/rules")
    await walk.close()


@pytest.mark.parametrize("width", [390, 1440])
async def test_a_waiver_and_a_plugin_show_their_effect_too(served: Served, chromium: Browser, width: int) -> None:
    walk = await Walk.begin(chromium, served.address, f"waiver-{width}", width=width)
    await _enter_as_role(walk, "Oakland", "District administrator")
    await walk.go("/hr/waivers")
    await walk.press("See the effect")
    await expect(walk.page.get_by_role("alert")).to_contain_text("Name the sections waived")
    await walk.keep("wrong")
    await walk.page.get_by_label("ections").last.fill("Cal. Ed. Code §45330")
    await walk.page.get_by_label("Granted by").fill("State Board of Education")
    await walk.press("See the effect")
    await expect(walk.page.get_by_role("heading", name="Make this change")).to_be_visible()
    await walk.keep("effect")
    await walk.go("/admin/plugins")
    await walk.page.locator("summary", has_text="Switch off").first.click()
    await walk.press("See the effect first")
    await expect(walk.page.get_by_role("heading", name="Make this change")).to_be_visible()
    await walk.keep("plugin")
    await walk.close()
