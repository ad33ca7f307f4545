"""Fair steps of one check: assessed, told, answered, assessed again, decided. Each is a use case in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import (
    Conflict,
    Invalid,
    OrderStatus,
    Outcome,
    Viewer,
    closed_days,
    now,
    record,
    refuse_private,
    system_viewer,
    tenant_transaction,
)

from ..rules import assessing, fair_steps, reasons, timers
from ..rules.assessing import Form
from ..rules.fair_steps import Act, Step
from ..tables.decided import AdverseAction, Assessment, CheckDetermination, Dispute
from . import fair_letters
from .answering import answer, end_dispute, record_delivery
from .determining import determine
from .fair_letters import Sending
from .fair_state import as_json, close, hr_alone, move, opened, require, standing, who, write_down
from .fair_timers import counting_here
from .holding import settle
from .order_view import changed_since
from .orders import locked
from .policies import policy_of

__all__ = [
    "answer",
    "assess",
    "begin",
    "by_itself",
    "drop",
    "end_dispute",
    "finish",
    "reassess",
    "record_delivery",
    "send_pre_notice",
    "take_back",
    "withdraw",
]


#: Reasons of a good end, the first that fits what the source says now.
_GOOD_REASONS = (
    "assessed_no_concern",
    "assessed_with_conditions",
    "report_corrected",
    "confirmed_elsewhere",
    "never_in_contact",
)


async def begin(viewer: Viewer, order: UUID) -> UUID:
    """Open the fair steps of a check whose answer speaks, or may speak, against the person. Gives the action's id.

    Where they are open already their id is given. Raises ``Conflict`` for a check that has no answer yet, whose answer is clear,
    or that is decided; ``NotAllowed`` for anyone but HR.
    """
    hr_alone(viewer)
    async with tenant_transaction(viewer.tenant):
        row = await locked(order)
        there = await AdverseAction.select(AdverseAction.id).where(
            (AdverseAction.order == order) & AdverseAction.ended_at.is_null()
        )
        if there:
            ident: UUID = there[0]["id"]
            return ident
        await _can_begin(row)
        made = AdverseAction(
            order=order,
            person=row["person"],
            state=Step.ASSESSING.value,
            rule="",
            opened_by=viewer.tag,
            opened_account=viewer.account,
            opened_at=now(),
        )
        await AdverseAction.insert(made)
        await settle(viewer, row["person"])
        await record("fair:begun", f"check/{order}", actor=viewer.tag, steps=str(made.id), result=row["result"])
    made_id: UUID = made.id
    return made_id


async def _can_begin(row: Mapping[str, Any]) -> None:
    if row["status"] != OrderStatus.COMPLETE or not row["result"]:
        raise Conflict("The source has not answered yet, so there is nothing to assess.")
    if reasons.stands(row["result"], row["detail"]) == reasons.CLEAR:
        raise Conflict("The source found nothing. Decide it on the check’s page; nobody is assessed for a clear check.")
    current = (
        await CheckDetermination.select(CheckDetermination.decided_at)
        .where((CheckDetermination.order == row["id"]) & (CheckDetermination.state != "taken_back"))
        .first()
    )
    if current and not changed_since(row["opened_again_at"], current["decided_at"]):
        raise Conflict("This check is decided. Take the decision back first if it was wrong.")


async def assess(viewer: Viewer, action: UUID, form: Form, *, version: int) -> Step:
    """Write the first assessment, and give the step it leads to. A good one decides the check at once.

    Raises ``Invalid`` with a sentence for each field, ``Conflict`` where the step is not open or the check has changed.
    """
    async with tenant_transaction(viewer.tenant):
        row, on = await opened(viewer, action, version)
        require(await standing(viewer.tenant, row), Act.ASSESS, on)
        await _keep(viewer, row, form, 1, on)
        to = fair_steps.after_assessment(form.outcome)
        if to is Step.TO_NOTIFY:
            await move(row, to)
            await settle(viewer, row["person"])
            await write_down(viewer, row, "fair:assessed", outcome=form.outcome, bar=form.bar)
        else:
            await _end_well(viewer, row, form, told=False)
    return to


async def send_pre_notice(viewer: Viewer, action: UUID, sending: Sending, *, version: int) -> UUID:
    """Send the letter before a decision and start the clock; gives the letter's id.

    Where it is handed over, the clock starts once that is recorded. Raises ``Invalid``, ``Conflict``.
    """
    async with tenant_transaction(viewer.tenant):
        row, on = await opened(viewer, action, version)
        require(await standing(viewer.tenant, row), Act.NOTIFY, on)
        here = await counting_here(viewer.tenant, on)
        closed = await closed_days(viewer.tenant, "work")
        made = await fair_letters.before(viewer, row, sending, here=here, closed=closed, on=on)
        clock = timers.started(here, [timers.Sending(channel=way, sent_on=on) for way in sending.channels], closed)
        values: dict[Any, Any] = {
            AdverseAction.rule: made.planned.timer.id,
            AdverseAction.terms: as_json(made.terms),
            AdverseAction.sent_on: on,
            AdverseAction.deemed_received_on: clock.received_on if clock else None,
            AdverseAction.deadline: clock.deadline if clock else None,
            AdverseAction.paused_on: None,
            AdverseAction.left_days: None,
        }
        await move(row, Step.WAITING, values)
        await settle(viewer, row["person"])
        await write_down(
            viewer,
            row,
            "fair:told",
            notice=f"N-{made.number}",
            channels=list(sending.channels),
            copy=sending.copy,
            rule=made.planned.timer.id,
            deadline=clock.deadline if clock else None,
        )
    return made.ident


async def reassess(viewer: Viewer, action: UUID, form: Form, *, version: int) -> Step:
    """Write the second assessment, and give the step it leads to. A good one decides the check and tells the person.

    Where nothing came from the person it may be the short form. Raises ``Invalid``, ``Conflict``.
    """
    async with tenant_transaction(viewer.tenant):
        row, on = await opened(viewer, action, version)
        now_ = await standing(viewer.tenant, row)
        require(now_, Act.REASSESS, on, good=form.outcome != "deny")
        if form.short and now_.answers:
            raise Conflict("They answered, so everything is weighed again. The short form is for a day that passed in silence.")
        await _keep(viewer, row, form, 2, on)
        to = fair_steps.after_reassessment(form.outcome)
        if to is Step.TO_FINISH:
            await move(row, to)
            await settle(viewer, row["person"])
            await write_down(viewer, row, "fair:reassessed", outcome=form.outcome, short=form.short)
        else:
            await _end_well(viewer, row, form, told=True)
    return to


async def finish(viewer: Viewer, action: UUID, channels: Sequence[str], *, version: int) -> UUID:
    """Decide against the person and send the final letter; gives the letter's id.

    Raises ``Conflict`` with everything that is lacking, in sentences.
    """
    async with tenant_transaction(viewer.tenant):
        row, on = await opened(viewer, action, version)
        require(await standing(viewer.tenant, row), Act.FINISH, on, by=who(viewer))
        order = await locked(row["of_order"])
        form = await _last_form(row)
        reason = "barred_by_law" if form.bar else "assessed_not_suitable"
        await close(viewer, row, Step.NOT_ELIGIBLE)
        await determine(viewer, row["of_order"], Outcome.NOT_ELIGIBLE, reason, version=order["version"], through=action)
        made = await fair_letters.decision(viewer, row, form, channels, on)
        await settle(viewer, row["person"])
        await write_down(viewer, row, "fair:ended", ended=Step.NOT_ELIGIBLE.value, notice=f"N-{made.number}")
    return made.ident


async def withdraw(viewer: Viewer, action: UUID) -> None:
    """The person no longer wants the work, and nothing is decided about them. By themselves, or by HR who were told.

    Doing so twice is harmless. Raises ``NotFound`` for somebody else's.
    """
    own = viewer.role == "volunteer"
    async with tenant_transaction(viewer.tenant):
        row, on = await opened(viewer, action, None, own=own, ended_is_fine=True)
        if Step(row["state"]) in fair_steps.ENDS:
            return
        require(await standing(viewer.tenant, row), Act.WITHDRAW, on)
        order = await locked(row["of_order"])
        await Dispute.update({Dispute.ended: "taken_back", Dispute.ended_on: on, Dispute.ended_by: viewer.tag}).where(
            (Dispute.action == action) & (Dispute.ended == "")
        )
        await close(viewer, row, Step.WITHDRAWN)
        decides = system_viewer(viewer.tenant) if own else viewer
        await determine(decides, row["of_order"], Outcome.WITHDRAWN, "person_withdrew", version=order["version"], through=action)
        await write_down(viewer, row, "fair:ended", ended=Step.WITHDRAWN.value)


async def drop(viewer: Viewer, action: UUID, why: str, *, version: int) -> None:
    """End steps that were begun by mistake, before anybody was told. Raises ``Invalid`` without a reason, ``Conflict`` later."""
    refuse_private(why, "The reason", "why")
    if not why.strip():
        raise Invalid("Say in a sentence why.", {"why": "Say in a sentence why."})
    async with tenant_transaction(viewer.tenant):
        row, on = await opened(viewer, action, version)
        require(await standing(viewer.tenant, row), Act.DROP, on)
        await close(viewer, row, Step.DROPPED)
        await settle(viewer, row["person"])
        await write_down(viewer, row, "fair:ended", ended=Step.DROPPED.value, why=why.strip())


async def take_back(viewer: Viewer, action: UUID, *, version: int) -> Step:
    """Take the last assessment back, as long as no letter followed from it; gives the step it stands at again."""
    async with tenant_transaction(viewer.tenant):
        row, on = await opened(viewer, action, version)
        require(await standing(viewer.tenant, row), Act.TAKE_BACK, on)
        back = Step.ASSESSING if row["state"] == Step.TO_NOTIFY else fair_steps.after_answer(row["deadline"], on)
        await move(row, back)
        await settle(viewer, row["person"])
        await write_down(viewer, row, "fair:taken_back", before=row["state"], after=back.value)
    return back


async def by_itself(tenant: str) -> int:
    """Bring every open action of a district to the step that time has brought, and write the good letters that waited.

    Gives how many moved. Running it twice changes nothing more.
    """
    moved = 0
    viewer = system_viewer(tenant)
    async with tenant_transaction(tenant):
        rows = await AdverseAction.select(AdverseAction.id).where(
            AdverseAction.ended_at.is_null() & (AdverseAction.state == Step.WAITING.value)
        )
    for one in rows:
        async with tenant_transaction(tenant):
            row, on = await opened(viewer, one["id"], None, ended_is_fine=True)
            to = fair_steps.by_itself(await standing(tenant, row), on)
            if to != row["state"]:
                await move(row, to)
                await settle(viewer, row["person"])
                await write_down(viewer, row, "fair:time_passed", deadline=row["deadline"])
                moved += 1
    return moved + await fair_letters.good_ends(viewer)


async def _keep(viewer: Viewer, row: Mapping[str, Any], form: Form, number: int, on: date) -> None:
    for name, text in assessing.texts(form).items():
        refuse_private(text, "The reason", name)
    further = [key for timer in await counting_here(viewer.tenant, on) for key in timer.factors]
    wrong = assessing.problems(form, number, on, further)
    if wrong:
        raise Invalid(f"Nothing was kept yet. {' '.join(wrong.values())}", wrong)
    _, policy_version = await policy_of(viewer.tenant)
    await Assessment.insert(
        Assessment(
            order=row["of_order"],
            number=number,
            form=msgspec.json.encode(form).decode(),
            outcome=form.outcome,
            policy_version=policy_version,
            assessed_by=viewer.tag,
            assessed_account=viewer.account,
            assessed_at=now(),
        )
    )


async def _last_form(row: Mapping[str, Any]) -> Form:
    """The last full form of these steps: a short one says only that nothing changed."""
    kept = (
        await Assessment.select(Assessment.form)
        .where((Assessment.order == row["of_order"]) & (Assessment.assessed_at >= row["opened_at"]))
        .order_by(Assessment.assessed_at, ascending=False)
        .output(load_json=True)
    )
    forms = [msgspec.convert(one["form"], Form, strict=False) for one in kept]
    return next((form for form in forms if not form.short), forms[0])


async def _end_well(viewer: Viewer, row: Mapping[str, Any], form: Form, *, told: bool) -> None:
    order = await locked(row["of_order"])
    outcome = Outcome(form.outcome)
    reason = await _reason(order, outcome)
    await close(viewer, row, Step.ELIGIBLE)
    await determine(
        viewer, row["of_order"], outcome, reason, conditions=form.conditions, version=order["version"], through=row["id"]
    )
    await settle(viewer, row["person"])
    if told:
        await fair_letters.good_end(viewer, row)
    await write_down(viewer, row, "fair:ended", ended=Step.ELIGIBLE.value, outcome=form.outcome)


async def _reason(order: Mapping[str, Any], outcome: Outcome) -> str:
    """The reason for a good end: that it was assessed, or where the source's word is another one now, what fits that."""
    codes = [reason.code for reason in reasons.offered(order["result"], order["detail"], [outcome])]
    for wanted in _GOOD_REASONS:
        if wanted in codes:
            return wanted
    if not codes:
        raise Conflict("No reason fits what the source says now. Open the check’s page and read it as it is.")
    return codes[0]
