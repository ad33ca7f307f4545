"""Signing up, from the district's page to the list: nothing typed is lost, nobody is made twice."""

from __future__ import annotations

import asyncio
import re

from litestar import Litestar

from staffing.store.engine import DB, tenant_transaction
from staffing.store.tables import Account, Journal, Message, Person, Placement
from tests.web.driving import Browser, visitor

NAME = {"given": "Đặng", "family": "Thùy Linh", "badge": "Ms. Linh"}


async def choose(browser: Browser, district: str, many: int = 1) -> None:
    page = await browser.see(f"/d/{district}/join/do")
    ids = re.findall(r'name="positions" type="checkbox" value="([^"]+)"', page.text)
    await browser.submit(f"/d/{district}/join/do", {"positions": ids[:many]}, status=303)


async def fill(browser: Browser, district: str, *, email: str = "linh@example.org", answers: bool = True) -> None:
    """Everything up to the check page."""
    await choose(browser, district)
    join = f"/d/{district}/join"
    await browser.see(f"{join}/name")
    await browser.submit(f"{join}/name", NAME, status=303)
    await browser.submit(f"{join}/contact", {"email": email, "phone": "610 555 0142", "texts": "yes"}, status=303)
    answer = await browser.submit(f"{join}/languages", {"languages": ["vi", "en"], "other": "Hmong"}, status=303)
    for _ in range(12):
        address = answer.headers["location"]
        if address.endswith("/check"):
            break
        page = await browser.see(address, None)
        if page.status_code == 303:
            answer = page
            continue
        answer = await browser.submit(address, _answer(page.text) if answers else {"unknown": "yes"}, status=303)
    await browser.see(f"{join}/check")


def _answer(text: str) -> dict[str, str]:
    if "answer-year" in text:
        return {"answer-day": "2", "answer-month": "3", "answer-year": "1985"}
    found = re.search(r'name="answer" type="radio" value="([^"]+)"', text)
    return {"answer": found[1] if found else "4"}


async def test_the_first_page_finds_a_district_by_part_of_its_name(browser: Browser, district: str) -> None:
    assert f"/d/{district}" in (await browser.see("/")).text
    assert f"/d/{district}" in (await browser.see("/?q=maple ridge")).text
    nothing = (await browser.see("/?q=zzz")).text
    assert f"/d/{district}" not in nothing
    assert "No place found" in nothing


async def test_the_start_page_says_what_each_position_asks(browser: Browser, district: str) -> None:
    text = (await browser.see(f"/d/{district}")).text
    assert "Reading tutor" in text
    assert "What it asks" in text
    assert "Child abuse history" in text


async def test_the_whole_path_makes_a_person_a_sign_in_wishes_and_a_decision(browser: Browser, district: str) -> None:
    await fill(browser, district)
    answer = await browser.submit(f"/d/{district}/join/check", status=303)
    assert answer.headers["location"] == "/me"
    page = (await browser.see("/me")).text
    assert "Your list, Ms. Linh" in page
    assert "Thank you. We have your sign-up" in page
    assert "Thank you" not in (await browser.see("/me")).text
    async with tenant_transaction(district):
        (person,) = await Person.select().output(load_json=True)
        (placement,) = await Placement.select()
        actions = [row["action"] for row in await Journal.select(Journal.action).order_by(Journal.id)]
        assert await DB.pool.fetchval("SELECT count(*) FROM decision") == 0  # not ours to see without the tenant
    assert (person["given_name"], person["family_name"], person["phone"]) == ("Đặng", "Thùy Linh", "+16105550142")
    assert person["search_name"] == "dang thuy linh ms"
    assert person["languages"] == ["vi", "en", "hmn"]
    (consent,) = person["consents"]
    assert consent["what"] == "texts"
    assert "STOP" in consent["wording"]
    assert consent["language"] == "en"
    assert placement["state"] == "wished"
    assert actions[-1] == "person:registered"
    assert "decision:taken" in actions
    (message,) = await Message.select()
    assert message["recipient"] == "linh@example.org"


async def test_sent_twice_at_once_it_makes_one_person(browser: Browser, district: str) -> None:
    await fill(browser, district)
    data = {"_csrf_token": browser.token}
    both = await asyncio.gather(*(browser.post(f"/d/{district}/join/check", data=data) for _ in range(3)))
    assert {answer.status_code for answer in both} == {303}
    async with tenant_transaction(district):
        assert await Person.count() == 1
        assert await Placement.count() == 1
    assert await Account.count() == 1
    assert await Message.count() == 1


async def test_sent_again_later_it_leads_to_the_list(browser: Browser, district: str) -> None:
    await fill(browser, district)
    await browser.submit(f"/d/{district}/join/check", status=303)
    await browser.see("/me")
    assert (await browser.submit(f"/d/{district}/join/check", status=303)).headers["location"] == "/me"
    async with tenant_transaction(district):
        assert await Person.count() == 1


async def test_all_that_is_wrong_is_said_at_once_and_what_was_typed_is_still_there(browser: Browser, district: str) -> None:
    await choose(browser, district)
    await browser.see(f"/d/{district}/join/contact")
    page = await browser.submit(f"/d/{district}/join/contact", {"email": "nope", "phone": "12"}, status=422)
    assert "<title>Error: How can we reach you?" in page.text
    assert page.text.count("Check the e-mail address.") == 2
    assert page.text.count("Check the phone number.") == 2
    assert 'href="#email"' in page.text
    assert 'value="nope"' in page.text
    assert 'value="12"' in page.text


async def test_one_name_alone_is_a_name(browser: Browser, district: str) -> None:
    await choose(browser, district)
    await browser.see(f"/d/{district}/join/name")
    await browser.submit(f"/d/{district}/join/name", {"family": "Suharto"}, status=303)
    await browser.see(f"/d/{district}/join/name")
    await browser.submit(f"/d/{district}/join/name", {"given": "", "family": ""}, status=422)


async def test_a_name_in_any_script_is_kept_as_it_is_written(browser: Browser, district: str) -> None:
    await choose(browser, district)
    await browser.see(f"/d/{district}/join/name")
    await browser.submit(f"/d/{district}/join/name", {"given": "نور الهدى", "family": "الخطيب"}, status=303)
    assert 'value="نور الهدى"' in (await browser.see(f"/d/{district}/join/name")).text


async def test_a_draft_survives_the_browser_being_closed_for_days(app: Litestar, district: str) -> None:
    async with visitor(app) as first:
        await choose(first, district)
        await first.see(f"/d/{district}/join/name")
        await first.submit(f"/d/{district}/join/name", NAME, status=303)
        cookie = first.cookies["session"]
    async with visitor(app) as later:
        later.cookies.set("session", cookie)
        assert "Go on with your sign-up" in (await later.see(f"/d/{district}")).text
        answer = await later.see(f"/d/{district}/join", 303)
        assert answer.headers["location"] == f"/d/{district}/join/contact"


async def test_a_page_cannot_be_skipped(browser: Browser, district: str) -> None:
    assert (await browser.see(f"/d/{district}/join/check", 303)).headers["location"].endswith("/join/do")
    await choose(browser, district)
    assert (await browser.see(f"/d/{district}/join/about", 303)).headers["location"].endswith("/join/name")


async def test_only_questions_that_rules_need_are_asked_and_i_do_not_know_is_an_answer(browser: Browser, district: str) -> None:
    await fill(browser, district, answers=False)
    page = await browser.see(f"/d/{district}/join/check")
    assert "I do not know" in page.text
    await browser.submit(f"/d/{district}/join/check", status=303)
    assert "One question to answer" in (await browser.see("/me")).text


async def test_a_day_that_does_not_exist_is_refused_with_what_to_do(browser: Browser, district: str) -> None:
    await fill(browser, district)
    (address,) = re.findall(
        rf'"(/d/{district}/join/about/person\.resident_since)\?change=1"', (await browser.see(f"/d/{district}/join/check")).text
    )
    await browser.see(address)
    page = await browser.submit(address, {"answer-day": "31", "answer-month": "2", "answer-year": "2001"}, status=422)
    assert "There is no such day" in page.text
    assert 'value="31"' in page.text
    page = await browser.submit(address, {"answer-day": "1", "answer-month": "1", "answer-year": "2090"}, status=422)
    assert "a day in the past" in page.text


async def test_an_e_mail_address_in_use_is_not_taken_again(app: Litestar, district: str) -> None:
    async with visitor(app) as one:
        await fill(one, district, email="same@example.org")
        await one.submit(f"/d/{district}/join/check", status=303)
    async with visitor(app) as two:
        await choose(two, district)
        await two.see(f"/d/{district}/join/contact")
        page = await two.submit(f"/d/{district}/join/contact", {"email": "Same@example.org"}, status=422)
        assert "Sign in with it" in page.text


async def test_an_unticked_box_is_no_consent(browser: Browser, district: str) -> None:
    await choose(browser, district)
    page = await browser.see(f"/d/{district}/join/contact")
    assert re.search(r'id="texts"[^>]*value="yes" >', page.text)


async def test_what_the_signed_in_person_may_not_see_is_not_there(app: Litestar, district: str) -> None:
    async with visitor(app) as stranger:
        await stranger.see("/me", 303)
        await stranger.see("/me/task/anything", 303)
