"""The demonstration's checks: the invented provider is told where to post, and without it no account pretends to be connected."""

from __future__ import annotations

import pytest

from plugins.background_check.services import demo
from plugins.background_check.services.connections import DEMONSTRATION_AT, connection_of
from plugins.background_check.tables.orders import CheckOrder, Package, ProviderAccount
from staffing.api import Unusable, tenant_transaction
from tests.doubles.fixture import Screening, screening
from tests.factories import make_person, make_tenant
from tests.plugins.background_check.district_desk import viewer
from tests.served import free_port

__all__ = ["screening"]


async def _load(tenant: str) -> list[dict[str, object]]:
    async with tenant_transaction(tenant):
        await demo.load(tenant, "us-oh", [viewer("hr", "Vonda Invented", tenant)])
        return await ProviderAccount.select().order_by(ProviderAccount.provider)


async def test_the_invented_provider_posts_to_each_district_and_its_account_can_be_opened(
    tenant: str, screening: Screening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DEMONSTRATION_AT, screening.address)
    double, state = await _load(tenant)
    assert (double["provider"], state["provider"]) == ("checkr", "manual")
    assert double["invented"] and state["invented"]
    (hook,) = screening.knows["accounts"]["invented-alder"]["hooks"]
    assert hook.endswith(f"/p/background_check/hooks/alder/{double['id']}")
    provider, connection = await connection_of(tenant, double["id"])
    async with provider.open(connection) as client:
        offered = {package.code for package in await client.packages()}
    async with tenant_transaction(tenant):
        packages = await Package.select(Package.code, Package.account)
    assert {row["code"] for row in packages if row["account"] == double["id"]} <= offered


async def test_without_the_provider_only_what_staff_read_themselves_is_there(
    tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DEMONSTRATION_AT, raising=False)
    assert [account["provider"] for account in await _load(tenant)] == ["manual"]


async def test_a_provider_that_is_not_there_is_told_in_a_sentence_and_nothing_is_loaded(
    tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DEMONSTRATION_AT, f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Unusable, match=r"does not answer .*, so the demonstration is not loaded"):
        await _load(tenant)
    async with tenant_transaction(tenant):
        assert await ProviderAccount.count() == 0


async def test_people_of_the_file_get_their_checks_and_nobody_else(tenant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DEMONSTRATION_AT, raising=False)
    await make_tenant("dayton", jurisdiction="us-oh")
    person = await make_person("dayton", given_name="Gülnar", family_name="Karaşahin", search_name="gulnar karasahin")
    await make_person("dayton")
    await _load("dayton")
    async with tenant_transaction("dayton"):
        (order,) = await CheckOrder.select()
    assert (order["person"], order["status"], order["result"], order["outcome"]) == (person, "complete", "record_found", None)
