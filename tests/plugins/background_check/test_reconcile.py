"""What no event told of is found in the night."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from plugins.background_check.providers.checkr import Checkr
from plugins.background_check.providers.http import Patience
from plugins.background_check.services.reconcile import reconcile
from plugins.background_check.services.sending import send
from plugins.background_check.tables.orders import CheckOrder, ProviderAccount
from staffing.api import tenant_transaction
from tests.doubles.fixture import Screening, screening
from tests.factories import json_text
from tests.plugins.background_check.checks import journal_of, make_account, make_order, make_package, order_row

__all__ = ["screening"]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """One try a call, so that a vendor that is down is down at once."""
    monkeypatch.setattr(Checkr, "patience", Patience(tries=1))


@pytest.fixture
async def account(tenant: str, screening: Screening) -> UUID:
    screening.account("invented-alder")  # nowhere to post events to: every one is lost
    return await make_account(settings={"address": screening.address}, secrets={"api_key": "invented-alder"})


@pytest.fixture
async def order(account: UUID) -> UUID:
    order = await make_order(account, await make_package(account, code="volunteer_standard"))
    await send("alder", str(order))
    await hours_pass(order, 7)
    return order


async def hours_pass(order: UUID, hours: int) -> None:
    async with tenant_transaction("alder"):
        await CheckOrder.update({CheckOrder.followed_at: datetime.now(UTC) - timedelta(hours=hours)}).where(
            CheckOrder.id == order
        )


async def finished(order: UUID, screening: Screening, outcome: str) -> str:
    invitation = (await order_row(order))["order_ref"]
    screening.finish(invitation, outcome)
    report: str = screening.knows["invitations"][invitation]["report_id"]
    return report


async def test_a_report_completed_while_every_event_was_lost_is_found(order: UUID, screening: Screening) -> None:
    report = await finished(order, screening, "consider")
    await reconcile()
    row = await order_row(order)
    assert (row["status"], row["result"], row["report_ref"]) == ("complete", "record_found", report)
    assert (await journal_of(f"check/{order}"))[-1][1]["why"] == "nightly"


async def test_a_revision_of_a_decided_report_is_found_too(order: UUID, screening: Screening) -> None:
    report = await finished(order, screening, "clear")
    await reconcile()
    async with tenant_transaction("alder"):
        await CheckOrder.update({CheckOrder.outcome: "eligible"}).where(CheckOrder.id == order)
    screening.report(report, "dispute")
    screening.report(report, "complete", "consider")
    await reconcile(tenant="alder")
    row = await order_row(order)
    assert (row["status"], row["result"], row["outcome"]) == ("complete", "record_found", "eligible")
    assert row["opened_again_at"] is not None


async def test_what_was_followed_lately_or_is_over_is_not_asked_about(order: UUID, account: UUID, screening: Screening) -> None:
    await hours_pass(order, 1)
    package = await make_package(account, code="volunteer_driver")
    for status in ("to_authorise", "canceled", "expired", "refused"):
        await make_order(account, package, status=status, order_ref="inv0", ordered_at=datetime.now(UTC) - timedelta(days=9))
    await make_order(
        account,
        package,
        status="complete",
        outcome="eligible",
        order_ref="inv0",
        ordered_at=datetime.now(UTC) - timedelta(days=9),
    )
    looks = len(screening.calls("GET /v1/invitations/"))
    await reconcile()
    assert len(screening.calls("GET /v1/invitations/")) == looks


async def test_twice_in_a_night_changes_nothing_more(order: UUID, screening: Screening) -> None:
    await finished(order, screening, "clear")
    await reconcile()
    version = (await order_row(order))["version"]
    await hours_pass(order, 7)
    await reconcile()
    assert (await order_row(order))["version"] == version


async def test_an_account_in_trouble_keeps_no_other_from_being_compared(order: UUID, account: UUID, screening: Screening) -> None:
    await finished(order, screening, "clear")
    async with tenant_transaction("alder"):
        await ProviderAccount.update({ProviderAccount.made_at: datetime.now(UTC)}).where(ProviderAccount.id == account)
    down = await make_account(
        settings={"address": "http://127.0.0.1:9/v1"}, secrets={"api_key": "x"}, made_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    broken = await make_account(secrets={"api_key": "x"}, made_at=datetime(2026, 1, 2, tzinfo=UTC))
    async with tenant_transaction("alder"):
        await ProviderAccount.update({ProviderAccount.secrets: b"spoilt" * 9}).where(ProviderAccount.id == broken)
    off = await make_account(secrets={"api_key": "x"}, state="off", settings={"address": "http://127.0.0.1:9/v1"})
    await reconcile()
    assert (await order_row(order))["status"] == "complete"
    async with tenant_transaction("alder"):
        rows = await ProviderAccount.select(ProviderAccount.id, ProviderAccount.state, ProviderAccount.says)
    states = {row["id"]: row["state"] for row in rows}
    assert (states[down], states[broken], states[off], states[account]) == ("trouble", "trouble", "off", "connected")
    assert "cannot be opened with this installation's keys" in next(row["says"] for row in rows if row["id"] == broken)


async def test_an_order_that_the_provider_no_longer_knows_says_so(order: UUID, account: UUID) -> None:
    async with tenant_transaction("alder"):
        await CheckOrder.update({CheckOrder.order_ref: "inv0"}).where(CheckOrder.id == order)
    await reconcile()
    row = await order_row(order)
    assert (row["status"], "does not know this invitation any more" in row["says"]) == ("awaiting_subject", True)


async def test_the_district_says_after_how_many_hours_an_order_is_asked_about(order: UUID, screening: Screening) -> None:
    from plugins.background_check.tables.keeping import Policy

    await finished(order, screening, "clear")
    async with tenant_transaction("alder"):
        await Policy.insert(Policy(version=1, body=json_text({"reconcile_hours": 48}), why="tests", made_by="admin/- Grace"))
    await reconcile()
    assert (await order_row(order))["status"] == "awaiting_subject"
    await hours_pass(order, 49)
    await reconcile()
    assert (await order_row(order))["status"] == "complete"
