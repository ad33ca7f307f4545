"""The foundation under every page: headers, static files, errors, health, what a plugin's page gets."""

from __future__ import annotations

import re
from pathlib import Path

import asyncpg
import pytest
from litestar import Litestar

from staffing.app import create_app
from staffing.core.errors import Unusable
from staffing.settings import Settings
from staffing.store.engine import DB
from staffing.web import security
from tests.web.driving import Browser, running, visitor


async def test_health_names_the_database_and_every_plugin(browser: Browser) -> None:
    answer = (await browser.see("/health")).json()
    assert answer["status"] == "ok"
    assert answer["database"].startswith("PostgreSQL ")
    assert {"name": "background_check", "version": "0.1.0", "status": "running"} in answer["plugins"]


async def test_health_says_so_when_the_database_does_not_answer(browser: Browser) -> None:
    DB.pool.terminate()
    answer = await browser.see("/health", 503)
    assert answer.json()["status"] == "failing"
    assert answer.json()["plugins"]


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [("GET", "/", 200), ("GET", "/nowhere", 404), ("DELETE", "/", 405), ("GET", "/health", 200), ("GET", "/d/nowhere", 404)],
)
async def test_every_answer_carries_the_security_headers(browser: Browser, method: str, address: str, status: int) -> None:
    answer = await browser.request(method, address)
    assert answer.status_code == status
    assert answer.headers["content-security-policy"] == security.POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"


async def test_an_address_that_is_not_there_gets_a_whole_page_with_a_way_on(browser: Browser) -> None:
    text = (await browser.see("/nowhere", 404)).text
    assert "<h1" in text
    assert 'lang="en"' in text
    assert 'href="/"' in text


async def test_an_error_page_speaks_the_visitors_language(app: Litestar) -> None:
    async with visitor(app, **{"Accept-Language": "es-MX,es;q=0.9"}) as client:
        assert '<html lang="es"' in (await client.see("/nowhere", 404)).text


async def test_a_program_gets_problem_details(browser: Browser) -> None:
    answer = await browser.see("/d/nowhere", 404, headers={"Accept": "application/json"})
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["status"] == 404
    assert "first page" in answer.json()["detail"]


async def test_a_database_that_is_gone_is_told_in_a_sentence(browser: Browser) -> None:
    DB.pool.terminate()
    answer = await browser.see("/", 503)
    assert "The database does not answer" in answer.text
    assert "asyncpg" not in answer.text


async def test_an_unexpected_failure_is_a_page_that_tells_nothing_of_the_inside(browser: Browser) -> None:
    owner = await asyncpg.connect(DB.config["dsn"])
    await owner.execute("ALTER TABLE tenant RENAME COLUMN community TO commune")
    await owner.close()
    answer = await browser.see("/", 500)
    assert "It is our fault" in answer.text
    assert "commune" not in answer.text


def test_a_full_disk_is_told_in_a_sentence(browser: Browser) -> None:
    from litestar import Request

    from staffing.web.errors import error_response

    scope = {"type": "http", "method": "POST", "path": "/x", "query_string": b"", "headers": [(b"accept", b"application/json")]}
    answer = error_response(Request(scope), asyncpg.DiskFullError("could not extend file"))
    assert answer.status_code == 503
    assert b"nothing was saved" in answer.content


async def test_static_files_are_kept_for_a_year_under_their_digest_only(browser: Browser) -> None:
    page = (await browser.see("/")).text
    address = re.search(r'href="(/static/[0-9a-f]{12}/css/tokens\.css)"', page)
    assert address
    kept = await browser.see(address[1])
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert kept.headers["content-type"].startswith("text/css")
    old = await browser.see("/static/000000000000/css/tokens.css")
    assert old.headers["cache-control"] == "no-cache"
    assert old.text == kept.text
    assert "set-cookie" not in kept.headers
    await browser.see("/static/000000000000/../../settings.py", 404)
    await browser.see("/static/000000000000/icons.json", 404)


async def test_every_style_sheet_and_script_of_a_page_exists(browser: Browser) -> None:
    page = (await browser.see("/")).text
    addresses = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
    assert len(addresses) >= 6
    for address in addresses:
        await browser.see(address)


async def test_pages_have_no_inline_script_or_style(browser: Browser, district: str) -> None:
    for address in ("/", f"/d/{district}", f"/d/{district}/join/do", f"/d/{district}/join/contact", "/sign-in", "/demo"):
        text = (await browser.see(address)).text
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]* src=)", text), address


async def test_a_first_visit_gets_no_cookie_and_no_row(browser: Browser) -> None:
    answer = await browser.see("/")
    assert "set-cookie" not in answer.headers
    assert await DB.pool.fetchval("SELECT count(*) FROM web_session") == 0


async def test_without_a_database_address_the_app_says_what_to_do(installation: Path) -> None:
    with pytest.raises(ExceptionGroup) as refused:
        async with running(create_app(Settings(data=installation))):
            pass
    (reason,) = refused.value.exceptions
    assert isinstance(reason, Unusable)
    assert "staffing run" in str(reason)


async def test_a_body_over_the_limit_is_refused_with_a_sentence(browser: Browser) -> None:
    await browser.see("/sign-in")
    answer = await browser.submit("/sign-in", {"address": "x" * 11_000_000}, status=413)
    assert "10 MB" in answer.text


def test_the_web_process_imports_nothing_heavy() -> None:
    import subprocess
    import sys

    program = (
        "import sys, staffing.app; from staffing.settings import load; staffing.app.create_app(load());"
        "print([m for m in ('weasyprint', 'pikepdf', 'PIL', 'pillow_heif') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
