"""``staffing run`` from the first start to Ctrl-C, as a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from tests.served import Served, free_port


def _family(server: Served) -> list[psutil.Process]:
    me = psutil.Process(server.process.pid)
    return [me, *me.children(recursive=True)]


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda s: s.name)
def test_it_starts_twice_in_a_folder_with_a_space_and_leaves_no_process_behind(
    short_folder: Path, ended_by: signal.Signals
) -> None:
    data = short_folder / f"a folder with spaces {ended_by.name}"
    for _ in range(2):
        server = Served(data, free_port()).wait_until_ready()
        health = httpx.get(f"{server.address}/health").json()
        assert health["status"] == "ok"
        assert {plugin["name"] for plugin in health["plugins"]} >= {"background_check", "certification"}
        family = _family(server)
        assert len(family) > 2, "the database and the worker are children"
        assert server.stop(ended_by) == 0, server.said
        _, alive = psutil.wait_procs(family, timeout=15)
        assert not alive


def test_killing_it_outright_takes_the_database_and_the_worker_with_it(short_folder: Path) -> None:
    data = short_folder / "killed"
    server = Served(data, free_port(), STAFFING_DEMO="0").wait_until_ready()
    family = _family(server)
    server.stop(signal.SIGKILL)
    _, alive = psutil.wait_procs(family, timeout=30)
    assert not alive
    again = Served(data, free_port(), STAFFING_DEMO="0").wait_until_ready()
    assert again.stop() == 0, again.said


def test_a_port_that_is_taken_is_said_in_a_sentence_before_anything_is_started(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = _fails(PORT=str(port), STAFFING_DATA=str(tmp_path / "data"))
    assert f"Port {port} on 127.0.0.1 cannot be used" in said
    assert f"PORT={port + 1} make run" in said
    assert not (tmp_path / "data").exists()


def test_a_wrong_database_address_is_said_in_a_sentence_without_the_password(tmp_path: Path) -> None:
    said = _fails(
        STAFFING_DATABASE_URL=f"postgresql://somebody:hunter22@127.0.0.1:{free_port()}/staffing",
        PORT=str(free_port()),
        STAFFING_DATA=str(tmp_path / "data"),
    )
    assert "There is no database at postgresql://somebody:***@127.0.0.1" in said
    assert "STAFFING_DATABASE_URL" in said
    assert "hunter22" not in said


def test_a_port_that_is_no_number_is_said_in_a_sentence(tmp_path: Path) -> None:
    assert "Give a number from 1 to 65535" in _fails(PORT="eight thousand", STAFFING_DATA=str(tmp_path / "data"))


def _fails(**env: str) -> str:
    """Run it where it cannot run; gives what it said, which has no traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "staffing", "run"],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr
