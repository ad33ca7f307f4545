"""The forecast: what lapses in the coming days, which sessions lose their adult by it, and the cheapest ways to keep them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing.core.errors import Invalid, NotFound
from staffing.core.findings import Actor as Who
from staffing.services.actors import Actor
from staffing.services.ahead import lapses
from staffing.services.ahead.lapses import Ahead, Lapse
from staffing.services.ahead.steps import Step
from staffing.store import journal
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Organisation

#: The windows a page offers, in days, and the one it opens with.
WINDOWS = (7, 30, 60, 90)
USUAL = 30
LONGEST = 366

#: Whose step is taken once for everybody.
_FOR_ALL = (Who.ADMINISTRATOR.value, Who.UNION.value)


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """What lapses at one site or among one partner's people: people, sessions left short, and those with nobody left."""

    id: UUID | None
    name: str
    people: int
    sessions: int
    nobody: int


class Fix(msgspec.Struct, frozen=True, kw_only=True):
    """One step and the sessions it keeps, each counted once.

    ``sessions`` are kept by this step alone, done by ``start_by`` where its days are known; ``together`` only with another
    step; ``late`` come too soon for it. ``people`` is more than one where one step serves them all.
    """

    step: Step
    person: UUID
    name: str
    people: int
    sessions: int
    together: int
    late: int
    first: date
    start_by: date | None

    @property
    def rank(self) -> tuple[Any, ...]:
        """Fewest days first, then cost, then most sessions; what is not known comes after what is."""
        step = self.step
        return step.days is None, step.days or 0, step.cents is None, step.cents or 0, -self.sessions, self.first, self.name


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """The coming ``days`` from ``today`` through ``last``.

    ``lapses`` get worse in them; ``already`` are not cleared today and have sessions ahead. ``sessions`` and ``nobody`` count
    sessions left with too few cleared adults, and those of them with none; ``sessions_already`` those short as it is today.
    """

    days: int
    today: date
    last: date
    lapses: tuple[Lapse, ...]
    already: tuple[Lapse, ...]
    sessions: int
    sessions_already: int
    nobody: int
    sites: tuple[Count, ...]
    partners: tuple[Count, ...]
    fixes: tuple[Fix, ...]

    @property
    def people(self) -> int:
        """How many people lose a clearance in the window."""
        return len({lapse.person for lapse in self.lapses if lapse.loses})

    @property
    def weaker(self) -> int:
        """How many placements go on under conditions only."""
        return sum(not lapse.loses for lapse in self.lapses)


class PartnerLapse(msgspec.Struct, frozen=True, kw_only=True):
    """One of a partner's own people: until when they are cleared and whose move it is. Never why.

    ``todo`` is what the partner itself has to do; what others have to do is not its business.
    """

    name: str
    title: str
    site: str
    through: date
    already: bool
    loses: bool
    sessions: int
    first: date | None
    move: str
    todo: tuple[Any, ...]
    invented: bool


class PartnerForecast(msgspec.Struct, frozen=True, kw_only=True):
    """What lapses among a partner's own people."""

    organisation: str
    days: int
    today: date
    last: date
    sessions: int
    rows: tuple[PartnerLapse, ...]


async def forecast(actor: Actor, days: int = USUAL) -> Forecast:
    """What lapses in the district through ``days`` days from today. For HR. Raises ``Invalid`` for a window out of bounds."""
    actor.require("hr", "admin")
    _check(days)
    async with tenant_transaction(actor.tenant) as transaction:
        today, found = await lapses.of_window(transaction, actor.tenant, days)
    return summed(found, today, days)


async def partner(actor: Actor, days: int = USUAL) -> PartnerForecast:
    """The same for the people who come with the actor's organisation, without reasons. Raises ``NotFound``, ``Invalid``."""
    actor.require("partner")
    _check(days)
    async with tenant_transaction(actor.tenant) as transaction:
        name = await Organisation.select(Organisation.name).where(Organisation.id == actor.organisation).first()
        if actor.organisation is None or name is None:
            raise NotFound("This account belongs to no organisation. Ask the district's volunteer office to set it.")
        today, found = await lapses.of_window(transaction, actor.tenant, days, actor.organisation)
    short = _short(found)
    return PartnerForecast(
        organisation=name["name"],
        days=days,
        today=today,
        last=today + timedelta(days=days),
        sessions=len(short),
        rows=tuple(_partners(lapse) for lapse in found),
    )


async def exported(actor: Actor, days: int) -> Forecast:
    """The forecast for a file that leaves the system, which the journal notes."""
    found = await forecast(actor, days)
    async with tenant_transaction(actor.tenant):
        rows = len(found.lapses) + len(found.already)
        await journal.record("forecast:exported", f"tenant/{actor.tenant}", actor=actor.tag, days=days, rows=rows)
    return found


def _check(days: int) -> None:
    if not 1 <= days <= LONGEST:
        raise Invalid(f"A forecast looks 1 to {LONGEST} days ahead, not {days}. Ask for 7, 30, 60 or 90, for example.")


def summed(found: Iterable[Lapse], today: date, days: int) -> Forecast:
    """The sums over what lapses. Pure."""
    every = list(found)
    short = _short(every)
    return Forecast(
        days=days,
        today=today,
        last=today + timedelta(days=days),
        lapses=tuple(lapse for lapse in every if not lapse.already),
        already=tuple(lapse for lapse in every if lapse.already),
        sessions=len(short),
        sessions_already=len(_short(lapse for lapse in every if lapse.already)),
        nobody=sum(short.values()),
        sites=_counts(every, short, by_site=True),
        partners=_counts(every, short, by_site=False),
        fixes=_fixes(every, short, today),
    )


def _short(found: Iterable[Lapse]) -> dict[UUID, bool]:
    """Sessions left with fewer cleared adults than they want; True where nobody is left."""
    lost: dict[UUID, tuple[Ahead, set[UUID]]] = {}
    for lapse in found:
        for ahead in lapse.sessions:
            lost.setdefault(ahead.session, (ahead, set()))[1].add(lapse.person)
    return {
        session: ahead.taken <= len(people)
        for session, (ahead, people) in lost.items()
        if ahead.taken - len(people) < ahead.adults
    }


def _counts(found: Iterable[Lapse], short: dict[UUID, bool], *, by_site: bool) -> tuple[Count, ...]:
    """People and sessions by site (a session counts where it is held) or by the organisation people come with."""
    names: dict[UUID | None, str] = {}
    people: dict[UUID | None, set[UUID]] = {}
    sessions: dict[UUID | None, set[UUID]] = {}
    for lapse in found:
        group = lapse.site_id if by_site else lapse.partner_id
        names.setdefault(group, lapse.site if by_site else lapse.partner)
        people.setdefault(group, set()).add(lapse.person)
        for ahead in lapse.sessions:
            where = ahead.site_id if by_site else lapse.partner_id
            names.setdefault(where, ahead.site if by_site else lapse.partner)
            if ahead.session in short:
                sessions.setdefault(where, set()).add(ahead.session)
    counts = [
        Count(
            id=group,
            name=name,
            people=len(people.get(group, ())),
            sessions=len(sessions.get(group, ())),
            nobody=sum(short[session] for session in sessions.get(group, ())),
        )
        for group, name in names.items()
    ]
    return tuple(sorted(counts, key=lambda c: (-c.sessions, -c.people, c.id is None, c.name)))


class _Kept:
    """What one step keeps, while it is being counted."""

    def __init__(self, step: Step, lapse: Lapse) -> None:
        self.step, self.lapse = step, lapse
        self.people: set[UUID] = set()
        self.alone: dict[UUID, date] = {}
        self.together: dict[UUID, date] = {}
        self.late: dict[UUID, date] = {}


def _fixes(found: Iterable[Lapse], short: dict[UUID, bool], today: date) -> tuple[Fix, ...]:
    """Every step that keeps a session, cheapest first."""
    kept: dict[tuple[str, UUID | None], _Kept] = {}
    for lapse in found:
        steps = {step.rule: step for step in lapse.steps}
        for ahead in lapse.sessions:
            if ahead.session not in short:
                continue
            for rule in ahead.rules:
                step = steps[rule]
                one = kept.setdefault((rule, None if step.who in _FOR_ALL else lapse.person), _Kept(step, lapse))
                one.people.add(lapse.person)
                in_time = all(today + timedelta(days=steps[r].days or 0) <= ahead.day for r in ahead.rules)
                which = one.late if not in_time else one.alone if len(ahead.rules) == 1 else one.together
                which[ahead.session] = ahead.day
    return tuple(sorted((_fix(one) for one in kept.values()), key=lambda fix: fix.rank))


def _fix(one: _Kept) -> Fix:
    reachable = [*one.alone.values(), *one.together.values()]
    first = min(reachable or one.late.values())
    days = one.step.days
    return Fix(
        step=one.step,
        person=one.lapse.person,
        name=one.lapse.name,
        people=len(one.people),
        sessions=len(one.alone),
        together=len(one.together.keys() - one.alone.keys()),
        late=len(one.late.keys() - one.alone.keys() - one.together.keys()),
        first=first,
        start_by=first - timedelta(days=days) if days is not None and reachable else None,
    )


def _partners(lapse: Lapse) -> PartnerLapse:
    who = {cause.step.who for cause in lapse.causes}
    move = (
        "Your move"
        if Who.PARTNER.value in who
        else "Their move"
        if Who.PERSON.value in who
        else "The district’s move"
        if Who.DISTRICT.value in who
        else "Waiting on another office"
    )
    return PartnerLapse(
        name=lapse.name,
        title=lapse.title,
        site=lapse.site,
        through=lapse.through,
        already=lapse.already,
        loses=lapse.loses,
        sessions=len({ahead.session for ahead in lapse.sessions}),
        first=min((ahead.day for ahead in lapse.sessions), default=None),
        move=move,
        todo=tuple(c.step.what for c in lapse.causes if c.step.who == Who.PARTNER.value and c.step.what),
        invented=lapse.invented,
    )
