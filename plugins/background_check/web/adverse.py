"""The fair steps of a check, and the timers that count: one page that shows where it stands and the next form only."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from staffing.api import StaffingError, say, today

from ..rules import assessing, letters
from ..rules.assessing import Duties, Form, Item, Weighed
from ..rules.conditions import CONDITIONS
from ..rules.fair_steps import ENDS, LINE, Step
from ..rules.timers import CHANNELS
from ..services import adverse, answering, fair_timers, fair_view, notices
from ..services.fair_letters import Sending
from .asked import Form as Posted
from .asked import Visit, back, form_of, shown, staff

#: How many items of a report the form has lines for.
LINES = 6
#: How often a download looks for a letter that is being printed, and seconds between two looks.
LOOKS, LOOK = 50, 0.1
_MANY = ("channels", "attached", "mitigation", "conditions", "papers")
#: Errors that are shown on the page, with what was typed.
_ASKED_AGAIN = frozenset({404, 409, 422})
_WORDS = {
    "classes": assessing.CLASSES,
    "standings": assessing.STANDINGS,
    "ratings": assessing.RATINGS,
    "contacts": assessing.CONTACT,
    "mitigation": assessing.MITIGATION,
    "conditions": {code: condition.title for code, condition in CONDITIONS.items()},
    "channels": CHANNELS,
    "copies": letters.COPIES,
    "report_copies": letters.REPORT_COPIES,
    "record_copies": letters.RECORD_COPIES,
    "about": answering.ABOUT,
    "came_by": answering.CAME_BY,
    "ended": answering.ENDED,
    "deliveries": notices.DELIVERIES,
    "kinds": notices.KINDS,
    "line": LINE,
    "Step": Step,
    "ENDS": ENDS,
    "lines": LINES,
}


@get("/orders/{order:uuid}/fair", name="background_check.fair")
async def page(request: Visit, order: FromPath[UUID]) -> Template:
    """Where the fair steps of a check stand."""
    return await _page(request, order)


async def _page(request: Visit, order: UUID, error: StaffingError | None = None, given: Posted | None = None) -> Template:
    view = await fair_view.fair_of(staff(request), order)
    fields = getattr(error, "fields", {}) if error else {}
    context = {
        "f": view,
        "w": _WORDS,
        "problem": str(error) if error else "",
        "wrong": fields,
        "given": given.data if given else {},
        "ticked": {name: given.many(name) for name in _MANY} if given else {},
        "outcomes": assessing.OUTCOMES[1 if view.step is Step.ASSESSING else 2],
    }
    return shown("fair.html", status=error.status if error else 200, **context)


async def _do(request: Visit, order: UUID, form: Posted, work: Any, says: str) -> Any:
    try:
        await work
    except StaffingError as error:
        if error.status not in _ASKED_AGAIN:
            raise
        return await _page(request, order, error, form)
    say(request, says)
    return back(f"orders/{order}/fair")


@post("/orders/{order:uuid}/fair", name="background_check.fair_begin")
async def begin(request: Visit, order: FromPath[UUID]) -> Any:
    """Begin them."""
    form = await form_of(request)
    return await _do(request, order, form, adverse.begin(staff(request), order), "Begun. Write the first assessment.")


@post("/orders/{order:uuid}/fair/{action:uuid}/assess", name="background_check.fair_assess")
async def assess(request: Visit, order: FromPath[UUID], action: FromPath[UUID]) -> Any:
    """Write the first or the second assessment, whichever is open."""
    who, form = staff(request), await form_of(request)
    view = await fair_view.fair_of(who, order)
    try:
        made = _assessment(form, tuple(view.factors), short=form.ticked("short"))
        if view.step is Step.ASSESSING:
            to = await adverse.assess(who, action, made, version=_version(form))
        else:
            to = await adverse.reassess(who, action, made, version=_version(form))
    except StaffingError as error:
        if error.status not in {409, 422}:
            raise
        return await _page(request, order, error, form)
    says = {
        Step.TO_NOTIFY: "Kept. Now tell the person, so that they can answer.",
        Step.TO_FINISH: "Kept. A colleague can send the final letter once the last day has passed.",
        Step.ELIGIBLE: "Decided for the person.",
    }[to]
    say(request, says)
    return back(f"orders/{order}/fair")


@post("/orders/{order:uuid}/fair/{action:uuid}/send", name="background_check.fair_send")
async def send(request: Visit, order: FromPath[UUID], action: FromPath[UUID]) -> Any:
    """Send the letter before a decision."""
    who, form = staff(request), await form_of(request)
    try:
        sending = Sending(
            channels=form.many("channels"),
            copy=form.text("copy"),
            agency=form.text("agency"),
            agency_address=form.text("agency_address"),
            agency_phone=form.text("agency_phone"),
            handed=form.day("handed", "The day on which it is handed over", needed=False),
            attached=form.many("attached"),
        )
        await adverse.send_pre_notice(who, action, sending, version=_version(form))
    except StaffingError as error:
        if error.status not in {409, 422}:
            raise
        return await _page(request, order, error, form)
    say(request, "The letter is sent. The person can answer now.")
    return back(f"orders/{order}/fair")


@post("/orders/{order:uuid}/fair/{action:uuid}/answer", name="background_check.fair_answer")
async def answer(request: Visit, order: FromPath[UUID], action: FromPath[UUID]) -> Any:
    """Record an answer that came by mail or at the office."""
    who, form = staff(request), await form_of(request)
    try:
        await adverse.answer(
            who,
            action,
            form.text("about"),
            papers=form.many("papers"),
            words=form.text("words"),
            came_by=form.text("came_by"),
            came_on=form.day("came_on", "The day it came", needed=False),
        )
    except StaffingError as error:
        if error.status not in {409, 422}:
            raise
        return await _page(request, order, error, form)
    say(request, "Recorded. The clock stands still until the answer was looked at.")
    return back(f"orders/{order}/fair")


@post("/orders/{order:uuid}/fair/{action:uuid}/{act:str}", name="background_check.fair_act")
async def act_on(request: Visit, order: FromPath[UUID], action: FromPath[UUID], act: FromPath[str]) -> Any:
    """Close an answer, send the final letter, withdraw, drop, or take an assessment back."""
    who, form = staff(request), await form_of(request)
    version = _version(form)
    acts: dict[str, tuple[Any, str]] = {
        "heard": (lambda: adverse.end_dispute(who, action, form.text("ended"), version=version), "Closed. The days run on."),
        "finish": (
            lambda: adverse.finish(who, action, form.many("channels"), version=version),
            "Decided, and the final letter is sent.",
        ),
        "withdraw": (lambda: adverse.withdraw(who, action), "Recorded that the person withdrew. Nothing was decided about them."),
        "drop": (lambda: adverse.drop(who, action, form.text("why"), version=version), "Dropped. Nobody was told."),
        "back": (lambda: adverse.take_back(who, action, version=version), "Taken back."),
    }
    if act not in acts:
        return await _page(request, order)
    work, says = acts[act]
    return await _do(request, order, form, work(), says)


@post("/notices/{notice:uuid}/delivery", name="background_check.notice_delivery")
async def delivery(request: Visit, notice: FromPath[UUID]) -> Any:
    """Record whether a letter arrived."""
    who, form = staff(request), await form_of(request)
    letter = await notices.read(who, notice)
    try:
        day = form.day("on", "The day")
        await adverse.record_delivery(who, notice, form.text("how"), day or today(), form.text("says"))
    except StaffingError as error:
        if error.status not in {409, 422}:
            raise
        return await _page(request, letter.order, error, form)
    say(request, "Recorded.")
    return back(f"orders/{letter.order}/fair")


@get("/notices/{notice:uuid}", name="background_check.notice")
async def one(request: Visit, notice: FromPath[UUID]) -> Template:
    """A letter as it was written."""
    letter = await notices.read(staff(request), notice)
    return shown("notice.html", n=letter, kinds=notices.KINDS, deliveries=notices.DELIVERIES, channels=CHANNELS)


@get("/notices/{notice:uuid}/pdf", name="background_check.notice_pdf")
async def pdf(request: Visit, notice: FromPath[UUID]) -> Response[Any]:
    """A letter to print."""
    return await printed(staff(request), notice)


async def printed(viewer: Any, notice: UUID) -> Response[Any]:
    """The PDF of a letter, waiting a moment for one that is being printed; 503 with a sentence if it takes longer."""
    found = await notices.pdf(viewer, notice)
    for _ in range(LOOKS):
        if found is not None:
            break
        await asyncio.sleep(LOOK)
        found = await notices.pdf(viewer, notice)
    if found is None:
        return Response(
            "The letter is still being printed. Try again in a moment.",
            status_code=503,
            media_type="text/plain; charset=utf-8",
            headers={"Retry-After": "5"},
        )
    name, data = found
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(data, media_type="application/pdf", headers=headers)


@get("/timers", name="background_check.timers")
async def timers_page(request: Visit) -> Template:
    """Which timers count here."""
    return await _timers(request)


async def _timers(request: Visit, error: StaffingError | None = None) -> Template:
    who = staff(request)
    here = await fair_timers.timers_here(who.tenant, today())
    return shown(
        "timers.html",
        status=error.status if error else 200,
        timers=here,
        channels=CHANNELS,
        may_change=who.role == "admin",
        problem=str(error) if error else "",
        summary=letters.summary(),
    )


@post("/timers/{rule:str}", name="background_check.timer_choose")
async def choose(request: Visit, rule: FromPath[str]) -> Any:
    """Switch a timer on or off, or write one of the district's own."""
    who, form = staff(request, "admin"), await form_of(request)
    try:
        if rule == "own":
            fields = {
                "name": form.text("name"),
                "citation": form.text("citation"),
                "days": form.number("days", "The days") or 0,
                "day_kind": form.text("day_kind"),
                "effective_from": form.day("effective_from", "The first day"),
            }
            await fair_timers.write_own(who, fields, signed_off_by=form.text("signed_off_by"))
        else:
            await fair_timers.choose(
                who, rule, form.text("counts") == "yes", signed_off_by=form.text("signed_off_by"), note=form.text("note")
            )
    except StaffingError as error:
        if error.status not in {404, 409, 422}:
            raise
        return await _timers(request, error)
    say(request, "Kept. It counts for letters sent from now on.")
    return back("timers")


def _version(form: Posted) -> int:
    return form.number("version", "The page", needed=False) or 0


def _assessment(form: Posted, factors: tuple[str, ...], *, short: bool) -> Form:
    duties = Duties(
        contact=form.text("contact") or "none",
        in_sight=form.ticked("in_sight"),
        driving=form.ticked("driving"),
        money=form.ticked("money"),
    )
    outcome = form.text("outcome")
    if short:
        return Form(
            duties=duties,
            outcome=outcome,
            conditions=form.many("conditions"),
            short=True,
            reason=form.text("reason"),
        )
    items = [_item(form, place) for place in range(1, LINES + 1) if form.text(f"ref_{place}") or form.text(f"offence_{place}")]
    related = {"yes": True, "no": False}.get(form.text("related"))
    weighed = {
        key: Weighed(rating=form.text(f"{key}_rating"), reason=form.text(f"{key}_reason"))
        for key in factors
        if form.text(f"{key}_rating")
    }
    return Form(
        duties=duties,
        outcome=outcome,
        items=tuple(items),
        bar=form.text("bar"),
        factors=weighed,
        mitigation=form.many("mitigation"),
        related=related,
        related_reason=form.text("related_reason"),
        conditions=form.many("conditions"),
        reason=form.text("reason"),
    )


def _item(form: Posted, place: int) -> Item:
    return Item(
        ref=form.text(f"ref_{place}").lower(),
        offence=form.text(f"offence_{place}"),
        standing=form.text(f"standing_{place}"),
        happened_on=form.day(f"happened_on_{place}", f"When line {place} happened", needed=False),
        sentence_ended_on=form.day(f"sentence_ended_on_{place}", f"When the sentence of line {place} ended", needed=False),
    )


handlers: list[Any] = [page, begin, assess, send, answer, act_on, delivery, one, pdf, timers_page, choose]
