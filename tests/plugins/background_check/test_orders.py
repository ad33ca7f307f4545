"""Orders: what is refused and why, where each way begins, moving on once authorised, ending one, and who may look."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from plugins.background_check.rules.whose_move import Move, Stand, whose
from plugins.background_check.services import accounts, desk, ordering, orders, packages, panels
from plugins.background_check.tables.orders import CheckOrder
from staffing.api import Conflict, Invalid, NotAllowed, NotFound, OrderStatus, system_viewer, tenant_transaction
from staffing.store.tables import Person
from tests.factories import make_person
from tests.plugins.background_check.checks import journal_of, order_row
from tests.plugins.background_check.district_desk import TODAY, Desk, make_desk, viewer
from tests.plugins.background_check.onward import person_at
from tests.services.cleared import cleared


@pytest.fixture
async def alder(database: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    return await make_desk()


async def test_each_way_begins_where_its_first_move_is(alder: Desk) -> None:
    begins = {}
    for provider, fields in (
        ("manual", {}),
        ("document_upload", {"code": "up"}),
        ("csv_batch", {"code": "list"}),
        ("csv_batch", {"code": "report", "consumer_report": True}),
        ("checkr", {"code": "vendor", "consumer_report": True}),
    ):
        package = await alder.package(provider, **fields)
        order = await orders.place_order(alder.hr, await make_person("alder"), package)
        view = await alder.order(order)
        begins[provider, view.package.consumer_report] = (view.status, view.move)
    assert begins == {
        ("manual", False): (OrderStatus.TO_SEND, Move.OURS),
        ("document_upload", False): (OrderStatus.AWAITING_SUBJECT, Move.PERSON),
        ("csv_batch", False): (OrderStatus.TO_SEND, Move.OURS),
        ("csv_batch", True): (OrderStatus.TO_AUTHORISE, Move.PERSON),
        ("checkr", True): (OrderStatus.TO_AUTHORISE, Move.PERSON),
    }


@pytest.mark.parametrize(
    ("person", "says"),
    [
        ({"born_on": date(2009, 1, 5)}, "is under 18.* from the birthday on 2027-01-05"),
        ({"born_on": None}, "is not known.*Ask for it"),
        ({"status": "left"}, "has left"),
    ],
)
async def test_who_cannot_be_checked_is_said_and_nothing_is_ordered(alder: Desk, person: dict[str, Any], says: str) -> None:
    who = await make_person("alder", **person)
    with pytest.raises(Invalid, match=says):
        await orders.place_order(alder.hr, who, await alder.package())
    async with tenant_transaction("alder"):
        assert await CheckOrder.count().where(CheckOrder.person == who) == 0


async def test_a_package_for_younger_people_is_ordered_on_the_birthday(alder: Desk) -> None:
    young = await make_person("alder", born_on=date(2010, 11, 24))
    package = await alder.package(youngest=16)
    assert await orders.place_order(alder.hr, young, package)
    with pytest.raises(Invalid, match="under 16"):
        await orders.place_order(alder.hr, await make_person("alder", born_on=date(2010, 11, 25)), package)


async def test_what_is_off_or_unknown_is_not_ordered(alder: Desk) -> None:
    who, package = await make_person("alder"), await alder.package()
    with pytest.raises(NotFound, match="no such package"):
        await orders.place_order(alder.hr, who, uuid4())
    with pytest.raises(NotFound, match="no such person"):
        await orders.place_order(alder.hr, uuid4(), package)
    await packages.switch(alder.admin, alder.accounts["manual"], package, False)
    with pytest.raises(Conflict, match="no longer ordered here"):
        await orders.place_order(alder.hr, who, package)
    await packages.switch(alder.admin, alder.accounts["manual"], package, True)
    await accounts.switch(alder.admin, alder.accounts["manual"], False, "The contract ended.")
    with pytest.raises(Conflict, match="switched off"):
        await orders.place_order(alder.hr, who, package)


async def test_a_second_order_of_the_same_package_waits_for_the_first(alder: Desk) -> None:
    who, package = await make_person("alder"), await alder.package()
    first = await orders.place_order(alder.hr, who, package)
    with pytest.raises(Conflict, match="still on its way"):
        await orders.place_order(alder.hr, who, package)
    await orders.cancel_order(alder.hr, first, "Ordered twice.")
    assert await orders.place_order(alder.hr, who, package, why="again") != first


async def test_several_are_ordered_together_or_none(alder: Desk) -> None:
    who = await make_person("alder", born_on=date(2009, 6, 1))
    young, old = await alder.package(youngest=14), await alder.package(youngest=18, title="For adults")
    with pytest.raises(Invalid, match="None of the 2 checks was ordered"):
        await ordering.place_several(alder.hr, who, [young, old])
    async with tenant_transaction("alder"):
        assert await CheckOrder.count().where(CheckOrder.person == who) == 0
    with pytest.raises(Invalid, match="at least one"):
        await ordering.place_several(alder.hr, who, [])


async def test_authorising_sends_it_on_once_and_nothing_that_was_ended(alder: Desk) -> None:
    package = await alder.package("csv_batch", consumer_report=True)
    order = await orders.place_order(alder.hr, await make_person("alder"), package)
    await orders.authorised("alder", order)
    await orders.authorised("alder", order)
    assert (await order_row(order))["status"] == "to_send"
    assert [action for action, _ in await journal_of(f"check/{order}")] == ["check:ordered", "check:authorised"]
    other = await orders.place_order(alder.hr, await make_person("alder"), package)
    await orders.cancel_order(alder.hr, other, "The work is gone.")
    with pytest.raises(Conflict, match="ended before it was authorised"):
        await orders.authorised("alder", other)


async def test_an_order_is_canceled_with_a_reason_and_never_after_an_answer(alder: Desk) -> None:
    order = await orders.place_order(alder.hr, await make_person("alder"), await alder.package())
    with pytest.raises(Invalid, match="in a sentence why"):
        await orders.cancel_order(alder.hr, order, "  ")
    await orders.cancel_order(alder.hr, order, "Not needed.")
    await orders.cancel_order(alder.hr, order, "Not needed.")
    view = await alder.order(order)
    assert (view.status, view.move) == (OrderStatus.CANCELED, Move.DONE)
    assert [action for action, _ in await journal_of(f"check/{order}")].count("check:canceled") == 1

    complete = await orders.place_order(alder.hr, await make_person("alder"), await alder.package())
    async with tenant_transaction("alder"):
        await CheckOrder.update({CheckOrder.status: "complete", CheckOrder.result: "clear"}).where(CheckOrder.id == complete)
    with pytest.raises(Conflict, match="answered already"):
        await orders.cancel_order(alder.hr, complete, "Too late.")


@pytest.mark.parametrize("role", ["admin", "partner", "coordinator", "union", "cabinet", "volunteer"])
async def test_nobody_but_hr_orders(alder: Desk, role: str) -> None:
    package = await alder.package()
    who = await make_person("alder")
    with pytest.raises(NotAllowed):
        await orders.place_order(viewer(role, "Sam Invented"), who, package)
    assert await orders.place_order(system_viewer("alder"), who, package, why="renewal")


@pytest.mark.parametrize("role", ["partner", "coordinator", "union", "cabinet", "volunteer"])
async def test_a_check_is_open_to_hr_and_administrators_alone(alder: Desk, role: str) -> None:
    who = await make_person("alder")
    order = await orders.place_order(alder.hr, who, await alder.package())
    other = viewer(role, "Sam Invented")
    for reading in (orders.order_of(other, order), desk.desk(other), ordering.options(other, who)):
        with pytest.raises(NotAllowed):
            await reading
    assert await panels.of_person(who, other) == []


async def test_every_look_is_in_the_journal_once_a_day_for_each_who_looks(alder: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    who = await make_person("alder")
    order = await orders.place_order(alder.hr, who, await alder.package())
    for looker in (alder.hr, alder.hr, alder.admin):
        await orders.order_of(looker, order)
    assert (await panels.of_person(who, alder.hr))[0].data["lines"]
    await orders.order_of(system_viewer("alder"), order)
    monkeypatch.setenv("STAFFING_TODAY", "2026-11-25")
    await panels.of_person(who, alder.hr)
    assert [action for action, _ in await journal_of(f"check/{order}")].count("check:seen") == 3


async def test_another_districts_check_is_not_there(alder: Desk) -> None:
    order = await orders.place_order(alder.hr, await make_person("alder"), await alder.package())
    elsewhere = viewer("hr", "Otto Invented", tenant="birch")
    for asking in (orders.order_of(elsewhere, order), orders.cancel_order(elsewhere, order, "Mine.")):
        with pytest.raises(NotFound):
            await asking


async def test_what_the_work_misses_is_offered_first_with_what_cannot_be_ordered_now(alder: Desk) -> None:
    placement = await cleared(date(2020, 5, 2))
    person = await person_at(placement)
    fits = await alder.package(title="Zebra state check")
    other = await alder.package(title="Aardvark review", kinds=("employment_history_review",))
    choice = await ordering.options(alder.hr, person, placement=placement)
    assert [(one.package.id, one.suggested) for one in choice.options] == [(fits, True), (other, False)]
    assert any("state_criminal_history" in finding.accepts for finding in choice.options[0].answers)
    assert choice.missing, "the child abuse history has run out too, and no package here gives it"
    await orders.place_order(alder.hr, person, fits, placement=placement)
    again = await ordering.options(alder.hr, person, placement=placement)
    assert "still on its way" in {one.package.id: one.not_now for one in again.options}[fits]


S = OrderStatus
MOVES: list[tuple[Move, dict[str, Any]]] = [
    (Move.PERSON, {"status": S.TO_AUTHORISE}),
    (Move.SOURCE, {"status": S.TO_SEND}),
    (Move.SOURCE, {"status": S.TO_SEND, "tries": 1}),
    (Move.STUCK, {"status": S.TO_SEND, "tries": 2}),
    (Move.STUCK, {"status": S.TO_SEND, "account_off": True}),
    (Move.OURS, {"status": S.TO_SEND, "way": "record"}),
    (Move.OURS, {"status": S.TO_SEND, "way": "list"}),
    (Move.PERSON, {"status": S.AWAITING_SUBJECT}),
    (Move.SOURCE, {"status": S.IN_PROGRESS}),
    (Move.PERSON, {"status": S.ON_HOLD, "detail": "subject_must_act"}),
    (Move.STUCK, {"status": S.ON_HOLD, "detail": "we_must_act"}),
    (Move.STUCK, {"status": S.REFUSED}),
    (Move.STUCK, {"status": S.EXPIRED}),
    (Move.DONE, {"status": S.EXPIRED, "followed": True}),
    (Move.DONE, {"status": S.CANCELED}),
    (Move.STUCK, {"status": S.CANCELED, "said": True}),
    (Move.DECIDE, {"status": S.COMPLETE, "said": True}),
    (Move.PERSON, {"status": S.COMPLETE, "said": True, "answering": True}),
    (Move.DECIDE, {"status": S.COMPLETE, "said": True, "waits_for_second": True}),
    (Move.DECIDE, {"status": S.DISPUTED, "said": True}),
    (Move.DONE, {"status": S.COMPLETE, "said": True, "decided": True}),
    (Move.DECIDE, {"status": S.COMPLETE, "said": True, "decided": True, "again": True}),
    (Move.DECIDE, {"status": S.DISPUTED, "said": True, "decided": True}),
    (Move.DONE, {"status": S.EXPIRED, "decided": True}),
]


@pytest.mark.parametrize(("move", "stand"), MOVES)
def test_whose_move_it_is_follows_from_the_three_axes(move: Move, stand: dict[str, Any]) -> None:
    assert whose(Stand(**{"way": "api", **stand})) is move


async def test_the_desk_counts_searches_and_filters(alder: Desk) -> None:
    async def named(given: str, family: str) -> UUID:
        return await make_person("alder", given_name=given, family_name=family, search_name=f"{given} {family}".lower())

    package, other = await alder.package(), await alder.package("document_upload", title="Certificate")
    lena = await named("Lena", "Invented")
    await orders.place_order(alder.hr, lena, package)
    await orders.place_order(alder.hr, await named("Omar", "Example"), package)
    await orders.place_order(alder.hr, lena, other)
    found = await desk.desk(alder.hr)
    assert (found.move, found.counts[Move.OURS], found.counts[Move.PERSON], found.total) == (Move.OURS, 2, 1, 2)
    assert [line.name for line in (await desk.desk(alder.hr, Move.OURS, words="léna")).lines] == ["Lena Invented"]
    assert (await desk.desk(alder.hr, Move.OURS, package=other)).total == 0
    assert (await desk.desk(alder.hr, Move.OURS, words="nobody like this")).total == 0


async def test_a_line_of_the_desk_says_where_the_work_is(alder: Desk) -> None:
    placement = await cleared()
    await orders.place_order(alder.hr, await person_at(placement), await alder.package(), placement=placement)
    await orders.place_order(alder.hr, await make_person("alder"), await alder.package(), position=uuid4())
    places = [line.place for line in (await desk.desk(alder.hr)).lines]
    assert [(place.title, place.site_name) if place else None for place in places] == [
        ("Reading tutor", "Marigold Elementary"),
        None,
    ]


async def test_somebody_who_left_can_still_be_read(alder: Desk) -> None:
    who = await make_person("alder")
    order = await orders.place_order(alder.hr, who, await alder.package())
    async with tenant_transaction("alder"):
        await Person.update({Person.status: "left"}).where(Person.id == who)
    assert (await alder.order(order)).person.status == "left"
