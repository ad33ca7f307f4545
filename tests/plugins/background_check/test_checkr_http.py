"""How Checkr, and any vendor, is called: where a key may go, how long to wait, what is sent again and what is never repeated."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, cast

import pytest
import uvicorn

from plugins.background_check.providers.http import Caller, Patience, address_of
from staffing.api import ProviderTrouble

ADDRESSES = [
    ("", "https://api.checkr.com/v1"),
    ("staging", "https://api.checkr-staging.com/v1"),
    ("https://double.example.org", "https://double.example.org/v1"),
    ("https://double.example.org/v2/", "https://double.example.org/v2"),
    ("http://127.0.0.1:8099", "http://127.0.0.1:8099/v1"),
    ("http://[::1]:8099/", "http://[::1]:8099/v1"),
]


@pytest.mark.parametrize(("given", "base"), ADDRESSES)
def test_an_address_is_checkrs_own_or_one_that_a_key_may_be_sent_to(given: str, base: str) -> None:
    found = address_of(
        given, production="https://api.checkr.com/v1", staging="https://api.checkr-staging.com/v1", path="/v1", who="Checkr"
    )
    assert found == base


@pytest.mark.parametrize(
    "given", ["http://example.org", "ftp://example.org", "example.org", "http://127.0.0.1.example.org", "production2"]
)
def test_a_key_is_sent_to_no_other_address(given: str) -> None:
    with pytest.raises(ProviderTrouble, match="An administrator leaves it empty"):
        address_of(given, production="p", staging="s", path="/v1", who="Checkr")


class Vendor:
    """A vendor of whom only the answers matter: each request gets the next of them, over real HTTP."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.asked: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        self.asked.append(f"{scope['method']} {scope['path']}?{scope['query_string'].decode()}")
        status, headers, body = self.answers.pop(0)
        pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def calling(vendor: Vendor, patience: Patience) -> AsyncIterator[Caller]:
    """A caller of a vendor on this machine."""
    server = uvicorn.Server(uvicorn.Config(cast("Any", vendor), port=0, log_level="warning", lifespan="off"))
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers no event to wait for
        await asyncio.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        async with Caller(f"http://127.0.0.1:{port}/v1", who="The vendor", auth=("k", ""), patience=patience) as caller:
            yield caller
    finally:
        server.should_exit = True
        await running


QUICK = Patience(answer=5, first_pause=0.01, most_wait=0.3)
LATER = datetime.now(UTC) + timedelta(hours=1)
WAITS = [
    ({"Retry-After": "120"}, 120, 120),
    ({"Retry-After": format_datetime(LATER, usegmt=True)}, 3000, 3600),
    ({"X-Ratelimit-Reset": "45"}, 45, 45),
    ({"X-Ratelimit-Reset": str(int(time.time()) + 3600)}, 3000, 3600),
    ({"X-Ratelimit-Reset": LATER.isoformat()}, 3000, 3600),
    ({"X-Ratelimit-Reset": "soon"}, 60, 60),
    ({"Retry-After": "-5"}, 60, 60),
    ({}, 60, 60),
]


@pytest.mark.parametrize(("headers", "least", "most"), WAITS)
async def test_how_long_a_limit_lasts_is_read_in_every_form(headers: dict[str, str], least: float, most: float) -> None:
    vendor = Vendor()
    vendor.answers = [(429, headers, b"")]
    async with calling(vendor, QUICK) as caller:
        with pytest.raises(ProviderTrouble) as caught:
            await caller.get("packages")
    assert least <= caught.value.wait <= most


async def test_what_is_posted_without_a_key_is_never_posted_twice_after_a_failure() -> None:
    vendor = Vendor()
    vendor.answers = [(503, {}, b""), (201, {}, b'{"id":"second"}')]
    async with calling(vendor, QUICK) as caller:
        with pytest.raises(ProviderTrouble) as caught:
            await caller.post("order", {})
        assert caught.value.again and len(vendor.asked) == 1
        assert await caller.post("order", {}, key="k") == {"id": "second"}


async def test_a_deletion_whose_answer_was_lost_is_done_when_the_thing_is_gone() -> None:
    vendor = Vendor()
    vendor.answers = [(502, {}, b""), (404, {}, b""), (404, {}, b"")]
    async with calling(vendor, QUICK) as caller:
        assert await caller.delete("invitations/1") == {}
        with pytest.raises(ProviderTrouble, match="does not know what was asked for"):
            await caller.delete("invitations/1")


ODD: list[tuple[int, bytes, bool, str]] = [
    (200, b"<html>", True, "not JSON"),
    (403, b"", True, "does not let this account do this"),
    (404, b"", False, "does not know what was asked for"),
    (410, b"", False, "does not know what was asked for"),
    (418, b"", False, "did not accept what was sent"),
    (422, b'{"error":"Rosa Invented, born 1985-03-02"}', False, "did not accept what was sent"),
    (302, b"", True, "answers from another address"),
]


@pytest.mark.parametrize(("status", "body", "again", "words"), ODD)
async def test_every_answer_has_a_sentence_and_none_repeats_what_came(status: int, body: bytes, again: bool, words: str) -> None:
    vendor = Vendor()
    vendor.answers = [(status, {}, body)]
    async with calling(vendor, QUICK) as caller:
        with pytest.raises(ProviderTrouble, match=words) as caught:
            await caller.get("packages")
    assert caught.value.again is again and "Rosa" not in str(caught.value) and "html" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_the_next_page_is_asked_for_at_the_same_address_wherever_it_is_said_to_be() -> None:
    vendor = Vendor()
    vendor.answers = [
        (200, {}, b'{"data":[{"id":1}],"next_href":"https://elsewhere.example.org/v1/nodes?page=2&per_page=1"}'),
        (200, {}, b'{"data":[{"id":2}],"next_href":null}'),
    ]
    async with calling(vendor, QUICK) as caller:
        assert [each["id"] async for each in caller.pages("nodes")] == [1, 2]
    assert vendor.asked == ["GET /v1/nodes?per_page=100", "GET /v1/nodes?per_page=1&page=2"]


async def test_something_that_is_no_list_is_not_taken_for_an_empty_one() -> None:
    vendor = Vendor()
    vendor.answers = [(200, {}, b'{"error":"nothing"}')]
    async with calling(vendor, QUICK) as caller:
        with pytest.raises(ProviderTrouble, match="something other than a list"):
            assert [each async for each in caller.pages("nodes")] == []
