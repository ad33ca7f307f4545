"""A person's letters about their check, and their answer to one: what is not right, what there is to tell, what they bring."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from staffing.api import StaffingError

from ..services import adverse, fair_view, notices
from .adverse import printed
from .asked import Form, Visit, back, form_of, oneself, shown


@get("/me/notices", name="background_check.own_letters")
async def listed(request: Visit) -> Template:
    """The person's letters, the newest first."""
    found = await notices.own_letters(oneself(request))
    return shown("own_notice.html", letters=found, n=None)


@get("/me/notices/{notice:uuid}", name="background_check.own_letter")
async def one(request: Visit, notice: FromPath[UUID]) -> Template:
    """A letter, with the last day and what can be done."""
    return shown("own_notice.html", n=await fair_view.own_letter(oneself(request), notice), letters=[])


@get("/me/notices/{notice:uuid}/pdf", name="background_check.own_letter_pdf")
async def pdf(request: Visit, notice: FromPath[UUID]) -> Response[Any]:
    """The letter to keep."""
    return await printed(oneself(request), notice)


@get("/me/notices/{notice:uuid}/answer", name="background_check.own_letter_answer")
async def asked(request: Visit, notice: FromPath[UUID]) -> Template:
    """The form of an answer."""
    return await _form(request, notice)


async def _form(request: Visit, notice: UUID, error: StaffingError | None = None, given: Form | None = None) -> Template:
    found = await fair_view.own_letter(oneself(request), notice)
    return shown(
        "own_notice_answer.html",
        status=error.status if error else 200,
        n=found,
        wrong=getattr(error, "fields", {}) if error else {},
        problem=str(error) if error else "",
        given=given.data if given else {},
        ticked=given.many("papers") if given else (),
    )


@post("/me/notices/{notice:uuid}/answer", name="background_check.own_letter_answered")
async def answer(request: Visit, notice: FromPath[UUID]) -> Any:
    """Answer a letter."""
    who, form = oneself(request), await form_of(request)
    action = await fair_view.action_of(who, notice)
    wrong = form.ticked("wrong")
    more = form.ticked("more")
    about = "both" if wrong and more else "accuracy" if wrong else "context" if more else ""
    try:
        await adverse.answer(who, action, about, papers=form.many("papers"), words=form.text("words"))
    except StaffingError as error:
        if error.status not in {409, 422}:
            raise
        return await _form(request, notice, error, form)
    return back(f"me/notices/{notice}")


@post("/me/notices/{notice:uuid}/withdraw", name="background_check.own_letter_withdraw")
async def withdraw(request: Visit, notice: FromPath[UUID]) -> Any:
    """No longer want the work."""
    who, form = oneself(request), await form_of(request)
    action = await fair_view.action_of(who, notice)
    if form.ticked("sure"):
        await adverse.withdraw(who, action)
    return back(f"me/notices/{notice}")


handlers: list[Any] = [listed, one, pdf, asked, answer, withdraw]
