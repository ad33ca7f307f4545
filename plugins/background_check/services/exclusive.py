"""One worker at a time for one thing, without a row kept locked while the network takes its time."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from staffing.api import DB


@contextlib.asynccontextmanager
async def alone(what: str) -> AsyncIterator[bool]:
    """Whether this process has ``what`` to itself for the block. The database frees it by itself if the process dies.

    Not inside a transaction: the lock belongs to a connection of its own.
    """
    async with DB.connection() as connection:
        mine: bool = await connection.fetchval("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", what)
        try:
            yield mine
        finally:
            if mine:
                await connection.execute("SELECT pg_advisory_unlock(hashtextextended($1, 0))", what)
