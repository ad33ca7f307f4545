"""A copy of the whole database in one file, and back again, by PostgreSQL's own pg_dump and pg_restore."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import psycopg

from staffing.core.errors import Conflict, NotFound, Unusable
from staffing.store.pool import ROLE, without_password
from staffing.store.server_place import disk_errors_in_words, installed_programs

_TABLES = "SELECT 1 FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"


def back_up(url: str, file: Path) -> int:
    """Write the database at an address to a file that pg_restore reads, whole or not at all; gives its size in bytes.

    Raises ``Conflict`` if the file exists, ``Unusable`` if the database or the disk does not play along.
    """
    if file.exists():
        raise Conflict(f"{file} exists and is kept. Give the backup another name, or move that file away.")
    half = file.with_name(f".{file.name}.half-made")
    with disk_errors_in_words(file.parent):
        handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            done = subprocess.run(  # noqa: S603
                [installed_programs() / "pg_dump", "--format=custom", "--no-password", url],
                stdout=out,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        if done.returncode:
            words = done.stderr.strip()[-600:]
            raise Unusable(f"{without_password(url)} could not be backed up, and no file was written: {words}")
        with disk_errors_in_words(file.parent):
            half.replace(file)
    finally:
        half.unlink(missing_ok=True)
    return file.stat().st_size


def restore(url: str, file: Path) -> None:
    """Read a backup into the empty database at an address: all of it or nothing.

    Raises ``NotFound`` if there is no such file, ``Conflict`` if the database has tables, ``Unusable`` if it does not play along.
    """
    if not file.is_file():
        raise NotFound(f"There is no backup {file}.")
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            if connection.execute(_TABLES).fetchone():
                raise Conflict(
                    f"The database at {without_password(url)} has tables already, and they are kept. Set STAFFING_DATA to a new "
                    f"folder, or STAFFING_DATABASE_URL to an empty database, and restore there."
                )
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (ROLE,)).fetchone():
                connection.execute(f"CREATE ROLE {ROLE} NOLOGIN")
    except psycopg.Error as exc:
        words = " ".join(str(exc).split())
        raise Unusable(f"The database at {without_password(url)} cannot be restored to: {words}") from exc
    command: list[str | Path] = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-password", "--dbname", url, file]
    done = subprocess.run(  # noqa: S603
        [installed_programs() / "pg_restore", *command], capture_output=True, text=True, check=False
    )
    if done.returncode:
        words = done.stderr.strip()[-600:]
        raise Unusable(f"{file} could not be restored to {without_password(url)}, and nothing was changed: {words}")
