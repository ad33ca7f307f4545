"""Outcomes of checks by group: rates, the four-fifths rule of thumb, an exact test, and the words that go with them.

Volunteers are outside the Uniform Guidelines (29 CFR 1607): for them a ratio is a programme equity signal and nothing more.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec

from .groups import NOT_TOLD
from .suppression import Shown

#: Stages of a check, each counted among those of the one before.
STAGES: tuple[str, ...] = ("applied", "authorised", "complete", "eligible")
STAGE_TITLES: dict[str, str] = {
    "applied": "Asked for a check",
    "authorised": "Authorised",
    "complete": "Complete",
    "eligible": "Eligible",
}
#: Groups this small are not compared, and neither are those of which so few went on.
LEAST_PEOPLE = 30
LEAST_SELECTED = 5
FOUR_FIFTHS = Fraction(4, 5)

CITATION = "29 CFR 1607.4(D)"
URL = "https://www.law.cornell.edu/cfr/text/29/1607.4"
#: What a ratio under four fifths is called.
FLAGS: dict[str, str] = {
    "volunteer": "Programme equity signal (under four fifths of the highest rate)",
    "employment": f"Under four fifths of the highest rate ({CITATION})",
}
CAVEATS: tuple[str, ...] = (
    "A ratio under four fifths is a rule of thumb and no finding. Smaller gaps can matter, and larger ones can be chance where "
    "few people are counted: read it with the exact test beside it.",
    "If the whole way shows a gap, look at each step by itself (29 CFR 1607.4(C)).",
    "Checks that were still open when this was counted are counted as not having come further.",
    "People are counted by what they chose to say of themselves. “Not told” is no group and is not compared.",
    f"Compared are only groups of at least {LEAST_PEOPLE} people of whom at least {LEAST_SELECTED} went on.",
    "Counts from 1 to 9 are hidden, and as many others as it takes that they cannot be worked out.",
)
#: Said of volunteers beside them.
VOLUNTEERS = (
    "The Uniform Guidelines are about selection for employment. For volunteers these ratios are a signal about the programme, "
    "and nothing in law follows from them."
)


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """A group beside the one with the highest rate. ``flagged``: its rate is under four fifths of that one's.

    ``p`` is Fisher's exact test, two-sided.
    """

    rate: float
    ratio: float
    flagged: bool
    best: str
    p: float


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A group: its counts (None is hidden), each stage's rate of the one before, the whole way's, and how it compares.

    ``steps`` has a comparison for each stage after the first, ``whole`` that of the last with the first; None where it is not
    made.
    """

    group: str
    title: str
    counts: tuple[int | None, ...]
    rates: tuple[float | None, ...]
    rate: float | None
    steps: tuple[Compared | None, ...]
    whole: Compared | None


def lines(counts: Shown, titles: Mapping[str, str]) -> tuple[Line, ...]:
    """A line for each group, in the order of ``titles``. Everything is made from shown counts alone."""
    last = len(STAGES) - 1
    steps = [_compare(counts, stage - 1, stage) for stage in range(1, last + 1)]
    whole = _compare(counts, 0, last)
    return tuple(
        Line(
            group=group,
            title=title,
            counts=counts[group],
            rates=tuple(_rate(counts[group], stage - 1, stage) for stage in range(1, last + 1)),
            rate=_rate(counts[group], 0, last),
            steps=tuple(step.get(group) for step in steps),
            whole=whole.get(group),
        )
        for group, title in titles.items()
        if group in counts
    )


def _rate(row: Sequence[int | None], before: int, after: int) -> float | None:
    among, went_on = row[before], row[after]
    return went_on / among if among and went_on is not None else None


def _compare(counts: Shown, before: int, after: int) -> dict[str, Compared]:
    """The groups that are large enough, each beside the one with the highest rate. Nothing where only one is."""
    large: dict[str, tuple[Fraction, int, int]] = {}
    for group, row in counts.items():
        among, went_on = row[before], row[after]
        if group == NOT_TOLD or among is None or went_on is None or among < LEAST_PEOPLE or went_on < LEAST_SELECTED:
            continue
        large[group] = (Fraction(went_on, among), among, went_on)
    if len(large) < 2:
        return {}
    best = max(large, key=lambda group: (large[group][0], large[group][1], group))
    top, of, reached = large[best]
    return {
        group: Compared(
            rate=float(rate),
            ratio=float(rate / top),
            flagged=rate / top < FOUR_FIFTHS,
            best=best,
            p=1.0 if group == best else fisher(went_on, among - went_on, reached, of - reached),
        )
        for group, (rate, among, went_on) in large.items()
    }


def fisher(a: int, b: int, c: int, d: int) -> float:
    """The two-sided p of Fisher's exact test of the table ((a, b), (c, d)): whole numbers throughout until the last division.

    Added up are all tables with the same margins that are no likelier than this one. Raises ``ValueError`` for a negative count.
    """
    if min(a, b, c, d) < 0:
        raise ValueError("a count cannot be negative")
    first, second, chosen = a + b, c + d, a + c
    low, high = max(0, chosen - second), min(first, chosen)
    ways = [math.comb(first, low) * math.comb(second, chosen - low)]
    for x in range(low, high):  # each from the one before: a quotient without remainder
        ways.append(ways[-1] * (first - x) * (chosen - x) // ((x + 1) * (second - chosen + x + 1)))
    here = ways[a - low]
    return sum(way for way in ways if way <= here) / math.comb(first + second, chosen)
