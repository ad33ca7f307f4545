"""Papers and photos that people send in: known by content, made harmless, and kept once.

A photo is made anew (no EXIF, no place where it was taken, upright, at most ``LONG_EDGE`` pixels); a PDF loses whatever could
act by itself, and is refused if the text on its pages is what is never kept.
"""

from __future__ import annotations

import asyncio
import io
import warnings
from typing import Any
from uuid import UUID

import msgspec

from staffing.core.errors import Invalid, NotFound, TooLarge
from staffing.core.never_kept import Kind, criminal_record_paper, private_in, redacted
from staffing.services import paper_text
from staffing.services.actors import Actor
from staffing.store import files, journal
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Document, Person

#: Pixels on the long edge that a kept photo has at most: a page of print at about 250 dots an inch.
LONG_EDGE = 2800
#: Pixels a photo may have altogether; more is an attack or a mistake.
MOST_PIXELS = 60_000_000
MOST_PAGES = 30
QUALITY = 86

_IMAGES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/heic": "HEIF", "image/heif": "HEIF", "image/webp": "WEBP"}
_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}


class Cleaned(msgspec.Struct, frozen=True):
    """A file as it is kept: its type by content and its bytes."""

    media_type: str
    data: bytes


def kind_of(data: bytes) -> str:
    """The media type by content, '' for one we do not know."""
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        return "image/heic"
    import puremagic

    try:
        return str(puremagic.from_string(data[:4096] + data[-512:], mime=True))
    except (puremagic.PureError, ValueError):
        return ""


def clean(data: bytes, limit: int) -> Cleaned:
    """Check a file and make it harmless. Slow (call it in a thread); touches nothing else.

    Raises ``TooLarge`` above ``limit`` bytes and ``Invalid`` with a sentence for whatever cannot be kept.
    """
    if not data:
        raise _wrong("The file is empty. Choose it again; if it stays empty, take a new photo.")
    if len(data) > limit:
        raise TooLarge("The file is too large. Take the photo again, smaller, or send a PDF.")
    found = kind_of(data)
    if found in _IMAGES:
        return _photo(data, _IMAGES[found])
    if found == "application/pdf":
        return _pdf(data)
    raise _wrong("We cannot use this kind of file. Send a photo (JPEG, PNG, HEIC or WebP) or a PDF.")


def _wrong(sentence: str) -> Invalid:
    return Invalid(sentence, {"file": sentence})


def _photo(data: bytes, form: str) -> Cleaned:
    from PIL import Image, ImageOps, UnidentifiedImageError

    if form == "HEIF":
        from pillow_heif import register_heif_opener

        register_heif_opener()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=[form]) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise _wrong("The photo has too many pixels. Take it again with your phone's camera.")
                opened.draft("RGB", (LONG_EDGE * 2, LONG_EDGE * 2))
                photo = ImageOps.exif_transpose(opened)
                photo.thumbnail((LONG_EDGE, LONG_EDGE))
                if photo.mode in {"RGBA", "LA", "PA", "P"}:
                    glass = photo.convert("RGBA")
                    photo = Image.new("RGB", glass.size, "white")
                    photo.paste(glass, mask=glass.getchannel("A"))
                else:
                    photo = photo.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as exc:
        raise _wrong("The photo does not open: the file is damaged. Take it again, or choose another.") from exc
    out = io.BytesIO()
    if form == "PNG":
        photo.save(out, "PNG", optimize=False)
        return Cleaned("image/png", out.getvalue())
    photo.save(out, "JPEG", quality=QUALITY)
    return Cleaned("image/jpeg", out.getvalue())


def _pdf(data: bytes) -> Cleaned:
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            if not pdf.pages:
                raise _wrong("The PDF has no pages. Choose another file.")
            if len(pdf.pages) > MOST_PAGES:
                raise _wrong("The PDF has too many pages. Send only the pages that are asked for.")
            _disarm(pdf)
            out = io.BytesIO()
            pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    except pikepdf.PasswordError as exc:
        raise _wrong("The PDF is locked with a password. Save it without one, or take a photo of the paper.") from exc
    except pikepdf.PdfError as exc:
        raise _wrong("The PDF does not open: the file is damaged. Save it again, or take a photo of the paper.") from exc
    _refuse_private(paper_text.pages(out.getvalue()))
    return Cleaned("application/pdf", out.getvalue())


def _refuse_private(pages: list[str]) -> None:
    """Refuse a criminal record whole, and any other paper with a number that is never kept: with what to do instead."""
    if criminal_record_paper("\n".join(pages)):
        raise _wrong(_RECORD)
    for text in pages:
        if found := private_in(text):
            raise _wrong(_SHOWN.get(found[0].kind, _RECORD))


_RECORD = (
    "This looks like a criminal record, or an answer of the FBI or a Department of Justice. It is never kept here, so it was not "
    "saved. The district’s HR records the outcome only: show it to them, and keep the paper yourself."
)
#: What to do about a number on a paper.
_SHOWN = {
    Kind.SSN: (
        "The PDF shows a Social Security number, or part of one. It is never kept here, so it was not saved. Print the page, "
        "cover the number with a strip of paper, and send a photo of it."
    ),
    Kind.LICENCE: (
        "The PDF shows a driver’s licence number. It is never kept here, so it was not saved. Print the page, cover the number "
        "with a strip of paper, and send a photo of it."
    ),
}
#: All of these sentences, for the catalogues.
NEVER_KEPT = (_RECORD, *_SHOWN.values())


def _disarm(pdf: Any) -> None:
    """Take out what acts by itself: scripts, actions, attached files, forms (what was filled in is drawn on the page).

    What nobody sees on a page goes too: who made it, what it was called, its bookmarks.
    """
    if "/AcroForm" in pdf.Root:
        pdf.generate_appearance_streams()
    pdf.flatten_annotations("all")
    root = pdf.Root
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    for name in ("/OpenAction", "/AA", "/AcroForm", "/Collection", "/Metadata", "/Outlines"):
        if name in root:
            del root[name]
    if "/Names" in root:
        for name in ("/JavaScript", "/EmbeddedFiles"):
            if name in root.Names:
                del root.Names[name]
    for page in pdf.pages:
        if "/AA" in page:
            del page["/AA"]
        if "/Annots" in page:
            del page["/Annots"]


def plain_name(name: str) -> str:
    """A file's name without folders, unprintable letters and what is never kept, at most 120 characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return redacted("".join(c for c in last if c.isprintable()).strip())[:120]


async def receive(actor: Actor, *, kind: str, data: bytes, file_name: str, limit: int, rule: str = "", way: str = "") -> UUID:
    """Keep a paper of the actor's own for review, and give its document's id.

    The same file for the same kind again gives the document there is. ``way``: phone, computer or office.
    Raises ``Invalid``, ``TooLarge``, and ``NotFound`` for somebody who is no person here.
    """
    cleaned = await asyncio.to_thread(clean, data, limit)
    async with tenant_transaction(actor.tenant):
        if actor.person is None or not await Person.exists().where(Person.id == actor.person):
            raise NotFound("There is no such person in this district.")
        file = await files.keep(cleaned.data, cleaned.media_type)
        same = (
            await Document.select(Document.id, Document.state)
            .where((Document.person == actor.person) & (Document.kind == kind) & (Document.file == file))
            .order_by(Document.received_at, ascending=False)
            .first()
        )
        if same is not None and same["state"] == "sent_back":
            raise _wrong("This is the same file that was sent back. Take a new photo, or choose another file.")
        if same is not None and same["state"] != "withdrawn":
            found: UUID = same["id"]
            return found
        document = Document(
            person=actor.person,
            kind=kind,
            rule=rule,
            file=file,
            file_name=plain_name(file_name),
            media_type=cleaned.media_type,
            size=len(cleaned.data),
            received_by=way,
        )
        await Document.insert(document)
        await journal.record(
            "document:received", f"document/{document.id}", actor=actor.tag, kind=kind, rule=rule, person=str(actor.person)
        )
        made: UUID = document.id
        return made
