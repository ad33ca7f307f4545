"""Badge numbers people can read out: ``OAK-000123-K``. The last letter or digit tells a misread number from a real one.

The check character is ISO/IEC 7064 MOD 37,36 over letters and digits: it catches every single wrong character and every
swap of two neighbours but a rare few.
"""

from __future__ import annotations

import re

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SHAPE = re.compile(r"([A-Z0-9]{1,3})-?(\d{6,9})-?([A-Z0-9])")


def number(tenant: str, serial: int) -> str:
    """The number of a district's badge: three letters of the district's short word, six digits or more, check character."""
    letters = "".join(c for c in tenant.upper() if c in _ALPHABET)[:3]
    body = f"{letters}-{serial:06}"
    return f"{body}-{check_character(body)}"


def check_character(body: str) -> str:
    """The ISO/IEC 7064 MOD 37,36 character for a text; what is neither letter nor digit does not count."""
    product = 36
    for character in body.upper():
        if character not in _ALPHABET:
            continue
        total = (product + _ALPHABET.index(character)) % 36 or 36
        product = total * 2 % 37
    return _ALPHABET[(37 - product) % 36]


def serial_of(text: str) -> int:
    """The serial inside a number that ``number`` made."""
    return int(text.split("-")[1])


def read(text: str) -> str | None:
    """The number somebody typed, in its proper form, or None if it is not one or was misread."""
    found = _SHAPE.fullmatch("".join(text.split()).upper())
    if not found:
        return None
    body = f"{found[1]}-{found[2]}"
    return f"{body}-{found[3]}" if check_character(body) == found[3] else None
