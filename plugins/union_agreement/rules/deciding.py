"""What agreements and the law about labor say of a case on a day: one finding for each clause that has something to say.

The semantics are R1 to R17 of the research note. The most severe finding wins in the product's decision; every one is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

import msgspec

from staffing.api import Actor, Case, CaseView, Effect, Finding, Layer, Remedy, State, Text

from . import law
from .agreement import Agreement, Kind
from .answers import NOT_APPLICABLE, Answer, Standing, Unknown, act
from .clause import Clause
from .clause_type import ClauseType
from .exceptions import excused
from .facts import SUPPLIED_BY, Facts
from .grievances import grievances
from .in_force import Mode, Stands, inactive, mode_of, stands
from .library import resolve
from .records import ask_for, noticed, required, signed, soonest, spoken
from .scope import applies
from .types import TYPES
from .waived import waived

PREFIX = "union_agreement."


def findings_of(case: Case, on: date) -> list[Finding]:
    """Every finding for a case on a day. Raises ``Invalid`` for an agreement that cannot be read: nobody is cleared on it."""
    facts = Facts(case, on)
    found = list(law.findings(facts, judge))
    agreements = resolve(case.agreements)
    found.extend(_of_agreements(agreements, facts))
    return found


def concerns(case: Case, on: date) -> bool:
    """Whether anything here could be said of such a case, whatever evidence is held and whenever it starts."""
    return bool(case.agreements) or law.concerns(Facts(case, on))


def _of_agreements(agreements: Sequence[Agreement], facts: Facts) -> Iterator[Finding]:
    happened = facts.case.context.get("events")
    events = happened if isinstance(happened, Mapping) else {}
    every = [(one, stands(one, facts.on, events)) for one in agreements]
    now = latest(every)
    gone = superseded([one for one, _ in now], {one.id: how for one, how in now}, facts)
    for one, how in now:
        own = facts.of(one)
        for clause in one.clauses:
            if clause.id in gone:
                continue
            finding = judge(clause, one, how, own.of(one))
            if finding is not None:
                yield finding
        if how.mode is not Mode.NONE:
            yield from grievances(one, facts.of(one))
    yield from (_begins(one, how) for one, how in every if how.mode is Mode.NONE and how.changes_on is not None)


def latest(every: Iterable[tuple[Agreement, Stands]]) -> list[tuple[Agreement, Stands]]:
    """Of several versions of one agreement the one that began last of those that stand, so that a signed successor leaves the old
    one in force until its own first day."""
    found: dict[str, tuple[Agreement, Stands]] = {}
    for one, how in every:
        known = found.get(one.id)
        if known is None or (how.mode is not Mode.NONE and (known[1].mode is Mode.NONE or one.since >= known[0].since)):
            found[one.id] = one, how
    return list(found.values())


def _begins(agreement: Agreement, how: Stands) -> Finding:
    """An agreement that is signed and begins later: it says nothing yet, and the answer is looked at again on its first day."""
    return Finding(
        rule=f"{PREFIX}{agreement.id}.begins",
        title=agreement.title,
        layer=Layer.AGREEMENT,
        state=State.NOT_REQUIRED,
        effect=Effect.ALLOW,
        reason=how.why,
        ref=agreement.id,
        citation=agreement.title,
        version=agreement.since,
        jurisdiction=agreement.jurisdiction,
        holds_until=how.changes_on,
    )


def superseded(agreements: Iterable[Agreement], standing: Mapping[str, Stands], facts: Facts) -> set[str]:
    """Clauses set aside today by a later text of the parties that is in effect and says so (R10).

    Law and clearance are set aside by nothing.
    """
    every = {clause.id: clause for one in agreements for clause in one.clauses}
    gone = set()
    for one in agreements:
        how = standing[one.id]
        if how.mode is Mode.NONE:
            continue
        acting = (c for c in one.clauses if c.supersedes and inactive(c, one, facts.on) is None)  # what waits replaces nothing
        for ident in {*one.supersedes, *(i for c in acting for i in c.supersedes)}:
            target = every.get(ident)
            if target is None or TYPES[target.type].clearance or target.layer in _LAW:
                continue
            if one.kind is Kind.POLICY and target.layer is not Layer.DISTRICT_POLICY:
                continue  # what two parties agreed, one of them does not set aside
            gone.add(ident)
    return gone


_LAW = frozenset({Layer.FEDERAL_LAW, Layer.STATE_LAW, Layer.STATE_LAW_WAIVABLE})


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a clause that binds comes to for a case. ``answer`` is what its type said before waivers and expiry were looked at."""

    answer: Answer
    effect: Effect
    state: State
    reason: Text
    remedy: Remedy | None


def judge(clause: Clause, agreement: Agreement, how: Stands, facts: Facts) -> Finding | None:
    """A clause's finding, or None where it does not bind or is not about this case."""
    found = verdict(clause, agreement, how, facts)
    return None if found is None else _finding(clause, agreement, how, found, facts)


def verdict(clause: Clause, agreement: Agreement, how: Stands, facts: Facts) -> Verdict | None:
    """What a clause comes to, or None where it does not bind or is not about this case."""
    mode = mode_of(clause, agreement, how)
    if mode is Mode.NONE:
        return None
    waits = clause.condition is not None or not clause.funded  # only then the day is asked for: most answers hold on any day
    if waits and inactive(clause, agreement, facts.on) is not None:
        return None
    kind = TYPES[clause.type]
    answer = answer_of(clause, agreement, kind, facts)
    if answer.standing is Standing.NOT_APPLICABLE:
        return None
    effect, state, reason, remedy = waived(clause, answer, facts) or _outcome(clause, kind, answer)
    if mode is Mode.ADVISORY and effect.severity > Effect.ADVISE.severity:
        effect = Effect.ADVISE
    return Verdict(answer=answer, effect=effect, state=state, reason=reason, remedy=remedy)


def answer_of(clause: Clause, agreement: Agreement, kind: ClauseType, facts: Facts) -> Answer:
    """What a clause that binds says: its type's judgement, its exceptions, and the signatures and notices on record."""
    try:
        if not applies(clause, facts):
            return NOT_APPLICABLE
        answer = kind.check(clause.params, facts, clause)
        if answer.standing is not Standing.VIOLATED:
            return answer
        answer = excused(clause, answer, facts)
        if answer.settled_by_records or answer.effect is not None:
            return answer
        if clause.effect is Effect.NEEDS_COSIGN:
            return _cosigned(clause, agreement, answer, facts)
        return _told(clause, agreement, answer, facts) if clause.effect is Effect.NEEDS_NOTICE else answer
    except Unknown as unknown:
        return Answer(standing=Standing.UNKNOWN, missing=unknown.names)


def _cosigned(clause: Clause, agreement: Agreement, answer: Answer, facts: Facts) -> Answer:
    roles = required(clause, agreement)
    state = signed(roles, clause, facts)
    if state.complete:
        text = Text("{says} Signed for it: {roles}.", {"says": str(answer.reason), "roles": ", ".join(map(spoken, roles))})
        until = state.through + timedelta(days=1) if state.through else None
        return Answer(standing=Standing.SATISFIED, reason=text, changes_on=until)
    says = " ".join([str(answer.reason), *(str(one) for one in state.refused)])
    return msgspec.structs.replace(
        answer, reason=Text("{says}", {"says": says}), remedy=ask_for(state), changes_on=soonest(answer.changes_on, state.begins)
    )


def _told(clause: Clause, agreement: Agreement, answer: Answer, facts: Facts) -> Answer:
    addressee = getattr(clause.params, "addressee", "") or next(iter(required(clause, agreement)), "")
    state = noticed(clause, facts, addressee)
    if state.given:
        return Answer(standing=Standing.SATISFIED, reason=Text("{says} Notice was given.", {"says": str(answer.reason)}))
    says = " ".join([str(answer.reason), *(str(one) for one in state.refused)])
    remedy = act(Actor.DISTRICT, "Send the notice to: {addressee}.", addressee=spoken(addressee))
    return msgspec.structs.replace(
        answer, reason=Text("{says}", {"says": says}), remedy=remedy, changes_on=soonest(answer.changes_on, state.begins)
    )


def _finding(clause: Clause, agreement: Agreement, how: Stands, found: Verdict, facts: Facts) -> Finding:
    kind = TYPES[clause.type]
    days = [day for day in (found.answer.changes_on, how.changes_on) if day is not None and day > facts.on]
    title = clause.title or spoken(clause.type).capitalize()
    return Finding(
        rule=PREFIX + clause.id,
        title=f"{agreement.title}: {title}" if agreement.title else title,
        layer=clause.layer,
        state=found.state,
        effect=found.effect,
        reason=_whole(found, how),
        ref=clause.id,
        citation=clause.cite.title or clause.pattern or f"{agreement.title}, {clause.id}",
        url=clause.cite.url,
        version=agreement.since,
        jurisdiction=agreement.jurisdiction,
        facts=facts.used,
        remedy=found.remedy,
        purpose=quoted(clause, kind),
        holds_until=min(days, default=None),
        clearance=kind.clearance,
    )


def quoted(clause: Clause, kind: ClauseType) -> str:
    """The clause as it is quoted where it bites: the parties' own words, else what it says in plain words."""
    plain = clause.plain or kind.words(clause.params)
    return f"{clause.id}: “{clause.text}”" if clause.text else f"{clause.id}: {plain}"


def _outcome(clause: Clause, kind: ClauseType, answer: Answer) -> tuple[Effect, State, Text, Remedy | None]:
    """R2: satisfied allows, violated has the clause's effect, unknown holds; about clearance unknown blocks."""
    if answer.standing is Standing.SATISFIED:
        return answer.effect or Effect.ALLOW, State.MET, answer.reason, answer.remedy
    if answer.standing is Standing.VIOLATED:
        return answer.effect or clause.effect, State.VIOLATED, answer.reason, answer.remedy
    names = ", ".join(spoken(name) for name in answer.missing)
    who = SUPPLIED_BY.get(answer.missing[0], Actor.DISTRICT) if answer.missing else Actor.DISTRICT
    effect = Effect.BLOCK if kind.clearance else Effect.ADVISE if clause.effect is Effect.ADVISE else Effect.HOLD
    ask = answer.remedy or (act(who, "Tell us: {names}.", names=names) if names else None)
    if answer.reason.msgid:  # what was told does not settle it, or the clause leaves it open
        return effect, State.UNKNOWN, answer.reason, ask
    reason = Text("We do not know yet: {names}. Until then this cannot be told.", {"names": names})
    return effect, State.UNKNOWN, reason, ask


def _whole(found: Verdict, how: Stands) -> Text:
    """The reason, with how an ended agreement still binds before it and what is owed for the past after it (R13)."""
    owed = " ".join(str(one) for one in found.answer.remedies_due)
    if not how.after and not owed:
        return found.reason
    before = str(how.why) if how.after else ""
    return Text("{says}", {"says": " ".join(part for part in (before, str(found.reason), owed) if part)})


__all__ = ["CaseView", "answer_of", "concerns", "findings_of", "judge", "superseded"]
