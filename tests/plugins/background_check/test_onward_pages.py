"""The pages after a check: flags, renewals, other districts, and the person's own. And who opens none of them."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from litestar import Litestar

from plugins.background_check.services.flags import raise_flag
from plugins.background_check.tables.continuing import Flag
from plugins.background_check.web import handlers
from staffing.api import calendar, tenant_transaction
from staffing.app import create_app
from staffing.core.names import search_name
from staffing.settings import Settings
from staffing.store.pool import close_pool
from staffing.store.tables import Account, Organisation, Person, Site
from tests.factories import json_text, make_account, make_evidence, make_person, make_placement
from tests.plugins.background_check import checks
from tests.plugins.background_check.onward import (
    TODAY,
    decided,
    held,
    hr,
    make_california,
    make_second_district,
    newcomer,
    outcome,
    placed,
)
from tests.services.cleared import TERMS, make_alder
from tests.web.driving import Browser, running, visitor

HOME = "/p/background_check/"
YESTERDAY = "2026-11-23"


@pytest.fixture
async def app(database: str, installation: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Litestar]:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    await close_pool()
    async with running(create_app(Settings(data=installation, database_url=database, demo=True))) as started:
        yield started


@pytest.fixture
async def browser(app: Litestar) -> AsyncIterator[Browser]:
    async with visitor(app) as client:
        yield client


@pytest.fixture
async def rosa(app: Litestar) -> UUID:
    """Somebody cleared and at work in "alder"."""
    await make_alder()
    return await placed(given_name="Rosa", family_name="Example")


async def sign_in(browser: Browser, role: str = "hr", tenant: str = "alder", **columns: object) -> None:
    await browser.sign_in(await make_account(tenant, role=role, name=f"Sam {role.title()}", **columns))


def plain(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


# --- flags -----------------------------------------------------------------------------------------------------------


async def test_hr_finds_a_person_records_that_word_came_and_ends_it_with_a_reason(browser: Browser, rosa: UUID) -> None:
    await sign_in(browser)
    page = await browser.see(f"{HOME}flags?q=rosa")
    assert f"flags?person={rosa}" in page.text
    page = await browser.see(f"{HOME}flags?person={rosa}")
    sent = await browser.submit(f"{HOME}flags", {"person": rosa, "source": "rap_back.state", "day": YESTERDAY}, status=303)
    page = await browser.see(sent.headers["location"])
    assert "’s work waits until we have looked" in plain(page.text)
    assert await outcome(rosa) == "hold"

    wrong = await browser.submit(sent.headers["location"], {"ended": "nothing_changes", "reason": " "}, status=422)
    assert "Say in a sentence why it ends so." in wrong.text
    assert re.search(r'value="nothing_changes" checked', wrong.text), "what was chosen is not lost"
    await browser.submit(sent.headers["location"], {"ended": "nothing_changes", "reason": "Read; nothing changes."}, status=303)
    assert "No flag waits for us" in (await browser.see(f"{HOME}flags")).text
    assert await outcome(rosa) == "allow"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"source": "", "day": YESTERDAY}, "Choose who sent word"),
        ({"source": "rap_back.state", "day": "yesterday"}, "written year-month-day"),
        ({"source": "rap_back.state", "day": "2027-01-01"}, "in the future"),
        ({"source": "self_notice.", "day": YESTERDAY}, "Choose who sent word"),
    ],
)
async def test_a_flag_that_cannot_be_is_refused_on_the_page(
    browser: Browser, rosa: UUID, typed: dict[str, str], says: str
) -> None:
    await sign_in(browser)
    await browser.see(f"{HOME}flags?person={rosa}")
    page = await browser.submit(f"{HOME}flags", {"person": rosa, **typed}, status=422)
    assert says in plain(page.text)
    async with tenant_transaction("alder"):
        assert not await Flag.exists()


async def test_a_person_id_that_was_changed_is_told_in_a_sentence(browser: Browser, rosa: UUID) -> None:
    await sign_in(browser)
    await browser.see(f"{HOME}flags?person=nobody", status=422)
    await browser.see(f"{HOME}flags?person={uuid4()}", status=404)


async def test_from_a_flag_a_new_check_is_ordered_in_one_step(browser: Browser, rosa: UUID) -> None:
    package = await checks.make_package(await checks.make_account(), consumer_report=True, title="Essential again")
    flag = await raise_flag(hr(), rosa, "rap_back", "provider", date(2026, 11, 23))
    await sign_in(browser)
    assert "Essential again" in (await browser.see(f"{HOME}flags/{flag}")).text
    sent = await browser.submit(
        f"{HOME}flags/{flag}", {"ended": "new_check", "reason": "To be sure.", "package": package}, status=303
    )
    assert re.fullmatch(rf"{HOME}orders/[0-9a-f-]{{36}}", sent.headers["location"])
    assert "The new check is under way" in (await browser.see(f"{HOME}flags")).text
    assert await held(rosa) == "flag"


async def test_an_administrator_reads_flags_and_has_no_form(browser: Browser, rosa: UUID) -> None:
    flag = await raise_flag(hr(), rosa, "rap_back", "state", date(2026, 11, 23))
    await sign_in(browser, "admin")
    for address in ("flags", f"flags/{flag}", "renewals", "sharing"):
        page = await browser.see(HOME + address)
        assert 'action="/p/background_check/' not in page.text
    await browser.submit(f"{HOME}flags/{flag}", {"ended": "nothing_changes", "reason": "So."}, status=403)
    assert await held(rosa) == "flag"


async def test_who_left_in_california_is_a_task_until_hr_says_that_the_state_was_told(app: Litestar, browser: Browser) -> None:
    await make_california()
    person = await make_person("sierra", given_name="Ana", family_name="Gone")
    await make_placement("sierra", person=person, state="ended", ends_on=date(2026, 10, 30))
    await make_evidence("sierra", person=person, kind="state_criminal_history", jurisdiction="us-ca")
    await sign_in(browser, tenant="sierra")
    page = await browser.see(f"{HOME}flags")
    assert "1 person left: the state is to be told" in plain(page.text)
    await browser.submit(f"{HOME}flags/leaving", {"person": person, "notice": "us-ca.no_longer_interested"}, status=303)
    assert "the state is to be told" not in plain((await browser.see(f"{HOME}flags")).text)


# --- renewals --------------------------------------------------------------------------------------------------------


async def test_what_runs_out_is_listed_by_person_and_ordered_with_one_press(browser: Browser, rosa: UUID) -> None:
    package = await checks.make_package(
        await checks.make_account(), consumer_report=True, kinds=json_text(["state_criminal_history", "child_abuse_history"])
    )
    soon = await placed(calendar.add_months(TODAY + timedelta(days=20), -60), given_name="Ana", family_name="Soon")
    await placed(calendar.add_months(TODAY - timedelta(days=3), -60), given_name="Ben", family_name="Over")
    await sign_in(browser)
    page = await browser.see(f"{HOME}renewals")
    text = plain(page.text)
    assert "2 people have a clearance to renew" in text
    assert text.index("Ben Over") < text.index("Ana Soon")
    assert "20 days left" in text and "3 days ago" in text
    assert "Rosa" not in text

    sent = await browser.submit(f"{HOME}renewals", {"person": soon, "rule": "pa.vol.psp", "package": package}, status=303)
    assert "/orders/" in sent.headers["location"]
    again = await browser.submit(f"{HOME}renewals", {"person": soon, "rule": "pa.vol.psp", "package": package}, status=409)
    assert "is still on its way" in plain(again.text)
    nothing = await browser.submit(f"{HOME}renewals", {"person": rosa, "rule": "pa.vol.psp", "package": package}, status=409)
    assert "does not run out any more" in plain(nothing.text)


async def test_an_empty_list_says_so(browser: Browser, rosa: UUID) -> None:
    await sign_in(browser)
    assert "Every clearance lasts" in (await browser.see(f"{HOME}renewals")).text


# --- one's own notice ------------------------------------------------------------------------------------------------


async def test_a_volunteer_tells_a_day_and_sees_that_it_was_received_in_time(browser: Browser, rosa: UUID) -> None:
    await sign_in(browser, "volunteer", person=rosa)
    page = await browser.see(f"{HOME}me/tell")
    text = plain(page.text)
    assert "You have 72 hours" in text and "23 Pa.C.S. §6344.3(g)" in text
    assert "a notice is in time until November 26, 2026 at least" in text
    assert "<textarea" not in page.text and 'type="text"' not in page.text, "nothing but a day is asked for"
    await browser.submit(f"{HOME}me/tell", {"day": YESTERDAY}, status=303)
    text = plain((await browser.see(f"{HOME}me/tell")).text)
    assert "It happened on November 23, 2026" in text and "It came in time." in text
    assert await outcome(rosa) == "hold"


async def test_somebody_cleared_before_there_were_orders_finds_both_pages_on_their_list(
    app: Litestar, browser: Browser, rosa: UUID
) -> None:
    await sign_in(browser, "volunteer", person=rosa)
    page = await browser.see("/me")
    assert f'href="{HOME}me/tell"' in page.text and f'href="{HOME}me/share"' in page.text
    async with visitor(app) as other:
        await sign_in(other, "volunteer", person=await make_person("alder"))
        assert f"{HOME}me/" not in (await other.see("/me")).text


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"day": ""}, "Give the day it happened."),
        ({"day": "2027-01-01"}, "in the future"),
        ({"day": YESTERDAY, "note": "I was arrested for theft."}, "Only the day is taken here"),
        ({"day": YESTERDAY, "note": "219-09-9999"}, "never kept"),
    ],
)
async def test_details_and_impossible_days_are_refused_and_nothing_is_kept(
    browser: Browser, rosa: UUID, typed: dict[str, str], says: str
) -> None:
    await sign_in(browser, "volunteer", person=rosa)
    await browser.see(f"{HOME}me/tell")
    page = await browser.submit(f"{HOME}me/tell", typed, status=422)
    assert says in plain(page.text)
    assert "theft" not in page.text and "219-09" not in page.text
    async with tenant_transaction("alder") as transaction:
        assert not await Flag.exists()
        kept = await transaction.connection.fetchval("SELECT string_agg(facts::text, ' ') FROM journal")
    assert "theft" not in (kept or "") and "219-09" not in (kept or "")


async def test_where_no_law_names_a_time_the_page_claims_none(app: Litestar, browser: Browser) -> None:
    await make_california()
    await sign_in(browser, "volunteer", "sierra", person=await make_person("sierra"))
    text = plain((await browser.see(f"{HOME}me/tell")).text)
    assert "hours" not in text.replace("working hours", "")
    assert "Its own rules say which." in text


# --- showing a clearance to another district -------------------------------------------------------------------------


async def made_code(browser: Browser, person: UUID) -> str:
    await sign_in(browser, "volunteer", person=person)
    page = await browser.see(f"{HOME}me/share")
    items = re.findall(r'name="items" type="checkbox" value="([0-9a-f-]{36})"', page.text)
    page = await browser.submit(f"{HOME}me/share", {"items": items}, status=200)
    assert page.headers["cache-control"] == "no-store"
    found = re.search(r'<p class="on-big"><bdi[^>]*>([^<]+)</bdi>', page.text)
    assert found
    return found[1]


async def test_a_code_is_shown_once_read_in_the_other_district_compared_and_taken_over(
    app: Litestar, browser: Browser, rosa: UUID
) -> None:
    await make_second_district()
    person = await newcomer(
        "birch",
        TERMS,
        given_name="Rosa",
        family_name="Example",
        search_name=search_name("Rosa", "Example"),
        born_on=date(1985, 3, 2),
    )
    for kind in ("affirmation", "tb_screening", "notice_acknowledgement"):
        await make_evidence("birch", person=person, kind=kind, jurisdiction="us-pa", purpose="volunteer")
    await decided(person, "birch")
    code = await made_code(browser, rosa)
    assert code not in (await browser.see(f"{HOME}me/share")).text, "it is shown once"

    async with visitor(app) as away:
        await sign_in(away, tenant="birch")
        await away.see(f"{HOME}sharing")
        page = await away.submit(f"{HOME}sharing", {"code": code}, status=200)
        text = plain(page.text)
        assert page.headers["cache-control"] == "no-store"
        assert "2 clearances of Alder Unified" in text
        assert "As it stands With what is shown" in text
        assert "May not work yet" in text and "May work" in text
        done = await away.submit(f"{HOME}sharing/accept", {"code": code, "person": person}, status=303)
        assert done.headers["location"] == f"/hr/people/{person}"
        assert await outcome(person, "birch") == "allow"
        assert "from Alder Unified" in plain((await away.see(f"{HOME}sharing")).text)

    text = plain((await browser.see(f"{HOME}me/share")).text)
    assert "Birch Area Schools took it over on Nov 24, 2026" in text
    ident = re.search(r"/me/share/([0-9a-f-]{36})/withdraw", (await browser.see(f"{HOME}me/share")).text)
    assert ident
    await browser.submit(f"{HOME}me/share/{ident[1]}/withdraw", status=303)
    assert "Taken back" in plain((await browser.see(f"{HOME}me/share")).text)
    async with visitor(app) as away:
        await sign_in(away, tenant="birch")
        await away.see(f"{HOME}sharing")
        page = await away.submit(f"{HOME}sharing", {"code": code}, status=422)
        assert "Nothing is shown for this code" in plain(page.text)


async def test_what_is_seen_by_a_code_names_nobody_who_is_not_known_already(app: Litestar, browser: Browser, rosa: UUID) -> None:
    await make_second_district()
    code = await made_code(browser, rosa)
    async with visitor(app) as away:
        await sign_in(away, tenant="birch")
        await away.see(f"{HOME}sharing")
        page = await away.submit(f"{HOME}sharing", {"code": code}, status=200)
    assert "Rosa" not in page.text and "1985" not in page.text and "Valley Reads" not in page.text
    assert "Nobody in your district has the name" in plain(page.text)


async def test_somebody_without_a_clearance_has_nothing_to_show(browser: Browser, rosa: UUID) -> None:
    await sign_in(browser, "volunteer", person=await make_person("alder"))
    page = await browser.see(f"{HOME}me/share")
    assert "There is nothing to show yet" in page.text
    page = await browser.submit(f"{HOME}me/share", {}, status=422)
    assert "Choose at least one." in plain(page.text)


@pytest.mark.parametrize("language", ["es", "ar"])
async def test_the_persons_pages_open_in_their_language(browser: Browser, rosa: UUID, language: str) -> None:
    await sign_in(browser, "volunteer", person=rosa)
    for address in ("me/tell", "me/share"):
        page = await browser.see(f"{HOME}{address}?lang={language}")
        assert f'lang="{language}"' in page.text


# --- who opens none of them ------------------------------------------------------------------------------------------

SAMPLE = "11111111-1111-4111-8111-111111111111"


def addresses(method: str) -> list[str]:
    """Every address of the plugin's pages with this method, its own posts from machines left out."""
    found = set()
    for handler in handlers:
        if method in handler.http_methods and not (handler.opt or {}).get("skip_session"):
            for path in handler.paths:
                found.add(HOME + re.sub(r"\{[^}]*:uuid\}", SAMPLE, path).lstrip("/"))
    return sorted(re.sub(r"\{[^}]*:(int|str|path)\}", "1", each) for each in found)


@pytest.mark.parametrize("role", ["partner", "coordinator", "union", "cabinet"])
async def test_no_page_of_checks_opens_for_anybody_but_hr_and_the_person(browser: Browser, rosa: UUID, role: str) -> None:
    async with tenant_transaction("alder"):
        organisation = await Organisation.select(Organisation.id).where(Organisation.name == "Valley Reads").first()
        site = await Site.select(Site.id).first()
    assert organisation and site
    await sign_in(browser, role, organisation=organisation["id"], site=site["id"])
    await browser.see("/privacy")
    gets, posts = addresses("GET"), addresses("POST")
    assert len(gets) > 10 and len(posts) > 10
    for address in gets:
        answer = await browser.get(address)
        assert answer.status_code in {403, 404}, f"{role} opened {address}: {answer.status_code}"
    for address in posts:
        answer = await browser.post(address, data={"_csrf_token": browser.token})
        assert answer.status_code in {403, 404, 405}, f"{role} posted to {address}: {answer.status_code}"


async def test_a_volunteer_opens_their_own_pages_alone(browser: Browser, rosa: UUID) -> None:
    await sign_in(browser, "volunteer", person=rosa)
    for address in addresses("GET"):
        if not address.startswith(f"{HOME}me/"):
            answer = await browser.get(address)
            assert answer.status_code in {403, 404}, f"a volunteer opened {address}: {answer.status_code}"


async def test_nobody_signed_in_opens_nothing(browser: Browser, rosa: UUID) -> None:
    for address in addresses("GET"):
        answer = await browser.get(address)
        assert answer.status_code != 200, f"anybody opened {address}"


async def test_another_districts_hr_opens_no_flag_and_sees_nobody(browser: Browser, rosa: UUID) -> None:
    await make_second_district()
    flag = await raise_flag(hr(), rosa, "rap_back", "state", date(2026, 11, 23))
    await sign_in(browser, tenant="birch")
    await browser.see(f"{HOME}flags/{flag}", status=404)
    await browser.see(f"{HOME}flags?person={rosa}", status=404)
    for address in ("flags", "flags?q=rosa", "renewals", "sharing"):
        assert "Rosa" not in (await browser.see(HOME + address)).text
    await browser.submit(f"{HOME}flags/{flag}", {"ended": "nothing_changes", "reason": "So."}, status=404)
    assert await held(rosa) == "flag"


#: Words that would say something of a check, a flag or what was found.
OF_A_CHECK = re.compile(
    "criminal|fingerprint|abuse|registry|police|arrest|background|flag|rap.?back|record found|checkr|adverse|under review",
    re.IGNORECASE,
)


async def test_a_partners_pages_hold_no_word_of_any_check_only_who_is_cleared_and_until_when(
    browser: Browser, rosa: UUID
) -> None:
    account = await checks.make_account()
    package = await checks.make_package(account)
    await checks.make_order(account, package, person=rosa, status="complete", result="record_found")
    soon = await placed(calendar.add_months(TODAY + timedelta(days=20), -60), given_name="Ana", family_name="Soon")
    await raise_flag(hr(), rosa, "rap_back", "state", date(2026, 11, 23))
    async with tenant_transaction("alder"):
        rows = await Person.select(Person.id, Person.organisation).where(Person.id.is_in([rosa, soon]))
    partner = {row["id"]: row["organisation"] for row in rows}
    for person, name in ((rosa, "Rosa Example"), (soon, "Ana Soon")):
        await sign_in(browser, "partner", organisation=partner[person])
        for address in ("/partner", "/partner/lapses", "/partner/lapses?days=90"):
            text = plain((await browser.see(address)).text)
            assert not OF_A_CHECK.search(text), f"{address}: {OF_A_CHECK.search(text)}"
        assert name in plain((await browser.see("/partner")).text)
    assert "Dec 14, 2026" in plain((await browser.see("/partner")).text), "until when"


async def test_an_account_that_was_switched_off_opens_nothing(browser: Browser, rosa: UUID) -> None:
    account = await make_account("alder", role="hr", name="Sam Gone")
    await browser.sign_in(account)
    await browser.see(f"{HOME}flags")
    async with tenant_transaction("alder"):
        await Account.update({Account.active: False}).where(Account.id == account)
    assert (await browser.get(f"{HOME}flags")).status_code != 200
