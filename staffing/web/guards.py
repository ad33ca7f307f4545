"""Who may open a page. A guard is given to a handler or router: ``guards=[needs("hr", "admin")]``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from staffing.core.errors import StaffingError
from staffing.services.actors import Actor, Role
from staffing.web import session
from staffing.web.i18n import gettext as _

Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]


class SignInNeeded(StaffingError):
    """Nobody is signed in (any more). ``to`` is where the visitor is sent."""

    status = 401
    title = "Sign in first"

    def __init__(self, to: str) -> None:
        super().__init__("Sign in to go on.")
        self.to = to


def needs(*roles: Role) -> Guard:
    """A guard: somebody with one of these roles (any, if none is named) is signed in.

    Nobody signed in: to the sign-in page, and a posted form is kept for afterwards. Wrong role: ``NotAllowed``.
    """

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        who = session.actor(connection)
        if who is None:
            await _away(connection)
        elif roles:
            who.require(*roles)

    return guard


async def _away(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    path = connection.scope["path"]
    if isinstance(connection, Request) and connection.method not in {"GET", "HEAD"}:
        if await session.keep_pending(connection):
            text = _("You were signed out because the page was left open. Sign in again: what you filled in is kept.")
        else:
            text = _("You were signed out because the page was left open. Sign in and fill it in again.")
        session.say(connection, text, kind="info")
        raise SignInNeeded("/sign-in")
    if "ended_for" in connection.scope["state"]:
        session.say(connection, _("You were signed out because the page was left open. Sign in again."), kind="info")
    query = connection.scope.get("query_string", b"").decode("latin-1")
    raise SignInNeeded("/sign-in?next=" + quote(path + (f"?{query}" if query else ""), safe=""))


def who(request: Request[Any, Any, Any], *roles: Role) -> Actor:
    """The one signed in, for handlers behind ``needs``. Raises ``SignInNeeded`` or ``NotAllowed``."""
    found = session.actor(request)
    if found is None:
        raise SignInNeeded("/sign-in")
    if roles:
        found.require(*roles)
    return found


def safe_next(address: str | None, fallback: str = "/") -> str:
    """A ``next`` address if it is one of ours (a path), else the fallback."""
    if address and address.startswith("/") and not address.startswith(("//", "/\\")) and "\n" not in address:
        return address
    return fallback
