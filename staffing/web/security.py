"""Headers on every answer, and the guard that a form was sent from a page of ours and holds nothing that is never kept.

A form must carry the token of the visitor's cookie (signed with our secret) and must not say it comes from another site.
A cookie signed with an older secret is replaced, not held against its visitor.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response
from litestar.datastructures import Cookie, MutableScopeHeaders
from litestar.enums import RequestEncodingType, ScopeType
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from staffing.core.errors import StaffingError

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
FIELD = "_csrf_token"
COOKIE = "csrf"
_HALF = 32
#: Bytes of a refused upload that are read, to be thrown away, before the answer.
MOST_READ_AWAY = 100_000_000


class StaleForm(StaffingError):
    """The form's token is not the visitor's: the page was open too long, or cookies were cleared."""

    status = 403
    title = "This page was open too long"


class ForeignForm(StaffingError):
    """The form was sent from a page of another site."""

    status = 403
    title = "This form came from another site"


async def security_headers(message: Message, scope: Scope) -> None:
    """A ``before_send`` hook: unlike middleware it also covers 404, 405 and 413."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(), microphone=()")
    if scope["scheme"] == "https":
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    signed_in = bool(scope.get("state", {}).get("actor"))
    headers.setdefault("Cache-Control", "no-store" if signed_in else "private, no-cache")


def _sign(half: str, secret: str) -> str:
    return hmac.new(secret.encode(), half.encode(), sha256).hexdigest()


def new_token(secret: str) -> str:
    """A random half and its signature, both 64 hexadecimal digits."""
    half = secrets.token_hex(_HALF)
    return half + _sign(half, secret)


def genuine(token: str, secret: str) -> bool:
    """Whether we signed this token, with today's secret."""
    half, signature = token[: _HALF * 2], token[_HALF * 2 :]
    return len(token) == _HALF * 4 and hmac.compare_digest(signature.encode(), _sign(half, secret).encode())


def token_of(scope: Scope) -> str:
    """The token to put into a form of this page ('' where no middleware ran)."""
    return str(scope.get("state", {}).get("csrf_token", ""))


class FormGuard:
    """Middleware: the double-submit check of every request that may change something."""

    def __init__(self, app: ASGIApp, secret: str, secure: bool) -> None:
        self.app, self.secret, self.secure = app, secret, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, or give a token."""
        if scope["type"] != ScopeType.HTTP or scope["route_handler"].opt.get("skip_session"):
            await self.app(scope, receive, send)
            return
        request: Request[Any, Any, Any] = Request(scope, receive)
        given = request.cookies.get(COOKIE, "")
        good = genuine(given, self.secret)
        token = given if good else new_token(self.secret)
        scope["state"]["csrf_token"] = token
        checked = request.method in SAFE or await self._checked(request, given if good else None)
        if not checked:
            scope["state"]["stale_form"] = True

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and not good and token_used(scope):
                cookie = Cookie(key=COOKIE, value=token, path="/", secure=self.secure, httponly=True, samesite="lax")
                MutableScopeHeaders.from_message(message).add("Set-Cookie", cookie.to_header(header=""))
            await send(message)

        if not checked:
            await answer_stale(request, send_with_cookie)
        elif request.method not in SAFE and (refused := await _refusal(request)):
            await refused.to_asgi_response(app=None, request=request)(scope, receive, send_with_cookie)
        else:
            await self.app(scope, receive, send_with_cookie)

    async def _checked(self, request: Request[Any, Any, Any], cookie: str | None) -> bool:
        if request.scope["path"].startswith("/api/") and request.headers.get("authorization", "").startswith("Bearer "):
            return True  # no cookie is involved, so no other site can send it
        if not same_site(request):
            raise ForeignForm("The form was sent from a page of another site, so nothing was done. Open it here and send it.")
        sent = request.headers.get("x-csrftoken", "")
        if not sent and request.content_type[0] in {RequestEncodingType.URL_ENCODED, RequestEncodingType.MULTI_PART}:
            try:
                field = (await request.form()).get(FIELD, "")
            except HTTPException as exc:
                if exc.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                    await _read_away(request)
                raise
            sent = field if isinstance(field, str) else ""
        return cookie is not None and hmac.compare_digest(sent.encode(), cookie.encode())


async def _refusal(request: Request[Any, Any, Any]) -> Response[Any] | None:
    from staffing.web.never_kept import refusal

    return await refusal(request, FIELD)


async def _read_away(request: Request[Any, Any, Any]) -> None:
    """Take what is still being sent: a browser shows the answer only if its own sending was not cut off."""
    read = 0
    while read < MOST_READ_AWAY:
        message = await request.receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            return
        read += len(message.get("body", b""))


def token_used(scope: Scope) -> bool:
    """Whether the page made a form: only then does a visitor need the cookie."""
    return bool(scope.get("state", {}).get("csrf_used"))


def same_site(request: Request[Any, Any, Any]) -> bool:
    """Whether the browser says (or at least does not deny) that the request comes from a page of ours."""
    said = request.headers.get("sec-fetch-site")
    if said:
        return said in {"same-origin", "none"}
    origin = request.headers.get("origin")
    if origin:
        return urlsplit(origin).netloc == request.headers.get("host", "")
    return True


async def answer_stale(request: Request[Any, Any, Any], send: Send) -> None:
    """Show the page that offers to send the same form again with a fresh token."""
    from litestar.datastructures import UploadFile

    from staffing.web.errors import error_response

    form = await request.form()
    fields = [(k, v) for k, v in form.multi_items() if k != FIELD and not isinstance(v, UploadFile)]
    files = any(isinstance(v, UploadFile) and v.filename for _, v in form.multi_items())
    query = request.scope.get("query_string", b"").decode("latin-1")
    again = request.scope["path"] + (f"?{query}" if query else "")
    response = error_response(
        request,
        StaleForm("The page was open too long, or your browser cleared its cookies, so nothing was done yet. Send it again."),
        again=again,
        fields=fields,
        files=files,
    )
    asgi = response.to_asgi_response(app=None, request=request)
    await asgi(request.scope, request.receive, send)
