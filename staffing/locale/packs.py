"""``python -m staffing.locale.packs``: collect what the shipped packs say to people, update their .po files, compile them.

A plugin's ``locale/<language>/<pack>.po`` holds the sentences of one pack, so that a state is added with its own file; all
packs of a plugin are compiled, with what its pages say (``staffing.locale.pages``), into
``locale/<language>/LC_MESSAGES/<plugin>.mo``. A sentence that two packs share stands in the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from staffing import host, rulebook
from staffing.core.facts import FactSpec
from staffing.core.packs import Dated, Pack, TermsVersion, Version
from staffing.core.standard_facts import STANDARD
from staffing.locale import pages

#: Languages in which every sentence of every shipped pack is there.
RELEASED = ("es",)


def said(pack: Pack) -> Iterator[str]:
    """Every sentence of a pack that a person may read, as message ids."""
    for requirement in pack.requirements:
        yield requirement.title
        yield requirement.why
        yield requirement.remedy.what.msgid
        yield requirement.remedy.cost or ""
        for version in requirement.versions:
            yield from _version(version)
    for terms in pack.terms:
        for one in terms.versions:
            yield from _dated(one)
            yield one.conditions if isinstance(one, TermsVersion) else ""
    for spec in pack.facts:
        yield from fact(spec)
    yield from pack.kinds.values()


def _version(version: Version) -> Iterator[str]:
    yield from _dated(version)
    for exemption in version.unless:
        yield _escaped(exemption.reason)
    for must in version.must:
        yield _escaped(must.otherwise)


def _dated(version: Dated) -> Iterator[str]:
    yield _escaped(version.no_rule)


def fact(spec: FactSpec) -> Iterator[str]:
    """What a fact is called, how it is asked for, and its choices."""
    yield spec.label
    yield spec.question
    yield spec.hint
    yield from spec.choices.values()


def _escaped(words: str) -> str:
    """As ``core.reasons.plain`` makes a message of it."""
    return words.replace("{", "{{").replace("}", "}}")


def standard() -> Iterator[str]:
    """The words of the core's own facts that a finding or a question may show."""
    for spec in STANDARD.values():
        yield from fact(spec)


def name(pack: Pack) -> str:
    """The name of a pack's file of translations: that of the pack's own file."""
    return Path(pack.file).stem


def po_file(pack: Pack, language: str) -> Path:
    """Where the translations of a pack stand."""
    return Path(pack.file).parent.parent / "locale" / language / f"{name(pack)}.po"


def templates() -> dict[str, list[tuple[Pack, Catalog]]]:
    """Plugin → its packs with their untranslated sentences, each sentence in the first pack that says it."""
    found: dict[str, list[tuple[Pack, Catalog]]] = {}
    for pack in rulebook.rules(host.load()).packs:
        packs = found.setdefault(pack.plugin, [])
        before = {message.id for _, catalog in packs for message in catalog if message.id}
        catalog = Catalog(project=pack.plugin, charset="utf-8")
        for sentence in said(pack):
            if sentence and sentence not in before:
                catalog.add(sentence, locations=[(f"packs/{name(pack)}.yaml", 0)])
        packs.append((pack, catalog))
    return found


def read(pack: Pack, language: str) -> Catalog:
    """The translations of a pack, empty if there are none yet."""
    path = po_file(pack, language)
    if not path.exists():
        return Catalog(locale=language, project=pack.plugin, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def main() -> None:
    """Update the file of every pack and compile every plugin's catalogue."""
    for language in RELEASED:
        for plugin, packs in templates().items():
            for pack, every in packs:
                catalog = read(pack, language)
                catalog.update(every, no_fuzzy_matching=True, update_creation_date=False)
                catalog.fuzzy = False
                catalog.header_comment = f"# {pack.title}: {language}"
                catalog.last_translator = catalog.language_team = catalog.msgid_bugs_address = ""
                path = po_file(pack, language)
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as file:
                    write_po(file, catalog, width=120, ignore_obsolete=True, include_lineno=False, sort_output=True)
            pages.compile_plugin(host.load()[plugin], language)


if __name__ == "__main__":
    main()
