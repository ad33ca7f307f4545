"""The volunteer's own pages: the list, and questions answered after signing up."""

from __future__ import annotations

from typing import Any

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from staffing.services import plugins, questions, registration, tasks
from staffing.services.actors import Actor
from staffing.services.ahead import by_duty, steps
from staffing.web import i18n, panels, session
from staffing.web.guards import needs, who
from staffing.web.i18n import gettext as _
from staffing.web.page import page
from staffing.web.site.questions import read_answer, typed_answer

Visit = Request[Any, Any, Any]
VOLUNTEER = [needs("volunteer")]


@get("/me", guards=VOLUNTEER, include_in_schema=False)
async def my_list(request: Visit) -> Template:
    """What I can do today, what else I could do, what waits on me, what waits on others, what is done."""
    actor = who(request)
    return page(
        request,
        "site/me.html",
        mine=await tasks.mine(actor),
        could=await by_duty.mine(actor),
        dollars=steps.dollars,
        panels=panels.rendered(request, await plugins.own_panels(actor), "own_panels"),
    )


@get("/me/work", guards=VOLUNTEER, include_in_schema=False)
async def work(request: Visit) -> Template:
    """Every open position by site: may I do it now, and if not, what is missing and how long it takes."""
    return page(request, "site/me_work.html", d=await by_duty.mine(who(request)), dollars=steps.dollars)


async def _question(request: Visit, actor: Actor, fact: str, error: str | None = None, form: Any = None) -> Template:
    spec, before, waiting = await tasks.question(actor, fact)
    reasons = [questions.Reason(t.title, t.requirement.layer, t.requirement.citation, t.requirement.url) for t in waiting]
    return page(
        request,
        "site/me_question.html",
        422 if error else 200,
        spec=spec,
        typed=typed_answer(spec, before, form),
        errors={"answer": error} if error else {},
        reasons=reasons,
        layers={t.requirement.layer: _(t.requirement.layer) for t in waiting},
        months=i18n.months(),
    )


@get("/me/question/{fact:str}", guards=VOLUNTEER, include_in_schema=False)
async def ask(request: Visit, fact: FromPath[str]) -> Template:
    """One question that a rule waits for."""
    return await _question(request, who(request), fact)


@post("/me/question/{fact:str}", guards=VOLUNTEER, include_in_schema=False)
async def answer(request: Visit, fact: FromPath[str]) -> Template | Redirect:
    """Keep the answer and decide again."""
    actor = who(request)
    spec, _before, _waiting = await tasks.question(actor, fact)
    form = await request.form()
    value, wrong = read_answer(spec, form)
    if wrong:
        return await _question(request, actor, fact, wrong, form)
    if value is not None:
        await registration.answer(actor, {spec.name: value})
        session.say(request, _("Saved. Your list is up to date."))
    return Redirect("/me", status_code=303)


handlers = [my_list, work, ask, answer]
