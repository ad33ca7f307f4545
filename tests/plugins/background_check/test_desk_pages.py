"""The desk's pages as people use them: ordering, recording, deciding, lists and accounts; closed to everybody else."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar

from plugins.background_check.tables.orders import CheckOrder, Package, ProviderAccount
from staffing.app import create_app
from staffing.settings import Settings
from staffing.store.engine import DB, tenant_transaction
from staffing.store.pool import close_pool
from staffing.store.tables import Evidence
from tests.factories import make_account as make_sign_in
from tests.factories import make_organisation, make_person, make_site
from tests.plugins.background_check.checks import make_account, make_order, make_package, order_row
from tests.plugins.background_check.onward import person_at
from tests.services.cleared import cleared, make_alder
from tests.web.driving import Browser, running, visitor

HOME = "/p/background_check/"
TODAY = "2026-11-24"


@pytest.fixture
async def app(database: str, installation: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Litestar]:
    monkeypatch.setenv("STAFFING_TODAY", TODAY)
    await close_pool()
    async with running(create_app(Settings(data=installation, database_url=database, demo=True))) as started:
        await make_alder()
        yield started
    assert DB.pool is None


@pytest.fixture
async def hr(app: Litestar) -> AsyncIterator[Browser]:
    async with visitor(app) as client:
        await client.sign_in(await make_sign_in("alder", role="hr", name="Vonda Invented"))
        yield client


@pytest.fixture
async def admin(app: Litestar) -> AsyncIterator[Browser]:
    async with visitor(app) as client:
        await client.sign_in(await make_sign_in("alder", role="admin", name="Grace Invented"))
        yield client


async def a_package(provider: str = "manual", **columns: Any) -> UUID:
    account = await make_account(provider, title=f"{provider} account")
    return await make_package(account, **{"title": "State records", "who_pays": "nobody"} | columns)


async def answered(result: str = "clear", *, person: UUID | None = None, **columns: Any) -> UUID:
    package = await a_package(**columns.pop("package", {}))
    async with tenant_transaction("alder"):
        row = await Package.select(Package.account).where(Package.id == package).first()
    assert row
    values = {"status": "complete", "result": result, "requested_on": date(2026, 11, 20)} | columns
    return await make_order(row["account"], package, person=person, **values)


async def version_of(order: UUID) -> int:
    return int((await order_row(order))["version"])


async def only_order(person: UUID) -> UUID:
    async with tenant_transaction("alder"):
        (row,) = await CheckOrder.select(CheckOrder.id).where(CheckOrder.person == person)
    found: UUID = row["id"]
    return found


async def test_from_a_missing_check_on_a_record_to_a_clearance(hr: Browser) -> None:
    placement = await cleared(date(2020, 5, 2), given_name="Rosa", family_name="Example")
    person = await person_at(placement)
    package = await a_package()
    record = (await hr.see(f"/hr/people/{person}?placement={placement}")).text
    links = re.findall(rf'href="({HOME}people/{person}/order\?rule=[^"]+placement={placement})"', record.replace("&amp;", "&"))
    pages = [(await hr.see(link)).text for link in dict.fromkeys(links)]
    (page,) = [page for page in pages if "What gives it" in page]
    assert re.search(rf'value="{package}" checked', page), "the one check that gives it is chosen already"
    assert "Free" in page
    assert "staff ask the state" in page
    await hr.submit(f"{HOME}people/{person}/order", {"packages": str(package), "placement": str(placement)}, status=303)
    order = await only_order(person)
    assert "Ask the source" in (await hr.see(f"{HOME}orders/{order}")).text

    form = {"version": str(await version_of(order)), "said": "clear", "said_on": TODAY}
    await hr.submit(f"{HOME}orders/{order}/said", form, status=303)
    page = (await hr.see(f"{HOME}orders/{order}")).text
    assert "That is an answer, not yet a decision" in page
    assert "Eligible: nothing was found" in page
    await hr.submit(f"{HOME}orders/{order}/decide", {"version": str(await version_of(order)), "as": "eligible.clear"}, status=303)
    page = (await hr.see(f"{HOME}orders/{order}")).text
    assert "The source found nothing" in page
    assert "Vonda Invented" in page
    async with tenant_transaction("alder"):
        made = await Evidence.select(Evidence.result, Evidence.issued_on).where(
            (Evidence.person == person) & Evidence.withdrawn.eq(False) & (Evidence.kind == "state_criminal_history")
        )
    assert (made[-1]["result"], made[-1]["issued_on"]) == ("clear", date(2026, 11, 24))
    record = (await hr.see(f"/hr/people/{person}?placement={placement}")).text
    assert f"{HOME}orders/{order}" in record, "the panel on the record links to the check"


async def test_the_three_answers_stand_side_by_side_and_a_record_has_no_one_press(hr: Browser) -> None:
    order = await answered("record_found")
    page = (await hr.see(f"{HOME}orders/{order}")).text
    for heading in ("Where it is", "What the source said", "What we decided"):
        assert f"<h2>{heading}</h2>" in page
    assert "This is never a refusal by itself" in page
    assert f'href="{HOME}orders/{order}/fair"' in page
    assert "eligible.clear" not in page
    assert "not_eligible." not in page, "nobody is turned away from this page"
    wrong = await hr.submit(f"{HOME}orders/{order}/decide", {"version": "1", "as": "eligible.clear"}, status=422)
    assert "A record was found, which is no answer by itself" in wrong.text
    wrong = await hr.submit(f"{HOME}orders/{order}/decide", {"version": "1", "as": "not_eligible.barred_by_law"}, status=409)
    assert "only at the end of the fair steps" in wrong.text
    wrong = await hr.submit(f"{HOME}orders/{order}/decide", {"version": "1", "as": ""}, status=422)
    assert "Choose what you decide and why" in wrong.text
    assert (await order_row(order))["outcome"] is None


async def test_what_was_typed_stays_in_the_form_that_was_wrong(hr: Browser) -> None:
    order = await answered("unable")
    form = {
        "version": "1",
        "as": "eligible_with_conditions.never_in_contact",
        "note": "Seen with the office.",
        "valid_until": "2026-11-01",
        "conditions": "in_sight",
    }
    page = (await hr.submit(f"{HOME}orders/{order}/decide", form, status=422)).text
    assert "The last good day has to lie ahead" in page
    assert "Seen with the office.</textarea>" in page
    assert re.search(r'value="in_sight" checked', page)
    assert re.search(r'value="eligible_with_conditions.never_in_contact" selected', page)
    await hr.submit(f"{HOME}orders/{order}/decide", form | {"valid_until": "2027-06-30"}, status=303)
    page = (await hr.see(f"{HOME}orders/{order}")).text
    assert "Staff can see them at all times" in page
    assert "Jun 30, 2027" in page


async def test_an_administrator_agrees_as_the_second_and_hr_sees_whose_move_it_is(hr: Browser, admin: Browser) -> None:
    order = await answered(package={"second_reviewer": True})
    await hr.see(f"{HOME}orders/{order}")
    await hr.submit(f"{HOME}orders/{order}/decide", {"version": "1", "as": "eligible.clear"}, status=303)
    page = (await hr.see(f"{HOME}orders/{order}")).text
    assert "somebody else has to look at it" in page
    assert "you decided first" in (await hr.see(f"{HOME}?move=decide")).text
    page = (await admin.see(f"{HOME}orders/{order}")).text
    found = re.search(r'name="determination" value="([^"]+)"', page)
    assert found
    back = await admin.submit(f"{HOME}orders/{order}/second", {"determination": found[1], "agrees": "no"}, status=422)
    assert "what is missing" in back.text
    await admin.submit(f"{HOME}orders/{order}/second", {"determination": found[1], "agrees": "yes"}, status=303)
    assert (await order_row(order))["outcome"] == "eligible"


async def test_a_decision_is_taken_back_and_an_order_ended_and_placed_again(hr: Browser) -> None:
    order = await answered()
    await hr.see(f"{HOME}orders/{order}")
    await hr.submit(f"{HOME}orders/{order}/decide", {"version": "1", "as": "eligible.clear"}, status=303)
    found = re.search(r'name="determination" value="([^"]+)"', (await hr.see(f"{HOME}orders/{order}")).text)
    assert found
    await hr.submit(f"{HOME}orders/{order}/take-back", {"determination": found[1], "why": ""}, status=422)
    await hr.submit(f"{HOME}orders/{order}/take-back", {"determination": found[1], "why": "Another Rosa."}, status=303)
    assert "taken back since" in (await hr.see(f"{HOME}orders/{order}")).text
    row = await order_row(order)
    assert row["outcome"] is None
    waiting = await make_order(row["account"], row["package"])
    await hr.submit(f"{HOME}orders/{waiting}/cancel", {"why": ""}, status=422)
    await hr.submit(f"{HOME}orders/{waiting}/cancel", {"why": "The work is gone."}, status=303)
    assert "Order it again" in (await hr.see(f"{HOME}orders/{waiting}")).text
    again = await hr.submit(f"{HOME}orders/{waiting}/again", {}, status=303)
    assert again.headers["location"].startswith(f"{HOME}orders/")
    assert str(waiting) not in again.headers["location"]


async def test_ordering_says_what_is_wrong_and_orders_nothing(hr: Browser) -> None:
    young = await make_person("alder", born_on=date(2012, 1, 1))
    package = await a_package()
    page = (await hr.see(f"{HOME}people/{young}/order")).text
    assert "is under 18" in page
    wrong = await hr.submit(f"{HOME}people/{young}/order", {"packages": str(package)}, status=422)
    assert "Nothing was ordered" in wrong.text
    assert "at least one check" in (await hr.submit(f"{HOME}people/{young}/order", {}, status=422)).text
    await hr.submit(f"{HOME}people/{young}/order", {"packages": "no-id"}, status=422)
    await hr.see(f"{HOME}people/{young}/order?placement=no-id", status=422)
    async with tenant_transaction("alder"):
        assert await CheckOrder.count() == 0


async def test_the_desk_has_its_lines_filters_and_empty_states(hr: Browser) -> None:
    assert "No check has been ordered yet" in (await hr.see(HOME)).text
    person = await make_person("alder", given_name="Rosa", family_name="Unmistakable", search_name="rosa unmistakable")
    order = await answered(person=person)
    page = (await hr.see(HOME)).text
    assert "1 check waits for a decision" in page
    assert f"{HOME}orders/{order}" in page
    assert "Unmistakable" in (await hr.see(f"{HOME}?q=unmist")).text
    assert "Nothing here fits the filter" in (await hr.see(f"{HOME}?move=decide&q=nobody")).text
    for odd in ("?move=nowhere", "?package=none", "?page=99", "?move=stuck"):
        await hr.see(f"{HOME}{odd}")


async def test_a_list_goes_out_comes_back_and_is_taken(hr: Browser) -> None:
    account = await make_account("csv_batch", title="Lists", settings={"words": "Green = clear", "birth_dates": "no"})
    package = await make_package(account)
    order = await make_order(account, package, person=await make_person("alder", given_name="Rosa", family_name="Example"))
    assert "1 order waits" in (await hr.see(f"{HOME}batches")).text
    made = await hr.submit(f"{HOME}batches/{account}/make", {}, status=303)
    out = made.headers["location"]
    await hr.see(out)
    file = await hr.get(f"{out}/file")
    assert file.headers["content-disposition"] == f'attachment; filename="orders-{TODAY}.csv"'
    assert str(order) in file.text

    async def read(text: str, status: int) -> Any:
        return await hr.submit(
            f"{HOME}batches/{account}/read", {}, status=status, files={"file": ("back.csv", text.encode(), "text/csv")}
        )

    head = "our_reference,family_name,given_name,status,completed_on\n"
    shifted = await read(head + f",{order},Example,Rosa,Green,{TODAY}\n", 422)
    assert "Line 2: it has 6 cells" in shifted.text
    assert "Choose the file" in (await hr.submit(f"{HOME}batches/{account}/read", {}, status=422)).text
    wrong = await read(head + f"{order},Other,Ana,Green,{TODAY}\n", 303)
    page = (await hr.see(wrong.headers["location"])).text
    assert "1 line cannot be right" in page
    assert "Take the list" not in page
    right = await read(head + f"{order},Example,Rosa,Green,{TODAY}\n", 303)
    assert "Take the list" in (await hr.see(right.headers["location"])).text
    assert (await order_row(order))["result"] is None
    await hr.submit(f"{right.headers['location']}/take", {}, status=303)
    row = await order_row(order)
    assert (row["result"], row["outcome"]) == ("clear", None)
    assert "This list is taken" in (await hr.see(right.headers["location"])).text


async def test_an_administrator_connects_an_account_writes_a_package_and_a_policy(admin: Browser, hr: Browser) -> None:
    page = (await admin.see(f"{HOME}accounts")).text
    assert "No account is connected yet" in page
    page = (await admin.see(f"{HOME}accounts/new?provider=checkr")).text
    assert 'type="password"' in page
    wrong = await admin.submit(f"{HOME}accounts/new", {"provider": "csv_batch", "title": "Lists", "s-words": "Green"}, status=422)
    assert "write a word, an equals sign" in wrong.text
    form = {
        "provider": "checkr",
        "title": "Checkr (invented)",
        "s-api_key": "a-key-nobody-sees",
        "s-address": "http://127.0.0.1:9",
    }
    made = await admin.submit(f"{HOME}accounts/new", form, status=303)
    address = made.headers["location"]
    page = (await admin.see(address)).text
    assert "a-key-nobody-sees" not in page
    assert f"hooks/alder/{address.rpartition('/')[2]}" in page
    await admin.submit(address, {"title": "Checkr", "s-api_key": ""}, status=303)
    assert "does not answer" in (await admin.submit(f"{address}/try", {}, status=502)).text, "nobody listens at that address"

    await admin.see(f"{address}/package?code=tasker&title=Tasker")
    package = {
        "code": "tasker",
        "title": "Tasker",
        "kinds": ["state_criminal_history", "national_sex_offender_registry"],
        "purpose": "volunteer",
        "who_pays": "district",
        "cost": "22.6",
        "youngest": "18",
        "consumer_report": "on",
        "searches": "County courts\nRegistries",
    }
    assert "22.60" in (await admin.submit(f"{address}/package", package | {"cost": "a lot"}, status=422)).text
    await admin.submit(f"{address}/package", package, status=303)
    async with tenant_transaction("alder"):
        row = await Package.select().first().output(load_json=True)
    assert row
    assert (row["cost_cents"], row["consumer_report"], row["searches"]) == (2260, True, ["County courts", "Registries"])
    assert "$22.60" in (await admin.see(address)).text
    await admin.see(f"{address}/package?id={row['id']}")
    await admin.see(f"{address}/package?id={UUID(int=1)}", status=404)
    await admin.submit(f"{address}/package/switch", {"id": str(row["id"]), "on": "no"}, status=303)
    assert "Not offered" in (await admin.see(address)).text
    await admin.submit(f"{address}/switch", {"on": "no", "why": ""}, status=422)
    await admin.submit(f"{address}/switch", {"on": "no", "why": "The contract ended."}, status=303)
    assert "Switched off" in (await admin.see(f"{HOME}accounts")).text

    policy = {"over": "standard-1", "remind_days": "60, 30", "reconcile_hours": "6", "why": "Two reminders are enough."}
    assert "Write days" in (await admin.submit(f"{HOME}accounts/policy", policy | {"remind_days": "soon"}, status=422)).text
    await admin.submit(f"{HOME}accounts/policy", policy, status=303)
    assert "Two reminders are enough." in (await admin.see(f"{HOME}accounts")).text
    page = (await hr.see(f"{HOME}accounts")).text
    assert "60, 30 days ahead" in page
    assert "Save as a new version" not in page
    page = (await hr.see(address)).text
    assert "How it is connected" not in page
    for path, data in ((f"{HOME}accounts/policy", policy), (address, {"title": "Mine"}), (f"{address}/try", {})):
        await hr.submit(path, data, status=403)


OPEN = ("", "batches", "accounts", "orders/{order}", "people/{person}/order", "batches/{batch}", "accounts/{account}")
POSTED = (
    "orders/{order}/decide",
    "orders/{order}/second",
    "orders/{order}/take-back",
    "orders/{order}/cancel",
    "orders/{order}/again",
    "orders/{order}/asked",
    "orders/{order}/said",
    "people/{person}/order",
    "batches/{account}/make",
    "batches/{account}/read",
    "accounts/new",
    "accounts/{account}",
    "accounts/{account}/try",
    "accounts/{account}/switch",
    "accounts/{account}/package",
    "accounts/{account}/package/switch",
    "accounts/policy",
)


@pytest.mark.parametrize("role", ["partner", "coordinator", "union", "cabinet", "volunteer"])
async def test_no_page_and_no_form_of_the_desk_opens_for_others(app: Litestar, role: str) -> None:
    person = await make_person("alder")
    order = await answered(person=person)
    async with tenant_transaction("alder"):
        row = await ProviderAccount.select(ProviderAccount.id).first()
    assert row
    known = {"order": order, "person": person, "account": row["id"], "batch": order}
    belongs = {
        "volunteer": {"person": person},
        "partner": {"organisation": await make_organisation("alder", name="Valley Reads", kind="community_based")},
        "coordinator": {"site": await make_site("alder")},
    }
    async with visitor(app) as client:
        await client.sign_in(await make_sign_in("alder", role=role, name="Sam Invented", **belongs.get(role, {})))
        await client.see("/", status=None, follow_redirects=True)
        assert client.token, "what follows is refused for who asks, not for a missing form token"
        for path in OPEN:
            answer = await client.get(HOME + path.format(**known))
            assert answer.status_code == 403, path
            assert "State records" not in answer.text
        for path in POSTED:
            answer = await client.submit(HOME + path.format(**known), {"why": "x", "version": "1", "as": "eligible.clear"})
            assert answer.status_code == 403, path
    assert (await order_row(order))["outcome"] is None


async def test_another_districts_hr_finds_nothing(app: Litestar) -> None:
    from staffing.store.tables import PluginSwitch
    from tests.factories import make_tenant

    order = await answered()
    await make_tenant("birch", name="Birch Area Schools", jurisdiction="us-pa")
    async with tenant_transaction("birch"):
        await PluginSwitch.insert(PluginSwitch(plugin="background_check", since=date(2020, 1, 1)))
    async with visitor(app) as client:
        await client.sign_in(await make_sign_in("birch", role="hr", name="Otto Invented"))
        await client.see(HOME)
        await client.see(f"{HOME}orders/{order}", status=404)
        await client.submit(f"{HOME}orders/{order}/decide", {"version": "1", "as": "eligible.clear"}, status=404)
