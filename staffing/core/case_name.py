"""The name of a case: the same for the same values, another for any other. A decision carries the name of its case.

It is put together from names of parts (the work; each piece of evidence besides its id and day), so that whoever decides about
many people in the same work, with papers that are alike, names each part once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cache
from struct import Struct
from typing import Any

import msgspec

from staffing.core.case import Case
from staffing.core.evidence import Evidence

_encode = msgspec.json.Encoder(order="deterministic").encode

#: The day that ``number_of`` gives 0, and what it gives for none.
DAY_ZERO = date(2000, 1, 1).toordinal()
NO_DAY = -(2**31) + 1
#: What comes before each id that is a number: its length in four bytes. No JSON begins with it.
MARK = b"\0\0\0\x10"
_LENGTH = 36
_STORED = re.compile("(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})*")


def of(case: Case) -> str:
    """The name of a case, 32 hexadecimal digits. The order of facts does not matter, that of evidence does."""
    pieces = [of_piece(piece) for piece in case.evidence]
    ids = ids_together([piece.id for piece in case.evidence])
    return put_together(of_work(case), of_person(case.person), [n for n, _ in pieces], [d for _, d in pieces], ids)


def put_together(work: bytes, person: bytes, pieces: Sequence[bytes], days: Sequence[int], ids: bytes) -> str:
    """The name from its parts: ``of_work``, ``of_person``, ``of_piece`` of each piece, ``ids_together``."""
    count = len(pieces)
    return hashlib.sha256(b"".join((work, person, _counted(count), *pieces, _days(count)(*days), ids))).digest()[:16].hex()


def of_work(case: Case) -> bytes:
    """The name of a case besides person and evidence, with the start after it."""
    starts_on, placement = _day_apart(case.placement, "starts_on")
    bare = msgspec.structs.replace(case, person={}, evidence=(), placement=placement)
    return hashlib.sha256(_encode(bare)).digest() + day(starts_on)


def of_person(facts: dict[str, Any]) -> bytes:
    """What is stated of a person: the day of birth and, as JSON, the rest."""
    born_on, others = _day_apart(facts, "born_on")
    return day(born_on) + _encode(others)


def of_piece(evidence: Evidence) -> tuple[bytes, int]:
    """The name of a piece of evidence besides its id and its day; and the number of that day, of issue or else of request."""
    if (told := evidence.issued_on) is not None:
        mark, bare = b"issued", msgspec.structs.replace(evidence, id=None, issued_on=None)
    else:
        told = evidence.requested_on
        mark, bare = b"asked", msgspec.structs.replace(evidence, id=None, requested_on=None)
    return hashlib.sha256(mark + _encode(bare)).digest()[:16], number_of(told)


def number_of(value: date | None) -> int:
    """A day as a number of four bytes: days since 2000-01-01, as PostgreSQL counts. Its two without end are Python's first and
    last; no day has a number that PostgreSQL gives none."""
    if value is None:
        return NO_DAY
    return -(2**31) if value == date.min else 2**31 - 1 if value == date.max else value.toordinal() - DAY_ZERO


@cache
def _counted(count: int) -> bytes:
    return b"\n%d\n" % count


@cache
def _days(count: int) -> Callable[..., bytes]:
    return Struct(f">{count}i").pack


def day(value: date | None) -> bytes:
    """A day, or that none is told, in ten bytes."""
    return b"    none  " if value is None else value.isoformat().encode()


def ids_together(ids: Sequence[str | None]) -> bytes:
    """Ids of evidence: where all are those of stored rows, 16 bytes each with ``MARK`` before them; else as JSON."""
    texts = [name for name in ids if name is not None and len(name) == _LENGTH]
    if len(texts) == len(ids) and _STORED.fullmatch("".join(texts)):
        return b"".join([MARK + bytes.fromhex(name.replace("-", "")) for name in texts])
    return _encode(ids)


def _day_apart(facts: dict[str, Any], name: str) -> tuple[date | None, dict[str, Any]]:
    """A fact that is a day, and the others. Any other value stays with the others."""
    value = facts.get(name)
    if not isinstance(value, date) or isinstance(value, datetime):
        return None, facts
    return value, {other: held for other, held in facts.items() if other != name}
