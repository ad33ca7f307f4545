"""``python -m staffing.locale.build``: collect every sentence of the volunteer's pages, update the .po files and compile them.

A sentence is what ``_()`` and its kin are given in pages and handlers, the sentences of errors and of rules' reasons, and the
questions that the core's own facts put to a person. Plugins' pages have their own (``staffing.locale.pages``), and so have rule
packs (``staffing.locale.packs``); ``python -m staffing.locale`` makes all three.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from staffing.core import reasons
from staffing.core.errors import StaffingError
from staffing.core.evidence import KINDS
from staffing.core.facts import AskedOf
from staffing.core.standard_facts import STANDARD
from staffing.services import uploads
from staffing.services.actors import ROLE_NAMES
from staffing.services.standing import LAYER_NAMES
from staffing.settings import REPOSITORY
from staffing.web import guards, security

#: Modules whose errors have titles of their own; importing them makes the errors known.
ERRORS_OF = (guards, security)
FOLDER = Path(__file__).parent
DOMAIN = "staffing"
#: Languages whose catalogues are complete at every release.
RELEASED = ("es", "zh_Hans", "ar")

#: Pages and handlers whose every sentence must be translated.
COMPLETE = (
    "templates/site/*.html",
    "templates/site_base.html",
    "templates/error.html",
    "templates/_m.html",
    "staffing/web/site/*.py",
)
#: Others that volunteers and passers-by may meet.
FURTHER = (
    "templates/_badge.html",
    "templates/sign_in/*.html",
    "templates/verify/*.html",
    "templates/never_kept.html",
    "staffing/app.py",
    "staffing/web/*.py",
    "staffing/web/sign_in/*.py",
    "staffing/web/verify/*.py",
    "staffing/services/registration.py",
    "staffing/services/questions.py",
    "staffing/services/uploads.py",
    "staffing/services/tasks.py",
    "staffing/services/ahead/for_now.py",
    "staffing/services/directory.py",
    "staffing/services/accounts.py",
    "staffing/core/assessment.py",
    "staffing/core/reasons.py",
    "staffing/core/limits.py",
    "staffing/core/provisional.py",
    "staffing/core/decisions.py",
)
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "Invalid": None,
    "Conflict": None,
    "NotFound": None,
    "TooLarge": None,
    "StaleForm": None,
    "ForeignForm": None,
    "Text": None,
    "_wrong": None,
    "wrong_field": (2,),
    "word": (2,),
    "words": (2, 3),
}
_OPTIONS = {"extensions": "jinja2.ext.i18n,jinja2.ext.do", "newstyle_gettext": "true", "trimmed": "true", "silent": "false"}

Message = str | tuple[str, ...]


def sentences(
    patterns: Iterable[str], folder: Path = REPOSITORY, keywords: Mapping[str, Any] = KEYWORDS
) -> Iterator[tuple[str, Message, str | None]]:
    """File, message (a pair for plurals) and context of each sentence in the files of a folder that match."""
    for pattern in patterns:
        for path in sorted(folder.glob(pattern)):
            method = "jinja2.ext:babel_extract" if path.suffix == ".html" else "python"
            found = extract_from_file(method, path, keywords=keywords, options=_OPTIONS if path.suffix == ".html" else {})
            for _line, message, _comments, context in found:
                if message and (isinstance(message, tuple) or message.strip()):
                    yield path.relative_to(folder).as_posix(), message, context


def vocabulary() -> Iterator[str]:
    """Words of the core that volunteers' pages show: questions, evidence kinds, whose rule it is, roles, papers we refuse."""
    for spec in STANDARD.values():
        if spec.asked_of is AskedOf.PERSON and not spec.bases:
            yield from filter(None, (spec.question, spec.hint, *spec.choices.values()))
    yield from filter(None, (spec.label for spec in STANDARD.values()))
    yield from (reasons.NO_PACK, reasons.UNDER_REVIEW, reasons.NOT_WAIVABLE, reasons.NO_OVERLAY, reasons.AGREEMENTS)
    yield from reasons.NOTES.values()
    yield from KINDS.values()
    yield from LAYER_NAMES.values()
    yield from ROLE_NAMES.values()
    yield from uploads.NEVER_KEPT
    errors: list[type[StaffingError]] = [StaffingError, *StaffingError.__subclasses__()]
    yield from dict.fromkeys(error.title for error in errors)


def template() -> Catalog:
    """All sentences, untranslated."""
    catalog = Catalog(project="staffing", charset="utf-8")
    for file, message, context in sentences(COMPLETE + FURTHER):
        catalog.add(message, locations=[(file, 0)], context=context)
    for message in vocabulary():
        catalog.add(message, locations=[("staffing/core", 0)])
    return catalog


def po_file(language: str) -> Path:
    """A language's catalogue in text."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: str) -> Catalog:
    """A language's catalogue, empty if there is none yet."""
    path = po_file(language)
    if not path.exists():
        return Catalog(locale=language, domain=DOMAIN, project="staffing", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def compiled(catalog: Catalog) -> bytes:
    """The catalogue as gettext reads it."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def main() -> None:
    """Update and compile every language of ``RELEASED``."""
    every = template()
    for language in RELEASED:
        catalog = read(language)
        catalog.update(every, no_fuzzy_matching=True, update_creation_date=False)
        catalog.fuzzy = False
        path = po_file(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalog, width=120, ignore_obsolete=True, include_lineno=False, sort_output=True)
        path.with_suffix(".mo").write_bytes(compiled(catalog))


if __name__ == "__main__":
    main()
