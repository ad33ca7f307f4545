"""Is this badge good? Asked by anybody who scans one; answered with a word and as little about a person as possible."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal
from uuid import UUID

import msgspec
from piccolo.engine.postgres import PostgresTransaction

from staffing.documents import badge_token
from staffing.services import readiness
from staffing.services.actors import Actor
from staffing.store.engine import DB, tenant_transaction
from staffing.store.queries import badge_list
from staffing.store.tables import Tenant

Status = Literal["valid", "expired", "withdrawn", "on_hold", "unknown", "damaged"]


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """The answer. ``sentence`` says why there is none, for ``unknown`` and ``damaged``.

    ``name``, ``called``, ``role``, ``site`` and ``credential`` are set for signed-in staff of the badge's district alone.
    """

    status: Status
    sentence: str = ""
    valid_through: date | None = None
    initials: str = ""
    number: str = ""
    tenant: str = ""
    district: str = ""
    today: date | None = None
    invented: bool = False
    name: str | None = None
    called: str | None = None
    role: str | None = None
    site: str | None = None
    credential: UUID | None = None


STAFF = frozenset({"hr", "admin", "coordinator"})

_BY_CTI = "SELECT tenant, id FROM credential_by_cti($1)"
_UNKNOWN = "The code is signed by this service, but there is no such badge. Call the district that it names."


async def verify(token: str, viewer: Actor | None = None) -> Verification:
    """Check a token as it stands this minute. Never raises for any text.

    ``valid`` needs all of: genuine, not withdrawn, not past its last day, still placed, and the newest decision still clears.
    """
    claims = badge_token.read(token)
    if isinstance(claims, badge_token.Unread):
        return Verification(status="damaged" if claims.reason == "damaged" else "unknown", sentence=claims.sentence)
    async with DB.connection() as connection:
        found = await connection.fetchrow(_BY_CTI, claims.cti)
    if found is None:
        return Verification(status="unknown", sentence=_UNKNOWN)
    async with tenant_transaction(found["tenant"]) as transaction:
        return await _answer(transaction, found["id"], found["tenant"], viewer)


async def _answer(transaction: PostgresTransaction, credential: UUID, tenant: str, viewer: Actor | None) -> Verification:
    row = await badge_list.one(transaction, credential)
    district = await Tenant.select(Tenant.name).where(Tenant.id == tenant).first()
    if row is None or district is None:
        return Verification(status="unknown", sentence=_UNKNOWN)
    today = (await readiness.here()).today
    card = row["card"]
    staff = viewer is not None and viewer.tenant == tenant and viewer.role in STAFF
    return Verification(
        status=await status_of(row, today),
        valid_through=row["valid_through"],
        initials=card.get("initials", ""),
        number=row["number"],
        tenant=tenant,
        district=district["name"],
        today=today,
        invented=bool(card.get("invented")),
        name=card.get("name") if staff else None,
        called=card.get("called") if staff else None,
        role=card.get("role") if staff else None,
        site=card.get("site") if staff else None,
        credential=credential if staff else None,
    )


async def status_of(row: Mapping[str, Any], today: date) -> Status:
    """How a badge stands today, from a row of ``store.queries.badge_list``. Inside a ``tenant_transaction``."""
    if row["state"] == "withdrawn":
        return "withdrawn"
    if row["valid_through"] < today:
        return "expired"
    ended = row["placement_ends_on"] and row["placement_ends_on"] < today
    if row["state"] == "on_hold" or row["placement_state"] != "placed" or ended or row["outcome"] is None:
        return "on_hold"
    if row["holds_until"] and row["holds_until"] <= today:  # it may have changed by itself since it was taken
        decision = await readiness.decision_of(row["person"], placement_id=row["placement"])
        return "valid" if decision.outcome.clears else "on_hold"
    return "valid" if readiness.clears(row["outcome"]) else "on_hold"
