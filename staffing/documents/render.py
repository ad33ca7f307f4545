"""PDFs made in a process of their own, so that neither a crash, a leak nor a long document touches the server.

The process is spawned (never forked: database connections must not be shared), loads WeasyPrint once, keeps fonts and
style sheets, ignores Ctrl-C (its parent stops it) and ends by itself if its parent is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from types import FrameType
from typing import TypeVar

from staffing.core.errors import StaffingError
from staffing.documents.badge import Card
from staffing.documents.letter import Letter
from staffing.documents.sheet import Sheet

#: A badge takes a twentieth of a second. After this long something is wrong with it.
SECONDS = 20.0


T = TypeVar("T")


class RenderFailed(StaffingError):
    """A document could not be made this time: it took too long, or its process died."""

    status = 503
    title = "The document could not be made"


class Renderer:
    """One worker process, started with the first document. Use it from one event loop; ``close`` ends the process."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._pool: ProcessPoolExecutor | None = None
        self._process: int | None = None
        self._starting = asyncio.Lock()

    async def badge(self, card: Card) -> bytes:
        """The PDF of a badge.

        Raises ``Unusable`` if Pango or a font is missing, ``Refused`` for a template that asks for what it may not
        load, ``RenderFailed`` if it took too long or the process died; the next call starts a new process.
        """
        return await self._run(badge_pdf, card)

    async def sheet(self, sheet: Sheet) -> bytes:
        """The PDF of a statement. Raises what ``badge`` raises."""
        return await self._run(sheet_pdf, sheet)

    async def letter(self, letter: Letter) -> bytes:
        """The PDF of a letter. Raises what ``badge`` raises."""
        return await self._run(letter_pdf, letter)

    async def warm(self) -> None:
        """Start the process and let it load WeasyPrint. Raises ``Unusable`` if Pango is missing."""
        await self._run(_warm)

    def close(self) -> None:
        """End the process and wait until it is gone."""
        pool, self._pool, self._process = self._pool, None, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)

    async def _run(self, work: Callable[..., T], *args: object) -> T:
        try:
            pool = await self._started()
            # The process stops itself after ``seconds``; the second limit is for one stuck where no signal reaches it.
            work_done = asyncio.wrap_future(pool.submit(_within, self._seconds, work, *args))
            return await asyncio.wait_for(work_done, self._seconds * 1.5 + 10)
        except BrokenProcessPool as exc:
            self._abandon()
            raise RenderFailed("The process that makes PDF files ended while it worked on this one. Try once more.") from exc
        except TimeoutError as exc:
            self._abandon()
            raise RenderFailed(f"The document was not ready after {self._seconds:g} seconds and was given up.") from exc

    async def _started(self) -> ProcessPoolExecutor:
        async with self._starting:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=_begin)
                self._process = await asyncio.wait_for(asyncio.wrap_future(self._pool.submit(os.getpid)), 60)
            return self._pool

    def _abandon(self) -> None:
        """Kill the process and forget it."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)
        self.close()


def badge_pdf(card: Card) -> bytes:
    """The PDF of a badge, made in this process (which loads WeasyPrint). The same card gives the same bytes."""
    from staffing.documents import badge, press

    machine = press.press()
    return machine.pdf(badge.html_of(card), machine.style("badge.css"))


def sheet_pdf(sheet: Sheet) -> bytes:
    """The PDF of a statement, made in this process. The same sheet gives the same bytes."""
    from staffing.documents import press
    from staffing.documents import sheet as sheets

    machine = press.press()
    return machine.pdf(sheets.html_of(sheet), machine.style("sheet.css"))


def letter_pdf(letter: Letter) -> bytes:
    """The PDF of a letter, made in this process. The same letter gives the same bytes."""
    from staffing.documents import letter as letters
    from staffing.documents import press

    machine = press.press()
    return machine.pdf(letters.html_of(letter), machine.style("letter.css"))


def _warm() -> None:
    from staffing.documents import press

    press.press().style("badge.css")


def _begin() -> None:
    """Runs first in the new process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _within(seconds: float, work: Callable[..., T], *args: object) -> T:
    """Do the work in this process, or raise ``RenderFailed`` when the time is up."""

    def give_up(signum: int, frame: FrameType | None) -> None:
        raise RenderFailed(f"The document was not ready after {seconds:g} seconds and was given up.")

    signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return work(*args)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
