"""Badges in the HR console: the list, one badge, issuing and withdrawing."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from staffing.core.errors import Conflict, Invalid
from staffing.services import credential_desk, credentials
from staffing.services.actors import Actor
from staffing.services.credential_desk import VIEWS, View
from staffing.web import badge_files, session
from staffing.web.forms import read_form
from staffing.web.guards import needs, who
from staffing.web.hr.nav import console, time_zone

HERE = "/hr/credentials"

#: A badge's standing in the console: kind of pill, the word, and what it means.
WORDS: dict[str, tuple[str, str, str]] = {
    "valid": ("ok", "Valid", "Whoever scans it sees that it is valid today."),
    "expired": ("mute", "Expired", "Its last day has passed. Issue a new one if the person still works here."),
    "withdrawn": ("bad", "Withdrawn", "Whoever scans it sees that it was withdrawn."),
    "on_hold": (
        "warn",
        "On hold",
        "The newest decision does not clear this work, or the placement has ended. It is valid again once it does.",
    ),
}


class WithdrawForm(msgspec.Struct):
    """Why the badge is taken back."""

    reason: str = ""
    words: str = ""


@get(HERE, guards=[needs("hr", "admin")], name="hr.credentials")
async def listing(
    request: Request[Any, Any, Any],
    view: FromQuery[str] = "good",
    find: FromQuery[str] = "",
    page: FromQuery[int] = 1,
) -> Any:
    """The district's badges."""
    actor = who(request, "hr", "admin")
    chosen: View = next((name for name in VIEWS if name == view), "good")
    found = await credential_desk.badges(actor, chosen, find, page)

    def link(**more: Any) -> str:
        kept = {"view": found.view, "find": found.words, **more}
        return f"{HERE}?" + urlencode({k: v for k, v in kept.items() if v})

    return await console(request, "hr/credentials.html", actor, HERE, found=found, names=VIEWS, link=link, standing=WORDS)


@get(HERE + "/{credential:uuid}", guards=[needs("hr", "admin")], name="hr.credential")
async def record(request: Request[Any, Any, Any], credential: FromPath[UUID]) -> Any:
    """One badge."""
    return await _record(request, who(request, "hr", "admin"), credential)


async def _record(
    request: Request[Any, Any, Any],
    actor: Actor,
    credential: UUID,
    *,
    given: WithdrawForm | None = None,
    problem: Invalid | None = None,
    template: str = "hr/credential.html",
    status: int = 200,
) -> Any:
    badge = await credential_desk.badge_of(actor, credential)
    return await console(
        request,
        template,
        actor,
        HERE,
        status=status,
        b=badge,
        standing=WORDS[badge.status],
        reasons=credentials.REASONS,
        given=given or WithdrawForm(),
        problem=str(problem) if problem else None,
        wrong=problem.fields if problem else {},
        zone=time_zone(request),
    )


@get(HERE + "/{credential:uuid}/badge.pdf", guards=[needs("hr", "admin")], name="hr.credential_pdf")
async def pdf(request: Request[Any, Any, Any], credential: FromPath[UUID]) -> Any:
    """The PDF; while the worker is still making it, a page that says so."""
    actor = who(request, "hr", "admin")
    made = await badge_files.pdf_when_made(request, actor, credential)
    return made or await _record(request, actor, credential, template="hr/credential_waiting.html", status=202)


@get(HERE + "/{credential:uuid}/code.svg", guards=[needs("hr", "admin")], name="hr.credential_code")
async def code(request: Request[Any, Any, Any], credential: FromPath[UUID]) -> Response[str]:
    """The QR code."""
    return badge_files.picture(await credential_desk.badge_of(who(request, "hr", "admin"), credential))


@post("/hr/placements/{placement:uuid}/issue", guards=[needs("hr")], name="hr.issue_credential")
async def issue(request: Request[Any, Any, Any], placement: FromPath[UUID]) -> Redirect:
    """Issue a badge for a placement; sent twice it makes one."""
    actor = who(request, "hr")
    try:
        credential = await credentials.issue(actor, placement)
    except Conflict as exc:
        session.say(request, str(exc), kind="warn")
        person = await credential_desk.holder_of(actor, placement)
        return Redirect(f"/hr/people/{person}?placement={placement}", status_code=303)
    session.say(request, "The badge is issued. Its PDF is being made.")
    return Redirect(f"{HERE}/{credential}", status_code=303)


@post(HERE + "/{credential:uuid}/withdraw", guards=[needs("hr")], name="hr.withdraw_credential")
async def withdraw(request: Request[Any, Any, Any], credential: FromPath[UUID]) -> Any:
    """Take a badge back."""
    actor = who(request, "hr")
    form, _ = read_form(WithdrawForm, await request.form())
    form = form or WithdrawForm()
    try:
        await credentials.withdraw(actor, credential, form.reason, form.words)
    except Invalid as exc:
        return await _record(request, actor, credential, given=form, problem=exc, status=exc.status)
    session.say(request, "Withdrawn. Whoever scans the badge sees that from now on.")
    return Redirect(f"{HERE}/{credential}", status_code=303)


handlers = [listing, record, pdf, code, issue, withdraw]
