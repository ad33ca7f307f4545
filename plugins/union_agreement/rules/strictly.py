"""Sections of a file read strictly: what is missing, misspelt or of the wrong kind is said, with its line where it is known."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import msgspec

from staffing.api import Problems, YamlSection, meant

from .agreement import as_day


class Strictly:
    """Reads values of sections and collects what is wrong in ``problems``."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems

    def _say(self, section: Mapping[str, Any], key: str, sentence: str) -> None:
        line = section.line_of(key) if isinstance(section, YamlSection) else 1
        self.problems.add(line, sentence)

    def _keys(self, section: Mapping[str, Any], known: Iterable[str], what: str) -> None:
        names = list(known)
        for key in section:
            if key not in names:
                self._say(section, key, f"There is no {what} '{key}'. {meant(str(key), names)}".rstrip())

    def _word(self, section: Mapping[str, Any], key: str, known: Iterable[str], default: str) -> str:
        given = section.get(key)
        if given is None:
            return default
        names = list(known)
        if given not in names:
            self._say(section, key, f"'{key}' is never '{given}'. {meant(str(given), names)}".rstrip())
            return default
        return str(given)

    def _flag(self, section: Mapping[str, Any], key: str, default: bool = False) -> bool:
        given = section.get(key)
        if given is None or isinstance(given, bool):
            return default if given is None else given
        self._say(section, key, f"'{key}' is true or false, not '{given}'.")
        return default

    def _day(self, section: Mapping[str, Any], key: str) -> date | None:
        given = section.get(key)
        found = as_day(given)
        if given is not None and found is None:
            self._say(section, key, f"'{key}' is a day such as 2027-06-30, not '{given}'.")
        return found

    def _listed_days(self, section: Mapping[str, Any], key: str) -> list[date]:
        found = []
        for one in self._raw(section, key):
            day = as_day(one)
            if day is None:
                self._say(section, key, f"'{key}' lists days such as 2026-11-26, not '{one}'.")
            else:
                found.append(day)
        return found

    def _count(self, section: Mapping[str, Any], key: str) -> int | None:
        given = section.get(key)
        if given is None or (isinstance(given, int) and not isinstance(given, bool) and given > 0):
            return given
        self._say(section, key, f"'{key}' is a whole number, 1 or more, not '{given}'.")
        return None

    @staticmethod
    def _raw(section: Mapping[str, Any], *keys: str) -> list[Any]:
        for key in keys:
            given = section.get(key)
            if given is not None:
                return list(given) if isinstance(given, list | tuple) else [given]
        return []

    def _list(self, section: Mapping[str, Any], key: str) -> list[str]:
        found = self._raw(section, key)
        if any(isinstance(one, Mapping) for one in found):
            self._say(section, key, f"'{key}' is a word or a list of words.")
            return []
        return [str(one) for one in found]

    def _items(self, section: Mapping[str, Any], key: str) -> list[Any]:
        given = section.get(key)
        if given is None:
            return []
        if not isinstance(given, list | tuple):
            self._say(section, key, f"'{key}' is a list, each item starting with '- '.")
            return []
        return list(given)


def line_of(value: Any) -> int:
    """The line of a mapping in its file; 0 where it was not read from one."""
    return value.line if isinstance(value, YamlSection) else 0


def digest_of(value: Any) -> str:
    """A name for exactly this text of an agreement, whatever the order of its keys."""
    return hashlib.sha256(msgspec.json.encode(plain(value), order="deterministic")).hexdigest()


def plain(value: Any) -> Any:
    """The same without the lines: plain mappings and lists."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def where(message: str) -> tuple[str, str]:
    """The parameter a message of msgspec is about, and the message as a sentence."""
    says, _, path = message.partition(" - at `")
    name = re.match(r"\$\.?(\w+)", path)
    return (name[1] if name else ""), (f"'{name[1]}': " if name else "") + says.replace("`", "'") + "."
