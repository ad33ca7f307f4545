"""What goes onto a new badge: its number, its place in the status list, its signed token and the words of its card."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from staffing import settings
from staffing.core.errors import NotFound
from staffing.core.names import full_name
from staffing.documents import badge, badge_token
from staffing.services import badge_numbers, plugins, readiness
from staffing.services.actors import Actor
from staffing.store.engine import DB
from staffing.store.tables import Credential, Organisation, Person, Position, Site, Tenant

#: Size of the status list that ``status_index`` points into: 131,072 entries (W3C Bitstring Status List 1.0, minimum length).
STATUS_LIST = 131_072

#: The two letters inside the token, by placement role or engagement. They say no more than the card does.
_ROLE_CODES = {"paid_tutor_district": "TU", "parapro": "PA", "substitute": "SU", "student_teacher": "ST", "cbo_staff": "PS"}
_ENGAGEMENT_CODES = {"volunteer": "VO", "paid": "PD", "employee": "PD"}


async def new_badge(placement: Mapping[str, Any], decision: UUID, today: date, valid_through: date, actor: Actor) -> Credential:
    """A badge for a placement, not yet saved: its number, token and card. Call it under the district's lock."""
    tenant = await _one(Tenant.select().where(Tenant.id == actor.tenant))
    cti = secrets.token_bytes(badge_token.CTI_BYTES)
    status_index = await _free_index()
    end_of_day = datetime.combine(valid_through + timedelta(days=1), time(), ZoneInfo(tenant["time_zone"])).astimezone(UTC)
    token = badge_token.make(cti=cti, status_index=status_index, role_code=_role_code(placement["terms"]), expires=end_of_day)
    number = badge_numbers.number(actor.tenant, await _next_serial())
    card = await _card(placement=placement, tenant=tenant, number=number, token=token, today=today, valid_through=valid_through)
    return Credential(
        person=placement["person"],
        placement=placement["id"],
        decision=decision,
        number=number,
        cti=cti,
        status_index=status_index,
        token=token,
        issued_on=today,
        valid_through=valid_through,
        card=msgspec.json.encode(card).decode(),
        issued_by=actor.name,
    )


async def _card(
    *, placement: Mapping[str, Any], tenant: Mapping[str, Any], number: str, token: str, today: date, valid_through: date
) -> badge.Card:
    person = await _one(Person.select().where(Person.id == placement["person"]).output(load_json=True))
    position = await _one(Position.select(Position.title, Position.organisation).where(Position.id == placement["position"]))
    site = await _one(Site.select(Site.name).where(Site.id == placement["site"]))
    partner = await Organisation.select(Organisation.name).where(Organisation.id == person["organisation"]).first()
    case, place = await readiness.case_of(person["id"], placement_id=placement["id"])
    name = full_name(person["given_name"], person["family_name"])
    return badge.Card(
        called=person["called"] or person["given_name"],
        name=name,
        latin_name=person["latin_name"],
        initials=badge.initials_of(name),
        district=tenant["name"],
        role=position["title"],
        site=site["name"],
        organisation=partner["name"] if partner else "",
        number=number,
        issued_on=today,
        valid_through=valid_through,
        address=badge_token.address(token, settings.load().base_url),
        help_phone=tenant["help_phone"],
        invented=bool(person["invented"] or tenant["invented"]),
        sections=tuple(
            badge.Section(title=str(found.title), lines=tuple(str(line) for line in found.lines))
            for found in plugins.sections(case, today, place.plugins)
        ),
    )


async def _next_serial() -> int:
    """Call it under the district's lock. Numbers are never used again."""
    async with DB.connection() as connection:
        last = await connection.fetchval(
            "SELECT max(split_part(number, '-', 2)::bigint) FROM credential WHERE number ~ '^[A-Z0-9]+-[0-9]+-.$'"
        )
    return int(last or 0) + 1


async def _free_index() -> int:
    """A random place in the status list that no badge of the district has: the order of issue must not show."""
    while True:
        index = secrets.randbelow(STATUS_LIST)
        if not await Credential.exists().where(Credential.status_index == index):
            return index


def _role_code(terms: Mapping[str, Any]) -> str:
    return _ROLE_CODES.get(str(terms.get("role"))) or _ENGAGEMENT_CODES.get(str(terms.get("engagement")), "VO")


async def _one(query: Any) -> dict[str, Any]:
    row: dict[str, Any] | None = await query.first()
    if row is None:
        raise NotFound("Something this badge names is not in this district any more. Open the person's page again.")
    return row
