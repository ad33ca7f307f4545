"""Who holds which office: both sides see it, administrators register and end offices."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template

from staffing.api import Conflict, Invalid, NotAllowed, NotFound, say, staff_accounts, today

from ..services import sides
from .asked import HOME, Visit, back, form_of, viewer


@get("/officers", name="union_agreement.officers")
async def show(request: Visit) -> Template:
    """The offices of both sides."""
    return await _show(request)


async def _show(request: Visit, problem: str = "", status: int = 200) -> Template:
    who = viewer(request)
    context = {
        "offices": await sides.officers(who),
        "accounts": await staff_accounts(who) if who.role == "admin" else [],
        "today": today(),
        "home": HOME,
        "problem": problem,
    }
    return Template("union_agreement/officers.html", context=context, status_code=status, media_type="text/html; charset=utf-8")


@post("/officers", name="union_agreement.register")
async def register(request: Visit) -> Any:
    """Register an office."""
    who, form = viewer(request), await form_of(request)
    try:
        account = form.ident("account", needed=True)
        role = "_".join(form.text("role", "the office", needed=True).lower().split())
        since = form.day("since", "The first day") or date.max
        names = {one.id: one.name for one in await staff_accounts(who)}
        if account not in names:
            raise Invalid("Choose who holds the office.")
        await sides.register(who, account=account, name=names[account], role=role, unit=form.text("unit"), since=since)
    except (Conflict, Invalid, NotAllowed) as error:
        return await _show(request, str(error), error.status)
    say(request, "The office is registered.")
    return back("officers")


@post("/officers/{office:uuid}/end", name="union_agreement.end_office")
async def end(request: Visit, office: FromPath[UUID]) -> Any:
    """End an office."""
    form = await form_of(request)
    try:
        await sides.end(viewer(request), office, form.day("until", "The last day") or date.max)
    except (Conflict, Invalid, NotAllowed, NotFound) as error:
        return await _show(request, str(error), error.status)
    say(request, "The office ends on that day. What was signed in it stays signed.")
    return back("officers")


handlers = [show, register, end]
