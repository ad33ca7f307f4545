"""Text as the scanner reads it: small letters without accents, every script's digits as 0 to 9, every dash as "-".

What hides a number from a pattern and not from a reader (full-width or Arabic-Indic digits, soft hyphens, marks of writing
direction, hard spaces) is undone; each letter remembers where it stood.
"""

from __future__ import annotations

import unicodedata

_DASHES = dict.fromkeys("‐‑‒–—―−﹘﹣－⁃", "-")
_ALONE = {**_DASHES, "đ": "d", "Đ": "d", "ß": "ss", "’": "'", "‘": "'", "ʼ": "'", "＇": "'", "´": "'", "`": "'"}


def _plain(letter: str) -> str:
    """One letter as it is read: '' for marks and what cannot be seen, else one or a few plain ones."""
    if letter in _ALONE:
        return _ALONE[letter]
    if letter in "\n\r\t":
        return letter
    read = []
    for part in unicodedata.normalize("NFKD", letter):
        if (kind := unicodedata.category(part)) in {"Mn", "Me", "Cf", "Cc"}:
            continue
        if kind == "Nd":
            read.append(str(unicodedata.decimal(part)))
        elif kind.startswith("Z"):
            read.append(" ")
        else:
            read.append(_DASHES.get(part, part).lower())
    return "".join(read)


class _Table(dict[int, str]):
    """``str.translate`` asks it for every letter; it thinks about each once."""

    def __missing__(self, code: int) -> str:
        plain = _plain(chr(code))
        self[code] = plain
        return plain


_TABLE = _Table()


def folded(text: str) -> str:
    """The text as it is read."""
    return text.translate(_TABLE)


def with_places(text: str) -> tuple[str, list[int]]:
    """The same, and for each of its letters where in the text it came from."""
    read, places = [], []
    for place, letter in enumerate(text):
        plain = _TABLE[ord(letter)]
        read.append(plain)
        places.extend([place] * len(plain))
    return "".join(read), places
