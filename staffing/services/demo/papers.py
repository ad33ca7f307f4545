"""Papers the cast sends in: small real images and PDFs, each saying in large letters that it is invented."""

from __future__ import annotations

import io
import unicodedata
from datetime import date
from functools import cache

import msgspec
from PIL import Image, ImageDraw, ImageFont

from staffing.core.evidence import KINDS

_SIZE = (620, 800)
_INK, _FAINT, _PAPER, _MARK = (38, 36, 44), (120, 118, 130), (252, 251, 247), (176, 56, 48)


class Paper(msgspec.Struct, frozen=True):
    """A file as somebody sends it in."""

    data: bytes
    media_type: str
    name: str


@cache
def _letters(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


@cache
def _blank(title: str) -> Image.Image:
    """The form without a name: drawn once for each kind."""
    image = Image.new("RGB", _SIZE, _PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((24, 24, 596, 776), outline=_FAINT, width=2)
    size = next((s for s in (24, 20, 17, 14) if draw.textlength(title, font=_letters(s)) <= _SIZE[0] - 96), 12)
    draw.text((48, 52), title, font=_letters(size), fill=_INK)
    draw.text((48, 90), "Certificate for work with students", font=_letters(18), fill=_FAINT)
    for top, label in ((170, "Name"), (260, "Date of birth"), (350, "Date"), (440, "Result"), (530, "Issued by")):
        draw.text((48, top), label, font=_letters(15), fill=_FAINT)
        draw.line((48, top + 58, 572, top + 58), fill=_FAINT, width=1)
    draw.rectangle((48, 660, 572, 736), outline=_MARK, width=3)
    draw.text((82, 684), "INVENTED - DEMONSTRATION", font=_letters(30), fill=_MARK)
    return image


def paper(
    kind: str, name: str, born_on: date, issued_on: date, *, title: str = "", blurred: bool = False, as_pdf: bool = False
) -> Paper:
    """A paper of this kind in this name. ``blurred`` makes one that cannot be read, as photos sometimes are.

    ``title`` heads a kind that a pack declares; the others have names of their own.
    """
    image = _blank((title or KINDS.get(kind, kind)).upper()).copy()
    draw = ImageDraw.Draw(image)
    lines = (
        (196, _plain(name)),
        (286, _day(born_on)),
        (376, _day(issued_on)),
        (466, _RESULTS.get(kind, "Completed")),
        (556, "Invented Clinic No. 7"),
    )
    for top, words in lines:
        draw.text((56, top), words, font=_letters(24), fill=_INK)
    if blurred:
        small = image.resize((_SIZE[0] // 9, _SIZE[1] // 9))
        image = small.resize(_SIZE)
    out = io.BytesIO()
    if as_pdf:
        image.save(out, "PDF", resolution=75.0)
        return Paper(out.getvalue(), "application/pdf", f"{kind.rpartition(':')[2].replace('_', '-')}.pdf")
    image.save(out, "JPEG", quality=72)
    return Paper(out.getvalue(), "image/jpeg", f"IMG_{issued_on:%m%d}_{len(name):02d}.jpg")


def _plain(name: str) -> str:
    """The name without accents, as machines print it: the drawing font has no others."""
    taken_apart = unicodedata.normalize("NFKD", name.translate(str.maketrans("ĐđŁłØøı’", "DdLlOoi'")))
    return taken_apart.encode("ascii", "ignore").decode()


_RESULTS = {"tb_screening": "No risk factors found", "health_exam": "Fit for this work"}


def _day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
