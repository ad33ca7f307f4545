"""The public check of a badge: one word, what to do, and as little about a person as possible."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Request, get
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from staffing.documents import badge_token
from staffing.services import badge_numbers, credential_desk, directory
from staffing.services.verification import Verification, verify
from staffing.web import session
from staffing.web.i18n import gettext as _
from staffing.web.page import page

#: The address names a badge: it is not kept by browsers, sent to other sites or listed by search engines.
QUIET = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


@get(["/v/{token:str}", "/V/{token:str}"], name="verify.badge", include_in_schema=False)
async def badge(request: Request[Any, Any, Any], token: FromPath[str]) -> Template:
    """The answer for a scanned code."""
    found = await verify(token, session.actor(request))
    return await _answer(request, found)


@get("/verify", name="verify.form", include_in_schema=False)
async def form(request: Request[Any, Any, Any], code: FromQuery[str | None] = None) -> Template | Redirect:
    """Type or paste a code."""
    if code is None:
        return _ask(request)
    typed = badge_token.token_in(code)
    if not typed:
        return _ask(request, code, _("Paste the code, or the whole address that your phone shows after scanning."))
    if number := badge_numbers.read(typed):
        return await _by_number(request, code, number)
    return Redirect(f"/V/{quote(typed, safe='')}", status_code=303)


async def _by_number(request: Request[Any, Any, Any], code: str, number: str) -> Template | Redirect:
    actor = session.actor(request)
    if actor is None or actor.role not in {"hr", "admin"}:
        return _ask(
            request,
            code,
            _("That is the number of a badge. Anybody can copy a number, so it proves nothing. Scan the square code instead."),
        )
    found = await credential_desk.by_number(actor, number)
    if found is None:
        return _ask(request, code, _("No badge in your district has this number. Check it, or scan the code."))
    return Redirect(f"/hr/credentials/{found}", status_code=303)


def _ask(request: Request[Any, Any, Any], code: str = "", problem: str = "") -> Template:
    answer = page(request, "verify/ask.html", status=422 if problem else 200, code=code, problem=problem)
    answer.headers.update(QUIET)
    return answer


async def _answer(request: Request[Any, Any, Any], found: Verification) -> Template:
    status = 404 if found.status in {"unknown", "damaged"} else 200
    district = await directory.district(found.tenant) if found.tenant else None
    answer = page(request, "verify/answer.html", status=status, v=found, district=district)
    answer.headers.update(QUIET)
    return answer


handlers = [badge, form]
