"""A clause as both sides read it: what it asks (``type``, ``params``), of whom (``scope``), and what follows (``effect``).

The envelope and the names are those of the research note on labor agreements, section 2.
"""

from __future__ import annotations

import enum
from datetime import date, time
from typing import Any, Literal

import msgspec

from staffing.api import Effect, Layer

#: Roles a clause may name.
ROLES = (
    "volunteer",
    "national_service",
    "work_study",
    "paid_tutor_district",
    "cbo_staff",
    "substitute",
    "parapro",
    "student_teacher",
)
#: Effects a clause may have; ``hold`` is never one, only what a missing fact gives.
EFFECTS = (Effect.ADVISE, Effect.NEEDS_NOTICE, Effect.NEEDS_COSIGN, Effect.BLOCK)
#: Layers by the names of the research note.
LAYERS = {
    "L0": Layer.FEDERAL_LAW,
    "L1": Layer.STATE_LAW,
    "L2": Layer.STATE_LAW_WAIVABLE,
    "L3": Layer.AGREEMENT,
    "L4": Layer.SIDE_LETTER,
    "L5": Layer.DISTRICT_POLICY,
}


class AfterExpiry(enum.StrEnum):
    """What becomes of one clause when its agreement has ended: as the agreement, or whatever the agreement."""

    INHERIT = "inherit"
    SURVIVES = "survives"
    SUNSETS = "sunsets"


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """When a clause counts. ``since`` and ``until`` are both inside; weekdays are 0 (Monday) to 6; times are local."""

    since: date | None = None
    until: date | None = None
    weekdays: tuple[int, ...] = ()
    times: tuple[tuple[time, time], ...] = ()


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Whom and what a clause is about. Empty means all. ``units`` are units of the position or duty, never of a person."""

    sites: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    duties: tuple[str, ...] = ()
    funding: tuple[str, ...] = ()
    setting: tuple[str, ...] = ()
    window: Window | None = None


class Cite(msgspec.Struct, frozen=True, kw_only=True):
    """Where a clause comes from. ``paraphrased`` is false only for the parties' own text, uploaded by them."""

    title: str = ""
    url: str | None = None
    pinpoint: str = ""
    read_as_of: date | None = None
    paraphrased: bool = True


class Cap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many uses of an exception in each period."""

    n: int
    per: Literal["session", "week", "month", "school_year", "calendar_year"]


class Exception_(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a clause lets pass: ``when`` is a plain fact that must be true, ``must_record`` what has to be on record for it."""

    when: str
    effect: Effect = Effect.ADVISE
    must_record: tuple[str, ...] = ()
    cap: Cap | None = None


class Condition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that must have happened before a clause counts. ``status`` is ``met``, ``not_met`` or empty (not told)."""

    event: str
    by: date | None = None
    status: Literal["met", "not_met", ""] = ""


class Clause(msgspec.Struct, frozen=True, kw_only=True):
    """One clause. ``params`` is the struct of its type; ``line`` its line in the file it was read from (0: none).

    ``cosign`` are the roles whose signatures let the work go on under ``needs_cosign`` (empty: the union side's signatories).
    ``also`` names further types judged by the same facts (built-in law clauses).
    """

    id: str
    type: str
    params: Any
    agreement: str
    layer: Layer
    effect: Effect
    title: str = ""
    text: str = ""
    plain: str = ""
    cite: Cite = Cite()
    scope: Scope = Scope()
    exceptions: tuple[Exception_, ...] = ()
    remedy: str = ""
    supersedes: tuple[str, ...] = ()
    after_expiry: AfterExpiry = AfterExpiry.INHERIT
    condition: Condition | None = None
    funded: bool = True
    retroactive_from: date | None = None
    cosign: tuple[str, ...] = ()
    pattern: str = ""
    line: int = 0
