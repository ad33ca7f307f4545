"""Taking the fields of one mapping of a pack, each by its type, and noticing those nobody asked for."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar

from staffing.core.sources import Listing, Problems, Section, meant

_E = TypeVar("_E", bound=enum.StrEnum)


class Fields:
    """The fields of a mapping. Every getter notes what is wrong and returns something harmless; ``finish`` names the rest."""

    def __init__(self, value: Section, problems: Problems) -> None:
        self.value = value
        self.problems = problems
        self.line = value.line
        self._asked: dict[str, None] = {}

    def line_of(self, key: str) -> int:
        """The line of a key."""
        return self.value.line_of(key)

    def _get(self, key: str, required: bool) -> Any:
        self._asked[key] = None
        found = self.value.get(key)
        if required and found is None:
            self.problems.add(self.line, f"'{key}' is missing.")
        return found

    def plain(self, key: str) -> Any:
        """Whatever is written, or None."""
        return self._get(key, required=False)

    def text(self, key: str, required: bool = True) -> str:
        """A text, on one line."""
        found = self._get(key, required)
        if found is None:
            return ""
        if isinstance(found, list | dict | bool):
            self.problems.add(self.line_of(key), f"'{key}' is a text.")
            return ""
        return " ".join(str(found).split())

    def texts(self, key: str) -> tuple[str, ...]:
        """A text or a list of texts."""
        found = self._get(key, required=False)
        if found is None:
            return ()
        items = found if isinstance(found, Listing) else [found]
        if any(isinstance(item, list | dict) for item in items):
            self.problems.add(self.line_of(key), f"'{key}' is a list of words.")
            return ()
        return tuple(str(item) for item in items)

    def word(self, key: str, words: Sequence[str], default: str = "") -> str:
        """One of a few words."""
        found = self._get(key, required=False)
        if found is None:
            return default
        if found not in words:
            self.problems.add(self.line_of(key), f"'{key}' is never '{found}'. {meant(str(found), [w for w in words if w])}")
        return str(found)

    def choice(self, key: str, words: type[_E], default: _E | None = None) -> _E:
        """A member of an enumeration; required unless there is a default."""
        found = self._get(key, required=default is None)
        first = next(iter(words))
        if found is None:
            return default or first
        try:
            return words(str(found))
        except ValueError:
            self.problems.add(self.line_of(key), f"'{key}' is never '{found}'. {meant(str(found), [str(w) for w in words])}")
            return default or first

    def day(self, key: str, *, required: bool = True, unknown: date | None = None) -> Any:
        """A day; the word ``unknown`` where one is allowed."""
        found = self._get(key, required)
        if found is None:
            return date.max if required else None
        if found == "unknown" and unknown is not None:
            return unknown
        if not isinstance(found, date):
            self.problems.add(self.line_of(key), f"'{key}' is a day such as 2026-01-01, not '{found}'.")
            return date.max if required else None
        return found

    def whole(self, key: str) -> int:
        """A whole number that is not negative; 0 when it is not there."""
        found = self._get(key, required=False)
        if found is None:
            return 0
        if not isinstance(found, int) or isinstance(found, bool) or found < 0:
            self.problems.add(self.line_of(key), f"'{key}' is a whole number, not '{found}'.")
            return 0
        return found

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        found = self._get(key, required=False)
        if found is None:
            return default
        if not isinstance(found, bool):
            self.problems.add(self.line_of(key), f"'{key}' is true or false, not '{found}'.")
            return default
        return found

    def section(self, key: str, required: bool = True) -> Fields | None:
        """A mapping."""
        found = self._get(key, required)
        if found is None:
            return None
        if not isinstance(found, Section):
            self.problems.add(self.line_of(key), f"'{key}' is a mapping of names to values.")
            return None
        return Fields(found, self.problems)

    def sections(self, key: str, required: bool = False) -> list[Fields]:
        """A list of mappings."""
        found = self._get(key, required)
        if found is None:
            return []
        if not isinstance(found, Listing):
            self.problems.add(self.line_of(key), f"'{key}' is a list, each item starting with '- '.")
            return []
        out = []
        for item, line in zip(found, found.lines, strict=True):
            if isinstance(item, Section):
                out.append(Fields(item, self.problems))
            else:
                self.problems.add(line, f"Each item of '{key}' is a mapping, such as - id: ….")
        return out

    def finish(self) -> None:
        """Name the keys nobody asked for."""
        for key in self.value:
            if key not in self._asked:
                self.problems.add(self.value.line_of(key), f"'{key}' means nothing here. {meant(key, self._asked)}")
