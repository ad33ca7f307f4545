"""``VB1``: the signed text inside a badge's QR code, checkable without a network and naming nobody.

A token is base32 (RFC 4648, no padding) of a COSE_Sign1 message (RFC 9052, tag 18) signed with Ed25519 (RFC 8032):
protected header ``{1: -8, 4: kid}``, where ``kid`` is the first 4 bytes of SHA-256 over the public key; payload a CWT map
(RFC 8392) ``{4: exp, 7: cti, -65537: [status_index, role_code]}``. ``exp`` is in seconds since 1970, ``cti`` six random
bytes. Base32 stays inside a QR code's alphanumeric mode, so a 200-character address fits version 8 at level M.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal
from urllib.parse import urlsplit

import cbor2
import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from staffing import settings
from staffing.core.errors import Unusable

CTI_BYTES = 6
#: A real token has about 180 characters. Longer text is not read at all.
LONGEST = 400

_ALGORITHM, _KEY_ID = 1, 4
_EDDSA = -8
_EXPIRES, _CTI, _BADGE = 4, 7, -65537
_COSE_SIGN1 = 18
_LAST_SECOND = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What a genuine token says: which credential (``cti``), its place in the status list, its role, and its end."""

    cti: bytes
    status_index: int
    role_code: str
    expires: datetime


class Unread(msgspec.Struct, frozen=True):
    """Why a text is no token of ours: a word for programs and a sentence for people."""

    reason: Literal["damaged", "unknown_key", "bad_signature"]
    sentence: str


DAMAGED = Unread(
    "damaged", "This is not a complete badge code. Scan the code again, in better light and from a little further away."
)
UNKNOWN_KEY = Unread("unknown_key", "This code was not signed by this service. Ask the district that issued the badge.")
BAD_SIGNATURE = Unread("bad_signature", "This code was changed after it was signed. Do not accept the badge; call the district.")


class BadgeKey:
    """An Ed25519 key that signs badges, and its four-byte id."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._private.public_key()
        self.kid = key_id(self.public)

    def sign(self, data: bytes) -> bytes:
        """The 64-byte signature of ``data``."""
        return self._private.sign(data)


def key_id(public: Ed25519PublicKey) -> bytes:
    """The first four bytes of SHA-256 over the raw public key."""
    return hashlib.sha256(public.public_bytes_raw()).digest()[:4]


@cache
def _key_of(seed: str) -> BadgeKey:
    try:
        return BadgeKey(bytes.fromhex(seed))
    except ValueError as exc:
        raise Unusable(
            "The badge key in the key file is not 32 bytes of hexadecimal, so no badge can be signed or checked. "
            "Put back a copy of the key file from your backup."
        ) from exc


def issuer_key() -> BadgeKey:
    """This installation's key, from its secrets. Raises ``Unusable`` if it is damaged."""
    return _key_of(settings.load().secrets().badge)


def make(*, cti: bytes, status_index: int, role_code: str, expires: datetime, key: BadgeKey | None = None) -> str:
    """Sign a token. ``cti`` is six random bytes, ``expires`` an aware moment (whole seconds are kept)."""
    if len(cti) != CTI_BYTES:
        raise ValueError(f"cti must be {CTI_BYTES} bytes")
    key = key or issuer_key()
    claims = {_EXPIRES: int(expires.timestamp()), _CTI: cti, _BADGE: [status_index, role_code]}
    payload = _dumps(claims)
    protected = _dumps({_ALGORITHM: _EDDSA, _KEY_ID: key.kid})
    signature = key.sign(_signed_part(protected, payload))
    message = _dumps(cbor2.CBORTag(_COSE_SIGN1, [protected, {}, payload, signature]))
    return _to_text(message)


def read(token: str, keys: Mapping[bytes, Ed25519PublicKey] | None = None) -> Claims | Unread:
    """The claims of a genuine token, or the reason it is none. Never raises for any text.

    Lower case, spaces and line breaks are forgiven. ``keys`` maps key ids to public keys (default: our own). Expiry is
    not judged.
    """
    if keys is None:
        own = issuer_key()
        keys = {own.kid: own.public}
    try:
        protected, payload, signature = _open(token)
        kid = _kid_of(protected)
    except (ValueError, TypeError, KeyError, cbor2.CBORError):
        return DAMAGED
    public = keys.get(kid)
    if public is None:
        return UNKNOWN_KEY
    try:
        public.verify(signature, _signed_part(protected, payload))
    except InvalidSignature:
        return BAD_SIGNATURE
    try:
        return _claims(_loads(payload))
    except (ValueError, TypeError, KeyError, cbor2.CBORError):
        return DAMAGED


def address(token: str, base_url: str) -> str:
    """What the QR code holds: ``{BASE_URL}/V/{TOKEN}``, upper case as far as that changes nothing.

    Scheme and host do not mind case; a path in ``base_url`` may, and is kept as it is (at the price of a denser code).
    """
    parts = urlsplit(base_url.rstrip("/"))
    return f"{parts.scheme.upper()}://{parts.netloc.upper()}{parts.path}/V/{token}"


def token_in(text: str) -> str:
    """The token in what somebody typed, pasted or scanned: the whole address or the code alone."""
    text = "".join(text.split())
    marker = text.upper().rfind("/V/")
    found = text[marker + 3 :] if marker >= 0 else text
    return found.split("?")[0].split("#")[0].strip("/").upper()


def _open(token: str) -> tuple[bytes, bytes, bytes]:
    text = "".join(token.split()).upper()
    if not 0 < len(text) <= LONGEST:
        raise ValueError("length")
    try:
        raw = base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error as exc:
        raise ValueError("base32") from exc
    if _to_text(raw) != text:  # left-over bits: two texts must not mean one token
        raise ValueError("base32")
    message = _loads(raw)
    if not isinstance(message, cbor2.CBORTag) or message.tag != _COSE_SIGN1:
        raise ValueError("not COSE_Sign1")
    protected, unprotected, payload, signature = message.value
    if unprotected or not all(isinstance(part, bytes) for part in (protected, payload, signature)):
        raise ValueError("not COSE_Sign1")
    return protected, payload, signature


def _kid_of(protected: bytes) -> bytes:
    header = _loads(protected)
    if header[_ALGORITHM] != _EDDSA:
        raise ValueError("not EdDSA")
    kid = header[_KEY_ID]
    if not isinstance(kid, bytes):
        raise ValueError("no key id")
    return kid


def _claims(payload: Any) -> Claims:
    expires, cti, (status_index, role_code) = payload[_EXPIRES], payload[_CTI], payload[_BADGE]
    if not (isinstance(expires, int) and 0 <= expires <= _LAST_SECOND and isinstance(cti, bytes) and len(cti) == CTI_BYTES):
        raise ValueError("claims")
    if not (isinstance(status_index, int) and isinstance(role_code, str)):
        raise ValueError("claims")
    return Claims(cti=cti, status_index=status_index, role_code=role_code, expires=datetime.fromtimestamp(expires, UTC))


def _signed_part(protected: bytes, payload: bytes) -> bytes:
    return _dumps(["Signature1", protected, b"", payload])


def _to_text(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=")


def _dumps(value: Any) -> bytes:
    return cbor2.dumps(value, canonical=True)


def _loads(data: bytes) -> Any:
    """One CBOR item and nothing after it."""
    stream = io.BytesIO(data)
    value = cbor2.load(stream)
    if stream.read(1):
        raise ValueError("something follows")
    return value
