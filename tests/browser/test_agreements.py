"""An agreement from the draft to the last signature, by HR and by the president of the union, on a phone and on a desk."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect

from staffing import clock
from tests.browser.test_pages import _enter_as_role
from tests.browser.walking import Walk
from tests.served import Served

HOME = "/p/union_agreement/"
TEXT = """\
id: {code}
title: Millrace reading rooms memorandum (invented)
kind: mou
jurisdiction: OH
units: [teachers]
effective: {{from: {since}, to: {until}}}
after_expiry: sunsets
signatories: [treasurer, association_president]
clauses:
  - id: {code}.1
    type: ratio_cap
    title: Small groups
    roles: [volunteer]
    duties: [reading_room]
    params: {{max_students: 4, per: tutor}}
    text: A volunteer reads with four students at most.
  - id: {code}.2
    type: time_window
    title: Lessons come first
    roles: [volunteer]
    duties: [reading_room]
    params: {{forbidden: [live_core_instruction], max_session: 45}}
    text: Nobody is taken out of a lesson, and a session ends after 45 minutes.
"""


class Sides:
    """HR and the union's president, each in a browser of their own, in front of the same agreement."""

    def __init__(self, hr: Walk, union: Walk) -> None:
        self.hr, self.union, self.address = hr, union, ""

    async def see(self, walk: Walk, state: str) -> None:
        """Open the agreement and find it in this state."""
        await walk.go(self.address)
        await expect(walk.page.locator(".head")).to_contain_text(state)

    async def step(self, walk: Walk, button: str, why: str, state: str) -> None:
        """Take a step with its reason; both sides find the new state."""
        form = walk.page.locator("form", has=walk.page.get_by_role("button", name=button, exact=True))
        await form.get_by_role("textbox").fill(why)
        await walk.press(button)
        await expect(walk.page.locator(".ag-hist li").first).to_contain_text(why)
        for side in (self.hr, self.union):
            await self.see(side, state)

    async def vote(self, walk: Walk, yes: int, no: int) -> None:
        """Record a vote's result."""
        await walk.page.locator("summary", has_text="Record a vote").click()
        await walk.page.get_by_label("For", exact=True).fill(str(yes))
        await walk.page.get_by_label("Against", exact=True).fill(str(no))
        await walk.page.locator("#v-on").fill(clock.today().isoformat())
        await walk.press("Record the vote")
        await expect(walk.page.get_by_text(f"{yes} for, {no} against").first).to_be_visible()

    async def sign(self, walk: Walk, role: str) -> None:
        """Sign in an office."""
        await walk.press(f"Sign as {role}")
        await expect(walk.page.locator(".ag-sign", has_text=role)).to_contain_text("Signed")

    async def read_the_same(self) -> None:
        """Both sides have the same clauses in front of them, word for word."""
        texts = []
        for side in (self.hr, self.union):
            await side.go(self.address)
            texts.append(await side.page.locator(".ag-clause").all_inner_texts())
        assert len(texts[0]) == 2
        assert texts[0] == texts[1]


@pytest.mark.parametrize("width", [390, 1440])
async def test_both_sides_take_an_agreement_from_a_draft_to_the_last_signature(
    served: Served, chromium: Browser, width: int
) -> None:
    code = f"MEA-R{width}"
    since, until = clock.today() + timedelta(days=1), clock.today() + timedelta(days=200)
    text = TEXT.format(code=code, since=since, until=until)
    hr = await Walk.begin(chromium, served.address, f"agreement-hr-{width}", width=width)
    union = await Walk.begin(chromium, served.address, f"agreement-union-{width}", width=width)
    await _enter_as_role(hr, "Dayton", "HR clearance")
    await _enter_as_role(union, "Dayton", "Union officer")
    both = Sides(hr, union)

    await hr.go(HOME)
    await hr.keep("desk")
    await hr.follow("Draft an agreement")
    await hr.page.get_by_label("The agreement, as YAML").fill(text.replace("max_students: 4", "max_students: 0"))
    await hr.press("Check it and keep it")
    await expect(hr.page.get_by_role("alert")).to_contain_text("A ratio of 0 students for an adult lets nobody work")
    await hr.keep("wrong")
    await hr.page.get_by_label("The agreement, as YAML").fill(text)
    await hr.press("Check it and keep it")
    await expect(hr.page.get_by_text("Only the district sees this draft")).to_be_visible()
    both.address = hr.page.url
    await hr.keep("draft")

    await union.go(HOME)
    await expect(union.page.get_by_text(code)).to_have_count(0)
    answer = await union.page.goto(both.address)
    assert answer is not None
    assert answer.status == 404

    await both.step(hr, "Propose it to the other side", "Volunteers will read with our students.", "Proposed")
    await both.read_the_same()
    await union.go(HOME)
    await expect(union.page.locator(".ag-line", has_text=code)).to_contain_text("proposed by the district")
    await union.keep("desk")
    await both.see(union, "Proposed")
    await union.keep("proposed")

    await both.step(union, "Open bargaining", "We will talk about the groups.", "In bargaining")
    await union.follow("Change the text")
    await union.page.get_by_label("The agreement, as YAML").fill(
        text.replace("max_students: 4", "max_students: 3").replace("four students", "three students")
    )
    await union.press("Check it and keep it")
    await expect(union.page.locator(".ag-hist li").first).to_contain_text("Changed the text.")
    await both.read_the_same()
    await expect(hr.page.locator(".ag-clause").first).to_contain_text("At most 3 students for each tutor")
    await hr.keep("bargaining")
    await both.sign(hr, "Treasurer")
    await both.see(union, "In bargaining")
    await both.sign(union, "Association president")
    await both.see(hr, "In bargaining")
    await both.step(hr, "Both have signed: freeze the text", "This is what we agree on.", "Tentative agreement")
    await expect(hr.page.get_by_text("The text is frozen since")).to_be_visible()
    await expect(hr.page.get_by_role("link", name="Change the text")).to_have_count(0)
    await hr.keep("tentative")

    await both.step(union, "Send it to the members", "The members vote next week.", "Union ratification")
    await both.vote(union, 86, 14)
    await both.step(union, "Ratified: send it to the board", "The members said yes.", "Employer ratification")
    await union.keep("ratified")
    await both.vote(hr, 5, 2)
    await both.step(hr, "All have signed: execute it", "The board said yes.", "Signed")
    await hr.keep("executed")
    await union.keep("executed")
    await hr.go(HOME)
    await expect(hr.page.locator("section", has=hr.page.get_by_role("heading", name="In force"))).to_contain_text(code)
    await hr.keep("desk-after")
    await hr.close()
    await union.close()
