"""A letter to one person: in their language with the English beside it, as a PDF on letter paper and as a part of a page.

Both are made from one ``Letter``, so that what is read on the page is what came by mail.
"""

from __future__ import annotations

from datetime import date

import msgspec
from babel import UnknownLocaleError
from babel.dates import format_date

from staffing.documents import sources
from staffing.documents.badge import long_date

#: Languages written from right to left.
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


class Said(msgspec.Struct, frozen=True):
    """A sentence in English and, if there is one, in the reader's language. The English counts."""

    en: str
    own: str = ""


class LetterPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a letter: a heading, sentences, short items, and pairs of a name and a value. ``strong`` sets it in a box."""

    heading: Said | None = None
    paragraphs: tuple[Said, ...] = ()
    items: tuple[Said, ...] = ()
    facts: tuple[tuple[Said, str], ...] = ()
    strong: bool = False


class EnclosurePoint(msgspec.Struct, frozen=True, kw_only=True):
    """A point of an enclosure: a first sentence set in bold, what follows it, items, and paragraphs after them."""

    lead: str
    text: str = ""
    items: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


class Enclosure(msgspec.Struct, frozen=True, kw_only=True):
    """A text that goes with the letter on pages of its own, word for word. ``note`` stands above it in ``note_language``."""

    title: str
    note: str = ""
    note_language: str = "en"
    paragraphs: tuple[str, ...] = ()
    points: tuple[EnclosurePoint, ...] = ()
    closing: str = ""
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    source: str = ""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """Everything printed in a letter. ``to`` are the lines of the address, ``language`` is the reader's (BCP 47).

    ``help`` says, in a sentence, what the column in the reader's language is worth. ``digest`` is the SHA-256 kept with it.
    """

    district: str
    sender: tuple[str, ...]
    to: tuple[str, ...]
    made_on: date
    number: str
    language: str
    subject: Said
    greeting: Said
    parts: tuple[LetterPart, ...]
    closing: Said
    signer: tuple[str, ...]
    help: Said | None = None
    enclosures: tuple[Enclosure, ...] = ()
    digest: str = ""
    invented: bool = False

    @property
    def two(self) -> bool:
        """Whether it is in two languages."""
        return self.language != "en" and bool(self.subject.own)

    @property
    def direction(self) -> str:
        """The direction of the reader's language: ``ltr`` or ``rtl``."""
        return "rtl" if self.language.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"


def day_in(day: date, language: str) -> str:
    """A day written in full in a language; as in English where that language's way is not known."""
    try:
        return long_date(day) if language == "en" else format_date(day, "long", locale=language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return long_date(day)


def html_of(letter: Letter) -> str:
    """The page WeasyPrint lays out. Pure: the same letter gives the same text."""
    return sources.environment().get_template("letter.html").render(letter=letter, within=False, long_date=long_date)


def page_of(letter: Letter) -> str:
    """The same words as a part of a web page under its heading, everything escaped; its classes begin with ``lt-``."""
    return sources.environment().get_template("letter_body.html").render(letter=letter, within=True)
