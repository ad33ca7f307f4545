"""Waivers as both sides see them: what belongs to each, who relies on it, and what happens on the day after its last."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template

from staffing.api import Invalid, StaffingError, Viewer, say

from ..rules.waiver_terms import KINDS, OF_THE_UNION, STEPS
from ..services import waiver_files
from ..services.statement_words import many
from ..services.waiver_files import Details
from .asked import HOME, Form, Visit, back, form_of, viewer


@get("/waivers", name="union_agreement.waivers")
async def home(request: Visit) -> Template:
    """Every waiver of the district."""
    return _template("waivers", 200, p=await waiver_files.page(viewer(request)))


@get("/waivers/{number:str}", name="union_agreement.waiver")
async def one(request: Visit, number: FromPath[str]) -> Template:
    """One waiver."""
    return await _one(request, number)


async def _one(request: Visit, number: str, error: StaffingError | None = None, typed: Form | None = None) -> Template:
    page = await waiver_files.page(viewer(request), number)
    return _template(
        "waiver",
        error.status if error else 200,
        p=page,
        w=page.waivers[0],
        problem=str(error) if error else "",
        wrong=error.fields if isinstance(error, Invalid) else {},
        typed={name: typed.text(name) for name in typed.names()} if typed else {},
    )


@post("/waivers/{number:str}/details", name="union_agreement.waiver_details")
async def details(request: Visit, number: FromPath[str]) -> Any:
    """Enter what belongs to a waiver."""
    form = await form_of(request)
    try:
        lead = form.number("renewal_lead_days", "The days before its end", needed=False)
        told = Details(
            kind=form.text("kind"),
            subject=form.text("subject"),
            authority=form.text("authority"),
            applicant=form.text("applicant"),
            hearing_on=form.day("hearing_on", "The day of the hearing", needed=False),
            union_step=form.text("union_step"),
            renewal_lead_days=90 if lead is None else lead,
            renewal_asked_on=form.day("renewal_asked_on", "The day on which renewal was asked for", needed=False),
            posted_url=form.text("posted_url"),
        )
    except Invalid as error:
        return await _one(request, number, error, form)
    return await _done(request, number, waiver_files.keep(viewer(request), number, told), "It is kept.", form)


@post("/waivers/{number:str}/step", name="union_agreement.waiver_step")
async def step(request: Visit, number: FromPath[str]) -> Any:
    """Record the union's step."""
    return await _on_a_day(request, number, waiver_files.step_taken, "The union's step is on record.")


@post("/waivers/{number:str}/condition", name="union_agreement.waiver_condition")
async def condition(request: Visit, number: FromPath[str]) -> Any:
    """Record that a condition is kept."""
    return await _on_a_day(request, number, waiver_files.condition_kept, "It is on record.")


async def _on_a_day(request: Visit, number: str, record: Callable[[Viewer, str, date, str], Awaitable[None]], done: str) -> Any:
    """Record something of a waiver with its day and words, or show there why not."""
    form = await form_of(request)
    try:
        day = form.day("on", "The day") or date.max
    except Invalid as error:
        return await _one(request, number, error, form)
    return await _done(request, number, record(viewer(request), number, day, form.text("says")), done, form)


async def _done(request: Visit, number: str, work: Awaitable[None], says: str, form: Form) -> Any:
    try:
        await work
    except StaffingError as error:
        if error.status not in {403, 409, 422}:
            raise
        return await _one(request, number, error, form)
    say(request, says)
    return back(f"waivers/{number}")


def _template(name: str, status: int, **context: Any) -> Template:
    told = {"home": HOME, "kinds": KINDS, "steps": STEPS, "of_the_union": OF_THE_UNION, "many": many, **context}
    return Template(f"union_agreement/{name}.html", context=told, status_code=status, media_type="text/html; charset=utf-8")


handlers = [home, one, details, step, condition]
