"""Packs: the rules of one jurisdiction, as dated data. ``pack_loader`` reads them; ``assessment`` applies them.

``docs/packs.md`` is the guide for authors.
"""

from __future__ import annotations

import enum
from datetime import date
from typing import Any

import msgspec

from staffing.core.conditions import ALWAYS, Condition
from staffing.core.facts import FactSpec
from staffing.core.findings import Effect, Layer, Remedy


class Confidence(enum.StrEnum):
    """How sure the research is of the legal proposition. The last two are shown for review and never decide."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNCONFIRMED = "unconfirmed"

    @property
    def decides(self) -> bool:
        """Whether a rule of this confidence may block or clear."""
        return self in (Confidence.HIGH, Confidence.MEDIUM)


class Lasting(enum.StrEnum):
    """How long an item stays good."""

    MONTHS = "months"
    ONCE = "once"
    CONTINUOUS = "continuous"
    SCHOOL_YEAR = "school_year"
    YEARS = "years"
    UNTIL_EXPIRY = "until_expiry"


class Validity(msgspec.Struct, frozen=True, kw_only=True):
    """``months`` counts from the item's own day, or from the oldest item of ``group`` where the law says so.

    ``years`` are years that begin on ``starting`` (month, day), the one of issue being the first. ``break_days``: an item from
    before a break in service of at least so many days no longer counts (0: breaks do not matter).
    """

    lasting: Lasting = Lasting.ONCE
    months: int = 0
    group: str = ""
    years: int = 0
    starting: tuple[int, int] = (7, 1)
    break_days: int = 0


class Measure(msgspec.Struct, frozen=True):
    """A number that a piece of evidence carries in its detail, such as a score, and what it is compared with."""

    key: str
    word: str
    number: float


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of evidence that counts, and its limits.

    ``purpose``: the purposes it may have been issued for (empty: any). ``holder``: ``district`` or ``employer`` where the
    result may not be passed on. ``detail``: words the evidence must carry, ``measures``: numbers it must reach.
    ``within_months``/``within_days``: issued no longer than that before the start of service. ``issued_from``/``issued_until``:
    the first and last day on which it may have been issued.
    ``on_or_after``: a date fact. ``result``: ``clear`` where a result must
    have come back clear, ``any`` where the paper itself is the proof.
    """

    kind: str
    name: str = ""
    purpose: tuple[str, ...] = ()
    jurisdiction: tuple[str, ...] = ()
    holder: str = ""
    detail: dict[str, tuple[Any, ...]] = {}
    measures: tuple[Measure, ...] = ()
    within_months: int = 0
    within_days: int = 0
    on_or_after: str = ""
    issued_from: date | None = None
    issued_until: date | None = None
    result: str = "clear"


class Alternative(msgspec.Struct, frozen=True, kw_only=True):
    """Items that together satisfy a requirement, where ``when`` is true."""

    items: tuple[Item, ...]
    when: Condition = ALWAYS
    validity: Validity | None = None


class Exemption(msgspec.Struct, frozen=True, kw_only=True):
    """A case to which a requirement does not extend, and why, in words for the person.

    ``only_if_stated``: an exemption somebody must claim; while its facts are unknown it does not count and nobody is asked.
    """

    when: Condition
    reason: str
    only_if_stated: bool = False


class Grace(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of ``months`` and ``days`` after the start of service or of the school year, in which an item may be missing."""

    days: int
    months: int = 0
    after: tuple[str, ...] = ("start",)


class Must(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be so for the work to go on; ``otherwise`` says what is wrong when it is not."""

    when: Condition
    otherwise: str


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """How many children an adult may look after, where ``when`` is true. 0 stands for no such limit.

    ``group_at_most`` is the largest group; with more than ``second_adult_above`` children there must be two adults.
    """

    children_per_adult: int
    group_at_most: int = 0
    second_adult_above: int | None = None
    when: Condition = ALWAYS


class Waivable(msgspec.Struct, frozen=True, kw_only=True):
    """Who may waive a rule, under which law, and the sections a waiver has to name."""

    by: str
    under: str
    sections: tuple[str, ...]


class Dated(msgspec.Struct, frozen=True, kw_only=True):
    """What every version of a rule carries. ``since`` is its first day (``date.min``: not recorded), ``until`` its last."""

    since: date
    until: date | None = None
    citation: str = ""
    url: str | None = None
    confidence: Confidence = Confidence.HIGH
    checked_on: str = ""
    note: str = ""
    no_rule: str = ""


class TermsVersion(Dated, frozen=True, kw_only=True):
    """Provisional service as it stood in a period: for how long, and on what conditions.

    ``days`` after the start (0: no limit). ``asked_for``: every missing item must have been asked for. ``results_in``: one of
    these kinds must be back and clear; ``results_all``: every one. ``papers``: kinds that must be held. ``when``: further
    conditions, which ``conditions`` puts in words. ``asked_within``: asked for by so many days after the start; until then
    the asking itself may be outstanding (None: before the start). ``counted_from``: the days follow the ``start``, or the day
    on which the item was ``asked`` for. ``of``: whose record a kind has to be, by jurisdictions, where it is stated.
    """

    days: int = 0
    counted_from: str = "start"
    asked_for: bool = True
    asked_within: int | None = None
    results_in: tuple[str, ...] = ()
    results_all: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    of: dict[str, tuple[str, ...]] = {}
    when: Condition = ALWAYS
    conditions: str = ""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """A provisional regime that requirements refer to by id."""

    id: str
    ref: str
    title: str
    versions: tuple[TermsVersion, ...]


class Version(Dated, frozen=True, kw_only=True):
    """A requirement as it stood in a period."""

    applies_when: Condition = ALWAYS
    unless: tuple[Exemption, ...] = ()
    accepts: tuple[Alternative, ...] = ()
    validity: Validity = Validity()
    provisional: str = ""
    grace: Grace | None = None
    missing: Effect = Effect.HOLD
    must: tuple[Must, ...] = ()
    ratio: tuple[Band, ...] = ()


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """One rule. ``refs`` are the rows of the research tables it stands for, the first being its own ``ref``."""

    id: str
    refs: tuple[str, ...]
    title: str
    why: str
    layer: Layer
    jurisdiction: str
    remedy: Remedy
    clearance: bool
    versions: tuple[Version, ...]
    plugin: str = ""
    overlay: str = ""
    waivable: Waivable | None = None

    @property
    def ref(self) -> str:
        """The research row it stands for."""
        return self.refs[0]


class LeftOut(msgspec.Struct, frozen=True):
    """A row of the research that this pack deliberately does not express, and why."""

    ref: str
    reason: str


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """The rules one plugin brings for one jurisdiction, or a district's overlay (``overlay`` is then its name).

    ``predicates`` lists the named Python functions its conditions use, with what each says in words.
    """

    id: str
    title: str
    layer: Layer
    plugin: str
    file: str
    overlay: str = ""
    source: str = ""
    facts: tuple[FactSpec, ...] = ()
    kinds: dict[str, str] = {}
    predicates: dict[str, str] = {}
    terms: tuple[Terms, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    digest: str = ""


def in_force(versions: tuple[Any, ...], on: date) -> Any:
    """The version in force on a day, or None. Versions are in the order of their dates and never overlap."""
    for version in reversed(versions):
        if version.since <= on:
            return version if version.until is None or on <= version.until else None
    return None
