"""``staffing db``: migrate, check and back up the database, and verify its journal."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from staffing.cli.database import address
from staffing.core.errors import Unusable
from staffing.store import journal, migrate, pool
from staffing.store.backup import back_up, restore


@click.group("db")
def db() -> None:
    """Migrate, check and back up the database."""


@db.command("migrate")
def _migrate() -> None:
    """Bring the database up to date: every pending migration, or none of them."""
    with address() as url:
        applied = asyncio.run(migrate.up_to_date(url))
    for name in applied:
        click.echo(f"applied  {name}")
    click.echo(f"{len(applied)} applied. The database is up to date." if applied else "The database is up to date.")


@db.command("check")
def _check() -> None:
    """Say whether the database is up to date and protected; exit code 3 if it is not."""
    with address() as url:
        pending, unprotected = asyncio.run(_state(url))
    for name in pending:
        click.echo(f"pending      {name}")
    for name in unprotected:
        click.echo(f"unprotected  {name}")
    if pending or unprotected:
        raise Unusable(
            f"{len(pending)} migrations are pending and {len(unprotected)} tables are without row-level security. "
            f"Run `staffing db migrate`."
        )
    click.echo("The database is up to date, and every district's rows are under row-level security.")


@db.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def _backup(file: Path) -> None:
    """Write the whole database to FILE, for pg_restore. An existing FILE is kept."""
    with address() as url:
        size = back_up(url, file)
    click.echo(f"Wrote {file} ({size / 1_000_000:.1f} MB). Uploads in it are sealed: keep a copy of secrets.json too, elsewhere.")


@db.command("restore")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def _restore(file: Path) -> None:
    """Read the backup FILE into an empty database, and bring it up to date."""
    with address() as url:
        restore(url, file)
        applied = asyncio.run(migrate.up_to_date(url))
    click.echo(f"Restored {file}; {len(applied)} migrations were applied since it was made.")


@db.command("verify-journal")
@click.option("--tenant", help="One district only.")
def _verify(tenant: str | None) -> None:
    """Recompute the journal's chain; exit code 3 and the first bad entry if it does not hold."""
    with address() as url:
        broken, heads = asyncio.run(_verified(url, tenant))
    if broken:
        raise Unusable(
            f"The journal of {broken.tenant} does not hold from entry {broken.entry} on: {broken.reason}. "
            f"Compare it with a backup, and find out who may write to the database."
        )
    for name, (number, digest) in heads.items():
        click.echo(f"{name}  {number} is the last entry  {digest}")
    click.echo("The journal is whole. Keep these digests elsewhere: they would show that entries were cut off the end.")


async def _state(url: str) -> tuple[list[str], list[str]]:
    await pool.open_pool(url, min_size=1, max_size=2, role=None)
    try:
        return await migrate.pending(), await migrate.unprotected()
    finally:
        await pool.close_pool()


async def _verified(url: str, tenant: str | None) -> tuple[journal.Broken | None, dict[str, tuple[int, str]]]:
    await pool.open_pool(url, min_size=1, max_size=2)
    try:
        heads = await journal.heads()
        return await journal.verify(tenant), {t: h for t, h in heads.items() if tenant in (None, t)}
    finally:
        await pool.close_pool()


commands: list[click.Command] = [db]
