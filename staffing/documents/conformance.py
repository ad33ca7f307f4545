"""Is a PDF what PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1) ask for? The part of it a program can see quickly.

This is a smoke check in a few milliseconds that runs on every badge made in the tests; it does not replace veraPDF.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf

_SCRIPTED = ("/JavaScript", "/JS", "/Launch", "/SubmitForm", "/ImportData")
_EMBEDDED = ("/FontFile", "/FontFile2", "/FontFile3")


def faults(pdf: bytes) -> list[str]:
    """A sentence for everything that is wrong; an empty list for a sound file. Raises nothing for a damaged one."""
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            return [
                *_syntax(document),
                *_catalog(document),
                *_metadata(document),
                *_pages(document),
                *_figures(document),
                *_fonts(document),
            ]
    except (pikepdf.PdfError, AttributeError, KeyError, TypeError, ValueError) as exc:
        return [f"The file cannot be read as a PDF: {exc}."]


def _syntax(document: pikepdf.Pdf) -> Iterator[str]:
    for problem in document.check_pdf_syntax():
        yield f"The file has a syntax problem: {problem}."
    for item in document.objects:
        if isinstance(item, pikepdf.Dictionary) and any(key in item or item.get("/S") == key for key in _SCRIPTED):
            yield "It contains a script or an action that leaves the document."
            return


def _catalog(document: pikepdf.Pdf) -> Iterator[str]:
    root: Any = document.Root
    if not _flag(root, "/MarkInfo", "/Marked"):
        yield "It is not marked as tagged (MarkInfo/Marked)."
    if not str(root.get("/Lang", "")):
        yield "It names no language (Lang)."
    if "/StructTreeRoot" not in root:
        yield "It has no structure tree."
    elif "/ParentTree" not in root.StructTreeRoot:
        yield "Its structure tree cannot be found from the pages (ParentTree)."
    if not _flag(root, "/ViewerPreferences", "/DisplayDocTitle"):
        yield "Its title is not shown in the window (DisplayDocTitle)."
    if not list(root.get("/OutputIntents", [])):
        yield "It has no output intent, so its colours are undefined."


def _flag(root: Any, group: str, name: str) -> bool:
    return group in root and bool(root[group].get(name, False))


def _metadata(document: pikepdf.Pdf) -> Iterator[str]:
    if "/Metadata" not in document.Root:
        yield "It has no metadata."
        return
    xmp = document.Root.Metadata.read_bytes().decode("utf-8", "replace")
    if xmp.count("<rdf:RDF") != 1:
        yield "Its metadata has more than one RDF block; readers see the first only."
    if not re.search(r"pdfaid:part>\s*3|pdfaid:part=\"3\"", xmp) or not re.search(
        r"pdfaid:conformance>\s*A|pdfaid:conformance=\"A\"", xmp
    ):
        yield "It does not say that it is PDF/A-3a."
    if not re.search(r"pdfuaid:part>\s*1|pdfuaid:part=\"1\"", xmp):
        yield "It does not say that it is PDF/UA-1."
    if not re.search(r"<dc:title>.*?<rdf:li[^>]*>\s*\S", xmp, re.DOTALL):
        yield "It has no title."


def _pages(document: pikepdf.Pdf) -> Iterator[str]:
    for number, page in enumerate(document.pages, 1):
        if page.obj.get("/Tabs") != pikepdf.Name.S:
            yield f"Page {number} does not follow the structure with the Tab key (Tabs)."
        if "/StructParents" not in page.obj:
            yield f"Page {number} is not tied to the structure tree (StructParents)."


def _figures(document: pikepdf.Pdf) -> Iterator[str]:
    for element in _elements(document.Root.get("/StructTreeRoot")):
        if element.get("/S") == pikepdf.Name.Figure and not str(element.get("/Alt", "")).strip():
            yield "A picture has no alternative text."


def _elements(element: Any) -> Iterator[pikepdf.Dictionary]:
    waiting = [element]
    while waiting:
        element = waiting.pop()
        if isinstance(element, pikepdf.Array):
            waiting.extend(element)
        elif isinstance(element, pikepdf.Dictionary):
            if "/S" in element:
                yield element
            if "/K" in element:
                waiting.append(element.K)


def _fonts(document: pikepdf.Pdf) -> Iterator[str]:
    found = False
    for item in document.objects:
        if not isinstance(item, pikepdf.Dictionary) or item.get("/Type") != pikepdf.Name.Font:
            continue
        name = str(item.get("/BaseFont", "?")).lstrip("/")
        if "/ToUnicode" not in item and item.get("/Subtype") == pikepdf.Name.Type0:
            yield f"The letters of the font {name} cannot be copied or read aloud (ToUnicode)."
        if "/DescendantFonts" in item:  # the font file is in the descendant
            continue
        found = True
        if not any(key in item.get("/FontDescriptor", {}) for key in _EMBEDDED):
            yield f"The font {name} is not embedded."
    if not found:
        yield "It contains no text."
