"""Messages to people. Each is kept; the demo shows them on its outbox page. Nothing about a check's content is ever in one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from staffing.core.never_kept import redacted
from staffing.store.engine import DB, current_tenant
from staffing.store.tables import Message


class Sent(msgspec.Struct, frozen=True):
    """A message as the outbox shows it."""

    recipient: str
    channel: str
    language: str
    subject: str
    body: str
    created_at: datetime


async def send(recipient: str, subject: str, body: str, *, language: str = "en", channel: str = "email") -> None:
    """Keep a message for sending, in the transaction that is open: it goes out only if that commits.

    What is never kept is taken out of it first.
    """
    if not recipient:
        return
    await Message.insert(
        Message(
            tenant=current_tenant(),
            recipient=recipient,
            channel=channel,
            language=language,
            subject=redacted(subject),
            body=redacted(body),
        )
    )


async def outbox(limit: int = 50) -> list[Sent]:
    """The newest messages, for the demo's outbox page."""
    async with DB.transaction():
        rows: list[dict[str, Any]] = await Message.select().order_by(Message.created_at, ascending=False).limit(limit)
    return [msgspec.convert({name: row[name] for name in Sent.__struct_fields__}, Sent) for row in rows]
