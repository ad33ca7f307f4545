"""The built-in PostgreSQL: the wheel's programs, run as a child of this process that never outlives it.

``serve`` is all others need. One process starts the server; others on the same data folder borrow it by its address.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO
from urllib.parse import quote

from staffing.core.errors import Unusable
from staffing.store.server_cluster import LOGIN, check_version, let_only_us_in, make_cluster, run_as, why
from staffing.store.server_place import (
    Place,
    disk_errors_in_words,
    find_place,
    socket_folder,
)

#: Seconds to wait for a server that starts, recovers or stops.
PATIENCE = 60
#: The log is set aside at the next start when it is larger than this.
LONGEST_LOG = 10_000_000

_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
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
                    make_cluster(place)
                    check_version(place)
                    let_only_us_in(place.cluster, place.runner)
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
            **run_as(place.runner),
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
                raise Unusable(why(log.read_text(errors="replace")[-2000:], "PostgreSQL did not start", place.cluster))
            raise Unusable(f"PostgreSQL did not start on {place.cluster}, and its log cannot be read.")
        time.sleep(0.02)


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
        raise Unusable(why(done.stderr, f"The database {database} could not be made", place.cluster))


def _stop(child: subprocess.Popen[bytes]) -> None:
    """A fast shutdown: open transactions are rolled back; at once if that takes too long."""
    child.send_signal(signal.SIGINT)
    try:
        child.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGQUIT)
        child.wait()
