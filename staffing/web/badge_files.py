"""A badge as a file: its PDF once the worker has made it, and its code as a picture."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from litestar import Request, Response

from staffing.documents import qr
from staffing.services import credentials
from staffing.services.actors import Actor
from staffing.services.credential_desk import Badge
from staffing.web.i18n import gettext as _

#: Seconds a download waits for a badge that is being made, and how often it looks.
PATIENCE = 5.0
LOOK = 0.1


async def pdf_when_made(request: Request[Any, Any, Any], actor: Actor, credential: UUID) -> Response[bytes] | None:
    """The PDF, or None if the worker has not made it within ``PATIENCE``. Raises ``NotFound`` or ``NotAllowed``."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE
    while (found := await credentials.pdf(actor, credential)) is None:
        if loop.time() >= until:
            return None
        await asyncio.sleep(LOOK)
    name, data = found
    return Response(data, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})


def picture(badge: Badge) -> Response[str]:
    """The badge's QR code as an SVG."""
    return Response(
        qr.svg(badge.card.address, _("QR code: scan it to see whether this badge is valid today")), media_type="image/svg+xml"
    )
