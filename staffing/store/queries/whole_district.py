"""The rows that deciding for a whole district reads and writes: by binary COPY, a stretch of people at a time.

Row-level security holds for all of it. As PostgreSQL copies into no table that is under it, new decisions go to a table of the
connection's own first.
"""

from __future__ import annotations

import io
import os
import re
import struct
import time
from binascii import unhexlify
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

#: What a piece of evidence is besides its ids, in the order in which it is copied.
_DESCRIBES = (
    "kind", "state", "result", "issued_on", "requested_on", "expires_on", "purpose", "issuer", "holder", "jurisdiction", "detail"
)  # fmt: skip

#: Copied as text: a line for each piece, of which all after the two ids (as wide in every line) is what its pattern is known by.
_EVIDENCE = f"""
SELECT e.person, e.id, {", ".join(f"e.{name}" for name in _DESCRIBES)}
FROM evidence e WHERE {{whose}} AND NOT e.withdrawn ORDER BY e.person, e.recorded_at, e.id"""  # noqa: S608  made of the constants above
_ID = slice(0, 36), slice(37, 73), slice(74, -1)

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ENDLESS = {"infinity": date.max, "-infinity": date.min}

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


def described(pattern: bytes) -> dict[str, Any]:
    """The columns of a piece of evidence that have a value, from the end of its line; ``detail`` as JSON."""
    found: dict[str, Any] = {}
    for name, text in zip(_DESCRIBES, pattern.decode().split("\t"), strict=True):
        if text != "\\N":
            value = _ESCAPED.sub(lambda match: _ESCAPES.get(match[1], match[1]), text) if "\\" in text else text
            found[name] = (_ENDLESS.get(value) or date.fromisoformat(value)) if name.endswith("_on") else value
    return found


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


async def evidence(connection: asyncpg.Connection, people: Whose) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Their evidence, person by person, in the order in which it was recorded: ``(person, id, pattern)``, all as text."""
    sql, args = _asked(_EVIDENCE, people, "e")
    await connection.execute("SET LOCAL datestyle = 'ISO'")
    into = io.BytesIO()
    await connection.copy_from_query(sql, *args, output=into, format="text", encoding="utf-8")
    into.seek(0)
    person, name, pattern = _ID
    return ((line[person], line[name], line[pattern]) for line in into)


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


def uuid_of(text: bytes) -> bytes:
    """The bytes of an id written as text."""
    return unhexlify(text.replace(b"-", b""))


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
    """One decision as a row to be copied, but for its id. ``pieces`` are the ids of evidence, as text."""
    ids = b"".join(parts)
    names = b"".join([_NULL if piece is None else _16 + uuid_of(piece) for piece in pieces])
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
