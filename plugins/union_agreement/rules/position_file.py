"""A CSV file of position actions: read strictly, each bad row in a sentence with its line. It is about positions, not people."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from staffing.api import Invalid, meant

from .position_row import Read, Row, identity, plain

COLUMNS = (
    "kind",
    "on",
    "until",
    "classification",
    "unit",
    "site",
    "positions",
    "hours_before",
    "hours_after",
    "duties",
    "cause",
)
NEEDED = ("kind", "on", "classification")
LARGEST = 1_000_000
MOST_ROWS = 5000
#: Words in the name of a column that would be about a person.
_OF_A_PERSON = re.compile(
    r"(^|_)(names?|first|firstname|middle|last|lastname|surname|given|family|initials|employees?|persons?|people|worker|staff|"
    r"incumbent|holder|member|id|ssn|social|security|e?mail|tele(phone)?|phone|mobile|birth|born|birthday|dob|age|address|gender|race)(_|$)"
)


class Bad(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a line, in a sentence."""

    line: int
    says: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it was read. ``notes`` are worth knowing and stop nothing."""

    digest: str
    rows: tuple[Read, ...]
    bad: tuple[Bad, ...]
    notes: tuple[Bad, ...] = ()


def text_of(data: bytes) -> str:
    """The text of an upload. Raises ``Invalid`` for what is no CSV text."""
    if len(data) > LARGEST:
        raise Invalid(
            f"The file is larger than {LARGEST // 1000} kB. Send the actions of one or two years, not the whole register."
        )
    if data[:2] == b"PK" or b"\0" in data[:2000]:
        raise Invalid("This is no CSV file. In the spreadsheet choose “Save as” and then “CSV UTF-8”.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("The letters of this file cannot be read. Save it as “CSV UTF-8” and choose it again.") from None


def tidy(text: str) -> str:
    """The same text with one kind of line end, so that a file is the same however it was sent."""
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def read_file(text: str, *, sites: Mapping[str, str], units: Collection[str], today: date) -> Report:
    """Read a whole file. ``sites`` are names by id, ``units`` the codes registered (none: any code).

    Raises ``Invalid`` for a file whose first line does not name the columns; wrong rows are in the report.
    """
    text = tidy(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    lines = _lines(text)
    columns = _columns(next(lines, (1, []))[1])
    known = {plain(name): (ident, name) for ident, name in sites.items()} | {
        ident: (ident, name) for ident, name in sites.items()
    }
    rows: list[Read] = []
    bad: list[Bad] = []
    notes: list[Bad] = []
    first: dict[tuple[Any, ...], int] = {}
    for count, (line, cells) in enumerate(lines, 1):
        if count > MOST_ROWS:
            raise Invalid(f"The file has more than {MOST_ROWS} rows. Send it in parts.")
        reader = Row(line, dict(zip(columns, cells, strict=False)), known, units, today)
        made = reader.read(len(cells), len(columns))
        if made is not None and made.identity in first:
            reader.wrong(
                f"It says the same as line {first[made.identity]}. "
                "If more than one position is meant, write how many under positions."
            )
        if reader.bad or made is None:
            bad.extend(Bad(line=line, says=says) for says in reader.bad)
            continue
        first[made.identity] = line
        rows.append(made)
        notes.extend(Bad(line=line, says=says) for says in reader.notes)
    return Report(digest=digest, rows=tuple(rows), bad=tuple(bad), notes=tuple(notes))


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    head = text.split("\n", 1)[0]
    mark = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    before = 0
    try:
        for cells in reader:
            line, before = before + 1, reader.line_num
            if any(cell.strip() for cell in cells):
                yield line, cells
    except csv.Error as error:
        raise Invalid(
            f"Line {reader.line_num} cannot be read: {error}. A text with a comma in it stands in quotation marks."
        ) from None


def _columns(cells: Sequence[str]) -> list[str]:
    """The names of the columns. Raises ``Invalid`` with everything that is wrong with them."""
    names = [re.sub(r"[\s-]+", "_", cell.strip().lower()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    wrong = []
    for name in names:
        if name in COLUMNS:
            continue
        if _OF_A_PERSON.search(name) and name not in {"site_name", "school_name"}:
            wrong.append(
                f"The column “{name}” is about a person. This register is about positions: it never holds a name, a number or an"
                " address of an employee. Take the column out of the file."
            )
        else:
            wrong.append(f"There is no column “{name}”. {meant(name, COLUMNS)}".strip())
    wrong += [f"The column “{name}” is there twice." for name in dict.fromkeys(names) if name and names.count(name) > 1]
    wrong += [f"The column “{name}” is missing." for name in NEEDED if name not in names]
    if wrong:
        raise Invalid(" ".join(["Nothing was read. The first line names the columns.", *wrong]))
    return names


def sorted_out(rows: Iterable[Read], held: Iterable[Mapping[str, Any]]) -> tuple[list[Read], list[tuple[Any, Read]], list[Read]]:
    """New rows, rows that say something else of an action on record (with its id), and rows that are on record as they are."""
    by_identity = {identity(one): one for one in held}
    new: list[Read] = []
    other: list[tuple[Any, Read]] = []
    same: list[Read] = []
    for row in rows:
        one = by_identity.get(row.identity)
        if one is None:
            new.append(row)
        elif (one["until"], one["positions"], tuple(one["duties"]), one["cause"]) == (
            row.until,
            row.positions,
            row.duties,
            row.cause,
        ):
            same.append(row)
        else:
            other.append((one["id"], row))
    return new, other, same


#: Two rows as they may be, under ``COLUMNS``: the template that people download.
EXAMPLES = (
    [
        "hours_cut",
        "2026-09-01",
        "",
        "Library aide",
        "classified_77",
        "",
        "2",
        "30",
        "22.5",
        "shelving; story_time",
        "enrolment_drop",
    ],
    ["vacancy", "2026-10-05", "", "Instructional aide", "classified_77", "", "1", "", "", "small_group_help", ""],
)
