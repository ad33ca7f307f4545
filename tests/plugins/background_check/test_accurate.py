"""A check through Accurate, over real HTTP: interactive orders, labels that each account defines, events that nobody signs."""

from __future__ import annotations

import base64
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from plugins.background_check.providers.accurate import TOKEN, Accurate
from plugins.background_check.providers.http import Patience
from plugins.background_check.rules.status import needs_eyes
from staffing.api import Client, Connection, OrderAsk, OrderStatus, Outcome, ProviderTrouble, Result, Subject
from staffing.app import create_app
from staffing.settings import Settings
from staffing.store.pool import close_pool
from tests.doubles.fixture import Screening, screening
from tests.factories import make_tenant
from tests.plugins.background_check.checks import make_account
from tests.plugins.background_check.posts import address
from tests.web.driving import running

__all__ = ["screening"]

LABELS = "MEETS REQUIREMENTS = clear\nNEEDS REVIEW = record_found"
WORD = "a long word that only Accurate knows"


class Quick(Accurate):
    """Accurate, for a vendor on this machine."""

    patience = Patience(answer=5, first_pause=0.01, most_wait=0.3)


def accurate(screening: Screening, *, ident: str = "invented-alder", **settings: str) -> AbstractAsyncContextManager[Client]:
    given = {"address": screening.address, "results": LABELS, "county": "Montgomery", **settings}
    secrets = {"client_id": ident, "client_secret": "s"}
    return Quick().open(Connection(tenant="alder", account="a", settings=given, secrets=secrets))


def ask(**more: Any) -> OrderAsk:
    subject = Subject(ref="p1", given_name="Rosa", family_name="Invented", email="rosa@example.org", phone="5555550100")
    asked = {"ref": str(uuid4()), "subject": subject, "package": "PKG_VOLUNTEER_STANDARD", "state": "OH", "city": "Dayton"}
    return OrderAsk(**asked | more)


async def test_an_interactive_order_goes_from_invited_to_complete(screening: Screening) -> None:
    screening.put("pace", seconds=None)
    order = ask()
    async with accurate(screening) as client:
        invited = await client.order(order)
        assert (invited.status, invited.raw, invited.result) == (OrderStatus.AWAITING_SUBJECT, "PENDING", None)
        assert "no court is real" in screening.page(invited.link).text
        screening.page(invited.link, outcome="clear")
        searching = await client.look(invited)
        assert (searching.status, searching.link) == (OrderStatus.IN_PROGRESS, "")
        screening.put("pace", seconds=0)
        other = await client.order(ask())
        screening.page(other.link, outcome="clear")
        done = await client.look(other)
    assert (done.status, done.raw, done.result, done.detail) == (
        OrderStatus.COMPLETE,
        "COMPLETE: MEETS REQUIREMENTS",
        Result.CLEAR,
        "",
    )
    assert done.completed_at is not None and done.completed_at <= datetime.now(UTC)
    assert not needs_eyes(done)
    told = screening.knows["orders"][invited.order_ref]
    assert told["workflow"] == "INTERACTIVE" and told["referenceCodes"] == [order.ref]


SAYS = [
    ("clear", LABELS, OrderStatus.COMPLETE, Result.CLEAR, ""),
    ("consider", LABELS, OrderStatus.COMPLETE, Result.RECORD_FOUND, ""),
    ("includes_canceled", LABELS, OrderStatus.COMPLETE, Result.UNABLE, "unknown_word"),
    ("includes_canceled", f"{LABELS}\nCourt closed = unable", OrderStatus.COMPLETE, Result.UNABLE, ""),
    ("clear", "", OrderStatus.COMPLETE, Result.UNABLE, "unknown_word"),
    ("suspended", LABELS, OrderStatus.IN_PROGRESS, None, ""),
    ("under_age", LABELS, OrderStatus.CANCELED, None, ""),
]


@pytest.mark.parametrize("case", SAYS, ids=lambda case: f"{case[0]}, {case[1][-22:]!r}")
async def test_a_result_word_means_what_the_account_says_and_an_unknown_one_is_for_a_person(
    screening: Screening, case: tuple[str, str, OrderStatus, Result | None, str]
) -> None:
    outcome, labels, status, result, detail = case
    async with accurate(screening, results=labels) as client:
        invited = await client.order(ask())
        screening.finish(invited.order_ref, outcome)
        seen = await client.look(invited)
    assert (seen.status, seen.result, seen.detail) == (status, result, detail)
    if status is OrderStatus.COMPLETE:
        assert needs_eyes(seen) is (result is not Result.CLEAR)


async def test_asking_twice_places_one_order_even_when_the_answer_was_lost(screening: Screening) -> None:
    order = ask()
    screening.faults(lost_answer={"on": "POST /v3/order", "times": 1})
    async with accurate(screening) as client:
        with pytest.raises(ProviderTrouble) as caught:
            await client.order(order)
        assert caught.value.again
        seen = await client.order(order)
        assert await client.order(order) == seen
    assert len(screening.knows["orders"]) == 1
    assert len(screening.calls("POST /v3/order")) == 1


async def test_an_order_among_many_is_found_where_the_list_is_not_narrowed(screening: Screening) -> None:
    screening.put("wide", orders=230, account="invented-alder")
    order = ask()
    async with accurate(screening) as client:
        first = await client.order(order)
        screening.put("wide", orders=230, account="invented-alder")
        assert await client.order(order) == first
    assert len(screening.knows["orders"]) == 461


async def test_what_an_account_may_order_is_listed(screening: Screening) -> None:
    async with accurate(screening) as client:
        found = await client.packages()
    assert [each.code for each in found] == ["PKG_VOLUNTEER_STANDARD", "PKG_VOLUNTEER_REGISTRIES", "PKG_VOLUNTEER_DRIVER"]
    assert "sex_offender_search" in found[0].searches


async def test_an_order_is_taken_back_only_on_accurates_own_pages(screening: Screening) -> None:
    async with accurate(screening) as client:
        invited = await client.order(ask())
        with pytest.raises(ProviderTrouble, match="only on its own pages") as caught:
            await client.cancel(invited)
        assert (caught.value.again, caught.value.code) == (False, "by_hand")
        screening.finish(invited.order_ref, "under_age")
        assert (await client.cancel(invited)).status is OrderStatus.CANCELED


async def test_accurate_is_not_told_of_decisions(screening: Screening) -> None:
    async with accurate(screening) as client:
        invited = await client.order(ask())
        before = len(screening.calls())
        await client.decided(invited, Outcome.ELIGIBLE)
        assert [each async for each in client.changed(datetime.now(UTC))] == []
    assert len(screening.calls()) == before


REFUSALS: list[tuple[dict[str, Any], dict[str, str], bool, str, str]] = [
    ({"package": "PKG_NONE"}, {}, False, "package", "does not have this package"),
    ({"state": ""}, {}, False, "work_location", "where the work is done"),
    ({"city": ""}, {}, False, "work_location", "where the work is done"),
    ({"subject": Subject(ref="p", given_name="R", family_name="I")}, {}, False, "email", "no e-mail address is on record"),
    ({}, {"ident": "somebody-else"}, True, "account", "does not accept the key"),
    ({}, {"ident": ""}, True, "account", "has no client id and secret yet"),
    ({}, {"results": "MEETS REQUIREMENTS"}, True, "settings", "Line 1 of the result words"),
    ({}, {"address": "http://example.org"}, True, "settings", "not one that a key may be sent to"),
]


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case[4])
async def test_a_refusal_is_a_sentence_that_says_what_to_do(
    screening: Screening, case: tuple[dict[str, Any], dict[str, str], bool, str, str]
) -> None:
    asked, settings, again, code, words = case
    with pytest.raises(ProviderTrouble, match=words) as caught:
        async with accurate(screening, **settings) as client:
            await client.order(ask(**asked))
    assert (caught.value.again, caught.value.code) == (again, code)
    assert "rosa" not in str(caught.value).lower()
    assert not screening.knows["orders"]


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


KNOWS = [
    ({TOKEN: WORD}, True),
    ({"authorization": basic("accurate", WORD)}, True),
    ({}, False),
    ({TOKEN: ""}, False),
    ({TOKEN: WORD[:-1]}, False),
    ({TOKEN: WORD.upper()}, False),
    ({"authorization": basic(WORD, "")}, False),
    ({"authorization": f"Bearer {WORD}"}, False),
    ({"authorization": "Basic ####"}, False),
    ({"authorization": "Basic"}, False),
    ({"token": WORD, "x-token": WORD}, False),
]


@pytest.mark.parametrize(("headers", "genuine"), KNOWS)
def test_an_event_is_believed_only_from_who_knows_the_secret_word(headers: dict[str, str], genuine: bool) -> None:
    body = b'{"id":"1","eventType":"ORDER_STATUS_CHANGE","eventInfo":{"orderId":"2"}}'
    connection = Connection(tenant="alder", account="a", secrets={"token": WORD})
    assert Accurate().genuine(connection, headers, body) is genuine
    assert not Accurate().genuine(Connection(tenant="alder", account="a"), headers, body)


async def test_the_secret_word_is_at_the_end_of_the_posted_address(database: str, installation: Path) -> None:
    await close_pool()
    app = create_app(Settings(data=installation, database_url=database))
    body = b'{"id":"e1","eventType":"ORDER_STATUS_CHANGE","eventInfo":{"orderId":"602bcdbf4b9ccf1bbb4fa4c1"}}'
    async with (
        running(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000") as client,
    ):
        await make_tenant("alder")
        account = await make_account(provider="accurate", secrets={"token": WORD})
        path = address(account)
        for params, headers in (({}, {}), ({"token": "guess"}, {}), ({}, {"token": WORD, "x-token": WORD})):
            assert (await client.post(path, params=params, headers=headers, content=body)).status_code == 401
        assert (await client.post(path, params={"token": WORD}, content=body)).status_code == 200


def test_of_an_event_only_the_order_is_read() -> None:
    published = (
        b'{"id":"6017fde4dc4fda1c926bfa89","created":"2021-02-01T13:11:00Z","eventType":"ORDER_STATUS_CHANGE",'
        b'"environment":"sandbox","test":true,"eventInfo":{"orderId":"602bcdbf4b9ccf1bbb4fa4c1","orderStatus":"COMPLETE",'
        b'"orderResult":"MEETS REQUIREMENTS","percentageComplete":"100"}}'
    )
    event = Accurate().event(published)
    assert (event.id, event.type, event.refs) == (
        "6017fde4dc4fda1c926bfa89",
        "ORDER_STATUS_CHANGE",
        ("602bcdbf4b9ccf1bbb4fa4c1",),
    )
    assert event.created_at == datetime(2021, 2, 1, 13, 11, tzinfo=UTC)
    assert "COMPLETE" not in repr(event)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"id":"1"}', b'{"id":"1","eventType":"A"}', b'{"id":1,"eventType":"A","eventInfo":{}}']
)
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Accurate().event(body)
