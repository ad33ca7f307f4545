"""What waits and has no job gets one, and an administrator is told of what waits long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from plugins.background_check.services import watching
from plugins.background_check.services.reconcile import sweep
from plugins.background_check.services.sending import send_soon
from plugins.background_check.tables.orders import CheckOrder, ProviderAccount
from staffing.api import tenant_transaction
from tests.factories import make_tenant
from tests.plugins.background_check.checks import make_account, make_order, make_package

AN_HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)
AHEAD = datetime.now(UTC) + timedelta(hours=1)


async def jobs(tenant: str = "alder") -> list[tuple[str, dict[str, str]]]:
    async with tenant_transaction(tenant) as transaction:
        rows = await transaction.connection.fetch("SELECT task_name, args::text FROM procrastinate_jobs ORDER BY id")
    return [(row["task_name"], msgspec.json.decode(row["args"])) for row in rows]


async def post_event(account: UUID, minutes_ago: int = 0, ident: str = "evt1") -> None:
    async with tenant_transaction("alder") as transaction:
        await transaction.connection.execute(
            "INSERT INTO background_check.check_event (tenant, account, provider_event, type, refs, body_sha256, state, says, "
            "received_at) VALUES ('alder', $1, $2, 'report.completed', '[\"rep1\"]', '', 'new', '', now() - $3::interval)",
            account,
            ident,
            timedelta(minutes=minutes_ago),
        )


@pytest.fixture
async def account(tenant: str) -> UUID:
    return await make_account(secrets={"api_key": "invented"})


async def test_an_order_whose_job_was_lost_is_sent_after_all(account: UUID) -> None:
    package = await make_package(account)
    lost = await make_order(account, package, ordered_at=AN_HOUR_AGO)
    overdue = await make_order(account, package, ordered_at=AN_HOUR_AGO, tries=3, next_try_at=AN_HOUR_AGO)
    await make_order(account, package, ordered_at=AN_HOUR_AGO, tries=3, next_try_at=AHEAD)
    await make_order(account, package)
    await make_order(account, package, ordered_at=AN_HOUR_AGO, status="in_progress")
    await make_order(account, package, ordered_at=AN_HOUR_AGO, status="to_authorise")
    await sweep()
    await sweep()
    expected = {str(lost), str(overdue)}
    found = await jobs()
    assert {args["order"] for task, args in found if task == "background_check:send"} == expected
    assert len(found) == 2


async def test_orders_of_a_list_and_of_an_account_that_is_off_are_left(account: UUID) -> None:
    by_list = await make_account("csv_batch")
    await make_order(by_list, await make_package(by_list), ordered_at=AN_HOUR_AGO)
    await make_order(account, await make_package(account), ordered_at=AN_HOUR_AGO)
    await post_event(account)
    async with tenant_transaction("alder"):
        await ProviderAccount.update({ProviderAccount.state: "off"}).where(ProviderAccount.id == account)
    await sweep()
    assert await jobs() == []


async def test_events_that_nobody_works_off_get_a_job(account: UUID) -> None:
    await post_event(account)
    await post_event(account, ident="evt2")
    await sweep(tenant="alder")
    await sweep(tenant="alder")
    assert await jobs() == [("background_check:events", {"tenant": "alder", "account": str(account)})]


async def test_asking_twice_to_send_queues_one_job(account: UUID) -> None:
    order = await make_order(account, await make_package(account))
    await send_soon("alder", order)
    async with tenant_transaction("alder"):
        await send_soon("alder", order)
    assert len(await jobs()) == 1


async def said() -> dict[str, tuple[bool, str]]:
    return {str(check.title): (check.ok, str(check.says)) for check in await watching.checks()}


async def test_where_all_is_well_the_administrator_reads_so(account: UUID) -> None:
    await post_event(account)
    await make_order(account, await make_package(account))
    assert {ok for ok, _ in (await said()).values()} == {True}


async def test_the_administrator_reads_what_waits_since_when_and_no_district_is_named(account: UUID) -> None:
    await make_tenant("birch")
    since = datetime(2026, 11, 20, 9, 40, tzinfo=UTC)
    await post_event(account, minutes_ago=30)
    order = await make_order(account, await make_package(account))
    async with tenant_transaction("alder"):
        await ProviderAccount.update(
            {ProviderAccount.state: "trouble", ProviderAccount.trouble_since: since, ProviderAccount.title: "Alder’s own"}
        ).where(ProviderAccount.id == account)
        await CheckOrder.update({CheckOrder.ordered_at: since}).where(CheckOrder.id == order)
    found = await said()
    assert {ok for ok, _ in found.values()} == {False}
    assert found["Screening providers"][1].startswith(
        "Checkr does not answer 1 of the accounts here since 2026-11-20 09:40 (UTC)"
    )
    assert found["Providers’ events"][1].startswith("1 wait since ")
    assert found["Orders to send"][1] == "1 wait since 2026-11-20 09:40 (UTC) to be sent."
    assert "lder" not in str(found)
