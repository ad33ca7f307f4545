"""Errors as pages for people and as problem details (RFC 9457) for programs. The page needs no middleware to have run."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

import asyncpg
import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from staffing.core.errors import Invalid, StaffingError
from staffing.web import i18n
from staffing.web.guards import SignInNeeded
from staffing.web.i18n import gettext as _

log = logging.getLogger("staffing.web")


def _known(status: int) -> tuple[str, str]:
    """Title and sentence of an HTTP error that has no sentence of ours."""
    return {
        404: (_("Page not found"), _("There is no page at this address. Check it, or start again from the first page.")),
        405: (_("That is not how this page works"), _("Go back to the page before, and use its button.")),
        413: (
            _("That file is too large"),
            _("Files can be up to 10 MB. Take the photo again, smaller, or send a PDF."),
        ),
        429: (_("Too many tries"), _("Wait a minute, then try again.")),
    }.get(status, (_("That did not work"), _("Go back to the page before and try again.")))


def wants_html(request: Request[Any, Any, Any]) -> bool:
    """Whether to answer with a page. Programs say ``Accept: application/json``; under ``/api`` they need not."""
    fallback = "application/problem+json" if request.scope["path"].startswith("/api/") else "text/html"
    offered = [fallback, "text/html", "application/problem+json", "application/json"]
    return request.accept.best_match(list(dict.fromkeys(offered)), default=fallback) == "text/html"


def handle(request: Request[Any, Any, Any], exc: Exception) -> Response[Any]:
    """The one exception handler."""
    if isinstance(exc, SignInNeeded) and wants_html(request):
        return Redirect(exc.to, status_code=303)
    return error_response(request, exc)


def error_response(request: Request[Any, Any, Any], exc: Exception, **context: Any) -> Response[Any]:
    """The answer to an error. ``again``, ``fields`` and ``files`` let the page offer to send a form once more."""
    fields: dict[str, str] = {}
    if isinstance(exc, StaffingError):
        status, title, detail = exc.status, _(exc.title), _(str(exc))
        fields = exc.fields if isinstance(exc, Invalid) else {}
    elif isinstance(exc, HTTPException):
        status = exc.status_code
        title, detail = _known(status)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("%s %s", request.method, request.scope["path"], exc_info=exc)
            title, detail = _broken()
    else:
        status, title, detail = _unexpected(exc)
        log.error("%s %s", request.method, request.scope["path"], exc_info=exc)
    if not wants_html(request):
        problem: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        if fields:
            problem["errors"] = fields
        return Response(msgspec.json.encode(problem), status_code=status, media_type="application/problem+json")
    if "language_set" not in request.scope.get("state", {}):
        i18n.speak(i18n.closest(i18n.accepted(request.headers.get("accept-language", ""))) or "en")
    shown = {"again": None, "fields": [], "files": False, "sentences": list(fields.values()), **context}
    shown.update(status=status, title=title, detail=detail)
    try:
        from staffing.web.page import render

        body = render(request, "error.html", shown)
    except Exception:
        log.exception("the error page itself failed")
        body = _bare(title, detail)
    headers = (
        {"Allow": exc.headers["Allow"]} if isinstance(exc, HTTPException) and exc.headers and "Allow" in exc.headers else None
    )
    return Response(body.encode(), status_code=status, media_type="text/html; charset=utf-8", headers=headers)


def _unexpected(exc: Exception) -> tuple[int, str, str]:
    if isinstance(exc, asyncpg.DiskFullError | asyncpg.OutOfMemoryError):
        return (
            503,
            _("Nothing can be saved at the moment"),
            _("The disk is full, so nothing was saved. Tell the district’s administrator, then go back and send it again."),
        )
    if isinstance(exc, asyncpg.PostgresConnectionError | asyncpg.InterfaceError | asyncpg.CannotConnectNowError | OSError):
        return (
            503,
            _("The database does not answer"),
            _("Nothing was saved. Wait a minute, then go back and send it again; what you typed is still there."),
        )
    return 500, *_broken()


def _broken() -> tuple[str, str]:
    return (
        _("Something went wrong here"),
        _("It is our fault, not yours, and it was noted. Try again in a minute. Nothing was half-saved."),
    )


def _bare(title: str, detail: str) -> str:
    from html import escape

    return f'<!doctype html><html lang="en"><title>{escape(title)}</title><h1>{escape(title)}</h1><p>{escape(detail)}</p></html>'
