"""Catalogues: the product's sentences in the languages it speaks. Pages choose theirs per request; messages say which."""

from __future__ import annotations

import gettext
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

FOLDER = Path(str(files("staffing"))) / "locale"
DOMAIN = "staffing"

_plugin_folders: tuple[tuple[str, Path], ...] = ()


def add_plugin_catalogues(folders: dict[str, Path]) -> None:
    """Let ``<folder>/<language>/LC_MESSAGES/<plugin>.mo`` of each plugin speak too (the product's words win)."""
    global _plugin_folders  # noqa: PLW0603  set once, when a process starts
    _plugin_folders = tuple(folders.items())
    catalogue.cache_clear()


@cache
def translated() -> frozenset[str]:
    """The languages that have a compiled catalogue, BCP 47."""
    return frozenset(path.parent.parent.name.replace("_", "-") for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))


@cache
def catalogue(tag: str) -> gettext.NullTranslations:
    """The catalogue of a language; English, and a language without one, is what the sources say."""
    if tag == "en":
        return gettext.NullTranslations()
    folder = tag.replace("-", "_")
    found = gettext.translation(DOMAIN, FOLDER, [folder], fallback=True)
    for plugin, path in _plugin_folders:
        found.add_fallback(gettext.translation(plugin, path, [folder], fallback=True))
    return found


def word(language: str, message: str, **values: Any) -> str:
    """A sentence with ``{placeholders}`` in a language, for messages that leave the house."""
    return catalogue(language).gettext(message).format(**values)


def words(language: str, one: str, many: str, n: int, **values: Any) -> str:
    """A sentence about ``n`` things; ``{n}`` is one of its placeholders."""
    return catalogue(language).ngettext(one, many, n).format(n=n, **values)
