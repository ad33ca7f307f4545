"""What comes after the letter: whether it arrived, what the person answered, and the clock that stands still meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from staffing.api import Conflict, Invalid, Viewer, closed_days, record, refuse_private, seal, tenant_transaction

from ..rules import assessing, fair_steps, timers
from ..rules.fair_steps import Act, Step
from ..tables.decided import AdverseAction, Dispute
from . import notices
from .fair_state import as_json, day_here, hr_alone, move, opened, require, standing, write_down
from .fair_timers import counting_here
from .holding import settle
from .orders import locked

#: What an answer is about, and how it came.
ABOUT = {
    "accuracy": "Something in it is not right",
    "context": "It is right, and there is more to tell",
    "both": "Both",
}
CAME_BY = {"page": "On their page", "office": "At the office or by phone", "mail": "By mail"}
#: How looking at an answer ended.
ENDED = {
    "report_changed": "The report was corrected",
    "report_stands": "The report stays as it is",
    "heard": "We looked at what they told us",
    "taken_back": "They took it back",
}
#: The longest answer, in letters.
LONGEST = 4000
#: What the person may read of an answer that cannot be taken; the catalogues have both.
NO_SUBJECT = "Choose what your answer is about."
TOO_LONG = f"This is longer than {LONGEST:,} letters. Tell what matters most; you can bring more to the office."


def sealed_for(dispute: UUID) -> str:
    """What the words of an answer are sealed for."""
    return f"background_check/dispute/{dispute}"


async def record_delivery(viewer: Viewer, notice: UUID, how: str, on_day: date, says: str = "") -> None:
    """Record that a letter was delivered or handed over on a day, or did not reach the person.

    One that did not arrive stops the clock: it is sent again, and the days begin anew. A later arrival makes the last day later,
    never earlier. Raises ``Invalid``, ``NotFound``, ``Conflict`` once they have answered it.
    """
    hr_alone(viewer)
    refuse_private(says, "The note", "says")
    async with tenant_transaction(viewer.tenant):
        letter = await notices.found(notice)
        on = await day_here(viewer.tenant)
        if on_day > on or on_day < letter["sent_on"]:
            problem = f"The day is between {letter['sent_on']}, when it was sent, and today."
            raise Invalid(problem, {"on": problem})
        order = await locked(letter["order"])
        rows = (
            await AdverseAction.select()
            .where((AdverseAction.order == order["id"]) & AdverseAction.ended_at.is_null())
            .output(load_json=True)
        )
        row = rows[0] if rows else None
        await notices.set_delivery(notice, how, says.strip() or f"Recorded for {on_day}.")
        if row is not None and row["terms"].get("notice") == str(notice):
            await _delivered(viewer, row, letter, how, on_day, on)
            await settle(viewer, row["person"])
        await record(
            "notice:delivery",
            f"check/{order['id']}",
            actor=viewer.tag,
            notice=f"N-{letter['number']}",
            delivery=how,
            on=on_day,
        )


async def _delivered(  # noqa: PLR0917 - the action, its letter, and what is told of it
    viewer: Viewer, row: Mapping[str, Any], letter: Mapping[str, Any], how: str, on_day: date, on: date
) -> None:
    now_ = await standing(viewer.tenant, row)
    require(now_, Act.DELIVERY, on)
    if how == "not_delivered":
        if now_.answer_open or now_.answers:
            raise Conflict("They have answered this letter, so it reached them. Nothing was changed.")
        empty: dict[Any, Any] = {AdverseAction.deadline: None, AdverseAction.deemed_received_on: None}
        await move(row, Step.TO_NOTIFY, empty)
        return
    here = await counting_here(viewer.tenant, row["sent_on"])
    closed = await closed_days(viewer.tenant, "work")
    sent = [
        timers.Sending(channel=way, sent_on=letter["sent_on"], arrived_on=on_day)
        for way in filter(None, letter["channels"].split(","))
    ]
    clock = timers.started(here, sent, closed)
    if clock is None or (row["deadline"] is not None and clock.deadline <= row["deadline"]):
        return
    later: dict[Any, Any] = {
        AdverseAction.deadline: clock.deadline,
        AdverseAction.deemed_received_on: clock.received_on,
        AdverseAction.rule: clock.timer.id,
    }
    state = Step(row["state"])
    if state is Step.PAUSED:
        later |= {AdverseAction.left_days: timers.days_left(row["paused_on"], clock.deadline, closed)}
    elif on <= clock.deadline and state is Step.TO_REASSESS:
        state = Step.WAITING
    await move(row, state, later)


async def answer(
    viewer: Viewer,
    action: UUID,
    about: str,
    *,
    papers: Sequence[str] = (),
    words: str = "",
    came_by: str = "page",
    came_on: date | None = None,
) -> UUID:
    """Record an answer to the letter and stop the clock; gives its id. By the person on their page, or by HR.

    ``words`` are kept sealed. Raises ``NotFound`` for somebody else's, ``Invalid``, and ``Conflict`` where nothing is to be
    answered.
    """
    own = viewer.role == "volunteer"
    refuse_private(words, "What you wrote", "words")
    wrong: dict[str, str] = {}
    if about not in ABOUT:
        wrong["about"] = NO_SUBJECT
    if unknown := [code for code in papers if code not in assessing.MITIGATION]:
        wrong["papers"] = f"There is nothing by the name {unknown[0]}."
    if len(words) > LONGEST:
        wrong["words"] = TOO_LONG
    if came_by not in CAME_BY or (own and came_by != "page"):
        wrong["came_by"] = "Say how the answer came."
    if wrong:
        raise Invalid(" ".join(wrong.values()), wrong)
    async with tenant_transaction(viewer.tenant):
        row, on = await opened(viewer, action, None, own=own)
        now_ = await standing(viewer.tenant, row)
        day = on if own else came_on or on
        if day > on or (row["sent_on"] is not None and day < row["sent_on"]):
            problem = "The day lies between the day of the letter and today."
            raise Invalid(problem, {"came_on": problem})
        require(now_, Act.ANSWER, on)
        closed = await closed_days(viewer.tenant, "work")
        made = Dispute(
            action=action,
            about=about,
            papers=as_json(list(papers)),
            came_by=came_by,
            opened_on=day,
            opened_by=viewer.tag,
        )
        if words.strip():
            made.words = seal(words.strip(), sealed_for(made.id))
        await Dispute.insert(made)
        values: dict[Any, Any] = {AdverseAction.paused_on: day}
        deadline = row["deadline"] or await _received_by_answering(viewer.tenant, row, day, values)
        values[AdverseAction.left_days] = timers.days_left(day, deadline, closed) if deadline else None
        await move(row, Step.PAUSED, values)
        await settle(viewer, row["person"])
        await write_down(viewer, row, "fair:answered", about=about, papers=list(papers), came_by=came_by, on=day)
    made_id: UUID = made.id
    return made_id


async def _received_by_answering(tenant: str, row: Mapping[str, Any], day: date, values: dict[Any, Any]) -> date | None:
    """The last day of a letter that was to be handed over and is answered before anybody recorded that it was."""
    here = await counting_here(tenant, row["sent_on"])
    closed = await closed_days(tenant, "work")
    ways = row["terms"].get("channels", ["hand"])
    clock = timers.started(here, [timers.Sending(channel=way, sent_on=row["sent_on"], arrived_on=day) for way in ways], closed)
    if clock is None:
        return None
    values |= {AdverseAction.deadline: clock.deadline, AdverseAction.deemed_received_on: clock.received_on}
    if notice := row["terms"].get("notice"):
        await notices.set_delivery(UUID(notice), "delivered", "They answered it.")
    return clock.deadline


async def end_dispute(viewer: Viewer, action: UUID, ended: str, *, version: int) -> Step:
    """Close the open answer; the clock goes on with the days that were left, and more where the place's rule adds them.

    Raises ``Invalid`` and ``Conflict``.
    """
    if ended not in ENDED:
        raise Invalid("Say how it ended.", {"ended": "Say how it ended."})
    async with tenant_transaction(viewer.tenant):
        row, on = await opened(viewer, action, version)
        require(await standing(viewer.tenant, row), Act.END_ANSWER, on)
        open_ = await Dispute.select().where((Dispute.action == action) & (Dispute.ended == "")).first()
        if open_ is None:
            raise Conflict("No answer is open.")
        await Dispute.update({Dispute.ended: ended, Dispute.ended_on: on, Dispute.ended_by: viewer.tag}).where(
            Dispute.id == open_["id"]
        )
        terms = dict(row["terms"])
        added: list[timers.Extension] = []
        if ended != "taken_back" and not terms.get("extended"):
            here = await counting_here(viewer.tenant, row["sent_on"])
            longest = max(
                (one.extension for one in here if one.extension and open_["about"] in one.extension.about),
                key=lambda extension: extension.days,
                default=None,
            )
            added = [longest] if longest else []
            terms["extended"] = bool(longest)
        deadline = row["deadline"]
        if deadline is not None:
            closed = await closed_days(viewer.tenant, "work")
            deadline = timers.goes_on(on, row["left_days"] or 0, deadline, added, closed)
        to = fair_steps.after_answer(deadline, on)
        values: dict[Any, Any] = {
            AdverseAction.deadline: deadline,
            AdverseAction.paused_on: None,
            AdverseAction.left_days: None,
            AdverseAction.terms: as_json(terms),
        }
        await move(row, to, values)
        await settle(viewer, row["person"])
        await write_down(viewer, row, "fair:answer_closed", ended=ended, deadline=deadline, added=[one.days for one in added])
    return to
