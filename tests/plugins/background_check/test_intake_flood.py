"""A thousand events in any order, some twice, some forged, over real HTTP, and a worker killed in the middle: nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from staffing.api import tenant_transaction
from staffing.settings import REPOSITORY
from staffing.store import journal
from tests.doubles.fixture import served
from tests.plugins.background_check.flood import Flood, send
from tests.served import free_port

POSTS = 1000


@contextlib.contextmanager
def process(url: str, *arguments: str, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours on the test's database; killed at the end if it is still there."""
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
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(running.pid, signal.SIGKILL)
                running.wait()


def web(url: str, port: int) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    """The web process, as any ASGI server runs it."""
    arguments = ("uvicorn", "--factory", "staffing.app:create_app", "--port", str(port), "--log-level", "warning")
    return process(url, *arguments, "--no-access-log")


async def answers(port: int) -> None:
    async with asyncio.timeout(60), httpx.AsyncClient(trust_env=False) as client:
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await client.get(f"http://127.0.0.1:{port}/health")).status_code == 200:
                    return
            await asyncio.sleep(0.1)


async def worked_off(what: str = "count(*) FILTER (WHERE state = 'new')") -> int:
    async with tenant_transaction("alder") as transaction:
        return await transaction.connection.fetchval(f"SELECT {what} FROM background_check.check_event")  # noqa: S608  ours


async def test_a_flood_of_events_is_taken_whole_though_the_worker_is_killed_in_the_middle(
    database: str, tenant: str, tmp_path: Path
) -> None:
    flood = Flood(POSTS)
    flood.world(tmp_path / "double.json")
    port = free_port()
    with served(tmp_path / "double.json", pace=None) as screening, web(database, port), process(database, "staffing", "work") as first:
        await flood.begin(screening.address)
        await answers(port)
        posts = flood.posts()
        half = len(posts) // 2
        counted, _ = await send(posts[:half], port)
        async with asyncio.timeout(60):
            while not 0 < await worked_off("count(*) FILTER (WHERE state = 'done')"):  # noqa: ASYNC110  another process works
                await asyncio.sleep(0.01)
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
        more, _ = await send(posts[half:], port)
        assert await worked_off() > 0
        with process(database, "staffing", "work"):
            async with asyncio.timeout(150):
                while await worked_off():  # noqa: ASYNC110  another process works
                    await asyncio.sleep(0.1)
    counted += more
    assert counted == {200: flood.unique + flood.twice, 401: flood.forged}
    assert await flood.faults() == []
    assert await journal.verify("alder") is None


@pytest.mark.parametrize("seed", [1, 2])
def test_the_flood_is_as_rough_as_it_says(seed: int) -> None:
    flood = Flood(POSTS, seed)
    from uuid import uuid4

    flood.account = uuid4()
    posts = flood.posts()
    assert len(posts) == POSTS
    assert sum(post.status == 401 for post in posts) == 50
    assert len({post.request for post in posts if post.status == 200}) == 750
