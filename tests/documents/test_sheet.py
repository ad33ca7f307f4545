"""A signed statement on paper: accessible and archival, the same bytes each time, and nothing in it is read as markup."""

from __future__ import annotations

import io
import re
from datetime import date

import msgspec
import pikepdf
import pypdfium2

from staffing.documents.conformance import faults
from staffing.documents.render import sheet_pdf
from staffing.documents.sheet import Sheet, SheetPart, SheetTable, Signature, html_of

DIGEST = "0123456789abcdef" * 4
SHEET = Sheet(
    district="Alder Unified",
    number="Statement 2026-Q3, version 1",
    title="Nobody is displaced",
    lead="11 placements were compared with 3 position actions.",
    made_on=date(2026, 11, 24),
    digest=DIGEST,
    digest_of="The SHA-256 of the content.",
    facts=(("Days", "July 1, 2026 through September 30, 2026"),),
    parts=(
        SheetPart(
            heading="By classification",
            paragraphs=("Zeros are shown on purpose.",),
            table=SheetTable(
                caption="Counts",
                head=("Classification", "Cut"),
                rows=(("Library aide", "1"), ("All", "1")),
                numbers=1,
                strong=(1,),
            ),
        ),
        SheetPart(heading="Clauses", lines=("T1.9: Nobody is displaced",)),
    ),
    signatures=(
        Signature(side="For the district", who="Ada Invented", office="Superintendent", on=date(2026, 11, 24)),
        Signature(side="For the union"),
    ),
    invented=True,
)


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def test_a_sheet_is_an_accessible_archival_pdf_and_the_same_bytes_each_time():
    pdf = sheet_pdf(SHEET)
    assert faults(pdf) == []
    assert sheet_pdf(SHEET) == pdf


def test_it_says_who_signed_who_has_not_and_by_what_to_check_it():
    said = re.sub(r"\s+", " ", words(sheet_pdf(SHEET)))
    for part in ("Ada Invented", "Superintendent", "on November 24, 2026", "Not signed yet", "Invented for the demonstration"):
        assert part in said
    assert DIGEST in said.replace(" ", "")
    assert "Page 1 of" in said


def test_its_digest_is_in_its_metadata_too():
    with pikepdf.open(io.BytesIO(sheet_pdf(SHEET))) as document:
        assert f"sha256:{DIGEST}" in document.Root.Metadata.read_bytes().decode()


def test_long_tables_go_on_over_pages_with_their_head_repeated():
    rows = tuple((f"Classification {n}", "0") for n in range(120))
    table = SheetTable(caption="Counts", head=("Classification", "Cut"), rows=rows, numbers=1)
    pdf = sheet_pdf(msgspec.structs.replace(SHEET, parts=(SheetPart(heading="All", table=table),)))
    document = pypdfium2.PdfDocument(pdf)
    heads = sum("Cut" in page.get_textpage().get_text_range() for page in document)
    document.close()
    assert heads >= 3
    assert faults(pdf) == []


def test_nothing_in_a_sheet_is_read_as_markup():
    html = html_of(msgspec.structs.replace(SHEET, title="<b>Nobody</b>", lead='<img src="http://127.0.0.1:9/x">'))
    assert "&lt;b&gt;Nobody" in html
    assert "<img" not in html
