"""The volunteer's own badge on the phone, and its PDF."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from staffing.core.errors import NotFound
from staffing.services import credential_desk
from staffing.services.actors import Actor
from staffing.services.credential_desk import Badge
from staffing.web import badge_files
from staffing.web.guards import needs, who
from staffing.web.i18n import gettext as _
from staffing.web.page import page


@get("/me/badge", guards=[needs("volunteer")], name="me.badge", include_in_schema=False)
async def badge(request: Request[Any, Any, Any]) -> Any:
    """The badges of the person signed in, to show at the door."""
    found = await credential_desk.own_badges(who(request, "volunteer"))
    return page(request, "site/badge.html", badges=found)


@get("/me/badge.pdf", guards=[needs("volunteer")], name="me.badge_pdf", include_in_schema=False)
async def newest_pdf(request: Request[Any, Any, Any]) -> Any:
    """The PDF of the badge that is good for longest."""
    actor = who(request, "volunteer")
    return await _pdf(request, actor, (await _own(actor, None)).id)


@get("/me/badge/{credential:uuid}/badge.pdf", guards=[needs("volunteer")], name="me.one_badge_pdf", include_in_schema=False)
async def one_pdf(request: Request[Any, Any, Any], credential: FromPath[UUID]) -> Any:
    """The PDF of one of them."""
    return await _pdf(request, who(request, "volunteer"), credential)


@get("/me/badge/{credential:uuid}/code.svg", guards=[needs("volunteer")], name="me.badge_code", include_in_schema=False)
async def code(request: Request[Any, Any, Any], credential: FromPath[UUID]) -> Response[str]:
    """The QR code of one of them."""
    return badge_files.picture(await _own(who(request, "volunteer"), credential))


async def _pdf(request: Request[Any, Any, Any], actor: Actor, credential: UUID) -> Any:
    made = await badge_files.pdf_when_made(request, actor, credential)
    return made or page(request, "site/badge_waiting.html", status=202)


async def _own(actor: Actor, credential: UUID | None) -> Badge:
    for each in await credential_desk.own_badges(actor):
        if credential in (None, each.id):
            return each
    raise NotFound(_("You have no badge yet. It appears on your list when the district has issued it."))


handlers = [badge, newest_pdf, one_pdf, code]
