"""How long what a check leaves behind is kept: defaults with what they rest on, what a district chose, and when it is due.

Never kept at all, and so not here: reports, criminal-history records, Social Security numbers (``staffing.core.never_kept``).
That a check was done is evidence and stays with the product.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec

from staffing.api import Invalid, calendar

from .timers import Timer

#: The longest that a district may choose, in months.
LONGEST = 240


class Item(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of thing. ``of``: it belongs to a ``check``, to a ``person`` alone, or to the ``district``.

    ``months`` are kept after ``after``; ``least`` is what a cited law asks for at least; with ``timers`` a place's timer that
    counts may ask for more. ``basis`` "composed" is a default that no law sets.
    """

    item: str
    title: str
    of: Literal["check", "person", "district"]
    months: int
    after: str
    basis: str
    confidence: Literal["high", "medium", "low"]
    citation: str = ""
    url: str = ""
    least: int = 0
    least_citation: str = ""
    least_url: str = ""
    timers: bool = False


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """The longest that a state lets what came from its own records be kept."""

    jurisdiction: str
    months: int
    what: str
    citation: str
    confidence: Literal["high", "medium", "low"]
    note: str


#: A limit upwards counts for everything of a check: which check was of that state's records cannot be told from its papers.
LIMITS: tuple[Limit, ...] = (
    Limit(
        jurisdiction="us-ma",
        months=84,
        what="CORI",
        citation="803 CMR 2.00",
        confidence="low",
        note="Seven years after the last day of work or the decision not to take somebody on. The section was not confirmed.",
    ),
)


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """How long one kind of thing is kept in a district, and why."""

    item: Item
    months: int
    least: int
    least_because: str
    most: int | None = None
    most_because: str = ""
    chosen: int | None = None
    why: str = ""
    chosen_by: str = ""
    chosen_on: date | None = None

    @property
    def says(self) -> str:
        """The rule as a certificate names it."""
        return f"{spoken(self.months)} after {self.item.after}"


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What a district chose for one kind of thing."""

    months: int
    why: str
    made_by: str
    made_on: date


@functools.cache
def items() -> tuple[Item, ...]:
    """Every kind of thing, in the order in which the page shows them."""
    text = (Path(__file__).parent / "retention.yaml").read_text(encoding="utf-8")
    return tuple(msgspec.yaml.decode(text, type=list[Item]))


def rules(jurisdiction: str, timers: Iterable[Timer], choices: Mapping[str, Choice]) -> tuple[Rule, ...]:
    """How long everything is kept in a district. ``timers`` are those that count there."""
    asking = sorted((timer for timer in timers if timer.retention_years), key=lambda one: -(one.retention_years or 0))
    limit = next(
        (one for one in LIMITS if jurisdiction == one.jurisdiction or jurisdiction.startswith(f"{one.jurisdiction}-")), None
    )
    return tuple(_rule(item, asking, limit, choices.get(item.item)) for item in items())


def _rule(item: Item, asking: list[Timer], limit: Limit | None, choice: Choice | None) -> Rule:
    least, because = item.least, item.least_citation
    if item.timers and asking and (years := asking[0].retention_years) and years * 12 > least:
        least, because = years * 12, f"{asking[0].name}: {asking[0].citation}"
    months = max(choice.months if choice else item.months, least)
    most = max(limit.months, least) if limit and item.of == "check" else None
    return Rule(
        item=item,
        months=min(months, most) if most else months,
        least=least,
        least_because=because,
        most=most,
        most_because=f"{limit.what}: {limit.citation}" if limit and most else "",
        chosen=choice.months if choice else None,
        why=choice.why if choice else "",
        chosen_by=choice.made_by if choice else "",
        chosen_on=choice.made_on if choice else None,
    )


def checked(rule: Rule, months: int, why: str) -> None:
    """Whether a district may choose this. Raises ``Invalid`` with a sentence."""
    title = rule.item.title
    if months < 1 or months > LONGEST:
        says = f"“{title}” is kept between 1 and {LONGEST} months. Write a number between them."
        raise Invalid(says, {"months": says})
    if months < rule.least:
        says = f"“{title}” cannot be kept for less than {spoken(rule.least)}: {rule.least_because}. Write {rule.least} or more."
        raise Invalid(says, {"months": says})
    if rule.most is not None and months > rule.most:
        says = f"“{title}” cannot be kept for more than {spoken(rule.most)}: {rule.most_because}. Write {rule.most} or less."
        raise Invalid(says, {"months": says})
    if not why.strip():
        says = "Say in a sentence why: a state schedule, a board policy, counsel's word."
        raise Invalid(says, {"why": says})


def last_day(since: date, months: int) -> date:
    """The last day on which something is kept; it is destroyed after it."""
    return calendar.add_months(since, months)


def spoken(months: int) -> str:
    """A number of months as people say it: "6 years", "3 months", "2 years and 6 months"."""
    years, rest = divmod(months, 12)
    parts = [f"{years} year{'' if years == 1 else 's'}"] if years else []
    parts += [f"{rest} month{'' if rest == 1 else 's'}"] if rest or not years else []
    return " and ".join(parts)


def digest_of(digests: Iterable[str]) -> str:
    """One SHA-256 (hexadecimal) over those of many rows, whatever their order."""
    return hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest()
