"""Sessions and forms: ids of ours only, nothing usable stored, no lock-out, a form sent too late is kept."""

from __future__ import annotations

from pathlib import Path

from litestar import Litestar

from staffing.app import create_app
from staffing.settings import Settings
from staffing.store.engine import DB
from staffing.web import security
from staffing.web.session_store import digest
from tests.factories import make_account, make_person, make_tenant
from tests.web.driving import Browser, running, visitor


async def rows() -> list[tuple[bytes, bytes]]:
    return [tuple(row) for row in await DB.pool.fetch("SELECT digest, data FROM web_session")]


async def volunteer(tenant: str = "alder") -> object:
    await make_tenant(tenant)
    person = await make_person(tenant)
    return await make_account(tenant, role="volunteer", person=person, name="Rosa Example")


async def test_an_id_brought_by_the_visitor_is_not_taken_up(browser: Browser) -> None:
    browser.cookies.set("session", "a" * 64, domain="testserver")
    await browser.sign_in(await volunteer())
    issued = [c.value for c in browser.cookies.jar if c.name == "session" and c.value != "a" * 64]
    assert issued
    assert digest("a" * 64) not in {row[0] for row in await rows()}


async def test_signing_in_gives_a_new_id_and_the_old_one_is_dead(app: Litestar) -> None:
    account = await volunteer()
    async with visitor(app) as client:
        await client.see("/sign-in?lang=es")
        before = client.cookies["session"]
        await client.sign_in(account)
        after = client.cookies["session"]
        assert before != after
        await client.see("/me")
    async with visitor(app) as thief:
        thief.cookies.set("session", before)
        assert (await thief.see("/me", 303)).headers["location"] == "/sign-in?next=%2Fme"


async def test_the_id_itself_is_never_stored(browser: Browser) -> None:
    await browser.sign_in(await volunteer())
    ((kept, data),) = await rows()
    assert kept == digest(browser.cookies["session"])
    assert browser.cookies["session"].encode() not in data


async def test_a_session_that_did_not_change_is_not_written_again(browser: Browser) -> None:
    await browser.sign_in(await volunteer())
    await browser.see("/me")
    before = await DB.pool.fetch("SELECT xmin::text, digest FROM web_session")
    answer = await browser.see("/me")
    assert "set-cookie" not in answer.headers
    assert await DB.pool.fetch("SELECT xmin::text, digest FROM web_session") == before


async def test_signing_out_ends_the_session_in_the_database(browser: Browser) -> None:
    await browser.sign_in(await volunteer())
    stolen = browser.cookies["session"]
    await browser.see("/me")
    await browser.submit("/sign-out", status=303)
    assert digest(stolen) not in {row[0] for row in await rows()}
    await browser.see("/me", 303)


async def test_an_account_switched_off_is_signed_out_at_once(browser: Browser) -> None:
    account = await volunteer()
    await browser.sign_in(account)
    await browser.see("/me")
    await DB.pool.execute("UPDATE account SET active = false WHERE id = $1", account)
    await browser.see("/me", 303)


async def test_a_session_unused_for_too_long_is_over(browser: Browser) -> None:
    await browser.sign_in(await volunteer())
    await DB.pool.execute(
        "UPDATE web_session SET data = replace(convert_from(data, 'utf8'), '\"seen\":', '\"seen\":1,\"was\":')::bytea"
    )
    assert (await browser.see("/me", 303)).headers["location"].startswith("/sign-in")


async def test_signed_in_pages_are_not_kept_by_the_browser(browser: Browser) -> None:
    await browser.sign_in(await volunteer())
    assert (await browser.see("/me")).headers["cache-control"] == "no-store"


async def test_a_role_that_may_not_gets_a_sentence(browser: Browser) -> None:
    await make_tenant("alder")
    await browser.sign_in(await make_account("alder", role="union"))
    assert "needs the role Volunteer" in (await browser.see("/me", 403)).text


async def test_a_changed_secret_locks_nobody_out(browser: Browser) -> None:
    await browser.see("/sign-in")
    old = "0" * 128
    browser.cookies.delete("csrf")
    browser.cookies.set("csrf", old, domain="testserver")
    await browser.see("/sign-in")
    assert security.genuine(browser.token, browser.token) is False
    await browser.submit("/sign-in", {"address": "rosa@example.org"}, status=303)


async def test_a_form_with_a_stale_token_loses_nothing(browser: Browser) -> None:
    await browser.see("/sign-in")
    browser.token = "stale"
    page = await browser.submit("/sign-in", {"address": "rosa@example.org"}, status=403)
    assert "This page was open too long" in page.text
    assert 'name="address" value="rosa@example.org"' in page.text
    await browser.submit("/sign-in", {"address": "rosa@example.org"}, status=303)


async def test_a_form_without_its_cookie_is_not_done(browser: Browser) -> None:
    await browser.see("/sign-in")
    browser.cookies.clear()
    await browser.submit("/sign-in", {"address": "rosa@example.org"}, status=403)


async def test_a_form_from_another_site_is_not_done(browser: Browser) -> None:
    await browser.see("/sign-in")
    answer = await browser.submit("/sign-in", {"address": "a@example.org"}, 403, headers={"Sec-Fetch-Site": "cross-site"})
    assert "from another site" in answer.text
    await browser.submit("/sign-in", {"address": "a@example.org"}, 403, headers={"Origin": "https://evil.example"})
    await browser.submit("/sign-in", {"address": "a@example.org"}, 303, headers={"Origin": "http://testserver"})


async def test_a_page_left_open_overnight_keeps_what_was_filled_in(browser: Browser) -> None:
    account = await volunteer()
    await browser.sign_in(account)
    await browser.see("/me/question/person.born_on")
    await DB.pool.execute(
        "UPDATE web_session SET data = replace(convert_from(data, 'utf8'), '\"seen\":', '\"seen\":1,\"was\":')::bytea"
    )
    form = {"answer-day": "2", "answer-month": "3", "answer-year": "1985"}
    answer = await browser.submit("/me/question/person.born_on", form, status=303)
    assert answer.headers["location"] == "/sign-in"
    assert "what you filled in is kept" in (await browser.see("/sign-in")).text
    await browser.see("/demo")
    answer = await browser.submit("/demo", {"account": str(account)}, status=303)
    kept = await browser.see(answer.headers["location"])
    assert 'action="/me/question/person.born_on"' in kept.text
    assert 'name="answer-year" value="1985"' in kept.text
    await browser.submit("/me/question/person.born_on", form, status=303)


async def test_a_kept_form_is_not_shown_to_somebody_else(browser: Browser) -> None:
    await browser.sign_in(await volunteer())
    await browser.see("/me/question/person.born_on")
    await DB.pool.execute(
        "UPDATE web_session SET data = replace(convert_from(data, 'utf8'), '\"seen\":', '\"seen\":1,\"was\":')::bytea"
    )
    await browser.submit("/me/question/person.born_on", {"answer-year": "1985"}, status=303)
    other = await make_account("alder", role="volunteer", person=await make_person("alder"), name="Somebody Else")
    await browser.see("/demo")
    answer = await browser.submit("/demo", {"account": str(other)}, status=303)
    assert answer.headers["location"] == "/me"


async def test_over_https_the_session_cookie_is_bound_to_this_host(database: str, installation: Path) -> None:
    from staffing.store.pool import close_pool

    await close_pool()
    settings = Settings(data=installation, database_url=database, public_url="https://hub.example.org", demo=True)
    async with running(create_app(settings)) as app, visitor(app) as client:
        answer = await client.see("/?lang=es")
        cookies = answer.headers.get_list("set-cookie")
        assert any(c.startswith("__Host-session=") and "Secure" in c and "HttpOnly" in c for c in cookies)
