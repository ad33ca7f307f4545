"""Numbers as the parties wrote them: shares as exact fractions, money as exact decimals. 0.75 is exactly three quarters."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,20})?")
_OVER = re.compile(r"(\d{1,15})\s*/\s*(\d{1,15})")


def fraction(value: Any) -> Fraction | None:
    """A number from ``0.75``, ``3/4``, ``75%`` or ``3``; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    text = str(value).strip()
    if over := _OVER.fullmatch(text):
        return Fraction(int(over[1]), int(over[2])) if int(over[2]) else None
    bare = text.removesuffix("%").strip()
    if not _NUMBER.fullmatch(bare):
        return None
    return Fraction(bare) / (100 if text.endswith("%") else 1)


def money(value: Any) -> Decimal | None:
    """An amount from ``24.10`` or ``"$24.10"``; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    bare = str(value).strip().removeprefix("$").replace(",", "")
    return Decimal(bare) if _NUMBER.fullmatch(bare) else None


def whole(value: Any) -> int | None:
    """A count: a whole number that is not negative; None for anything else (True is no count)."""
    found = fraction(value)
    return int(found) if found is not None and found >= 0 and found.denominator == 1 else None


def spoken_money(amount: Decimal) -> str:
    """``$24.10``; further places are kept where there are any."""
    return f"${amount:,}" if amount.as_tuple().exponent < -2 else f"${amount:,.2f}"  # type: ignore[operator]


def spoken_number(number: Fraction) -> str:
    """``195``, ``2.5``, or ``1/3`` where no decimal says it exactly."""
    if number.denominator == 1:
        return str(number.numerator)
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return str(number) if rest > 1 else f"{Decimal(number.numerator) / Decimal(number.denominator):f}"


def spoken_share(share: Fraction) -> str:
    """``75%``, or ``1/3`` where no percentage says it exactly."""
    hundredths = spoken_number(share * 100)
    return str(share) if "/" in hundredths else f"{hundredths}%"


def about_share(share: Fraction) -> str:
    """``75%``, or ``about 74.72%``: never rounded up, so that what falls short is seen to."""
    exact = spoken_share(share)
    return exact if "/" not in exact else f"about {Decimal(int(share * 10_000)) / 100}%"
