"""Rows for tests: plain functions that make one row with sensible values and give its id.

Each opens its own ``tenant_transaction`` (a savepoint inside an open one), for the tenant of the open one or "alder".
Any column may be given by name. Everybody here is invented.
"""

from __future__ import annotations

import itertools
import secrets
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing.store.engine import current_tenant, tenant_transaction
from staffing.store.tables import (
    Account,
    Assignment,
    Credential,
    Decision,
    Document,
    Evidence,
    Organisation,
    Person,
    Placement,
    Position,
    Session,
    Site,
    StoredFile,
    Tenant,
)

_numbers = itertools.count(1)


def json_text(value: Any) -> str:
    """What goes into a JSONB column."""
    return msgspec.json.encode(value).decode()


async def _insert(table: Any, tenant: str | None, values: dict[str, Any]) -> Any:
    values = {name: json_text(value) if isinstance(value, dict) else value for name, value in values.items()}
    async with tenant_transaction(tenant or current_tenant() or "alder") as _:
        row = table(**values)
        await table.insert(row)
        return row.id


async def make_tenant(tenant: str = "alder", **columns: Any) -> str:
    """A district; not under row-level security."""
    values = {
        "name": f"{tenant.title()} Unified",
        "community": tenant.title(),
        "jurisdiction": "us-ca",
        "time_zone": "America/Los_Angeles",
        "help_phone": "+15105550100",
        "invented": True,
    } | columns
    await Tenant.insert(Tenant(id=tenant, **values))
    return tenant


async def make_organisation(tenant: str | None = None, **columns: Any) -> UUID:
    """The district itself, unless ``kind`` says otherwise."""
    return await _insert(Organisation, tenant, {"name": "Alder Unified", "kind": "district"} | columns)


async def make_site(tenant: str | None = None, **columns: Any) -> UUID:
    """A school on campus, with an organisation of its own unless one is given."""
    columns.setdefault("organisation", None)
    columns["organisation"] = columns["organisation"] or await make_organisation(tenant)
    return await _insert(Site, tenant, {"name": "Marigold Elementary", "kind": "school", "setting": "campus"} | columns)


async def make_position(tenant: str | None = None, **columns: Any) -> UUID:
    """A volunteer reading tutor, with a site of its own unless ``site`` and ``organisation`` are given."""
    organisation = columns.pop("organisation", None) or await make_organisation(tenant)
    site = columns.pop("site", None) or await make_site(tenant, organisation=organisation)
    values = {"title": "Reading tutor", "terms": {"engagement": "volunteer", "employer": "district", "setting": "campus"}}
    return await _insert(Position, tenant, values | {"site": site, "organisation": organisation} | columns)


async def make_person(tenant: str | None = None, **columns: Any) -> UUID:
    """An invented volunteer born in 1985."""
    number = next(_numbers)
    values = {
        "given_name": "Rosa",
        "family_name": f"Example{number}",
        "search_name": f"rosa example{number}",
        "born_on": date(1985, 3, 2),
        "email": f"rosa{number}@example.org",
        "invented": True,
    }
    return await _insert(Person, tenant, values | columns)


async def make_account(tenant: str | None = None, **columns: Any) -> UUID:
    """A sign-in of role ``hr`` unless ``role`` says otherwise."""
    tenant = tenant or current_tenant() or "alder"
    values = {
        "tenant": tenant,
        "email": f"staff{next(_numbers)}@example.org",
        "name": "Sam Example",
        "role": "hr",
        "invented": True,
    }
    return await _insert(Account, tenant, values | columns)


async def make_placement(tenant: str | None = None, **columns: Any) -> UUID:
    """A person placed in a position at a site; makes what is not given."""
    person = columns.pop("person", None) or await make_person(tenant)
    site = columns.pop("site", None) or await make_site(tenant)
    position = columns.pop("position", None) or await make_position(tenant, site=site)
    values = {"state": "placed", "starts_on": date(2026, 9, 1), "terms": {"engagement": "volunteer", "employer": "district"}}
    return await _insert(Placement, tenant, values | {"person": person, "site": site, "position": position} | columns)


async def make_stored_file(tenant: str | None = None, **columns: Any) -> UUID:
    """A row of sealed bytes that cannot be opened; for real ones use ``staffing.store.files.keep``."""
    values = {
        "sha256": secrets.token_bytes(32),
        "media_type": "application/pdf",
        "size": 3,
        "key_id": "none",
        "nonce": b"0",
        "sealed": b"0",
    }
    return await _insert(StoredFile, tenant, values | columns)


async def make_document(tenant: str | None = None, **columns: Any) -> UUID:
    """A paper waiting for review."""
    person = columns.pop("person", None) or await make_person(tenant)
    file = columns.pop("file", None) or await make_stored_file(tenant)
    values = {"kind": "tb_screening", "media_type": "application/pdf", "size": 3, "file_name": "paper.pdf"}
    return await _insert(Document, tenant, values | {"person": person, "file": file} | columns)


async def make_evidence(tenant: str | None = None, **columns: Any) -> UUID:
    """A complete, clear item of evidence."""
    person = columns.pop("person", None) or await make_person(tenant)
    values = {"kind": "tb_screening", "result": "clear", "issued_on": date(2026, 5, 2)}
    return await _insert(Evidence, tenant, values | {"person": person} | columns)


async def _placed(tenant: str | None, placement: UUID | None) -> UUID | None:
    if placement is None:
        return None
    async with tenant_transaction(tenant or current_tenant() or "alder"):
        rows = await Placement.select(Placement.person).where(Placement.id == placement)
    return rows[0]["person"] if rows else None


async def make_decision(tenant: str | None = None, **columns: Any) -> UUID:
    """A current decision that allows, about the person of the placement if one is given; its body is empty."""
    person = columns.pop("person", None) or await _placed(tenant, columns.get("placement")) or await make_person(tenant)
    values = {"on": date(2026, 11, 24), "outcome": "allow", "body": {}, "case_hash": "c", "rules_hash": "r"}
    return await _insert(Decision, tenant, values | {"person": person} | columns)


async def make_credential(tenant: str | None = None, **columns: Any) -> UUID:
    """An issued badge with a placement and decision of its own unless they are given."""
    person = columns.pop("person", None) or await make_person(tenant)
    placement = columns.pop("placement", None) or await make_placement(tenant, person=person)
    decision = columns.pop("decision", None) or await make_decision(tenant, person=person, placement=placement)
    number = next(_numbers)
    values = {
        "number": f"A-{number:06}",
        "cti": secrets.token_bytes(16),
        "status_index": number,
        "token": secrets.token_urlsafe(24),
        "issued_on": date(2026, 11, 24),
        "valid_through": date(2027, 6, 30),
        "card": {},
    }
    return await _insert(Credential, tenant, values | {"person": person, "placement": placement, "decision": decision} | columns)


async def make_session(tenant: str | None = None, **columns: Any) -> UUID:
    """An hour of a position on a Monday morning."""
    position = columns.pop("position", None) or await make_position(tenant)
    starts = columns.pop("starts_at", datetime(2026, 11, 30, 16, tzinfo=UTC))
    return await _insert(
        Session, tenant, {"position": position, "starts_at": starts, "ends_at": starts + timedelta(hours=1)} | columns
    )


async def make_assignment(tenant: str | None = None, **columns: Any) -> UUID:
    """A person taking a session, at the session's usual time unless it is given."""
    person = columns.pop("person", None) or await make_person(tenant)
    starts = columns.pop("starts_at", datetime(2026, 11, 30, 16, tzinfo=UTC))
    session = columns.pop("session", None) or await make_session(tenant, starts_at=starts)
    values = {"starts_at": starts, "ends_at": starts + timedelta(hours=1)}
    return await _insert(Assignment, tenant, values | {"person": person, "session": session} | columns)
