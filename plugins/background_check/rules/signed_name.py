"""Whether a name typed under a text is the person's own: compared without accents, case and order of its parts."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

_WHOLE = str.maketrans({"đ": "d", "ð": "d", "ø": "o", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ß": "ss"})
#: How alike two words are at least, where one has a slip of the finger in it (1 is the same).
_ALIKE = 0.8


def _folded(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_WHOLE)
    kept = (letter for letter in plain if not unicodedata.combining(letter))
    return "".join(letter if letter.isalnum() else "" if letter in "'’ʼʻ`.·" else " " for letter in kept).split()


def _latin(words: Iterable[str]) -> bool:
    return all("a" <= letter <= "z" or letter.isdigit() for word in words for letter in word)


def is_a_name(typed: str) -> bool:
    """Whether it can be a name at all: two letters or more, in any script."""
    return sum(letter.isalpha() for letter in typed) >= 2


def resembles(typed: str, given: str, family: str, latin: str = "") -> bool:
    """Whether the typed name is the person's: a part of the given and a part of the family name, in any order.

    ``latin`` is the whole name in Latin letters, where it is on record. A name typed in Latin letters cannot be compared with one
    that is on record in another script alone: it is taken as it was typed.
    """
    words = _folded(typed)
    if not is_a_name(typed) or not words:
        return False
    parts = [part for part in (_folded(given), _folded(family)) if part]
    other = _folded(latin)
    if not parts and not other:
        return True
    if "".join(words) in {"".join(f"{given} {family}".split()), *_joined(parts)}:
        return True
    if parts and all(_named(part, words) for part in parts):
        return True
    if other and sum(_near(name, words) for name in other) >= min(2, len(other)):
        return True
    return _latin(words) and not any(map(_latin, [*parts, *([other] if other else [])]))


def _joined(parts: list[list[str]]) -> set[str]:
    """The whole name without spaces, in both orders: as it is written in Chinese, Japanese and Korean."""
    words = ["".join(part) for part in parts]
    return {"".join(words), "".join(reversed(words))}


def _named(part: list[str], words: list[str]) -> bool:
    return any(_near(name, words) for name in part)


def _near(name: str, words: list[str]) -> bool:
    return any(name == word or difflib.SequenceMatcher(None, name, word).ratio() >= _ALIKE for word in words)
