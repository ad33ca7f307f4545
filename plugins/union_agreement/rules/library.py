"""Agreements by id or written out: the samples that ship, those of a case, and the law that is always on."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from staffing.api import Invalid, Problems, YamlSection, read

from .agreement import Agreement
from .reader import Reader, agreement, digest_of

SAMPLES = Path(__file__).resolve().parents[1] / "samples"


@functools.cache
def samples() -> dict[str, Agreement]:
    """The sample agreements by id."""
    found = {}
    for file in sorted(SAMPLES.glob("*.yaml")):
        one = agreement(read(file.read_text(encoding="utf-8"), file.name), file.name)
        found[one.id] = one
    return found


def resolve(named: Sequence[Any], file: str = "agreements") -> tuple[Agreement, ...]:
    """The agreements of a case: ids of samples, or written out. Each is followed by its base agreement.

    Raises ``Invalid`` with every mistake, with file and line where it was read from a file.
    """
    problems = Problems(file)
    found: list[Agreement] = []
    known: set[str] = set()
    for one in named:
        made = _one(one, problems, known)
        for each in (made, made.base if made else None):
            if each is not None:
                found.append(each)
                known.update(clause.id for clause in each.clauses)
    _overlapping(found, problems, named)
    problems.raise_if_any()
    return tuple(found)


def _one(value: Any, problems: Problems, known: Iterable[str]) -> Agreement | None:
    if isinstance(value, str):
        held = samples().get(value)
        if held is None:
            names = ", ".join(sorted(samples()))
            problems.add(1, f"There is no agreement '{value}' here. Write it out, or name one of the samples: {names}.")
        return held
    if not isinstance(value, YamlSection) and isinstance(value, Mapping):
        return _parsed(value, known, problems)
    return Reader(problems, known).agreement(value)


_read: dict[tuple[str, frozenset[str]], Agreement] = {}
_KEPT = 256


def _parsed(value: Mapping[str, Any], known: Iterable[str], problems: Problems) -> Agreement | None:
    """An agreement out of plain data, read once: the same one is decided by for many people."""
    key = (digest_of(value), frozenset(known))
    held = _read.get(key)
    if held is None:
        own = Problems(problems.file)
        made = Reader(own, known).agreement(value)
        if made is None or own.found:
            problems.found.extend(own.found)
            return made
        if len(_read) >= _KEPT:
            _read.clear()
        held = _read[key] = made
    return held


def _overlapping(found: Sequence[Agreement], problems: Problems, named: Sequence[Any]) -> None:
    lines = {id_of(one): one.line for one in named if isinstance(one, YamlSection)}
    for second, says in overlapping(found):
        problems.add(lines.get(second.id, 1), says)


def is_master(one: Agreement) -> bool:
    """Whether it is the agreement of its units, and no letter or memorandum beside one."""
    return one.kind.value in {"cba", "collaborative_conferencing_mou"}


def overlapping(found: Iterable[Agreement]) -> Iterator[tuple[Agreement, str]]:
    """Two master agreements for one unit on one day cannot both be right: the second of each pair, and a sentence."""
    masters = [one for one in found if is_master(one)]
    for n, first in enumerate(masters):
        for second in masters[n + 1 :]:
            both = sorted(set(first.units) & set(second.units))
            if both and first.id != second.id and _meet(first, second):
                yield (
                    second,
                    f"{first.id} and {second.id} are both in effect for {', '.join(both)}, on some of the same days. "
                    "End one before the other begins, or make one a side letter of the other.",
                )


def id_of(value: Any) -> str:
    """The id of an agreement as it is named or written."""
    return str(value.get("id") or "") if isinstance(value, Mapping) else str(value)


def _meet(first: Agreement, second: Agreement) -> bool:
    ends = [one.ends.on for one in (first, second)]
    return (ends[0] is None or second.since <= ends[0]) and (ends[1] is None or first.since <= ends[1])


__all__ = ["Invalid", "id_of", "resolve", "samples"]
