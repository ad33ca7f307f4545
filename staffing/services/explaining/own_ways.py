"""What a person can do themselves about a requirement of theirs: what they may bring, and exemptions only they can claim.

Told in kinds, numbers and the pack's own sentences, so that a page can say it in the person's language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import msgspec

from staffing.core import reasons
from staffing.core.assessment import Rule
from staffing.core.conditions import Condition, PredicateFailed
from staffing.core.facts import AskedOf, CaseView, FactSpec
from staffing.core.findings import Actor as Who
from staffing.core.findings import State
from staffing.core.packs import Item, Lasting, Validity, Version
from staffing.services import readiness
from staffing.services.actors import Actor
from staffing.store.engine import tenant_transaction


class Limit(msgspec.Struct, frozen=True):
    """A limit on what may be brought: a word the page knows, and the number, day or name that goes with it."""

    word: str
    value: Any = None


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of paper, by its name, with its limits."""

    name: str
    limits: tuple[Limit, ...] = ()


class Bring(msgspec.Struct, frozen=True, kw_only=True):
    """Papers that together would do. ``lasting``: how long they are good. ``open``: False where that is not known yet."""

    items: tuple[Brought, ...]
    lasting: Limit
    open: bool = True
    asks: tuple[FactSpec, ...] = ()


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """An exemption that would count if the person said so: the pack's own sentence, and the questions they can answer."""

    reason: str
    asks: tuple[FactSpec, ...]


class Ways(msgspec.Struct, frozen=True, kw_only=True):
    """The ways a person can take; both empty where the next step is somebody else's."""

    bring: tuple[Bring, ...] = ()
    claims: tuple[Claim, ...] = ()


NONE = Ways()


async def ways(actor: Actor, rule: str, placement: UUID) -> Ways:
    """The ways open to the person signed in, for a rule and one placement of theirs. Nothing where the rule stops no work.

    Raises ``NotFound`` if the placement is not theirs.
    """
    if actor.person is None:
        return NONE
    async with tenant_transaction(actor.tenant):
        case, place = await readiness.case_of(actor.person, placement_id=placement)
    finding = next((f for f in readiness.decide_here(case, place).findings if f.rule == rule), None)
    if finding is None or finding.effect.clears or finding.state is State.DISQUALIFIED:
        return NONE
    case, book = place.completed(case), place.book
    found = next((r for r in book.era(case.jurisdiction, case.overlays, place.today).rules if r.requirement.id == rule), None)
    if found is None or found.version is None:
        return NONE
    view = CaseView(case, place.today, book.specs)
    theirs = finding.state is State.UNKNOWN or (finding.remedy is not None and finding.remedy.who is Who.PERSON)
    return Ways(
        bring=tuple(_brings(found, found.version, view)) if theirs else (),
        claims=tuple(_claims(found.version, view)),
    )


def _brings(rule: Rule, version: Version, view: CaseView) -> Iterator[Bring]:
    if rule.requirement.remedy.who is not Who.PERSON:
        return
    for alternative in version.accepts:
        open_to, asks = _told(alternative.when, view)
        if open_to is not False:
            yield Bring(
                items=tuple(_brought(item, view) for item in alternative.items),
                lasting=_lasting(alternative.validity or version.validity),
                open=open_to is True,
                asks=asks,
            )


def _claims(version: Version, view: CaseView) -> Iterator[Claim]:
    for exemption in version.unless:
        truth, asks = _told(exemption.when, _untold(exemption.when, view))
        if truth is None and asks:
            yield Claim(reason=exemption.reason, asks=asks)


def _untold(condition: Condition, view: CaseView) -> CaseView:
    """The view in which what the person never said is not known, even where something is taken for granted meanwhile."""
    assumed = [name for name in condition.facts if view.source(name) == "assumed" and _theirs(view.specs.get(name))]
    if not assumed:
        return view
    specs = {**view.specs, **{name: msgspec.structs.replace(view.specs[name], default=None) for name in assumed}}
    return CaseView(view.case, view.on, specs)


def _told(condition: Condition, view: CaseView) -> tuple[bool | None, tuple[FactSpec, ...]]:
    """How a condition stands; where facts are missing, those, if the person can tell every one of them."""
    try:
        truth = condition.test(view)
        unknown = tuple(dict.fromkeys(condition.unknowns(view))) if truth is None else ()
    except PredicateFailed:
        return None, ()
    asks = [spec for name in unknown if _theirs(spec := view.specs.get(name)) and spec is not None]
    return truth, tuple(asks) if len(asks) == len(unknown) else ()


def _theirs(spec: FactSpec | None) -> bool:
    return spec is not None and spec.asked_of is AskedOf.PERSON and not spec.bases


_PURPOSES: Mapping[str, str] = {"volunteer": "for_volunteers", "employment": "for_paid_work"}


def _brought(item: Item, view: CaseView) -> Brought:
    limits = [Limit(_PURPOSES[item.purpose[0]])] if len(item.purpose) == 1 and item.purpose[0] in _PURPOSES else []
    limits += [Limit("for_us")] if item.holder else []
    limits += [Limit("from_place", place.removeprefix("us-").upper()) for place in item.jurisdiction if place != "us"][:1]
    limits += [Limit("fresh_months", item.within_months)] if item.within_months else []
    limits += [Limit("fresh_days", item.within_days)] if item.within_days else []
    limits += [Limit("issued_from", item.issued_from)] if item.issued_from else []
    limits += [Limit("issued_until", item.issued_until)] if item.issued_until else []
    if item.on_or_after:
        day, spec = view.get(item.on_or_after), view.specs.get(item.on_or_after)
        limits.append(Limit("issued_from", day) if day else Limit("not_before", (spec.label if spec else "") or item.on_or_after))
    limits += [Limit("detail", _detail(key, words)) for key, words in item.detail.items()]
    limits += [Limit("detail", f"{m.key} {m.word.replace('_', ' ')} {m.number:g}") for m in item.measures]
    return Brought(name=item.name or reasons.about(item.kind), limits=tuple(limits))


def _detail(key: str, words: tuple[Any, ...]) -> str:
    return f"{key.replace('_', ' ')}: {' or '.join(str(word).replace('_', ' ') for word in words)}"


def _lasting(validity: Validity) -> Limit:
    match validity.lasting:
        case Lasting.MONTHS:
            return Limit("months_from_oldest" if validity.group else "months", validity.months)
        case Lasting.YEARS:
            return Limit("years", validity.years)
        case Lasting.SCHOOL_YEAR:
            return Limit("school_year")
        case Lasting.UNTIL_EXPIRY:
            return Limit("until_expiry")
        case _:
            return Limit("no_end")
