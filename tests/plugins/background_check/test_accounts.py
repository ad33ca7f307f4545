"""Accounts and packages: what an administrator writes, what is sealed and never shown, trying one out, switching off."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from plugins.background_check.services import accounts, orders, packages
from plugins.background_check.services.connections import connection_of
from plugins.background_check.tables.orders import ProviderAccount
from staffing.api import Conflict, Invalid, NotAllowed, NotFound, ProviderTrouble, screening_providers, tenant_transaction
from tests.doubles.fixture import Screening, screening
from tests.factories import make_person
from tests.plugins.background_check.checks import journal_of
from tests.plugins.background_check.district_desk import SETTINGS, TODAY, Desk, make_desk, viewer

__all__ = ["screening"]

KEY = "a-key-nobody-may-see-again"


@pytest.fixture
async def alder(database: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    return await make_desk()


async def checkr(alder: Desk, address: str = "http://127.0.0.1:9/v1", **values: str) -> UUID:
    return await accounts.connect(alder.admin, "checkr", "Checkr (invented)", {"api_key": KEY, "address": address} | values)


async def row_of(account: UUID) -> dict[str, Any]:
    async with tenant_transaction("alder"):
        row = await ProviderAccount.select().where(ProviderAccount.id == account).first()
    assert row is not None
    return row


def test_every_way_to_check_ships() -> None:
    shipped = screening_providers()
    assert {name: shipped[name].way for name in ("manual", "document_upload", "csv_batch", "checkr", "accurate")} == {
        "manual": "record",
        "document_upload": "upload",
        "csv_batch": "list",
        "checkr": "api",
        "accurate": "api",
    }
    for provider in shipped.values():
        assert not [setting for setting in provider.settings if setting.secret and setting.name in provider.examples()]


async def test_a_key_is_sealed_and_no_page_or_journal_shows_it_again(alder: Desk) -> None:
    account = await checkr(alder, node="north")
    view = await accounts.one(alder.hr, account)
    assert (view.secrets, view.settings) == (("api_key",), {"address": "http://127.0.0.1:9/v1", "node": "north"})
    assert KEY not in str(view)
    row = await row_of(account)
    assert KEY.encode() not in bytes(row["secrets"])
    _, connection = await connection_of("alder", account)
    assert connection.secrets["api_key"] == KEY
    made = await journal_of(f"check_account/{account}")
    assert KEY not in str(made)
    assert made[0][1]["secrets"] == ["api_key"]


async def test_an_empty_key_is_kept_and_a_new_one_replaces_it(alder: Desk) -> None:
    account = await checkr(alder)
    await accounts.change(alder.admin, account, "Checkr for tutors", {"api_key": "", "node": "south"})
    _, connection = await connection_of("alder", account)
    assert (connection.secrets["api_key"], dict(connection.settings)) == (KEY, {"node": "south"})
    await accounts.change(alder.admin, account, "Checkr for tutors", {"api_key": "another"})
    _, connection = await connection_of("alder", account)
    assert connection.secrets["api_key"] == "another"
    assert (await journal_of(f"check_account/{account}"))[-1][1]["secrets_replaced"] == ["api_key"]


WRONG: list[tuple[str, str, dict[str, str], str]] = [
    ("manual", "", SETTINGS["manual"], "Give the account a name"),
    ("manual", "PATCH", {}, "Fill in: The system that is asked"),
    ("csv_batch", "Lists", {"words": "Green = fine", "birth_dates": "no"}, "“fine” is none of"),
    ("csv_batch", "Lists", {"words": "Green = clear", "birth_dates": "maybe"}, "choose one of No, Yes"),
    ("manual", "PATCH", {"system": "x" * 2001}, "longer than 2,000 letters"),
    ("manual", "Number 123-45-6789", SETTINGS["manual"], "never kept here"),
]


@pytest.mark.parametrize(("provider", "title", "values", "says"), WRONG)
async def test_what_an_account_lacks_is_said_by_field(
    alder: Desk, provider: str, title: str, values: dict[str, str], says: str
) -> None:
    with pytest.raises(Invalid, match=says) as caught:
        await accounts.connect(alder.admin, provider, title, values)
    assert caught.value.fields
    assert await accounts.listed(alder.admin) == []


async def test_an_unknown_provider_and_a_name_in_use_are_refused(alder: Desk) -> None:
    with pytest.raises(Conflict, match="is not installed here"):
        await accounts.connect(alder.admin, "no_such", "Nobody", {})
    await accounts.connect(alder.admin, "manual", "PATCH", SETTINGS["manual"])
    with pytest.raises(Conflict, match="already"):
        await accounts.connect(alder.admin, "manual", " PATCH ", SETTINGS["manual"])


@pytest.mark.parametrize("role", ["hr", "partner", "coordinator", "union", "cabinet", "volunteer"])
async def test_only_an_administrator_changes_accounts_and_packages(alder: Desk, role: str) -> None:
    package = await alder.package()
    account, other = alder.accounts["manual"], viewer(role, "Sam Invented")
    form = packages.Form(code="x", title="X", kinds=("affirmation",))
    for doing in (
        accounts.connect(other, "manual", "Another", SETTINGS["manual"]),
        accounts.change(other, account, "Another", SETTINGS["manual"]),
        accounts.switch(other, account, False, "No reason."),
        accounts.try_it(other, account),
        packages.save(other, account, form),
        packages.switch(other, account, package, False),
    ):
        with pytest.raises(NotAllowed):
            await doing
    if role != "hr":
        for reading in (accounts.listed(other), accounts.one(other, account), packages.offered(other)):
            with pytest.raises(NotAllowed):
                await reading


async def test_another_districts_account_is_not_there(alder: Desk) -> None:
    account = await checkr(alder)
    elsewhere = viewer("admin", "Ada Invented", tenant="birch")
    for doing in (
        accounts.one(elsewhere, account),
        accounts.change(elsewhere, account, "Mine", {}),
        accounts.switch(elsewhere, account, False, "Mine."),
        packages.save(elsewhere, account, packages.Form(code="x", title="X", kinds=("affirmation",))),
    ):
        with pytest.raises(NotFound):
            await doing
    assert await accounts.listed(elsewhere) == []


async def test_trying_it_asks_the_provider_and_says_what_may_be_ordered(alder: Desk, screening: Screening) -> None:
    screening.account(KEY)
    account = await checkr(alder, f"{screening.address}/v1")
    found = await accounts.try_it(alder.admin, account)
    assert found
    assert [one.title for one in found] == sorted(one.title for one in found)
    assert (await accounts.one(alder.hr, account)).looked_at is not None or (await row_of(account))["state"] == "connected"
    view = await accounts.one(alder.admin, account)
    assert view.hook.endswith(f"/p/background_check/hooks/alder/{account}")


async def test_an_account_that_does_not_answer_says_so_until_it_does(alder: Desk, screening: Screening) -> None:
    screening.account(KEY)
    account = await checkr(alder, f"{screening.address}/v1")
    screening.faults(down=True)
    with pytest.raises(ProviderTrouble):
        await accounts.try_it(alder.admin, account)
    view = await accounts.one(alder.hr, account)
    assert (view.state, "does not answer since" in view.says) == ("trouble", True)
    screening.faults()
    await accounts.try_it(alder.admin, account)
    assert (await accounts.one(alder.hr, account)).state == "connected"


async def test_an_account_without_an_interface_or_switched_off_is_not_tried(alder: Desk) -> None:
    await alder.package()
    with pytest.raises(Conflict, match="nothing to try"):
        await accounts.try_it(alder.admin, alder.accounts["manual"])
    account = await checkr(alder)
    await accounts.switch(alder.admin, account, False, "The contract ended.")
    with pytest.raises(Conflict, match="switched off"):
        await accounts.try_it(alder.admin, account)


async def test_switching_off_needs_a_reason_and_is_on_record_once(alder: Desk) -> None:
    account = await checkr(alder)
    with pytest.raises(Invalid, match="in a sentence why"):
        await accounts.switch(alder.admin, account, False, " ")
    for _ in range(2):
        await accounts.switch(alder.admin, account, False, "The contract ended.")
    assert (await accounts.one(alder.hr, account)).state == "off"
    await accounts.switch(alder.admin, account, True, "A new contract.")
    actions = [action for action, _ in await journal_of(f"check_account/{account}")]
    assert actions == ["check_account:made", "check_account:off", "check_account:on"]


# --- Packages ---------------------------------------------------------------------------------------------------------

GOOD: dict[str, Any] = {"code": "essential", "title": "Essential", "kinds": ("state_criminal_history",)}
BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"code": ""}, "code", "code of the package"),
    ({"title": ""}, "title", "Give the package a name"),
    ({"kinds": ()}, "kinds", "at least one kind"),
    ({"kinds": ("credit report",)}, "kinds", "No rule knows the kind credit report"),
    ({"purpose": "curiosity"}, "purpose", "made for"),
    ({"who_pays": "the state"}, "who_pays", "who pays"),
    ({"jurisdiction": "Pennsylvania"}, "jurisdiction", "such as us-pa"),
    ({"youngest": 120}, "youngest", "between 0 and 99"),
    ({"cost_cents": 5_000_000}, "cost", "Check the price"),
    ({"who_pays": "nobody", "cost_cents": 100}, "cost", "It has a price"),
    ({"usual_days": 4000}, "usual_days", "at most 365"),
    ({"good_months": 0}, "good_months", "1 to 240"),
    ({"how": "Send me 123-45-6789."}, "how", "never kept here"),
    ({"searches": ("His number is 123-45-6789",)}, "searches", "never kept here"),
]


@pytest.mark.parametrize(("changed", "field", "says"), BAD)
async def test_a_package_that_cannot_be_is_refused_by_field(alder: Desk, changed: dict[str, Any], field: str, says: str) -> None:
    account = await checkr(alder)
    with pytest.raises(Invalid, match=says) as caught:
        await packages.save(alder.admin, account, packages.Form(**GOOD | changed))
    assert set(caught.value.fields) == {field}
    assert (await accounts.one(alder.hr, account)).packages == ()


async def test_a_code_is_one_package_of_an_account(alder: Desk) -> None:
    account = await checkr(alder)
    package = await packages.save(alder.admin, account, packages.Form(**GOOD))
    with pytest.raises(Conflict, match="is the package “Essential” already"):
        await packages.save(alder.admin, account, packages.Form(**GOOD | {"title": "Again"}))
    assert await packages.save(alder.admin, account, packages.Form(**GOOD | {"cost_cents": 2260}), package) == package
    with pytest.raises(NotFound):
        await packages.save(alder.admin, account, packages.Form(**GOOD | {"code": "other"}), uuid4())
    entries = await journal_of(f"check_package/{package}")
    assert entries[-1][1]["changed"] == ["cost_cents"]


async def test_what_an_open_order_is_for_does_not_change_under_it(alder: Desk) -> None:
    package = await alder.package(code="state")
    account = alder.accounts["manual"]
    order = await orders.place_order(alder.hr, await make_person("alder"), package)
    same = {"code": "state", "title": "State criminal history", "jurisdiction": "us-pa", "who_pays": "nobody"}
    with pytest.raises(Conflict, match=r"are open \(1\)"):
        await packages.save(alder.admin, account, packages.Form(**same, kinds=("fbi_fingerprint",)), package)
    await packages.save(
        alder.admin, account, packages.Form(**same | {"title": "Renamed"}, kinds=("state_criminal_history",)), package
    )
    await orders.cancel_order(alder.hr, order, "Not needed.")
    await packages.save(alder.admin, account, packages.Form(**same, kinds=("fbi_fingerprint",)), package)


async def test_what_can_be_ordered_is_active_and_of_an_account_that_is_on(alder: Desk) -> None:
    package = await alder.package()
    assert [one.id for one in await packages.offered(alder.hr)] == [package]
    await packages.switch(alder.admin, alder.accounts["manual"], package, False)
    await packages.switch(alder.admin, alder.accounts["manual"], package, False)
    assert await packages.offered(alder.hr) == []
    await packages.switch(alder.admin, alder.accounts["manual"], package, True)
    await accounts.switch(alder.admin, alder.accounts["manual"], False, "Ended.")
    assert await packages.offered(alder.hr) == []
    assert [action for action, _ in await journal_of(f"check_package/{package}")].count("check_package:off") == 1
