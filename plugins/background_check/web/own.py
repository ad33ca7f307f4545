"""A person's own checks: where each is, what is read and signed before it, and what they may say of themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from staffing.api import Conflict, Invalid, StaffingError, Viewer, district, say

from ..rules.groups import QUESTIONS
from ..rules.texts import AUTHORISATION, DISCLOSURE
from ..services import about_oneself, consents, consents_kept, own, withdrawing
from .asked import Form, Visit, back, form_of, oneself, shown, staff

ME = "me/checks"
NOT_TICKED = "Tick the box if you want to end this check. Nothing was ended."


@get("/me/checks", name="background_check.own_checks")
async def checks(request: Visit) -> Template:
    """Every check of one's own, by whose move it is."""
    who = oneself(request)
    return shown("own_status.html", checks=await own.checks_of(who))


@get("/me/checks/{order:uuid}", name="background_check.own_check")
async def check(request: Visit, order: FromPath[UUID]) -> Template:
    """One check: where it is, what is asked and why, what it costs, who sees it, what comes next."""
    return await _check(oneself(request), order)


async def _check(who: Viewer, order: UUID, problem: str = "", status: int = 200) -> Template:
    place = await district(who.tenant)
    found = await own.check_of(who, order)
    return shown("own_check.html", status, c=found, problem=problem, time_zone=place.time_zone, next_url=_next(found))


def _next(found: own.OwnCheck) -> str:
    """The address of the text that is to be read or signed next."""
    step = found.next_step
    if step is None:
        return ""
    last = {DISCLOSURE: "disclosure", AUTHORISATION: "authorise"}.get(step.ident, f"texts/{step.ident}")
    return f"/p/background_check/{ME}/{found.id}/{last}"


async def _at(request: Visit, order: UUID, template: str, ident: str) -> Template | Redirect:
    """A text, when it is its turn; else the check's page."""
    who = oneself(request)
    try:
        found = await consents.document(who, order, ident)
    except (Conflict, Invalid) as error:
        return await _check(who, order, str(error), error.status)
    if found.done_at is not None:
        return back(f"{ME}/{order}")
    return await _text(who, template, found)


async def _text(
    who: Viewer,
    template: str,
    found: consents.Document,
    *,
    errors: dict[str, str] | None = None,
    typed: str = "",
    status: int = 200,
) -> Template:
    called = await consents.name_of(who)
    return shown(template, status, d=found, errors=errors or {}, typed=typed, called=called)


@get("/me/checks/{order:uuid}/disclosure", name="background_check.own_disclosure")
async def disclosure(request: Visit, order: FromPath[UUID]) -> Template | Redirect:
    """The disclosure: a page with nothing else on it."""
    return await _at(request, order, "own_disclosure.html", DISCLOSURE)


@post("/me/checks/{order:uuid}/disclosure", name="background_check.own_disclosure_read")
async def disclosure_read(request: Visit, order: FromPath[UUID]) -> Any:
    """The disclosure was read."""
    return await _read(request, order, DISCLOSURE)


@get("/me/checks/{order:uuid}/texts/{ident:str}", name="background_check.own_text")
async def text(request: Visit, order: FromPath[UUID], ident: FromPath[str]) -> Template | Redirect:
    """A further text that the place asks for."""
    return await _at(request, order, "own_text.html", ident)


@post("/me/checks/{order:uuid}/texts/{ident:str}", name="background_check.own_text_read")
async def text_read(request: Visit, order: FromPath[UUID], ident: FromPath[str]) -> Any:
    """A further text was read, and its box ticked or not."""
    return await _read(request, order, ident)


async def _read(request: Visit, order: UUID, ident: str) -> Any:
    form, who = await form_of(request), oneself(request)

    async def done() -> None:
        await consents.read(
            who, order, ident, digest=form.text("digest"), help_language=form.text("help"), copy=form.ticked("copy")
        )

    refused = await _refused(who, order, done)
    return refused or Redirect(_next(await own.check_of(who, order)) or f"/p/background_check/{ME}/{order}", status_code=303)


async def _refused(who: Viewer, order: UUID, do: Callable[[], Awaitable[None]]) -> Template | None:
    """Do it; what stands in its way is told on the check's page."""
    try:
        await do()
    except (Conflict, Invalid) as error:
        return await _check(who, order, str(error), error.status)
    return None


@get("/me/checks/{order:uuid}/authorise", name="background_check.own_authorise")
async def authorise(request: Visit, order: FromPath[UUID]) -> Template | Redirect:
    """The authorisation, to be signed with one's name."""
    return await _at(request, order, "own_authorise.html", AUTHORISATION)


@post("/me/checks/{order:uuid}/authorise", name="background_check.own_authorised")
async def authorised(request: Visit, order: FromPath[UUID]) -> Any:
    """The authorisation is signed: the check goes on."""
    form, who = await form_of(request), oneself(request)
    typed = form.text("name")
    try:
        await consents.authorise(
            who,
            order,
            name=typed,
            agreed=form.ticked("agree"),
            digest=form.text("digest"),
            help_language=form.text("help"),
            address=request.client.host if request.client else "",
        )
    except Invalid as error:
        if not error.fields:
            return await _check(who, order, str(error), error.status)
        found = await consents.document(who, order, AUTHORISATION)
        return await _text(who, "own_authorise.html", found, errors=error.fields, typed=typed, status=error.status)
    except Conflict as error:
        return await _check(who, order, str(error), error.status)
    say(request, "Signed. Your check goes on.")
    return back(f"{ME}/{order}")


@post("/me/checks/{order:uuid}/withdraw", name="background_check.own_withdraw")
async def withdraw(request: Visit, order: FromPath[UUID]) -> Any:
    """The person does not want this check (any more)."""
    form, who = await form_of(request), oneself(request)
    if not form.ticked("sure"):
        return await _check(who, order, NOT_TICKED, 422)
    refused = await _refused(who, order, lambda: withdrawing.withdraw(who, order))
    if refused:
        return refused
    say(request, "You took back your word. The check is being ended, and nothing was decided about you.")
    return back(f"{ME}/{order}")


@get("/me/checks/{order:uuid}/kept/{consent:uuid}", name="background_check.own_kept")
async def kept(request: Visit, order: FromPath[UUID], consent: FromPath[UUID]) -> Template:
    """A text as it was read or signed, also years later."""
    who = oneself(request)
    found = await consents_kept.kept(who, consent)
    place = await district(who.tenant)
    return shown("own_kept.html", k=found, order=order, time_zone=place.time_zone)


@get("/me/about", name="background_check.about")
async def about(request: Visit) -> Template:
    """What one may say of oneself, for counts alone."""
    who = oneself(request)
    said = await about_oneself.said(who)
    return shown("own_about.html", questions=QUESTIONS, said=said)


@post("/me/about", name="background_check.about_told")
async def about_told(request: Visit) -> Redirect:
    """Keep it, or take it away."""
    form, who = await form_of(request), oneself(request)
    if form.text("do") == "erase":
        await about_oneself.erase(who)
        say(request, "What you said about yourself is erased.")
    else:
        await about_oneself.say_of_oneself(who, () if form.ticked("none") else form.many("groups"))
        say(request, "Saved. It is used in counts alone.")
    return back("me/about")


@get("/orders/{order:uuid}/signed", name="background_check.signed")
async def signed(request: Visit, order: FromPath[UUID]) -> Template:
    """For HR: what the person was shown and signed, and a form for papers signed by hand."""
    return await _signed(staff(request), order)


async def _signed(who: Viewer, order: UUID, form: Form | None = None, error: StaffingError | None = None) -> Template:
    errors = error.fields if isinstance(error, Invalid) else {}
    return shown(
        "own_paper.html",
        error.status if error else 200,
        p=await consents_kept.paper_of(who, order),
        typed={name: form.text(name) if form else "" for name in ("name", "signed_on")},
        problem=str(error) if error else "",
        errors=errors,
    )


@post("/orders/{order:uuid}/signed", name="background_check.signed_on_paper")
async def signed_on_paper(request: Visit, order: FromPath[UUID]) -> Any:
    """HR records that the person signed on paper."""
    form, who = await form_of(request), staff(request, "hr")
    try:
        day = form.day("signed_on", "The day of signing")
        if day is not None:  # an empty one was refused
            await consents.record_paper(who, order, name=form.text("name"), signed_on=day, seen=form.ticked("seen"))
    except (Conflict, Invalid) as error:
        return await _signed(who, order, form, error)
    say(request, "The signed papers are on record. The check goes on.")
    return back(f"orders/{order}")


handlers = [
    checks,
    check,
    disclosure,
    disclosure_read,
    text,
    text_read,
    authorise,
    authorised,
    withdraw,
    kept,
    about,
    about_told,
    signed,
    signed_on_paper,
]
