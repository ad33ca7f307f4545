"""Uploads and finished papers: encrypted, in the database, so that a row and its file live and die together.

Each file is sealed with AES-256-GCM under a key of its district, derived from the installation's ``files`` key; its district,
content digest and type are bound to it, so that sealed bytes cannot be moved to another row.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from staffing import settings
from staffing.core.errors import NotFound, Unusable
from staffing.store.engine import current_tenant
from staffing.store.tables import StoredFile

#: Bytes of nonce that AES-GCM takes (NIST SP 800-38D, 8.2).
_NONCE = 12


async def keep(data: bytes, media_type: str) -> UUID:
    """Seal and store a file and give its id; the same bytes in the same district give the same id.

    Call it inside a ``tenant_transaction``; the file is there if that commits. Raises ``ValueError`` outside one.
    """
    tenant = _tenant()
    digest = hashlib.sha256(data).digest()
    if found := await StoredFile.select(StoredFile.id).where(StoredFile.sha256 == digest).first():
        return _id(found)
    master = bytes.fromhex(settings.load().secrets().files)
    nonce = os.urandom(_NONCE)
    row = StoredFile(
        sha256=digest,
        media_type=media_type,
        size=len(data),
        key_id=_key_id(master),
        nonce=nonce,
        sealed=AESGCM(_key(master, tenant)).encrypt(nonce, data, _bound(tenant, digest, media_type)),
    )
    target = (StoredFile.tenant, StoredFile.sha256)
    made = await StoredFile.insert(row).on_conflict(target=target, action="DO NOTHING").returning(StoredFile.id)
    if made:
        return _id(made[0])
    found = await StoredFile.select(StoredFile.id).where(StoredFile.sha256 == digest).first()  # somebody was faster
    if found is None:
        raise Unusable("The same file was being removed while it was stored. Try again.")
    return _id(found)


async def read(file: UUID) -> tuple[str, bytes]:
    """The media type and the bytes of a stored file of this district.

    Raises ``NotFound`` for an id that is not here, ``Unusable`` if the bytes were changed or sealed with another key.
    """
    tenant = _tenant()
    row = await StoredFile.select().where(StoredFile.id == file).first()
    if row is None:
        raise NotFound("There is no such file here.")
    master = bytes.fromhex(settings.load().secrets().files)
    if row["key_id"] != _key_id(master):
        raise Unusable(
            f"The file {file} was sealed with the key {row['key_id']}, and this installation has {_key_id(master)}. "
            f"Put back the secrets.json that belongs to this database."
        )
    try:
        data = AESGCM(_key(master, tenant)).decrypt(row["nonce"], row["sealed"], _bound(tenant, row["sha256"], row["media_type"]))
    except InvalidTag as exc:
        raise Unusable(
            f"The file {file} was changed after it was stored, so it is not shown. Restore it from a backup or ask for it again."
        ) from exc
    return row["media_type"], data


def _id(row: dict[str, UUID]) -> UUID:
    return row["id"]


def _tenant() -> str:
    if not (tenant := current_tenant()):
        raise ValueError("files are kept and read inside a tenant_transaction")
    return tenant


def _bound(tenant: str, digest: bytes, media_type: str) -> bytes:
    return b"\0".join((tenant.encode(), digest.hex().encode(), media_type.encode()))


@cache
def _key(master: bytes, tenant: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"staffing files 1\0" + tenant.encode()).derive(master)


@cache
def _key_id(master: bytes) -> str:
    return "1-" + hashlib.sha256(b"staffing key id\0" + master).hexdigest()[:12]
