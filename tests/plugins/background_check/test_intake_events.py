"""Events worked off against a provider over real HTTP: what is looked at counts, never what an event claims."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from plugins.background_check.providers.checkr import Checkr
from plugins.background_check.providers.http import Patience
from plugins.background_check.services.events import ASKED, NAMES_NOTHING, NOT_OURS, work_off
from plugins.background_check.services.exclusive import alone
from plugins.background_check.services.intake import Taken, take
from plugins.background_check.services.sending import send
from plugins.background_check.tables.orders import ProviderAccount
from staffing.api import tenant_transaction
from tests.doubles.fixture import Screening, screening
from tests.factories import json_text, make_tenant
from tests.plugins.background_check.checks import journal_of, make_account, make_order, make_package, order_row
from tests.plugins.background_check.posts import event, signed

__all__ = ["screening"]

KEY, OTHERS = "invented-alder", "invented-birch"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """One try a call, so that a vendor that is down is down at once."""
    monkeypatch.setattr(Checkr, "patience", Patience(tries=1))


@pytest.fixture
async def account(tenant: str, screening: Screening) -> UUID:
    return await make_account(settings={"address": screening.address}, secrets={"api_key": KEY})


@pytest.fixture
async def package(account: UUID) -> UUID:
    return await make_package(account, code="volunteer_standard")


@pytest.fixture
async def order(account: UUID, package: UUID) -> UUID:
    """An order whose person has been invited."""
    order = await make_order(account, package)
    await send("alder", str(order))
    return order


async def posted(account: UUID, *bodies: bytes, key: str = KEY, tenant: str = "alder") -> list[Taken]:
    return [
        await take(tenant, account, {name.lower(): value for name, value in signed(body, key).items()}, body) for body in bodies
    ]


async def events(tenant: str = "alder") -> dict[str, tuple[str, str]]:
    async with tenant_transaction(tenant) as transaction:
        rows = await transaction.connection.fetch(
            "SELECT provider_event, state, says FROM background_check.check_event ORDER BY id"
        )
    return {row["provider_event"]: (row["state"], row["says"]) for row in rows}


async def minutes_later(minutes: int) -> None:
    async with tenant_transaction("alder") as transaction:
        await transaction.connection.execute(
            "UPDATE background_check.check_event SET received_at = received_at - $1::interval", timedelta(minutes=minutes)
        )


async def finished(order: UUID, screening: Screening, outcome: str = "clear") -> str:
    """The person fills in everything at the provider; gives the report."""
    invitation = (await order_row(order))["order_ref"]
    screening.finish(invitation, outcome)
    report: str = screening.knows["invitations"][invitation]["report_id"]
    return report


async def test_many_events_about_one_order_make_one_look(order: UUID, account: UUID, screening: Screening) -> None:
    report = await finished(order, screening)
    invitation = (await order_row(order))["order_ref"]
    kinds = ("invitation.completed", "candidate.updated", "invitation.created")
    bodies = [event(f"evt{n}", kind, id=invitation) for n, kind in enumerate(kinds * 4)]
    looks_before = len(screening.calls(f"GET /v1/invitations/{invitation}"))
    assert set(await posted(account, *bodies)) == {Taken.KEPT}
    await work_off("alder", str(account))
    row = await order_row(order)
    assert (row["status"], row["result"], row["report_ref"]) == ("complete", "clear", report)
    assert len(screening.calls(f"GET /v1/invitations/{invitation}")) - looks_before == 1
    assert {state for state, _ in (await events()).values()} == {"done"}


async def test_an_event_claims_nothing(order: UUID, account: UUID) -> None:
    invitation = (await order_row(order))["order_ref"]
    await posted(account, event("evt1", "invitation.completed", id=invitation, status="completed", result="clear"))
    await work_off("alder", str(account))
    assert (await order_row(order))["status"] == "awaiting_subject"


async def test_a_report_whose_beginning_was_never_told_is_found_by_whose_it_is(
    order: UUID, account: UUID, screening: Screening
) -> None:
    report = await finished(order, screening, "consider")
    await posted(account, event("evt1", id=report))
    await work_off("alder", str(account))
    row = await order_row(order)
    assert (row["status"], row["result"], row["report_ref"]) == ("complete", "record_found", report)
    assert await events() == {"evt1": ("done", "")}


async def test_worked_off_twice_nothing_happens_twice(order: UUID, account: UUID, screening: Screening) -> None:
    report = await finished(order, screening)
    await posted(account, event("evt1", id=report))
    await work_off("alder", str(account))
    before = await order_row(order)
    async with tenant_transaction("alder") as transaction:
        await transaction.connection.execute("UPDATE background_check.check_event SET state = 'new'")
    await work_off("alder", str(account))
    after = await order_row(order)
    assert after["version"] == before["version"]
    assert len([a for a, _ in await journal_of(f"check/{order}") if a == "check:followed"]) == 2  # sent, and complete
    assert await posted(account, event("evt1", id=report)) == [Taken.KNOWN]


async def test_what_concerns_another_districts_order_is_put_aside_and_changes_nothing(
    order: UUID, account: UUID, screening: Screening
) -> None:
    await make_tenant("birch")
    theirs = await make_account(tenant="birch", settings={"address": screening.address}, secrets={"api_key": OTHERS})
    their_order = await make_order(theirs, await make_package(theirs, tenant="birch", code="volunteer_standard"), tenant="birch")
    await send("birch", str(their_order))
    their_row = await order_row(their_order, "birch")
    ours = await order_row(order)
    await posted(account, event("evt1", "invitation.completed", id=their_row["order_ref"]))
    await work_off("alder", str(account))
    assert await events() == {"evt1": ("new", ASKED)}
    asked = len(screening.calls(f"GET /v1/invitations/{their_row['order_ref']}"))
    await work_off("alder", str(account))
    assert (
        len(screening.calls(f"GET /v1/invitations/{their_row['order_ref']}")) == asked
    )  # the provider is asked once whose it is
    await minutes_later(11)
    await work_off("alder", str(account))
    assert await events() == {"evt1": ("aside", NOT_OURS)}
    assert await order_row(their_order, "birch") == their_row
    assert await order_row(order) == ours
    assert [a for a, _ in await journal_of(f"check_account/{account}")] == ["check_event:aside"]


async def test_an_event_that_was_faster_than_our_own_writing_is_not_lost(
    account: UUID, package: UUID, screening: Screening
) -> None:
    order = await make_order(account, package)
    screening.faults(lost_answer={"on": "POST /v1/invitations", "times": 1})
    await send("alder", str(order))  # the provider has it, we do not know yet
    (invitation,) = screening.knows["invitations"]
    await posted(account, event("evt1", "invitation.created", id=invitation))
    await work_off("alder", str(account))
    assert (await events())["evt1"][0] == "new"
    screening.faults()
    await send("alder", str(order))
    screening.finish(invitation, "clear")
    await work_off("alder", str(account))
    assert await events() == {"evt1": ("done", "")}
    assert (await order_row(order))["status"] == "complete"


@pytest.mark.parametrize("refs", [{}, {"id": "no id of theirs!"}])
async def test_what_names_nothing_is_put_aside_at_once(account: UUID, refs: dict[str, Any]) -> None:
    await posted(account, event("evt1", "account.credentialed", **refs))
    await work_off("alder", str(account))
    assert await events() == {"evt1": ("aside", NAMES_NOTHING)}


async def test_while_the_provider_is_down_events_wait_and_the_account_says_so(
    order: UUID, account: UUID, screening: Screening
) -> None:
    report = await finished(order, screening)
    await posted(
        account, event("evt1", id=report), event("evt2", "invitation.completed", id=(await order_row(order))["order_ref"])
    )
    screening.faults(down=True)
    await work_off("alder", str(account))
    assert {state for state, _ in (await events()).values()} == {"new"}
    async with tenant_transaction("alder"):
        row = await ProviderAccount.select().where(ProviderAccount.id == account).first()
    assert row["state"] == "trouble"
    assert row["says"].startswith("Checkr does not answer since ")
    screening.faults()
    await work_off("alder", str(account))
    assert {state for state, _ in (await events()).values()} == {"done"}
    assert (await order_row(order))["status"] == "complete"
    async with tenant_transaction("alder"):
        assert (await ProviderAccount.select().where(ProviderAccount.id == account).first())["state"] == "connected"


async def test_one_orders_fault_keeps_no_others_events_waiting(
    order: UUID, account: UUID, screening: Screening, caplog: pytest.LogCaptureFixture
) -> None:
    broken = await make_order(account, await make_package(account, code="volunteer_driver", kinds=json_text([""])))
    async with tenant_transaction("alder") as transaction:  # as an order stands whose package was spoilt afterwards
        await transaction.connection.execute(
            "UPDATE background_check.check_order SET order_ref = 'inv0', status = 'awaiting_subject' WHERE id = $1", broken
        )
    second = await make_order(account, await make_package(account, code="volunteer_registries"))
    await send("alder", str(second))
    await finished(second, screening)
    invitation = (await order_row(second))["order_ref"]
    async with tenant_transaction("alder") as transaction:
        await transaction.connection.execute(
            "UPDATE background_check.check_order SET order_ref = $2, subject_ref = 'x' WHERE id = $1", broken, invitation
        )
    report = await finished(order, screening)
    await posted(account, event("evt1", "invitation.completed", id=invitation), event("evt2", id=report))
    await work_off("alder", str(account))
    assert "could not be followed" in caplog.text
    assert (await events())["evt2"] == ("done", "")
    assert (await events())["evt1"][0] == "new"
    assert (await order_row(second))["status"] == "complete"


async def test_two_workers_do_not_work_off_one_account_at_the_same_time(order: UUID, account: UUID, screening: Screening) -> None:
    report = await finished(order, screening)
    await posted(account, event("evt1", id=report))
    async with alone(f"check events {account}") as mine:
        assert mine
        await work_off("alder", str(account))
        assert (await events())["evt1"][0] == "new"
    await work_off("alder", str(account))
    assert (await events())["evt1"][0] == "done"


async def test_an_invitation_that_ran_out_is_said_so(order: UUID, account: UUID, screening: Screening) -> None:
    invitation = (await order_row(order))["order_ref"]
    screening.post(f"invitations/{invitation}/age")
    await posted(account, event("evt1", "invitation.expired", id=invitation))
    await work_off("alder", str(account))
    row = await order_row(order)
    assert (row["status"], row["link"], row["asked"]) == ("expired", "", [])
    assert "Order it again" in row["says"]


async def test_a_dispute_and_a_revision_are_followed(order: UUID, account: UUID, screening: Screening) -> None:
    report = await finished(order, screening, "consider")
    seen = []
    for number, (status, result) in enumerate([("", ""), ("dispute", None), ("complete", "clear")]):
        if status:
            screening.report(report, status, result)
        await posted(account, event(f"evt{number}", id=report))
        await work_off("alder", str(account))
        row = await order_row(order)
        seen.append((row["status"], row["result"]))
    assert seen == [("complete", "record_found"), ("disputed", "record_found"), ("complete", "clear")]
