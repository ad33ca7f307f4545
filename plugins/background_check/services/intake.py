"""What a provider posts is believed only if it is genuine, kept once, and worked off later. Answering must take no time at all.

Of an event its type and the ids it names are kept, and a digest; its body is read and forgotten.
"""

from __future__ import annotations

import enum
import hashlib
import re
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import (
    Conflict,
    Connection,
    EventSeen,
    NotFound,
    ScreeningProvider,
    record,
    system_viewer,
    tenant_transaction,
)

from .connections import connection, provider_named
from .events import GATHER, work_soon

#: Bytes of an event. Providers send some hundred; more is none.
MOST_BYTES = 64 * 1024
#: Seconds after which an account is read again before something is called forged: its key may just have been changed.
FRESH = 1.0
#: Seconds in which forged events of an account make one entry in the journal.
QUIET = 60.0
#: Accounts remembered, so that strangers cannot fill the memory.
MOST_KNOWN = 1000
_TENANT = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_LONGEST = 200
_MOST_REFS = 20

_ACCOUNT = """
SELECT id, provider, settings, secrets, state, xmin::text AS stamp FROM background_check.provider_account WHERE id = $1"""
_KEEP = """
WITH account AS (SELECT id FROM background_check.provider_account WHERE id = $2 AND xmin::text = $3),
kept AS (
  INSERT INTO background_check.check_event
    (tenant, account, provider_event, type, refs, body_sha256, said_at, state, says, received_at)
  SELECT $1, id, $4, $5, $6::jsonb, $7, $8, 'new', '', now() FROM account
  ON CONFLICT (account, provider_event) DO NOTHING RETURNING id)
SELECT (SELECT count(*) FROM account) AS same, (SELECT count(*) FROM kept) AS new"""


class Taken(enum.Enum):
    """What became of a posted event."""

    KEPT = "kept"
    KNOWN = "known"
    FORGED = "forged"
    NO_EVENT = "no_event"


class _Door(msgspec.Struct, kw_only=True):
    """An account as posts are checked against it, and how many forged ones it had that the journal does not tell of yet."""

    provider: ScreeningProvider
    connection: Connection
    stamp: str
    read_at: float
    refused: int = 0
    told_at: float = float("-inf")
    gathers_until: float = float("-inf")


_doors: dict[tuple[str, UUID], _Door] = {}


async def take(tenant: str, account: UUID, headers: Mapping[str, str], body: bytes) -> Taken:
    """Take what was posted to an account's address. Header names are lower case.

    Raises ``NotFound`` for an account that is not there or is switched off, ``Unusable`` where its keys cannot be opened.
    """
    door = await _door(tenant, account)
    if not door.provider.genuine(door.connection, headers, body):
        if time.monotonic() - door.read_at > FRESH:
            door = await _read(tenant, account)
        if not door.provider.genuine(door.connection, headers, body):
            await _count_forged(tenant, account, door)
            return Taken.FORGED
    try:
        event = door.provider.event(body)
        row = _row(event, body)
    except ValueError:
        return Taken.NO_EVENT
    kept = await _keep(tenant, account, door, row)
    if kept is None:  # the account was changed since it was read: by its new key the event may be none
        door = await _read(tenant, account)
        if not door.provider.genuine(door.connection, headers, body):
            await _count_forged(tenant, account, door)
            return Taken.FORGED
        kept = await _keep(tenant, account, door, row, whatever=True)
    return Taken.KEPT if kept else Taken.KNOWN


def _row(event: EventSeen, body: bytes) -> tuple[Any, ...]:
    """What is kept of an event. Raises ``ValueError`` for one that no provider sends."""
    refs = [ref for ref in event.refs if ref]
    texts = [event.id, event.type, *refs]
    if not event.id or len(refs) > _MOST_REFS or any(len(text) > _LONGEST or "\0" in text for text in texts):
        raise ValueError("an event has an id, a type and a few references")
    said_at = event.created_at if event.created_at and event.created_at.tzinfo else None
    return (event.id, event.type, msgspec.json.encode(refs).decode(), hashlib.sha256(body).digest(), said_at)


async def _keep(tenant: str, account: UUID, door: _Door, row: tuple[Any, ...], *, whatever: bool = False) -> bool | None:
    """Keep an event and see that it is worked off; False if it was kept before, None if the account has changed since."""
    async with tenant_transaction(tenant) as transaction:
        found = await transaction.connection.fetchrow(_KEEP, tenant, account, door.stamp, *row)
        if not found["same"]:
            if whatever:
                raise Conflict("The account was changed again at the same moment. Send the event once more.")
            return None
        queue = bool(found["new"]) and time.monotonic() >= door.gathers_until
        if queue:
            await work_soon(tenant, account, seconds=GATHER)
    if queue:
        # Until shortly before that job may begin, what is kept is surely seen by it and needs no job of its own.
        door.gathers_until = time.monotonic() + GATHER / 2
    return bool(found["new"])


async def _door(tenant: str, account: UUID) -> _Door:
    return _doors.get((tenant, account)) or await _read(tenant, account)


async def _read(tenant: str, account: UUID) -> _Door:
    """Read an account anew. Raises ``NotFound``: nobody learns whether the district or the account is not there."""
    nowhere = NotFound("There is nothing at this address.")
    if not _TENANT.fullmatch(tenant):
        raise nowhere
    async with tenant_transaction(tenant) as transaction:
        row = await transaction.connection.fetchrow(_ACCOUNT, account)
        if row is None or row["state"] == "off":
            _doors.pop((tenant, account), None)
            raise nowhere
        try:
            provider = provider_named(row["provider"])
        except Conflict:
            raise nowhere from None
        opened = connection(tenant, {**row, "settings": msgspec.json.decode(row["settings"])})
    before = _doors.pop((tenant, account), None)
    door = _Door(provider=provider, connection=opened, stamp=row["stamp"], read_at=time.monotonic())
    if before is not None:
        door.refused, door.told_at, door.gathers_until = before.refused, before.told_at, before.gathers_until
    while len(_doors) >= MOST_KNOWN:
        _doors.pop(next(iter(_doors)))
    _doors[tenant, account] = door
    return door


async def _count_forged(tenant: str, account: UUID, door: _Door) -> None:
    """Count it. The journal tells of the first at once, of further ones once a minute; nothing else of them is kept."""
    door.refused += 1
    if time.monotonic() - door.told_at < QUIET:
        return
    counted, door.refused, door.told_at = door.refused, 0, time.monotonic()
    async with tenant_transaction(tenant):
        await record("check_event:forged", f"check_account/{account}", actor=system_viewer(tenant).tag, events=counted)
