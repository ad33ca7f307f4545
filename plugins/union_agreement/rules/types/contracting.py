"""An outside provider for work of the kind employees do: only if a list of conditions is met."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any, Literal

import msgspec

from staffing.api import Actor, Effect, Text, calendar

from ..agreement import Kind, as_day
from ..answers import NOT_APPLICABLE, Answer, Standing, act, satisfied, unknown
from ..clause import Clause
from ..clause_type import ClauseType, ParamsError
from ..facts import Facts
from ..records import spoken

CONDITIONS = (
    "savings_not_only_lower_pay",
    "wages_not_undercut",
    "no_displacement",
    "comparable_benefits",
    "liability_insurance",
    "staff_list_and_wages",
    "criminal_record_info",
    "three_year_cost",
    "no_start_during_cba_term",
    "notice_days",
    "public_hearing",
)
_NOTICE = re.compile(r"notice_days(?:_(\d+)(?:_(calendar|work|school))?)?$")


class ContractingOut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every condition must be met. ``notice_days_90`` is 90 calendar days; other kinds are named: ``notice_days_10_work``."""

    conditions: tuple[str, ...]
    service_kind: Literal["instructional", "non_instructional"] | None = None

    def __post_init__(self) -> None:
        if not self.conditions:
            raise ParamsError("conditions", "A gate needs at least one condition, such as conditions: [no_displacement].")
        for one in self.conditions:
            notice = _NOTICE.match(one)
            if one not in CONDITIONS and notice is None:
                raise ParamsError("conditions", f"There is no condition '{one}'. Known: {', '.join(CONDITIONS)}, notice_days_90.")
            if notice and notice[1] and int(notice[1]) == 0:
                raise ParamsError("conditions", "A notice of 0 days is none. Write notice_days_90, or another number.")


class _Met(msgspec.Struct, frozen=True, kw_only=True):
    """How one condition stands: met, not met (with the reason), or not known."""

    met: bool | None
    why: Text = Text("")
    begins: date | None = None


def contracting_out_gate(params: ContractingOut, facts: Facts, clause: Clause) -> Answer:
    """Whether each condition is shown.

    ``contract_packet`` is a mapping: a condition by its name (true, false, or its document), ``starts_on``, ``service_kind``,
    ``renewal``, ``savings: {total, from_lower_pay}``, ``price``, ``notice: {delivered_on}``. ``rate_comparison`` is ``{provider,
    reference}`` or rows of it; ``current_performers`` ``{n, displaced}`` or rows of it; ``cba_term`` ``{from, to}``, else the
    agreement's own days; ``notice_record`` and ``notices`` as for notices. What is false is certain whatever else is unknown.

    Decided where agreements are silent: a free service is still such work, and saves by lower pay alone. A renewal that starts
    within the term is held, for a law that speaks of new contracts may not mean it. An emergency is no exception unless the
    clause lists it. A clause on one kind of service says nothing of the other; which kind it is must be told.
    """
    packet = facts.need("contract_packet")
    packet = packet if isinstance(packet, Mapping) else {}
    told = packet.get("service_kind")
    if params.service_kind is not None and told != params.service_kind:
        if told in {"instructional", "non_instructional"}:
            return NOT_APPLICABLE
        return unknown(
            "contract_packet",
            because="Whether the service is instructional is not told.",
            remedy=act(Actor.PARTNER, "State the kind of service: instructional or non_instructional."),
        )
    found = {one: _condition(one, packet, facts, clause) for one in params.conditions}
    failed = [(one, met) for one, met in found.items() if met.met is False]
    lacking = [spoken(one) for one, met in found.items() if met.met is None]
    more = f" Not shown yet: {', '.join(lacking)}." if lacking else ""
    if failed:
        begins = [met.begins for _, met in failed]
        free = max(day for day in begins if day) if all(begins) else None
        remedy = (
            act(Actor.DISTRICT, "Begin the contract on {day} or later.", day=free)
            if free
            else act(Actor.PARTNER, "Meet these conditions, or leave the work to employees: {list}.", list=_list(failed))
        )
        why = " ".join(str(met.why) for _, met in failed)
        return Answer(
            standing=Standing.VIOLATED,
            reason=Text("{why}{more}", {"why": why, "more": more}),
            remedy=remedy,
            changes_on=free if free and facts.day("start") is None else None,
        )
    if lacking:
        names = tuple(dict.fromkeys(_FACTS.get(one, "contract_packet") for one, met in found.items() if met.met is None))
        because = next((str(met.why) for met in found.values() if met.met is None and met.why.msgid), "")
        remedy = act(Actor.PARTNER, "Show: {list}.", list=", ".join(lacking))
        return unknown(*names, because="{why}", remedy=remedy, why=(because + more).strip())
    return satisfied("Every condition for an outside provider is shown: {list}.", list=", ".join(map(spoken, params.conditions)))


_FACTS = {
    "wages_not_undercut": "rate_comparison",
    "no_displacement": "current_performers",
    "no_start_during_cba_term": "cba_term",
}


def _list(failed: list[tuple[str, _Met]]) -> str:
    return ", ".join(spoken(one) for one, _ in failed)


def _condition(name: str, packet: Mapping[str, Any], facts: Facts, clause: Clause) -> _Met:
    if name.startswith("notice_days"):
        return _notice(name, packet, facts, clause)
    special = _SPECIAL.get(name)
    if special is not None and (found := special(packet, facts)) is not None:
        return found
    told = packet.get(name)
    if told is None:
        return _Met(met=None)
    if told is False:
        return _Met(met=False, why=Text("Not met: {name}.", {"name": spoken(name)}))
    if isinstance(told, Mapping):  # a document with its days
        since, until = as_day(told.get("from")), as_day(told.get("to"))
        if (since is not None and since > facts.on) or (until is not None and until < facts.on):
            return _Met(met=False, why=Text("Does not cover this day: {name}.", {"name": spoken(name)}))
    return _Met(met=True)


def _savings(packet: Mapping[str, Any], facts: Facts) -> _Met | None:
    told = packet.get("savings")
    if isinstance(told, Mapping) and told.get("total") is not None and told.get("from_lower_pay") is not None:
        total, pay = Fraction(str(told["total"])), Fraction(str(told["from_lower_pay"]))
        if total <= 0:
            return _Met(met=False, why=Text("The contract saves nothing."))
        return _Met(met=pay < total, why=Text("The whole saving comes from lower pay and benefits."))
    if packet.get("price") == 0 and packet.get("savings_not_only_lower_pay") is None:
        return _Met(met=False, why=Text("A free service saves by paying nobody, and nothing else is shown."))
    return None


def _wages(packet: Mapping[str, Any], facts: Facts) -> _Met | None:
    rows = facts.rows("rate_comparison")
    if not rows:
        return None
    for row in rows:
        provider = row.get("provider", row.get("provider_rate"))
        reference = row.get("reference", row.get("reference_rate"))
        if provider is None or reference is None:
            return _Met(met=None)
        if Fraction(str(provider)) < Fraction(str(reference)):
            words = {"provider": str(provider), "reference": str(reference)}
            return _Met(met=False, why=Text("The provider pays {provider} an hour, less than {reference}.", words))
    return _Met(met=True)


def _displaced(packet: Mapping[str, Any], facts: Facts) -> _Met | None:
    rows = facts.rows("current_performers")
    if any(row.get("displaced") for row in rows):
        n = sum(int(row.get("displaced") or 0) for row in rows)
        return _Met(met=False, why=Text("It takes the work of {n} employees.", {"n": n}))
    if rows and all(row.get("displaced") == 0 for row in rows):
        return _Met(met=True)
    return None


def _term(packet: Mapping[str, Any], facts: Facts) -> _Met:
    start = as_day(packet.get("starts_on") or packet.get("takes_effect_on")) or facts.start
    told, own = facts.get("cba_term"), facts.agreement
    since: date | None = None
    until: date | None = None
    if isinstance(told, Mapping):
        since, until = as_day(told.get("from")), as_day(told.get("to"))
    elif own is not None and own.kind is Kind.CBA:
        since, until = own.since, own.ends.on
    if until is None:
        return _Met(met=None)
    if start > until or (since is not None and start < since):
        return _Met(met=True)
    words = {"start": start.isoformat(), "until": until.isoformat()}
    if packet.get("renewal") is True:
        says = (
            "The contract is renewed on {start}, within the agreement's term. Whether that is a start is a question for counsel."
        )
        return _Met(met=None, why=Text(says, words))
    free = calendar.add_days(until, 1, calendar.DayKind.CALENDAR)
    return _Met(met=False, why=Text("The contract starts on {start}; the agreement runs through {until}.", words), begins=free)


def _hearing(packet: Mapping[str, Any], facts: Facts) -> _Met | None:
    told = packet.get("public_hearing")
    held = as_day(told.get("on") if isinstance(told, Mapping) else told)
    if held is None:
        return None
    return _Met(met=held <= facts.on, why=Text("The public hearing is on {day}, after this day.", {"day": held.isoformat()}))


_SPECIAL = {
    "savings_not_only_lower_pay": _savings,
    "wages_not_undercut": _wages,
    "no_displacement": _displaced,
    "no_start_during_cba_term": _term,
    "public_hearing": _hearing,
}


def _notice(name: str, packet: Mapping[str, Any], facts: Facts, clause: Clause) -> _Met:
    """A notice that is not on record was not given; the contract may begin once its days have run."""
    found = _NOTICE.match(name)
    lead, kind = int(found[1] or 0) if found else 0, calendar.DayKind((found[2] if found else None) or "calendar")
    days = sorted(_delivered(packet, facts, clause))
    if not days:
        return _Met(met=False, why=Text("No written notice is on record."))
    start = as_day(packet.get("starts_on") or packet.get("takes_effect_on")) or facts.start
    first = facts.earliest_act(days[0], lead, kind) if lead else days[0]
    words = {"day": days[0].isoformat(), "lead": lead, "kind": kind.value, "first": first.isoformat()}
    says = "Notice was given on {day}; with {lead} {kind} days the contract may begin on {first}."
    return _Met(met=start >= first, why=Text(says, words), begins=first)


def _delivered(packet: Mapping[str, Any], facts: Facts, clause: Clause) -> Iterator[date]:
    own = packet.get("notice")
    rows = (*([own] if isinstance(own, Mapping) else ()), *facts.rows("notices"), *facts.rows("notice_record"))
    for row in rows:
        day = as_day(row.get("delivered_on") or row.get("delivered_at"))
        if row.get("clause") in (None, clause.id) and day is not None and day <= facts.on:
            yield day


_SAYS = {
    "savings_not_only_lower_pay": "savings that do not come from lower pay alone",
    "wages_not_undercut": "wages no lower than employees' wages",
    "no_displacement": "no employee who loses the work",
    "comparable_benefits": "benefits like those of employees",
    "liability_insurance": "liability insurance",
    "staff_list_and_wages": "a list of the staff and their wages",
    "criminal_record_info": "information on criminal record checks",
    "three_year_cost": "the cost over three years",
    "no_start_during_cba_term": "a start outside of the agreement's term",
    "notice_days": "a written notice",
    "public_hearing": "a public hearing",
}


def _in_words(condition: str) -> str:
    notice = _NOTICE.match(condition)
    if notice and notice[1]:
        return f"a written notice {notice[1]} {notice[2] or 'calendar'} days before"
    return _SAYS[condition]


def _words(params: ContractingOut) -> str:
    kind = f" for {params.service_kind.replace('_', '-')} work" if params.service_kind else ""
    return f"An outside provider{kind} needs all of this first: {', '.join(map(_in_words, params.conditions))}."


TYPES = (
    ClauseType(
        name="contracting_out_gate",
        params=ContractingOut,
        check=contracting_out_gate,
        effect=Effect.BLOCK,
        meaning="Outside provider for unit-type work only if a list of conditions is met.",
        words=_words,
        facts=(
            "contract_packet",
            "cba_term",
            "current_performers",
            "rate_comparison",
            "notice_record",
            "notices",
            "calendars",
            "closed_days",
            "start",
        ),
    ),
)
