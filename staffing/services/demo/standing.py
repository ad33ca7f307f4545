"""Where a person of the cast stands: the evidence they hold is what the rules in force ask of them, less what their stage lacks.

Nothing here knows a rule: a decision says what is missing, and that is brought. So the demonstration follows the packs.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

import msgspec

from staffing.core.case import Case
from staffing.core.evidence import Evidence
from staffing.core.findings import Decision, State
from staffing.services.demo.cast import Invented

#: What most districts ask for; brought where no pack says what the law asks.
_USUAL = ("state_criminal_history", "child_abuse_training", "tb_screening")

#: Kinds people send in as a paper or photo, likeliest first. Results of criminal-history checks never are.
SENT_IN = (
    "tb_screening",
    "mandated_reporter_training",
    "child_abuse_training",
    "affirmation",
    "notice_acknowledgement",
    "education",
    "assessment",
    "health_exam",
    "orientation",
)

#: Kinds a state agency answers.
_ANSWERED_BY_STATE = ("fbi_fingerprint", "state_criminal_history", "child_abuse_history", "out_of_state_checks")

#: Kinds whose answer is a result; the others are simply there.
_RESULTS = {
    "state_criminal_history",
    "fbi_fingerprint",
    "child_abuse_history",
    "sex_offender_registry",
    "national_sex_offender_registry",
    "out_of_state_checks",
    "tb_screening",
    "health_exam",
    "employment_history_review",
}

_SPACE = UUID("6f0f6b0e-0f4e-5d0e-9f5c-1d0a5f1a4b11")

Decide = Callable[[Case], Decision]


class Standing(msgspec.Struct, kw_only=True):
    """The evidence held, the kind of the paper sent in (None: none) and the decision that follows."""

    evidence: list[Evidence]
    sent_in: str | None
    decision: Decision


def stand(person: Invented, case: Case, decide: Decide, today: date) -> Standing:
    """Give a person the evidence of their stage. ``case`` is theirs without evidence."""
    if person.stage in ("applied", "under_18"):
        return Standing(evidence=[], sent_in=None, decision=decide(case))
    held = _everything_asked(person, case, decide, today)
    sent_in = None
    match person.stage:
        case "waiting" | "sent_back":
            kinds = [item.kind for item in held]
            sent_in = next((kind for kind in SENT_IN if kind in kinds), SENT_IN[0])
            held = [item for item in held if item.kind != sent_in]
        case "pending":
            held = _unanswered(held, person, today)
        case "expiring":
            held = _running_out(held, case, decide, today + timedelta(days=9 + person.number % 17))
        case "expired":
            held = _running_out(held, case, decide, today - timedelta(days=4 + person.number % 19))
    return Standing(evidence=held, sent_in=sent_in, decision=decide(_with(case, held)))


def _with(case: Case, held: list[Evidence]) -> Case:
    return msgspec.structs.replace(case, evidence=tuple(held))


def _everything_asked(person: Invented, case: Case, decide: Decide, today: date) -> list[Evidence]:
    """Bring what each finding would accept, until the decision asks for nothing more that a paper could answer."""
    held: dict[str, Evidence] = {}
    paid = case.placement.get("engagement") != "volunteer"
    issued_on = min(person.starts_on - timedelta(days=12 + person.number % 20), today - timedelta(days=2))
    for attempt in range(4):
        decision = decide(_with(case, list(held.values())))
        asked = [f for f in decision.findings if f.accepts and not f.effect.clears]
        if not asked and (held or any(f.accepts for f in decision.findings)):
            break
        kinds = [f.accepts[min(attempt // 2, len(f.accepts) - 1)] for f in asked] or list(_USUAL)
        for kind in kinds:
            when = issued_on if attempt == 0 else today - timedelta(days=3)  # what was too old is done again
            held[kind] = _item(person, kind, when, paid=paid, jurisdiction=case.jurisdiction)
    return list(held.values())


def _item(person: Invented, kind: str, issued_on: date, *, paid: bool, jurisdiction: str) -> Evidence:
    return Evidence(
        id=str(uuid5(_SPACE, f"{person.email}/{kind}")),
        kind=kind,
        result="clear" if kind in _RESULTS else None,
        issued_on=issued_on,
        purpose="employment" if paid else "volunteer",
        jurisdiction=jurisdiction,
    )


def _unanswered(held: list[Evidence], person: Invented, today: date) -> list[Evidence]:
    """The slowest state answer has been asked for and is not there."""
    kinds = [item.kind for item in held]
    kind = next((k for k in _ANSWERED_BY_STATE if k in kinds), None)
    asked_on = today - timedelta(days=2 + person.number % 9)

    def waiting(item: Evidence) -> Evidence:
        return msgspec.structs.replace(item, state="initiated", result=None, issued_on=None, requested_on=asked_on)

    if kind is None:
        template = Evidence(id=str(uuid5(_SPACE, f"{person.email}/state")), kind="state_criminal_history")
        return [*held, waiting(template)]
    return [waiting(item) if item.kind == kind else item for item in held]


def _running_out(held: list[Evidence], case: Case, decide: Decide, end: date) -> list[Evidence]:
    """Move one item back in time so that it stops counting on ``end``; one that never stops is given an end."""
    decision = decide(_with(case, held))
    for finding in decision.findings:
        item = next((i for i in held if i.id == finding.evidence), None)
        if item and item.issued_on and finding.holds_until and finding.state in (State.MET, State.EXPIRING):
            moved = msgspec.structs.replace(item, issued_on=item.issued_on - (finding.holds_until - end))
            candidate = [moved if i is item else i for i in held]
            after = next((f for f in decide(_with(case, candidate)).findings if f.rule == finding.rule), None)
            if after is None or after.state is not finding.state or after.holds_until == end:
                return candidate
    first = next((i for i in held if i.kind in SENT_IN), held[0])
    return [msgspec.structs.replace(i, expires_on=end - timedelta(days=1)) if i is first else i for i in held]


def columns(item: Evidence) -> dict[str, Any]:
    """The item as columns of the evidence table, without person and id."""
    return {
        name: getattr(item, name)
        for name in ("kind", "state", "result", "issued_on", "requested_on", "expires_on", "purpose", "jurisdiction")
    }
