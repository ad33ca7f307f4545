"""Tables as files: CSV that a spreadsheet opens as text, with no cell that it would take for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from litestar.response import Response

#: What a spreadsheet may take for the beginning of a formula, in either width.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def cell(value: Any) -> str:
    """A value as the text of a cell: days as ISO, nothing as '', and an apostrophe before what looks like a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    if isinstance(value, str) and text.lstrip(" \u00a0").startswith(_FORMULA):
        return f"'{text}"
    return text


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table as CSV (RFC 4180, with the mark by which spreadsheets know UTF-8)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)
    return "\ufeff" + out.getvalue()


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response[bytes]:
    """The same as a download. ``name`` is plain letters, digits and hyphens."""
    return Response(
        csv_text(columns, rows).encode(),
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"},
    )
