"""Evidence made to fit: what a rule accepts, with the result, holder, words and numbers that its pack asks it to carry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from uuid import UUID, uuid5

import msgspec

from staffing.core.evidence import WITH_RESULT, Evidence
from staffing.core.facts import CaseView
from staffing.core.findings import Finding
from staffing.core.packs import Item, Lasting, Measure, Validity
from staffing.services.demo.cast import Invented
from staffing.services.demo.law import Law

_SPACE = UUID("6f0f6b0e-0f4e-5d0e-9f5c-1d0a5f1a4b11")

#: How long a licence or permit is good that has its end printed on it.
_PRINTED = timedelta(days=730)


#: What would satisfy a rule: items, each with how long it is good.
Way = tuple[tuple[Item, Validity], ...]


def way(person: Invented, finding: Finding, law: Law, view: CaseView, held: Mapping[str, Evidence]) -> Way:
    """How this person satisfies a finding: with the fewest new items, and where that leaves a choice not all alike."""
    open_to = list(_ways(finding, law, view))
    new = [len({item.kind for item, _ in items} - held.keys()) for items in open_to]
    shortest = [items for items, count in zip(open_to, new, strict=True) if count == min(new)]
    choice = 0 if person.stage == "pending" else person.number  # the packs' first choice is what a state answers
    return shortest[choice % len(shortest)] if shortest else ()


def _ways(finding: Finding, law: Law, view: CaseView) -> Iterator[Way]:
    rule = law.rules.get(finding.rule)
    version = rule.version if rule else None
    if version is None:  # a plugin's own finding names kinds alone
        yield from (((Item(kind=kind), Validity()),) for kind in finding.accepts)
        return
    for alternative in version.accepts:
        if alternative.when.test(view):
            yield tuple((item, alternative.validity or version.validity) for item in alternative.items)


def fitted(
    person: Invented, asked: tuple[Item, Validity], issued_on: date, view: CaseView, held: Mapping[str, Evidence]
) -> Evidence:
    """The item as this person has it. One of its kind held already is made to fit both: it keeps its words, and the later day."""
    item, validity = asked
    before = held.get(item.kind)
    purpose = "volunteer" if view.get("placement.engagement") == "volunteer" else "employment"
    here = view.case.jurisdiction
    day = _within(issued_on, item, view)
    if before and before.issued_on:
        day = max(day, before.issued_on)
    return Evidence(
        id=str(uuid5(_SPACE, f"{person.email}/{item.kind}")),
        kind=item.kind,
        result="clear" if item.result == "clear" or item.kind in WITH_RESULT else None,
        issued_on=day,
        expires_on=day + _PRINTED if validity.lasting is Lasting.UNTIL_EXPIRY else before.expires_on if before else None,
        purpose=purpose if purpose in item.purpose or not item.purpose else item.purpose[0],
        holder=_holder(item, view, before),
        jurisdiction=here if here in item.jurisdiction or not item.jurisdiction else item.jurisdiction[0],
        detail=_detail(person, item, before),
    )


def usual(person: Invented, kind: str, issued_on: date, view: CaseView) -> Evidence:
    """An item that no rule here asks for."""
    return fitted(person, (Item(kind=kind, result="any"), Validity()), issued_on, view, {})


def asked_for(item: Evidence, requested_on: date) -> Evidence:
    """The same item, asked for and not answered."""
    return msgspec.structs.replace(
        item, state="initiated", result=None, issued_on=None, expires_on=None, requested_on=requested_on
    )


def _within(issued_on: date, item: Item, view: CaseView) -> date:
    """The day, or the nearest one on which the item may have been issued."""
    since = view.get(item.on_or_after) if item.on_or_after else None
    earliest = max(day for day in (since, item.issued_from, date.min) if day is not None)
    return min(max(issued_on, earliest), item.issued_until or date.max)


def _holder(item: Item, view: CaseView, before: Evidence | None) -> str | None:
    """Whom the result was issued to. Where two rules each want another holder none is stated: then it is the record's own."""
    earlier = before.holder if before else None
    if not item.holder:
        return earlier
    wanted = "district" if item.holder == "district" else str(view.get("placement.employer"))
    return wanted if earlier in (None, wanted) else None


def _detail(person: Invented, item: Item, before: Evidence | None) -> dict[str, str | int | bool]:
    detail = dict(before.detail) if before else {}
    for key, words in item.detail.items():
        if detail.get(key) not in words:
            detail[key] = words[0]
    detail.update((measure.key, _number(measure, person)) for measure in item.measures)
    return detail


def _number(measure: Measure, person: Invented) -> int:
    """A number that passes, a little different from person to person."""
    bound = int(measure.number)
    return {"at_least": bound + person.number % 9, "more_than": bound + 1 + person.number % 9}.get(measure.word, bound - 1)
