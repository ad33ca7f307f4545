"""The volunteer badge: a card of the size of a bank card (ISO/IEC 7810 ID-1, 85.60 x 53.98 mm), front and back.

It says who, where, doing what and until when. It never says what a check contained.
"""

from __future__ import annotations

import unicodedata
from datetime import date
from urllib.parse import urlsplit

import msgspec
import phonenumbers
from babel.dates import format_date

from staffing.documents import qr, sources

QR_ALT = "QR code: scan it to see whether this badge is valid today"


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """What a plugin adds to the back: a heading and short lines of plain text."""

    title: str
    lines: tuple[str, ...] = ()


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """Everything printed on a badge, as plain values.

    ``called`` is printed large, ``name`` as the person writes it, ``latin_name`` as on an identity document (may be
    empty). ``address`` is what the QR code holds. ``help_phone`` is E.164.
    """

    called: str
    name: str
    latin_name: str = ""
    initials: str
    district: str
    role: str
    site: str
    organisation: str = ""
    number: str
    issued_on: date
    valid_through: date
    address: str
    help_phone: str = ""
    invented: bool = False
    sections: tuple[Section, ...] = ()


def html_of(card: Card) -> str:
    """The page WeasyPrint lays out. Pure: the same card gives the same text."""
    name_lines = [line for line in dict.fromkeys((card.name, card.latin_name)) if line and line != card.called]
    return (
        sources.environment()
        .get_template("badge.html")
        .render(
            card=card,
            names=[(line, *_script(line)) for line in name_lines],
            called=(card.called, *_script(card.called)),
            who_size=_who_size(card, name_lines),
            district_size=next((n for n, size in enumerate((10, 8)) if _lines(card.district, size, 57) == 1), 2),
            code=qr.data_uri(card.address),
            code_alt=QR_ALT,
            valid_through=long_date(card.valid_through),
            issued_on=long_date(card.issued_on),
            host=urlsplit(card.address).netloc.lower(),
            phone=phone(card.help_phone),
        )
    )


def initials_of(name: str) -> str:
    """Up to two letters that stand for a name, in its own script. One character for names written without spaces."""
    words = [word for word in name.replace("-", " ").split() if word[0].isalpha()]
    if not words:
        return "·"
    if len(words) == 1 or _wide(words[0]):
        return words[0][0].upper()
    return (words[0][0] + words[-1][0]).upper()


def long_date(day: date) -> str:
    """A day as Americans write it in full: June 30, 2027."""
    return format_date(day, "MMMM d, y", locale="en_US")


def phone(number: str) -> str:
    """A telephone number as people in its country write it; the text itself when it is not one."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.NATIONAL)
    except phonenumbers.NumberParseException:
        return number


def _wide(text: str) -> bool:
    return any(unicodedata.east_asian_width(character) in "WF" for character in text)


def _script(text: str) -> tuple[str, str]:
    """The language and direction to typeset a name with, from its letters."""
    for character in text:
        name = unicodedata.name(character, "")
        if name.startswith(("CJK", "HIRAGANA", "KATAKANA")):
            return ("ja" if "KANA" in name else "zh"), "ltr"
        if name.startswith("HANGUL"):
            return "ko", "ltr"
        if name.startswith("ARABIC"):
            return "ar", "rtl"
        if name.startswith("HEBREW"):
            return "he", "rtl"
    return "und", "ltr"


#: The block of names, role and site is set in the largest of these shares of its full size that fits. In badge.css as .k0 to .k6.
_SHARES = (1.0, 0.88, 0.78, 0.7, 0.62, 0.54, 0.46)
_WHO_WIDTH, _WHO_HEIGHT = 36.0, 26.4  # millimetres
_MILLIMETRES_A_POINT = 25.4 / 72
#: Type size in points, line height and space above in millimetres at full size; the same numbers are in badge.css.
_CALLED, _WRITTEN, _ROLE, _SITE = (17.0, 1.12, 0.0), (7.6, 1.25, 0.5), (8.4, 1.2, 1.9), (7.6, 1.22, 0.6)


def _who_size(card: Card, name_lines: list[str]) -> int:
    texts = [(card.called, _CALLED), *((line, _WRITTEN) for line in name_lines), (card.role, _ROLE), (card.site, _SITE)]
    for number, share in enumerate(_SHARES):
        height = sum(
            _lines(text, size * share, _WHO_WIDTH) * size * share * leading * _MILLIMETRES_A_POINT + above * share
            for text, (size, leading, above) in texts
        )
        if height <= _WHO_HEIGHT:
            return number
    return len(_SHARES) - 1


def _lines(text: str, points: float, width: float) -> int:
    """How many lines a text takes in a box, a little pessimistic: a long word is broken, as the style sheet allows."""
    lines, used = 1, 0.0
    for word in text.replace("-", "- ").split():
        length = sum(_ems(character) for character in word) * points * _MILLIMETRES_A_POINT
        gap = 0.28 * points * _MILLIMETRES_A_POINT if used else 0.0
        if used + gap + length <= width:
            used += gap + length
            continue
        if used:
            lines += 1
        lines += int(length // width)
        used = length % width
    return lines


def _ems(character: str) -> float:
    """Roughly how wide a letter is in bold type, as a share of the type size."""
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character in "ijlftrI.,'’()":
        return 0.38
    if character in "mwMW":
        return 0.95
    return 0.7 if character.isupper() else 0.59
