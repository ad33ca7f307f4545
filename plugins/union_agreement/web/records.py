"""What is on record under an agreement: signatures, letters, notices, meetings, grievances; and recording them."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import date
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template

from staffing.api import Invalid, StaffingError, say

from ..rules.records import spoken
from ..services import records, shown
from .asked import HOME, Form, Visit, back, form_of, viewer


@get("/agreements/{ident:uuid}/records", name="union_agreement.records")
async def show(request: Visit, ident: FromPath[UUID]) -> Template:
    """Everything on record under an agreement."""
    return await _show(request, ident)


async def _show(request: Visit, ident: UUID, problem: str = "", status: int = 200) -> Template:
    page = await shown.page(viewer(request), ident)
    clauses = [*page.made.clauses, *(page.made.base.clauses if page.made.base else ())]
    context = {
        "p": page,
        "signing": [c for c in clauses if c.type == "union_concurrence" or c.effect.value == "needs_cosign"],
        "telling": [c for c in clauses if c.type == "union_notice"],
        "meeting": [c for c in clauses if c.type == "joint_consultation"],
        "clauses": clauses,
        "home": HOME,
        "problem": problem,
        "spoken": spoken,
    }
    return Template("union_agreement/records.html", context=context, status_code=status, media_type="text/html; charset=utf-8")


@post("/agreements/{ident:uuid}/records", name="union_agreement.keep")
async def keep(request: Visit, ident: FromPath[UUID]) -> Any:
    """Record one of them."""
    form = await form_of(request)
    return await _done(
        request, ident, lambda: _work(request, ident, form), "It is on record, and what it touches is decided again."
    )


def _work(request: Visit, ident: UUID, form: Form) -> Awaitable[Any]:
    who, clause, kind = viewer(request), form.text("clause", "the clause", needed=True), form.text("kind")
    on = form.day("on", "The day", needed=kind != "cosign") or date.max
    if kind == "cosign":
        scope = records.Scope(
            sites=_listed(form.text("sites")),
            roles=_listed(form.text("roles")),
            headcount=form.number("headcount", "The number of people", needed=False),
            since=form.day("since", "The first day", needed=False),
            until=form.day("until", "The last day", needed=False),
        )
        return records.cosign(who, ident, clause, form.text("role", "your office", needed=True), scope=scope)
    if kind == "notice":
        items = form.many("items")
        return records.notice(
            who, ident, clause, addressee=form.text("addressee"), items=items, delivered_on=on, proof=form.text("proof")
        )
    if kind == "consultation":
        return records.consultation(who, ident, clause, held_on=on, body=_meeting(form))
    if kind == "grievance":
        return records.grievance(who, ident, clause, filed_on=on, site=form.text("site"))
    raise Invalid("The form was changed on its way. Open the page again.")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _meeting(form: Form) -> dict[str, Any]:
    """Who was there and how they voted, by side and never by name; what is left empty is not told."""

    def number(name: str) -> int | None:
        return form.number(name, "A count", needed=False)

    present = {side: n for side in ("district", "union") if (n := number(f"{side}_present")) is not None}
    votes: dict[str, dict[str, int]] = {}
    for side in ("district", "union"):
        yes, no = number(f"{side}_for"), number(f"{side}_against")
        if yes is not None or no is not None:
            votes[side] = {"for": yes or 0, "against": no or 0}
    return {name: value for name, value in (("present", present), ("votes", votes)) if value}


@post("/agreements/{ident:uuid}/records/{record:uuid}/withdraw", name="union_agreement.withdraw")
async def withdraw(request: Visit, ident: FromPath[UUID], record: FromPath[UUID]) -> Any:
    """Take a record back."""
    form = await form_of(request)
    work = lambda: records.withdraw(viewer(request), record, form.text("why"))  # noqa: E731
    return await _done(request, ident, work, "It counts no more from today on. What was decided under it stays explained.")


async def _done(request: Visit, ident: UUID, work: Any, says: str) -> Any:
    try:
        await work()
    except StaffingError as error:
        if error.status not in {403, 409, 422}:
            raise
        return await _show(request, ident, str(error), error.status)
    say(request, says)
    return back(f"agreements/{ident}/records")


handlers = [show, keep, withdraw]
