"""The only place that loads WeasyPrint: HTML in, PDF/A-3a and PDF/UA-1 out. Runs in a worker process (see ``render``).

WeasyPrint writes one conformance level per file, so the PDF/UA identification is put into the metadata afterwards, with
the extension schema PDF/A asks for (ISO 19005-3, 6.6.2.3). A document may load our own files (``asset:``) and inline
data; the network and the file system are refused, for style sheets too.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf

from staffing.core.errors import StaffingError, Unusable
from staffing.documents import sources

NO_PANGO = (
    "PDF files cannot be made because the text layout library Pango is not installed. "
    "Type: sudo apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core fonts-noto-cjk"
)

_UA = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource"><pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema><pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI><pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category><pdfaProperty:description>Indicates, which part of ISO 14289 standard is followed</pdfaProperty:description></rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""  # noqa: E501


class Refused(StaffingError):
    """A document asked for something it may not load, or could not be laid out as written."""

    status = 500
    title = "The document could not be made"


@cache
def _weasyprint() -> Any:
    """WeasyPrint, loaded once. Raises ``Unusable`` with the line to type if Pango is missing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import weasyprint
    except OSError as exc:  # cffi's dlopen; an absent package would be an ImportError and is a broken installation
        raise Unusable(NO_PANGO) from exc
    return weasyprint


def fetcher(assets: Path) -> Any:
    """What loads addresses for WeasyPrint: ``asset:NAME`` from one folder and ``data:``, nothing else.

    Must be given to ``HTML()`` and to ``CSS()``: a style sheet without it reads any file by ``@import``.
    """
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    root = assets.resolve()

    class AssetsOnly(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url.startswith("data:"):
                return super().fetch(url, headers)
            path = (root / url.removeprefix("asset:")).resolve()
            if not url.startswith("asset:") or not path.is_relative_to(root):
                raise ValueError(f"a document may not load {url}")
            kind = "image/svg+xml" if path.suffix == ".svg" else "application/octet-stream"
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    return AssetsOnly(allowed_protocols={"data"}, allow_redirects=False)


class Press:
    """Fonts and style sheets parsed once and shared by all documents of the process: 15 ms a badge instead of 55."""

    def __init__(self) -> None:
        self.weasyprint = _weasyprint()
        from weasyprint.text.fonts import FontConfiguration

        self.fonts = FontConfiguration()
        self.fetcher = fetcher(sources.folder())
        self._styles: dict[str, Any] = {}

    def style(self, name: str) -> Any:
        """The parsed style sheet of a document."""
        if name not in self._styles:
            with _nothing_refused():
                self._styles[name] = self.css(sources.text(name))
        return self._styles[name]

    def css(self, text: str) -> Any:
        """A parsed style sheet that can load our own files only."""
        return self.weasyprint.CSS(string=text, url_fetcher=self.fetcher, font_config=self.fonts)

    def pdf(self, html: str, *styles: Any) -> bytes:
        """Lay out and write one document.

        Raises ``Refused`` if it asks for anything it may not load, ``Unusable`` if no font has one of its letters.
        """
        with _nothing_refused(), warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # WeasyPrint 70 leaves the colour profile to the collector
            document = self.weasyprint.HTML(string=html, url_fetcher=self.fetcher).render(
                stylesheets=list(styles), font_config=self.fonts
            )
            archival: bytes = document.write_pdf(pdf_variant="pdf/a-3a")
        return accessible(archival)


@cache
def press() -> Press:
    """This process's press. Raises ``Unusable`` if Pango is missing."""
    return Press()


def accessible(pdf: bytes) -> bytes:
    """Add the PDF/UA-1 identification to a PDF/A-3a file. The same bytes in give the same bytes out."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        xmp = document.Root.Metadata.read_bytes()
        end = xmp.index(b"</rdf:RDF>")
        document.Root.Metadata = document.make_stream(
            xmp[:end] + _UA + xmp[end:], Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML
        )
        document.save(out, deterministic_id=True)
    return out.getvalue()


@contextlib.contextmanager
def _nothing_refused() -> Iterator[None]:
    """WeasyPrint only logs what it could not load or draw. Here that is an error: a badge is right or is not made."""
    said = _Collector()
    logger = logging.getLogger("weasyprint")
    logger.addHandler(said)
    propagate, logger.propagate = logger.propagate, False
    try:
        yield
    finally:
        logger.removeHandler(said)
        logger.propagate = propagate
    if said.missing:
        raise Unusable(
            f"No installed font has these letters: {' '.join(sorted(said.missing))}. "
            "Type: sudo apt-get install -y fonts-noto-core fonts-noto-cjk  and restart the worker."
        )
    if said.messages:
        raise Refused("The document could not be made as it is written: " + "; ".join(said.messages))


class _Collector(logging.Handler):
    """Keeps what WeasyPrint complains about."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []
        self.missing: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if text.startswith(".notdef glyph"):
            self.missing.add(str(record.args[0]) if isinstance(record.args, tuple) else text)
        else:
            self.messages.append(text)
