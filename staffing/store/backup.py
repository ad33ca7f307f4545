"""A copy of the whole database in one file, by PostgreSQL's own pg_dump."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from staffing.core.errors import Conflict, Unusable
from staffing.store.pool import without_password
from staffing.store.server_place import disk_errors_in_words, installed_programs


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
