"""Where a person of the cast stands: the evidence they hold is what the rules in force ask of them, less what their stage lacks.

Nothing here knows a rule: a decision says what is missing, and that is brought. So the demonstration follows the packs.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec

from staffing.core.case import Case
from staffing.core.evidence import Evidence
from staffing.core.findings import Actor, Decision, Effect, State
from staffing.services.demo.cast import Invented
from staffing.services.demo.fitting import asked_for, fitted, usual, way
from staffing.services.demo.law import Law

#: What most districts ask for; brought where no pack says what the law asks.
_USUAL = ("state_criminal_history", "child_abuse_training", "tb_screening")

#: Kinds people send in as a paper or photo, likeliest first.
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

#: Kinds nobody sends in: results and reports that come from whoever made the check.
_NEVER_SENT = frozenset(
    {
        "state_criminal_history",
        "fbi_fingerprint",
        "out_of_state_checks",
        "sex_offender_registry",
        "national_sex_offender_registry",
        "employment_history_review",
        "arrest_report_form",
    }
)

#: Kinds that stay what they are: they get an end only where nothing else is held.
_FOR_GOOD = frozenset(
    {
        "affirmation",
        "assessment",
        "education",
        "employment_history_review",
        "notice_acknowledgement",
        "paraprofessional_qualification",
    }
)

#: States of a finding that a paper could answer.
_ASKED = {State.MISSING, State.EXPIRED, State.PROVISIONAL, State.PENDING}

#: Kinds a state agency answers, the slowest first: a decision on the whole child care check comes after all its parts.
_ANSWERED_BY_STATE = (
    "us:child_care_determination",
    "fbi_fingerprint",
    "state_criminal_history",
    "child_abuse_history",
    "out_of_state_checks",
)


class Standing(msgspec.Struct, kw_only=True):
    """The evidence held, the kind of the paper sent in (None: none) and the decision that follows."""

    evidence: list[Evidence]
    sent_in: str | None
    decision: Decision


def stand(person: Invented, case: Case, law: Law) -> Standing:
    """Give a person the evidence of their stage. ``case`` is theirs without evidence."""
    if person.stage in ("applied", "under_18"):
        return Standing(evidence=[], sent_in=None, decision=law.decide(case))
    today = law.place.today
    held = _everything_asked(person, case, law)
    sent_in = None
    match person.stage:
        case "waiting" | "sent_back":
            sent_in, held = _sending(person, held, case, law)
        case "pending":
            held = _unanswered(person, held, case, law)
        case "expiring":
            held = _running_out(held, case, law, end=today + timedelta(days=9 + person.number % 17))
        case "expired":
            held = _running_out(held, case, law, end=today - timedelta(days=4 + person.number % 19))
    return Standing(evidence=held, sent_in=sent_in, decision=law.decide(_with(case, held)))


def _with(case: Case, held: list[Evidence]) -> Case:
    return msgspec.structs.replace(case, evidence=tuple(held))


def _clears(case: Case, held: list[Evidence], law: Law) -> bool:
    """Whether nothing that counts is outstanding."""
    return law.decide(_with(case, held)).outcome in (Effect.ALLOW, Effect.ADVISE)


def _everything_asked(person: Invented, case: Case, law: Law) -> list[Evidence]:
    """Bring what each finding would accept, until the decision asks for nothing more that a paper could answer."""
    held: dict[str, Evidence] = {}
    brought: set[str] = set()
    today = law.place.today
    issued_on = min(person.starts_on - timedelta(days=12 + person.number % 20), today - timedelta(days=2))
    for _ in range(8):
        tried = _with(case, list(held.values()))
        decision, view = law.decide(tried), law.view(tried)
        asked = [f for f in decision.findings if f.accepts and f.state in _ASKED and f.effect is not Effect.ALLOW]
        if not asked:
            break
        for finding in asked:  # brought before and asked for again: what was brought is too old, and done again
            day = today - timedelta(days=3) if finding.rule in brought else issued_on
            brought.add(finding.rule)
            for item in way(person, finding, law, view, held):
                held[item[0].kind] = fitted(person, item, day, view, held)
    if not held and not law.place.book.has(case.jurisdiction):
        view = law.view(case)
        return [usual(person, kind, issued_on, view) for kind in _USUAL]
    return list(held.values())


def _sending(person: Invented, held: list[Evidence], case: Case, law: Law) -> tuple[str, list[Evidence]]:
    """The kind of the paper that was sent in and waits to be read, and what is held without it.

    Where no paper alone stands in the way, an answer is outstanding too, as it is for people at the beginning.
    """
    papers = _papers(person, held, law)
    for kind in papers:
        rest = [item for item in held if item.kind != kind]
        if not _clears(case, rest, law):
            return kind, rest
    kind = next(iter(papers), SENT_IN[0])
    return kind, _unanswered(person, [item for item in held if item.kind != kind], case, law)


def _papers(person: Invented, held: list[Evidence], law: Law) -> list[str]:
    """The kinds among those held that people send in, beginning elsewhere for each, so that the queue is not all of one kind."""
    kinds = {item.kind for item in held} - _NEVER_SENT
    start = person.number % 3
    usual_ones = [kind for kind in (*SENT_IN[start:], *SENT_IN[:start]) if kind in kinds]
    theirs = {kind for rule in law.rules.values() if rule.requirement.remedy.who is Actor.PERSON for kind in rule.accepts}
    return [*usual_ones, *sorted(kinds & theirs - set(SENT_IN))]


def _unanswered(person: Invented, held: list[Evidence], case: Case, law: Law) -> list[Evidence]:
    """The slowest state answer that counts has been asked for and is not there."""
    today = law.place.today
    asked_on = today - timedelta(days=2 + person.number % 9)
    waiting: list[Evidence] = []
    for kind in _ANSWERED_BY_STATE:
        if any(item.kind == kind for item in held):
            tried = [asked_for(item, asked_on) if item.kind == kind else item for item in held]
            waiting = waiting or tried
            if not _clears(case, tried, law):
                return tried
    if waiting:
        return waiting
    check = usual(person, "state_criminal_history", today, law.view(case))
    return [*held, asked_for(check, asked_on)]


def _running_out(held: list[Evidence], case: Case, law: Law, *, end: date) -> list[Evidence]:
    """Let one item stop counting on ``end``: moved back in time where the rule gives it a length, else with an end of its own."""
    wanted = State.EXPIRED if end <= law.place.today else State.EXPIRING
    moved, ended = [], []
    for finding in law.decide(_with(case, held)).findings:
        item = next((i for i in held if i.id == finding.evidence), None)
        if item and item.issued_on and finding.state in (State.MET, State.EXPIRING):
            if finding.holds_until:
                earlier = item.issued_on - (finding.holds_until - end)
                moved.append((finding.rule, item, msgspec.structs.replace(item, issued_on=earlier)))
            changed = msgspec.structs.replace(item, expires_on=end - timedelta(days=1))
            ended.append((finding.rule, item, changed))
    # a certificate ends sooner than a state's answer, and what is signed or learnt once has no end unless nothing else has
    ended.sort(key=lambda candidate: (candidate[1].kind in _FOR_GOOD, candidate[1].kind not in SENT_IN))
    for rule, item, changed in (*moved, *ended):
        tried = [changed if i is item else i for i in held]
        decision = law.decide(_with(case, tried))
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
        for name in ("kind", "state", "result", "issued_on", "requested_on", "expires_on", "purpose", "holder", "jurisdiction")
    } | {"detail": msgspec.json.encode(item.detail).decode()}
