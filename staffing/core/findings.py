"""What a rule says about one person, one piece of work and one day, and what all rules say together."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import msgspec


class Effect(enum.StrEnum):
    """What a finding does to the placement, mildest first; the most severe of all findings wins."""

    ALLOW = "allow"
    ADVISE = "advise"
    PROVISIONAL = "provisional"
    NEEDS_NOTICE = "needs_notice"
    NEEDS_COSIGN = "needs_cosign"
    HOLD = "hold"
    BLOCK = "block"

    @property
    def severity(self) -> int:
        """0 for ``allow`` up to 6 for ``block``."""
        return _SEVERITY[self]

    @property
    def clears(self) -> bool:
        """Whether work may go on under this effect today (``allow``, ``advise`` and ``provisional`` do)."""
        return self.severity <= _SEVERITY[Effect.PROVISIONAL]


_SEVERITY = {effect: n for n, effect in enumerate(Effect)}


class State(enum.StrEnum):
    """How a requirement stands for this person on this day."""

    MET = "met"
    EXPIRING = "expiring"
    PROVISIONAL = "provisional"
    PENDING = "pending"
    MISSING = "missing"
    EXPIRED = "expired"
    EXEMPT = "exempt"
    WAIVED = "waived"
    NOT_REQUIRED = "not_required"
    UNKNOWN = "unknown"
    VIOLATED = "violated"
    DISQUALIFIED = "disqualified"
    NEEDS_REVIEW = "needs_review"


class Layer(enum.StrEnum):
    """Whose rule it is, highest first. A lower layer may be stricter; clearance is relaxed by nothing."""

    FEDERAL_LAW = "federal_law"
    STATE_LAW = "state_law"
    STATE_LAW_WAIVABLE = "state_law_waivable"
    AGREEMENT = "agreement"
    SIDE_LETTER = "side_letter"
    DISTRICT_POLICY = "district_policy"


class Actor(enum.StrEnum):
    """Who can take the next step."""

    PERSON = "person"
    DISTRICT = "district"
    PARTNER = "partner"
    SITE = "site"
    STATE_AGENCY = "state_agency"
    UNION = "union"
    ADMINISTRATOR = "administrator"


class Text(msgspec.Struct, frozen=True):
    """A sentence that can be translated: an English template and the values put into it.

    ``msgid`` uses ``{name}`` placeholders; ``values`` holds plain strings, numbers or ISO dates.
    """

    msgid: str
    values: dict[str, Any] = {}

    def __str__(self) -> str:
        return self.msgid.format(**self.values)


class FactUsed(msgspec.Struct, frozen=True):
    """A fact a rule read: its name, its value (None when unknown) and where it came from."""

    name: str
    value: Any = None
    source: str = ""


class Remedy(msgspec.Struct, frozen=True):
    """The next step: who acts, what they do, what it costs (words), and how many days it usually takes."""

    who: Actor
    what: Text
    cost: str | None = None
    usual_days: int | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One rule's answer.

    ``holds_until`` is the first day on which this answer could change by itself (None: no such day known).
    ``accepts`` lists the evidence kinds that would satisfy the rule, best first; empty when none would.
    ``clearance`` marks rules about criminal history, registries and health: nothing relaxes them.
    """

    rule: str
    title: str
    layer: Layer
    state: State
    effect: Effect
    reason: Text
    ref: str = ""
    citation: str = ""
    url: str | None = None
    confidence: str = ""
    version: date | None = None
    jurisdiction: str = ""
    facts: tuple[FactUsed, ...] = ()
    remedy: Remedy | None = None
    holds_until: date | None = None
    accepts: tuple[str, ...] = ()
    purpose: str = ""
    clearance: bool = False
    evidence: str | None = None
    plugin: str = ""


class SessionOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for one day of a schedule."""

    on: date
    outcome: Effect
    rules: tuple[str, ...] = ()


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """All findings together. The same case, rules and day always give the same decision.

    ``holds_until`` is the first day on which the outcome could change by itself; a credential
    is therefore valid through the day before (``valid_through``).
    """

    on: date
    outcome: Effect
    findings: tuple[Finding, ...]
    holds_until: date | None = None
    sessions: tuple[SessionOutcome, ...] = ()
    case_hash: str = ""
    rules_hash: str = ""

    @property
    def valid_through(self) -> date | None:
        """The last day this answer is sure to hold, or None if nothing known ends it."""
        return self.holds_until - timedelta(days=1) if self.holds_until else None

    @property
    def standing(self) -> tuple[Finding, ...]:
        """Every finding that is more than ``allow``, most severe first."""
        return tuple(sorted((f for f in self.findings if f.effect is not Effect.ALLOW), key=lambda f: -f.effect.severity))


def worst(effects: Iterable[Effect]) -> Effect:
    """The most severe effect; ``allow`` when there is none."""
    return max(effects, key=lambda e: e.severity, default=Effect.ALLOW)
