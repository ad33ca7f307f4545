"""Where providers post their events. Who posts proves it by a signature; there is no session, no form and no page."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from staffing.api import NotFound, StaffingError

from ..services.intake import MOST_BYTES, Taken, take

_ANSWERS: dict[Taken, tuple[HTTPStatus, str]] = {
    Taken.KEPT: (HTTPStatus.OK, ""),
    Taken.KNOWN: (HTTPStatus.OK, ""),
    Taken.FORGED: (HTTPStatus.UNAUTHORIZED, "not_genuine"),
    Taken.NO_EVENT: (HTTPStatus.BAD_REQUEST, "no_event"),
}


@post(
    "/hooks/{tenant:str}/{account:uuid}",
    name="background_check.hook",
    opt={"skip_session": True},
    request_max_body_size=MOST_BYTES,
    status_code=HTTPStatus.OK,
)
async def hook(request: Request[Any, Any, Any], tenant: FromPath[str], account: FromPath[UUID]) -> Response[bytes]:
    """Take an event; 2xx means that it is kept and will be worked off, anything else that the provider should send it again."""
    try:
        body = await request.body()
        headers = dict(request.headers)
        if secret := request.query_params.get("token"):  # of providers that do not sign: no header can have this name
            headers["?token"] = str(secret)
        taken = await take(tenant, account, headers, body)
    except NotFound:
        return _said(HTTPStatus.NOT_FOUND, "nothing_here")
    except StaffingError:
        return _said(HTTPStatus.SERVICE_UNAVAILABLE, "not_now")
    except HTTPException as exc:
        return _said(
            HTTPStatus(exc.status_code), "too_large" if exc.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else "bad"
        )
    return _said(*_ANSWERS[taken])


def _said(status: HTTPStatus, error: str) -> Response[bytes]:
    """Short and for machines; an accepted event is answered with nothing at all."""
    content = msgspec.json.encode({"error": error}) if error else b""
    return Response(content, status_code=status, media_type="application/json" if error else "text/plain")


handlers: list[Any] = [hook]
