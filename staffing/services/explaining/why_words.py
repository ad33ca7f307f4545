"""The words of an explanation for staff: what a finding means, a fact with its source, provisional terms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from staffing.core import reasons
from staffing.core.facts import CaseView, FactSpec
from staffing.core.findings import Actor as Who
from staffing.core.findings import Effect, State
from staffing.core.packs import TermsVersion
from staffing.core.trace import Offer, Step
from staffing.services.standing import joined, lower_first

#: What a state means, about the person (``{called}``).
_HEADLINES: dict[State, str] = {
    State.MET: "{called} has what this rule asks for",
    State.EXPIRING: "{called} has what this rule asks for, but it runs out soon",
    State.PROVISIONAL: "{called} may begin for now, under conditions",
    State.PENDING: "It has been asked for; there is no result that counts yet",
    State.MISSING: "What this rule asks for is not in",
    State.EXPIRED: "What is on record has run out",
    State.EXEMPT: "This rule asks nothing of {called}: an exemption applies",
    State.WAIVED: "This rule is waived",
    State.NOT_REQUIRED: "This rule does not apply here",
    State.UNKNOWN: "This cannot be decided: a fact is missing",
    State.VIOLATED: "What this rule demands is not kept",
    State.DISQUALIFIED: "A result on record does not allow this work",
    State.NEEDS_REVIEW: "This rule is under review, so it decides nothing",
}

#: What an effect does to the work.
_EFFECTS: dict[Effect, str] = {
    Effect.ALLOW: "It does not stand in the way of the work.",
    Effect.ADVISE: "It does not stop the work.",
    Effect.PROVISIONAL: "The work may go on for now.",
    Effect.NEEDS_NOTICE: "A notice has to be given before the work begins.",
    Effect.NEEDS_COSIGN: "A co-signature is needed before the work begins.",
    Effect.HOLD: "The work waits until this is settled.",
    Effect.BLOCK: "The work may not be done until this is settled.",
}

_TOLD: dict[str, str] = {
    "person": "{called} told us",
    "district": "recorded by the district",
    "partner": "the partner told us",
    "site": "the site told us",
    "schedule": "from the schedule",
    "derived": "worked out from other facts",
    "assumed": "taken for granted until somebody says otherwise",
    "evidence": "from the papers on record",
}
_ASK: dict[str, str] = {
    "person": "ask {called}",
    "district": "the district can tell",
    "partner": "ask the partner",
    "site": "ask the site",
    "schedule": "the schedule tells",
}
_NEXT: dict[Who, str] = {
    Who.PERSON: "{called}",
    Who.DISTRICT: "The district",
    Who.PARTNER: "The partner",
    Who.SITE: "The site",
    Who.STATE_AGENCY: "The state agency",
    Who.UNION: "The union",
    Who.ADMINISTRATOR: "The administrator",
}

#: How what is held stands in one way to satisfy a rule, as a pill: colour, words.
_HELD: dict[str, tuple[str, str]] = {
    State.MET: ("ok", "Counts"),
    State.PENDING: ("info", "No result yet"),
    State.UNKNOWN: ("warn", "Cannot be told yet"),
    State.EXPIRED: ("bad", "Run out"),
    State.MISSING: ("mute", "Not on record"),
}


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that a condition read: its label, its value (a day, or words; None when unknown) and where it came from."""

    label: str
    value: date | str | None
    source: str


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A condition as the page shows it: true, false or None. ``how``: all, any, not, or empty; then ``says`` is all there is."""

    says: str
    truth: bool | None
    how: str = ""
    facts: tuple[Fact, ...] = ()
    parts: tuple[Node, ...] = ()


def headline(state: State, called: str) -> str:
    """What the finding means, in a plain sentence without its full stop."""
    return _HEADLINES[state].format(called=called)


def consequence(effect: Effect) -> str:
    """What the finding does to the work, in a sentence."""
    return _EFFECTS[effect]


def acts(who: Who, called: str) -> str:
    """Who takes the next step, as the beginning of a sentence."""
    return _NEXT[who].format(called=called)


def held(offer: Offer) -> tuple[str, str]:
    """How what is held stands in one way to satisfy the rule, as a pill."""
    if offer.open is not None and offer.open.truth is not True:
        return ("mute", "Not open here") if offer.open.truth is False else ("warn", "Not known if this is open")
    return ("warn", "Does not count") if offer.note and offer.state == State.MISSING else _HELD[offer.state]


def node(step: Step, view: CaseView, called: str) -> Node:
    """A step of the trace with the labels and values of its facts in words."""
    return Node(
        says=step.says,
        truth=step.truth,
        how=step.how,
        facts=tuple(_fact(fact, view, called) for fact in step.facts),
        parts=tuple(node(part, view, called) for part in step.parts),
    )


def _fact(read: dict[str, Any], view: CaseView, called: str) -> Fact:
    name, source = read["name"], read["source"]
    if name == "day":
        return Fact(label="the day decided for", value=read["value"], source="")
    if source == "evidence":
        return Fact(label=lower_first(reasons.about(name)), value=read["value"] or "none on record", source=_TOLD["evidence"])
    return fact(name, view, called)


def fact(name: str, view: CaseView, called: str) -> Fact:
    """A fact by its label, with its value and where it came from; for an unknown one whom to ask."""
    spec, value = view.specs.get(name), view.get(name)
    label = (spec.label if spec else "") or name.rpartition(".")[2].replace("_", " ")
    if value is None:
        return Fact(label=label, value=None, source=_whom(name, view, called))
    return Fact(label=label, value=_value(value, spec), source=_TOLD.get(view.source(name), "").format(called=called))


def _whom(name: str, view: CaseView, called: str) -> str:
    asked = [view.specs[base] for base in view.unknown_bases(name) if base in view.specs]
    return joined(list(dict.fromkeys(_ASK[spec.asked_of.value].format(called=called) for spec in asked)))


def _value(value: Any, spec: FactSpec | None) -> date | str:
    if isinstance(value, date):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(str(_value(one, spec)) for one in value) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return spec.choices.get(value, str(value).replace("_", " ")) if spec else str(value)


def conditions_of(terms: TermsVersion) -> Iterator[str]:
    """What provisional terms ask meanwhile, a sentence each."""
    if terms.days:
        first = "the day the item was asked for" if terms.counted_from == "asked" else "the first day of work"
        yield f"At most {terms.days} days, counted from {first}."
    else:
        yield "No limit of days."
    if terms.asked_for:
        by = f" by {terms.asked_within} days after the start" if terms.asked_within is not None else ""
        yield f"What is missing has been asked for{by}."
    if terms.results_in:
        yield f"Back and clear: {_kinds(terms, terms.results_in, ' or ')}."
    if terms.results_all:
        yield f"Back and clear: {_kinds(terms, terms.results_all, ' and ')}."
    if terms.papers:
        yield f"Held: {_kinds(terms, terms.papers, ' and ')}."
    if terms.conditions:
        yield terms.conditions


def _kinds(terms: TermsVersion, kinds: tuple[str, ...], word: str) -> str:
    of = {kind: f" ({', '.join(places)})" for kind, places in terms.of.items()}
    return word.join(lower_first(reasons.about(kind)) + of.get(kind, "") for kind in kinds)
