"""`python -m benchmarks.webhooks [POSTS]`: a flood of providers' events on one web process and one worker.

Ten thousand posts in any order, 20 % of them twice, 5 % forged, over real HTTP on a PostgreSQL of its own; the invented provider
(`tests/doubles`) is asked about every order, and the worker is killed with SIGKILL in the middle. Everything runs at once on this
machine: what posts, the web, the worker, the database and the provider. What must come of it is checked at the end. The goal is
300 posts accepted a second on 2 cores.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from staffing import host
from staffing.store.migrate import up_to_date
from staffing.store.pool import close_pool, open_pool
from staffing.store.server import serve


async def run(url: str, folder: Path, posts: int, killed: bool) -> bool:
    """One run; prints the figures and gives whether everything was right."""
    from tests.factories import make_tenant
    from tests.plugins.background_check.flood import Flood, send, waiting
    from tests.plugins.background_check.processes import answers, kill, process, web, worker
    from tests.served import free_port

    await up_to_date(url)
    await open_pool(url)
    flood = Flood(posts)
    state, vendor, port = folder / "double.json", free_port(), free_port()
    flood.world(state)
    try:
        await make_tenant("alder")
        await flood.begin(f"http://127.0.0.1:{vendor}")
        double = process(url, "tests.doubles.screening", "--port", str(vendor), "--state", str(state))
        with double, web(url, port), worker(url) as first:
            await answers(port)
            await answers_at(vendor)
            made = flood.posts()
            middle = {posts // 2: lambda: kill(first)} if killed else {}
            counted, seconds = await send(made, port, middle)
            left = await waiting()
            begun = time.perf_counter()
            if killed:
                with worker(url):
                    await until_done(waiting)
            else:
                await until_done(waiting)
            after = time.perf_counter() - begun
        faults = await flood.faults()
    finally:
        await close_pool()
    right = dict(counted) == {200: flood.unique + flood.twice, 401: flood.forged}
    print(
        f"{posts:,} posts about {len(flood.ends):,} orders, worker {'killed in the middle' if killed else 'at work all the time'}"
    )
    print(f"  answered: {posts / seconds:,.0f} a second ({seconds:.1f} s); as they must be: {'yes' if right else dict(counted)}")
    print(f"  {left:,} events were left to work off when the last was answered; done {after:.1f} s later")
    print(
        "  every order is where the provider has it, every event kept once and done" if not faults else f"  WRONG: {faults[:5]}"
    )
    return right and not faults


async def until_done(waiting: Callable[[], Awaitable[int]]) -> None:
    """Wait until no event waits."""
    while await waiting():  # noqa: ASYNC110  another process works
        await asyncio.sleep(0.2)


async def answers_at(port: int) -> None:
    """Wait until something listens."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return


def main() -> None:
    """Run it twice: with the worker at work, and with the worker killed."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("posts", nargs="?", type=int, default=10_000)
    posts = asked.parse_args().posts
    right = True
    for killed in (False, True):
        with tempfile.TemporaryDirectory(prefix="staffing-webhooks-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            folder.chmod(0o711)
            os.environ["STAFFING_DATA"] = name
            with serve(folder / "postgres", database="webhooks") as url:
                right = asyncio.run(run(url, folder, posts, killed)) and right
    raise SystemExit(0 if right else 1)


if __name__ == "__main__":
    host.load()
    main()
