"""The journal: one entry for every change, in the transaction that makes it, chained so that no entry can be altered unseen.

Each district has its own chain: an entry's digest is SHA-256 of the digest before it and the entry's text, both made by the
database. ``verify`` computes the digests anew, outside the database's own functions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import msgspec

from staffing.core.never_kept import private_in_json, redacted_values
from staffing.store.engine import DB, current_tenant

_INSERT = "INSERT INTO journal (actor, action, subject, facts) VALUES ($1, $2, $3, $4::jsonb) RETURNING id"
_INSERT_MANY = """
INSERT INTO journal (actor, action, subject, facts)
SELECT $1, $2, subject, facts FROM unnest($3::text[], $4::jsonb[]) WITH ORDINALITY AS new (subject, facts, n) ORDER BY n"""
_ENTRIES = "SELECT id, previous, digest, journal_text(journal) AS text FROM journal WHERE tenant = $1 ORDER BY id"
_TENANTS = "SELECT id FROM tenant UNION SELECT DISTINCT tenant FROM journal ORDER BY 1"


class Broken(msgspec.Struct, frozen=True):
    """The first entry of a district's journal that does not fit, and in what way."""

    tenant: str
    entry: int
    reason: str


async def record(action: str, subject: str, *, actor: str, **facts: Any) -> int:
    """Write one entry and give its number. Call it last in a ``tenant_transaction``: writers of a district wait here in line.

    ``action`` reads ``subject:verb`` ("document:approved"), ``subject`` is ``kind/id``, ``actor`` is ``Actor.tag``. ``facts``
    are plain values, dates and ids (from, to, why, rule version). Raises ``ValueError`` outside a transaction.
    """
    transaction = DB.current_transaction.get()
    if transaction is None or not current_tenant():
        raise ValueError(f"the journal entry {action} must be written inside a tenant_transaction")
    number: int = await transaction.connection.fetchval(_INSERT, actor, action, subject, _told(facts))
    return number


async def record_many(action: str, entries: Sequence[tuple[str, Mapping[str, Any]]], *, actor: str) -> None:
    """Write an entry for each ``(subject, facts)``, in their order, as ``record`` does.

    Raises ``ValueError`` outside a transaction.
    """
    transaction = DB.current_transaction.get()
    if transaction is None or not current_tenant():
        raise ValueError(f"the journal entries {action} must be written inside a tenant_transaction")
    subjects = [subject for subject, _ in entries]
    facts = [_told(said) for _, said in entries]
    await transaction.connection.execute(_INSERT_MANY, actor, action, subjects, facts)


def _told(facts: Mapping[str, Any]) -> str:
    """The facts as JSON, without what is never kept: an entry is never taken out again."""
    plain = msgspec.json.encode(facts)
    return msgspec.json.encode(redacted_values(msgspec.json.decode(plain))).decode() if private_in_json(plain) else plain.decode()


async def verify(tenant: str | None = None) -> Broken | None:
    """Recompute the chain of one district, or of all; the first entry that does not fit, or None if all do."""
    for each in [tenant] if tenant else await _tenants():
        if broken := await _verify_one(each):
            return broken
    return None


async def heads() -> dict[str, tuple[int, str]]:
    """The last entry's number and digest (hex) of every district. Kept elsewhere, they prove that no entry was cut off."""
    found: dict[str, tuple[int, str]] = {}
    for tenant in await _tenants():
        async with DB.connection() as connection, connection.transaction():
            await connection.execute("SELECT set_config('staffing.tenant', $1, true)", tenant)
            row = await connection.fetchrow("SELECT id, digest FROM journal WHERE tenant = $1 ORDER BY id DESC LIMIT 1", tenant)
        if row:
            found[tenant] = (row["id"], row["digest"].hex())
    return found


async def _tenants() -> list[str]:
    async with DB.connection() as connection:
        return [row["id"] for row in await connection.fetch(_TENANTS)]


async def _verify_one(tenant: str) -> Broken | None:
    async with DB.connection() as connection, connection.transaction():
        await connection.execute("SELECT set_config('staffing.tenant', $1, true)", tenant)
        last: bytes | None = None
        async for row in connection.cursor(_ENTRIES, tenant, prefetch=1000):
            if reason := _misfit(row, last):
                return Broken(tenant, row["id"], reason)
            last = row["digest"]
    return None


def _misfit(row: asyncpg.Record, last: bytes | None) -> str | None:
    if row["previous"] != last:
        return "an entry before it was removed, added or altered"
    if hashlib.sha256((last or b"") + row["text"].encode()).digest() != row["digest"]:
        return "it was altered after it was written"
    return None
