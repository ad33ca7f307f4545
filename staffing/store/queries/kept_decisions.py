"""Decisions about many, kept at once. As PostgreSQL copies into no table that is under row-level security, they are copied to a
table of the connection's own first."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator, Sequence
from datetime import date
from struct import Struct, unpack
from typing import Final

import asyncpg

_TAKING = """
CREATE TEMPORARY TABLE taking (
  id uuid, person uuid, placement uuid, before uuid, outcome text, holds_until date, case_hash text, parts bigint[], named uuid[],
  facts jsonb
) ON COMMIT DROP"""

_SET_ASIDE = "UPDATE decision de SET current = false FROM taking t WHERE de.id = t.before"

_KEEP = """
INSERT INTO decision (id, person, placement, on_day, outcome, holds_until, body, case_hash, rules_hash, parts, named, facts)
SELECT id, person, placement, $1, outcome, holds_until, '{}', case_hash, $2, parts, named, facts FROM taking"""

_NEW_PARTS = """
INSERT INTO decision_part (id, body) SELECT * FROM unnest($1::bigint[], $2::jsonb[]) AS new (id, body) ORDER BY id
ON CONFLICT DO NOTHING"""


async def keep_parts(connection: asyncpg.Connection, parts: dict[int, str]) -> None:
    """Keep what is new among the parts."""
    await connection.execute(_NEW_PARTS, list(parts), list(parts.values()))


async def keep(connection: asyncpg.Connection, rows: Sequence[bytes], on: date, rules_hash: str, *, again: bool) -> None:
    """Keep decisions, made by ``row``, as the current ones of their placements. Inside a transaction.

    ``again``: some of them take the place of another.
    """
    await connection.execute(_TAKING)
    whole = [piece for name, row in zip(_ids(len(rows)), rows, strict=True) for piece in (_BEGINS, name, row)]
    source = io.BytesIO(b"".join((b"PGCOPY\n\xff\r\n\0" + b"\0" * 8, *whole, b"\xff\xff")))
    await connection.copy_to_table("taking", source=source, format="binary")
    if again:
        await connection.execute(_SET_ASIDE)
    await connection.execute(_KEEP, on, rules_hash)
    await connection.execute("DROP TABLE taking")


def _ids(count: int) -> Iterator[bytes]:
    """New ids, each greater than the one before (UUID version 7), as an index takes those in at half the cost of random ones."""
    first, chance = unpack(">Q", b"\0\0" + os.urandom(6))[0], os.urandom(8 * count)
    begin = (time.time_ns() // 1_000_000) << 80 | 7 << 76 | (first & 0xFFF) << 64 | 2 << 62 | (first >> 13) << 26
    for n, luck in enumerate(unpack(f">{count}Q", chance)):
        yield (begin + (n << 26) + (luck >> 38)).to_bytes(16, "big")


#: How a row begins: its number of fields, and that its id follows.
_BEGINS = Struct(">hi").pack(10, 16)
_16: Final = b"\0\0\0\x10"
_NULL: Final = b"\xff\xff\xff\xff"
_WHO = Struct(">i16si16s").pack
_LENGTH = Struct(">i").pack
_ARRAY = Struct(">iiiiii").pack
_DAY = Struct(">ii").pack
_DAY_ZERO = date(2000, 1, 1).toordinal()
_INT8, _UUID = 20, 2950
_NONE_NAMED = Struct(">iiii").pack(12, 0, 0, _UUID)


def part(number: int) -> bytes:
    """The id of a part as it stands in a row."""
    return Struct(">iq").pack(8, number)


def text(value: bytes) -> bytes:
    """A text as it stands in a row."""
    return _LENGTH(len(value)) + value


def day(value: date | None) -> bytes:
    """A day as it stands in a row."""
    return _NULL if value is None else _DAY(4, value.toordinal() - _DAY_ZERO)


def row(  # noqa: PLR0917 - the columns, a million times
    person: bytes,
    placement: bytes,
    before: bytes | None,
    outcome: bytes,
    holds_until: bytes,
    case_hash: bytes,
    parts: bytes,
    named: Sequence[bytes | None],
    facts: bytes,
) -> bytes:
    """One decision as a row to be copied, but for its id.

    ``outcome`` and ``case_hash`` are made by ``text``, ``holds_until`` by ``day``, ``parts`` by ``part``, one after the other;
    ``named`` are ids of evidence, each with its length before it.
    """
    names = b"".join([name or _NULL for name in named])
    long, count = len(parts), len(named)
    return b"".join(
        (
            _WHO(16, person, 16, placement),
            _NULL if before is None else _16 + before,
            outcome,
            holds_until,
            case_hash,
            _ARRAY(20 + long, 1, 0, _INT8, long // 12, 1),
            parts,
            _ARRAY(20 + len(names), 1, 1, _UUID, count, 1) if count else _NONE_NAMED,
            names,
            _LENGTH(len(facts) + 1),
            b"\x01",
            facts,
        )
    )
