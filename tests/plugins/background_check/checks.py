"""Accounts, packages and orders for tests: rows as an administrator and HR would make them. Everybody is invented."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import msgspec

from plugins.background_check.services.connections import sealed_for
from plugins.background_check.tables.orders import CheckOrder, Package, ProviderAccount
from staffing.api import seal, tenant_transaction
from tests.factories import json_text, make_person

TENANT = "alder"


async def make_account(
    provider: str = "checkr",
    *,
    tenant: str = TENANT,
    settings: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    **columns: Any,
) -> UUID:
    """A connected account; its secrets are sealed as the accounts page does it."""
    ident = uuid4()
    async with tenant_transaction(tenant):
        sealed = seal(msgspec.json.encode(dict(secrets)).decode(), sealed_for(ident)) if secrets else None
        values = {"title": "Checkr", "made_by": "admin/- Grace"} | columns
        await ProviderAccount.insert(
            ProviderAccount(id=ident, provider=provider, settings=json_text(dict(settings or {})), secrets=sealed, **values)
        )
    return ident


async def make_package(account: UUID, *, tenant: str = TENANT, **columns: Any) -> UUID:
    """A package that gives state criminal history."""
    values = {"code": "essential", "title": "Essential", "kinds": json_text(["state_criminal_history"])} | columns
    async with tenant_transaction(tenant):
        row = Package(account=account, **values)
        await Package.insert(row)
    return row.id


async def make_order(account: UUID, package: UUID, *, tenant: str = TENANT, person: UUID | None = None, **columns: Any) -> UUID:
    """An order that waits to be sent, for a person of its own unless one is given."""
    person = person or await make_person(tenant)
    values = {"status": "to_send", "why": "needed", "ordered_by": "hr/- Vonda"} | columns
    async with tenant_transaction(tenant):
        row = CheckOrder(account=account, package=package, person=person, **values)
        await CheckOrder.insert(row)
    return row.id


async def order_row(order: UUID, tenant: str = TENANT) -> dict[str, Any]:
    """The order as it stands."""
    async with tenant_transaction(tenant):
        row = await CheckOrder.select().where(CheckOrder.id == order).output(load_json=True).first()
    assert row is not None
    return row


async def journal_of(subject: str, tenant: str = TENANT) -> list[tuple[str, dict[str, Any]]]:
    """What the journal says about something, in order."""
    async with tenant_transaction(tenant) as transaction:
        rows = await transaction.connection.fetch("SELECT action, facts FROM journal WHERE subject = $1 ORDER BY id", subject)
    return [(row["action"], msgspec.json.decode(row["facts"])) for row in rows]
