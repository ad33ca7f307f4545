"""Processes of ours on a database: the web as any ASGI server runs it, the worker as ``staffing work``."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import httpx

from staffing.settings import REPOSITORY


@contextlib.contextmanager
def process(url: str, *arguments: str, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """``python -m …`` on the database; ended with the block, killed if it does not end."""
    running = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "STAFFING_DATABASE_URL": url, **env},
        start_new_session=True,
    )
    try:
        yield running
    finally:
        if running.poll() is None:
            running.terminate()
            try:
                running.wait(20)
            except subprocess.TimeoutExpired:
                kill(running)


def web(url: str, port: int) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    """The web process."""
    serving = (
        "uvicorn",
        "--factory",
        "staffing.app:create_app",
        "--port",
        str(port),
        "--log-level",
        "warning",
        "--no-access-log",
    )
    return process(url, *serving)


def worker(url: str) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    """The worker."""
    return process(url, "staffing", "work")


def kill(running: subprocess.Popen[bytes]) -> None:
    """End a process and its helpers at once, without a word, as a power cut would."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    running.wait()


async def answers(port: int) -> None:
    """Wait until the web process answers."""
    async with asyncio.timeout(60), httpx.AsyncClient(trust_env=False) as client:
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await client.get(f"http://127.0.0.1:{port}/health")).status_code == 200:
                    return
            await asyncio.sleep(0.1)
