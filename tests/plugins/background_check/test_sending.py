"""Orders reach their provider once, whatever happens on the way, and wait without loss while it does not answer."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from plugins.background_check.providers.checkr import Checkr
from plugins.background_check.providers.http import Patience
from plugins.background_check.services import connections
from plugins.background_check.services.connections import sealed_for
from plugins.background_check.services.following import follow
from plugins.background_check.services.sending import FAULT, FIRST_WAIT, LONGEST_WAIT, SEND, send, take_back
from plugins.background_check.tables.orders import CheckOrder, ProviderAccount
from staffing.api import (
    Client,
    Connection,
    OrderSeen,
    OrderStatus,
    ScreeningProvider,
    evidence_of,
    seal,
    system_viewer,
    tenant_transaction,
)
from staffing.settings import REPOSITORY
from tests.doubles.fixture import Screening, screening
from tests.factories import json_text, make_person
from tests.plugins.background_check.checks import journal_of, make_account, make_order, make_package, order_row

__all__ = ["screening"]

KEY = "invented-alder"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One try a call, so that a vendor that is down is down at once."""
    monkeypatch.setattr(Checkr, "patience", Patience(tries=1))
    yield


@pytest.fixture
async def account(tenant: str, screening: Screening) -> UUID:
    return await make_account(settings={"address": screening.address}, secrets={"api_key": KEY})


@pytest.fixture
async def order(account: UUID) -> UUID:
    return await make_order(account, await make_package(account, code="volunteer_standard"))


async def account_row(account: UUID) -> dict[str, object]:
    async with tenant_transaction("alder"):
        return await ProviderAccount.select().where(ProviderAccount.id == account).first()


async def queued(task: str = SEND) -> list[tuple[datetime | None, str]]:
    async with tenant_transaction("alder") as transaction:
        rows = await transaction.connection.fetch(
            "SELECT scheduled_at, args->>'order' AS about FROM procrastinate_jobs WHERE task_name = $1 ORDER BY id", task
        )
    return [(row["scheduled_at"], row["about"]) for row in rows]


async def test_an_order_is_sent_and_then_waits_for_the_person(order: UUID, account: UUID, screening: Screening) -> None:
    await send("alder", str(order))
    row = await order_row(order)
    (invitation,) = screening.knows["invitations"].values()
    assert (row["status"], row["order_ref"], row["link"]) == ("awaiting_subject", invitation["id"], invitation["invitation_url"])
    assert invitation["tags"] == [str(order)]
    assert row["requested_on"] is not None
    assert (await account_row(account))["looked_at"] is not None
    assert invitation["work_locations"] == [{"country": "US", "state": "CA", "city": "Alder"}]


async def test_sending_again_and_at_the_same_time_places_one_order(order: UUID, screening: Screening) -> None:
    await asyncio.gather(*(send("alder", str(order)) for _ in range(4)))
    await send("alder", str(order))
    assert len(screening.knows["invitations"]) == len(screening.knows["candidates"]) == 1
    assert [action for action, _ in await journal_of(f"check/{order}")] == ["check:followed"]


async def test_an_answer_that_was_lost_is_asked_for_again_and_nothing_is_placed_twice(order: UUID, screening: Screening) -> None:
    screening.faults(lost_answer={"on": "POST /v1/invitations", "times": 1})
    await send("alder", str(order))
    assert (await order_row(order))["status"] == "to_send"
    await send("alder", str(order))
    row = await order_row(order)
    assert (row["status"], row["tries"], row["says"], row["next_try_at"]) == ("awaiting_subject", 0, "", None)
    assert list(screening.knows["invitations"]) == [row["order_ref"]]


async def test_a_worker_killed_between_the_answer_and_our_writing_it_down_places_nothing_new(
    database: str, order: UUID, screening: Screening
) -> None:
    code = (
        "import asyncio, sys\n"
        "from staffing import host\n"
        "host.load().import_modules('jobs')\n"
        "from staffing.store.pool import open_pool\n"
        "from plugins.background_check.services.sending import send\n"
        "async def main():\n"
        "    await open_pool(sys.argv[1])\n"
        "    await send('alder', sys.argv[2])\n"
        "asyncio.run(main())\n"
    )
    async with tenant_transaction("alder"):
        # Our row is locked, so the other process stops where it has the answer and is about to write it down.
        await CheckOrder.select(CheckOrder.id).where(CheckOrder.id == order).lock_rows("UPDATE")
        worker = await asyncio.create_subprocess_exec(sys.executable, "-c", code, database, str(order), cwd=REPOSITORY)
        try:
            async with asyncio.timeout(60):
                while not await asyncio.to_thread(lambda: screening.knows["invitations"]):  # noqa: ASYNC110  another process
                    await asyncio.sleep(0.05)
                while not await waits_for_a_lock():  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        finally:
            worker.send_signal(signal.SIGKILL)
            await worker.wait()
    assert (await order_row(order))["status"] == "to_send"
    await send("alder", str(order))
    assert list(screening.knows["invitations"]) == [(await order_row(order))["order_ref"]]


async def waits_for_a_lock() -> bool:
    async with tenant_transaction("alder") as transaction:
        return await transaction.connection.fetchval(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple'))"
        )


async def test_a_vendor_that_is_down_for_a_day_loses_nothing_and_is_asked_less_and_less_often(
    order: UUID, account: UUID, screening: Screening
) -> None:
    screening.faults(down=True)
    waits = []
    for tries in range(1, 10):
        before = datetime.now(UTC)
        await send("alder", str(order))
        row = await order_row(order)
        assert (row["status"], row["tries"]) == ("to_send", tries)
        waits.append((row["next_try_at"] - before) // timedelta(seconds=30) * 30)
    assert waits == [FIRST_WAIT * 2**n for n in range(7)] + [LONGEST_WAIT] * 2
    row, account_now = await order_row(order), await account_row(account)
    assert row["says"].startswith("Checkr does not answer since ")
    assert row["says"].endswith(". We try again by ourselves; nothing is lost.")
    assert (account_now["state"], account_now["says"]) == ("trouble", row["says"])
    assert [(at, about) for at, about in await queued()][-1] == (row["next_try_at"], str(order))
    assert len(await queued()) == 9
    assert [a for a, _ in await journal_of(f"check_account/{account}")] == ["check_account:trouble"]

    screening.faults()
    await send("alder", str(order))
    row, account_now = await order_row(order), await account_row(account)
    assert (row["status"], row["says"], row["tries"]) == ("awaiting_subject", "", 0)
    assert (account_now["state"], account_now["says"], account_now["trouble_since"]) == ("connected", "", None)


async def test_a_vendor_that_is_not_there_at_all_is_the_same(order: UUID, account: UUID) -> None:
    async with tenant_transaction("alder"):
        nobody = json_text({"address": "http://127.0.0.1:9/v1"})
        await ProviderAccount.update({ProviderAccount.settings: nobody}).where(ProviderAccount.id == account)
    await send("alder", str(order))
    row = await order_row(order)
    assert (row["status"], row["tries"]) == ("to_send", 1)


async def test_a_limit_is_waited_for_and_says_nothing_of_the_account(order: UUID, account: UUID, screening: Screening) -> None:
    screening.faults(busy={"reset": 400, "times": 5})
    before = datetime.now(UTC)
    await send("alder", str(order))
    row = await order_row(order)
    assert row["status"] == "to_send"
    assert row["next_try_at"] - before > timedelta(seconds=FIRST_WAIT)
    assert (await account_row(account))["state"] == "connected"


REFUSED: dict[str, tuple[str, dict[str, str], str]] = {
    "does not have this package for this account": ("no_such_package", {}, ""),
    "no e-mail address is on record": ("volunteer_standard", {"email": ""}, ""),
    "does not check people of this age": ("volunteer_standard", {"email": "young@example.org"}, "under_age"),
}


@pytest.mark.parametrize("sentence", REFUSED)
async def test_what_the_provider_will_not_take_is_refused_in_its_own_words(
    account: UUID, screening: Screening, sentence: str
) -> None:
    package, person, detail = REFUSED[sentence]
    screening.put("people/young@example.org", refused_for_age=True)
    who = await make_person("alder", **person)
    order = await make_order(account, await make_package(account, code=package), person=who)
    await send("alder", str(order))
    row = await order_row(order)
    assert (row["status"], row["detail"], row["outcome"]) == ("refused", detail, None)
    assert sentence in row["says"]
    assert await evidence_of("alder", who) == []
    assert await queued() == []
    assert (await account_row(account))["state"] == "connected"


async def test_a_wrong_key_waits_for_the_administrator(order: UUID, account: UUID, screening: Screening) -> None:
    async with tenant_transaction("alder"):
        wrong = seal(json_text({"api_key": "not-a-key"}), sealed_for(account))
        await ProviderAccount.update({ProviderAccount.secrets: wrong}).where(ProviderAccount.id == account)
    await send("alder", str(order))
    row = await order_row(order)
    assert row["status"] == "to_send"
    assert "does not accept the key of this account. An administrator" in row["says"]
    async with tenant_transaction("alder"):
        right = seal(json_text({"api_key": KEY}), sealed_for(account))
        await ProviderAccount.update({ProviderAccount.secrets: right}).where(ProviderAccount.id == account)
    await send("alder", str(order))
    assert (await order_row(order))["status"] == "awaiting_subject"


async def test_the_demonstrations_provider_is_where_the_environment_says(
    order: UUID, account: UUID, screening: Screening, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with tenant_transaction("alder"):
        await ProviderAccount.update({ProviderAccount.settings: json_text({"address": "demonstration"})}).where(
            ProviderAccount.id == account
        )
    await send("alder", str(order))
    row = await order_row(order)
    assert row["status"] == "to_send"
    assert "the demonstration's provider, which does not run here" in row["says"]
    monkeypatch.setitem(os.environ, "STAFFING_DEMO_SCREENING", screening.address)
    await send("alder", str(order))
    assert (await order_row(order))["status"] == "awaiting_subject"


@pytest.mark.parametrize("status", ["to_authorise", "canceled", "in_progress", "complete"])
async def test_only_an_order_that_waits_to_be_sent_is_sent(account: UUID, screening: Screening, status: str) -> None:
    order = await make_order(account, await make_package(account, code="volunteer_standard"), status=status)
    await send("alder", str(order))
    assert (await order_row(order))["status"] == status
    assert screening.knows["invitations"] == {}


async def test_an_account_that_is_off_sends_nothing_and_keeps_the_order(order: UUID, account: UUID, screening: Screening) -> None:
    async with tenant_transaction("alder"):
        await ProviderAccount.update({ProviderAccount.state: "off"}).where(ProviderAccount.id == account)
    await send("alder", str(order))
    assert (await order_row(order))["status"] == "to_send"
    assert screening.knows["candidates"] == {}


async def test_an_order_ended_while_it_was_on_its_way_is_ended_at_the_provider_too(order: UUID, screening: Screening) -> None:
    screening.faults(slow={"on": "POST /v1/invitations", "seconds": 1.5, "times": 1})
    on_its_way = asyncio.create_task(send("alder", str(order)))
    async with asyncio.timeout(30):
        while not await asyncio.to_thread(screening.calls, "POST /v1/invitations"):  # noqa: ASYNC110  the double runs in a thread
            await asyncio.sleep(0.02)
    ended = OrderSeen(order_ref="", status=OrderStatus.CANCELED, raw="canceled here")
    await follow(system_viewer("alder"), order, ended, why="not needed any more")
    await on_its_way
    row = await order_row(order)
    assert (row["status"], bool(row["order_ref"])) == ("canceled", True)
    assert [about for _, about in await queued("background_check:take_back")] == [str(order)]
    await take_back("alder", str(order))
    await take_back("alder", str(order))
    (invitation,) = screening.knows["invitations"].values()
    assert invitation["deleted_at"]
    assert (await order_row(order))["status"] == "canceled"


async def test_somebody_known_to_the_provider_is_not_made_known_twice(account: UUID, screening: Screening) -> None:
    package, other = await make_package(account, code="volunteer_standard"), await make_package(account, code="volunteer_driver")
    who = await make_person("alder")
    first = await make_order(account, package, person=who)
    await send("alder", str(first))
    second = await make_order(account, other, person=who)
    await send("alder", str(second))
    assert len(screening.knows["candidates"]) == 1
    assert (await order_row(first))["order_ref"] != (await order_row(second))["order_ref"]


class Faulty(ScreeningProvider):
    """A provider of somebody else's plugin, with a mistake in it."""

    name, title = "checkr", "Faulty"

    def open(self, connection: Connection) -> AbstractAsyncContextManager[Client]:
        raise KeyError("a mistake")


async def test_a_mistake_in_a_providers_plugin_keeps_the_order_and_says_so(
    order: UUID, account: UUID, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(connections, "screening_providers", lambda: {"checkr": Faulty()})
        await send("alder", str(order))
    row = await order_row(order)
    assert (row["status"], row["tries"], row["says"]) == ("to_send", 1, FAULT)
    assert "could not be sent" in caplog.text
    assert (await account_row(account))["state"] == "connected"
    await send("alder", str(order))
    assert (await order_row(order))["status"] == "awaiting_subject"


async def test_a_provider_whose_plugin_is_gone_keeps_the_order_until_it_is_back(order: UUID, account: UUID) -> None:
    async with tenant_transaction("alder"):
        await ProviderAccount.update({ProviderAccount.provider: "taken_away"}).where(ProviderAccount.id == account)
    await send("alder", str(order))
    row = await order_row(order)
    assert row["status"] == "to_send"
    assert "is not installed here any more" in row["says"]
