"""Where Checkr does not do what was asked, a sentence says why and whether to try again; nothing is made twice or lost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from plugins.background_check.providers.checkr import Checkr
from plugins.background_check.providers.http import Patience
from staffing.api import Client, Connection, OrderAsk, OrderSeen, OrderStatus, ProviderTrouble, Subject
from tests.doubles.fixture import Screening, screening, served

__all__ = ["screening"]

KEY = "invented-alder"


class Quick(Checkr):
    """Checkr, for a vendor on this machine: three tries, without long pauses."""

    patience = Patience(answer=5, first_pause=0.01, most_wait=0.3)


class Hurried(Checkr):
    """Checkr, asked by somebody who does not wait."""

    patience = Patience(answer=0.2, first_pause=0.01, most_wait=0.3)


def checkr(address: str, kind: type[Checkr] = Quick, **more: str) -> AbstractAsyncContextManager[Client]:
    key = more.pop("key", KEY)
    settings = {"address": address, **more}
    return kind().open(Connection(tenant="alder", account="a", settings=settings, secrets={"api_key": key}))


def ask(email: str = "rosa@example.org", **more: Any) -> OrderAsk:
    subject = Subject(ref="p1", given_name="Rosa", family_name="Invented", email=email)
    return OrderAsk(
        **{"ref": str(uuid4()), "subject": subject, "package": "volunteer_standard", "state": "OH", "city": "Dayton"} | more
    )


async def trouble_of(address: str, order: OrderAsk, kind: type[Checkr] = Quick, **settings: str) -> ProviderTrouble:
    with pytest.raises(ProviderTrouble) as caught:
        async with checkr(address, kind, **settings) as client:
            await client.order(order)
    said = str(caught.value)
    assert said.endswith(".") and "rosa" not in said.lower() and "invented" not in said.lower() and KEY not in said
    return caught.value


Arrange = Callable[[Screening], None]


def one_node(double: Screening) -> None:
    double.put("nodes", nodes=[{"custom_id": "s", "account": KEY}])
    double.account(KEY, hierarchy=True)


#: What is wrong; what is asked; settings; whether trying again helps, the code, words of the sentence.
REFUSALS: dict[str, tuple[Arrange, dict[str, Any], dict[str, str], tuple[bool, str, str]]] = {
    "an unknown package": (
        lambda double: None,
        {"package": "no_such_package"},
        {},
        (False, "package", "does not have this package"),
    ),
    "a node is missing": (
        lambda double: double.account(KEY, hierarchy=True),
        {},
        {},
        (False, "node", "wants a node"),
    ),
    "a node that is not in the hierarchy": (
        lambda double: double.account(KEY, hierarchy=True),
        {"node": "school-1"},
        {},
        (False, "node", "wants a node"),
    ),
    "a node of letters that no node has": (
        lambda double: None,
        {"node": "school/1"},
        {},
        (False, "node", "cannot be a node"),
    ),
    "the place of the work is missing": (
        one_node,
        {"node": "s", "state": "", "city": ""},
        {},
        (False, "work_location", "where the work is done"),
    ),
    "under 18": (
        lambda double: double.put("people/rosa@example.org", refused_for_age=True),
        {},
        {},
        (False, "under_age", "people of this age"),
    ),
    "no e-mail address": (
        lambda double: None,
        {"subject": Subject(ref="p", given_name="R", family_name="I")},
        {},
        (False, "email", "no e-mail address is on record"),
    ),
    "an e-mail address that is none": (
        lambda double: None,
        {"subject": Subject(ref="p", given_name="R", family_name="I", email="nowhere")},
        {},
        (False, "email", "does not accept this person's e-mail address"),
    ),
    "a key that is not one": (
        lambda double: None,
        {},
        {"key": "somebody-elses"},
        (True, "account", "does not accept the key"),
    ),
    "no key": (
        lambda double: None,
        {},
        {"key": " "},
        (True, "account", "has no key yet"),
    ),
    "an address that a key may not be sent to": (
        lambda double: None,
        {},
        {"address": "http://checkr.example.org"},
        (True, "settings", "not one that a key may be sent to"),
    ),
}


@pytest.mark.parametrize("case", REFUSALS, ids=str)
async def test_a_refusal_is_a_sentence_that_says_what_to_do(screening: Screening, case: str) -> None:
    arrange, asked, settings, (again, code, words) = REFUSALS[case]
    arrange(screening)
    address = settings.pop("address", screening.address) if "address" in settings else screening.address
    trouble = await trouble_of(address, ask(**asked), **settings)
    assert (trouble.again, trouble.code) == (again, code)
    assert words in str(trouble)
    assert not screening.knows["invitations"]


async def test_a_node_that_is_not_in_the_account_is_found_out_when_the_account_is_tried(screening: Screening) -> None:
    with pytest.raises(ProviderTrouble, match="has no node with the custom id “school-9”"):
        async with checkr(screening.address, node="school-9") as client:
            await client.packages()


async def test_a_fourth_check_of_one_person_in_a_day_waits_for_tomorrow(screening: Screening) -> None:
    async with checkr(screening.address) as client:
        first = await client.order(ask())
        for _ in range(2):
            await client.order(ask(subject_ref=first.subject_ref))
        with pytest.raises(ProviderTrouble, match="takes no more until tomorrow") as caught:
            await client.order(ask(subject_ref=first.subject_ref))
    assert (caught.value.again, caught.value.code, caught.value.wait) == (True, "too_many_reports", 86400)


@pytest.mark.parametrize("on", ["GET /v1/candidates", "POST /v1/candidates", "GET /v1/invitations", "POST /v1/invitations"])
@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_vendor_that_fails_twice_and_then_answers_has_one_order(screening: Screening, on: str, status: int) -> None:
    screening.faults(broken={"times": 2, "on": on, "status": status})
    async with checkr(screening.address) as client:
        seen = await client.order(ask())
    assert seen.status is OrderStatus.AWAITING_SUBJECT
    assert len(screening.knows["candidates"]) == len(screening.knows["invitations"]) == 1
    assert len(screening.calls(on)) >= 3


async def test_a_second_try_carries_the_first_ones_idempotency_key(screening: Screening) -> None:
    screening.faults(lost_answer={"times": 2, "on": "POST /v1/invitations"})
    async with checkr(screening.address) as client:
        await client.order(ask())
    keys = [each["key"] for each in screening.calls("POST /v1/invitations")]
    assert len(keys) == 3 and len(set(keys)) == 1 and keys[0]
    assert len(screening.knows["invitations"]) == 1


async def test_a_vendor_that_is_down_is_tried_again_later(screening: Screening) -> None:
    screening.faults(down=True)
    trouble = await trouble_of(screening.address, ask())
    assert (trouble.again, trouble.code) == (True, "down")
    assert "nothing is lost" in str(trouble)
    assert len(screening.calls()) == Quick.patience.tries


async def test_a_vendor_that_cannot_be_reached_is_tried_again_later(tmp_path: Path) -> None:
    with served(tmp_path / "double.json") as double:
        address = double.address
    trouble = await trouble_of(address, ask())
    assert (trouble.again, trouble.code) == (True, "down")
    assert "cannot be reached" in str(trouble)


async def test_an_order_outlives_a_restart_of_the_vendor(tmp_path: Path) -> None:
    order = ask()
    with served(tmp_path / "double.json") as double:
        async with checkr(double.address) as client:
            first = await client.order(order)
    with served(tmp_path / "double.json", port=double.port) as double:
        async with checkr(double.address) as client:
            assert await client.order(order) == first
            double.finish(first.order_ref, "consider")
            assert (await client.look(first)).status is OrderStatus.COMPLETE


async def test_an_answer_that_does_not_come_in_time_is_not_waited_for(screening: Screening) -> None:
    screening.faults(slow={"seconds": 1.5, "times": 3, "on": "GET /v1/candidates"})
    trouble = await trouble_of(screening.address, ask(), Hurried)
    assert (trouble.again, trouble.code) == (True, "down")
    assert "did not answer in time" in str(trouble)
    assert len(screening.calls("GET /v1/candidates")) == 3


async def test_a_short_limit_is_waited_out(screening: Screening) -> None:
    screening.faults(busy={"reset": 0.2, "times": 1, "on": "POST /v1/invitations"})
    async with checkr(screening.address) as client:
        seen = await client.order(ask())
    assert seen.status is OrderStatus.AWAITING_SUBJECT
    assert len(screening.calls("POST /v1/invitations")) == 2


async def test_a_long_limit_is_said_at_once_with_how_long_it_lasts(screening: Screening) -> None:
    screening.faults(busy={"reset": 240, "times": 1})
    trouble = await trouble_of(screening.address, ask())
    assert (trouble.again, trouble.code, trouble.wait) == (True, "limit", 240)
    assert "about 4 minutes" in str(trouble)
    assert len(screening.calls()) == 1


async def test_an_account_whose_limit_is_used_up_asks_nothing_more(screening: Screening) -> None:
    async with checkr(screening.address) as client:
        screening.faults(remaining={"number": 0, "reset": 90})
        await client.packages()
        with pytest.raises(ProviderTrouble, match="takes no more requests") as caught:
            await client.packages()
        assert (caught.value.again, caught.value.code) == (True, "limit")
        assert 60 < caught.value.wait <= 90
    assert len(screening.calls()) == 1


async def test_an_order_that_the_vendor_forgot_is_said_to_be_unknown(screening: Screening) -> None:
    with pytest.raises(ProviderTrouble, match="does not know this invitation") as caught:
        async with checkr(screening.address) as client:
            await client.look(OrderSeen(order_ref="0" * 24, status=OrderStatus.AWAITING_SUBJECT, raw="pending"))
    assert (caught.value.again, caught.value.code) == (False, "unknown")


async def test_another_accounts_order_is_unknown_here(screening: Screening) -> None:
    async with checkr(screening.address) as ours, checkr(screening.address, key="invented-other") as theirs:
        seen = await ours.order(ask())
        with pytest.raises(ProviderTrouble, match="does not know this invitation"):
            await theirs.look(seen)


async def test_a_reference_that_is_no_id_asks_for_nothing_else_than_an_order(screening: Screening) -> None:
    async with checkr(screening.address) as client:
        with pytest.raises(ProviderTrouble):
            await client.look(OrderSeen(order_ref="../candidates", status=OrderStatus.AWAITING_SUBJECT, raw=""))
    assert [each["line"] for each in screening.calls()] == ["GET /v1/invitations/none"]
