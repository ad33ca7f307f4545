"""Flags: word that something may have happened. It is kept that word came and when, work waits, and HR ends it with a reason."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from uuid import UUID, uuid4

import pytest

from plugins.background_check.rules.policy import Policy
from plugins.background_check.services.flags import end, flag_of, flags, raise_flag
from plugins.background_check.services.holding import settle
from plugins.background_check.services.leaving import leavers, sent
from plugins.background_check.services.own_notices import binding, own_notices, tell
from plugins.background_check.services.policies import change
from plugins.background_check.tables.continuing import Flag
from plugins.background_check.tables.decided import AdverseAction, CheckDetermination
from plugins.background_check.tables.orders import CheckOrder
from staffing.api import Conflict, Invalid, NotAllowed, NotFound, Viewer, now, tenant_transaction
from staffing.store.tables import Placement
from tests.factories import make_evidence, make_person, make_placement, make_tenant
from tests.plugins.background_check.checks import journal_of, make_account, make_order, make_package, order_row
from tests.plugins.background_check.onward import (
    TODAY,
    address_of,
    held,
    hr,
    letters,
    make_california,
    oneself,
    outcome,
    placed,
    somebody,
)
from tests.services.cleared import make_alder

VONDA = hr()
YESTERDAY = date(2026, 11, 23)


@pytest.fixture
async def rosa(database: str, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """Somebody cleared and at work in Pennsylvania."""
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    await make_alder()
    return await placed()


async def row_of(flag: UUID) -> dict[str, object]:
    async with tenant_transaction("alder"):
        row = await Flag.select().where(Flag.id == flag).first()
    assert row is not None
    return row


async def test_work_waits_while_a_flag_is_open_and_goes_on_when_nothing_changes(rosa: UUID) -> None:
    assert await outcome(rosa) == "allow"
    flag = await raise_flag(VONDA, rosa, "rap_back", "state", YESTERDAY)
    assert (await held(rosa), await outcome(rosa)) == ("flag", "hold")

    assert await end(VONDA, flag, "nothing_changes", "The state’s notice was read; it changes nothing here.") is None
    assert (await held(rosa), await outcome(rosa)) == (None, "allow")
    assert [action for action, _ in await journal_of(f"flag/{flag}")] == ["flag:raised", "flag:ended"]


async def test_where_the_policy_says_so_work_goes_on_while_a_flag_is_looked_at(rosa: UUID) -> None:
    grace = somebody("admin")
    await change(grace, Policy(hold_while_flagged=False), "The board decided so.", over="standard-1")
    await raise_flag(VONDA, rosa, "rap_back", "state", YESTERDAY)
    assert (await held(rosa), await outcome(rosa)) == (None, "allow")


async def test_of_several_flags_each_holds_until_the_last_is_ended(rosa: UUID) -> None:
    first = await raise_flag(VONDA, rosa, "rap_back", "state", YESTERDAY)
    second = await raise_flag(VONDA, rosa, "other", "agency", YESTERDAY)
    await end(VONDA, first, "nothing_changes", "Read; nothing changes.")
    assert await held(rosa) == "flag"
    await end(VONDA, second, "not_this_person", "Another day of birth.")
    assert await held(rosa) is None


async def test_flags_raised_and_ended_at_once_leave_the_right_hold(rosa: UUID) -> None:
    first = await raise_flag(VONDA, rosa, "rap_back", "state", YESTERDAY)
    for source in ("agency", "school", "partner"):
        await asyncio.gather(
            end(VONDA, first, "nothing_changes", "Read; nothing changes."), raise_flag(VONDA, rosa, "other", source, YESTERDAY)
        )
        assert await held(rosa) == "flag"
        waiting, _ = await flags(VONDA)
        (only,) = waiting
        first = only.id
    await end(VONDA, first, "nothing_changes", "Read; nothing changes.")
    assert await held(rosa) is None


async def test_the_same_word_twice_is_one_flag_while_it_is_open(rosa: UUID) -> None:
    flag = await raise_flag(VONDA, rosa, "rap_back", "state", YESTERDAY)
    assert await raise_flag(VONDA, rosa, "rap_back", "state", YESTERDAY) == flag
    await end(VONDA, flag, "nothing_changes", "Read; nothing changes.")
    assert await raise_flag(VONDA, rosa, "rap_back", "state", YESTERDAY) != flag


async def test_a_flag_is_ended_once_and_the_same_form_again_is_harmless(rosa: UUID) -> None:
    flag = await raise_flag(VONDA, rosa, "rap_back", "state", YESTERDAY)
    await end(VONDA, flag, "nothing_changes", "Read; nothing changes.")
    await end(VONDA, flag, "nothing_changes", "Read; nothing changes.")
    with pytest.raises(Conflict, match="ended already"):
        await end(VONDA, flag, "not_this_person", "It is somebody else.")


@pytest.mark.parametrize(
    ("kind", "source", "day", "says"),
    [
        ("rap_back", "", YESTERDAY, "who sent word"),
        ("self_notice", "state", YESTERDAY, "who sent word"),
        ("rap_back", "partner", YESTERDAY, "who sent word"),
        ("rap_back", "state", date(2026, 11, 25), "in the future"),
        ("rap_back", "state", date(1926, 11, 25), "Check the year"),
    ],
)
async def test_a_flag_that_cannot_be_is_refused_with_a_sentence(rosa: UUID, kind: str, source: str, day: date, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        await raise_flag(VONDA, rosa, kind, source, day)
    assert await flags(VONDA) == ([], [])


async def test_what_happened_is_refused_in_the_reason_and_the_flag_stays_open(rosa: UUID) -> None:
    flag = await raise_flag(VONDA, rosa, "rap_back", "state", YESTERDAY)
    with pytest.raises(Invalid, match="never kept"):
        await end(VONDA, flag, "nothing_changes", "Seen for 219-09-9999 at the court.")
    with pytest.raises(Invalid, match="in a sentence why"):
        await end(VONDA, flag, "nothing_changes", "  ")
    with pytest.raises(Invalid, match="how it ends"):
        await end(VONDA, flag, "guilty", "So.")
    assert (await row_of(flag))["ended"] == ""
    assert await held(rosa) == "flag"


async def test_a_new_check_for_a_flag_holds_work_until_it_is_decided(rosa: UUID) -> None:
    account = await make_account()
    package = await make_package(account, consumer_report=True)
    flag = await raise_flag(VONDA, rosa, "rap_back", "provider", YESTERDAY)
    with pytest.raises(Invalid, match="which check"):
        await end(VONDA, flag, "new_check", "To be sure.")
    order = await end(VONDA, flag, "new_check", "To be sure.", package=package)
    assert order is not None
    assert ((await order_row(order))["why"], (await order_row(order))["status"]) == ("flag", "to_authorise")
    assert await held(rosa) == "flag", "the flag is ended, and the question is not"
    assert (await flag_of(VONDA, flag)).waits

    async with tenant_transaction("alder"):
        await CheckOrder.update(
            {CheckOrder.status: "complete", CheckOrder.result: "clear", CheckOrder.outcome: "eligible"}
        ).where(CheckOrder.id == order)
        await settle(VONDA, rosa)
    assert await held(rosa) is None
    assert not (await flag_of(VONDA, flag)).waits


async def test_a_new_check_that_came_to_nothing_clears_nobody_by_accident(rosa: UUID) -> None:
    package = await make_package(await make_account(), consumer_report=True)
    flag = await raise_flag(VONDA, rosa, "rap_back", "provider", YESTERDAY)
    order = await end(VONDA, flag, "new_check", "To be sure.", package=package)
    async with tenant_transaction("alder"):
        await CheckOrder.update({CheckOrder.status: "canceled"}).where(CheckOrder.id == order)
        await settle(VONDA, rosa)
    assert await held(rosa) == "flag"
    (again,), _ = await flags(VONDA)
    assert (again.id, again.check) == (flag, "canceled"), "HR sees it among those that wait"
    await end(VONDA, flag, "nothing_changes", "The provider’s word was about an old address only.")
    assert await held(rosa) is None


async def test_a_flag_leads_to_the_fair_steps_only_where_they_are_open_and_the_hold_goes_on(rosa: UUID) -> None:
    account = await make_account()
    order = await make_order(account, await make_package(account), person=rosa, status="complete", result="record_found")
    flag = await raise_flag(VONDA, rosa, "rap_back", "state", YESTERDAY)
    with pytest.raises(Conflict, match="fair steps are not open"):
        await end(VONDA, flag, "not_eligible", "To be looked at by the fair steps.")
    assert await held(rosa) == "deciding"  # the record itself holds too

    async with tenant_transaction("alder"):
        action = AdverseAction(order=order, person=rosa, state="assessing", rule="default", opened_by=VONDA.tag)
        await AdverseAction.insert(action)
    await end(VONDA, flag, "not_eligible", "To be looked at by the fair steps.")
    assert (await held(rosa), (await row_of(flag))["of_order"]) == ("deciding", order)

    async with tenant_transaction("alder"):
        await AdverseAction.update({AdverseAction.state: "waiting"}).where(AdverseAction.id == action.id)
        assert await settle(VONDA, rosa) == "answering"
        await AdverseAction.update({AdverseAction.state: "eligible", AdverseAction.ended_at: now()}).where(
            AdverseAction.id == action.id
        )
        await CheckOrder.update({CheckOrder.outcome: "eligible"}).where(CheckOrder.id == order)
        assert await settle(VONDA, rosa) is None


async def test_a_cleared_check_whose_result_changed_holds_until_somebody_decides_again(rosa: UUID) -> None:
    account = await make_account()
    order = await make_order(
        account, await make_package(account), person=rosa, status="complete", result="record_found", outcome="eligible"
    )
    async with tenant_transaction("alder"):
        await CheckDetermination.insert(
            CheckDetermination(
                order=order,
                outcome="eligible",
                reason_code="clear",
                policy_version="standard-1",
                decided_by=VONDA.tag,
                decided_at=datetime.fromisoformat("2026-11-20T10:00+00:00"),
            )
        )
        assert await settle(VONDA, rosa) is None
        await CheckOrder.update({CheckOrder.opened_again_at: datetime.fromisoformat("2026-11-21T10:00+00:00")}).where(
            CheckOrder.id == order
        )
        assert await settle(VONDA, rosa) == "deciding"
        await CheckDetermination.update({CheckDetermination.decided_at: datetime.fromisoformat("2026-11-22T10:00+00:00")}).where(
            CheckDetermination.order == order
        )
        assert await settle(VONDA, rosa) is None
        await CheckOrder.update({CheckOrder.status: "disputed"}).where(CheckOrder.id == order)
        assert await settle(VONDA, rosa) == "deciding"


async def test_the_persons_own_notice_is_a_day_with_a_receipt_and_tells_whether_it_came_in_time(rosa: UUID) -> None:
    me = oneself(rosa)
    assert "pa.arrest_notice" in await binding(me)
    flag = await tell(me, YESTERDAY)
    assert await tell(me, YESTERDAY) == flag, "a form sent twice is one notice"
    (notice,) = await own_notices(me)
    assert (notice.happened_on, notice.late) == (YESTERDAY, False)
    assert notice.duty is not None and notice.duty.hours == 72
    assert await held(rosa) == "flag"
    ((subject, body),) = await letters(await address_of(rosa))
    assert subject == "We have your notice"
    assert "arrest" not in body.casefold() and "2026" not in body

    late_one = await tell(me, date(2026, 11, 10))
    assert (await row_of(late_one))["late"] is True
    unsure = await tell(me, date(2026, 11, 21))
    assert (await row_of(unsure))["late"] is (None if now().hour >= 5 else False)


async def test_elsewhere_the_notice_is_taken_and_no_clock_is_claimed(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    await make_california()
    placement = await make_placement("sierra")
    async with tenant_transaction("sierra"):
        row = await Placement.select(Placement.person).where(Placement.id == placement).first()
    assert row is not None
    me = oneself(row["person"], "sierra")
    await tell(me, date(2026, 1, 2))
    (notice,) = await own_notices(me)
    assert (notice.duty, notice.late) == (None, None)


@pytest.mark.parametrize(("day", "says"), [(date(2026, 11, 25), "in the future"), (date(1999, 1, 1), "Check the year")])
async def test_a_day_that_cannot_be_is_refused(rosa: UUID, day: date, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        await tell(oneself(rosa), day)
    assert await own_notices(oneself(rosa)) == []


@pytest.mark.parametrize("role", ["volunteer", "partner", "coordinator", "union", "cabinet"])
async def test_flags_are_hrs_alone(rosa: UUID, role: str) -> None:
    flag = await raise_flag(VONDA, rosa, "rap_back", "state", YESTERDAY)
    other = somebody(role)
    for refused in (
        flags(other),
        flag_of(other, flag),
        raise_flag(other, rosa, "rap_back", "state", YESTERDAY),
        end(other, flag, "nothing_changes", "So."),
    ):
        with pytest.raises(NotAllowed):
            await refused


async def test_an_administrator_reads_flags_and_ends_none(rosa: UUID) -> None:
    flag = await raise_flag(VONDA, rosa, "rap_back", "state", YESTERDAY)
    grace = somebody("admin")
    (seen,), _ = await flags(grace)
    assert seen.id == flag
    with pytest.raises(NotAllowed):
        await end(grace, flag, "nothing_changes", "So.")


async def test_hr_tells_nothing_in_a_persons_name(rosa: UUID) -> None:
    with pytest.raises(NotAllowed):
        await tell(VONDA, YESTERDAY)


async def test_another_district_sees_no_flag_of_this_one(rosa: UUID) -> None:
    flag = await raise_flag(VONDA, rosa, "rap_back", "state", YESTERDAY)
    await make_tenant("birch", jurisdiction="us-pa")
    away = hr("birch")
    assert await flags(away) == ([], [])
    for refused in (
        flag_of(away, flag),
        end(away, flag, "nothing_changes", "So."),
        raise_flag(away, rosa, "other", "school", YESTERDAY),
    ):
        with pytest.raises(NotFound):
            await refused


async def gone(last_day: date, **evidence: object) -> UUID:
    person = await make_person("sierra")
    await make_placement("sierra", person=person, state="ended", ends_on=last_day)
    await make_evidence(
        "sierra",
        person=person,
        kind="state_criminal_history",
        **{"jurisdiction": "us-ca", "issued_on": date(2026, 1, 5)} | evidence,
    )
    return person


async def test_when_somebody_leaves_california_is_told_once_that_the_district_is_no_longer_interested(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    await make_california()
    left = await gone(date(2026, 10, 30))
    await gone(date(2026, 12, 30))  # still at work
    await gone(date(2026, 10, 30), holder="Valley Reads")  # their own employer's check
    back = await gone(date(2026, 9, 30))
    await make_placement("sierra", person=back)
    vonda: Viewer = hr("sierra")

    (task,) = await leavers(vonda)
    assert (task.person, task.last_day, task.notice.confidence) == (left, date(2026, 10, 30), "medium")
    await sent(vonda, left, task.notice.id)
    await sent(vonda, left, task.notice.id)
    assert await leavers(vonda) == []
    assert [action for action, _ in await journal_of(f"person/{left}", "sierra")] == ["leaving:told"]
    with pytest.raises(Conflict, match="No notice is owed"):
        await sent(vonda, back, task.notice.id)
    with pytest.raises(NotAllowed):
        await leavers(somebody("partner", "sierra"))


async def test_elsewhere_nobody_is_told_when_somebody_leaves(rosa: UUID) -> None:
    async with tenant_transaction("alder"):
        await Placement.update({Placement.state: "ended", Placement.ends_on: date(2026, 11, 1)}).where(Placement.person == rosa)
    assert await leavers(VONDA) == []


async def test_a_flag_of_nobody_is_not_found(rosa: UUID) -> None:
    with pytest.raises(NotFound):
        await flag_of(VONDA, uuid4())
