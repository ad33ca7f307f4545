"""``staffing db``: what an administrator types."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path

import asyncpg
import pytest

from staffing.store import journal
from staffing.store.engine import tenant_transaction
from staffing.store.server import serve
from tests import factories as make
from tests.conftest import FAST, NewDatabase, short_folder


async def staffing(*words: str | Path, url: str) -> tuple[int, str, str]:
    """Run the command; its exit code, what it said, and what it complained of."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "staffing",
        *words,
        env=os.environ | {"STAFFING_DATABASE_URL": url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await child.communicate()
    return child.returncode, out.decode(), err.decode()


async def test_check_tells_what_is_pending_and_migrate_applies_it(new_database: NewDatabase):
    url = await new_database(migrated=False)
    code, out, err = await staffing("db", "check", url=url)
    assert code == 3
    assert "pending      core core-0001" in out
    assert "Run `staffing db migrate`" in err
    code, out, err = await staffing("db", "migrate", url=url)
    assert (code, err) == (0, "")
    assert "applied  core core-0003" in out
    assert (await staffing("db", "migrate", url=url))[1] == "The database is up to date.\n"
    assert (await staffing("db", "check", url=url))[0] == 0


async def test_verify_journal_names_the_first_entry_that_does_not_hold(tenant, database):
    for number in range(3):
        async with tenant_transaction(tenant):
            await journal.record("person:added", f"person/{number}", actor="hr/- Sam")
    code, out, err = await staffing("db", "verify-journal", url=database)
    assert (code, err) == (0, "")
    assert "alder  3 is the last entry" in out
    owner = await asyncpg.connect(database)
    await owner.execute("ALTER TABLE journal DISABLE TRIGGER USER; UPDATE journal SET actor = 'x' WHERE subject = 'person/1'")
    await owner.close()
    code, _, err = await staffing("db", "verify-journal", url=database)
    assert code == 3
    assert "The journal of alder does not hold from entry 2 on: it was altered after it was written" in err


async def test_a_backup_is_whole_can_be_restored_and_never_overwrites(tenant, database, new_database, tmp_path):
    await make.make_person(given_name="Ada")
    async with tenant_transaction(tenant):
        await journal.record("person:added", "person/1", actor="hr/- Sam")
    file = tmp_path / "backup of today"
    code, out, _ = await staffing("db", "backup", file, url=database)
    assert code == 0
    assert "keep a copy of secrets.json too" in out
    assert file.stat().st_mode & 0o077 == 0
    code, _, err = await staffing("db", "backup", file, url=database)
    assert code == 2
    assert "exists and is kept" in err

    empty = await new_database(migrated=False)
    code, out, err = await staffing("db", "restore", file, url=empty)
    assert (code, err) == (0, "")
    assert out.startswith("Restored ")
    owner = await asyncpg.connect(empty)
    assert await owner.fetchval("SELECT given_name FROM person") == "Ada"
    assert await owner.fetchval("SELECT relforcerowsecurity FROM pg_class WHERE relname = 'person'")
    await owner.close()
    assert (await staffing("db", "verify-journal", url=empty))[0] == 0
    assert (await staffing("db", "check", url=empty))[0] == 0

    code, _, err = await staffing("db", "restore", file, url=database)
    assert (code, err) == (2, err)
    assert "has tables already, and they are kept" in err


async def test_a_backup_is_restored_on_a_server_that_never_saw_a_database_of_ours(tenant, database, tmp_path):
    await make.make_person(given_name="Ada")
    await staffing("db", "backup", tmp_path / "backup", url=database)
    folder = short_folder()
    try:
        with serve(folder / "postgres", settings=FAST) as fresh:
            code, _, err = await staffing("db", "restore", tmp_path / "backup", url=fresh)
            assert (code, err) == (0, "")
            assert (await staffing("db", "check", url=fresh))[0] == 0
    finally:
        shutil.rmtree(folder)


async def test_a_file_that_is_no_backup_changes_nothing(new_database: NewDatabase, tmp_path):
    url = await new_database(migrated=False)
    (tmp_path / "letter").write_text("Dear Sam")
    code, _, err = await staffing("db", "restore", tmp_path / "letter", url=url)
    assert code == 3
    assert "nothing was changed" in err
    code, _, err = await staffing("db", "restore", tmp_path / "no such file", url=url)
    assert code == 2
    assert "There is no backup" in err


@pytest.mark.parametrize("command", ["migrate", "check", "verify-journal"])
async def test_a_wrong_address_is_a_sentence_and_exit_code_3(command):
    code, out, err = await staffing("db", command, url="postgresql://sam:s3cret-word@127.0.0.1:1/x")
    assert (code, out) == (3, "")
    assert "There is no database at postgresql://sam:***@127.0.0.1:1/x (STAFFING_DATABASE_URL)" in err
    assert "Traceback" not in err


async def test_a_backup_of_a_wrong_address_leaves_no_file(tmp_path):
    code, _, err = await staffing("db", "backup", tmp_path / "b", url="postgresql://sam:s3cret-word@127.0.0.1:1/x")
    assert code == 3
    assert "no file was written" in err
    assert "s3cret" not in err
    assert list(tmp_path.iterdir()) == []
