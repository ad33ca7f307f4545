"""What agreements say of one person's work: the clauses where they bite, what would satisfy them, and doing it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import (
    Conflict,
    Effect,
    Finding,
    Invalid,
    NotFound,
    State,
    Viewer,
    Work,
    calendar,
    split_placement,
    tell_of_placement,
    work_of,
)

from ..rules.asked_facts import ASKED, Asked, answer
from ..rules.clause import Clause
from ..rules.deciding import PREFIX
from . import asks, records


class Bite(msgspec.Struct, frozen=True, kw_only=True):
    """A clause that says something of this work, with what can be done about it.

    ``questions`` are facts to tell, or to tell anew where the clause is broken by what was ``told`` (a session too long, a
    group that is too large); ``signers`` are offices to ask, ``addressee`` the office to tell. ``sunset``: the last day on
    which the clause counts, where it ends inside the placement.
    """

    finding: Finding
    agreement: UUID | None
    clause: Clause | None
    questions: tuple[Asked, ...]
    told: dict[str, Any]
    signers: tuple[str, ...]
    addressee: str
    items: tuple[str, ...]
    earliest: date | None
    sunset: date | None

    @property
    def clears(self) -> bool:
        """Whether the work may go on under it."""
        return self.finding.effect.clears


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The work, and every clause with something to say, the most severe first."""

    work: Work
    bites: tuple[Bite, ...]
    held: bool


async def page(
    viewer: Viewer, person: UUID, *, placement: UUID | None = None, position: UUID | None = None, on: date | None = None
) -> Page:
    """What agreements say of a placement, or of a position somebody might take. Raises ``NotFound``."""
    if placement is None and position is None:
        raise NotFound("Choose a placement or a position first.")
    work = await work_of(viewer, person, placement=placement, position=position, on=on)
    mine = [finding for finding in work.decision.findings if finding.rule.startswith(PREFIX)]
    bites = [await _bite(viewer, finding, work) for finding in mine]
    return Page(work=work, bites=tuple(bites), held=any(not bite.clears for bite in bites))


async def _bite(viewer: Viewer, finding: Finding, work: Work) -> Bite:
    agreement: UUID | None = None
    clause: Clause | None = None
    signers: tuple[str, ...] = ()
    with contextlib.suppress(NotFound, Conflict):  # a law, or an agreement that no longer counts
        agreement, clause, signers = await records.clause_of(viewer, "", finding.ref)
    unknown = [fact.name for fact in finding.facts if fact.value is None] if finding.state is State.UNKNOWN else []
    told = {fact.name: fact.value for fact in finding.facts if fact.value is not None and fact.name in ASKED}
    changeable = told if finding.state is State.VIOLATED else {}
    questions = tuple(ASKED[name] for name in dict.fromkeys([*unknown, *changeable]) if name in ASKED)
    params = clause.params if clause else None
    addressee = str(getattr(params, "addressee", "") or "")
    violated = finding.state is State.VIOLATED
    signing = violated and finding.effect.value == "needs_cosign"
    return Bite(
        finding=finding,
        agreement=agreement,
        clause=clause,
        questions=questions if work.placement else (),
        told={name: value for name, value in changeable.items() if isinstance(value, str | int | float | date)},
        signers=signers if signing else (),
        addressee=addressee if violated else "",
        items=tuple(getattr(params, "content", ()) or ()),
        earliest=_earliest(params, work),
        sunset=_sunset(finding, work),
    )


def _earliest(params: Any, work: Work) -> date | None:
    """The first day on which the work could begin after a notice delivered today, where its days are calendar days."""
    lead, kind = getattr(params, "lead", 0), getattr(params, "day_kind", None)
    if not lead or kind != "calendar":
        return None
    return calendar.add_days(work.on, lead + 1, calendar.DayKind.CALENDAR)


def _sunset(finding: Finding, work: Work) -> date | None:
    """The last day on which this answer holds, where the placement goes on past it."""
    if work.placement is None or finding.holds_until is None or work.state != "placed":
        return None
    if finding.effect is not Effect.ALLOW:
        return None  # splitting helps where it is well now and would not be later
    last = finding.holds_until - timedelta(days=1)
    goes_on = work.ends_on is None or work.ends_on > last
    return last if goes_on and last >= work.on else None


async def tell(viewer: Viewer, placement: UUID, given: Mapping[str, str], clause: str) -> int:
    """Keep the facts a clause asks for. Raises ``Invalid`` by fact; gives how many were told."""
    facts: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, value in given.items():
        if name in ASKED and value.strip():
            try:
                facts[name] = answer(name, value)
            except Invalid as error:
                wrong.update(error.fields)
    if wrong:
        raise Invalid("Nothing was kept. " + " ".join(wrong.values()), wrong)
    if not facts:
        raise Invalid("Answer at least one question, then save.")
    await tell_of_placement(viewer, placement, facts, f"{clause} asks for it")
    return len(facts)


async def notify(viewer: Viewer, page: Page, ref: str, *, delivered_on: date, items: tuple[str, ...], proof: str) -> None:
    """Record the notice that a clause asks for."""
    bite = find(page, ref)
    if bite.agreement is None or not bite.addressee:
        raise Invalid(f"{ref} asks for no notice.")
    await records.notice(
        viewer, bite.agreement, ref, addressee=bite.addressee, items=items, delivered_on=delivered_on, proof=proof
    )


async def ask(viewer: Viewer, page: Page, ref: str, role: str, why: str, *, one: bool) -> None:
    """Ask an office to sign: for this placement alone, or for this kind of work at this site."""
    bite, work = find(page, ref), page.work
    if bite.agreement is None or role not in bite.signers:
        raise Invalid(f"{ref} asks for no signature of that office.")
    scope = records.Scope(
        sites=() if one else (str(work.site),),
        since=work.on,
        placement=work.placement if one else None,
    )
    what = f"{work.title} at {work.site_name}"
    await asks.ask(viewer, bite.agreement, ref, role, work=what, why=why, scope=scope)


async def split(viewer: Viewer, page: Page, ref: str) -> UUID:
    """Split the placement at the last day on which a clause's answer holds."""
    bite = find(page, ref)
    if bite.sunset is None or page.work.placement is None:
        raise Conflict("There is no day at which this placement could be split.")
    return await split_placement(viewer, page.work.placement, bite.sunset, f"{ref} holds through {bite.sunset}")


def find(page: Page, ref: str) -> Bite:
    """What a clause says on the page. Raises ``NotFound``."""
    for bite in page.bites:
        if bite.finding.ref == ref:
            return bite
    raise NotFound(f"{ref} says nothing of this work any more. Open the page again.")
