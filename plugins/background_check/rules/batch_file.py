"""Lists of orders as CSV files: one goes out, another is read back so strictly that a shifted column clears nobody.

Pure. A line is known by our reference alone; the names must agree with it, and never find anybody by themselves.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

import msgspec

from staffing.api import Invalid, OrderStatus, Result, private_in

#: The columns of a list that goes out; the date of birth only where the account says so.
OUT = ("our_reference", "family_name", "given_name", "package")
BORN = "born_on"
#: The columns of a list that comes back: these, in this order, and no others.
IN = ("our_reference", "family_name", "given_name", "status", "completed_on")
LARGEST = 2_000_000
MOST_LINES = 20_000
#: Mistakes that are listed before the rest is only counted.
_SHOWN = 20

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_DAYS = ("%Y-%m-%d", "%m/%d/%Y")
#: What an account may say that a word means.
MEANINGS: dict[str, tuple[OrderStatus, Result | None]] = {
    "clear": (OrderStatus.COMPLETE, Result.CLEAR),
    "record_found": (OrderStatus.COMPLETE, Result.RECORD_FOUND),
    "unable": (OrderStatus.COMPLETE, Result.UNABLE),
    "in_progress": (OrderStatus.IN_PROGRESS, None),
    "awaiting_subject": (OrderStatus.AWAITING_SUBJECT, None),
    "canceled": (OrderStatus.CANCELED, None),
}
#: What a word means that the account does not name: a person has to look, and nobody is cleared by it.
UNKNOWN = "unknown_word"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a list that came back. ``number`` is the line of the file, as a text editor counts."""

    number: int
    reference: UUID
    family_name: str
    given_name: str
    word: str
    completed_on: date | None


class Meant(msgspec.Struct, frozen=True, kw_only=True):
    """What a word means for an order."""

    status: OrderStatus
    result: Result | None
    detail: str = ""


def cell(text: str) -> str:
    """A text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) else text


def _bare(text: str) -> str:
    """A cell as it was before ``cell``."""
    text = text.strip()
    return text[1:] if text.startswith("'") and text[1:].lstrip(" \u00a0").startswith(_FORMULA) else text


def written(rows: Iterable[Mapping[str, str]], *, birth_dates: bool) -> str:
    """A list that goes out, as CSV (RFC 4180, with the mark by which spreadsheets know UTF-8)."""
    columns = (*OUT[:3], BORN, OUT[3]) if birth_dates else OUT
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([cell(row[name]) for name in columns] for row in rows)
    return "\ufeff" + out.getvalue()


def read_words(text: str) -> dict[str, str]:
    """The words of a provider and what they mean, from an account's setting. Raises ``Invalid`` with each line that is wrong."""
    found: dict[str, str] = {}
    wrong = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        word, equals, meaning = (part.strip() for part in line.partition("="))
        meaning = meaning.casefold().replace(" ", "_")
        if not equals or not word:
            wrong.append(f"Line {number}: write a word, an equals sign and what it means, such as “Green = clear”.")
        elif meaning not in MEANINGS:
            wrong.append(f"Line {number}: “{meaning}” is none of {', '.join(MEANINGS)}.")
        elif found.get(word.casefold(), meaning) != meaning:
            wrong.append(f"Line {number}: “{word}” has another meaning above.")
        else:
            found[word.casefold()] = meaning
    if not found and not wrong:
        wrong.append("Say what the provider’s words mean, one a line, such as “Green = clear”.")
    if wrong:
        raise Invalid(" ".join(wrong), {"words": " ".join(wrong)})
    return found


def meant(word: str, words: Mapping[str, str]) -> Meant:
    """What a provider's word means. One that nobody named is a check that could not be finished, for a person to look at."""
    named = words.get(word.strip().casefold())
    if named is None:
        return Meant(status=OrderStatus.COMPLETE, result=Result.UNABLE, detail=UNKNOWN)
    status, result = MEANINGS[named]
    return Meant(status=status, result=result)


def read_list(data: bytes, words: Mapping[str, str]) -> list[Line]:
    """The lines of a list that came back. Raises ``Invalid`` with every mistake, by line and column; then nothing is read."""
    rows = _rows(data)
    if not rows:
        raise Invalid(f"The file is empty. Its first line names the columns: {', '.join(IN)}.")
    _header(rows[0][1])
    wrong: list[str] = []
    lines: list[Line] = []
    seen: dict[UUID, int] = {}
    for number, cells in rows[1:]:
        if not any(one.strip() for one in cells):
            continue
        line = _line(number, cells, words, wrong)
        if line is None:
            continue
        if line.reference in seen:
            wrong.append(f"Line {number}: the reference {line.reference} stands on line {seen[line.reference]} already.")
        seen.setdefault(line.reference, number)
        lines.append(line)
    if wrong:
        more = f" There are {len(wrong) - _SHOWN} more mistakes." if len(wrong) > _SHOWN else ""
        raise Invalid("Nothing of the list was taken.\n" + "\n".join(wrong[:_SHOWN]) + more)
    if not lines:
        raise Invalid("The list has no line besides the names of its columns. Nothing was taken.")
    return lines


def _rows(data: bytes) -> list[tuple[int, list[str]]]:
    if len(data) > LARGEST:
        raise Invalid(f"The file is larger than {LARGEST // 1_000_000} MB. Split the list.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("The file is not a UTF-8 text. Save it as CSV (UTF-8) and choose it again.") from None
    if "\0" in text:
        raise Invalid("The file is no CSV text. Save the list as CSV (UTF-8) and choose it again.")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
    begins = 1
    try:
        for cells in reader:
            rows.append((begins, cells))
            begins = reader.line_num + 1
            if len(rows) > MOST_LINES + 1:
                raise Invalid(f"The list has more than {MOST_LINES:,} lines. Split it.")
    except csv.Error as error:
        raise Invalid(f"Line {reader.line_num} cannot be read as CSV ({error}). Nothing was taken.") from None
    return rows


def _header(names: list[str]) -> None:
    found = [name.strip().casefold().replace(" ", "_") for name in names]
    if tuple(found) == IN:
        return
    wanted = f"The first line has to be: {','.join(IN)}."
    if len(found) == 1 and any(mark in names[0] for mark in ";\t|"):
        raise Invalid(f"Line 1: the columns are not parted by commas. Save the list as CSV with commas. {wanted}")
    wrong = []
    for place, name in enumerate(found, 1):
        expected = IN[place - 1] if place <= len(IN) else None
        if name == expected:
            continue
        shown = name or "no name"
        if name in IN:
            wrong.append(f"column {place} is {shown}, which belongs in column {IN.index(name) + 1}")
        else:
            belongs = f"“{expected}” belongs there" if expected else "there is no such column"
            wrong.append(f"column {place} is “{shown}”: {belongs}")
    missing = [name for name in IN if name not in found]
    if missing:
        wrong.append(f"missing: {', '.join(missing)}")
    raise Invalid(
        f"Line 1: {'; '.join(wrong)}. {wanted} Nothing was taken. Other columns are left out on purpose: what a report says is "
        "never kept here."
    )


def _line(number: int, cells: list[str], words: Mapping[str, str], wrong: list[str]) -> Line | None:
    if len(cells) != len(IN):
        wrong.append(f"Line {number}: it has {len(cells)} cells and there are {len(IN)} columns, so something is shifted.")
        return None
    before = len(wrong)
    values = [_bare(one) for one in cells]
    for place, (name, value) in enumerate(zip(IN, values, strict=True), 1):
        if name != "our_reference" and private_in(value):
            wrong.append(f"Line {number}, column {place} ({name}): it seems to hold what is never kept here. Take it out.")
    reference = _reference(number, values[0], wrong)
    for place in (2, 3):
        if not values[place - 1]:
            wrong.append(
                f"Line {number}, column {place} ({IN[place - 1]}): it is empty. The name has to agree with the reference."
            )
    word = values[3]
    if not word:
        wrong.append(f"Line {number}, column 4 (status): it is empty.")
    day = _day(number, values[4], wrong)
    if word and day is None and not values[4] and meant(word, words).status is OrderStatus.COMPLETE:
        wrong.append(f"Line {number}, column 5 (completed_on): “{word}” needs the day on which it was done.")
    if len(wrong) > before or reference is None:
        return None
    return Line(number=number, reference=reference, family_name=values[1], given_name=values[2], word=word, completed_on=day)


def _reference(number: int, text: str, wrong: list[str]) -> UUID | None:
    if not text:
        wrong.append(
            f"Line {number}, column 1 (our_reference): it is empty. Two people may have one name, so nobody is found by it."
        )
        return None
    try:
        return UUID(text)
    except ValueError:
        wrong.append(f"Line {number}, column 1 (our_reference): “{text[:40]}” is none of our references.")
        return None


def _day(number: int, text: str, wrong: list[str]) -> date | None:
    if not text:
        return None
    for form in _DAYS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day, not a moment
        except ValueError:
            continue
    wrong.append(f"Line {number}, column 5 (completed_on): “{text[:40]}” is no day. Write 2027-06-30 or 06/30/2027.")
    return None


def same_name(line: Line, given: str, family: str) -> bool:
    """Whether a line's names agree with a person's: a word of each part is the same, whatever its accents and case."""
    return bool(_words(line.given_name) & _words(given)) and bool(_words(line.family_name) & _words(family))


def _words(name: str) -> set[str]:
    plain = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return set("".join(letter if letter.isalnum() else "" if letter in "'’ʼ`." else " " for letter in kept).split())
