"""Driving the application as a browser would, in the test's own event loop."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
from litestar import Litestar


@contextlib.asynccontextmanager
async def running(app: Litestar) -> AsyncIterator[Litestar]:
    """The app's lifespan, entered and left by one task of its own.

    pytest-asyncio sets a fixture up and tears it down in different tasks, which the task group in ``app.lifespan()`` refuses.
    """
    started, stop = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            started.set()
            await stop.wait()

    task = asyncio.create_task(live())
    waiting = asyncio.create_task(started.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        waiting.cancel()
        task.result()
    try:
        yield app
    finally:
        stop.set()
        await task


class Browser(httpx.AsyncClient):
    """A visitor: asks for pages, keeps cookies, sends forms with the hidden fields of the page they are on."""

    token: str = ""

    async def see(self, address: str, status: int | None = 200, **kwargs: Any) -> httpx.Response:
        """Open a page and remember its form token."""
        return self._remember(await self.get(address, **kwargs), status)

    async def submit(
        self, address: str, data: dict[str, Any] | None = None, status: int | None = None, **kwargs: Any
    ) -> httpx.Response:
        """Post a form from the page seen last."""
        answer = await self.post(address, data={"_csrf_token": self.token, **(data or {})}, **kwargs)
        return self._remember(answer, status)

    async def sign_in(self, account: object) -> None:
        """Sign in through the demonstration's page."""
        await self.see("/demo")
        await self.submit("/demo", {"account": str(account)}, status=303)

    def _remember(self, answer: httpx.Response, status: int | None) -> httpx.Response:
        if status is not None:
            assert answer.status_code == status, f"{answer.status_code} {answer.request.url}\n{answer.text[:3000]}"
        if found := re.search(r'name="_csrf_token" value="([^"]+)"', answer.text):
            self.token = found[1]
        return answer


def visitor(app: Litestar, **headers: str) -> Browser:
    """A browser with no cookies that speaks English."""
    return Browser(
        transport=httpx.ASGITransport(app=app),
        base_url="http://testserver",
        headers={"Accept": "text/html,application/xhtml+xml", "Accept-Language": "en", **headers},
    )
