"""The application over real HTTP messages (httpx's ASGI transport), on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from litestar import Litestar

from staffing.app import create_app
from staffing.settings import Settings
from staffing.store.engine import DB
from staffing.store.pool import close_pool
from tests.web.driving import Browser, running, visitor


@pytest.fixture
async def app(database: str, installation: Path) -> AsyncIterator[Litestar]:
    """The application on the test's own database, as the demonstration. The lifespan opens the pool itself."""
    await close_pool()
    async with running(create_app(Settings(data=installation, database_url=database, demo=True))) as started:
        yield started
    assert DB.pool is None


@pytest.fixture
async def browser(app: Litestar) -> AsyncIterator[Browser]:
    """One visitor."""
    async with visitor(app) as client:
        yield client
