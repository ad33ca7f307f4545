"""A thousand events in any order, some twice, some forged, over real HTTP, and a worker killed in the middle: nothing is lost."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest

from staffing.store import journal
from tests.doubles.fixture import served
from tests.plugins.background_check.flood import Flood, followed, send, waiting
from tests.plugins.background_check.processes import answers, kill, web, worker
from tests.served import free_port

POSTS = 1000


async def test_a_flood_of_events_is_taken_whole_though_the_worker_is_killed_in_the_middle(
    database: str, tenant: str, tmp_path: Path
) -> None:
    flood = Flood(POSTS)
    flood.world(tmp_path / "double.json")
    port = free_port()
    with served(tmp_path / "double.json", pace=None) as screening, web(database, port), worker(database) as first:
        await flood.begin(screening.address)
        await answers(port)
        posts = flood.posts()
        counted, _ = await send(posts[: POSTS // 2], port)
        async with asyncio.timeout(60):
            while await followed() < 10:  # noqa: ASYNC110  another process works
                await asyncio.sleep(0.01)
        kill(first)
        assert 10 <= await followed() < len(flood.ends)  # some orders were written down, others never looked at
        more, _ = await send(posts[POSTS // 2 :], port)
        assert await waiting() > POSTS // 4
        with worker(database):
            async with asyncio.timeout(150):
                while await waiting():  # noqa: ASYNC110  another process works
                    await asyncio.sleep(0.1)
    assert counted + more == {200: flood.unique + flood.twice, 401: flood.forged}
    assert await flood.faults() == []
    assert await journal.verify("alder") is None


@pytest.mark.parametrize("seed", [1, 2])
def test_the_flood_is_as_rough_as_it_says(seed: int) -> None:
    flood = Flood(POSTS, seed)
    flood.account = uuid4()
    posts = flood.posts()
    assert len(posts) == POSTS
    assert sum(post.status == 401 for post in posts) == 50
    assert len({post.request for post in posts if post.status == 200}) == 750
