"""Checks without a vendor: what staff record of a state's system, and certificates that the product's review looks at."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from plugins.background_check.rules.whose_move import Move
from plugins.background_check.services import determining, orders, papers, recording
from plugins.background_check.services.may_determine import APPROVED
from staffing.api import Conflict, Invalid, NotAllowed, OrderStatus, Outcome, Result, Viewer, tenant_transaction
from staffing.services import review, review_words
from staffing.services.actors import Actor
from staffing.store.tables import Document
from tests.factories import make_document, make_person
from tests.plugins.background_check.checks import journal_of, order_row
from tests.plugins.background_check.district_desk import TODAY, Desk, make_desk, viewer

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
async def alder(database: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    return await make_desk()


@pytest.fixture
def by_the_real_clock(alder: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The product writes by the real clock when a paper was reviewed, so the order has to be placed by it too."""
    monkeypatch.delenv("STAFFING_TODAY")


async def ordered(alder: Desk, provider: str = "manual", **package: Any) -> tuple[UUID, UUID]:
    """A person, and the order of a check for them."""
    who = await make_person("alder")
    return who, await orders.place_order(alder.hr, who, await alder.package(provider, **package))


async def say(alder: Desk, order: UUID, what: str, on: date = TODAY, by: Viewer | None = None) -> None:
    await recording.said(by or alder.hr, order, what, on, version=(await order_row(order))["version"])


async def ask(alder: Desk, order: UUID, on: date) -> None:
    await recording.asked_for(alder.hr, order, on, version=(await order_row(order))["version"])


# --- Recorded by staff ------------------------------------------------------------------------------------------------


async def test_asked_then_answered_then_decided_are_three_steps_of_people(alder: Desk) -> None:
    who, order = await ordered(alder)
    await ask(alder, order, YESTERDAY)
    view = await alder.order(order)
    assert (view.status, view.requested_on, view.move) == (OrderStatus.IN_PROGRESS, YESTERDAY, Move.SOURCE)
    assert [(one.state, one.requested_on) for one in await alder.papers(who)] == [("initiated", YESTERDAY)]
    await say(alder, order, "clear")
    view = await alder.order(order)
    assert (view.status, view.result, view.outcome, view.move) == (OrderStatus.COMPLETE, Result.CLEAR, None, Move.DECIDE)
    assert await alder.evidence(who) == [("state_criminal_history", "initiated", None)], "an answer is no decision"
    await determining.determine(alder.hr, order, Outcome.ELIGIBLE, "clear", version=view.version)
    assert [(one.result, one.issued_on) for one in await alder.papers(who)] == [("clear", TODAY)]
    actions = [action for action, _ in await journal_of(f"check/{order}")]
    assert [one for one in actions if one in {"check:asked_for", "check:said", "check:decided"}] == [
        "check:asked_for",
        "check:said",
        "check:decided",
    ]


async def test_an_answer_seen_at_once_counts_as_asked_that_day(alder: Desk) -> None:
    _, order = await ordered(alder)
    await say(alder, order, "record_found", YESTERDAY)
    view = await alder.order(order)
    assert (view.requested_on, view.result, view.completed_at and view.completed_at.date()) == (
        YESTERDAY,
        Result.RECORD_FOUND,
        YESTERDAY,
    )


async def test_still_looked_at_is_no_answer(alder: Desk) -> None:
    _, order = await ordered(alder)
    await ask(alder, order, YESTERDAY)
    await say(alder, order, "under_review")
    view = await alder.order(order)
    assert (view.status, view.result, view.provider_word) == (OrderStatus.IN_PROGRESS, None, "it is still being looked at")
    with pytest.raises(Conflict, match="not answered yet"):
        await determining.determine(alder.hr, order, Outcome.ELIGIBLE, "clear", version=view.version)


async def test_a_corrected_answer_opens_what_was_decided_on_the_wrong_one(alder: Desk) -> None:
    _, order = await ordered(alder)
    await say(alder, order, "clear", YESTERDAY)
    version = (await order_row(order))["version"]
    await determining.determine(alder.hr, order, Outcome.ELIGIBLE, "clear", version=version)
    await say(alder, order, "record_found")
    view = await alder.order(order)
    assert (view.result, view.again, view.move, view.outcome) == (Result.RECORD_FOUND, True, Move.DECIDE, Outcome.ELIGIBLE)


WRONG: list[tuple[str, date, str]] = [
    ("clear", TODAY + timedelta(days=1), "has not come"),
    ("clear", date(2020, 1, 1), "too long ago"),
    ("clear", TODAY - timedelta(days=5), "cannot have answered"),
    ("a robbery", TODAY, "Choose what the source said"),
]


@pytest.mark.parametrize(("what", "on", "says"), WRONG)
async def test_what_cannot_be_is_not_recorded(alder: Desk, what: str, on: date, says: str) -> None:
    _, order = await ordered(alder)
    await ask(alder, order, TODAY - timedelta(days=3))
    with pytest.raises(Invalid, match=says):
        await say(alder, order, what, on)
    assert (await alder.order(order)).result is None


async def test_nothing_is_recorded_twice_out_of_turn_or_by_others(alder: Desk) -> None:
    _, order = await ordered(alder)
    await ask(alder, order, YESTERDAY)
    await ask(alder, order, YESTERDAY)
    with pytest.raises(Conflict, match="on record already that it was asked for on 2026-11-23"):
        await ask(alder, order, TODAY)
    with pytest.raises(Conflict, match="has changed since you opened it"):
        await recording.said(alder.hr, order, "clear", TODAY, version=1)
    for role in ("admin", "partner", "coordinator", "union", "cabinet", "volunteer"):
        with pytest.raises(NotAllowed):
            await say(alder, order, "clear", by=viewer(role, "Sam Invented"))
    _, other = await ordered(alder, "csv_batch")
    with pytest.raises(Conflict, match="nothing is recorded by hand"):
        await say(alder, other, "clear")
    _, unsigned = await ordered(alder, consumer_report=True)
    with pytest.raises(Conflict, match="not authorised"):
        await say(alder, unsigned, "clear")
    await orders.cancel_order(alder.hr, order, "Not needed.")
    with pytest.raises(Conflict, match="has ended"):
        await say(alder, order, "clear")


# --- Certificates the person sends ------------------------------------------------------------------------------------


def reviewer(alder: Desk) -> Actor:
    return Actor(tenant="alder", name=alder.colleague.name, role="hr", account=alder.colleague.account)


async def reviewed(alder: Desk, who: UUID, kind: str = "child_abuse_history", **reading: Any) -> UUID:
    """A certificate that came in and was approved; gives the review's determination."""
    document = await make_document("alder", person=who, kind=kind)
    async with tenant_transaction("alder"):
        row = await Document.select(Document.version).where(Document.id == document).first()
    assert row
    values = {"kind": kind, "issued_on": YESTERDAY, "purpose": "volunteer"} | reading
    checks = [one.name for one in review_words.checks_for(kind)]
    return await review.approve(reviewer(alder), document, row["version"], review.Reading(**values), checks)


CERTIFICATE: dict[str, Any] = {"title": "Child abuse history", "kinds": ("child_abuse_history",)}


@pytest.mark.usefixtures("by_the_real_clock")
async def test_an_approved_certificate_settles_the_check_without_a_second_record(alder: Desk) -> None:
    who, order = await ordered(alder, "document_upload", **CERTIFICATE)
    assert await alder.evidence(who) == [], "nobody was asked yet"
    assert not await papers.follow_one("alder", order)
    made = await reviewed(alder, who, expires_on=date(2031, 11, 23))
    assert await papers.follow_all("alder") == 1
    assert await papers.follow_all("alder") == 0
    view = await alder.order(order)
    assert view.decided and (view.status, view.outcome, view.decided.reason_code, view.decided.valid_until) == (
        OrderStatus.COMPLETE,
        Outcome.ELIGIBLE,
        APPROVED,
        date(2031, 11, 23),
    )
    assert [one.determination for one in await alder.papers(who)] == [made]
    assert (await order_row(order))["given"] == [str(made)]


@pytest.mark.usefixtures("by_the_real_clock")
async def test_a_certificate_of_before_the_order_settles_nothing(alder: Desk) -> None:
    who = await make_person("alder")
    await reviewed(alder, who)
    order = await orders.place_order(alder.hr, who, await alder.package("document_upload", **CERTIFICATE))
    assert not await papers.follow_one("alder", order)
    assert (await alder.order(order)).status is OrderStatus.AWAITING_SUBJECT


@pytest.mark.usefixtures("by_the_real_clock")
async def test_every_certificate_of_a_package_has_to_be_there(alder: Desk) -> None:
    kinds = ("child_abuse_history", "state_criminal_history")
    who, order = await ordered(alder, "document_upload", kinds=kinds)
    await reviewed(alder, who)
    assert not await papers.follow_one("alder", order)
    await reviewed(alder, who, "state_criminal_history")
    assert await papers.follow_one("alder", order)
    assert (await alder.order(order)).outcome is Outcome.ELIGIBLE


@pytest.mark.usefixtures("by_the_real_clock")
async def test_a_certificate_that_is_not_clear_waits_for_a_person(alder: Desk) -> None:
    who, order = await ordered(alder, "document_upload", **CERTIFICATE)
    await reviewed(alder, who, result="not_clear")
    assert await papers.follow_one("alder", order)
    view = await alder.order(order)
    assert (view.result, view.outcome, view.move) == (Result.RECORD_FOUND, None, Move.DECIDE)


@pytest.mark.usefixtures("by_the_real_clock")
async def test_a_review_that_is_taken_back_clears_nobody_and_approved_again_settles_it(alder: Desk) -> None:
    who, order = await ordered(alder, "document_upload", **CERTIFICATE)
    made = await reviewed(alder, who)
    await papers.follow_one("alder", order)
    with pytest.raises(Conflict, match="review of a paper"):
        decided = (await alder.order(order)).decided
        assert decided
        await determining.take_back(alder.hr, decided.id, "A mistake.")
    await review.undo(reviewer(alder), made)
    assert await papers.follow_one("alder", order)
    assert not await papers.follow_one("alder", order)
    view = await alder.order(order)
    assert (view.outcome, view.result, view.move) == (None, Result.UNABLE, Move.DECIDE)
    assert await alder.evidence(who) == []
    with pytest.raises(Invalid, match="does not fit"):
        await determining.determine(alder.hr, order, Outcome.ELIGIBLE, "clear", version=view.version)
    again = await reviewed(alder, who)
    assert await papers.follow_one("alder", order)
    assert (await alder.order(order)).outcome is Outcome.ELIGIBLE
    assert [one.determination for one in await alder.papers(who)] == [again]


@pytest.mark.usefixtures("by_the_real_clock")
async def test_evidence_seen_elsewhere_is_no_certificate(alder: Desk) -> None:
    who, order = await ordered(alder, "document_upload", **CERTIFICATE)
    reading = review.Reading(kind="child_abuse_history", issued_on=YESTERDAY)
    await review.record_evidence(reviewer(alder), who, reading, "seen in the state system")
    assert not await papers.follow_one("alder", order)


@pytest.mark.usefixtures("by_the_real_clock")
async def test_the_task_goes_through_every_district(alder: Desk) -> None:
    who, order = await ordered(alder, "document_upload", **CERTIFICATE)
    await reviewed(alder, who)
    await papers.follow_papers(timestamp=0)
    assert (await alder.order(order)).outcome is Outcome.ELIGIBLE
