"""What handlers do with a visitor's session: who is signed in, signing in and out, a word to show once, a form kept."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import UploadFile

from staffing import clock
from staffing.services.actors import Actor

#: A kept form is dropped after this many seconds, and not kept at all above this many characters.
PENDING_LIFE = 12 * 3600
PENDING_SIZE = 100_000


class Flash(msgspec.Struct, frozen=True):
    """A sentence to show once, with the address that undoes what it speaks of (posted to), if that can be undone."""

    text: str
    undo: str | None = None
    kind: str = "ok"


class Pending(msgspec.Struct, frozen=True):
    """A form sent after the session had ended, kept until its sender has signed in again. Files are not kept."""

    path: str
    fields: list[tuple[str, str]]
    at: int
    account: str | None = None


def actor(connection: ASGIConnection[Any, Any, Any, Any]) -> Actor | None:
    """Who is signed in, or None."""
    found: Actor | None = connection.scope.get("state", {}).get("actor")
    return found


def session_of(connection: ASGIConnection[Any, Any, Any, Any]) -> dict[str, Any]:
    """The session's values; an empty mapping where no middleware ran (a 404, for example)."""
    found = connection.scope.get("session")
    return found if isinstance(found, dict) else {}


def sign_in(request: Request[Any, Any, Any], account: Actor) -> None:
    """Make this visitor the account's: a new session id, with nothing of the old session but language and kept form."""
    session = session_of(request)
    kept: dict[str, Any] = {name: session[name] for name in ("lang", "pending", "flash") if name in session}
    session.clear()
    session.update(kept)
    session["account"] = str(account.account)
    session["staff"] = account.role != "volunteer"
    session["_rotate"] = True
    request.scope["state"]["actor"] = account


def sign_out(request: Request[Any, Any, Any]) -> None:
    """End the session; the language chosen, and whatever is said next, is kept under a new id."""
    session = session_of(request)
    lang = session.get("lang")
    session.clear()
    request.scope["state"].pop("actor", None)
    session["_rotate"] = True
    if lang:
        session["lang"] = lang


def say(request: ASGIConnection[Any, Any, Any, Any], text: str, undo: str | None = None, kind: str = "ok") -> None:
    """Show a sentence on the next page. ``undo`` is an address its Undo button posts to; ``kind`` ok, info, warn, bad."""
    session = session_of(request)
    session["flash"] = [*session.get("flash", []), {"text": str(text), "undo": undo, "kind": kind}]


def take_flashes(connection: ASGIConnection[Any, Any, Any, Any]) -> list[Flash]:
    """The sentences to show now; they are not shown again."""
    session = session_of(connection)
    return [Flash(**item) for item in session.pop("flash", [])] if "flash" in session else []


async def keep_pending(request: Request[Any, Any, Any]) -> bool:
    """Keep a posted form for after the sign-in; False if it was too long to keep."""
    form = await request.form()
    fields = [
        (name, value)
        for name, value in form.multi_items()
        if not isinstance(value, UploadFile) and name != "_csrf_token" and isinstance(value, str)
    ]
    if sum(len(name) + len(value) for name, value in fields) > PENDING_SIZE:
        return False
    query = f"?{request.scope['query_string'].decode('latin-1')}" if request.scope.get("query_string") else ""
    session_of(request)["pending"] = {
        "path": request.scope["path"] + query,
        "fields": fields,
        "at": int(clock.now().timestamp()),
        "account": request.scope["state"].get("ended_for"),
    }
    return True


def pending(connection: ASGIConnection[Any, Any, Any, Any]) -> Pending | None:
    """The form kept for whoever is signed in, if there is one and it is theirs (a form of another account is dropped)."""
    session = session_of(connection)
    if "pending" not in session:
        return None
    kept = msgspec.convert(session["pending"], Pending)
    who = actor(connection)
    old = clock.now().timestamp() - kept.at > PENDING_LIFE
    if old or (who and kept.account and kept.account != str(who.account)):
        session.pop("pending")
        return None
    return kept


def take_pending(connection: ASGIConnection[Any, Any, Any, Any]) -> Pending | None:
    """The kept form, once."""
    kept = pending(connection)
    session_of(connection).pop("pending", None)
    return kept
