"""A very small HTTP application: routes, JSON, forms. The double's answers are its own to the byte."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl


class Refused(Exception):
    """An answer other than 2xx, in the words of the vendor."""

    def __init__(self, status: int, error: str, **headers: str) -> None:
        super().__init__(error)
        self.status, self.error, self.headers = status, error, headers


@dataclass
class Request:
    """What was asked. ``base`` is the address under which we were called."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes
    base: str
    ids: tuple[str, ...] = ()

    @property
    def sent(self) -> dict[str, Any]:
        """The JSON object that was sent, or an empty one."""
        try:
            found = json.loads(self.body or b"{}")
        except ValueError:
            raise Refused(400, "The body is not JSON") from None
        return found if isinstance(found, dict) else {}

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))

    @property
    def basic(self) -> tuple[str, str]:
        """User and password, empty if there are none."""
        scheme, _, given = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return "", ""
        user, _, password = base64.b64decode(given).decode().partition(":")
        return user, password


@dataclass
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def as_json(value: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value, separators=(",", ":")).encode(), {"content-type": "application/json"})


def as_page(html: str, status: int = 200) -> Answer:
    return Answer(status, html.encode(), {"content-type": "text/html; charset=utf-8"})


def elsewhere(path: str) -> Answer:
    return Answer(303, b"", {"location": path})


Handler = Callable[[Request], Awaitable[Answer]]
Route = tuple[str, str, Handler]


class Routes:
    """Handlers by method and path; ``{}`` in a path is an id."""

    def __init__(self) -> None:
        self._known: list[tuple[str, re.Pattern[str], Handler]] = []

    def add(self, method: str, path: str, handler: Handler) -> None:
        pattern = re.escape(path).replace(r"\{\}", "([A-Za-z0-9@._:-]+)")
        self._known.append((method, re.compile(pattern + "/?"), handler))

    async def __call__(self, request: Request) -> Answer:
        known = [(method, found, handler) for method, path, handler in self._known if (found := path.fullmatch(request.path))]
        for method, found, handler in known:
            if method == request.method:
                request.ids = found.groups()
                return await handler(request)
        raise Refused(405 if known else 404, "Not found")


async def read_request(scope: Mapping[str, Any], receive: Callable[[], Awaitable[Mapping[str, Any]]]) -> Request:
    """The whole request of an ASGI scope."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = dict(parse_qsl(scope["query_string"].decode()))
    base = f"http://{headers.get('host', '127.0.0.1')}"
    return Request(scope["method"], scope["path"], query, headers, body, base)
