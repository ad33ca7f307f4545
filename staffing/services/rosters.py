"""What the other roles see: a partner's own people, a site's day, duties without names, and the district by stage.

None of it shows what a check found: only whether somebody may work, and until when.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from staffing.core.errors import NotFound
from staffing.core.names import fold, full_name
from staffing.services import people, readiness, review_desk
from staffing.services.actors import Actor
from staffing.store.engine import tenant_transaction
from staffing.store.queries import people_list
from staffing.store.queries import rosters as queries
from staffing.store.tables import Organisation, Site

#: Groups with fewer people than this are never shown as a number.
SMALLEST = 10

STAGES: dict[str, str] = {
    "none": "Signed up, no work chosen yet",
    "them": "Have something left to send or do",
    "us": "Waiting for the district to look",
    "others": "Waiting for a state agency or another office",
    "ready": "Cleared",
    "expiring": "Cleared, could lapse within 30 days",
}


class Cleared(msgspec.Struct, frozen=True, kw_only=True):
    """A partner's person: cleared or not, until when, and whose move it is. Never why."""

    name: str
    title: str
    site: str
    placed: bool
    cleared: bool
    through: date | None
    move: str
    invented: bool


class PartnerRoster(msgspec.Struct, frozen=True, kw_only=True):
    """A partner organisation's people."""

    organisation: str
    rows: list[Cleared]
    cleared: int
    found: int
    page: int
    pages: int


class Present(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody placed at a site on a day."""

    name: str
    called: str
    title: str
    languages: tuple[str, ...]
    may_work: bool
    through: date | None
    starts_at: datetime | None
    ends_at: datetime | None
    invented: bool


class SiteDay(msgspec.Struct, frozen=True, kw_only=True):
    """Who may be at a site on a day and who may not."""

    site: str
    address: str
    day: date
    time_zone: str
    rows: list[Present]

    @property
    def may_work(self) -> int:
        """How many of them may work that day."""
        return sum(r.may_work for r in self.rows)


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """A position at a site as counts."""

    site: str
    title: str
    summary: str
    paid: bool
    places: int
    placed: int
    wished: int


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """How many people are at a stage; None when the group is too small to show."""

    name: str
    words: str
    people: int | None


class Stages(msgspec.Struct, frozen=True, kw_only=True):
    """The district by stage. ``total`` is None when even all of it is a small group."""

    community: str
    day: date
    rows: list[Stage]
    total: int | None
    hidden: int


async def partner(actor: Actor, words: str = "", page: int = 1) -> PartnerRoster:
    """The people who come with the actor's organisation. Raises ``NotFound`` if the account has none."""
    actor.require("partner")
    async with tenant_transaction(actor.tenant) as transaction:
        name = await Organisation.select(Organisation.name).where(Organisation.id == actor.organisation).first()
        if actor.organisation is None or name is None:
            raise NotFound("This account belongs to no organisation. Ask the district's volunteer office to set it.")
        place = await readiness.here()
        found, total = await people_list.rows(
            transaction,
            today=place.today,
            soon=place.today + people.SOON,
            words=fold(words),
            standing=None,
            limit=people.PAGE,
            offset=people.PAGE * (max(1, page) - 1),
            organisation=actor.organisation,
        )
        rows = [_cleared(await people.listed(row, place), place.today) for row in found]
    return PartnerRoster(
        organisation=name["name"],
        rows=rows,
        cleared=sum(r.cleared for r in rows),
        found=total,
        page=max(1, page),
        pages=max(1, -(-total // people.PAGE)),
    )


_MOVES = {
    "none": "They choose what they would like to do",
    "them": "Their move",
    "us": "The district's move",
    "others": "Waiting on another office",
    "ready": "",
    "expiring": "Renew soon",
}


def _cleared(row: people.Listed, today: date) -> Cleared:
    cleared = row.status in ("ready", "expiring")
    return Cleared(
        name=row.name,
        title=row.title,
        site=row.site,
        placed=row.placed,
        cleared=cleared,
        through=row.holds_until - timedelta(days=1) if cleared and row.holds_until else None,
        move=_MOVES[row.status],
        invented=row.invented,
    )


async def site_day(actor: Actor) -> SiteDay:
    """Today at the coordinator's own site. Raises ``NotFound`` if the account has none."""
    actor.require("coordinator")
    async with tenant_transaction(actor.tenant) as transaction:
        site = await Site.select(Site.name, Site.address).where(Site.id == actor.site).first()
        if actor.site is None or site is None:
            raise NotFound("This account belongs to no site. Ask the district's volunteer office to set it.")
        district, day = await review_desk.district(actor.tenant)
        zone = district["time_zone"]
        found = await queries.at_site(transaction, actor.site, day, zone)
        rows = [await _present(row, day) for row in found]
    rows.sort(key=lambda r: not r.may_work)
    return SiteDay(site=site["name"], address=site["address"], day=day, time_zone=zone, rows=rows)


async def _present(row: dict[str, Any], day: date) -> Present:
    outcome, holds_until = row["outcome"], row["holds_until"]
    if outcome is None or (holds_until is not None and holds_until <= day):
        decision = await readiness.decision_of(row["person"], placement_id=row["placement"])
        outcome, holds_until = decision.outcome.value, decision.holds_until
    may = people.clears(outcome)
    return Present(
        name=full_name(row["given_name"], row["family_name"]),
        called=row["called"] or row["given_name"],
        title=row["title"],
        languages=tuple(row["languages"] or ()),
        may_work=may,
        through=holds_until - timedelta(days=1) if may and holds_until else None,
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        invented=row["invented"],
    )


async def duties(actor: Actor) -> list[Duty]:
    """Placements counted by duty and site, without names. For union officers and the district."""
    actor.require("union", "hr", "admin")
    async with tenant_transaction(actor.tenant) as transaction:
        found = await queries.duties(transaction)
    return [
        Duty(
            site=row["site"],
            title=row["title"],
            summary=row["summary"],
            paid=row["engagement"] not in (None, "volunteer"),
            places=row["places"],
            placed=row["placed"],
            wished=row["wished"],
        )
        for row in found
    ]


async def stages(actor: Actor) -> Stages:
    """The district's people by stage, groups under ``SMALLEST`` hidden. For the children's cabinet and the district."""
    actor.require("cabinet", "hr", "admin")
    async with tenant_transaction(actor.tenant) as transaction:
        place = await readiness.here()
        counts = await people_list.counts(transaction, today=place.today, soon=place.today + people.SOON)
        district, _ = await review_desk.district(actor.tenant)
    shown = protect({name: counts[name] for name in STAGES})
    total = sum(counts.values())
    rows = [Stage(name=name, words=words, people=shown[name]) for name, words in STAGES.items()]
    return Stages(
        community=district["community"],
        day=place.today,
        rows=rows,
        total=total if total >= SMALLEST else None,
        hidden=sum(r.people is None for r in rows),
    )


def protect(counts: dict[str, int]) -> dict[str, int | None]:
    """Hide groups of 1 to 9, and one more group if what is hidden could be worked out from the total.

    The numbers hidden together must come to at least ``SMALLEST`` (else the total less the rest would give a small
    group away), and one hidden group alone is never left: the smallest shown group is hidden with it.
    """
    shown: dict[str, int | None] = {name: None if 0 < n < SMALLEST else n for name, n in counts.items()}
    while True:
        hidden = [name for name, n in shown.items() if n is None]
        enough = len(hidden) != 1 and sum(counts[name] for name in hidden) >= SMALLEST
        rest = sorted((n, name) for name, n in shown.items() if n)
        if not hidden or enough or not rest:
            return shown
        shown[rest[0][1]] = None
