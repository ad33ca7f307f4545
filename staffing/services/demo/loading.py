"""Writes one community: its rows are made in memory and go in a table at a time, decisions included."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
from piccolo.table import Table

from staffing import clock
from staffing.core.names import full_name, search_name
from staffing.services import credentials, placement, plugins, readiness
from staffing.services.actors import Actor, system
from staffing.services.demo.cast import Invented, cast, tag
from staffing.services.demo.communities import Community, agreed
from staffing.services.demo.law import PLUGINS, RULES_SINCE, law_of, rules_of
from staffing.services.demo.papers import paper
from staffing.services.demo.sessions import Placed, planned
from staffing.services.demo.standing import Standing, columns, stand
from staffing.store import files
from staffing.store.tables import (
    Account,
    Determination,
    DistrictPack,
    Document,
    Evidence,
    Journal,
    Organisation,
    Person,
    Placement,
    PluginSwitch,
    Position,
    Site,
    Tenant,
)
from staffing.store.tables import Decision as DecisionRow

_PLACED = {"placed", "expiring", "expired", "left"}
#: How many of those placed carry a badge already; the others wait for somebody to issue one.
BADGES = 3
_BLURRED = "We could not read the paper. Please take the photo again in good light, or bring the paper to a school office."


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


class _Rows:
    """The rows of one community, by table, in an order in which they can be written."""

    def __init__(self, community: Community) -> None:
        self.community = community
        self.today = clock.today(community.time_zone)
        self.zone = ZoneInfo(community.time_zone)
        self.actor = system(community.id)
        self.tables: dict[type[Table], list[Table]] = {}
        self.organisations: dict[str, UUID] = {}
        self.sites: dict[str, UUID] = {}
        self.positions: dict[str, UUID] = {}
        self.rules = rules_of(community, self.today)
        self.law = law_of(self.rules.on(self.today))
        self.terms = {position.key: agreed(community, position) for position in community.positions}
        self.reviewer = self.actor
        self.to_badge: list[UUID] = []
        self.leaving: list[tuple[UUID, bool]] = []
        self.placed: list[Placed] = []
        self.late: list[Account] = []  # accounts of people, who have to be there first
        self.staff: list[Actor] = []

    def add(self, table: type[Table], **values: Any) -> UUID:
        """Remember a row; gives its id."""
        row_id = values.setdefault("id", uuid4())
        self.tables.setdefault(table, []).append(table(**values))
        return UUID(str(row_id))

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """A moment of a day in the community's own time, never later than now."""
        return min(datetime.combine(day, time(hour, minute), self.zone), clock.now())

    async def write(self) -> None:
        """Write everything, one statement a table; the caller holds the transaction."""
        for table, rows in self.tables.items():
            await table.insert(*rows)
        if self.late:
            await Account.insert(*self.late)


async def load_community(community: Community) -> None:
    """Write a community with everybody in it. Inside its ``tenant_transaction``."""
    rows = _Rows(community)
    await Tenant.insert(
        Tenant(
            id=community.id,
            name=community.name,
            community=community.community,
            jurisdiction=community.jurisdiction,
            time_zone=community.time_zone,
            help_phone=f"+1{community.area_code}5550199",
            invented=True,
        )
    )
    _places(rows)
    _staff(rows)
    await _people(rows)
    by_position = {rows.positions[key]: facts for key, facts in rows.terms.items()}
    for table, values in planned(rows.placed, by_position, rows.today, rows.zone):
        rows.add(table, **values)
    await rows.write()
    await _badges(rows)
    await plugins.demonstrate(community.id, community.jurisdiction, rows.staff)
    if (await readiness.here()).known:  # what plugins have added changes what is decided
        everybody: list[Any] = rows.tables[Person]
        for person in everybody:
            await readiness.refresh(person.id, rows.actor, "the agreements of the demonstration")


async def _badges(rows: _Rows) -> None:
    """Give the first of those placed their badges, and end the placement (and with it the badge) of whoever has left."""
    for placement_id in rows.to_badge[:BADGES]:
        await credentials.issue(rows.reviewer, placement_id)
    for placement_id, cleared in rows.leaving:
        badge = await credentials.issue(rows.reviewer, placement_id) if cleared else None
        await placement.end(rows.reviewer, placement_id, rows.today, "Moved to another city")
        if badge:
            await credentials.withdraw(rows.reviewer, badge, "left")


def _places(rows: _Rows) -> None:
    community = rows.community
    for plugin in PLUGINS:
        rows.add(PluginSwitch, jurisdiction="*", plugin=plugin, since=RULES_SINCE)
    for overlay in rows.rules.overlays:
        rows.add(
            DistrictPack,
            overlay=overlay.name,
            version=overlay.version,
            since=overlay.since,
            reason="Adopted before the demonstration begins.",
            made_by=rows.actor.tag,
        )
    rows.organisations["district"] = rows.add(Organisation, name=community.name, kind="district")
    for partner in community.partners:
        rows.organisations[partner.key] = rows.add(Organisation, name=partner.name, kind=partner.kind)
    for site in community.sites:
        rows.sites[site.key] = rows.add(
            Site,
            organisation=rows.organisations[site.of],
            name=site.name,
            kind=site.kind,
            setting=site.setting,
            address=site.address,
        )
    for position in community.positions:
        rows.positions[position.key] = rows.add(
            Position,
            site=rows.sites[position.site],
            organisation=rows.organisations[position.of],
            title=position.title,
            summary=position.summary,
            terms=_json(rows.terms[position.key]),
            languages=[tag(language) for language in position.languages],
            places=position.places,
        )


def _staff(rows: _Rows) -> None:
    community = rows.community
    for member in community.staff:
        account = rows.add(
            Account,
            tenant=community.id,
            email=f"{member.email}@{community.id}.example",
            name=member.name,
            role=member.role,
            site=rows.sites.get(member.site),
            organisation=rows.organisations.get(member.of),
            invented=True,
        )
        actor = Actor(tenant=community.id, name=member.name, role=member.role, account=account)
        rows.staff.append(actor)
        if member.role == "hr" and rows.reviewer is rows.actor:
            rows.reviewer = actor


async def _people(rows: _Rows) -> None:
    work = {position.key: position for position in rows.community.positions}
    for person in cast(rows.community, rows.today):
        placement_terms = rows.terms[person.position]
        person_id = _person(rows, person)
        placement_id = _placement(rows, person, person_id, work[person.position].site, placement_terms)
        standing = _stand(rows, person, placement_terms)
        for item in standing.evidence:
            recorded_at = rows.at(item.issued_on or item.requested_on or rows.today, 10)
            rows.add(Evidence, id=UUID(item.id), person=person_id, **columns(item), recorded_at=recorded_at)
        rows.tables.setdefault(DecisionRow, []).append(readiness.row_of(person_id, placement_id, standing.decision))
        clears = standing.decision.outcome.clears
        if person.stage in _PLACED - {"left"}:
            position = rows.positions[person.position]
            rows.placed.append(Placed(person=person_id, placement=placement_id, position=position, starts_on=person.starts_on))
        if person.stage == "left":
            rows.leaving.append((placement_id, clears))
        elif person.stage == "placed" and clears:
            rows.to_badge.append(placement_id)
        if standing.sent_in:
            await _document(rows, person, person_id, standing)
        facts = {"invented": True, "stage": person.stage, "outcome": standing.decision.outcome.value}
        entry = Journal(actor=rows.actor.tag, action="person:registered", subject=f"person/{person_id}", facts=_json(facts))
        rows.tables.setdefault(Journal, []).append(entry)
        if person.account:
            _volunteer(rows, person, person_id)


def _volunteer(rows: _Rows, person: Invented, person_id: UUID) -> None:
    """A sign-in for somebody of the cast."""
    rows.late.append(
        Account(
            tenant=rows.community.id,
            email=person.email,
            phone=person.phone,
            name=full_name(person.given, person.family),
            role="volunteer",
            person=person_id,
            invented=True,
        )
    )


def _person(rows: _Rows, person: Invented) -> UUID:
    facts = {"resident_since": person.resident_since.isoformat(), "relationship": person.relationship}
    position = next(p for p in rows.community.positions if p.key == person.position)
    interests = {"positions": [rows.positions[position.key]], "sites": [rows.sites[position.site]]}
    return rows.add(
        Person,
        given_name=person.given,
        family_name=person.family,
        latin_name=person.latin,
        search_name=search_name(person.given, person.family, person.latin),
        born_on=person.born_on,
        email=person.email,
        phone=person.phone,
        language=person.language,
        languages=list(person.speaks),
        organisation=rows.organisations.get(person.partner),
        interests=_json(interests),
        facts=_json(facts),
        status="left" if person.stage == "left" else "active",
        invented=True,
        created_at=rows.at(person.signed_up_on, 17, person.number),
    )


def _placement(rows: _Rows, person: Invented, person_id: UUID, site: str, placement_terms: Mapping[str, Any]) -> UUID:
    placed = person.stage in _PLACED
    return rows.add(
        Placement,
        person=person_id,
        position=rows.positions[person.position],
        site=rows.sites[site],
        state="placed" if placed else "wished",
        terms=_json(placement_terms),
        starts_on=person.starts_on,
        placed_by=rows.reviewer.tag if placed else "",
        created_at=rows.at(person.signed_up_on, 17, person.number),
    )


def _stand(rows: _Rows, person: Invented, placement_terms: Mapping[str, Any]) -> Standing:
    plain = {
        "born_on": person.born_on,
        "facts": {"resident_since": person.resident_since.isoformat(), "relationship": person.relationship},
    }
    case = readiness.assemble(rows.community.jurisdiction, plain, (), placement_terms, person.starts_on)
    return stand(person, case, rows.law)


async def _document(rows: _Rows, person: Invented, person_id: UUID, standing: Standing) -> None:
    kind = standing.sent_in or ""
    asked = next((f for f in standing.decision.findings if kind in f.accepts), None)
    sent_back = person.stage == "sent_back"
    received_on = rows.today - timedelta(days=person.number % 4)
    as_pdf = person.number % 3 == 2 and not sent_back
    title = rows.law.kind_name(kind)
    issued_on = received_on - timedelta(days=5)
    scan = paper(kind, person.latin, person.born_on, issued_on, title=title, blurred=sent_back, as_pdf=as_pdf)
    document = rows.add(
        Document,
        person=person_id,
        kind=kind,
        rule=asked.rule if asked else "",
        file=await files.keep(scan.data, scan.media_type),
        file_name=scan.name,
        media_type=scan.media_type,
        size=len(scan.data),
        state="sent_back" if sent_back else "waiting",
        received_at=rows.at(received_on, 7 + person.number % 3, person.number),
        received_by="computer" if as_pdf else "phone",
    )
    if sent_back:
        rows.add(
            Determination,
            person=person_id,
            document=document,
            kind=kind,
            outcome="sent_back",
            reason="The paper cannot be read.",
            message=_BLURRED,
            rule=asked.rule if asked else "",
            rule_version=str(asked.version or "") if asked else "",
            decided_by=rows.reviewer.tag,
            decided_at=rows.at(received_on, 15, person.number),
        )
