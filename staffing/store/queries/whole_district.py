"""The rows that deciding for a whole district reads and writes: by binary COPY, a stretch of people at a time.

Row-level security holds for all of it. As PostgreSQL copies into no table that is under it, new decisions go to a table of the
connection's own first.
"""

from __future__ import annotations

import io
import os
import struct
import time
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

#: Bytes of a copied piece of evidence's shape: what it is besides its days, in a text as wide as this.
WIDTH = 72

#: A piece whose shape does not fit, or says more than the usual, is named by the SHA-256 of it.
_SHAPE = f"""
CASE WHEN e.issuer IS NULL AND e.holder IS NULL AND e.jurisdiction IS NULL AND e.detail = '{{}}'
     AND octet_length(e.kind) = length(e.kind) AND length(e.kind) < {WIDTH - 8}
  THEN rpad(coalesce(left(e.purpose, 1), '-') || left(e.state, 1) || coalesce(left(e.result, 1), '-') || e.kind, {WIDTH})
  ELSE rpad('~' || encode(sha256(convert_to(jsonb_build_array(e.kind, e.state, e.result, e.purpose, e.issuer, e.holder,
    e.jurisdiction, e.detail)::text, 'UTF8')), 'hex'), {WIDTH}) END"""

_NEVER = "'infinity'::date"

_EVIDENCE = f"""
SELECT e.person, e.id, e.id::text, {_SHAPE},
  coalesce(e.issued_on, {_NEVER}), coalesce(e.requested_on, {_NEVER}), coalesce(e.expires_on, {_NEVER})
FROM evidence e WHERE {{whose}} AND NOT e.withdrawn ORDER BY e.person, e.recorded_at, e.id"""  # noqa: S608  made of the constants above

#: A copied row: its number of fields, then each field after its length. What follows the ids is what a pattern is known by.
_ROW = struct.Struct(f">2x4x16s4x16s4x36s{4 + WIDTH + 3 * 8}s")
_HEADER = 19

_SAMPLES = """
SELECT id, kind, state, result, issued_on, requested_on, expires_on, purpose, issuer, holder, jurisdiction, detail::text AS detail
FROM evidence WHERE id = ANY ($1::uuid[])"""

#: Placements that count, with the decision that stands. $1 and $2: the first and last of the people, by id.
_PLACEMENTS = """
SELECT pl.id, pl.person, pl.terms::text AS terms, pl.starts_on, pl.site, p.born_on, p.facts::text AS facts,
  de.id AS before, de.outcome, de.holds_until, de.on_day, de.case_hash, de.rules_hash
FROM placement pl JOIN person p ON p.id = pl.person AND {whose_p}
LEFT JOIN decision de ON de.placement = pl.id AND de.current AND {whose_de}
WHERE pl.state IN ('wished', 'placed') AND {whose} ORDER BY pl.person, pl.created_at"""

_STRETCH = "{column} >= $1 AND {column} <= $2"
_THESE = "{column} = ANY ($1::uuid[])"
_LAST = UUID(int=(1 << 128) - 1)

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

#: Who has to be decided about. $1 the rules that count, $2 today, $3 the next day on which others do (NULL: none planned).
_DUE = """
SELECT DISTINCT pl.person FROM decision de JOIN placement pl ON pl.id = de.placement
WHERE de.tenant = current_tenant() AND de.current AND pl.state IN ('wished', 'placed') AND {due}"""
_REASONS = (
    "de.rules_hash = $1 AND de.holds_until <= $2 AND $3::date IS NOT DISTINCT FROM $3",
    "(de.rules_hash < $1 OR de.rules_hash > $1) AND $2::date IS NOT NULL AND $3::date IS NOT DISTINCT FROM $3",
    "$1 <> '' AND $2::date IS NOT NULL AND (de.holds_until IS NULL OR de.holds_until > $3)",
)
_WITHOUT = """
SELECT DISTINCT pl.person FROM placement pl
WHERE pl.state IN ('wished', 'placed') AND NOT EXISTS (SELECT FROM decision de WHERE de.placement = pl.id AND de.current)"""


class Copied:
    """Rows of evidence as copied: ``(person, id, id as text, pattern)``, all as bytes, person by person."""

    def __init__(self, data: memoryview) -> None:
        self._data = data

    def __iter__(self) -> Iterator[tuple[bytes, bytes, bytes, bytes]]:
        rows = (len(self._data) - _HEADER - 2) // _ROW.size
        return _ROW.iter_unpack(self._data[_HEADER : _HEADER + rows * _ROW.size])


#: People from an id and before another (None: to the end), or these.
Whose = tuple[UUID, UUID | None] | list[UUID]


def _asked(sql: str, people: Whose, table: str) -> tuple[str, tuple[Any, ...]]:
    whose: str = _THESE
    args: tuple[Any, ...] = (people,)
    if isinstance(people, tuple):  # said of each table, so that each is read along its own index
        first, before = people
        whose, args = _STRETCH, (first, UUID(int=before.int - 1) if before else _LAST)
    for name, column in (("{whose}", f"{table}.person"), ("{whose_p}", "p.id"), ("{whose_de}", "de.person")):
        sql = sql.replace(name, whose.replace("{column}", column))
    return sql, args


async def placements(connection: asyncpg.Connection, people: Whose) -> list[asyncpg.Record]:
    """Placements that count of a stretch of people, or of these people."""
    sql, args = _asked(_PLACEMENTS, people, "pl")
    return list(await connection.fetch(sql, *args))


async def evidence(connection: asyncpg.Connection, people: Whose) -> Copied:
    """Their evidence, in the order in which it was recorded."""
    sql, args = _asked(_EVIDENCE, people, "e")
    into = io.BytesIO()
    await connection.copy_from_query(sql, *args, output=into, format="binary")
    return Copied(into.getbuffer())


async def samples(connection: asyncpg.Connection, ids: Sequence[UUID]) -> dict[UUID, asyncpg.Record]:
    """Whole rows of evidence by id."""
    return {row["id"]: row for row in await connection.fetch(_SAMPLES, list(ids))}


async def keep_parts(connection: asyncpg.Connection, parts: dict[int, str]) -> None:
    """Keep what is new among the parts."""
    await connection.execute(_NEW_PARTS, list(parts), list(parts.values()))


async def keep(connection: asyncpg.Connection, rows: Sequence[bytes], on: date, rules_hash: str) -> None:
    """Keep decisions, made by ``row``, as the current ones of their placements. Inside a transaction."""
    await connection.execute(_TAKING)
    whole = [piece for name, row in zip(_ids(len(rows)), rows, strict=True) for piece in (_BEGINS, name, row)]
    source = io.BytesIO(b"".join((b"PGCOPY\n\xff\r\n\0" + b"\0" * 8, *whole, b"\xff\xff")))
    await connection.copy_to_table("taking", source=source, format="binary")
    await connection.execute(_SET_ASIDE)
    await connection.execute(_KEEP, on, rules_hash)
    await connection.execute("DROP TABLE taking")


def _ids(count: int) -> Iterator[bytes]:
    """New ids that grow with time (UUID version 7), as an index takes those in at half the cost of random ones."""
    now = time.time_ns() // 1_000_000
    chance = os.urandom(10 * count)
    for n in range(count):
        some = int.from_bytes(chance[10 * n : 10 * n + 10], "big")
        number = now << 80 | 7 << 76 | (some >> 64 & 0xFFF) << 64 | 2 << 62 | some & 0x3FFF_FFFF_FFFF_FFFF
        yield number.to_bytes(16, "big")


#: How a row begins: its number of fields, and that its id follows.
_BEGINS = struct.pack(">hi", 10, 16)
_16 = struct.pack(">i", 16)
_NULL = struct.pack(">i", -1)
_LENGTH = struct.Struct(">i").pack
_PARTS = struct.Struct(">iiiiii")
_DAY = struct.Struct(">ii").pack
_DAY_ZERO = date(2000, 1, 1).toordinal()
_INT8, _UUID = 20, 2950


def part(number: int) -> bytes:
    """The id of a part as it stands in a row."""
    return struct.pack(">iq", 8, number)


def row(
    person: bytes,
    placement: bytes,
    before: bytes | None,
    *,
    outcome: bytes,
    holds_until: date | None,
    case_hash: bytes,
    parts: Sequence[bytes],
    pieces: Sequence[bytes | None],
    facts: bytes,
) -> bytes:
    """One decision as a row to be copied, but for its id."""
    ids = b"".join(parts)
    names = b"".join([_NULL if piece is None else _16 + piece for piece in pieces])
    return b"".join(
        (
            _16,
            person,
            _16,
            placement,
            _NULL if before is None else _16 + before,
            _LENGTH(len(outcome)),
            outcome,
            _NULL if holds_until is None else _DAY(4, holds_until.toordinal() - _DAY_ZERO),
            _LENGTH(len(case_hash)),
            case_hash,
            _PARTS.pack(20 + len(ids), 1, 0, _INT8, len(parts), 1),
            ids,
            _PARTS.pack(20 + len(names), 1, 1, _UUID, len(pieces), 1) if pieces else _PARTS.pack(12, 0, 0, _UUID, 0, 0)[:16],
            names,
            _LENGTH(len(facts) + 1),
            b"\x01",
            facts,
        )
    )


async def due(connection: asyncpg.Connection, rules_hash: str, today: date, next_switch: date | None) -> list[UUID]:
    """People with a decision whose day has come or that was taken under other rules, and with a placement without one."""
    found = {row["person"] for row in await connection.fetch(_WITHOUT)}
    for reason in _REASONS if next_switch else _REASONS[:2]:
        found.update(row["person"] for row in await connection.fetch(_DUE.format(due=reason), rules_hash, today, next_switch))
    return sorted(found)
