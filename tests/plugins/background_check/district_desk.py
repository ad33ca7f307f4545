"""A district whose HR orders and decides: accounts of each way, packages, people. Everybody is invented."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from plugins.background_check.services import accounts, order_view, packages
from plugins.background_check.services.order_view import OrderView
from staffing.api import EvidenceSeen, Viewer, evidence_of, tenant_transaction
from staffing.store.tables import Person
from tests.services.cleared import make_alder

TODAY = date(2026, 11, 24)
#: What each provider's account is asked for.
SETTINGS: dict[str, dict[str, str]] = {
    "manual": {"system": "PATCH (invented)"},
    "document_upload": {"office": "ChildLine (invented)"},
    "csv_batch": {"words": "Green = clear\nBeige = in_progress\nYellow = record_found", "birth_dates": "no"},
    "checkr": {"api_key": "invented-key", "address": "http://127.0.0.1:1/v1"},
}


def viewer(role: str, name: str, tenant: str = "alder", **more: Any) -> Viewer:
    """Somebody signed in."""
    account = uuid4()
    return Viewer(tenant=tenant, name=name, role=role, account=account, tag=f"{role}/{account} {name}", **more)


class Desk:
    """Two people of HR and an administrator of "alder", with accounts and packages by provider."""

    def __init__(self) -> None:
        self.hr = viewer("hr", "Vonda Invented")
        self.colleague = viewer("hr", "Hana Invented")
        self.admin = viewer("admin", "Grace Invented")
        self.accounts: dict[str, UUID] = {}

    async def package(self, provider: str = "manual", **fields: Any) -> UUID:
        """A package of an account with a provider; the account is connected the first time."""
        if provider not in self.accounts:
            self.accounts[provider] = await accounts.connect(self.admin, provider, f"{provider} account", SETTINGS[provider])
        values: dict[str, Any] = {
            "code": f"p-{uuid4().hex[:6]}",
            "title": "State criminal history",
            "kinds": ("state_criminal_history",),
            "jurisdiction": "us-pa",
            "who_pays": "nobody",
        } | fields
        return await packages.save(self.admin, self.accounts[provider], packages.Form(**values))

    async def order(self, ident: UUID) -> OrderView:
        """The order as HR reads it."""
        async with tenant_transaction("alder"):
            return await order_view.view_of(self.hr, ident)

    async def evidence(self, person: UUID) -> list[tuple[str, str, str | None]]:
        """Kind, state and result of what counts for a person."""
        return [(one.kind, one.state, one.result) for one in await self.papers(person)]

    async def papers(self, person: UUID) -> list[EvidenceSeen]:
        """What counts for a person."""
        return await evidence_of("alder", person)

    async def facts(self, person: UUID) -> dict[str, Any]:
        """What is on record about a person for the rules."""
        async with tenant_transaction("alder"):
            row = await Person.select(Person.facts).where(Person.id == person).output(load_json=True).first()
        assert row is not None
        facts: dict[str, Any] = row["facts"]
        return facts


async def make_desk() -> Desk:
    """The district "alder" in Pennsylvania with its desk."""
    await make_alder()
    return Desk()
