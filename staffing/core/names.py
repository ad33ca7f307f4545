"""Names in any script, folded so that search and sorting find them without their accents, case or order."""

from __future__ import annotations

import unicodedata

#: Letters that Unicode does not take apart into a plain letter and a mark.
_WHOLE = str.maketrans({"đ": "d", "ð": "d", "ø": "o", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ß": "ss"})


def fold(text: str) -> str:
    """Lower case without marks: ``Đặng Thùy Linh`` gives ``dang thuy linh``, ``O’Donnell`` gives ``odonnell``.

    Other scripts stay as they are written (``王美玲``), less vowel and accent marks. A hyphen counts as a space.
    """
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_WHOLE)
    kept = (c for c in plain if not unicodedata.combining(c))
    spaced = "".join(c if c.isalnum() else "" if c in "'’ʼʻ`.·" else " " for c in kept)
    return " ".join(spaced.split())


def search_name(*names: str) -> str:
    """The folded form of all of a person's names (given, family, Latin, called), each word once, in order."""
    words = [word for name in names for word in fold(name).split()]
    return " ".join(dict.fromkeys(words))


def full_name(given: str, family: str) -> str:
    """Both parts as they are written: in Chinese, Japanese or Korean script the family name first, without a space.

    In every other script given then family; the order of a Vietnamese or Hungarian name cannot be told from its letters.
    """
    if given and family and all(_east_asian(c) for c in given + family):
        return family + given
    return f"{given} {family}".strip()


def _east_asian(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith(("CJK ", "HANGUL ", "HIRAGANA ", "KATAKANA "))
