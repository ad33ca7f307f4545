"""Server-side sessions in PostgreSQL: nothing usable is stored, nothing is written for a visitor who has none.

Litestar's backend, except that only ids we issued are honoured, a sign-in gets a new id, an untouched session is not
rewritten, and a session ends after a while unused and after a while altogether.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, MutableScopeHeaders
from litestar.middleware.session.server_side import ServerSideSessionBackend, ServerSideSessionConfig
from litestar.stores.base import Store
from litestar.types import Empty, Message

from staffing import clock
from staffing.services import accounts, directory, tasks
from staffing.store.engine import DB

#: Unused for this long, a session is over: staff, and everybody else (a half-filled form survives days).
STAFF_IDLE = timedelta(hours=8)
OTHER_IDLE = timedelta(days=30)
#: However much used, it is over after this long.
STAFF_AGE = timedelta(hours=16)
OTHER_AGE = timedelta(days=90)
#: "Last seen" is written no more often than this.
TOUCH = timedelta(minutes=10)


def digest(session_id: str) -> bytes:
    """How a session id is stored."""
    return hashlib.sha256(session_id.encode()).digest()


class DatabaseStore(Store):
    """Table ``web_session``. Uses a connection of its own, never a use case's transaction."""

    async def _run(self, method: str, sql: str, *args: Any) -> Any:
        assert DB.pool is not None, "the app's lifespan opens the pool"  # noqa: S101
        async with DB.pool.acquire() as connection:
            return await getattr(connection, method)(sql, *args)

    async def set(self, key: str, value: str | bytes, expires_in: int | timedelta | None = None) -> None:
        """Keep a session."""
        data = value.encode() if isinstance(value, str) else value
        life = expires_in if isinstance(expires_in, timedelta) else timedelta(seconds=expires_in or 1_209_600)
        await self._run(
            "execute",
            "INSERT INTO web_session (digest, data, expires_at) VALUES ($1, $2, now() + $3)"
            " ON CONFLICT (digest) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at",
            digest(key),
            data,
            life,
        )

    async def get(self, key: str, renew_for: int | timedelta | None = None) -> bytes | None:
        """The session's bytes, or None if there is none or it is over."""
        sql = "SELECT data FROM web_session WHERE digest = $1 AND expires_at > now()"
        found: bytes | None = await self._run("fetchval", sql, digest(key))
        return found

    async def delete(self, key: str) -> None:
        """Forget a session, and on the way some that are over."""
        await self._run("execute", "DELETE FROM web_session WHERE digest = $1 OR expires_at < now()", digest(key))

    async def delete_all(self) -> None:
        """Sign everybody out."""
        await self._run("execute", "DELETE FROM web_session")

    async def exists(self, key: str) -> bool:
        """Whether there is such a session."""
        return await self.get(key) is not None

    async def expires_in(self, key: str) -> int | None:
        """Seconds until it is over."""
        sql = "SELECT extract(epoch FROM expires_at - now())::int FROM web_session WHERE digest = $1"
        found: int | None = await self._run("fetchval", sql, digest(key))
        return found


class Sessions(ServerSideSessionBackend):
    """See the module's first lines. Also looks up who is signed in, so that ``session.actor`` needs no await."""

    async def load_from_connection(self, connection: ASGIConnection[Any, Any, Any, Any]) -> dict[str, Any]:
        """The visitor's session, {} if there is none or it is over."""
        state = connection.scope["state"]
        data = await super().load_from_connection(connection)
        state["session_known"] = bool(data)
        state["session_as_loaded"] = self.serialize_data(data, connection.scope)
        if not data:
            return {}
        now = int(clock.now().timestamp())
        staff = data.get("staff", False)
        idle, age = (STAFF_IDLE, STAFF_AGE) if staff else (OTHER_IDLE, OTHER_AGE)
        over = now - data.get("seen", 0) > idle.total_seconds() or now - data.get("born", 0) > age.total_seconds()
        if over:
            state["ended_for"] = data.get("account")
            return {"lang": data["lang"]} if data.get("lang") else {}
        if now - data["seen"] > TOUCH.total_seconds():
            data["seen"] = now
        if account := data.get("account"):
            actor = await accounts.actor_of(UUID(account))
            if actor is None:  # switched off since
                for name in ("account", "staff"):
                    data.pop(name, None)
            else:
                state["actor"] = actor
                state["district"] = await directory.district(actor.tenant)
                if actor.person and not data.get("lang"):
                    data["lang"] = await tasks.language_of(actor) or "en"
        return data

    async def store_in_message(
        self, scope_session: Any, message: Message, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> None:
        """Write the session if it changed, and the cookie if its id did."""
        state, store = connection.scope["state"], self.config.get_store_from_app(connection.scope["litestar_app"])
        old = connection.cookies.get(self.config.key) if state.get("session_known") else None
        rotate = "ended_for" in state
        if isinstance(scope_session, dict):
            rotate = scope_session.pop("_rotate", False) or rotate
        if scope_session is Empty or not scope_session:
            if old:
                await store.delete(old)
                self._cookie(message, "null", max_age=0)
            return
        if old and not rotate and self.serialize_data(scope_session, connection.scope) == state["session_as_loaded"]:
            return
        now = int(clock.now().timestamp())
        scope_session.setdefault("born", now)
        scope_session.setdefault("seen", now)
        new = old if old and not rotate else self.generate_session_id()
        await store.set(new, self.serialize_data(scope_session, connection.scope), expires_in=self.config.max_age)
        if new != old:
            self._cookie(message, new, max_age=self.config.max_age)
            if old:
                await store.delete(old)

    def _cookie(self, message: Message, value: str, max_age: int) -> None:
        c = self.config
        cookie = Cookie(key=c.key, value=value, path=c.path, max_age=max_age, secure=c.secure, httponly=True, samesite=c.samesite)
        MutableScopeHeaders.from_message(message).add("Set-Cookie", cookie.to_header(header=""))


@dataclass
class SessionConfig(ServerSideSessionConfig):
    """Use ``SessionConfig(...).middleware`` and register ``DatabaseStore`` as the store ``sessions``."""

    _backend_class = Sessions
    max_age: int = int(OTHER_AGE.total_seconds())
    exclude_opt_key: str = "skip_session"
