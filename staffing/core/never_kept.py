"""What is never kept, in any field, note, upload, log or message, and how it is recognised in text.

Three kinds: a Social Security number, a driver's licence number, and the words of a criminal-history report. The doors (forms,
uploads, lists, events, logs, the journal) ask here, and either refuse the text with a sentence or keep it without them.
"""

from __future__ import annotations

import enum
import re

import msgspec

from staffing.core.errors import Invalid


class Kind(enum.StrEnum):
    """What was recognised."""

    SSN = "ssn"
    LICENCE = "licence"
    REPORT = "report"


class Private(msgspec.Struct, frozen=True):
    """Something that is never kept, and where it stands in the text."""

    kind: Kind
    start: int
    end: int


#: What people are told each of them is.
NAMES: dict[Kind, str] = {
    Kind.SSN: "a Social Security number",
    Kind.LICENCE: "a driver’s licence number",
    Kind.REPORT: "what a criminal record says",
}

_SSN = re.compile(r"(?<![\dA-Za-z-])(?!000|666)\d{3}[-–  .](?!00)\d{2}[-–  .](?!0000)\d{4}(?![\dA-Za-z-])")


def private_in(text: str) -> tuple[Private, ...]:
    """Everything in a text that is never kept, in order, without overlaps."""
    return tuple(Private(Kind.SSN, found.start(), found.end()) for found in _SSN.finditer(text))


def redacted(text: str) -> str:
    """The text with everything that is never kept taken out and marked."""
    for found in reversed(private_in(text)):
        text = f"{text[: found.start]}[{NAMES[found.kind]}, not kept]{text[found.end :]}"
    return text


def refuse_private(text: str, what: str, field: str = "") -> None:
    """Raise ``Invalid`` with a sentence if a text holds what is never kept. ``what`` is what people call the text: "The note"."""
    found = private_in(text)
    if found:
        it = NAMES[found[0].kind]
        says = f"{what} seems to hold {it}. That is never kept here, so nothing was saved. Take it out and send again."
        raise Invalid(says, {field: says} if field else None)
