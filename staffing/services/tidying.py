"""Rows that have outlived their use are taken away every hour: browser sessions that ended, sign-in codes that are old."""

from __future__ import annotations

from datetime import timedelta

from staffing import clock
from staffing.store import jobs
from staffing.store.engine import DB
from staffing.store.tables import SignInCode, WebSession

#: Codes are kept this long, so that too many requests from one address can be told.
CODES_KEPT = timedelta(days=1)


@jobs.task("accounts:tidy", every="23 * * * *")
async def tidy(timestamp: int = 0) -> None:
    """Take away ended sessions and old codes. Running it twice changes nothing more."""
    now = clock.now()
    async with DB.transaction():
        await WebSession.delete().where(WebSession.expires_at < now)
        await SignInCode.delete().where(SignInCode.created_at < now - CODES_KEPT)
