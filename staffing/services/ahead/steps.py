"""What has to happen before a decision clears: who acts, what they do, what it costs, how long it usually takes.

Nothing here knows a rule. A step is one rule's own remedy; a way is the steps of one decision, taken at the same time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import msgspec

from staffing.core.evidence import Evidence
from staffing.core.facts import AskedOf, FactSpec
from staffing.core.findings import Actor as Who
from staffing.core.findings import Decision, Finding, State
from staffing.services import standing

#: Costs in words that come to nothing, and sums in dollars.
_FREE = re.compile(r"\s*(free|no cost|nothing)\b", re.IGNORECASE)
_DOLLARS = re.compile(r"\$\s?(\d[\d,]*(?:\.\d{1,2})?)")

#: A result that is in and does not clear, or work the rules forbid: no step is sure to change it.
_UNSURE = (State.DISQUALIFIED, State.VIOLATED)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One rule's next step.

    ``days`` is how many more days it usually takes and ``cents`` what it costs in US cents; None: nobody has said, which is
    never counted as nothing. ``late`` says that it takes longer already than it usually does. ``asked`` marks a step that only
    has to be begun (asked for), not finished. ``opens_on`` is the day from which the rule is content by itself.
    ``question`` names the fact the person can tell. ``kind`` tells apart what is paid for once.
    """

    rule: str
    title: str
    who: str
    what: Any
    reason: Any
    purpose: str
    layer: str
    citation: str
    url: str | None
    version: date | None
    days: int | None
    cost: str | None
    cents: int | None
    kind: str
    sure: bool = True
    late: bool = False
    asked: bool = False
    opens_on: date | None = None
    question: str | None = None
    paper: bool = False


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """Steps that are taken at the same time; the longest known of them says how long it takes at least.

    ``for_now``: what it leads to is work under conditions, until the rest is in.
    """

    steps: tuple[Step, ...]
    for_now: bool = False

    @property
    def days(self) -> int:
        """The longest of the steps whose days are known, 0 if none is."""
        return max((step.days for step in self.steps if step.days is not None), default=0)

    @property
    def unknown_days(self) -> int:
        """How many steps nobody has said the days of."""
        return sum(step.days is None for step in self.steps)

    @property
    def cents(self) -> int:
        """What the steps cost together, as far as it is known. One thing asked for by several rules is paid for once."""
        return sum({step.kind: step.cents or 0 for step in self.steps}.values())

    @property
    def unknown_costs(self) -> int:
        """How many steps nobody has said the cost of."""
        return len({step.kind for step in self.steps if step.cents is None})

    @property
    def sure(self) -> bool:
        """Whether no step waits for somebody's judgement of a result or for other work."""
        return all(step.sure for step in self.steps)

    @property
    def rank(self) -> tuple[bool, bool, int, bool, int, int]:
        """Fewest days first, then cost; what is not known comes after what is."""
        return not self.sure, self.unknown_days > 0, self.days, self.unknown_costs > 0, self.cents, len(self.steps)


def cents(words: str | None) -> int | None:
    """A cost in words as US cents: the highest sum named, 0 for what is free, None for what cannot be told.

    ``Free`` → 0, ``$22.60`` → 2260, ``about $10 to $25`` → 2500, ``depends on the clinic`` → None.
    """
    if not words:
        return None
    if _FREE.match(words):
        return 0
    sums = [round(float(found.replace(",", "")) * 100) for found in _DOLLARS.findall(words)]
    return max(sums, default=None)


def dollars(amount: int) -> str:
    """US cents in words: ``$22.60``, ``$12``."""
    whole, rest = divmod(amount, 100)
    return f"${whole:,}.{rest:02d}" if rest else f"${whole:,}"


def steps(
    decision: Decision,
    *,
    on: date,
    findings: Iterable[Finding] | None = None,
    evidence: Iterable[Evidence] = (),
    papers: Mapping[str, Any] | None = None,
    promise_days: int | None = None,
    specs: Mapping[str, FactSpec] | None = None,
) -> tuple[Step, ...]:
    """The step of every finding that keeps the decision from clearing (or of ``findings`` of it), the longest first.

    ``evidence`` tells since when an answer has been waited for; ``papers`` maps an evidence kind to a paper that waits to be
    looked at, within ``promise_days``; ``specs`` tell which facts a person is asked for.
    """
    held = {item.id: item for item in evidence if item.id}
    waiting = dict(papers or {})
    wanted = [f for f in decision.standing if not f.effect.clears] if findings is None else list(findings)
    known = standing.requirements(msgspec.structs.replace(decision, findings=tuple(wanted)), waiting)
    found = [
        _step(finding, required, held.get(finding.evidence or ""), on=on, promise_days=promise_days, specs=specs or {})
        for finding, required in zip(wanted, known, strict=True)
    ]
    return tuple(sorted(found, key=lambda s: (s.days is not None, -(s.days or 0), s.title)))


def question_of(finding: Finding, specs: Mapping[str, FactSpec]) -> str | None:
    """The fact that the person must tell before this rule can be decided."""
    if finding.state is not State.UNKNOWN:
        return None
    for fact in finding.facts:
        spec = specs.get(fact.name)
        if fact.value is None and spec is not None and spec.asked_of is AskedOf.PERSON and not spec.bases:
            return fact.name
    return None


def _step(
    finding: Finding,
    required: standing.Requirement,
    item: Evidence | None,
    *,
    on: date,
    promise_days: int | None,
    specs: Mapping[str, FactSpec],
) -> Step:
    days, late = required.usual_days, False
    if finding.state is State.PENDING and days is not None and item is not None and item.requested_on is not None:
        left = days - (on - item.requested_on).days
        days, late = (left, False) if left > 0 else (None, True)
    paper = required.document is not None
    told = finding.state is State.UNKNOWN and any(fact.value is None for fact in finding.facts)  # telling a fact is free
    return Step(
        rule=finding.rule,
        title=finding.title,
        who=Who.DISTRICT.value if paper else required.who or Who.DISTRICT.value,
        what=None if paper else required.next_step,
        reason=finding.reason,
        purpose=finding.purpose,
        layer=required.layer,
        citation=required.citation,
        url=required.url,
        version=required.version,
        days=promise_days if paper else days,
        cost=None if paper else required.cost,
        cents=0 if paper or told or finding.state is State.PENDING else cents(required.cost),
        kind=finding.accepts[0] if finding.accepts else finding.rule,
        sure=finding.state not in _UNSURE,
        late=late,
        question=question_of(finding, specs),
        paper=paper,
    )
