"""The part of signing up that the rules make: one page for each fact they read and only the person can tell."""

from __future__ import annotations

from typing import Any

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from staffing.core.errors import NotFound
from staffing.core.facts import FactSpec
from staffing.services import directory, questions
from staffing.services.registration import Draft
from staffing.services.standing import LAYER_NAMES
from staffing.web import i18n
from staffing.web.i18n import gettext as _
from staffing.web.page import page
from staffing.web.site import draft as drafts
from staffing.web.site.questions import read_answer, typed_answer

Visit = Request[Any, Any, Any]


async def _questions(draft: Draft) -> list[FactSpec]:
    chosen = await directory.positions(draft.tenant, draft.positions)
    return await questions.questions(draft.tenant, chosen, draft.facts, draft.asked)


@get("/d/{tenant:str}/join/about", include_in_schema=False)
async def first_question(request: Visit, tenant: FromPath[str]) -> Redirect:
    """To the first question without an answer, or on to the check page."""
    draft = drafts.draft_of(request, tenant)
    if (open_step := drafts.first_open(draft)) != "about":
        return Redirect(drafts.address(tenant, open_step), status_code=303)
    for spec in await _questions(draft):
        if spec.name not in draft.asked:
            return Redirect(drafts.address(tenant, f"about/{spec.name}"), status_code=303)
    return Redirect(drafts.address(tenant, "check"), status_code=303)


async def _asked(request: Visit, draft: Draft, name: str, error: str | None, typed: dict[str, Any]) -> Template:
    specs = await _questions(draft)
    at = next((n for n, spec in enumerate(specs) if spec.name == name), None)
    if at is None:
        raise NotFound("This is not asked here. Go back to your answers.")
    back = f"about/{specs[at - 1].name}" if at else "languages"
    chosen = await directory.positions(draft.tenant, draft.positions)
    return page(
        request,
        "site/join_about.html",
        422 if error else 200,
        district=await directory.district(draft.tenant),
        draft=draft,
        step=drafts.STEPS.index("about") + 1,
        steps=len(drafts.STEPS),
        step_name="about",
        back=drafts.address(draft.tenant, "check" if request.query_params.get("change") else back),
        saved=True,
        errors={"answer": error} if error else {},
        spec=specs[at],
        count=len(specs),
        number=at + 1,
        typed=typed,
        months=i18n.months(),
        layers={str(layer): _(name) for layer, name in LAYER_NAMES.items()},
        reasons=await questions.reasons(draft.tenant, chosen, draft.facts, specs[at]),
    )


@get("/d/{tenant:str}/join/about/{fact:str}", include_in_schema=False)
async def ask_fact(request: Visit, tenant: FromPath[str], fact: FromPath[str]) -> Template | Redirect:
    """One question."""
    draft = drafts.draft_of(request, tenant)
    if (open_step := drafts.first_open(draft)) != "about":
        return Redirect(drafts.address(tenant, open_step), status_code=303)
    spec = next((spec for spec in await _questions(draft) if spec.name == fact), None)
    if spec is None:
        raise NotFound("This is not asked here. Go back to your answers.")
    typed = typed_answer(spec, draft.facts.get(fact))
    if fact in draft.asked and fact not in draft.facts:
        typed["unknown"] = "yes"
    return await _asked(request, draft, fact, None, typed)


@post("/d/{tenant:str}/join/about/{fact:str}", include_in_schema=False)
async def answer_fact(request: Visit, tenant: FromPath[str], fact: FromPath[str]) -> Template | Redirect:
    """Keep one answer, or that there is none."""
    draft = drafts.draft_of(request, tenant)
    spec = next((spec for spec in await _questions(draft) if spec.name == fact), None)
    if spec is None:
        return Redirect(drafts.address(tenant, "about"), status_code=303)
    form = await request.form()
    value, wrong = read_answer(spec, form)
    if wrong:
        return await _asked(request, draft, fact, wrong, typed_answer(spec, None, form))
    if value is None:
        draft.facts.pop(fact, None)
    else:
        draft.facts[fact] = value
    draft.asked = sorted({*draft.asked, fact})
    drafts.keep(request, draft)
    return Redirect(drafts.address(tenant, "about"), status_code=303)


handlers = [first_question, ask_fact, answer_fact]
