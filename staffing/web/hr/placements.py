"""Placing a person, the list of placements, and ending one."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect

from staffing.core.errors import Conflict, Invalid
from staffing.services import placement, placement_list
from staffing.services.actors import Actor
from staffing.web import session
from staffing.web.forms import read_form
from staffing.web.guards import needs, who
from staffing.web.hr.nav import console


class PlaceForm(msgspec.Struct):
    """A position and a first day."""

    position: UUID
    starts_on: date
    version: int = 0


class EndForm(msgspec.Struct):
    """The last day and why."""

    on: date
    reason: str = ""
    version: int | None = None
    back: str = ""


@get("/hr/people/{person:uuid}/place", guards=[needs("hr")], name="hr.choices")
async def choices(request: Request[Any, Any, Any], person: FromPath[UUID], on: FromQuery[str] = "") -> Any:
    """The open positions with a decision each, for a first day."""
    return await _choices(request, who(request, "hr"), person, on)


async def _choices(
    request: Request[Any, Any, Any], actor: Actor, person: UUID, on: str, *, problem: str | None = None, status: int = 200
) -> Any:
    try:
        day = date.fromisoformat(on) if on else None
    except ValueError:
        day, problem = None, problem or f"{on!r} is not a day. Write it as year-month-day. This is for a start today."
    found = await placement.choices(actor, person, day)
    return await console(request, "hr/place.html", actor, "/hr/people", status=status, c=found, problem=problem)


@post("/hr/people/{person:uuid}/place", guards=[needs("hr")], name="hr.place")
async def place(request: Request[Any, Any, Any], person: FromPath[UUID]) -> Any:
    """Place the person, if the rules let them work on the first day."""
    actor = who(request, "hr")
    form, wrong = read_form(PlaceForm, await request.form())
    if form is None:
        return await _choices(request, actor, person, "", problem="Nothing was placed. " + " ".join(wrong.values()), status=422)
    try:
        await placement.place(actor, person, form.position, form.starts_on, form.version)
    except (Conflict, Invalid) as exc:
        return await _choices(request, actor, person, form.starts_on.isoformat(), problem=str(exc), status=exc.status)
    session.say(request, f"Placed from {form.starts_on:%B} {form.starts_on.day}.")
    return Redirect(f"/hr/people/{person}", status_code=303)


@get("/hr/placements", guards=[needs("hr", "admin")], name="hr.placements")
async def listing(
    request: Request[Any, Any, Any],
    which: Annotated[str, QueryParameter(name="state")] = "placed",
    words: Annotated[str, QueryParameter(name="find")] = "",
    page_number: Annotated[int, QueryParameter(name="page")] = 1,
) -> Any:
    """Placements in a state."""
    actor = who(request, "hr", "admin")
    found = await placement_list.placements(actor, which, words, page_number)

    def link(**more: Any) -> str:
        kept = {"state": found.state, "find": found.words, **more}
        return "/hr/placements?" + urlencode({k: v for k, v in kept.items() if v})

    return await console(
        request, "hr/placements.html", actor, "/hr/placements", found=found, names=placement_list.STATE_NAMES, link=link
    )


@post("/hr/placements/{identity:uuid}/end", guards=[needs("hr")], name="hr.end_placement")
async def end(request: Request[Any, Any, Any], identity: FromPath[UUID]) -> Redirect:
    """End a placement."""
    actor = who(request, "hr")
    form, wrong = read_form(EndForm, await request.form())
    back = f"/hr/people/{form.back}" if form and _is_uuid(form.back) else "/hr/placements"
    try:
        if form is None:
            raise Invalid("The placement was not ended. " + " ".join(wrong.values()), wrong)
        await placement.end(actor, identity, form.on, form.reason, form.version)
    except (Conflict, Invalid) as exc:
        session.say(request, str(exc), kind="warn")
        return Redirect(back, status_code=303)
    session.say(request, f"Ended. The last day is {form.on:%B} {form.on.day}.")
    return Redirect(back, status_code=303)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


handlers = [choices, place, listing, end]
