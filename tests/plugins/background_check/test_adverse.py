"""Fair steps from a record to a decision: whole journeys, what each step waits for, and what is never passed by."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from plugins.background_check.rules.assessing import Item
from plugins.background_check.rules.fair_steps import Step
from plugins.background_check.services import adverse, answering, policies
from plugins.background_check.services.determining import determine, second
from plugins.background_check.tables.decided import Assessment, CheckDetermination, Dispute
from staffing.api import Conflict, Invalid, NotAllowed, NotFound, Outcome, evidence_of, unseal
from staffing.store.engine import tenant_transaction
from staffing.store.tables import ClosedDay
from tests.plugins.background_check.checks import journal_of, order_row
from tests.plugins.background_check.steps import (
    TODAY,
    Check,
    action,
    at,
    fact,
    form,
    letters,
    make_check,
    sending,
    short,
    to_finish,
    told,
    viewer,
)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def check(database: str, monkeypatch: pytest.MonkeyPatch) -> Check:
    at(monkeypatch, TODAY)
    return await make_check()


# --- whole journeys ---


async def test_from_a_record_to_the_final_letter_with_an_answer_in_between(check: Check, monkeypatch) -> None:
    ident = await adverse.begin(check.hr, check.order)
    assert await fact(check) == "deciding"
    assert await adverse.assess(check.hr, ident, form(), version=1) is Step.TO_NOTIFY
    await adverse.send_pre_notice(check.hr, ident, sending("email"), version=2)
    row = await action(check)
    assert (row["state"], row["rule"], row["deadline"]) == (
        "waiting",
        "default",
        date(2026, 12, 2),
    )  # Thanksgiving is no work day
    assert await fact(check) == "answering"

    at(monkeypatch, date(2026, 11, 30))
    await adverse.answer(check.own, ident, "both", papers=["references"], words="That was my brother.")
    row = await action(check)
    assert (row["state"], row["left_days"], row["paused_on"]) == ("paused", 2, date(2026, 11, 30))
    assert await fact(check) == "deciding"

    at(monkeypatch, date(2026, 12, 9))
    with pytest.raises(Conflict, match="An answer is open"):
        await adverse.reassess(check.second, ident, form("deny"), version=row["version"])
    assert await adverse.end_dispute(check.hr, ident, "report_stands", version=row["version"]) is Step.WAITING
    row = await action(check)
    assert (row["deadline"], row["paused_on"], row["left_days"]) == (date(2026, 12, 11), None, None)

    assert await adverse.reassess(check.second, ident, form("deny"), version=row["version"]) is Step.TO_FINISH
    row = await action(check)
    with pytest.raises(Conflict, match="can answer through 2026-12-11"):
        await adverse.finish(check.second, ident, ["email"], version=row["version"])
    at(monkeypatch, date(2026, 12, 14))
    await adverse.finish(check.second, ident, ["email"], version=row["version"])

    assert (await action(check))["state"] == "not_eligible"
    assert (await order_row(check.order))["outcome"] == "not_eligible"
    assert [one["kind"] for one in await letters(check)] == ["pre_adverse", "final_adverse"]
    assert await fact(check) is None
    held = await evidence_of(check.tenant, check.person)
    assert [(one.kind, one.result) for one in held] == [("state_criminal_history", "not_clear")]
    assert [act for act, _ in await journal_of(f"check/{check.order}") if act.startswith("fair:")] == [
        "fair:begun",
        "fair:assessed",
        "fair:told",
        "fair:answered",
        "fair:answer_closed",
        "fair:reassessed",
        "fair:ended",
    ]


async def test_silence_until_the_last_day_needs_a_short_second_assessment_before_the_final_letter(check, monkeypatch) -> None:
    ident = await to_finish(check, monkeypatch)
    row = await action(check)
    await adverse.finish(check.second, ident, ["email"], version=row["version"])
    final = (await letters(check))[-1]
    assert "We received no answer through December 2, 2026" in final["html"]
    assert "free copy of your report" in final["html"]


async def test_a_good_second_assessment_needs_no_waiting_and_the_person_is_told(check: Check) -> None:
    ident = await told(check)
    row = await action(check)
    assert await adverse.reassess(check.hr, ident, form("eligible"), version=row["version"]) is Step.ELIGIBLE
    assert (await order_row(check.order))["outcome"] == "eligible"
    assert [one["kind"] for one in await letters(check)] == ["pre_adverse", "resolved"]
    assert await fact(check) is None


async def test_a_good_first_assessment_ends_it_without_a_letter(check: Check) -> None:
    ident = await adverse.begin(check.hr, check.order)
    good = form("eligible_with_conditions", conditions=("no_money",))
    assert await adverse.assess(check.hr, ident, good, version=1) is Step.ELIGIBLE
    assert (await order_row(check.order))["outcome"] == "eligible_with_conditions"
    assert await letters(check) == []


async def test_a_corrected_report_ends_well_for_that_reason(check: Check, monkeypatch) -> None:
    ident = await told(check)
    await adverse.answer(check.own, ident, "accuracy")
    row = await action(check)
    await adverse.end_dispute(check.hr, ident, "report_changed", version=row["version"])
    async with tenant_transaction(check.tenant) as transaction:
        await transaction.connection.execute(
            "UPDATE background_check.check_order SET result = 'clear' WHERE id = $1", check.order
        )
    row = await action(check)
    await adverse.reassess(check.hr, ident, form("eligible", related=False), version=row["version"])
    async with tenant_transaction(check.tenant):
        made = await CheckDetermination.select()
    assert [(one["outcome"], one["reason_code"]) for one in made] == [("eligible", "report_corrected")]


async def test_the_person_may_withdraw_at_any_time_and_nothing_is_decided_about_them(check: Check) -> None:
    ident = await told(check)
    await adverse.answer(check.own, ident, "context", words="I moved away.")
    await adverse.withdraw(check.own, ident)
    await adverse.withdraw(check.own, ident)
    assert (await action(check))["state"] == "withdrawn"
    assert (await order_row(check.order))["outcome"] == "withdrawn"
    assert await evidence_of(check.tenant, check.person) == []
    async with tenant_transaction(check.tenant):
        assert [row["ended"] for row in await Dispute.select()] == ["taken_back"]


# --- what is never passed by ---


async def test_nobody_is_turned_away_by_a_determination_without_these_steps(check: Check) -> None:
    row = await order_row(check.order)
    with pytest.raises(Conflict, match="only at the end of the fair steps"):
        await determine(check.hr, check.order, Outcome.NOT_ELIGIBLE, "assessed_not_suitable", version=row["version"])
    ident = await told(check)
    row = await order_row(check.order)
    with pytest.raises(Conflict, match="last day to answer has not passed"):
        await determine(
            check.second, check.order, Outcome.NOT_ELIGIBLE, "assessed_not_suitable", version=row["version"], through=ident
        )


@pytest.mark.parametrize(
    ("result", "status", "says"),
    [
        ("clear", "complete", "found nothing"),
        (None, "in_progress", "not answered yet"),
        ("record_found", "disputed", "not answered"),
    ],
)
async def test_only_a_check_with_an_answer_that_is_not_clear_has_fair_steps(database, monkeypatch, result, status, says) -> None:
    at(monkeypatch, TODAY)
    check = await make_check(result=result, status=status)
    with pytest.raises(Conflict, match=says):
        await adverse.begin(check.hr, check.order)


async def test_begun_twice_they_are_begun_once(check: Check) -> None:
    assert await adverse.begin(check.hr, check.order) == await adverse.begin(check.second, check.order)
    assert len([act for act, _ in await journal_of(f"check/{check.order}") if act == "fair:begun"]) == 1


async def test_whoever_wrote_the_first_assessment_cannot_send_the_final_letter(check: Check, monkeypatch) -> None:
    ident = await to_finish(check, monkeypatch)
    row = await action(check)
    with pytest.raises(Conflict, match="Somebody else has to send the final letter"):
        await adverse.finish(check.hr, ident, ["email"], version=row["version"])
    assert (await action(check))["state"] == "to_finish"
    assert (await order_row(check.order))["outcome"] is None


async def test_where_the_policy_lets_one_person_decide_they_may(check: Check, monkeypatch) -> None:
    await policies.change(check.admin, policies.Policy(two_person_final=False), "We are two people.", over=policies.STANDARD)
    ident = await to_finish(check, monkeypatch)
    row = await action(check)
    await adverse.finish(check.hr, ident, ["email"], version=row["version"])
    assert (await order_row(check.order))["outcome"] == "not_eligible"


async def test_a_letter_that_did_not_arrive_stops_the_clock_and_the_days_begin_anew(check: Check, monkeypatch) -> None:
    ident = await told(check)
    first = (await letters(check))[0]
    at(monkeypatch, date(2026, 12, 1))
    await adverse.record_delivery(check.hr, first["id"], "not_delivered", date(2026, 12, 1), "The address bounced.")
    row = await action(check)
    assert (row["state"], row["deadline"]) == ("to_notify", None)
    assert await fact(check) == "deciding"
    at(monkeypatch, date(2026, 12, 3))
    await adverse.send_pre_notice(check.hr, ident, sending("mail"), version=row["version"])
    row = await action(check)
    assert row["deadline"] > date(2026, 12, 10)
    assert row["deemed_received_on"] == date(2026, 12, 8)
    again = (await letters(check))[1]
    assert again["number"] == first["number"] + 1


async def test_a_letter_to_be_handed_over_starts_the_clock_once_that_is_recorded(check: Check, monkeypatch) -> None:
    await told(check, "hand", copy="handed")
    row = await action(check)
    assert (row["state"], row["deadline"]) == ("waiting", None)
    at(monkeypatch, date(2026, 12, 1))
    notice = (await letters(check))[0]["id"]
    await adverse.record_delivery(check.hr, notice, "handed_over", date(2026, 11, 30))
    assert (await action(check))["deadline"] == date(2026, 12, 7)


async def test_a_letter_answered_before_anybody_recorded_that_it_was_handed_over_was_received(check: Check, monkeypatch) -> None:
    ident = await told(check, "hand", copy="handed")
    at(monkeypatch, date(2026, 11, 27))
    await adverse.answer(check.own, ident, "context")
    row = await action(check)
    assert (row["state"], row["deadline"], row["left_days"]) == ("paused", date(2026, 12, 4), 5)
    assert (await letters(check))[0]["delivery"] == "delivered"


async def test_mail_that_came_later_than_thought_makes_the_last_day_later_and_never_earlier(check: Check, monkeypatch) -> None:
    await told(check, "mail", copy="with_letter")
    deadline = (await action(check))["deadline"]
    notice = (await letters(check))[0]["id"]
    at(monkeypatch, date(2026, 12, 3))
    await adverse.record_delivery(check.hr, notice, "delivered", date(2026, 11, 25))
    assert (await action(check))["deadline"] == deadline
    await adverse.record_delivery(check.hr, notice, "delivered", date(2026, 12, 3))
    assert (await action(check))["deadline"] == date(2026, 12, 10) > deadline


async def test_closed_days_of_the_district_are_no_work_days(check: Check) -> None:
    async with tenant_transaction(check.tenant):
        await ClosedDay.insert(ClosedDay(kind="work", day=date(2026, 11, 27)))
    await told(check)
    assert (await action(check))["deadline"] == date(2026, 12, 3)


async def test_the_last_day_is_kept_and_not_worked_out_again(check: Check) -> None:
    ident = await told(check)
    async with tenant_transaction(check.tenant):
        await ClosedDay.insert(ClosedDay(kind="work", day=date(2026, 11, 27)))
    assert (await action(check))["deadline"] == date(2026, 12, 2)
    await adverse.withdraw(check.hr, ident)


# --- answers ---


async def test_what_a_person_wrote_is_kept_sealed_and_is_in_no_journal(check: Check) -> None:
    ident = await told(check)
    await adverse.answer(check.own, ident, "context", words="I was nineteen and have worked since.")
    async with tenant_transaction(check.tenant):
        kept = (await Dispute.select())[0]
        assert unseal(bytes(kept["words"]), answering.sealed_for(kept["id"])) == "I was nineteen and have worked since."
    assert b"nineteen" not in bytes(kept["words"])
    assert "nineteen" not in str(await journal_of(f"check/{check.order}"))


async def test_a_social_security_number_in_an_answer_is_refused_and_nothing_is_kept(check: Check) -> None:
    ident = await told(check)
    with pytest.raises(Invalid, match="Social Security number"):
        await adverse.answer(check.own, ident, "context", words="My number is 123-45-6789.")
    assert (await action(check))["state"] == "waiting"


async def test_an_answer_that_came_by_mail_stops_the_clock_from_the_day_it_came(check: Check, monkeypatch) -> None:
    ident = await told(check)
    at(monkeypatch, date(2026, 12, 7))
    await adverse.by_itself(check.tenant)
    assert (await action(check))["state"] == "to_reassess"
    await adverse.answer(check.hr, ident, "accuracy", came_by="mail", came_on=date(2026, 12, 1))
    row = await action(check)
    assert (row["state"], row["left_days"]) == ("paused", 1)


async def test_an_answer_after_the_last_day_is_still_heard_before_the_final_letter(check: Check, monkeypatch) -> None:
    ident = await to_finish(check, monkeypatch)
    await adverse.answer(check.own, ident, "context")
    row = await action(check)
    assert (row["state"], row["left_days"]) == ("paused", 0)
    assert await adverse.end_dispute(check.hr, ident, "heard", version=row["version"]) is Step.TO_REASSESS
    row = await action(check)
    with pytest.raises(Conflict, match="assessment has to be made again"):
        await adverse.finish(check.second, ident, ["email"], version=row["version"])
    with pytest.raises(Conflict, match="everything is weighed again"):
        await adverse.reassess(check.hr, ident, short(), version=row["version"])


async def test_one_answer_is_open_at_a_time(check: Check) -> None:
    ident = await told(check)
    await adverse.answer(check.own, ident, "context")
    with pytest.raises(Conflict, match="being looked at already"):
        await adverse.answer(check.own, ident, "accuracy")


async def test_another_person_does_not_find_the_letter(check: Check) -> None:
    ident = await told(check)
    other = viewer("volunteer", "Ola Invented", person=uuid4())
    for act in (adverse.answer(other, ident, "context"), adverse.withdraw(other, ident)):
        with pytest.raises(NotFound):
            await act


@pytest.mark.parametrize("role", ["admin", "partner", "coordinator", "union", "cabinet"])
async def test_fair_steps_are_hr_s_alone(check: Check, role) -> None:
    who = viewer(role, "Somebody")
    with pytest.raises(NotAllowed):
        await adverse.begin(who, check.order)
    ident = await told(check)
    for act in (
        adverse.finish(who, ident, ["email"], version=3),
        adverse.withdraw(who, ident),
        adverse.answer(who, ident, "context", came_by="office"),
        adverse.drop(who, ident, "no", version=3),
    ):
        with pytest.raises(NotAllowed):
            await act


# --- more than one at once, and undoing ---


async def test_a_page_that_is_out_of_date_changes_nothing(check: Check) -> None:
    ident = await adverse.begin(check.hr, check.order)
    await adverse.assess(check.hr, ident, form(), version=1)
    with pytest.raises(Conflict, match="Somebody was faster"):
        await adverse.send_pre_notice(check.second, ident, sending(), version=1)
    assert await letters(check) == []


async def test_an_assessment_is_taken_back_as_long_as_no_letter_followed(check: Check, monkeypatch) -> None:
    ident = await adverse.begin(check.hr, check.order)
    await adverse.assess(check.hr, ident, form(), version=1)
    assert await adverse.take_back(check.hr, ident, version=2) is Step.ASSESSING
    await adverse.assess(check.second, ident, form(), version=3)
    await adverse.send_pre_notice(check.hr, ident, sending(), version=4)
    with pytest.raises(Conflict, match="cannot be called back"):
        await adverse.take_back(check.hr, ident, version=5)


async def test_steps_begun_by_mistake_are_dropped_before_anybody_was_told_and_never_after(check: Check) -> None:
    ident = await adverse.begin(check.hr, check.order)
    await adverse.drop(check.hr, ident, "It was another check.", version=1)
    assert await fact(check) == "deciding"  # the record still waits for a decision
    assert (await order_row(check.order))["outcome"] is None
    ident = await told(check)
    with pytest.raises(Conflict, match="the person was told"):
        await adverse.drop(check.hr, ident, "We changed our mind.", version=3)


async def test_time_moves_an_action_once(check: Check, monkeypatch) -> None:
    await told(check)
    at(monkeypatch, date(2026, 12, 2))
    assert await adverse.by_itself(check.tenant) == 0
    at(monkeypatch, date(2026, 12, 3))
    assert await adverse.by_itself(check.tenant) == 1
    assert await adverse.by_itself(check.tenant) == 0
    assert await fact(check) == "deciding"


async def test_a_good_end_that_waits_for_a_second_reviewer_is_told_once_they_agreed(check: Check) -> None:
    await policies.change(
        check.admin, policies.Policy(second_reviewer_for_record_found=True), "Two see it.", over=policies.STANDARD
    )
    ident = await told(check)
    row = await action(check)
    await adverse.reassess(check.hr, ident, form("eligible", related=False), version=row["version"])
    assert [one["kind"] for one in await letters(check)] == ["pre_adverse"]
    assert await adverse.by_itself(check.tenant) == 0
    async with tenant_transaction(check.tenant):
        made = (await CheckDetermination.select())[0]
    assert made["state"] == "waits_for_second"
    await second(check.second, made["id"], True)
    assert await adverse.by_itself(check.tenant) == 1
    assert await adverse.by_itself(check.tenant) == 0
    assert [one["kind"] for one in await letters(check)] == ["pre_adverse", "resolved"]


# --- the form ---


async def test_a_form_that_says_too_little_is_refused_with_a_sentence_for_each_field(check: Check) -> None:
    ident = await adverse.begin(check.hr, check.order)
    with pytest.raises(Invalid) as caught:
        await adverse.assess(check.hr, ident, form(items=(), related=None), version=1)
    assert set(caught.value.fields) == {"items", "related"}
    async with tenant_transaction(check.tenant):
        assert await Assessment.count() == 0


async def test_an_arrest_alone_never_leads_to_a_letter(check: Check) -> None:
    ident = await adverse.begin(check.hr, check.order)
    with pytest.raises(Invalid, match="An arrest without a conviction alone never counts"):
        await adverse.assess(
            check.hr, ident, form(items=(Item(ref="item 1", offence="money", standing="arrest_only"),)), version=1
        )


async def test_in_illinois_the_six_factors_are_asked_for(database: str, monkeypatch) -> None:
    at(monkeypatch, TODAY)
    check = await make_check(jurisdiction="us-il")
    ident = await adverse.begin(check.hr, check.order)
    with pytest.raises(Invalid, match="Age at the time of the conviction"):
        await adverse.assess(check.hr, ident, form(), version=1)
    await adverse.assess(check.hr, ident, form(further=("us_il",)), version=1)


async def test_a_bar_of_the_law_is_its_own_branch_and_the_letter_cites_it(check: Check, monkeypatch) -> None:
    ident = await adverse.begin(check.hr, check.order)
    barred = form(factors={}, related=None, related_reason="", bar="ORC 3319.39(B)(1)")
    await adverse.assess(check.hr, ident, barred, version=1)
    await adverse.send_pre_notice(check.hr, ident, sending(), version=2)
    assert "A law may not allow this work: ORC 3319.39(B)(1)" in (await letters(check))[0]["html"]
    at(monkeypatch, (await action(check))["deadline"] + timedelta(days=1))
    await adverse.reassess(check.hr, ident, short(), version=3)
    await adverse.finish(check.second, ident, ["email"], version=4)
    async with tenant_transaction(check.tenant):
        assert (await CheckDetermination.select())[0]["reason_code"] == "barred_by_law"


async def test_california_gives_more_days_to_somebody_who_disputes_the_report(database: str, monkeypatch) -> None:
    at(monkeypatch, TODAY)
    check = await make_check(jurisdiction="us-ca")
    ident = await told(check)
    row = await action(check)
    assert (row["rule"], row["deadline"]) == ("us_ca", date(2026, 12, 4))  # two work days until e-mail counts as received
    at(monkeypatch, date(2026, 12, 4))
    await adverse.answer(check.own, ident, "accuracy")
    row = await action(check)
    await adverse.end_dispute(check.hr, ident, "report_stands", version=row["version"])
    assert (await action(check))["deadline"] == date(2026, 12, 11)
