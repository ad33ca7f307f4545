"""The database for a command: the one named by ``STAFFING_DATABASE_URL``, else the built-in server, started or borrowed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TypeVar

from staffing import settings
from staffing.store import freshness, pool, server

T = TypeVar("T")


@contextlib.contextmanager
def address() -> Iterator[str]:
    """The database's URL; the built-in server runs while the block does, unless somebody else already runs it."""
    configured = settings.load()
    if configured.database_url:
        yield configured.database_url
    else:
        with server.serve(configured.data / "postgres") as url:
            yield url


@contextlib.asynccontextmanager
async def connected(url: str, *, bring_up_to_date: bool = True) -> AsyncIterator[None]:
    """Open the pool on a database, migrating it first where it is behind."""
    if bring_up_to_date:
        await freshness.bring_up_to_date(url)
    await pool.open_pool(url)
    try:
        yield
    finally:
        await pool.close_pool()


def with_database(use: Callable[[], Awaitable[T]]) -> T:
    """Run something async with the pool open; what command functions call."""

    async def go(url: str) -> T:
        async with connected(url):
            return await use()

    with address() as url:
        return asyncio.run(go(url))
