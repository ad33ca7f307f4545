"""What is never kept, in any field, note, upload, log or message, and how it is recognised in text.

Three kinds: a Social Security (or taxpayer) number, a driver's licence number, and the words of a criminal-history report. The
doors (forms, uploads, lists, events, logs, the journal) ask here, and either refuse the text with a sentence or keep it without
them.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from staffing.core.errors import Invalid
from staffing.core.never_kept_fold import folded, with_places
from staffing.core.never_kept_numbers import Span, licences, social_security
from staffing.core.never_kept_reports import is_answer, is_report


class Kind(enum.StrEnum):
    """What was recognised."""

    SSN = "ssn"
    LICENCE = "licence"
    REPORT = "report"


class Private(msgspec.Struct, frozen=True):
    """Something that is never kept, and where it stands in the text. A report's words are the whole text."""

    kind: Kind
    start: int
    end: int


#: What people are told each of them is.
NAMES: dict[Kind, str] = {
    Kind.SSN: "a Social Security number",
    Kind.LICENCE: "a driver’s licence number",
    Kind.REPORT: "what a criminal record says",
}
#: What stands in a text where something was taken out; the scanner reads it as nothing.
MARKS: dict[Kind, str] = {kind: f"[{name}, not kept]" for kind, name in NAMES.items()}
_ESCAPES = re.compile(r"\\[nrt\"\\]")
#: Less than this is no number of any kind.
_FOUR_DIGITS = re.compile(r"\d(?:\W{0,3}\d){3}")
_FOLDED_MARKS = tuple(folded(mark) for mark in MARKS.values())


def private_in(text: str) -> tuple[Private, ...]:
    """Everything in a text that is never kept, in order, without overlaps."""
    read = _unmarked(folded(text))
    if is_report(read):
        return (Private(Kind.REPORT, 0, len(text)),)
    if not _numbers(read):
        return ()
    read, places = with_places(text)
    return tuple(Private(kind, places[start], places[end - 1] + 1) for kind, (start, end) in _apart(_numbers(_unmarked(read))))


def _unmarked(read: str) -> str:
    """Marks are read as something that belongs to nothing, as long as they are."""
    if "not kept]" in read:
        for mark in _FOLDED_MARKS:
            read = read.replace(mark, "\0" * len(mark))
    return read


def _numbers(read: str) -> list[tuple[Kind, Span]]:
    if not _FOUR_DIGITS.search(read) and "wdl" not in read:  # Washington prints letters
        return []
    found = [(Kind.SSN, span) for span in social_security(read)]
    found += [(Kind.LICENCE, span) for span in licences(read)]
    return found


def _apart(found: list[tuple[Kind, Span]]) -> list[tuple[Kind, Span]]:
    """In order; of two that overlap one that covers both, as a Social Security number if either is one."""
    kept: list[tuple[Kind, Span]] = []
    for kind, (start, end) in sorted(found, key=lambda one: one[1]):
        if kept and start < kept[-1][1][1]:
            before, (first, last) = kept[-1]
            kept[-1] = (Kind.SSN if Kind.SSN in (kind, before) else kind, (first, max(last, end)))
        else:
            kept.append((kind, (start, end)))
    return kept


def redacted(text: str) -> str:
    """The text with everything that is never kept taken out and marked. What is left holds nothing more."""
    while found := private_in(text):
        for each in reversed(found):
            text = f"{text[: each.start]}{MARKS[each.kind]}{text[each.end :]}"
    return text


def redacted_values(value: Any) -> Any:
    """Plain values (texts, lists, maps, and whatever else) with every text in them ``redacted``."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, Mapping):
        return {redacted(name) if isinstance(name, str) else name: redacted_values(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted_values(each) for each in value]
    return value


def private_in_json(encoded: bytes) -> bool:
    """Whether the texts of a JSON text may hold what is never kept; True also where two of them only seem to, side by side."""
    return bool(private_in(_ESCAPES.sub(" ", encoded.decode())))


def criminal_record_paper(text: str) -> bool:
    """Whether a paper with this text is a criminal record, or the answer of the FBI or of a Department of Justice to a check."""
    read = folded(text)
    return is_answer(read) or is_report(read)


def refuse_private(text: str, what: str, field: str = "") -> None:
    """Raise ``Invalid`` with a sentence if a text holds what is never kept. ``what`` is what people call the text: "The note"."""
    found = private_in(text)
    if found:
        it = NAMES[found[0].kind]
        says = f"{what} seems to hold {it}. That is never kept here, so nothing was saved. Take it out and send again."
        raise Invalid(says, {field: says} if field else None)
