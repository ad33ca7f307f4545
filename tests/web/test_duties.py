"""What a person can do, over HTTP: the page staff see and the volunteer's own."""

from __future__ import annotations

import html
from uuid import UUID

import pytest
from litestar import Litestar

from staffing.services.actors import Actor
from tests.factories import make_account, make_evidence, make_organisation, make_person, make_position, make_site, make_tenant
from tests.services.own_rules import BY_TERMS, TODAY, decide, make_own_rules, make_placed
from tests.web.driving import Browser, visitor


@pytest.fixture
async def hr(app: Litestar, monkeypatch: pytest.MonkeyPatch) -> Actor:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    return await make_own_rules()


async def make_work(**columns: object) -> tuple[UUID, UUID]:
    """Somebody placed as an online reader, cleared; a helper's place and a mentor's are not open to them yet."""
    organisation = await make_organisation("alder", name="Alder Unified")
    school = await make_site("alder", organisation=organisation, name="Marigold Elementary")
    hub = await make_site("alder", organisation=organisation, name="River Hub", setting="off_campus")
    values = {"organisation": organisation, "site": school}
    reader = await make_position("alder", title="Online reader", terms=BY_TERMS["remote"], **values)
    await make_position("alder", title="Helper", terms=BY_TERMS["campus"], **values)
    await make_position("alder", title="Mentor", terms=BY_TERMS["away"], organisation=organisation, site=hub)
    person = await make_person("alder", given_name="Rosa", called="Rosa", **columns)
    await make_placed(reader, school, person=person)
    await make_evidence("alder", person=person, kind="orientation", result=None, issued_on=TODAY)
    await decide(person)
    return person, hub


async def test_staff_see_every_position_by_site_and_the_way_there(browser: Browser, hr: Actor) -> None:
    person, hub = await make_work()
    await browser.sign_in(hr.account)
    assert f'href="/hr/people/{person}/duties"' in (await browser.see(f"/hr/people/{person}")).text

    text = html.unescape((await browser.see(f"/hr/people/{person}/duties")).text)

    assert "1 of 3 positions open to Rosa now" in text
    assert "The nearest of the others is <b>Helper</b> at Marigold Elementary: about 12 days, $40." in text
    assert text.index("Marigold Elementary</h2>") < text.index("River Hub</h2>")
    assert "Take the course and send us the card." in text
    assert "usually 12 days" in text
    assert "Alder policy 5.2" in text
    assert "days not known" in text, "of the reference nobody has said how long it takes"
    assert f'value="{hub}"' in text


async def test_staff_look_at_one_site_or_another_day_and_odd_ones_are_told(browser: Browser, hr: Actor) -> None:
    person, hub = await make_work()
    await browser.sign_in(hr.account)
    address = f"/hr/people/{person}/duties"
    assert "Marigold Elementary</h2>" not in (await browser.see(f"{address}?site={hub}")).text
    assert "0 of 3 positions open to Rosa then" in (await browser.see(f"{address}?on=2028-01-10")).text
    assert "is not a day" in html.unescape((await browser.see(f"{address}?on=soon")).text)
    assert "There is no such site" in (await browser.see(f"{address}?site=nonsense")).text
    await browser.see(f"{address}?site={person}", 404)


async def test_another_districts_person_is_not_found_and_a_volunteer_may_not_look(app: Litestar, hr: Actor) -> None:
    person, _ = await make_work()
    await make_tenant("birch", jurisdiction="us-pa")
    async with visitor(app) as elsewhere, visitor(app) as volunteer:
        await elsewhere.sign_in(await make_account("birch", name="Bo Birch", role="hr"))
        await elsewhere.see(f"/hr/people/{person}/duties", 404)
        await volunteer.sign_in(await make_account("alder", name="Rosa", role="volunteer", person=person))
        await volunteer.see(f"/hr/people/{person}/duties", 403)


async def test_volunteers_see_what_else_they_could_do_in_plain_words(browser: Browser, hr: Actor) -> None:
    person, _ = await make_work()
    await browser.sign_in(await make_account("alder", name="Rosa", role="volunteer", person=person))

    mine = html.unescape((await browser.see("/me")).text)
    assert "Other work you could do" in mine
    assert "Not yet: 1 step is missing · about 12 days · $40" in mine
    assert "Not yet: 1 step is missing · we do not know how long it takes or what it costs" in mine
    assert 'href="/me/work"' in mine

    text = html.unescape((await browser.see("/me/work")).text)
    assert "You may do 1 piece of work today." in text
    assert "your work" in text
    assert "Take the course and send us the card." in text
    assert "Alder policy 5.3" in text
    assert "We do not know." in text
    assert "Good until Nov 24, 2027" in text


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "Todavía no: falta 1 paso · alrededor de 12 días · $40"),
        ("zh-Hans", "还不行：还差 1 步"),
        ("ar", "ليس بعد: بقيت خطوة واحدة"),
    ],
)
async def test_volunteers_read_it_in_their_language(browser: Browser, hr: Actor, lang: str, words: str) -> None:
    person, _ = await make_work(language=lang)
    await browser.sign_in(await make_account("alder", name="Rosa", role="volunteer", person=person))
    for address in ("/me", "/me/work"):
        text = html.unescape((await browser.see(address)).text)
        assert f'<html lang="{lang}"' in text
        assert words in text


async def test_a_district_without_open_work_says_so(browser: Browser, hr: Actor) -> None:
    person = await make_person("alder")
    await browser.sign_in(await make_account("alder", name="Rosa", role="volunteer", person=person))
    assert "There is no open work now." in (await browser.see("/me/work")).text
    assert "/me/work" not in (await browser.see("/me")).text
