"""Whether a database needs migrating, told in milliseconds: at every start, Piccolo's own answer takes a fifth of a second."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from staffing.store.apps import app_modules
from staffing.store.pool import TIMEOUT
from staffing.store.protection import NOT_PROTECTED, UNPROTECTED

_ID = re.compile(r"""^ID\s*=\s*["'](.+?)["']""", re.MULTILINE)


async def bring_up_to_date(url: str) -> list[str]:
    """Migrate a database if it is behind, and give what was applied. Raises ``Unusable`` as ``migrate.up_to_date`` does."""
    if await is_current(url):
        return []
    from staffing.store import migrate  # imports Piccolo's migration tools, and black with them

    return await migrate.up_to_date(url)


async def is_current(url: str) -> bool:
    """Whether exactly the migrations in our folders and the plugins' have run, and every tenant's table is protected.

    False whenever that is not certain, an address that does not answer included: then ``migrate`` looks properly.
    """
    ids = _ids()
    if not ids:
        return False
    try:
        connection = await asyncpg.connect(url, timeout=TIMEOUT)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError):
        return False
    try:
        if await connection.fetchval("SELECT to_regclass('migration')") is None:
            return False
        ran = {row["name"] for row in await connection.fetch("SELECT name FROM migration")}
        ours = {name.rpartition("-")[0] for name in ids}
        unknown = {name for name in ran - ids if name.rpartition("-")[0] in ours}
        return ids <= ran and not unknown and not await connection.fetch(UNPROTECTED, list(NOT_PROTECTED))
    finally:
        await connection.close()


def _ids() -> set[str]:
    """The id of every migration file, which names its app ("core-0001"); empty where an app keeps them somewhere else."""
    found: set[str] = set()
    for module in app_modules():
        spec = find_spec(module)
        folder = Path(spec.origin).parent / "migrations" if spec and spec.origin else None
        ids = {match[1] for file in folder.glob("*.py") if (match := _ID.search(file.read_text("utf-8")))} if folder else set()
        if not ids:
            return set()
        found |= ids
    return found
