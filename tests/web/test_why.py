"""How a requirement was decided, over HTTP: the page staff read, and what would change it in a volunteer's own words."""

from __future__ import annotations

import html
import re
from uuid import UUID

import pytest
from litestar import Litestar

from tests.factories import make_account, make_evidence, make_tenant
from tests.services.cleared import make_alder
from tests.services.district_rules import TODAY, adopt
from tests.services.explained_rules import RULES, placed
from tests.web.driving import Browser, visitor


@pytest.fixture
async def hr(app: Litestar, monkeypatch: pytest.MonkeyPatch) -> UUID:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    await make_alder()
    await adopt(RULES)
    return await make_account("alder", name="Denise Okafor", role="hr")


async def text(browser: Browser, address: str, status: int = 200) -> str:
    """The words of a page, one space between any two."""
    answer = html.unescape((await browser.see(address, status)).text)
    return " ".join(re.sub(r"<[^>]+>", " ", answer).split())


async def test_the_record_links_each_requirement_to_how_it_was_decided(browser: Browser, hr: UUID) -> None:
    who, placement = await placed()
    await browser.sign_in(hr)
    page = (await browser.see(f"/hr/people/{who}")).text
    for rule in ("alder.talk", "alder.driving", "alder.badge", "pa.vol.child_abuse"):
        assert f'href="/hr/people/{who}/why/{rule}?placement={placement}"' in page
    later = (await browser.see(f"/hr/people/{who}?on=2027-08-01")).text
    assert f'href="/hr/people/{who}/why/alder.talk?placement={placement}&amp;on=2027-08-01"' in later


async def test_staff_read_the_answer_the_ways_the_steps_the_numbers_and_the_versions_in_this_order(
    browser: Browser, hr: UUID
) -> None:
    who, placement = await placed()
    await browser.sign_in(hr)
    said = await text(browser, f"/hr/people/{who}/why/alder.talk?placement={placement}")
    order = [
        "What this rule asks for is not in",
        "What would change this",
        "Bring: Orientation, good for 12 months.",
        "By itself the answer can change on Jul 1, 2027",
        "How it was decided, step by step",
        "Is it asked for this work?",
        "yes kind of engagement: Unpaid volunteer",
        "no heard it elsewhere: yes",
        "taken for granted until somebody says otherwise",
        "Is one of these 2 on record?",
        "Nothing of these kinds is held.",
        "May the work begin before it is in?",
        "No waiver names it. Board of Alder Unified may waive it under Alder policy 1.9.",
        "Numbers",
        "since Jul 1, 2020 · Alder policy 6.9",
        "Versions of this rule",
        "Jul 1, 2015 to Jun 30, 2020",
        "No rule. The talk was not asked for before 2020-07-01.",
        "In force Jul 1, 2020 to Jun 30, 2027",
        "Comes next from Jul 1, 2027",
        "good for 24 months",
        "Versions of provisional service",
    ]
    where = [said.find(words) for words in order]
    assert -1 not in where, order[where.index(-1)]
    assert where == sorted(where)


@pytest.mark.parametrize(
    ("rule", "about", "words"),
    [
        ("alder.talk", {"has_talk": True}, "This rule asks nothing of Rosa: an exemption applies"),
        ("alder.driving", {}, "not known drives children: yes not known (ask Rosa)"),
        ("alder.driving", {"drives": False}, "This rule does not apply here"),
        ("alder.adult", {"trips": True}, "Nothing has to change: this rule is content."),
        ("alder.badge", {}, "A person who knows the law has to confirm the source first"),
    ],
)
async def test_each_state_is_explained(browser: Browser, hr: UUID, rule: str, about: dict[str, bool], words: str) -> None:
    who, _ = await placed({name: value for name, value in about.items() if name == "trips"}, facts=about)
    await browser.sign_in(hr)
    assert words in await text(browser, f"/hr/people/{who}/why/{rule}")


async def test_another_day_is_explained_too_and_an_odd_one_is_told(browser: Browser, hr: UUID) -> None:
    who, _ = await placed()
    await make_evidence("alder", person=who, kind="orientation", result=None, issued_on=TODAY)
    await browser.sign_in(hr)
    address = f"/hr/people/{who}/why/alder.talk"
    assert "Rosa has what this rule asks for" in await text(browser, address)
    then = await text(browser, f"{address}?on=2030-01-10")
    assert "Thursday, January 10, 2030" in then
    assert "What is on record has run out" in then
    assert "is not a day" in await text(browser, f"{address}?on=soon")


async def test_what_is_not_there_or_not_ours_answers_404(app: Litestar, browser: Browser, hr: UUID) -> None:
    who, placement = await placed()
    _, other = await placed()
    await browser.sign_in(hr)
    await browser.see(f"/hr/people/{who}/why/alder.nonsense", 404)
    await browser.see(f"/hr/people/{who}/why/ca.vol.tb", 404)
    await browser.see(f"/hr/people/{who}/why/alder.talk?placement={other}", 404)
    await make_tenant("birch", jurisdiction="us-pa")
    async with visitor(app) as elsewhere, visitor(app) as volunteer:
        await elsewhere.sign_in(await make_account("birch", name="Bo Birch", role="hr"))
        await elsewhere.see(f"/hr/people/{who}/why/alder.talk?placement={placement}", 404)
        await volunteer.sign_in(await make_account("alder", name="Rosa", role="volunteer", person=who))
        await volunteer.see(f"/hr/people/{who}/why/alder.talk", 403)


async def test_a_volunteer_reads_what_they_can_do_themselves_and_no_trace(browser: Browser, hr: UUID) -> None:
    who, _ = await placed()
    await browser.sign_in(await make_account("alder", name="Rosa", role="volunteer", person=who))
    said = await text(browser, "/me/task/alder.talk")
    for words in (
        "What would change this Bring one of these: Orientation good for 12 months",
        "All of these together: Signed affirmation Assessment result made on Jan 1, 2026 or later once is enough",
        "Maybe you do not need it. Tell us if this is true for you: You need no talk if you heard it in another district.",
        "Did you hear the talk elsewhere?",
    ):
        assert words in said
    assert "waiver" not in said
    assert "step by step" not in said
    assert 'href="/me/question/person.has_talk"' in (await browser.see("/me/task/alder.talk")).text


async def test_nothing_is_offered_to_a_volunteer_where_the_district_acts_or_all_is_done(browser: Browser, hr: UUID) -> None:
    who, _ = await placed({"trips": True}, born_on=TODAY.replace(year=2010))
    await make_evidence("alder", person=who, kind="orientation", result=None, issued_on=TODAY)
    await browser.sign_in(await make_account("alder", name="Rosa", role="volunteer", person=who))
    for rule in ("alder.adult", "alder.talk"):
        assert "What would change this" not in await text(browser, f"/me/task/{rule}")


@pytest.mark.parametrize(
    ("lang", "heading", "lasting"),
    [
        ("es", "Qué cambiaría esto", "sirve durante 12 meses"),
        ("zh-Hans", "怎样可以改变这一点", "有效期 12 个月"),
        ("ar", "ما الذي يغيّر هذا", "صالح لمدة 12 شهرًا"),
    ],
)
async def test_volunteers_read_it_in_their_language_and_english_sentences_are_marked(
    browser: Browser, hr: UUID, lang: str, heading: str, lasting: str
) -> None:
    who, _ = await placed(language=lang)
    await browser.sign_in(await make_account("alder", name="Rosa", role="volunteer", person=who))
    page = html.unescape((await browser.see("/me/task/alder.talk")).text)
    assert heading in page
    assert lasting in page
    assert '<span lang="en" dir="ltr">You need no talk if you heard it in another district.</span>' in page
