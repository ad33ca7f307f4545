"""What agreements say of one person's work, and the requests that wait for an office's signature."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from staffing.api import Conflict, Invalid, NotAllowed, StaffingError, say

from ..services import asks, work
from ..services.sides import side_of
from .asked import HOME, Form, Visit, back, form_of, viewer


@get("/people/{person:uuid}", name="union_agreement.work")
async def show(
    request: Visit, person: FromPath[UUID], placement: FromQuery[str] = "", position: FromQuery[str] = "", on: FromQuery[str] = ""
) -> Template:
    """The clauses that say something of this work."""
    return await _show(request, person, placement, position, on)


async def _show(  # noqa: PLR0917 - whose work, which, and what went wrong
    request: Visit, person: UUID, placement: str, position: str, on: str = "", problem: str = "", status: int = 200
) -> Template:
    found = await work.page(viewer(request), person, placement=_ident(placement), position=_ident(position), on=_day(on))
    context = {"p": found, "w": found.work, "home": HOME, "problem": problem, "placement": placement, "position": position}
    return Template("union_agreement/work.html", context=context, status_code=status, media_type="text/html; charset=utf-8")


def _ident(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Invalid("The address was changed on its way. Open the page from the person's record.") from None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(f"{text!r} is not a day. Write it as year-month-day.") from None


@post("/people/{person:uuid}", name="union_agreement.act")
async def act(request: Visit, person: FromPath[UUID]) -> Any:
    """Tell facts, record a notice, ask for a signature, or split the placement."""
    form = await form_of(request)
    placement, position = form.text("placement"), form.text("position")
    try:
        says = await _act(request, person, form, placement, position)
    except StaffingError as error:
        if error.status not in {403, 409, 422}:
            raise
        return await _show(request, person, placement, position, problem=str(error), status=error.status)
    say(request, says)
    query = urlencode({k: v for k, v in (("placement", placement), ("position", position)) if v})
    return Redirect(f"{HOME}people/{person}?{query}", status_code=303)


async def _act(request: Visit, person: UUID, form: Form, placement: str, position: str) -> str:
    who, ref = viewer(request), form.text("clause")
    do = form.text("do")
    if do == "tell":
        given = {name: form.text(name) for name in form.names()}
        wanted = _ident(placement)
        if wanted is None:
            raise Conflict("Facts are told of a placement. Place the person, or let them ask for the work, first.")
        count = await work.tell(who, wanted, given, ref)
        return f"{count} {'fact is' if count == 1 else 'facts are'} kept, and it was decided again."
    found = await work.page(who, person, placement=_ident(placement), position=_ident(position))
    if do == "notice":
        day = form.day("delivered_on", "The day of delivery") or date.max
        await work.notify(who, found, ref, delivered_on=day, items=form.many("items"), proof=form.text("proof"))
        return "The notice is on record."
    if do == "cosign":
        await work.ask(who, found, ref, form.text("role"), form.text("why"), one=form.text("one") != "site")
        return "The office was asked. It sees the request on its page of agreements."
    if do == "split":
        await work.split(who, found, ref)
        return "The placement ends on that day. The same work is asked for from the next day on."
    raise Invalid("The form was changed on its way. Open the page again.")


@get("/requests", name="union_agreement.requests")
async def requests(request: Visit) -> Template:
    """Signatures asked for: those that wait, and the last answers."""
    return await _requests(request)


async def _requests(request: Visit, problem: str = "", status: int = 200) -> Template:
    who = viewer(request)
    context = {
        "waiting": await asks.waiting(who),
        "answered": await asks.answered(who),
        "side": side_of(who),
        "home": HOME,
        "problem": problem,
    }
    return Template("union_agreement/requests.html", context=context, status_code=status, media_type="text/html; charset=utf-8")


@post("/requests/{ident:uuid}", name="union_agreement.answer")
async def answer(request: Visit, ident: FromPath[UUID]) -> Any:
    """Sign or decline."""
    form = await form_of(request)
    try:
        if form.text("answer") == "signed":
            await asks.sign(viewer(request), ident, form.day("expires_on", "The last day", needed=False))
            says = "Your signature is on record, for exactly what was asked."
        else:
            await asks.decline(viewer(request), ident, form.text("says"))
            says = "Declined. The district reads your reason."
    except (Conflict, Invalid, NotAllowed) as error:
        return await _requests(request, str(error), error.status)
    say(request, says)
    return back("requests")


handlers = [show, act, requests, answer]
