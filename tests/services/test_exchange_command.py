"""``staffing import ed-fi`` and the decisions of everybody, as real commands on a real database."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.conftest import NewDatabase

FIXTURES = Path(__file__).parents[1] / "fixtures" / "ed-fi"
Run = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture
async def run(new_database: NewDatabase) -> Run:
    """``await run(*arguments)`` gives exit code, output and errors of a command on a database of its own."""
    url = await new_database()

    async def command(*arguments: str) -> tuple[int, str, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            env={**os.environ, "STAFFING_DATABASE_URL": url},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()

    return command


async def test_dry_run_then_commit_then_a_decision_for_everyone(run: Run) -> None:
    code, out, err = await run("-m", "staffing", "import", "ed-fi", str(FIXTURES / "sample"))
    assert (code, err) == (0, "")
    assert "StaffAssociation.xml:3: create person Barry Tanner" in out
    assert "person        68 create" in out
    assert "race (68)" in out
    assert "This was a dry run: nothing was written. Add --commit to write it." in out

    code, out, err = await run("-m", "staffing", "import", "ed-fi", str(FIXTURES / "sample"), "--commit", "--quiet")
    assert (code, err) == (0, "")
    assert "create person" not in out
    assert "Written to grand-bend." in out
    assert "Sign in as hr@grand-bend.example" in out

    code, out, err = await run("-m", "staffing", "import", "ed-fi", str(FIXTURES / "sample"), "--commit", "--quiet")
    assert (code, err) == (0, "")
    assert "Nothing has changed in grand-bend." in out

    code, out, err = await run("-m", "staffing", "decide", "--all")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert len(lines) == 69
    assert all(": hold. No rules for us-tx are loaded" in line for line in lines)

    code, out, err = await run("-m", "staffing", "decide", "--all", "--json")
    assert (code, err) == (0, "")
    assert {line["outcome"] for line in json.loads(out)} == {"hold"}


async def test_a_bad_row_ends_with_code_2_and_says_where_and_what_to_do(run: Run, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FIXTURES / "small", tmp_path / "export"))
    path = folder / "StaffAssociation.xml"
    path.write_text(path.read_text(encoding="utf-8").replace("1980-02-03", "yesterday"), encoding="utf-8")
    code, out, err = await run("-m", "staffing", "import", "ed-fi", str(folder), "--commit")
    assert code == 2
    assert "StaffAssociation.xml:21: error row (BirthDate is 'yesterday', which is no date. Write it as YYYY-MM-DD" in out
    assert "1 row cannot be used. Nothing was written; correct it and run it again." in err
    assert "Traceback" not in err


async def test_a_folder_that_is_not_there_ends_with_code_2_and_a_sentence(run: Run, tmp_path: Path) -> None:
    code, _, err = await run("-m", "staffing", "import", "ed-fi", str(tmp_path / "nowhere"))
    assert code == 2
    assert "There is no folder" in err
    assert "Traceback" not in err


async def test_the_report_can_be_had_as_json(run: Run) -> None:
    code, out, _ = await run("-m", "staffing", "import", "ed-fi", str(FIXTURES / "small"), "--json")
    assert code == 0
    report = json.loads(out)
    assert not report["committed"]
    assert {"where", "what", "action", "why"} == set(report["rows"][0])


async def test_deciding_for_everyone_in_an_empty_database_says_what_to_do(run: Run) -> None:
    code, _, err = await run("-m", "staffing", "decide", "--all")
    assert code == 1
    assert "There is nobody here yet" in err
