"""Making the built-in PostgreSQL's cluster: whole or not at all, for nobody but its owner, of one version."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from staffing.core.errors import Unusable
from staffing.store.server_place import MAJOR, Place, Runner

#: The login of the built-in server; the pool takes the role ``staffing_app`` after logging in.
LOGIN = "staffing"
#: A new cluster takes about 40 MB; with less than this left it would be born on a full disk.
ROOM_FOR_A_CLUSTER = 100_000_000

_WHO_MAY_COME = """# Only over the socket, only by the owner of this installation.
local all all peer map=ours
"""


def run_as(who: Runner) -> dict[str, Any]:
    """Arguments of ``subprocess`` that change to the runner where that is needed."""
    return {"cwd": "/"} | ({"user": who.uid, "group": who.gid, "extra_groups": []} if who.switch else {})


def make_cluster(place: Place) -> None:
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
        **run_as(place.runner),
    )
    if made.returncode:
        shutil.rmtree(half, ignore_errors=True)
        raise Unusable(why(made.stderr, f"A new database could not be made in {place.cluster}", place.cluster))
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


def let_only_us_in(cluster: Path, who: Runner) -> None:
    """Accept connections of the operating-system user that we are and no other, checked by the kernel.

    Said again at every start: the folder may have come from a machine where its owner had another name.
    """
    try:
        us = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return  # a user without a name, as some containers have: the folder's 0700 is the protection
    _write(cluster / "pg_ident.conf", f'ours "{us}" {LOGIN}\n', who)
    _write(cluster / "pg_hba.conf", _WHO_MAY_COME, who)


def _write(path: Path, text: str, who: Runner) -> None:
    path.write_text(text)
    if who.switch:
        os.chown(path, who.uid, who.gid)


def check_version(place: Place) -> None:
    """Raise ``Unusable``, saying what to do, if another major version of PostgreSQL made the cluster."""
    found = (place.cluster / "PG_VERSION").read_text().strip()
    if found != str(MAJOR):
        raise Unusable(
            f"The database in {place.cluster} was made by PostgreSQL {found}, and this program brings PostgreSQL {MAJOR}. "
            f"Nothing was changed. Start the version of staffing that made it and run `staffing db backup FILE`; then set "
            f"STAFFING_DATA to a new folder and run `staffing db restore FILE` with this version."
        )


def why(words: str, what: str, cluster: Path) -> str:
    """A sentence out of PostgreSQL's words."""
    if "No space left on device" in words or "Disk quota exceeded" in words:
        return f"{what}: the disk that holds {cluster} is full. Free some space and start again; what was stored is kept."
    return f"{what}. PostgreSQL says (see also {cluster / 'server.log'}):\n{words.strip()[-800:]}"
