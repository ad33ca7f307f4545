from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator

import psutil
import pytest

from staffing.documents import conformance
from staffing.documents.render import Renderer, RenderFailed
from staffing.settings import REPOSITORY
from tests.documents.cards import card


@pytest.fixture
async def renderer() -> AsyncIterator[Renderer]:
    made = Renderer()
    yield made
    made.close()


def children() -> list[psutil.Process]:
    return [p for p in psutil.Process().children() if "spawn_main" in " ".join(p.cmdline())]


async def test_badges_are_made_in_one_other_process(renderer: Renderer) -> None:
    made = await asyncio.gather(renderer.badge(card()), renderer.badge(card(called="Ana")))
    assert [conformance.faults(pdf) for pdf in made] == [[], []]
    assert len(children()) == 1


def test_the_process_that_asks_for_a_badge_loads_no_weasyprint() -> None:
    program = """
import asyncio, sys
from staffing.documents.render import Renderer
from tests.documents.cards import card
async def main():
    renderer = Renderer()
    print(len(await renderer.badge(card())) > 10_000, "weasyprint" in sys.modules)
    renderer.close()
if __name__ == "__main__":
    asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stdout.split() == ["True", "False"]


async def test_closing_leaves_no_process_behind() -> None:
    renderer = Renderer()
    await renderer.warm()
    (process,) = children()
    renderer.close()
    assert not process.is_running()
    assert children() == []


async def test_a_document_that_takes_too_long_is_given_up_and_the_next_one_is_made(renderer: Renderer) -> None:
    await renderer.warm()
    renderer._seconds = 0.2
    with pytest.raises(RenderFailed, match=r"not ready after 0\.2 seconds"):
        await renderer._run(time.sleep, 30)
    renderer._seconds = 20
    assert conformance.faults(await renderer.badge(card())) == []


async def test_a_process_that_dies_is_said_and_replaced(renderer: Renderer) -> None:
    with pytest.raises(RenderFailed, match="ended while it worked"):
        await renderer._run(os._exit, 9)
    assert conformance.faults(await renderer.badge(card())) == []


def test_the_process_ends_when_its_parent_is_killed() -> None:
    program = """
import asyncio, sys, time
from staffing.documents.render import Renderer
async def main():
    renderer = Renderer()
    await renderer.warm()
    print(renderer._process, flush=True)
    await asyncio.sleep(60)
if __name__ == "__main__":
    asyncio.run(main())
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = psutil.Process(int(parent.stdout.readline()))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    psutil.wait_procs([worker], timeout=20)
    assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE
