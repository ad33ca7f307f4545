"""The worker and the printing of badges, as commands in processes of their own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from uuid import UUID, uuid4

import psutil
import pytest

from staffing.documents import conformance
from staffing.services import badge_numbers, credentials
from staffing.services.actors import Actor
from staffing.settings import REPOSITORY
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Credential
from tests.services.cleared import cleared, make_alder

HR = Actor(tenant="alder", name="Denise Okafor", role="hr", account=uuid4())


async def started(url: str, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "staffing",
        *arguments,
        cwd=REPOSITORY,
        env={**os.environ, "STAFFING_DATABASE_URL": url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def ended(process: asyncio.subprocess.Process) -> tuple[int, str, str]:
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def command(url: str, *arguments: str) -> tuple[int, str, str]:
    return await ended(await started(url, *arguments))


@pytest.fixture
async def credential(database: str) -> UUID:
    await make_alder()
    return await credentials.issue(HR, await cleared(given_name="Thùy Linh", family_name="Đặng"))


async def number_of(credential: UUID) -> str:
    async with tenant_transaction("alder"):
        return (await Credential.select(Credential.number).where(Credential.id == credential).first())["number"]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_the_worker_makes_badges_and_a_signal_ends_it_and_its_helper(
    database: str, credential: UUID, how: signal.Signals
) -> None:
    process = await started(database, "work")
    async with asyncio.timeout(60):
        while await credentials.pdf(HR, credential) is None:  # noqa: ASYNC110  another process makes it
            await asyncio.sleep(0.1)
    family = psutil.Process(process.pid).children(recursive=True)
    assert family
    process.send_signal(how)
    code, _, errors = await ended(process)
    assert (code, errors) == (0, "")
    _, alive = psutil.wait_procs(family, timeout=15)
    assert [each for each in alive if each.status() != psutil.STATUS_ZOMBIE] == []


async def test_badges_are_printed_into_a_folder(database: str, credential: UUID, tmp_path: Path) -> None:
    second = await credentials.issue(HR, await cleared(given_name="Ana"))
    lost = await credentials.issue(HR, await cleared(given_name="Wòdlin"))
    await credentials.withdraw(HR, lost, "lost")
    folder = tmp_path / "badges to print"
    code, out, errors = await command(database, "credentials", "print", "--tenant", "alder", "--all", str(folder))
    assert (code, errors) == (0, "")
    assert out == f"Wrote 2 badges to {folder}.\n"
    assert {file.name for file in folder.iterdir()} == {f"{await number_of(each)}.pdf" for each in (credential, second)}
    assert [conformance.faults(file.read_bytes()) for file in folder.iterdir()] == [[], []]


async def test_one_badge_is_printed_by_its_number_as_somebody_types_it(database: str, credential: UUID, tmp_path: Path) -> None:
    number = await number_of(credential)
    code, _, _ = await command(database, "credentials", "print", "--tenant", "alder", "--number", number.lower(), str(tmp_path))
    assert code == 0
    assert (tmp_path / f"{number}.pdf").read_bytes().startswith(b"%PDF-")


async def test_what_cannot_be_printed_is_a_sentence(database: str, credential: UUID, tmp_path: Path) -> None:
    number = await number_of(credential)
    stranger = badge_numbers.number("alder", 999)
    cases = {
        ("--number", number[:-1] + ("0" if number[-1] != "0" else "1")): "is not a badge number",
        ("--number", stranger): f"There is no badge {stranger} in this district.",
        (): "Say which badges",
        ("--all", "--number", number): "Say which badges",
    }
    for arguments, sentence in cases.items():
        code, _, errors = await command(database, "credentials", "print", "--tenant", "alder", *arguments, str(tmp_path))
        assert code == 2, arguments
        assert sentence in errors
        assert "Traceback" not in errors
    (tmp_path / "file").write_text("")
    code, _, errors = await command(database, "credentials", "print", "--tenant", "alder", "--all", str(tmp_path / "file" / "in"))
    assert code == 3
    assert "cannot be made" in errors
    await credentials.withdraw(HR, credential, "lost")
    code, _, errors = await command(database, "credentials", "print", "--tenant", "alder", "--number", number, str(tmp_path))
    assert code == 2
    assert "was withdrawn" in errors


async def test_a_district_that_does_not_exist_is_said(database: str, tmp_path: Path) -> None:
    code, _, errors = await command(database, "credentials", "print", "--tenant", "nowhere", "--all", str(tmp_path))
    assert code == 2
    assert "There is no district called 'nowhere' here" in errors
