"""Migrations: every app's, all or nothing, one process at a time."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator

import asyncpg
from piccolo.apps.migrations.commands.base import BaseMigrationManager
from piccolo.apps.migrations.commands.check import CheckMigrationManager
from piccolo.apps.migrations.commands.forwards import run_forwards

from staffing.core.errors import Unusable
from staffing.store.engine import DB
from staffing.store.pool import close_pool, open_pool
from staffing.store.protection import NOT_PROTECTED, UNPROTECTED

#: The advisory lock that says "somebody is migrating this database".
LOCK = 0x57AFF
#: Waiting longer than this for the lock means that another process migrates and is stuck; for a table, that it is in use.
LOCK_TIMEOUT = "60s"
STATEMENT_TIMEOUT = "300s"


async def migrate() -> list[str]:
    """Apply what is pending and give the names of the migrations applied ("core core-0001").

    Needs an engine configured as a login that owns the tables, not as the application's role. Raises ``Unusable``
    naming the migration that failed; then nothing has changed.
    """
    words = io.StringIO()
    try:
        with _piccolo(words):
            async with DB.transaction() as transaction:
                run = transaction.connection.execute
                await run(
                    "SELECT set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true)",
                    LOCK_TIMEOUT,
                    STATEMENT_TIMEOUT,
                )
                await run("SELECT pg_advisory_xact_lock($1)", LOCK)
                await _refuse_newer(transaction.connection)
                before = await _pending()
                if before:
                    result = await run_forwards("all")
                    if not result.success:
                        raise Unusable(f"The database could not be migrated: {result.message}. Nothing was changed.")
                await _protect(transaction.connection)
                return before
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as exc:
        raise Unusable(_sentence(exc, words.getvalue())) from exc


async def up_to_date(url: str) -> list[str]:
    """Migrate the database at an address if it is behind, on connections of the login's own; gives what was applied.

    The engine's pool must be closed. Raises ``Unusable`` for an address that does not work or a migration that fails.
    """
    await open_pool(url, min_size=1, max_size=2, role=None)
    try:
        return await migrate()
    finally:
        await close_pool()


async def pending() -> list[str]:
    """The migrations not yet applied to this database, in order ("core core-0001")."""
    with _piccolo(io.StringIO()):
        async with DB.transaction():
            return await _pending()


async def unprotected() -> list[str]:
    """Tables that have a tenant and no row-level security: none, if all is well."""
    async with DB.connection() as connection:
        rows = await connection.fetch(UNPROTECTED, list(NOT_PROTECTED))
    return [row["name"] for row in rows]


async def _protect(connection: asyncpg.Connection) -> None:
    """Put every table of a tenant under row-level security, so that no plugin can forget to."""
    for row in await connection.fetch(UNPROTECTED, list(NOT_PROTECTED)):
        await connection.execute("SELECT protect_by_tenant($1::text::regclass)", row["name"])


async def _refuse_newer(connection: asyncpg.Connection) -> None:
    """Refuse a database on which migrations ran that this version of the program does not know."""
    if await connection.fetchval("SELECT to_regclass('migration')") is None:
        return
    manager = BaseMigrationManager()
    folders = {config.app_name: config.resolved_migrations_folder_path for config in manager.get_app_configs()}
    known = {(app, name) for app, folder in folders.items() for name in manager.get_migration_modules(folder)}
    ran = {(row["app_name"], row["name"]) for row in await connection.fetch("SELECT app_name, name FROM migration")}
    if newer := sorted(f"{app} {name}" for app, name in ran - known if app in folders):
        raise Unusable(
            f"This database was used by a newer version of staffing: {', '.join(newer)} is not known here. Nothing was changed. "
            f"Install that version again, or restore a backup made before it."
        )


async def _pending() -> list[str]:
    order = BaseMigrationManager().get_sorted_app_names()
    statuses = await CheckMigrationManager("all").get_migration_statuses()
    waiting = {(s.app_name, s.migration_id) for s in statuses if not s.has_ran}
    return [f"{app} {migration}" for app, migration in sorted(waiting, key=lambda pair: (order.index(pair[0]), pair[1]))]


@contextlib.contextmanager
def _piccolo(words: io.StringIO) -> Iterator[None]:
    """Piccolo's settings and words: it prints, finds its configuration by the environment and grows ``sys.path``."""
    os.environ.setdefault("PICCOLO_CONF", "staffing.piccolo_conf")
    path = list(sys.path)
    try:
        with contextlib.redirect_stdout(words):
            yield
    finally:
        sys.path[:] = path


def _sentence(exc: Exception, words: str) -> str:
    where = [line.strip().removeprefix("- ").split(" ")[0] for line in words.splitlines() if line.strip().startswith("- ")]
    name = f" in migration {where[-1]}" if where else ""
    if isinstance(exc, asyncpg.LockNotAvailableError):
        return (
            f"The database could not be migrated{name}: another process holds what it needs and did not let go within "
            f"{LOCK_TIMEOUT}. Stop the other staffing processes and try again. Nothing was changed."
        )
    if isinstance(exc, asyncpg.InsufficientPrivilegeError):
        return (
            f"The database could not be migrated{name}: {exc}. Nothing was changed. The login needs to own the database and be "
            f"allowed to make roles, or an administrator makes the role first: CREATE ROLE staffing_app NOLOGIN; GRANT "
            f"staffing_app TO the login."
        )
    return f"The database could not be migrated{name}: {exc}. Nothing was changed."
