"""The text layer of a PDF: what is written on its pages, as far as they are not pictures."""

from __future__ import annotations

import threading
from typing import Any

from staffing.core.errors import Invalid

#: PDFium is not made for several threads at once.
_one_at_a_time = threading.Lock()


def pages(pdf: bytes) -> list[str]:
    """The text of each page, '' for one that is a picture. Slow: call it in a thread. Raises ``Invalid`` for a damaged file."""
    import pypdfium2

    with _one_at_a_time:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError as exc:
            damaged = "The PDF does not open: the file is damaged. Save it again, or take a photo of the paper."
            raise Invalid(damaged, {"file": damaged}) from exc
        try:
            return [_text_on(page) for page in document]
        finally:
            document.close()


def _text_on(page: Any) -> str:
    text = page.get_textpage()
    try:
        return str(text.get_text_range())
    finally:
        text.close()
        page.close()
