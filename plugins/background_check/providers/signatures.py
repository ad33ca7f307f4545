"""Whether an event was signed with a shared key: three schemes, always over the bytes as they came, always failing closed.

Anything that is missing, short, not of the right letters or signed with another key is false; nothing here raises.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping

#: Seconds that a sender's clock and ours may differ, where the moment is signed too.
TOLERANCE = 300

_HEX = re.compile(r"[0-9a-fA-F]{64}")
_SECONDS = re.compile(r"[0-9]{1,12}")


def hex_hmac(body: bytes, signature: str | None, key: str) -> bool:
    """Hex HMAC-SHA256 of the body (Checkr, Yardstik)."""
    if not key or not signature or not _HEX.fullmatch(signature):
        return False
    return _same(_hex(body, key), signature.lower())


def timed_hmac(body: bytes, signature: str | None, key: str, *, at: float, tolerance: float = TOLERANCE) -> bool:
    """``t=…,v1=…``: hex HMAC-SHA256 of ``{t}.{body}`` (Certn, Stripe and others). ``at`` is now, in seconds since 1970.

    Several ``v1`` may stand there while a key is changed; one that fits is enough.
    """
    if not key or not signature:
        return False
    parts = [part.partition("=")[::2] for part in signature.split(",")]
    moments = [value.strip() for name, value in parts if name.strip() == "t"]
    if len(moments) != 1 or not _recent(moments[0], at, tolerance):
        return False
    wanted = _hex(moments[0].encode() + b"." + body, key)
    given = [value.strip() for name, value in parts if name.strip() == "v1"]
    return any(_HEX.fullmatch(value) and _same(wanted, value.lower()) for value in given)


def standard_webhook(body: bytes, headers: Mapping[str, str], secret: str, *, at: float, tolerance: float = TOLERANCE) -> bool:
    """The Standard Webhooks scheme (Svix and others). Header names are lower case; the secret may begin with ``whsec_``."""
    key = _decoded(secret.removeprefix("whsec_"))
    name, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not key or not name or not _recent(moment, at, tolerance):
        return False
    signed = name.encode("utf-8", "surrogatepass") + b"." + moment.encode() + b"." + body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = [part.partition(",")[::2] for part in headers.get("webhook-signature", "").split()]
    return any(version == "v1" and _same(wanted, value) for version, value in given)


def same_secret(given: str | None, secret: str | None) -> bool:
    """Whether somebody knows a secret word, for senders that do not sign."""
    return bool(given) and bool(secret) and _same(secret or "", given or "")


def _hex(signed: bytes, key: str) -> str:
    return hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def _recent(moment: str, at: float, tolerance: float) -> bool:
    return _SECONDS.fullmatch(moment) is not None and abs(at - int(moment)) <= tolerance


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""
