"""Short secrets of a district (a provider's key) sealed for the database, each bound to its district and its purpose."""

from __future__ import annotations

import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from staffing import settings
from staffing.core.errors import Unusable
from staffing.store.engine import current_tenant

_NONCE = 12


def seal(secret: str, purpose: str) -> bytes:
    """Seal a secret for the district of the open ``tenant_transaction``. Raises ``ValueError`` outside one."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_key(settings.load().secrets().files, _tenant())).encrypt(nonce, secret.encode(), purpose.encode())


def unseal(sealed: bytes, purpose: str) -> str:
    """The secret. Raises ``Unusable`` if it was sealed for another district or purpose, with another key, or changed."""
    key = _key(settings.load().secrets().files, _tenant())
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose.encode()).decode()
    except InvalidTag as exc:
        raise Unusable(
            f"What is kept for {purpose} cannot be opened with this installation's keys. Put back the secrets.json that belongs "
            f"to this database, or enter it again."
        ) from exc


def _tenant() -> str:
    if not (tenant := current_tenant()):
        raise ValueError("secrets are sealed and opened inside a tenant_transaction")
    return tenant


@cache
def _key(master: str, tenant: str) -> bytes:
    material = bytes.fromhex(master)
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"staffing secrets 1\0" + tenant.encode()).derive(material)
