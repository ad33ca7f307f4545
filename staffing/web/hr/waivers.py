"""Waivers: which count, what they relax, and recording or revoking one after its effect was seen."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.datastructures import FormMultiDict
from litestar.response import Redirect

from staffing.core.errors import Conflict, Invalid, NotFound, StaffingError
from staffing.services.district_rules import waivers
from staffing.services.district_rules.changes import Change, RecordWaiver, RevokeWaiver
from staffing.services.district_rules.waivers import NewWaiver
from staffing.web import session
from staffing.web.forms import values_of
from staffing.web.guards import needs, who
from staffing.web.hr import effects
from staffing.web.hr.nav import console

Visit = Request[Any, Any, Any]
STAFF = [needs("hr", "admin")]


class WaiverForm(msgspec.Struct):
    """A waiver as its paper says. ``sections`` are ticked, ``other`` are written, one a line."""

    starts_on: date
    granted_by: str = ""
    ends_on: date | None = None
    sections: list[str] = []
    citation: str = ""
    site: UUID | None = None
    url: str = ""
    conditions: str = ""


class RevokeForm(msgspec.Struct):
    """A waiver's number and the first day on which it no longer counts."""

    number: str
    on: date


@get("/hr/waivers", guards=STAFF, name="hr.waivers")
async def home(request: Visit) -> Any:
    """The waivers of the district."""
    return await _page(request)


@post("/hr/waivers/effect", guards=STAFF, name="hr.waivers_effect")
async def effect(request: Visit) -> Any:
    """What a waiver, or its end, would do. Nothing is written."""
    return await _handled(request, apply=False)


@post("/hr/waivers/apply", guards=STAFF, name="hr.waivers_apply")
async def apply(request: Visit) -> Any:
    """Record or revoke the waiver that was looked at."""
    return await _handled(request, apply=True)


async def _handled(request: Visit, *, apply: bool) -> Any:
    actor = who(request, "hr", "admin")
    form = await request.form()
    try:
        change, words = _change(form)
        problem = ""
        if apply:
            number, problem = await effects.make(actor, change, form)
            if not problem:
                did = "revoked" if isinstance(change, RevokeWaiver) else "recorded"
                session.say(request, f"The waiver {number} is {did}. Everybody in the district is being decided again.")
                return Redirect("/hr/waivers", status_code=303)
        return await effects.effect_page(
            request,
            actor,
            change,
            words=words,
            action="/hr/waivers/apply",
            back="/hr/waivers",
            fields=effects.kept(form),
            problem=problem,
            reason=str(form.get("reason", "")),
            status=422 if problem else 200,
        )
    except (Invalid, Conflict, NotFound) as exc:
        return await _page(request, problem=exc, typed=values_of(form))


def _change(form: FormMultiDict) -> tuple[Change, str]:
    if form.get("kind") == "revoke":
        given = effects.read(RevokeForm, form)
        words = f"The waiver {given.number} no longer counts from {given.on:%B} {given.on.day}, {given.on.year} on"
        return RevokeWaiver(number=given.number, on=given.on), words
    one = effects.read(WaiverForm, form)
    other = [line.strip() for line in str(form.get("other", "")).splitlines() if line.strip()]
    new = NewWaiver(
        sections=tuple(dict.fromkeys([*one.sections, *other])),
        granted_by=one.granted_by,
        starts_on=one.starts_on,
        ends_on=one.ends_on,
        citation=one.citation,
        site=one.site,
        url=one.url,
        conditions=one.conditions,
    )
    return RecordWaiver(waiver=new), f"{', '.join(new.sections) or 'Nothing'} is waived by {one.granted_by or 'nobody'}"


async def _page(request: Visit, problem: StaffingError | None = None, typed: dict[str, Any] | None = None) -> Any:
    actor = who(request, "hr", "admin")
    return await console(
        request,
        "hr/waivers.html",
        actor,
        "/hr/waivers",
        status=problem.status if problem else 200,
        found=await waivers.page(actor),
        problem=str(problem) if problem else "",
        wrong=problem.fields if isinstance(problem, Invalid) else {},
        typed=typed or {},
    )


handlers: list[Any] = [home, effect, apply]
