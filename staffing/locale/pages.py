"""``python -m staffing.locale.pages``: collect what plugins' own pages say to people, update their .po files, compile them.

A plugin whose pages people read lists them in ``locale/pages.yaml``:

``files``
    templates and modules that only people, or mostly people, read: every sentence of theirs is collected;
``messages``
    modules that write to people among other things: only what they give to ``in_language`` is collected;
``words``
    ``module:function`` of the plugin, which gives the sentences that stand in data.

The translations stand in ``locale/<language>/pages.po``, beside those of the plugin's packs, and are compiled with them into
``locale/<language>/LC_MESSAGES/<plugin>.mo``. What the product's catalogue or a pack of the plugin says already is not asked for
again.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from staffing import host
from staffing.host.manifest import Plugin
from staffing.locale import build

NAME = "pages"
_FILES = {**build.KEYWORDS, "NotAllowed": None, "in_language": (2,), "say": (2,)}
_MESSAGES = {"in_language": (2,)}
#: A compiled catalogue bears no date of its own: the same texts give the same file.
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


class Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of a plugin speaks to people: patterns of files in its folder, and ``module:function`` for the rest."""

    files: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    words: str = ""


def speaking() -> list[Plugin]:
    """The running plugins that list pages people read."""
    return [plugin for plugin in host.load() if plugin.folder and (plugin.folder / "locale" / f"{NAME}.yaml").is_file()]


def template(plugin: Plugin) -> Catalog:
    """Every sentence a person may read on the plugin's pages or in its messages, untranslated."""
    speaks = listed(plugin)
    catalog = Catalog(project=plugin.name, charset="utf-8")
    for patterns, keywords in ((speaks.files, _FILES), (speaks.messages, _MESSAGES)):
        for file, message, context in build.sentences(patterns, _folder(plugin), keywords):
            catalog.add(message, locations=[(file, 0)], context=context)
    for sentence in _words(plugin, speaks.words):
        catalog.add(sentence, locations=[(speaks.words.partition(":")[0], 0)])
    return catalog


def listed(plugin: Plugin) -> Listed:
    """What a plugin lists. Raises ``msgspec.ValidationError`` for a list that cannot be read."""
    found: Listed = msgspec.yaml.decode((_folder(plugin) / "locale" / f"{NAME}.yaml").read_bytes(), type=Listed)
    return found


def _words(plugin: Plugin, where: str) -> Iterable[str]:
    if not where:
        return ()
    module, _, function = where.partition(":")
    found: Iterable[str] = getattr(importlib.import_module(f"{plugin.module}.{module}"), function)()
    return found


def po_file(plugin: Plugin, language: str) -> Path:
    """Where the translations of a plugin's pages stand."""
    return _folder(plugin) / "locale" / language / f"{NAME}.po"


def read(plugin: Plugin, language: str) -> Catalog:
    """The translations of a plugin's pages, empty if there are none yet."""
    return _read(po_file(plugin, language), language)


def _read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def wanted(plugin: Plugin, language: str) -> Catalog:
    """The sentences of the template that nobody else translates: neither the product nor a pack of the plugin."""
    others = [build.read(language), *(_read(path, language) for path in _pack_files(plugin, language))]
    catalog = Catalog(locale=language, project=plugin.name, charset="utf-8")
    for message in said(template(plugin)):
        if not any(spoken(other, message) for other in others):
            catalog.add(message.id, locations=message.locations, context=message.context)
    return catalog


def said(catalog: Catalog) -> Iterator[Message]:
    """The messages of a catalogue, without its header."""
    return (message for message in catalog if message.id)


def spoken(catalog: Catalog, message: Message) -> bool:
    """Whether a catalogue says a message in its language, in every form that the language has."""
    found = catalog.get(message.id, message.context)
    if found is None or found.fuzzy:
        return False
    return all(found.string) if isinstance(found.string, tuple | list) else bool(found.string)


def _pack_files(plugin: Plugin, language: str) -> list[Path]:
    own = po_file(plugin, language)
    return [path for path in sorted(own.parent.glob("*.po")) if path != own]


def compile_plugin(plugin: Plugin, language: str) -> None:
    """Compile the translations of a plugin's packs and pages into its one catalogue."""
    target = mo_file(plugin, language)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(build.compiled(together(plugin, language)))


def mo_file(plugin: Plugin, language: str) -> Path:
    """The catalogue that pages and messages are spoken from."""
    return _folder(plugin) / "locale" / language / "LC_MESSAGES" / f"{plugin.name}.mo"


def together(plugin: Plugin, language: str) -> Catalog:
    """Everything that is translated of a plugin: its packs, then its pages."""
    every = Catalog(locale=language, project=plugin.name, charset="utf-8", creation_date=_SOME_DAY, revision_date=_SOME_DAY)
    for path in (*_pack_files(plugin, language), po_file(plugin, language)):
        for message in said(_read(path, language)):
            if message.string and every.get(message.id, message.context) is None:
                every.add(message.id, message.string, flags=message.flags, context=message.context)
    return every


def _folder(plugin: Plugin) -> Path:
    if plugin.folder is None:
        raise ValueError(f"the plugin {plugin.name} is a single file and brings no catalogues")
    return plugin.folder


def main() -> None:
    """Update and compile the catalogues of every plugin that lists pages, in the languages of the product."""
    for plugin in speaking():
        for language in build.RELEASED:
            catalog = read(plugin, language)
            catalog.update(wanted(plugin, language), no_fuzzy_matching=True, update_creation_date=False)
            catalog.fuzzy = False
            catalog.project = plugin.name
            catalog.header_comment = f"# {plugin.title}, what its pages say to people: {language}"
            catalog.last_translator = catalog.language_team = catalog.msgid_bugs_address = ""
            path = po_file(plugin, language)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                write_po(file, catalog, width=120, ignore_obsolete=True, include_lineno=False, sort_output=True)
            compile_plugin(plugin, language)


if __name__ == "__main__":
    main()
