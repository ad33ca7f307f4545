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
from staffing.core.evidence import WITH_RESULT, Evidence
from staffing.core.findings import Decision, Effect, State
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
    "child_abuse_history",
)

#: States of a finding that a paper could answer.
_ASKED = {State.MISSING, State.EXPIRED, State.PROVISIONAL, State.PENDING}

#: Kinds a state agency answers.
_ANSWERED_BY_STATE = ("fbi_fingerprint", "state_criminal_history", "child_abuse_history", "out_of_state_checks")

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
            kinds = {item.kind for item in held}
            sent_in = next((kind for kind in _in_turn(person) if kind in kinds), SENT_IN[0])
            held = [item for item in held if item.kind != sent_in]
        case "pending":
            held = _unanswered(held, person, today)
        case "expiring":
            held = _running_out(held, case, decide, end=today + timedelta(days=9 + person.number % 17), today=today)
        case "expired":
            held = _running_out(held, case, decide, end=today - timedelta(days=4 + person.number % 19), today=today)
    return Standing(evidence=held, sent_in=sent_in, decision=decide(_with(case, held)))


def _in_turn(person: Invented) -> tuple[str, ...]:
    """The kinds sent in, beginning elsewhere for each person, so that the queue is not all of one kind."""
    start = person.number % 3
    return (*SENT_IN[start:], *SENT_IN[:start])


def _with(case: Case, held: list[Evidence]) -> Case:
    return msgspec.structs.replace(case, evidence=tuple(held))


def _everything_asked(person: Invented, case: Case, decide: Decide, today: date) -> list[Evidence]:
    """Bring what each finding would accept, until the decision asks for nothing more that a paper could answer."""
    held: dict[str, Evidence] = {}
    paid = case.placement.get("engagement") != "volunteer"
    issued_on = min(person.starts_on - timedelta(days=12 + person.number % 20), today - timedelta(days=2))

    def bring(kind: str, when: date) -> None:
        held[kind] = _item(person, kind, when, paid=paid, jurisdiction=case.jurisdiction)

    for _ in range(8):
        decision = decide(_with(case, list(held.values())))
        asked = [f for f in decision.findings if f.accepts and f.state in _ASKED and f.effect is not Effect.ALLOW]
        if not asked:
            break
        for finding in asked:
            kind = next((k for k in finding.accepts if k not in held), None)
            if kind:
                bring(kind, issued_on)
            else:  # all there, and too old: done again
                bring(finding.accepts[0], today - timedelta(days=3))
    if not held and not any(f.accepts for f in decision.findings):
        for kind in _USUAL:
            bring(kind, issued_on)
    return list(held.values())


def _item(person: Invented, kind: str, issued_on: date, *, paid: bool, jurisdiction: str) -> Evidence:
    return Evidence(
        id=str(uuid5(_SPACE, f"{person.email}/{kind}")),
        kind=kind,
        result="clear" if kind in WITH_RESULT else None,
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


def _running_out(held: list[Evidence], case: Case, decide: Decide, *, end: date, today: date) -> list[Evidence]:
    """Let one item stop counting on ``end``: moved back in time where the rule gives it a length, else with an end of its own."""
    wanted = State.EXPIRED if end <= today else State.EXPIRING
    moved, ended = [], []
    for finding in decide(_with(case, held)).findings:
        item = next((i for i in held if i.id == finding.evidence), None)
        if item and item.issued_on and finding.state in (State.MET, State.EXPIRING):
            if finding.holds_until:
                earlier = item.issued_on - (finding.holds_until - end)
                moved.append((finding.rule, item, msgspec.structs.replace(item, issued_on=earlier)))
            changed = msgspec.structs.replace(item, expires_on=end - timedelta(days=1))
            ended.append((finding.rule, item, changed))
    ended.sort(key=lambda candidate: candidate[1].kind not in SENT_IN)  # a certificate ends sooner than a state's answer
    for rule, item, changed in (*moved, *ended):
        tried = [changed if i is item else i for i in held]
        decision = decide(_with(case, tried))
        states = {f.rule: f.state for f in decision.findings}
        if states[rule] is not wanted or decision.outcome.clears != (wanted is State.EXPIRING):
            continue
        if wanted is State.EXPIRED or (decision.holds_until and decision.holds_until <= end):
            return tried
    if not held:  # the rules ask for facts alone, so that nothing can run out
        return held
    return [msgspec.structs.replace(held[0], expires_on=end - timedelta(days=1)), *held[1:]]


def columns(item: Evidence) -> dict[str, Any]:
    """The item as columns of the evidence table, without person and id."""
    return {
        name: getattr(item, name)
        for name in ("kind", "state", "result", "issued_on", "requested_on", "expires_on", "purpose", "jurisdiction")
    }
