"""The versions of a rule and of provisional terms with their days: what it was before, what it is, what comes next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from staffing.core.assessment import Rule
from staffing.core.condition_text import said
from staffing.core.conditions import Condition
from staffing.core.facts import CaseView
from staffing.core.packs import Dated, Requirement, Terms, TermsVersion, Version, in_force
from staffing.core.trace import offered, parameters
from staffing.services.explaining import why_words

Line = tuple[str, str]


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """A version. ``age``: before, now, ahead. ``since`` None: its first day is not on record.

    ``lines`` (label, words) are what it says; where another version is in force on the day, only what differs from that one.
    ``same``: nothing that a pack expresses does.
    """

    age: str
    since: date | None
    until: date | None
    citation: str
    url: str | None
    confidence: str
    note: str
    no_rule: str
    lines: tuple[Line, ...]
    same: bool = False


def of_rule(requirement: Requirement, terms: Mapping[str, Terms], view: CaseView) -> tuple[Period, ...]:
    """The versions of a requirement, oldest first. ``terms`` are the provisional terms that count here, by id."""

    def lines(version: Version) -> Iterable[Line]:
        if _asks_something(version.applies_when):
            yield "Asked when", said(version.applies_when, view.specs)
        for must in version.must:
            yield "Has to be so", said(must.when, view.specs)
        for alternative in version.accepts:
            yield "Would do", offered(alternative, alternative.validity or version.validity, view.specs)
        for exemption in version.unless:
            yield "Exempt", exemption.reason
        regime = terms.get(version.provisional)
        at_its_time = in_force(regime.versions, max(version.since, min(view.on, version.until or view.on))) if regime else None
        for number in parameters(Rule(requirement, version, at_its_time), version, view):
            if number["name"] != "valid":
                yield number["name"].capitalize(), str(number["value"])

    return _periods(requirement.versions, view.on, lines)


def of_terms(terms: Terms, view: CaseView) -> tuple[Period, ...]:
    """The versions of provisional terms, oldest first."""

    def lines(version: TermsVersion) -> Iterable[Line]:
        for words in why_words.conditions_of(version):
            yield "Asks", words
        if _asks_something(version.when):
            yield "Only when", said(version.when, view.specs)

    return _periods(terms.versions, view.on, lines)


def _asks_something(condition: Condition) -> bool:
    return bool(condition.facts) or condition.timed


def _periods(versions: Sequence[Any], on: date, lines: Callable[[Any], Iterable[Line]]) -> tuple[Period, ...]:
    now = in_force(tuple(versions), on)
    of_now = set(lines(now)) if now is not None and not now.no_rule else set()
    return tuple(_period(version, on, () if version.no_rule else tuple(lines(version)), of_now) for version in versions)


def _period(version: Dated, on: date, lines: tuple[Line, ...], of_now: set[Line]) -> Period:
    age = "ahead" if version.since > on else "before" if version.until is not None and version.until < on else "now"
    differing = lines if age == "now" else tuple(line for line in lines if line not in of_now)
    return Period(
        age=age,
        since=None if version.since == date.min else version.since,
        until=version.until,
        citation=version.citation,
        url=version.url if version.url and version.url.startswith(("https://", "http://")) else None,
        confidence=str(version.confidence),
        note=version.note,
        no_rule=version.no_rule,
        lines=differing,
        same=age != "now" and bool(of_now) and set(lines) == of_now,
    )
