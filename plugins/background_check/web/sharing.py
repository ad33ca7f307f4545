"""Another district's clearance: read by the person's code, compared, and taken over where the rules here let it count."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.response import Redirect, Template

from staffing.api import Conflict, Invalid, StaffingError, say

from ..services import taking_over
from .asked import Visit, form_of, shown, staff


@get("/sharing", name="background_check.sharing")
async def home(request: Visit) -> Template:
    """Where a code is entered."""
    return await _home(request)


async def _home(request: Visit, error: StaffingError | None = None, code: str = "") -> Template:
    who = staff(request)
    return shown(
        "sharing.html",
        error.status if error else 200,
        taken=await taking_over.taken_lately(who),
        problem=str(error) if error else "",
        code=code,
    )


@post("/sharing", name="background_check.share_look")
async def look(request: Visit) -> Template:
    """What the code shows, and what it would mean here. The code stays in the form and is in no address."""
    form, who = await form_of(request), staff(request, "hr")
    code = form.text("code")
    try:
        found = await taking_over.look(who, code)
    except (Conflict, Invalid) as error:
        return await _home(request, error, code)
    return await _look(request, found, code)


async def _look(request: Visit, found: taking_over.Looked, code: str) -> Template:
    means = await taking_over.would(staff(request, "hr"), found)
    page = shown("share_look.html", found=found, means=means, code=code)
    page.headers["Cache-Control"] = "no-store"
    return page


@post("/sharing/accept", name="background_check.share_accept")
async def accept(request: Visit) -> Any:
    """Take it over for one person of this district."""
    form, who = await form_of(request), staff(request, "hr")
    try:
        person = form.ident("person", needed=True) or UUID(int=0)
        given = await taking_over.accept(who, form.text("code"), person)
    except (Conflict, Invalid) as error:
        return await _home(request, error, form.text("code"))
    count = len(given)
    say(request, f"{count} {'clearance is' if count == 1 else 'clearances are'} on record, and it was decided again.")
    return Redirect(f"/hr/people/{person}", status_code=303)


handlers = [home, look, accept]
