"""The foundation under every page: headers, sessions, forms, errors, static files, health."""

from __future__ import annotations

import httpx
from litestar import Litestar

from staffing.store.engine import DB
from tests.web.driving import Browser, visitor


async def test_health_names_the_database_and_every_plugin(browser: Browser) -> None:
    answer = (await browser.see("/health")).json()
    assert answer["status"] == "ok"
    assert answer["database"].startswith("PostgreSQL ")
    assert {"name": "background_check", "version": "0.1.0", "status": "running"} in answer["plugins"]
