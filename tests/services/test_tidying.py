"""What has outlived its use goes; what is in use stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from staffing import clock
from staffing.services import accounts, tidying
from staffing.store.tables import SignInCode, WebSession

pytestmark = pytest.mark.usefixtures("database")


async def test_ended_sessions_and_old_codes_go_and_the_others_stay() -> None:
    now = clock.now()
    for digest, expires in ((b"ended", now - timedelta(seconds=1)), (b"open", now + timedelta(hours=1))):
        await WebSession.insert(WebSession(digest=digest, data=b"{}", expires_at=expires))
    await accounts.request_code("somebody@home.example")
    await accounts.request_code("other@home.example")
    await SignInCode.update({SignInCode.created_at: now - timedelta(days=2)}).where(SignInCode.address == "other@home.example")
    await tidying.tidy()
    assert [bytes(row["digest"]) for row in await WebSession.select(WebSession.digest)] == [b"open"]
    assert [row["address"] for row in await SignInCode.select(SignInCode.address)] == ["somebody@home.example"]
