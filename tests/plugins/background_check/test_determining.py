"""Determinations: a person's, for a reason that fits, by two where asked; what they make evidence; taking one back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from plugins.background_check.rules.policy import STANDARD, Policy
from plugins.background_check.rules.reasons import OUTCOMES, REASONS, offered, stands, why_not
from plugins.background_check.rules.whose_move import Move
from plugins.background_check.services import determining, orders, policies
from plugins.background_check.services.following import follow
from plugins.background_check.tables.consents import Notice
from plugins.background_check.tables.decided import AdverseAction, Assessment, Dispute
from plugins.background_check.tables.orders import CheckOrder
from staffing.api import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    OrderSeen,
    OrderStatus,
    Outcome,
    Result,
    Viewer,
    system_viewer,
    tenant_transaction,
)
from tests.factories import make_person
from tests.plugins.background_check.checks import journal_of, order_row
from tests.plugins.background_check.district_desk import TODAY, Desk, make_desk, viewer
from tests.plugins.background_check.onward import held

NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)


@pytest.fixture
async def alder(database: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    return await make_desk()


async def answered(
    alder: Desk,
    result: Result | None = Result.CLEAR,
    detail: str = "",
    status: OrderStatus = OrderStatus.COMPLETE,
    **package: Any,
) -> UUID:
    """An order whose source has answered."""
    order = await orders.place_order(alder.hr, await make_person("alder"), await alder.package(**package))
    seen = OrderSeen(order_ref="", status=status, raw="x", result=result, detail=detail, completed_at=NOON)
    await follow(system_viewer("alder"), order, seen, why="a test", asked_on=date(2026, 11, 16))
    return order


async def decide(alder: Desk, order: UUID, reason: str = "clear", outcome: Outcome = Outcome.ELIGIBLE, **more: Any) -> UUID:
    row = await order_row(order)
    return await determining.determine(more.pop("by", alder.hr), order, outcome, reason, version=row["version"], **more)


async def person_in(order: UUID) -> UUID:
    found: UUID = (await order_row(order))["person"]
    return found


async def test_asking_is_on_record_and_only_a_persons_decision_makes_it_a_clearance(alder: Desk) -> None:
    order = await answered(alder, good_months=12)
    who = await person_in(order)
    assert await alder.evidence(who) == [("state_criminal_history", "initiated", None)]
    await decide(alder, order)
    view = await alder.order(order)
    assert (view.outcome, view.move, view.decided and view.decided.policy_version) == (Outcome.ELIGIBLE, Move.DONE, STANDARD)
    (paper,) = await alder.papers(who)
    assert (paper.state, paper.result, paper.issued_on, paper.expires_on) == (
        "complete",
        "clear",
        date(2026, 11, 20),
        date(2027, 11, 20),
    )
    assert (paper.issuer, paper.purpose, paper.jurisdiction) == ("manual account", "volunteer", "us-pa")
    assert [action for action, _ in await journal_of(f"check/{order}")].count("check:decided") == 1


async def test_the_same_press_twice_decides_once(alder: Desk) -> None:
    order = await answered(alder)
    version = (await order_row(order))["version"]
    made = {await determining.determine(alder.hr, order, Outcome.ELIGIBLE, "clear", version=version) for _ in range(2)}
    assert len(made) == 1
    with pytest.raises(Conflict, match="Vonda Invented has decided"):
        await decide(alder, order, by=alder.colleague)


async def test_who_saw_an_older_state_decides_nothing(alder: Desk) -> None:
    order = await answered(alder)
    with pytest.raises(Conflict, match="has changed since you opened it"):
        await determining.determine(alder.hr, order, Outcome.ELIGIBLE, "clear", version=1)
    assert (await alder.order(order)).decided is None


@pytest.mark.parametrize("status", [OrderStatus.IN_PROGRESS, OrderStatus.ON_HOLD, OrderStatus.AWAITING_SUBJECT])
async def test_before_the_source_has_answered_only_a_withdrawal_is_recorded(alder: Desk, status: OrderStatus) -> None:
    order = await answered(alder, None, status=status)
    with pytest.raises(Conflict, match="not answered yet"):
        await decide(alder, order)
    await decide(alder, order, "person_withdrew", Outcome.WITHDRAWN)
    assert (await alder.order(order)).outcome is Outcome.WITHDRAWN
    assert await alder.evidence(await person_in(order)) == [], "what was asked for is asked for no more"


async def test_a_disputed_report_waits_for_its_source(alder: Desk) -> None:
    order = await answered(alder, Result.RECORD_FOUND)
    seen = OrderSeen(order_ref="", status=OrderStatus.DISPUTED, raw="dispute", result=Result.RECORD_FOUND, completed_at=NOON)
    await follow(system_viewer("alder"), order, seen, why="a test")
    with pytest.raises(Conflict, match="disputes what the source said"):
        await decide(alder, order, "not_this_person")


REFUSED: list[tuple[Result, str, str, Outcome, str]] = [
    (Result.RECORD_FOUND, "", "clear", Outcome.ELIGIBLE, "A record was found, which is no answer by itself"),
    (Result.UNABLE, "", "clear", Outcome.ELIGIBLE, "could not finish the check"),
    (Result.CLEAR, "includes_canceled", "clear", Outcome.ELIGIBLE, "Some searches were not made"),
    (Result.CLEAR, "unknown_word", "clear", Outcome.ELIGIBLE, "does not fit"),
    (Result.CLEAR, "", "not_this_person", Outcome.ELIGIBLE, "The source found nothing"),
    (Result.CLEAR, "", "clear", Outcome.WITHDRAWN, "does not go with"),
    (Result.CLEAR, "", "paper_approved", Outcome.ELIGIBLE, "Choose why"),
    (Result.CLEAR, "", "no such reason", Outcome.ELIGIBLE, "Choose why"),
]


@pytest.mark.parametrize(("result", "detail", "reason", "outcome", "says"), REFUSED)
async def test_a_reason_that_does_not_fit_what_was_said_decides_nothing(  # noqa: PLR0917
    alder: Desk, result: Result, detail: str, reason: str, outcome: Outcome, says: str
) -> None:
    order = await answered(alder, result, detail)
    with pytest.raises(Invalid, match=says):
        await decide(alder, order, reason, outcome)
    assert (await alder.order(order)).decided is None


async def test_a_record_is_decided_for_after_an_assessment_that_ends_well(alder: Desk) -> None:
    order = await answered(alder, Result.RECORD_FOUND)
    with pytest.raises(Conflict, match="needs a written assessment"):
        await decide(alder, order, "assessed_no_concern")
    await assess(order, 1, "may_deny", alder.hr)
    with pytest.raises(Conflict, match="does not end well"):
        await decide(alder, order, "assessed_no_concern")
    await assess(order, 2, "eligible", alder.hr)
    await decide(alder, order, "assessed_no_concern")
    assert await alder.evidence(await person_in(order)) == [("state_criminal_history", "complete", "clear")]


async def test_a_note_with_what_is_never_kept_decides_nothing(alder: Desk) -> None:
    order = await answered(alder)
    with pytest.raises(Invalid, match="never kept here"):
        await decide(alder, order, note="His number is 123-45-6789.")
    assert (await alder.order(order)).decided is None


@pytest.mark.parametrize(
    ("asked", "says"),
    [(date(2026, 11, 24), "lie ahead"), (date(2027, 11, 21), "good through 2027-11-20 at the latest"), (date(2027, 1, 31), "")],
)
async def test_the_last_good_day_is_never_later_than_the_districts_own_limit(alder: Desk, asked: date, says: str) -> None:
    order = await answered(alder, good_months=12)
    if says:
        with pytest.raises(Invalid, match=says):
            await decide(alder, order, valid_until=asked)
        return
    await decide(alder, order, valid_until=asked)
    assert [paper.expires_on for paper in await alder.papers(await person_in(order))] == [asked]


async def test_a_check_older_than_the_limit_clears_nobody(alder: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    order = await answered(alder, good_months=1)
    monkeypatch.setenv("STAFFING_TODAY", "2026-12-21")
    with pytest.raises(Invalid, match="was good through 2026-12-20"):
        await decide(alder, order)


async def test_where_two_are_asked_for_nothing_counts_until_another_agrees(alder: Desk) -> None:
    order = await answered(alder, second_reviewer=True)
    who = await person_in(order)
    made = await decide(alder, order)
    view = await alder.order(order)
    assert (view.outcome, view.move) == (None, Move.DECIDE)
    assert await alder.evidence(who) == [("state_criminal_history", "initiated", None)]
    with pytest.raises(NotAllowed, match="decided this yourself"):
        await determining.second(alder.hr, made, True)
    with pytest.raises(NotAllowed):
        await determining.second(viewer("partner", "Lionel Invented"), made, True)
    with pytest.raises(Conflict, match="a second person has yet to agree"):
        await decide(alder, order, by=alder.colleague)
    await determining.second(alder.admin, made, True)
    await determining.second(alder.admin, made, True)
    view = await alder.order(order)
    assert (view.outcome, view.decided and view.decided.second_by) == (Outcome.ELIGIBLE, alder.admin.tag)
    assert await alder.evidence(who) == [("state_criminal_history", "complete", "clear")]
    assert [action for action, _ in await journal_of(f"check/{order}")].count("check:seconded") == 1


async def test_a_second_may_send_it_back_with_a_sentence(alder: Desk) -> None:
    order = await answered(alder, second_reviewer=True)
    made = await decide(alder, order)
    with pytest.raises(Invalid, match="what is missing"):
        await determining.second(alder.colleague, made, False)
    await determining.second(alder.colleague, made, False, "The certificate is of another state.")
    view = await alder.order(order)
    assert (view.decided, view.move, len(view.earlier)) == (None, Move.DECIDE, 1)
    with pytest.raises(Conflict, match="does not wait for a second person"):
        await determining.second(alder.colleague, made, True)


async def test_a_second_does_not_agree_to_what_the_source_has_taken_back_meanwhile(alder: Desk) -> None:
    order = await answered(alder, second_reviewer=True)
    made = await decide(alder, order)
    later = datetime.now(UTC) + timedelta(days=400)
    seen = OrderSeen(
        order_ref="", status=OrderStatus.COMPLETE, raw="x", result=Result.RECORD_FOUND, completed_at=NOON, revised_at=later
    )
    await follow(system_viewer("alder"), order, seen, why="a test")
    with pytest.raises(Conflict, match="changed its word"):
        await determining.second(alder.colleague, made, True)


@pytest.mark.parametrize(
    ("policy", "result", "detail", "reason", "waits"),
    [
        (Policy(second_reviewer_for_record_found=True), Result.RECORD_FOUND, "", "not_this_person", True),
        (Policy(second_reviewer_for_record_found=True), Result.CLEAR, "", "clear", False),
        (Policy(second_reviewer_for_unable=True), Result.UNABLE, "", "confirmed_elsewhere", True),
        (Policy(second_reviewer_for_unable=True), Result.CLEAR, "includes_canceled", "gaps_not_needed", True),
        (Policy(remind_days=(45,)), Result.RECORD_FOUND, "", "not_this_person", False),
    ],
)
async def test_the_policy_says_where_two_decide_and_the_determination_names_its_version(  # noqa: PLR0917
    alder: Desk, policy: Policy, result: Result, detail: str, reason: str, waits: bool
) -> None:
    assert await policies.change(alder.admin, policy, "The board decided so.", over=STANDARD) == 1
    order = await answered(alder, result, detail)
    await decide(alder, order, reason)
    made = (await alder.order(order)).decided
    assert made and (made.state == "waits_for_second", made.policy_version) == (waits, "1")


async def test_taking_a_decision_back_leaves_what_was_before(alder: Desk) -> None:
    order = await answered(alder)
    who = await person_in(order)
    made = await decide(alder, order)
    with pytest.raises(Invalid, match="in a sentence why"):
        await determining.take_back(alder.hr, made, "")
    with pytest.raises(NotFound):
        await determining.take_back(alder.hr, order, "No such decision.")
    await determining.take_back(alder.hr, made, "It was another Rosa.")
    await determining.take_back(alder.hr, made, "It was another Rosa.")
    assert await alder.evidence(who) == [("state_criminal_history", "initiated", None)]
    view = await alder.order(order)
    assert (view.outcome, view.decided, view.move) == (None, None, Move.DECIDE)
    await decide(alder, order)
    assert await alder.evidence(who) == [("state_criminal_history", "complete", "clear")]


async def test_a_source_that_changes_its_word_opens_the_question_and_a_new_decision_replaces_the_old(alder: Desk) -> None:
    order = await answered(alder)
    who = await person_in(order)
    first = await decide(alder, order)
    later = NOON + timedelta(days=3)
    seen = OrderSeen(
        order_ref="", status=OrderStatus.COMPLETE, raw="x", result=Result.RECORD_FOUND, completed_at=NOON, revised_at=later
    )
    await follow(system_viewer("alder"), order, seen, why="a test")
    view = await alder.order(order)
    assert (view.again, view.move, view.outcome, await held(who)) == (True, Move.DECIDE, Outcome.ELIGIBLE, "deciding")
    second = await decide(alder, order, "not_this_person")
    view = await alder.order(order)
    assert (view.again, view.move, [one.id for one in view.earlier]) == (False, Move.DONE, [first])
    assert view.decided and view.decided.id == second
    assert await held(who) is None
    assert await alder.evidence(who) == [("state_criminal_history", "complete", "clear")]


@pytest.mark.parametrize("role", ["admin", "partner", "coordinator", "union", "cabinet", "volunteer"])
async def test_nobody_but_hr_decides(alder: Desk, role: str) -> None:
    order = await answered(alder)
    with pytest.raises(NotAllowed):
        await decide(alder, order, by=viewer(role, "Sam Invented"))


# --- Turning somebody away --------------------------------------------------------------------------------------------


async def assess(order: UUID, number: int, outcome: str, by: Viewer, at: datetime | None = None) -> None:
    values = {"assessed_at": at} if at else {}
    async with tenant_transaction("alder"):
        await Assessment.insert(
            Assessment(
                order=order,
                number=number,
                outcome=outcome,
                policy_version=STANDARD,
                assessed_by=by.tag,
                assessed_account=by.account,
                **values,
            )
        )


async def fair(alder: Desk, order: UUID, **changed: Any) -> UUID:
    """An adverse action at its end: told, the days have passed, assessed again. ``changed`` leaves something out."""
    values: dict[str, Any] = {
        "state": "to_finish",
        "rule": "default",
        "sent_on": date(2026, 11, 10),
        "deadline": date(2026, 11, 20),
        "opened_by": alder.hr.tag,
        "opened_at": datetime(2026, 11, 9, tzinfo=UTC),
    }
    delivery, dispute, second = changed.pop("delivery", "delivered"), changed.pop("dispute", None), changed.pop("second", "deny")
    assessor = changed.pop("assessor", alder.colleague)
    who = await person_in(order)
    async with tenant_transaction("alder"):
        action = AdverseAction(order=order, person=who, **(values | changed))
        await AdverseAction.insert(action)
        if delivery:
            await Notice.insert(
                Notice(
                    number=1,
                    order=order,
                    person=who,
                    kind="pre_adverse",
                    language="en",
                    html="<p>Invented.</p>",
                    sha256=b"x",
                    delivery=delivery,
                    sent_on=date(2026, 11, 10),
                    made_by=alder.hr.tag,
                )
            )
        if dispute is not None:
            await Dispute.insert(
                Dispute(action=action.id, about="both", opened_on=date(2026, 11, 12), opened_by="x", ended=dispute)
            )
    await assess(order, 1, "may_deny", assessor)
    if second:
        await assess(order, 2, second, assessor)
    ident: UUID = action.id
    return ident


LACKING: list[tuple[dict[str, Any], str]] = [
    ({"deadline": date(2026, 11, 24)}, "last day to answer has not passed. It is 2026-11-24"),
    ({"deadline": None}, "last day to answer has not passed"),
    ({"paused_on": date(2026, 11, 15)}, "last day to answer has not passed"),
    ({"delivery": "not_delivered"}, "did not reach the person"),
    ({"delivery": ""}, "not written to before"),
    ({"dispute": ""}, "has answered, and that is not settled"),
    ({"second": ""}, "second assessment"),
    ({"second": "eligible"}, "second assessment"),
]


@pytest.mark.parametrize(("changed", "says"), LACKING)
async def test_nobody_is_turned_away_before_the_fair_steps_have_ended(alder: Desk, changed: dict[str, Any], says: str) -> None:
    order = await answered(alder, Result.RECORD_FOUND)
    action = await fair(alder, order, **changed)
    with pytest.raises(Conflict, match=says):
        await decide(alder, order, "assessed_not_suitable", Outcome.NOT_ELIGIBLE, through=action)
    assert (await alder.order(order)).outcome is None


async def test_nobody_is_turned_away_from_the_checks_page_and_open_steps_are_not_passed_by(alder: Desk) -> None:
    order = await answered(alder, Result.RECORD_FOUND)
    with pytest.raises(Conflict, match="only at the end of the fair steps"):
        await decide(alder, order, "assessed_not_suitable", Outcome.NOT_ELIGIBLE)
    action = await fair(alder, order)
    with pytest.raises(Conflict, match="decided on their page"):
        await decide(alder, order, "not_this_person")
    other = await answered(alder, Result.RECORD_FOUND)
    with pytest.raises(Conflict, match="not about this check"):
        await decide(alder, other, "assessed_not_suitable", Outcome.NOT_ELIGIBLE, through=action)


async def test_the_end_of_the_fair_steps_is_evidence_that_is_not_clear_and_names_both_people(alder: Desk) -> None:
    order = await answered(alder, Result.RECORD_FOUND)
    action = await fair(alder, order, dispute="heard")
    await decide(alder, order, "assessed_not_suitable", Outcome.NOT_ELIGIBLE, through=action)
    view = await alder.order(order)
    assert view.decided and (view.outcome, view.decided.decided_by, view.decided.second_by) == (
        Outcome.NOT_ELIGIBLE,
        alder.hr.tag,
        alder.colleague.tag,
    )
    assert await alder.evidence(await person_in(order)) == [("state_criminal_history", "complete", "not_clear")]


async def test_one_person_alone_turns_nobody_away_unless_the_policy_says_so(alder: Desk) -> None:
    order = await answered(alder, Result.RECORD_FOUND)
    action = await fair(alder, order, assessor=alder.hr)
    with pytest.raises(Conflict, match="you alone assessed this"):
        await decide(alder, order, "assessed_not_suitable", Outcome.NOT_ELIGIBLE, through=action)
    await policies.change(alder.admin, Policy(two_person_final=False), "We are three people.", over=STANDARD)
    await decide(alder, order, "assessed_not_suitable", Outcome.NOT_ELIGIBLE, through=action)
    assert (await alder.order(order)).outcome is Outcome.NOT_ELIGIBLE


async def test_an_assessment_of_earlier_steps_turns_nobody_away_later(alder: Desk) -> None:
    order = await answered(alder, Result.RECORD_FOUND)
    action = await fair(alder, order, second="")
    await assess(order, 2, "deny", alder.colleague, at=datetime(2026, 1, 5, tzinfo=UTC))
    with pytest.raises(Conflict, match="second assessment"):
        await decide(alder, order, "assessed_not_suitable", Outcome.NOT_ELIGIBLE, through=action)


# --- Reasons and policy -----------------------------------------------------------------------------------------------


def test_every_result_has_a_reason_of_its_own_for_every_outcome_it_may_have() -> None:
    for result, detail in (
        (Result.CLEAR, ""),
        (Result.CLEAR, "includes_canceled"),
        (Result.RECORD_FOUND, ""),
        (Result.UNABLE, ""),
    ):
        for outcome in OUTCOMES:
            found = offered(result, detail, [outcome])
            plain_clear = stands(result, detail) == "clear" and outcome is Outcome.WITH_CONDITIONS
            assert bool(found) or plain_clear, (result, detail, outcome)
            assert all(not why_not(reason, outcome, result, detail) for reason in found)


def test_the_press_for_a_clear_result_is_offered_for_nothing_else() -> None:
    for result in Result:
        for detail in ("", "includes_canceled", "all_canceled", "unknown_word"):
            codes = [reason.code for reason in offered(result, detail, [Outcome.ELIGIBLE])]
            assert ("clear" in codes) == (result is Result.CLEAR and not detail)


def test_no_reason_tells_a_person_of_a_record() -> None:
    for reason in REASONS.values():
        assert not {"record", "crime", "criminal", "convict", "arrest"} & set(reason.person.lower().split())


async def test_a_policy_has_versions_a_reason_and_one_writer_at_a_time(alder: Desk) -> None:
    with pytest.raises(NotAllowed):
        await policies.change(alder.hr, Policy(reconcile_hours=3), "Mine.", over=STANDARD)
    for policy, why, says in (
        (Policy(reconcile_hours=3), "", "in a sentence why"),
        (Policy(remind_days=()), "Fewer.", "one to 6 reminders"),
        (Policy(remind_days=(0,)), "None.", "between 1 and 365"),
        (Policy(reconcile_hours=0), "Always.", "1 to 168 hours"),
    ):
        with pytest.raises(Invalid, match=says):
            await policies.change(alder.admin, policy, why, over=STANDARD)
    with pytest.raises(Conflict, match="reads already"):
        await policies.change(alder.admin, Policy(), "The same.", over=STANDARD)
    assert await policies.change(alder.admin, Policy(remind_days=(7, 90, 30)), "Earlier.", over=STANDARD) == 1
    with pytest.raises(Conflict, match="Somebody changed the policy"):
        await policies.change(alder.admin, Policy(reconcile_hours=3), "Sooner.", over=STANDARD)
    assert await policies.change(alder.admin, Policy(reconcile_hours=3), "Sooner.", over="1") == 2
    policy, version = await policies.policy_of("alder")
    assert (policy.reconcile_hours, version) == (3, "2")
    assert [one.policy.remind_days for one in await policies.versions(alder.hr)] == [(60, 30, 7), (90, 30, 7)]
    assert (await journal_of("check_policy/2"))[0][1]["after"] == {"reconcile_hours": 3, "remind_days": [60, 30, 7]}


async def test_an_order_kept_with_another_districts_result_is_not_found(alder: Desk) -> None:
    order = await answered(alder)
    with pytest.raises(NotFound):
        await determining.determine(viewer("hr", "Otto Invented", tenant="birch"), order, Outcome.ELIGIBLE, "clear", version=1)
    async with tenant_transaction("alder"):
        assert await CheckOrder.exists().where((CheckOrder.id == order) & CheckOrder.outcome.is_null())
