"""A screening provider that is not one: it speaks Checkr's and Accurate's interfaces over real HTTP, on this machine only.

``python -m tests.doubles.screening --port 8099 --state double.json``. Its addresses for an account are ``http://127.0.0.1:8099/v1``
(Checkr) and ``…/v3`` (Accurate); every key that begins with ``invented-`` is an account. Nobody is searched.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import uvicorn

from .accurate_side import AccurateSide
from .checkr_side import CheckrSide
from .checks import Checks
from .control import Control
from .events_out import Events
from .person_page import PersonPage
from .serving import Answer, Refused, Request, Routes, as_json, read_request
from .world import World

Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]


class Double:
    """The ASGI application."""

    def __init__(self, world: World, *, retry_every: float = 60) -> None:
        self.world = world
        self.events = Events(world, retry_every)
        self.checks = Checks(world, self.events)
        self.checkr = CheckrSide(world, self.checks)
        self.routes = Routes()
        for side in (
            self.checkr,
            AccurateSide(world, self.checks),
            PersonPage(world, self.checks),
            Control(world, self.checks, self.events),
        ):
            side.routes(self.routes)

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        request = await read_request(scope, receive)
        answer = await self._answer(request)
        headers = {"content-length": str(len(answer.body)), **answer.headers}
        if request.path.startswith("/v1/"):
            headers = self.checkr.limits() | headers
        pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, request: Request) -> Answer:
        vendor = request.path.startswith(("/v1/", "/v3/"))
        line = f"{request.method} {request.path}"
        if vendor:
            self.world["calls"].append({"line": line, "query": request.query, "key": request.headers.get("idempotency-key", "")})
        try:
            if vendor and (fault := await self._fault(line)) is not None:
                return fault
            answer = await self.routes(request)
        except Refused as refused:
            return Answer(
                refused.status, as_json({"error": refused.error}).body, {"content-type": "application/json"} | refused.headers
            )
        if request.method != "GET":
            self.world.changed()
        if vendor and self.world.took("lost_answer", line) is not None:
            return Answer(504)
        return answer

    async def _fault(self, line: str) -> Answer | None:
        """What goes wrong before anything is done."""
        if (slow := self.world.took("slow", line)) is not None:
            await asyncio.sleep(slow["seconds"])
        if self.world["faults"].get("down"):
            return Answer(503)
        if (busy := self.world.took("busy", line)) is not None:
            raise Refused(429, "Rate limit exceeded", **{"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(busy["reset"])})
        if (broken := self.world.took("broken", line)) is not None:
            return Answer(broken["status"], b"<html>an error page of a proxy</html>", {"content-type": "text/html"})
        return None

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.checks.resume()
                await send({"type": "lifespan.startup.complete"})
            else:
                self.checks.close()
                await self.events.close()
                self.world.save()
                await send({"type": "lifespan.shutdown.complete"})
                return


def server_of(double: Double, port: int) -> uvicorn.Server:
    """A server for it on loopback, quiet."""
    double.world.data["address"] = f"http://127.0.0.1:{port}"
    return uvicorn.Server(uvicorn.Config(double, host="127.0.0.1", port=port, log_level="warning", lifespan="on"))


def main() -> None:
    """Serve until Ctrl-C."""
    asked = argparse.ArgumentParser(description="An invented screening provider, for demonstrations and tests.")
    asked.add_argument("--port", type=int, default=8099)
    asked.add_argument("--socket", type=int, help="a socket handed down that listens already, in place of a port")
    asked.add_argument("--state", type=Path, help="a JSON file that keeps what happened")
    asked.add_argument("--pace", type=float, default=3, help="seconds until a report is complete")
    asked.add_argument("--retry-every", type=float, default=60, help="seconds until an event that was not taken is sent again")
    given = asked.parse_args()
    double = Double(World(given.state, given.pace), retry_every=given.retry_every)
    double.world.data["pace"] = given.pace
    if given.socket is None:
        server_of(double, given.port).run()
        return
    with socket.socket(fileno=given.socket) as listener:
        server_of(double, listener.getsockname()[1]).run(sockets=[listener])


if __name__ == "__main__":
    main()
