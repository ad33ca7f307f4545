"""The application over real HTTP messages (httpx's ASGI transport), on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from litestar import Litestar

from staffing.app import create_app
from staffing.settings import Settings
from staffing.store.engine import DB, tenant_transaction
from staffing.store.pool import close_pool
from staffing.store.tables import PluginSwitch
from tests.factories import make_organisation, make_position, make_site, make_tenant
from tests.web.driving import Browser, running, visitor

#: A volunteer who helps a class with a teacher in the room, under Pennsylvania's rules.
TERMS = {
    "engagement": "volunteer",
    "employer": "district",
    "setting": "campus",
    "contact": "routine",
    "supervision": "line_of_sight",
    "supervised_by": "certificated",
    "responsible_for_welfare": True,
    "duties": ["reading_tutoring"],
    "funding": ["local"],
    "hours": {"week": 2},
}


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


@pytest.fixture
async def district(app: Litestar) -> str:
    """The district "maple" in Pennsylvania with our plugins on and two open positions."""
    await make_tenant(
        "maple", name="Maple Ridge Schools", community="Maple Ridge", jurisdiction="us-pa", time_zone="America/New_York"
    )
    organisation = await make_organisation("maple", name="Maple Ridge Schools")
    site = await make_site("maple", organisation=organisation, name="Larch Elementary")
    await make_position("maple", site=site, organisation=organisation, title="Reading tutor", terms=TERMS)
    await make_position("maple", site=site, organisation=organisation, title="Library helper", terms=TERMS)
    async with tenant_transaction("maple"):
        for plugin in ("background_check", "certification"):
            await PluginSwitch.insert(PluginSwitch(plugin=plugin, since=date(2020, 1, 1)))
    return "maple"
