"""YAML read strictly, with the line of every key and item kept, so that an error can say where it is.

Only plain YAML is read: no tags, no anchors and aliases, no duplicate keys. ``true`` and ``false`` are the only booleans, so
that ``on:``, ``no`` and ``yes`` stay words; numbers are decimal; days are ``2027-04-10``, in quotes
too, so that JSON can be read.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from datetime import date
from typing import Any

import yaml

from staffing.core.errors import Invalid

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN_TAGS = frozenset({"str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value"})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
_WHOLE = re.compile(r"[-+]?\d+$")
_DECIMAL = re.compile(r"[-+]?\d*\.\d+$")
_WORDS = {"true": True, "True": True, "false": False, "False": False, "null": None, "~": None, "": None, "Null": None}


class Section(dict[str, Any]):
    """A mapping that knows the line of each key."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}

    def line_of(self, key: str) -> int:
        """The line of a key, or of the mapping when the key is not there."""
        return self.lines.get(key, self.line)


class Listing(list[Any]):
    """A list that knows the line of each item."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []


class Problems:
    """What is wrong with one file, each with its line. ``raise_if_any`` turns them into one error."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[tuple[int, str]] = []

    def add(self, line: int, sentence: str) -> None:
        """Note a problem; ``sentence`` says what is wrong and what to write instead."""
        self.found.append((line, sentence))

    def raise_if_any(self) -> None:
        """Raise ``Invalid`` with every problem, in the order of the file."""
        if self.found:
            raise Invalid("\n".join(f"{self.file}:{line}: {sentence}" for line, sentence in sorted(set(self.found))))


def meant(word: str, known: Iterable[str]) -> str:
    """A sentence that helps with a misspelt word: the closest known one, or the list when it is short."""
    words = list(known)
    longer = [known_word for known_word in words if word and known_word.startswith(word)]
    near = longer if len(longer) == 1 else difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f"Did you mean '{near[0]}'?"
    return f"Known: {', '.join(words)}." if 0 < len(words) <= 24 else ""


def read(text: str, file: str) -> Any:
    """The plain values of a YAML text (``Section``, ``Listing``, words, numbers, days, booleans, None).

    Raises ``Invalid`` with file and line for anything that is not plain YAML.
    """
    problems = Problems(file)
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise Invalid(
            f"{file}:{line}: This is not valid YAML: {error.problem or error.context}. Check indentation and quotes."
        ) from None
    except yaml.YAMLError as error:
        raise Invalid(f"{file}:1: This is not valid YAML: {error}.") from None
    if node is None:
        return None
    value = _value(node, problems, set())
    problems.raise_if_any()
    return value


def _value(node: Any, problems: Problems, seen: set[int]) -> Any:
    line = node.start_mark.line + 1
    if id(node) in seen:
        problems.add(line, "An alias (*name) is not allowed; write the value out.")
        return None
    seen.add(id(node))
    if node.tag.removeprefix("tag:yaml.org,2002:") not in _PLAIN_TAGS:
        problems.add(line, f"The tag {node.tag} is not allowed; write a plain value.")
        return None
    if isinstance(node, yaml.MappingNode):
        return _section(node, line, problems, seen)
    if isinstance(node, yaml.SequenceNode):
        listing = Listing(line)
        for item in node.value:
            listing.append(_value(item, problems, seen))
            listing.lines.append(item.start_mark.line + 1)
        return listing
    return _scalar(node, line, problems)


def _section(node: Any, line: int, problems: Problems, seen: set[int]) -> Section:
    section = Section(line)
    for key, value in node.value:
        at = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            problems.add(at, "A key must be a plain word.")
            continue
        if key.value in section:
            problems.add(at, f"'{key.value}' is written twice (first on line {section.lines[key.value]}); keep one.")
        section[key.value] = _value(value, problems, seen)
        section.lines[key.value] = at
    return section


def _scalar(node: Any, line: int, problems: Problems) -> Any:
    text = node.value
    quoted = bool(node.style)
    if not quoted and text in _WORDS:
        return _WORDS[text]
    if _DAY.match(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            problems.add(line, f"{text} is not a day of the calendar; write YYYY-MM-DD, such as 2027-04-10.")
            return None
    if quoted:
        return text
    if _WHOLE.match(text):
        return int(text)
    return float(text) if _DECIMAL.match(text) else text
