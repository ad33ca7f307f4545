"""A signed statement on paper: letter pages with headings, plain sentences, tables, who signed, and a digest to check it by."""

from __future__ import annotations

from datetime import date

import msgspec

from staffing.documents import sources
from staffing.documents.badge import long_date


class SheetTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table of text. ``numbers`` is the first column that holds numbers (set to the right); ``strong`` are rows set in bold."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: int = 99
    strong: tuple[int, ...] = ()


class SheetPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a sheet: a heading, sentences, and a table if it has one. ``lines`` are short items set as a list."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    table: SheetTable | None = None


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """Who signed for a side, in which office, on which day; empty where nobody has."""

    side: str
    who: str = ""
    office: str = ""
    on: date | None = None


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """Everything printed on a sheet. ``number`` is what people call it; ``digest`` is the SHA-256 that it can be checked by."""

    district: str
    number: str
    title: str
    lead: str
    made_on: date
    digest: str
    digest_of: str
    parts: tuple[SheetPart, ...] = ()
    signatures: tuple[Signature, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    invented: bool = False


def html_of(sheet: Sheet) -> str:
    """The page WeasyPrint lays out. Pure: the same sheet gives the same text."""
    return (
        sources.environment()
        .get_template("sheet.html")
        .render(sheet=sheet, long_date=long_date, digest=[sheet.digest[n : n + 16] for n in range(0, len(sheet.digest), 16)])
    )
