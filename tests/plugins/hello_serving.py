"""Migrates and serves with the plugin installed, in a process of its own: prints what it found as JSON.

Two districts: "alder" switches the plugin on, "birch" does not.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any
from uuid import UUID

import msgspec
from litestar import Litestar

from staffing import clock, settings
from staffing.app import create_app
from staffing.services import readiness, switches
from staffing.services.actors import system
from staffing.store.engine import DB, tenant_transaction
from staffing.store.migrate import migrate, pending, unprotected
from staffing.store.pool import close_pool, open_pool
from tests.factories import make_account, make_person, make_placement, make_position, make_tenant
from tests.web.driving import running, visitor

TERMS = {"engagement": "volunteer", "employer": "district", "setting": "campus", "supervision": "line_of_sight"}


async def tables(url: str) -> dict[str, Any]:
    """The plugin's migration, applied as the owner of the database."""
    await open_pool(url, min_size=1, max_size=2, role=None)
    try:
        found: dict[str, Any] = {"pending": await pending(), "migrated": await migrate(), "left": await pending()}
        found["unprotected"] = await unprotected()
        async with DB.connection() as connection:
            rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'hello'")
        found["tables"] = [row["tablename"] for row in rows]
    finally:
        await close_pool()
    return found


async def pages(app: Litestar, account: UUID | None) -> list[Any]:
    """The plugin's page for somebody: its status, and whether it greets in the words of the district."""
    async with visitor(app) as browser:
        if account:
            await browser.sign_in(account)
        page = await browser.get("/p/hello/")
        return [page.status_code, "Hello, Hana Invented" in page.text and "Welcome to the team!" in page.text]


async def person_page(app: Litestar, account: UUID, person: UUID) -> list[bool]:
    """The staff's page of a person: whether the plugin's panel, its entry of the menu and its step are on it."""
    async with visitor(app) as browser:
        await browser.sign_in(account)
        page = await browser.see(f"/hr/people/{person}")
        step = f'href="/p/hello/?person={person}"'
        return ["Greetings so far: 1" in page.text, 'href="/p/hello/"' in page.text, step in page.text]


async def asked_in_sign_up(app: Litestar, tenant: str, position: UUID) -> list[Any]:
    """The page of the plugin's question in the sign-up form: its status, and whether it asks."""
    async with visitor(app) as browser:
        start = f"/d/{tenant}/join"
        await browser.see(f"{start}/do")
        await browser.submit(f"{start}/do", {"positions": str(position)}, status=303)
        await browser.submit(f"{start}/name", {"given": "Noor", "family": "Invented"}, status=303)
        await browser.submit(f"{start}/contact", {"email": f"noor@{tenant}.example"}, status=303)
        await browser.submit(f"{start}/languages", {"languages": "en"}, status=303)
        page = await browser.get(f"{start}/about/person.said_hello_before")
        return [page.status_code, "Have you done the hello training somewhere else?" in page.text]


async def main() -> None:
    url = os.environ["STAFFING_DATABASE_URL"]
    found = await tables(url)
    await open_pool(url, min_size=1, max_size=2)
    accounts, positions, people = {}, {}, {}
    for tenant, name in (("alder", "Hana Invented"), ("birch", "Bo Invented")):
        await make_tenant(tenant, jurisdiction="us-ca")
        accounts[tenant] = await make_account(tenant, role="hr", name=name)
        positions[tenant] = await make_position(tenant, terms=TERMS)
        people[tenant] = await make_person(tenant)
        await make_placement(tenant, person=people[tenant], position=positions[tenant], terms=TERMS)
    await switches.switch_on(system("alder"), "hello", clock.today(), "us-ca")
    async with tenant_transaction("alder"):
        (known,) = (await readiness.here()).known
        found["known"] = known.context
    async with tenant_transaction("birch"):
        found["known elsewhere"] = len((await readiness.here()).known)
    await close_pool()
    async with running(create_app(settings.load())) as app:
        found["person"] = {t: await person_page(app, accounts[t], people[t]) for t in accounts}
        found["page"] = {tenant: await pages(app, account) for tenant, account in (*accounts.items(), ("nobody", None))}
        found["sign_up"] = {tenant: await asked_in_sign_up(app, tenant, position) for tenant, position in positions.items()}
        async with visitor(app) as browser:
            health = (await browser.get("/health")).json()
        found["health"] = {plugin["name"]: plugin["status"] for plugin in health["plugins"]}
    sys.stdout.write(msgspec.json.encode(found).decode())


if __name__ == "__main__":
    asyncio.run(main())
