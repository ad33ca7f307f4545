"""An order follows its provider: written once, journalled, and never into what a person decided."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from plugins.background_check.rules.under_review import FACT
from plugins.background_check.services.following import follow
from plugins.background_check.tables.decided import CheckDetermination
from plugins.background_check.tables.orders import CheckOrder
from staffing.api import (
    Conflict,
    NotFound,
    OrderSeen,
    OrderStatus,
    Result,
    Viewer,
    evidence_of,
    system_viewer,
    tenant_transaction,
    today,
)
from staffing.store.tables import Person
from tests.factories import json_text
from tests.plugins.background_check.checks import journal_of, make_account, make_order, make_package, order_row

SYSTEM = system_viewer("alder")
DONE = datetime(2026, 11, 20, 15, tzinfo=UTC)


def seen(status: OrderStatus, **more: object) -> OrderSeen:
    return OrderSeen(**{"order_ref": "inv1", "status": status, "raw": str(status), "subject_ref": "can1", **more})


CLEAR = seen(OrderStatus.COMPLETE, report_ref="rep1", result=Result.CLEAR, completed_at=DONE)


@pytest.fixture
async def package(tenant: str) -> UUID:
    return await make_package(
        await make_account(), kinds=json_text(["state_criminal_history", "sex_offender_registry"]), jurisdiction="us-ca"
    )


@pytest.fixture
async def order(package: UUID) -> UUID:
    async with tenant_transaction("alder"):
        account = await _account(package)
    return await make_order(account, package)


async def _account(package: UUID) -> UUID:
    from plugins.background_check.tables.orders import Package

    return (await Package.select(Package.account).where(Package.id == package).first())["account"]


async def decided(order: UUID, outcome: str) -> None:
    async with tenant_transaction("alder"):
        await CheckOrder.update({CheckOrder.outcome: outcome}).where(CheckOrder.id == order)
        await CheckDetermination.insert(
            CheckDetermination(order=order, outcome=outcome, reason_code="clear", policy_version="1", decided_by="hr/- Vonda")
        )


async def held(order: UUID) -> object:
    person = (await order_row(order))["person"]
    async with tenant_transaction("alder"):
        row = await Person.select(Person.facts).where(Person.id == person).output(load_json=True).first()
    return row["facts"].get(FACT)


async def test_what_goes_to_the_provider_is_on_record_as_asked_for_once(order: UUID) -> None:
    assert await follow(SYSTEM, order, seen(OrderStatus.AWAITING_SUBJECT, link="https://provider.example/1"), why="sent")
    row = await order_row(order)
    day = today("America/Los_Angeles")
    assert (row["status"], row["requested_on"], row["order_ref"]) == ("awaiting_subject", day, "inv1")
    evidence = await evidence_of("alder", row["person"])
    assert [(e.kind, e.state, e.requested_on, e.jurisdiction) for e in evidence] == [
        ("state_criminal_history", "initiated", day, "us-ca"),
        ("sex_offender_registry", "initiated", day, "us-ca"),
    ]
    assert row["asked"] == [str(e.determination) for e in evidence]
    assert await follow(SYSTEM, order, seen(OrderStatus.IN_PROGRESS), why="event")
    assert len(await evidence_of("alder", row["person"])) == 2


async def test_the_same_sighting_changes_nothing_and_is_not_in_the_journal_twice(order: UUID) -> None:
    assert await follow(SYSTEM, order, CLEAR, why="event")
    before = await order_row(order)
    assert not await follow(SYSTEM, order, CLEAR, why="event")
    after = await order_row(order)
    assert after["version"] == before["version"]
    assert after["followed_at"] > before["followed_at"]
    entries = [facts for action, facts in await journal_of(f"check/{order}") if action == "check:followed"]
    assert [(e["before"], e["after"], e["result"], e["why"]) for e in entries] == [("to_send", "complete", "clear", "event")]


async def test_a_result_is_no_decision(order: UUID) -> None:
    await follow(SYSTEM, order, CLEAR, why="event")
    row = await order_row(order)
    assert (row["result"], row["outcome"], row["given"]) == ("clear", None, [])
    assert {e.state for e in await evidence_of("alder", row["person"])} == {"initiated"}


@pytest.mark.parametrize(
    ("end", "word"),
    [
        (OrderStatus.EXPIRED, "ran out before the person finished"),
        (OrderStatus.CANCELED, "ended before there was a result"),
        (OrderStatus.REFUSED, "did not take this order"),
    ],
)
async def test_an_order_that_ends_without_a_result_is_no_longer_asked_for(order: UUID, end: OrderStatus, word: str) -> None:
    await follow(SYSTEM, order, seen(OrderStatus.AWAITING_SUBJECT), why="sent")
    await follow(SYSTEM, order, seen(end), why="event")
    row = await order_row(order)
    assert (row["status"], row["asked"]) == (end.value, [])
    assert word in row["says"]
    assert await evidence_of("alder", row["person"]) == []


async def test_a_report_after_all_is_asked_for_again_from_the_first_day(order: UUID) -> None:
    await follow(SYSTEM, order, seen(OrderStatus.AWAITING_SUBJECT), why="sent", asked_on=date(2026, 11, 3))
    await follow(SYSTEM, order, seen(OrderStatus.EXPIRED), why="event")
    await follow(SYSTEM, order, seen(OrderStatus.IN_PROGRESS, report_ref="rep1"), why="nightly")
    row = await order_row(order)
    assert {e.requested_on for e in await evidence_of("alder", row["person"])} == {date(2026, 11, 3)}


@pytest.mark.parametrize("outcome", ["eligible", "eligible_with_conditions"])
async def test_another_result_after_a_decision_opens_the_question_and_holds_the_work_but_never_touches_the_decision(
    order: UUID, outcome: str
) -> None:
    await follow(SYSTEM, order, CLEAR, why="event")
    await decided(order, outcome)
    await follow(SYSTEM, order, seen(OrderStatus.DISPUTED, report_ref="rep1"), why="event")
    assert await held(order) == "deciding"
    await follow(SYSTEM, order, CLEAR, why="event")
    assert await held(order) is None
    revised = seen(
        OrderStatus.COMPLETE, report_ref="rep1", result=Result.RECORD_FOUND, completed_at=DONE, revised_at=DONE.replace(day=22)
    )
    await follow(SYSTEM, order, revised, why="event")
    row = await order_row(order)
    assert (row["result"], row["outcome"]) == ("record_found", outcome)
    assert row["opened_again_at"] is not None
    assert await held(order) == "deciding"
    assert (await journal_of(f"check/{order}"))[-1][1]["opened_again"] is True


async def test_a_decision_against_somebody_is_not_undone_by_another_result(order: UUID) -> None:
    await follow(SYSTEM, order, CLEAR, why="event")
    await decided(order, "not_eligible")
    await follow(
        SYSTEM, order, seen(OrderStatus.COMPLETE, result=Result.RECORD_FOUND, revised_at=DONE.replace(day=22)), why="event"
    )
    row = await order_row(order)
    assert (row["result"], row["outcome"]) == ("record_found", "not_eligible")
    assert await held(order) is None


async def test_a_look_that_began_before_the_order_changed_is_not_taken(order: UUID) -> None:
    version = (await order_row(order))["version"]
    await follow(SYSTEM, order, CLEAR, why="event")
    with pytest.raises(Conflict, match="changed while its provider was asked"):
        await follow(SYSTEM, order, seen(OrderStatus.DISPUTED), why="nightly", version=version)
    assert (await order_row(order))["status"] == "complete"


async def test_many_at_once_write_one_entry_and_one_pair_of_evidence(order: UUID) -> None:
    changed = await asyncio.gather(*(follow(SYSTEM, order, CLEAR, why="event") for _ in range(5)))
    assert sorted(changed) == [False, False, False, False, True]
    row = await order_row(order)
    assert len(await evidence_of("alder", row["person"])) == 2
    assert [action for action, _ in await journal_of(f"check/{order}")] == ["check:followed"]


async def test_somebody_who_may_not_record_evidence_is_still_followed_under_their_own_name(order: UUID) -> None:
    viewer = Viewer(tenant="alder", name="Rosa Example", role="volunteer", person=uuid4(), tag="volunteer/1 Rosa Example")
    assert await follow(viewer, order, seen(OrderStatus.IN_PROGRESS), why="own")
    row = await order_row(order)
    assert len(row["asked"]) == 2


async def test_an_order_of_nowhere_is_a_sentence(tenant: str) -> None:
    with pytest.raises(NotFound, match="no such order"):
        await follow(SYSTEM, uuid4(), CLEAR, why="event")
