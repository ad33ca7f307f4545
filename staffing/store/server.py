"""The built-in PostgreSQL: the wheel's programs, run as a child of this process that never outlives it.

``serve`` is all others need. One process starts the server; others on the same data folder borrow it by its address.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from staffing.core.errors import Unusable
from staffing.store.server_place import (
    MAJOR,
    ROOM_FOR_A_CLUSTER,
    Place,
    Runner,
    disk_errors_in_words,
    find_place,
    socket_folder,
)

#: The login of the built-in server; the pool takes the role ``staffing_app`` after logging in.
LOGIN = "staffing"
#: Seconds to wait for a server that starts, recovers or stops.
PATIENCE = 60
#: The log is set aside at the next start when it is larger than this.
LONGEST_LOG = 10_000_000

_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_WHO_MAY_COME = """# Only over the socket, only by the owner of this installation.
local all all peer map=ours
"""
_CREATE = "SELECT 'CREATE DATABASE \"{0}\"' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{0}') \\gexec"


@contextlib.contextmanager
def serve(data: Path, database: str = "staffing", settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """Give the address of a database of the cluster in the folder ``data``, starting PostgreSQL if none runs there.

    The folder is made if it is not there, and holds nothing else. The server is stopped at the end if we started it, and dies
    with this process whatever kills it. ``settings`` are PostgreSQL's own ("fsync": "off"), used only by whoever starts it.
    Call it in the main thread: the kernel ties the server's life to the thread that started it. Raises ``Unusable`` with a
    sentence.
    """
    place = find_place(data)
    child: subprocess.Popen[bytes] | None = None
    sockets: Path | None = None
    try:
        with _one_at_a_time(place):
            sockets, claim = _wait_until_settled(place)
            if sockets is None:
                with claim:
                    _make_cluster(place)
                    _check_version(place)
                    sockets = socket_folder(place)
                    child = _start(place, sockets, settings or {}, claim)
                _wait_until_ready(place, child)
            _create_database(place, sockets, database)
        yield address(sockets, database)
    finally:
        if child is not None:
            _stop(child)
            if sockets is not None and sockets != place.cluster:
                with contextlib.suppress(OSError):
                    sockets.rmdir()


def address(sockets: Path, database: str) -> str:
    """The URL of a database of the built-in server, for asyncpg and psycopg alike."""
    return f"postgresql://{LOGIN}@/{quote(database)}?host={quote(str(sockets))}"


def _postmaster(cluster: Path) -> tuple[int, list[str]] | None:
    """The pid and pid-file lines of the server that runs on this cluster, or None if none does."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
        os.kill(pid, 0)
    except (OSError, ValueError, IndexError):
        return None
    process = Path(f"/proc/{pid}")
    if process.exists():
        with contextlib.suppress(OSError):
            if (process / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return None  # a zombie: nobody reaped it, but it serves no one
            if (process / "cwd").readlink() != cluster.resolve():
                return None  # the number has been given to another process since
    return pid, lines


def _wait_until_settled(place: Place) -> tuple[Path | None, IO[str]]:
    """The socket folder of a ready server, or None once there is no server; waits for one that starts or stops.

    With it comes the claim on the cluster: a file that PostgreSQL's processes hold locked as long as one of them lives, also
    where we cannot see them (in another container on the same disk). It is ours if there is no server.
    """
    claim = place.cluster.with_name(f".{place.cluster.name}.claim").open("w")
    patience = time.monotonic() + PATIENCE
    while True:
        found = _postmaster(place.cluster)
        if found and _is_ready(found[1]):
            claim.close()
            return Path(found[1][4]), claim
        if not found and _locked(claim):
            (place.cluster / "postmaster.pid").unlink(missing_ok=True)  # left by a crash
            return None, claim
        if time.monotonic() > patience:
            claim.close()
            where = f"process {found[0]}" if found else "in another container or on another system"
            raise Unusable(
                f"A PostgreSQL ({where}) uses {place.cluster} and has neither started nor stopped. Two at once would destroy "
                f"the database: stop that one, then start again."
            )
        time.sleep(0.02)


def _locked(claim: IO[str]) -> bool:
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_ready(lines: list[str]) -> bool:
    return len(lines) > 7 and lines[7].strip() == "ready"


@contextlib.contextmanager
def _one_at_a_time(place: Place) -> Iterator[None]:
    lock = place.cluster.with_name(f".{place.cluster.name}.lock")
    with disk_errors_in_words(lock.parent), lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _as(who: Runner) -> dict[str, Any]:
    """Arguments of ``subprocess`` that change to the runner where that is needed."""
    return {"cwd": "/"} | ({"user": who.uid, "group": who.gid, "extra_groups": []} if who.switch else {})


def _make_cluster(place: Place) -> None:
    """Make the cluster if there is none; it appears whole or not at all."""
    if (place.cluster / "PG_VERSION").exists():
        return
    free = shutil.disk_usage(place.cluster.parent).free
    if free < ROOM_FOR_A_CLUSTER:
        raise Unusable(
            f"The disk that holds {place.cluster.parent} is full: {free // 1_000_000} MB are left and a new database needs "
            f"{ROOM_FOR_A_CLUSTER // 1_000_000} MB. Free some space, or set STAFFING_DATA to a folder on another disk."
        )
    half = place.cluster.with_name(f"{place.cluster.name}.half-made")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    if place.runner.switch:
        os.chown(half, place.runner.uid, place.runner.gid)
    locale = "--locale=C.UTF-8" if sys.platform == "linux" else "--no-locale"
    made = subprocess.run(  # noqa: S603
        [place.programs / "initdb", "-D", half, "-U", LOGIN, "--auth=trust", "--encoding=UTF8", locale, "--no-instructions"],
        capture_output=True,
        text=True,
        check=False,
        **_as(place.runner),
    )
    if made.returncode:
        shutil.rmtree(half, ignore_errors=True)
        raise Unusable(_why(made.stderr, f"A new database could not be made in {place.cluster}", place.cluster))
    _let_only_us_in(half, place.runner)
    if place.cluster.exists() and not any(place.cluster.iterdir()):
        place.cluster.rmdir()
    try:
        half.rename(place.cluster)
    except OSError as exc:
        shutil.rmtree(half, ignore_errors=True)
        raise Unusable(
            f"{place.cluster} holds other files, and a database needs a folder of its own. "
            f"Move them away, or set STAFFING_DATA to another folder."
        ) from exc


def _let_only_us_in(cluster: Path, who: Runner) -> None:
    """Accept connections of the operating-system users that own this installation, checked by the kernel."""
    try:
        users = {pwd.getpwuid(os.geteuid()).pw_name}
    except KeyError:
        return  # a user without a name, as some containers have: the folder's 0700 is the protection
    _write(cluster / "pg_ident.conf", "".join(f'ours "{user}" {LOGIN}\n' for user in users), who)
    _write(
        cluster / "pg_hba.conf",
        _WHO_MAY_COME,
        who,
    )


def _write(path: Path, text: str, who: Runner) -> None:
    path.write_text(text)
    if who.switch:
        os.chown(path, who.uid, who.gid)


def _check_version(place: Place) -> None:
    found = (place.cluster / "PG_VERSION").read_text().strip()
    if found != str(MAJOR):
        raise Unusable(
            f"The database in {place.cluster} was made by PostgreSQL {found}, and this program brings PostgreSQL {MAJOR}. "
            f"Nothing was changed. Start the version of staffing that made it and run `staffing db backup FILE`; then set "
            f"STAFFING_DATA to a new folder and run `staffing db restore FILE` with this version."
        )


def _die_with(parent: int) -> Callable[[], None]:
    """What the child does before it becomes PostgreSQL: ask the kernel for a fast shutdown when the parent goes."""

    def ask() -> None:
        if _LIBC is not None:
            _LIBC.prctl(1, signal.SIGINT)  # PR_SET_PDEATHSIG
            if os.getppid() != parent:
                os._exit(1)

    return ask


def _start(place: Place, sockets: Path, settings: Mapping[str, str], claim: IO[str]) -> subprocess.Popen[bytes]:
    log = place.cluster / "server.log"
    if log.exists() and log.stat().st_size > LONGEST_LOG:
        log.replace(log.with_suffix(".log.old"))
    options = {"listen_addresses": "", "timezone": "UTC", "log_timezone": "UTC"} | dict(settings)
    command: list[str | Path] = [place.programs / "postgres", "-D", place.cluster, "-k", sockets]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    with log.open("ab") as words:
        if place.runner.switch:
            os.chown(log, place.runner.uid, place.runner.gid)
        # A session of its own: Ctrl-C in the terminal reaches us, and we stop the server when our work is done.
        return subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            start_new_session=True,
            pass_fds=[claim.fileno()],
            preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509
            **_as(place.runner),
        )


def _wait_until_ready(place: Place, child: subprocess.Popen[bytes]) -> None:
    patience = time.monotonic() + PATIENCE
    while True:
        found = _postmaster(place.cluster)
        if found and _is_ready(found[1]):
            return
        if child.poll() is not None or time.monotonic() > patience:
            log = place.cluster / "server.log"
            with contextlib.suppress(OSError):
                raise Unusable(_why(log.read_text(errors="replace")[-2000:], "PostgreSQL did not start", place.cluster))
            raise Unusable(f"PostgreSQL did not start on {place.cluster}, and its log cannot be read.")
        time.sleep(0.02)


def _why(words: str, what: str, cluster: Path) -> str:
    """A sentence out of PostgreSQL's words."""
    if "No space left on device" in words or "Disk quota exceeded" in words:
        return f"{what}: the disk that holds {cluster} is full. Free some space and start again; what was stored is kept."
    return f"{what}. PostgreSQL says (see also {cluster / 'server.log'}):\n{words.strip()[-800:]}"


def _create_database(place: Place, sockets: Path, database: str) -> None:
    done = subprocess.run(  # noqa: S603
        [place.programs / "psql", "-qX", "-v", "ON_ERROR_STOP=1", address(sockets, "postgres")],
        input=_CREATE.format(database),
        text=True,
        capture_output=True,
        check=False,
        cwd="/",
    )
    if done.returncode:
        raise Unusable(_why(done.stderr, f"The database {database} could not be made", place.cluster))


def _stop(child: subprocess.Popen[bytes]) -> None:
    """A fast shutdown: open transactions are rolled back; at once if that takes too long."""
    child.send_signal(signal.SIGINT)
    try:
        child.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGQUIT)
        child.wait()
