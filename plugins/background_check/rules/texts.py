"""The texts that a person is shown and signs before a check: versioned, one file for each text and language.

A version that was shown is never changed: its digest stands in its file, and a text that no longer fits its digest is not used.
Old versions stay in the file, so that what somebody was shown can be read again as it was. English counts; a translation that
no lawyer has reviewed helps to read it and is never signed by itself.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from staffing.api import Invalid, NotFound, Problems, YamlSection, read

FOLDER = Path(__file__).parent.parent / "texts"
DISCLOSURE, AUTHORISATION = "disclosure", "authorisation"
#: Further texts that places ask for. A district switches them on by its policy; nobody is shown one unasked.
FURTHER = ("us_ca_copy", "us_ma_notice", "us_mn_copy", "us_ny_article_23a", "us_ok_copy")
IDS = (DISCLOSURE, AUTHORISATION, *FURTHER)
CONFIDENCE = ("high", "medium", "low", "unconfirmed")
#: The language whose text counts.
COUNTS = "en"
#: What may be put into a text, by name.
PLACES = ("district", "agency", "agency_address", "agency_phone", "agency_site")
_KEYS = ("id", "language", "jurisdiction", "citation", "url", "confidence", "reviewed_by", "note", "versions")
_VERSION_KEYS = ("version", "from", "title", "says", "box", "sha256")


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a text in one language. ``says`` are its paragraphs, with names of ``PLACES`` in braces.

    ``box`` is a sentence beside a box to tick, for a text that offers a copy of the report. ``confidence`` is how sure it is
    that the law cited asks for it. ``reviewed_by`` names the lawyer who read this wording; '' for none.
    """

    id: str
    language: str
    version: str
    since: date
    title: str
    says: tuple[str, ...]
    citation: str
    confidence: str
    sha256: str
    box: str = ""
    jurisdiction: str = ""
    url: str = ""
    reviewed_by: str = ""
    note: str = ""

    @property
    def counts(self) -> bool:
        """Whether it may be signed: English, or a translation that a lawyer has reviewed."""
        return self.language == COUNTS or bool(self.reviewed_by)

    @property
    def places(self) -> tuple[str, ...]:
        """The names to be put into it, in the order in which they come."""
        whole = "\n".join((self.title, *self.says, self.box))
        return tuple(dict.fromkeys(name for _, name, _, _ in string.Formatter().parse(whole) if name))

    def filled(self, values: Mapping[str, str]) -> Filled:
        """The text as it is shown. Raises ``Invalid`` if a name it needs is missing."""
        if any(not values.get(name) for name in self.places):
            raise Invalid(
                "This text needs the address and the telephone number of the company that makes the report. They are missing, so "
                "nothing was signed. The district’s administrator adds them to the provider’s account."
            )
        used = {name: values[name] for name in self.places}
        title, says, box = (self.title.format(**used), tuple(line.format(**used) for line in self.says), self.box.format(**used))
        return Filled(text=self, title=title, says=says, box=box, values=used)


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """A text as somebody sees it, with the names put in. ``digest`` names exactly these words."""

    text: Text
    title: str
    says: tuple[str, ...]
    box: str
    values: dict[str, str]

    @property
    def digest(self) -> str:
        """SHA-256 of the words, as hexadecimal digits."""
        return digest_of(self.text, self.title, self.says, self.box)


def digest_of(text: Text, title: str, says: tuple[str, ...], box: str) -> str:
    """SHA-256 of words shown under a text's id, version and language, as hexadecimal digits."""
    words = "\n\n".join(filter(None, (f"{text.id} {text.version} {text.language}", title, *says, box)))
    return hashlib.sha256(words.encode()).hexdigest()


@cache
def shipped() -> dict[tuple[str, str, str], Text]:
    """Every text by id, version and language. Raises ``Invalid`` with file and line for a file that cannot be used."""
    found: dict[tuple[str, str, str], Text] = {}
    for file in sorted(FOLDER.glob("*.yaml")):
        if file.name.partition(".")[0] in IDS:
            found |= {(text.id, text.version, text.language): text for text in texts_in(file.read_text("utf-8"), file.name)}
    return found


def texts_in(source: str, file: str) -> list[Text]:
    """The versions in a file, oldest first. Raises ``Invalid`` with each mistake and its line."""
    problems = Problems(file)
    body = read(source, file)
    if not isinstance(body, YamlSection):
        raise Invalid(f"{file}:1: A text is a mapping with id, language, citation, confidence and versions.")
    for key in body:
        if key not in _KEYS:
            problems.add(body.line_of(key), f"'{key}' is not a field of a text. Known: {', '.join(_KEYS)}.")
    if f"{body.get('id')}.{body.get('language')}.yaml" != file:
        problems.add(body.line_of("id"), "id and language make the name of the file: disclosure.en.yaml.")
    if body.get("confidence") not in CONFIDENCE:
        problems.add(body.line_of("confidence"), f"confidence is one of {', '.join(CONFIDENCE)}.")
    if not body.get("citation"):
        problems.add(body.line, "citation names the law that asks for the text, or says that none does.")
    versions = body.get("versions")
    found = [_version(body, one, problems) for one in versions] if isinstance(versions, list) else []
    if not found:
        problems.add(body.line_of("versions"), "versions lists at least one version, the oldest first.")
    problems.raise_if_any()
    return [text for text in found if text]


def _version(body: YamlSection, given: Any, problems: Problems) -> Text | None:
    if not isinstance(given, YamlSection):
        problems.add(body.line_of("versions"), "A version is a mapping with version, from, title, says and sha256.")
        return None
    for key in given:
        if key not in _VERSION_KEYS:
            problems.add(given.line_of(key), f"'{key}' is not a field of a version. Known: {', '.join(_VERSION_KEYS)}.")
    says = given.get("says")
    if not isinstance(says, list) or not all(isinstance(line, str) and line for line in says):
        problems.add(given.line_of("says"), "says lists the paragraphs of the text.")
        return None
    if not isinstance(given.get("from"), date) or not given.get("title"):
        problems.add(given.line, "A version has the day from which it is shown, and a title.")
        return None
    text = Text(
        id=str(body.get("id")),
        language=str(body.get("language")),
        version=str(given.get("version")),
        since=given["from"],
        title=given["title"],
        says=tuple(says),
        box=given.get("box") or "",
        citation=body.get("citation") or "",
        confidence=body.get("confidence") or "",
        jurisdiction=body.get("jurisdiction") or "",
        url=body.get("url") or "",
        reviewed_by=body.get("reviewed_by") or "",
        note=body.get("note") or "",
        sha256=str(given.get("sha256")),
    )
    if unknown := [name for name in text.places if name not in PLACES]:
        problems.add(given.line_of("says"), f"{{{unknown[0]}}} cannot be put into a text. Known: {', '.join(PLACES)}.")
    digest = digest_of(text, text.title, text.says, text.box)
    if text.sha256 != digest:
        says_so = (
            f"The words do not fit their digest; it would be {digest}. A text that was shown is never changed: add a version."
        )
        problems.add(given.line_of("sha256"), says_so)
    return text


def current(ident: str, on: date) -> Text:
    """The English text that is shown on a day. Raises ``NotFound`` for a text that there is not."""
    found = [text for (name, _, language), text in shipped().items() if (name, language) == (ident, COUNTS) and text.since <= on]
    if not found:
        raise NotFound("There is no such text. Go back to your check.")
    return max(found, key=lambda text: (text.since, text.version))


def helps(text: Text) -> dict[str, Text]:
    """The same version in other languages, by language: beside the English, to help with reading."""
    return {
        language: found
        for (name, version, language), found in shipped().items()
        if (name, version) == (text.id, text.version) and language != text.language
    }


def as_shown(ident: str, version: str, language: str, values: Mapping[str, str]) -> Filled | None:
    """The words of a version with names put in, or None where the version is no longer here or cannot be filled."""
    text = shipped().get((ident, version, language))
    if text is None or any(not values.get(name) for name in text.places):
        return None
    return text.filled(values)


def offered(jurisdiction: str, on: date) -> tuple[Text, ...]:
    """The further texts that a district of this place may switch on; those of other places are left out."""
    return tuple(text for text in (current(ident, on) for ident in FURTHER) if text.jurisdiction in {"", jurisdiction})


def asked_before(further: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The ids of what a person reads before a consumer report is asked for, in order; what is signed is the last.

    ``further`` are those the district switched on; a word that is no text of ours is left out.
    """
    return (DISCLOSURE, *(ident for ident in FURTHER if ident in further), AUTHORISATION)
