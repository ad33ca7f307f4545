"""The web's and the worker's connections: a pool that works as an ordinary role, so that row-level security binds it."""

from __future__ import annotations

import os
import re
from urllib.parse import unquote, urlsplit

import asyncpg

from staffing.core.errors import Unusable
from staffing.store.engine import DB

#: The role that the application takes after logging in.
ROLE = "staffing_app"
#: Seconds after which a connection attempt is given up.
TIMEOUT = 10


def configure(url: str, *, role: str | None = ROLE) -> None:
    """Tell the engine its address; ``role=None`` works as the login itself, for migrations."""
    settings = {"timezone": "UTC", "application_name": "staffing"} | ({"role": role} if role else {})
    DB.configure(dsn=url, server_settings=settings, timeout=TIMEOUT)


async def open_pool(url: str, *, min_size: int = 2, max_size: int = 10, role: str | None = ROLE) -> None:
    """Open the pool. Raises ``Unusable`` with a sentence for an address that does not work; a password is never shown.

    Raises ``ValueError`` if it is open already.
    """
    if DB.pool is not None:
        raise ValueError("the pool is open; close_pool() comes before another open_pool()")
    configure(url, role=role)
    try:
        await DB.start_connection_pool(min_size=min_size, max_size=max_size)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as exc:
        DB.pool = None
        raise Unusable(_sentence(url, exc)) from exc


async def close_pool() -> None:
    """Close the pool, waiting for what is running; closing one that is not open does nothing."""
    if DB.pool is not None:
        await DB.close_connection_pool()


def without_password(url: str) -> str:
    """The address as it may be shown and logged."""
    shown = re.sub(r"(//[^/@:]*):[^@/]*@", r"\1:***@", url)
    return re.sub(r"(password=)[^&\s]*", r"\1***", shown, flags=re.IGNORECASE)


def _sentence(url: str, exc: Exception) -> str:
    address = without_password(url)
    answer = " ".join(str(exc).split()) or type(exc).__name__
    if (secret := urlsplit(url).password) and len(secret) > 2:
        answer = answer.replace(secret, "***").replace(unquote(secret), "***")
    if isinstance(exc, asyncpg.InvalidPasswordError | asyncpg.InvalidAuthorizationSpecificationError):
        todo = "Correct the user and password in STAFFING_DATABASE_URL."
    elif isinstance(exc, asyncpg.InvalidCatalogNameError):
        todo = "Create that database, or correct its name in STAFFING_DATABASE_URL."
    elif isinstance(exc, asyncpg.InvalidParameterValueError | asyncpg.UndefinedObjectError) and answer.startswith("role "):
        todo = "This database has not been migrated. Run `staffing db migrate` first."
    elif isinstance(exc, TimeoutError | OSError):
        answer = answer if not isinstance(exc, TimeoutError) else f"no answer within {TIMEOUT} seconds"
        todo = "See that PostgreSQL runs there and may be reached from here, or correct STAFFING_DATABASE_URL."
    else:
        todo = (
            "Correct STAFFING_DATABASE_URL (postgresql://user:password@host:5432/name), "
            "or unset it to use the built-in PostgreSQL."
        )
    origin = "STAFFING_DATABASE_URL" if os.environ.get("STAFFING_DATABASE_URL") == url else "the address"
    return f"There is no database at {address} ({origin}). The answer was: {answer}. {todo}"
