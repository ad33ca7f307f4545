"""Events as Checkr posts them, signed with an account's key. Everything in them is invented."""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

import msgspec

KEY = "invented-test-key-0123456789abcdef"


def event(ident: str, kind: str = "report.completed", **about: object) -> bytes:
    """The body of an event."""
    said = {
        "id": ident,
        "object": "event",
        "type": kind,
        "created_at": "2026-11-20T15:00:00Z",
        "data": {"object": {"object": kind.partition(".")[0], **about}},
    }
    return msgspec.json.encode(said)


def signed(body: bytes, key: str = KEY) -> dict[str, str]:
    """The headers of a post."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "Checkr-Webhook/1.0",
        "X-Checkr-Signature": hmac.new(key.encode(), body, hashlib.sha256).hexdigest(),
    }


def address(account: UUID | str, tenant: str = "alder") -> str:
    """Where an account's events are posted to."""
    return f"/p/background_check/hooks/{tenant}/{account}"
