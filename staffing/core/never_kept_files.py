"""Lists and other text files: what in them is never kept, and in which line.

In a list the word stands at the head of a column and the numbers below it, so a list is also read by its columns.
"""

from __future__ import annotations

import codecs
import csv
import io
import re

from staffing.core.never_kept import Kind, private_in

#: Bytes in which something that is no text shows itself.
_HEAD = 4096
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NOT_TEXT = (b"%PDF", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")
_DELIMITERS = ",;\t|"
#: Heads of columns whose numbers are never kept, and what stands below them.
_COLUMNS = (
    (
        Kind.SSN,
        re.compile(r"ssn|socialsecurity|socsec|soc_?sec|seguro_?social|itin|taxid|ss_?(?:no|num|number)|social"),
        re.compile(r"\s*\d{3}\D?\d{2}\D?\d{4}\s*"),
    ),
    (
        Kind.LICENCE,
        re.compile(r"driver.?s?licen[cs]e(?:no|num|number|id)?|dl(?:no|num|number)?|driver.?s?lic(?:no|num|number)?"),
        re.compile(r"(?=.*\d.*\d.*\d.*\d)[A-Za-z0-9 *-]{5,20}"),
    ),
)


def text_in(data: bytes) -> str | None:
    """A file's text, in whichever way it is written; None for what is no text."""
    if data.startswith(_NOT_TEXT):
        return None
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if b"\0" in data[:_HEAD]:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def private_in_text_file(text: str) -> tuple[Kind, int] | None:
    """The first thing in a file's text that is never kept, and its line (from 1); None if there is nothing."""
    if found := private_in(text):
        return found[0].kind, text.count("\n", 0, found[0].start) + 1
    return _by_column(text)


def _by_column(text: str) -> tuple[Kind, int] | None:
    head = text.lstrip().partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    if not any(pattern.search(_joined(head)) for _, pattern, _ in _COLUMNS):
        return None
    try:
        rows = csv.reader(io.StringIO(text.lstrip(), newline=""), delimiter=delimiter)
        titles = [_joined(cell) for cell in next(rows)]
        watched = [
            (place, kind, shape)
            for place, title in enumerate(titles)
            for kind, pattern, shape in _COLUMNS
            if pattern.fullmatch(title)
        ]
        for row in rows:
            for place, kind, shape in watched:
                if place < len(row) and shape.fullmatch(row[place].strip()):
                    return kind, rows.line_num
    except (csv.Error, StopIteration):
        pass
    return None


def _joined(title: str) -> str:
    return re.sub(r"[\s#.:'’\"-]+", "", title).lower().strip("_").replace("_", "")
