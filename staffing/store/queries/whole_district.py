"""The rows that deciding for a whole district reads: by binary COPY, a stretch of people at a time, in the order of people.

Row-level security holds for all of it. Ids are 16 bytes here, days are numbers (``day_of``), texts are UTF-8.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache
from struct import Struct
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from staffing.core.case_name import DAY_ZERO, MARK, NO_DAY

#: What a piece of evidence is besides its ids.
DESCRIBES = (
    "kind", "state", "result", "issued_on", "requested_on", "expires_on", "purpose", "issuer", "holder", "jurisdiction", "detail"
)  # fmt: skip

#: One row for each person: the patterns of their evidence, then its ids, in the order in which it was recorded. All of it
#: stands in one index in this order, so that nothing is sorted and no row of the table is looked for.
_EVIDENCE = """
SELECT e.person, string_agg(e.pattern, NULL ORDER BY e.recorded_at, e.id),
  string_agg(uuid_send(e.id), '\\x00000010' ORDER BY e.recorded_at, e.id)
FROM evidence e WHERE {whose} AND NOT e.withdrawn GROUP BY e.person ORDER BY e.person"""
_DESCRIBED = f"SELECT pattern, {', '.join(DESCRIBES)} FROM evidence WHERE id = ANY ($1::uuid[])"  # noqa: S608  the constants above

#: Placements that count, read from indexes alone. No id is all zeros; 0x80000001 is no day that PostgreSQL has.
_PLACEMENTS = """
SELECT pl.id, pl.person, coalesce(pl.site, '00000000-0000-0000-0000-000000000000'),
  coalesce(date_send(pl.starts_on), '\\x80000001'), coalesce(date_send(p.born_on), '\\x80000001'), pl.terms_name, p.facts_name
FROM placement pl JOIN person p ON p.id = pl.person AND {whose_p}
WHERE pl.state IN ('wished', 'placed') AND {whose} ORDER BY pl.person, pl.created_at"""
_TERMS = "SELECT terms_name AS name, terms::text AS said FROM placement WHERE id = ANY ($1::uuid[])"
_FACTS = "SELECT facts_name AS name, facts::text AS said FROM person WHERE id = ANY ($1::uuid[])"

#: The decisions that stand about them.
_STANDS = """
SELECT de.placement, de.id, de.outcome, de.holds_until, de.on_day, de.case_hash, de.rules_hash
FROM decision de WHERE de.current AND de.placement IS NOT NULL AND {whose}"""

_STRETCH = "{column} >= $1 AND {column} <= $2"
_THESE = "{column} = ANY ($1::uuid[])"
_LAST = UUID(int=(1 << 128) - 1)

#: Placements to be decided about. $1 the rules that count, $2 today, $3 the next day on which others do (NULL: none planned).
_DUE = "SELECT de.placement FROM decision de WHERE de.current AND de.placement IS NOT NULL AND {due}"
_REASONS = (
    "de.rules_hash = $1 AND de.holds_until <= $2 AND $3::date IS NOT DISTINCT FROM $3",
    "(de.rules_hash < $1 OR de.rules_hash > $1) AND $2::date IS NOT NULL AND $3::date IS NOT DISTINCT FROM $3",
    "$1 <> '' AND $2::date IS NOT NULL AND (de.holds_until IS NULL OR de.holds_until > $3)",
)
_WHOSE = "SELECT DISTINCT person FROM placement WHERE id = ANY ($1::uuid[]) AND state IN ('wished', 'placed')"
_DECIDED_SINCE = """
DELETE FROM undecided u WHERE NOT EXISTS (
  SELECT FROM placement pl WHERE pl.person = u.person AND pl.state IN ('wished', 'placed')
    AND NOT EXISTS (SELECT FROM decision de WHERE de.placement = pl.id AND de.current))"""
_UNDECIDED = "SELECT DISTINCT person FROM undecided"
_NOTED = "DELETE FROM undecided u WHERE {whose}"

#: People from an id and before another (None: to the end), or these.
Whose = tuple[UUID, UUID | None] | list[UUID]


class Placed(NamedTuple):
    """A placement that counts: ``terms`` and ``facts`` (what its person states) are names of texts. A site of zeros is none."""

    id: bytes
    person: bytes
    site: bytes
    starts_on: int
    born_on: int
    terms: bytes
    facts: bytes


class Papers(NamedTuple):
    """A person's evidence, in the order in which it was recorded: of each piece the name of its pattern, its day as a number and
    its id with ``case_name.MARK`` before it; and all ids in a row."""

    names: tuple[bytes, ...]
    days: tuple[int, ...]
    ids: tuple[bytes, ...]
    together: bytes


async def placements(connection: asyncpg.Connection, people: Whose) -> list[Placed]:
    """Placements that count of a stretch of people, or of these people, in the order of people."""
    data = await _copied(connection, *_asked(_PLACEMENTS, people, "pl.person", "p.id"))
    return list(map(Placed._make, _PLACED.iter_unpack(memoryview(data)[_HEADER:-2])))


async def terms(connection: asyncpg.Connection, placements: Iterable[bytes]) -> dict[bytes, str]:
    """The terms of these placements, as JSON by the name of the text."""
    return await _texts(connection, _TERMS, placements)


async def facts(connection: asyncpg.Connection, people: Iterable[bytes]) -> dict[bytes, str]:
    """What is stated of these people, as JSON by the name of the text."""
    return await _texts(connection, _FACTS, people)


async def _texts(connection: asyncpg.Connection, sql: str, ids: Iterable[bytes]) -> dict[bytes, str]:
    return {row["name"].bytes: row["said"] for row in await connection.fetch(sql, [UUID(bytes=one) for one in ids])}


async def evidence(connection: asyncpg.Connection, people: Whose) -> Iterator[tuple[bytes, Papers]]:
    """Their evidence, in the order of people: ``(person, papers)`` for whoever has any."""
    return _papers(await _copied(connection, *_asked(_EVIDENCE, people, "e.person")))


def _papers(data: bytes) -> Iterator[tuple[bytes, Papers]]:
    at, end, fixed = _HEADER, len(data) - 2, _PERSON.unpack_from
    while at < end:
        person, long = fixed(data, at)
        at += _PERSON.size
        count = long // _PATTERN
        patterns, ids = _each(count)
        each = patterns(data, at)
        at += long + 4
        together = MARK + data[at : at + 20 * count - 4]
        yield person, Papers(each[::2], each[1::2], ids(together), together)
        at += 20 * count - 4


async def described(connection: asyncpg.Connection, ids: list[bytes]) -> list[asyncpg.Record]:
    """What these pieces of evidence are: ``pattern`` with all that it names, a row for each."""
    return list(await connection.fetch(_DESCRIBED, [UUID(bytes=one[4:]) for one in ids]))


async def looked_at(connection: asyncpg.Connection, people: Whose) -> None:
    """Take away the notes that these people may have no decision yet. Called before their placements are read."""
    sql, args = _asked(_NOTED, people, "u.person")
    await connection.execute(sql, *args)


async def standing(connection: asyncpg.Connection, people: Whose) -> dict[bytes, asyncpg.Record]:
    """The decisions that stand about these people, by placement."""
    sql, args = _asked(_STANDS, people, "de.person")
    return {row["placement"].bytes: row for row in await connection.fetch(sql, *args)}


async def due(connection: asyncpg.Connection, rules_hash: str, today: date, next_switch: date | None) -> list[UUID]:
    """People with a decision whose day has come or that was taken under other rules, and with a placement without one."""
    placements: set[UUID] = set()
    for reason in _REASONS if next_switch else _REASONS[:2]:
        rows = await connection.fetch(_DUE.format(due=reason), rules_hash, today, next_switch)
        placements.update(row["placement"] for row in rows)
    await connection.execute(_DECIDED_SINCE)
    people = [*await connection.fetch(_WHOSE, list(placements)), *await connection.fetch(_UNDECIDED)]
    return sorted({row["person"] for row in people})


def _asked(sql: str, people: Whose, column: str, other: str = "") -> tuple[str, tuple[Any, ...]]:
    whose: str = _THESE
    args: tuple[Any, ...] = (people,)
    if isinstance(people, tuple):  # said of each table, so that each is read along its own index
        first, before = people
        whose, args = _STRETCH, (first, UUID(int=before.int - 1) if before else _LAST)
    return sql.replace("{whose}", whose.replace("{column}", column)).replace("{whose_p}", whose.replace("{column}", other)), args


async def _copied(connection: asyncpg.Connection, sql: str, args: tuple[Any, ...]) -> bytes:
    into = io.BytesIO()
    await connection.copy_from_query(sql, *args, output=into, format="binary")
    return into.getvalue()


#: How a binary copy begins; then each row is the number of its fields and, for each, its length before it.
_HEADER = 19
_PERSON = Struct(">2x4x16si")
_PLACED = Struct(">2x4x16s4x16s4x16s4xi4xi4x16s4x16s")
_PATTERN = 20


@cache
def _each(count: int) -> tuple[Callable[..., tuple[Any, ...]], Callable[..., tuple[Any, ...]]]:
    """How so many patterns are read, and so many ids."""
    return Struct(">" + "16si" * count).unpack_from, Struct("20s" * count).unpack


@cache
def day_of(number: int) -> date | None:
    """The day with this number (``case_name.number_of``)."""
    if number == NO_DAY:
        return None
    return date.min if number == -(2**31) else date.max if number == 2**31 - 1 else date.fromordinal(number + DAY_ZERO)
