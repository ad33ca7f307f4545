"""Sign in with a six-digit code sent by e-mail or text; a person with several accounts chooses one."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromQuery
from litestar.response import Redirect, Template

from staffing.core.errors import Invalid, StaffingError
from staffing.services import accounts
from staffing.services.actors import ROLE_NAMES, Actor
from staffing.web import session
from staffing.web.guards import safe_next
from staffing.web.i18n import gettext as _
from staffing.web.page import page

Visit = Request[Any, Any, Any]

#: Where each role begins.
HOMES: dict[str, str] = {
    "volunteer": "/me",
    "hr": "/hr/queue",
    "admin": "/hr",
    "coordinator": "/site",
    "partner": "/partner",
    "union": "/labor",
    "cabinet": "/cabinet",
}


@get("/sign-in", include_in_schema=False)
async def ask_address(request: Visit, next: FromQuery[str] = "") -> Template:
    """Ask for the e-mail address or phone number."""
    if next:
        session.session_of(request)["next"] = safe_next(next)
    return page(request, "sign_in/address.html", value="", errors={})


@post("/sign-in", include_in_schema=False)
async def send_code(request: Visit) -> Template | Redirect:
    """Send a code; what is said does not depend on whether there is an account."""
    given = str((await request.form()).get("address", "")).strip()
    try:
        address = await accounts.request_code(given)
    except StaffingError as exc:
        return page(request, "sign_in/address.html", status=exc.status, value=given, errors={"address": str(exc)})
    session.session_of(request)["sign_in_address"] = address
    return Redirect("/sign-in/code", status_code=303)


@get("/sign-in/code", include_in_schema=False)
async def ask_code(request: Visit) -> Template | Redirect:
    """Ask for the code that was sent."""
    address = session.session_of(request).get("sign_in_address")
    if not address:
        return Redirect("/sign-in", status_code=303)
    return page(request, "sign_in/code.html", address=address, errors={})


@post("/sign-in/code", include_in_schema=False)
async def check_code(request: Visit) -> Template | Redirect:
    """Check the code and sign in, or offer the accounts it opens."""
    kept = session.session_of(request)
    address = kept.get("sign_in_address")
    if not address:
        return Redirect("/sign-in", status_code=303)
    try:
        found = await accounts.use_code(address, str((await request.form()).get("code", "")))
    except Invalid as exc:
        return page(request, "sign_in/code.html", status=exc.status, address=address, errors=exc.fields)
    if len(found) == 1:
        return _enter(request, found[0])
    kept["may_enter"] = [str(actor.account) for actor in found]
    return Redirect("/sign-in/choose", status_code=303)


@get("/sign-in/choose", include_in_schema=False)
async def ask_account(request: Visit) -> Template | Redirect:
    """One address, several accounts: which one now?"""
    found = await _offered(request)
    if not found:
        return Redirect("/sign-in", status_code=303)
    return page(request, "sign_in/choose.html", found=found, role_names=ROLE_NAMES)


@post("/sign-in/choose", include_in_schema=False)
async def choose_account(request: Visit) -> Redirect:
    """Sign in as the account that was chosen among those the code opened."""
    chosen = str((await request.form()).get("account", ""))
    match = next((actor for actor in await _offered(request) if str(actor.account) == chosen), None)
    return _enter(request, match) if match else Redirect("/sign-in", status_code=303)


async def _offered(request: Visit) -> list[Actor]:
    ids = session.session_of(request).get("may_enter", [])
    return [actor for account in ids if (actor := await accounts.actor_of(UUID(account)))]


def _enter(request: Visit, actor: Actor) -> Redirect:
    return Redirect(enter(request, actor), status_code=303)


def enter(request: Visit, actor: Actor) -> str:
    """Sign the visitor in and say where to go: a kept form first, then the page asked for, then the role's home."""
    wanted = session.session_of(request).get("next")
    session.sign_in(request, actor)
    if session.pending(request):
        return "/sign-in/go-on"
    return safe_next(wanted, HOMES[actor.role])


@get("/sign-in/go-on", include_in_schema=False)
async def offer_pending(request: Visit) -> Template | Redirect:
    """Show that a form sent after the session ended was kept, and send it only when the person says so."""
    actor = session.actor(request)
    if actor is None:
        return Redirect("/sign-in", status_code=303)
    kept = session.pending(request)
    if kept is None:
        return Redirect(HOMES[actor.role], status_code=303)
    session.take_pending(request)
    return page(request, "sign_in/go_on.html", kept=kept, home=HOMES[actor.role])


@post("/sign-out", include_in_schema=False)
async def leave(request: Visit) -> Redirect:
    """End the session."""
    session.sign_out(request)
    session.say(request, _("You are signed out."), kind="info")
    return Redirect("/", status_code=303)


sign_in_handlers = [ask_address, send_code, ask_code, check_code, ask_account, choose_account, offer_pending, leave]
