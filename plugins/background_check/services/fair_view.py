"""Fair steps as people read them: where they stand, whose move it is, how many days are left, and what can be done next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import NotFound, Viewer, closed_days, tenant_transaction, unseal

from ..rules import assessing, fair_steps, letters, timers
from ..rules.assessing import Form, Item
from ..rules.fair_steps import Act, Standing, Step
from ..rules.timers import Timer
from ..tables.decided import AdverseAction, Assessment, Dispute
from . import notices
from .answering import ABOUT, CAME_BY, ENDED, sealed_for
from .fair_letters import agency_of
from .fair_state import day_here, standing, who
from .fair_timers import counting_here
from .notices import NoticeSeen
from .order_view import OrderView, may_see
from .orders import order_of

#: Whose move it is, by step: a sentence for the head of the page.
MOVES: dict[Step, str] = {
    Step.ASSESSING: "The district writes the first assessment.",
    Step.TO_NOTIFY: "The district sends the letter before a decision.",
    Step.WAITING: "The person can answer.",
    Step.PAUSED: "The person has answered. The district looks at it; the clock stands still.",
    Step.TO_REASSESS: "The last day has passed. The district assesses again.",
    Step.TO_FINISH: "A colleague sends the final letter.",
    Step.NOT_ELIGIBLE: "Decided: not eligible. The person has the final letter.",
    Step.ELIGIBLE: "It ended well for the person.",
    Step.WITHDRAWN: "The person withdrew. Nothing was decided about them.",
    Step.DROPPED: "It was dropped before the person was told.",
}


class AssessmentView(msgspec.Struct, frozen=True, kw_only=True):
    """An assessment that was written. ``years`` are whole years passed for each item, as far as a day is known."""

    number: int
    form: Form
    outcome: str
    years: tuple[tuple[Item, int | None], ...]
    by: str
    at: datetime


class AnswerView(msgspec.Struct, frozen=True, kw_only=True):
    """An answer. ``words`` are opened for HR alone."""

    about: str
    papers: tuple[str, ...]
    words: str
    came_by: str
    opened_on: date
    ended: str
    ended_on: date | None


class FairView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the page shows. ``lacking`` are sentences by act; an act without any may be done now.

    ``done`` is the number of steps of the line that are behind, ``left`` the work days that are left to answer.
    """

    order: OrderView
    action: UUID | None
    version: int
    step: Step | None
    standing: Standing | None
    move: str
    done: int
    today: date
    deadline: date | None
    received_on: date | None
    left: int
    left_days: int | None
    rule: Timer | None
    counting: tuple[Timer, ...]
    terms: Mapping[str, Any]
    assessments: tuple[AssessmentView, ...]
    answers: tuple[AnswerView, ...]
    letters: tuple[NoticeSeen, ...]
    agency: Mapping[str, str]
    lacking: Mapping[str, tuple[str, ...]]
    factors: Mapping[str, str]
    attachments: Mapping[str, str]
    ended_by: str = ""

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.step in fair_steps.ENDS


async def fair_of(viewer: Viewer, order: UUID) -> FairView:
    """The fair steps of a check: those that are open or, without any, the last. For HR and administrators.

    Raises ``NotFound``, ``NotAllowed``. The look is in the journal.
    """
    may_see(viewer)
    check = await order_of(viewer, order)
    async with tenant_transaction(viewer.tenant):
        on = await day_here(viewer.tenant)
        here = await counting_here(viewer.tenant, on)
        closed = await closed_days(viewer.tenant, "work")
        rows: list[dict[str, Any]] = (
            await AdverseAction.select()
            .where(AdverseAction.order == order)
            .order_by(AdverseAction.opened_at, ascending=False)
            .output(load_json=True)
        )
        row = rows[0] if rows else None
        now_ = await standing(viewer.tenant, row) if row else None
        assessed = await _assessments(row, on) if row else ()
        answers = await _answers(viewer, row["id"]) if row else ()
        written = tuple(await notices.of_order(order))
        agency = await agency_of(order)
    step = fair_steps.by_itself(now_, on) if now_ else None
    if now_ and step is not now_.step and step is not None:
        now_ = msgspec.structs.replace(now_, step=step)
    deadline = row["deadline"] if row else None
    further = [key for timer in here for key in timer.factors]
    extras = tuple(dict.fromkeys(key for timer in here for key in timer.extras))
    return FairView(
        order=check,
        action=row["id"] if row else None,
        version=row["version"] if row else 0,
        step=step,
        standing=now_,
        move=MOVES[step] if step else "",
        done=_done(step),
        today=on,
        deadline=deadline,
        received_on=row["deemed_received_on"] if row else None,
        left=timers.days_left(on, deadline, closed) if deadline and step is Step.WAITING else 0,
        left_days=row["left_days"] if row else None,
        rule=next((one for one in here if row and one.id == row["rule"]), None),
        counting=here,
        terms=row["terms"] if row else {},
        assessments=assessed,
        answers=answers,
        letters=written,
        agency=agency,
        lacking=_lacking(now_, on, who(viewer)),
        factors=assessing.factors_asked(further),
        attachments=letters.attachments(extras),
        ended_by=row["ended_by"].partition(" ")[2] if row else "",
    )


def _done(step: Step | None) -> int:
    if step is None:
        return 0
    for number, (_, steps) in enumerate(fair_steps.LINE):
        if step in steps:
            return number
    return len(fair_steps.LINE) if step in {Step.ELIGIBLE, Step.NOT_ELIGIBLE} else 0


def _lacking(now_: Standing | None, on: date, by: str) -> dict[str, tuple[str, ...]]:
    if now_ is None:
        return {}
    return {act.value: tuple(fair_steps.lacking(now_, act, on, by=by)) for act in Act}


async def _assessments(row: Mapping[str, Any], on: date) -> tuple[AssessmentView, ...]:
    kept = (
        await Assessment.select()
        .where((Assessment.order == row["of_order"]) & (Assessment.assessed_at >= row["opened_at"]))
        .order_by(Assessment.assessed_at)
        .output(load_json=True)
    )
    found = []
    for one in kept:
        form = msgspec.convert(one["form"], Form, strict=False)
        found.append(
            AssessmentView(
                number=one["number"],
                form=form,
                outcome=one["outcome"],
                years=tuple((item, assessing.years_elapsed(item, one["assessed_at"].date())) for item in form.items),
                by=one["assessed_by"].partition(" ")[2],
                at=one["assessed_at"],
            )
        )
    return tuple(found)


async def _answers(viewer: Viewer, action: UUID) -> tuple[AnswerView, ...]:
    rows = await Dispute.select().where(Dispute.action == action).order_by(Dispute.opened_on).output(load_json=True)
    return tuple(_answer(row, words=viewer.role == "hr") for row in rows)


def _answer(row: Mapping[str, Any], *, words: bool) -> AnswerView:
    opened = unseal(bytes(row["words"]), sealed_for(row["id"])) if words and row["words"] else ""
    return AnswerView(
        about=ABOUT[row["about"]],
        papers=tuple(assessing.MITIGATION.get(code, code) for code in row["papers"]),
        words=opened,
        came_by=CAME_BY.get(row["came_by"], row["came_by"]),
        opened_on=row["opened_on"],
        ended=ENDED.get(row["ended"], ""),
        ended_on=row["ended_on"],
    )


class OwnLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A letter as the person reads it, with what they may still do about it.

    ``paused``: their answer is being looked at and the clock stands still. ``over``: the steps have ended.
    """

    letter: NoticeSeen
    can_answer: bool
    paused: bool
    over: bool
    deadline: date | None
    left: int
    passed: bool


async def own_letter(viewer: Viewer, notice: UUID) -> OwnLetter:
    """A letter for the person it was written to. Raises ``NotFound`` for anybody else."""
    if viewer.role != "volunteer":
        raise NotFound("There is no such letter for you.")
    async with tenant_transaction(viewer.tenant):
        letter = await notices.read(viewer, notice)
        row = await _action_of(viewer, letter)
        on = await day_here(viewer.tenant)
        closed = await closed_days(viewer.tenant, "work")
        now_ = await standing(viewer.tenant, row) if row else None
    deadline = row["deadline"] if row else None
    open_ = now_ is not None and now_.step not in fair_steps.ENDS
    return OwnLetter(
        letter=letter,
        can_answer=now_ is not None and not fair_steps.lacking(now_, Act.ANSWER, on),
        paused=now_ is not None and now_.step is Step.PAUSED,
        over=not open_,
        deadline=deadline,
        left=timers.days_left(on, deadline, closed) if deadline else 0,
        passed=deadline is not None and on > deadline,
    )


async def action_of(viewer: Viewer, notice: UUID) -> UUID:
    """The action that a person's letter belongs to. Raises ``NotFound``."""
    async with tenant_transaction(viewer.tenant):
        row = await _action_of(viewer, await notices.read(viewer, notice))
    if row is None:
        raise NotFound("This letter is not one that can be answered.")
    ident: UUID = row["id"]
    return ident


async def _action_of(viewer: Viewer, letter: NoticeSeen) -> dict[str, Any] | None:
    """The action whose letter before a decision this is; None for another letter, and for one that was sent again since."""
    if letter.kind != "pre_adverse":
        return None
    rows: Sequence[dict[str, Any]] = (
        await AdverseAction.select()
        .where((AdverseAction.order == letter.order) & (AdverseAction.person == letter.person))
        .output(load_json=True)
    )
    return next((row for row in rows if row["terms"].get("notice") == str(letter.id)), None)
