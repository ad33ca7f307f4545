"""What lapses, over HTTP: the page and its windows, the file, the partner's page."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from uuid import UUID

import pytest
from litestar import Litestar

from staffing.core.names import search_name
from staffing.services.actors import Actor
from staffing.web.downloads import cell, csv_text
from tests.factories import make_account, make_evidence, make_organisation, make_person, make_position, make_site
from tests.services.own_rules import BY_TERMS, TODAY, a_year_before, decide, make_own_rules, make_placed, make_taken
from tests.web.driving import Browser, visitor


@pytest.fixture
async def hr(app: Litestar, monkeypatch: pytest.MonkeyPatch) -> Actor:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    return await make_own_rules()


async def lapsing(
    in_days: int, given: str = "Ana", family: str = "Example", organisation: UUID | None = None
) -> tuple[UUID, UUID]:
    """Somebody at a site of their own whose clearance and one session two days later are lost."""
    site = await make_site("alder", name=f"School of {given}")
    position = await make_position("alder", site=site, title="Online reader", terms=BY_TERMS["remote"])
    person = await make_person(
        "alder", given_name=given, family_name=family, search_name=search_name(given, family), organisation=organisation
    )
    _, placement = await make_placed(position, site, person=person)
    day = TODAY + timedelta(days=in_days)
    await make_evidence("alder", person=person, kind="orientation", result=None, issued_on=a_year_before(day))
    await decide(person)
    await make_taken(position, day + timedelta(days=2), (person, placement))
    return person, site


async def test_the_page_counts_names_and_offers_the_cheapest_fix(browser: Browser, hr: Actor) -> None:
    person, _ = await lapsing(10)
    await browser.sign_in(hr.account)

    text = html.unescape((await browser.see("/hr/lapses")).text)

    assert "1 session will be short of a cleared adult" in text
    assert 'href="/hr/lapses?days=7"' in text
    assert '<a href="/hr/lapses?days=30" aria-current="page">' in text
    assert f'href="/hr/people/{person}?placement=' in text
    assert "Ana Example" in text
    assert "Alder policy 5.1" in text
    assert "usually 3 days" in text
    assert "Dec 3, 2026" in text, "the day to start by"
    assert re.search(r'<a href="/hr/lapses" aria-current="page">', text), "in the menu"


@pytest.mark.parametrize(("days", "seen"), [("7", False), ("30", True), ("90", True), ("abc", True), ("31", True), ("", True)])
async def test_the_window_is_chosen_by_plain_links_and_odd_ones_are_the_usual(
    browser: Browser, hr: Actor, days: str, seen: bool
) -> None:
    await lapsing(10)
    await browser.sign_in(hr.account)
    text = (await browser.see(f"/hr/lapses?days={days}")).text
    assert ("Ana Example" in text) is seen
    current = days if days in {"7", "30", "60", "90"} else "30"
    assert f'<a href="/hr/lapses?days={current}" aria-current="page">' in text


async def test_an_empty_window_says_so_and_what_to_do_next(browser: Browser, hr: Actor) -> None:
    await browser.sign_in(hr.account)
    text = (await browser.see("/hr/lapses?days=7")).text
    assert "Nothing lapses in the next 7 days" in text
    assert "Every clearance lasts through December 1, 2026" in text
    assert 'href="/hr/lapses?days=90"' in text
    assert "lapses.csv" not in text


async def test_a_number_leads_to_the_people_behind_it(browser: Browser, hr: Actor) -> None:
    partner = await make_organisation("alder", name="Valley Reads", kind="community_based")
    _, site = await lapsing(10, "Ana", organisation=partner)
    await lapsing(12, "Ben")
    await browser.sign_in(hr.account)
    both = (await browser.see("/hr/lapses")).text
    assert f"/hr/lapses?days=30&amp;site={site}" in both
    assert f"/hr/lapses?days=30&amp;partner={partner}" in both
    listed = "Who lapses, soonest first"
    assert "Ben Example" in both.split(listed)[1]
    assert "Ben Example" not in (await browser.see(f"/hr/lapses?site={site}")).text.split(listed)[1]
    assert "Ben Example" not in (await browser.see(f"/hr/lapses?partner={partner}")).text.split(listed)[1]
    assert "Ana Example" not in (await browser.see("/hr/lapses?partner=none")).text.split(listed)[1]
    assert "Ben Example" in (await browser.see("/hr/lapses?site=nonsense")).text.split(listed)[1]


async def test_the_file_opens_in_a_spreadsheet_and_no_cell_is_a_formula(browser: Browser, hr: Actor) -> None:
    await lapsing(10, "=HYPERLINK(1)", "Example")
    await browser.sign_in(hr.account)

    answer = await browser.see("/hr/lapses.csv?days=30")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="lapses-2026-11-24-30-days.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert row["Person"] == "'=HYPERLINK(1) Example"
    assert row["Last good day"] == "2026-12-03"
    assert (row["Rules"], row["Citations"], row["Usual days"]) == ("Safety talk", "Alder policy 5.1", "3")
    assert row["Sessions without them"] == "1"
    assert "downloaded what lapses" in (await browser.see("/hr/journal")).text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ("O'Neil", "O'Neil"),
        ("a=b", "a=b"),
        (-3, "-3"),
        (None, ""),
        (True, "yes"),
        (TODAY, "2026-11-24"),
    ],
)
def test_only_what_a_spreadsheet_would_run_gets_an_apostrophe(value: object, text: str) -> None:
    assert cell(value) == text
    (row,) = list(csv.reader(io.StringIO(csv_text(["x"], [[value]]).removeprefix("\ufeff"), newline="")))[1:] or [[""]]
    assert (row or [""]) == [text]


async def test_a_partner_sees_its_own_people_without_reasons(app: Litestar, hr: Actor) -> None:
    partner = await make_organisation("alder", name="Valley Reads", kind="community_based")
    await lapsing(10, "Ana", organisation=partner)
    await lapsing(10, "Ben")
    account = await make_account("alder", name="Pat", role="partner", organisation=partner)
    async with visitor(app) as browser:
        await browser.sign_in(account)
        text = (await browser.see("/partner/lapses")).text
        assert "Ana Example" in text
        assert "Dec 3, 2026" in text
        assert "Their move" in text
        assert "Ben Example" not in text
        assert "Alder policy" not in text
        assert "Nothing of yours lapses in the next 7 days" in (await browser.see("/partner/lapses?days=7")).text
        await browser.see("/hr/lapses", 403)
        await browser.see("/hr/lapses.csv", 403)


async def test_other_roles_do_not_get_there(app: Litestar, hr: Actor) -> None:
    async with visitor(app) as union:
        await union.sign_in(await make_account("alder", name="Uma", role="union"))
        for address in ("/hr/lapses", "/hr/lapses.csv", "/partner/lapses"):
            await union.see(address, 403)
    async with visitor(app) as nobody:
        for address in ("/hr/lapses", "/hr/lapses.csv", "/partner/lapses"):
            assert (await nobody.see(address, None)).status_code in {302, 303}
