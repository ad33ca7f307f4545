"""The door for providers' events: genuine ones are kept once, nothing of a forged one is, and neither learns anything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from plugins.background_check.services import intake
from plugins.background_check.services.connections import sealed_for
from plugins.background_check.tables.orders import ProviderAccount
from staffing.api import seal, tenant_transaction
from staffing.app import create_app
from staffing.settings import Settings
from staffing.store.pool import close_pool
from tests.factories import json_text, make_tenant
from tests.plugins.background_check.checks import journal_of, make_account
from tests.plugins.background_check.posts import KEY, address, event, signed
from tests.web.driving import running


@pytest.fixture
async def door(database: str, installation: Path) -> AsyncIterator[httpx.AsyncClient]:
    await close_pool()
    app = create_app(Settings(data=installation, database_url=database))
    async with (
        running(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000") as client,
    ):
        await make_tenant("alder")
        await make_tenant("birch")
        yield client


@pytest.fixture
async def account(door: httpx.AsyncClient) -> UUID:
    return await make_account(secrets={"api_key": KEY})


async def post(door: httpx.AsyncClient, account: UUID, body: bytes, key: str = KEY, tenant: str = "alder") -> httpx.Response:
    return await door.post(address(account, tenant), content=body, headers=signed(body, key))


async def kept(tenant: str = "alder") -> list[dict[str, Any]]:
    async with tenant_transaction(tenant) as transaction:
        rows = await transaction.connection.fetch(
            "SELECT provider_event, type, refs::text, state, body_sha256, said_at FROM background_check.check_event ORDER BY id"
        )
    return [dict(row) for row in rows]


async def jobs() -> int:
    async with tenant_transaction("alder") as transaction:
        return await transaction.connection.fetchval(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'background_check:events'"
        )


async def test_a_genuine_event_is_kept_without_its_body_and_answered_with_nothing(door: httpx.AsyncClient, account: UUID) -> None:
    body = event("evt1", id="rep1", candidate_id="can1", status="complete", result="consider", ssn="XXX-XX-1234")
    answer = await post(door, account, body)
    assert (answer.status_code, answer.content) == (200, b"")
    assert "set-cookie" not in answer.headers
    (row,) = await kept()
    assert (row["provider_event"], row["type"], row["refs"], row["state"]) == (
        "evt1",
        "report.completed",
        '["rep1", "can1"]',
        "new",
    )
    assert row["said_at"].isoformat() == "2026-11-20T15:00:00+00:00"
    async with tenant_transaction("alder") as transaction:
        whole = await transaction.connection.fetchval("SELECT e::text FROM background_check.check_event e")
        queued = await transaction.connection.fetchval("SELECT string_agg(args::text, ' ') FROM procrastinate_jobs")
    assert "1234" not in whole + queued
    assert "consider" not in whole + queued


async def test_the_same_event_is_kept_once_and_both_times_answered_well(door: httpx.AsyncClient, account: UUID) -> None:
    body = event("evt1", id="rep1")
    answers = await asyncio.gather(*(post(door, account, body) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await kept()) == 1


async def test_a_burst_makes_few_jobs(door: httpx.AsyncClient, account: UUID) -> None:
    for number in range(40):
        assert (await post(door, account, event(f"evt{number}", id="rep1"))).status_code == 200
    assert len(await kept()) == 40
    assert await jobs() == 1


FORGED = {
    "another key": signed(event("evt1", id="rep1"), "another-key"),
    "no signature": {"Content-Type": "application/json"},
    "the sentence of an account without a key": {
        "X-Checkr-Signature": "Please create an API key to check the authenticity of our webhooks."
    },
    "a signature of other bytes": signed(event("evt2", id="rep1")),
}


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_event_is_refused_and_only_counted(door: httpx.AsyncClient, account: UUID, name: str) -> None:
    answers = [await door.post(address(account), content=event("evt1", id="rep1"), headers=FORGED[name]) for _ in range(3)]
    assert [(a.status_code, a.json()) for a in answers] == [(401, {"error": "not_genuine"})] * 3
    assert await kept() == []
    assert await jobs() == 0
    assert await journal_of(f"check_account/{account}") == [("check_event:forged", {"events": 1})]


async def test_a_flood_of_forged_events_makes_one_entry_a_minute_with_their_number(
    door: httpx.AsyncClient, account: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = event("evt1", id="rep1")
    for _ in range(6):
        await post(door, account, body, "wrong")
    monkeypatch.setattr(intake, "QUIET", 0.0)  # the minute is over
    await post(door, account, body, "wrong")
    assert [facts for _, facts in await journal_of(f"check_account/{account}")] == [{"events": 1}, {"events": 6}]


async def test_nobody_learns_whether_a_district_or_an_account_exists(door: httpx.AsyncClient, account: UUID) -> None:
    body = event("evt1", id="rep1")
    off = await make_account(secrets={"api_key": KEY}, state="off")
    nowhere = [
        await post(door, account, body, tenant="birch"),
        await post(door, account, body, tenant="no-such-district"),
        await post(door, uuid4(), body),
        await post(door, off, body),
        await post(door, account, body, tenant="a%00b"),
        await post(door, account, body, tenant="Ä" * 200),
    ]
    assert {(answer.status_code, answer.content) for answer in nowhere} == {(404, b'{"error":"nothing_here"}')}
    assert await kept() == []
    assert await kept("birch") == []


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b"[]", b'{"id": "evt1"}', b'{"type": "report.completed"}', b"\xff\xfe", b"[" * 20_000, b'{"id": 7}'],
)
async def test_what_is_genuine_and_no_event_is_refused(door: httpx.AsyncClient, account: UUID, body: bytes) -> None:
    answer = await post(door, account, body)
    assert (answer.status_code, answer.json()) == (400, {"error": "no_event"})
    assert await kept() == []


async def test_a_large_body_is_refused_before_it_is_read_whole(door: httpx.AsyncClient, account: UUID) -> None:
    body = event("evt1", id="rep1", padding="x" * intake.MOST_BYTES)

    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 4096):
            yield body[start : start + 4096]

    told = await post(door, account, body)
    untold = await door.post(address(account), content=parts(), headers=signed(body))
    assert {(a.status_code, a.content) for a in (told, untold)} == {(413, b'{"error":"too_large"}')}
    assert await kept() == []


async def test_another_way_than_posting_is_not_offered(door: httpx.AsyncClient, account: UUID) -> None:
    assert (await door.get(address(account))).status_code == 405
    assert (await door.post("/p/background_check/hooks/alder/not-an-id", content=b"{}")).status_code == 404


async def test_a_changed_key_counts_at_once_and_the_old_one_no_longer(door: httpx.AsyncClient, account: UUID) -> None:
    assert (await post(door, account, event("evt1", id="rep1"))).status_code == 200
    async with tenant_transaction("alder"):
        await ProviderAccount.update(
            {ProviderAccount.secrets: seal(json_text({"api_key": "the-new-key"}), sealed_for(account))}
        ).where(ProviderAccount.id == account)
    assert (await post(door, account, event("evt2", id="rep1"))).status_code == 401
    assert (await post(door, account, event("evt3", id="rep1"), "the-new-key")).status_code == 200
    assert [row["provider_event"] for row in await kept()] == ["evt1", "evt3"]


async def test_an_account_that_is_switched_off_takes_nothing_more(door: httpx.AsyncClient, account: UUID) -> None:
    assert (await post(door, account, event("evt1", id="rep1"))).status_code == 200
    async with tenant_transaction("alder"):
        await ProviderAccount.update({ProviderAccount.state: "off"}).where(ProviderAccount.id == account)
    assert (await post(door, account, event("evt2", id="rep1"))).status_code == 404
    assert len(await kept()) == 1


async def test_a_note_about_an_account_keeps_its_events_coming(door: httpx.AsyncClient, account: UUID) -> None:
    assert (await post(door, account, event("evt1", id="rep1"))).status_code == 200
    async with tenant_transaction("alder"):
        await ProviderAccount.update({ProviderAccount.state: "trouble"}).where(ProviderAccount.id == account)
    assert (await post(door, account, event("evt2", id="rep1"))).status_code == 200
    assert len(await kept()) == 2


async def test_a_provider_that_is_gone_or_sends_no_events_is_not_there(door: httpx.AsyncClient) -> None:
    gone = await make_account("no_such_provider", secrets={"api_key": KEY})
    by_hand = await make_account("manual")
    assert (await post(door, gone, event("evt1"))).status_code == 404
    assert (await post(door, by_hand, event("evt1"))).status_code in (401, 404)
