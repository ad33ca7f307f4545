"""A check through Checkr's hosted flow, over real HTTP: invited, followed, held, disputed, revised, taken back, never twice."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from plugins.background_check.providers.checkr import Checkr
from plugins.background_check.providers.http import Patience
from plugins.background_check.rules.status import needs_eyes
from staffing.api import Client, Connection, OrderAsk, OrderSeen, OrderStatus, Outcome, ProviderTrouble, Result, Subject
from tests.doubles.fixture import Screening, screening

__all__ = ["screening"]

KEY = "invented-alder"
OAUTH = {"mode": "oauth"}


class Quick(Checkr):
    """Checkr, for a vendor on this machine."""

    patience = Patience(answer=5, first_pause=0.01, most_wait=0.5)


def connection(screening: Screening, *, key: str = KEY, **settings: str) -> Connection:
    secret = "access_token" if settings.get("mode") == "oauth" else "api_key"
    return Connection(tenant="alder", account="a", settings={"address": screening.address, **settings}, secrets={secret: key})


def checkr(screening: Screening, **settings: str) -> AbstractAsyncContextManager[Client]:
    return Quick().open(connection(screening, **settings))


def ask(email: str = "rosa@example.org", **more: Any) -> OrderAsk:
    ref = more.pop("ref", str(uuid4()))
    subject = Subject(
        ref="p1", given_name="Rosa", family_name="Invented", email=email, phone="5555550100", postcode="45402-1234", born_on=None
    )
    return OrderAsk(ref=ref, subject=subject, **{"package": "volunteer_standard", "state": "OH", "city": "Dayton", **more})


async def test_a_hosted_check_goes_from_invited_to_complete(screening: Screening) -> None:
    screening.put("pace", seconds=None)
    async with checkr(screening) as client:
        invited = await client.order(ask())
        assert (invited.status, invited.raw, invited.result) == (OrderStatus.AWAITING_SUBJECT, "pending", None)
        assert invited.link == f"{screening.address}/apply/{invited.order_ref}"
        assert invited.link_until is not None and invited.link_until > datetime.now(UTC)
        assert not invited.report_ref

        assert "no court is real" in screening.page(invited.link).text
        assert screening.page(invited.link, outcome="clear").headers["location"] == "/done"
        searching = await client.look(invited)
        assert (searching.status, searching.raw, searching.result) == (OrderStatus.IN_PROGRESS, "pending", None)
        assert searching.report_ref and searching.eta is not None and searching.link == ""
        assert ("sex_offender_search", "pending") in searching.searches
        assert ("county_criminal_search", "pending") in searching.searches
        assert not {"candidate", "report", "document"} & {kind for kind, _ in searching.searches}

        screening.report(searching.report_ref, "complete", "clear")
        done = await client.look(searching)
    assert (done.status, done.raw, done.result, done.detail) == (OrderStatus.COMPLETE, "complete", Result.CLEAR, "")
    assert done.completed_at is not None and done.revised_at is None
    assert (done.order_ref, done.subject_ref) == (invited.order_ref, invited.subject_ref)
    assert ("sex_offender_search", "complete") in done.searches
    assert not [each for each in screening.calls() if "_searches/" in each["line"] or "include" in each["query"]]
    assert not needs_eyes(done)


@pytest.mark.parametrize("settings", [{}, OAUTH], ids=["with its own key", "as a partner application"])
async def test_both_kinds_of_account_can_order(screening: Screening, settings: dict[str, str]) -> None:
    async with checkr(screening, **settings) as client:
        assert (await client.order(ask())).status is OrderStatus.AWAITING_SUBJECT


async def test_checkr_is_told_what_an_invitation_needs_and_nothing_more(screening: Screening) -> None:
    order = ask()
    async with checkr(screening) as client:
        await client.order(order)
    (candidate,) = screening.knows["candidates"].values()
    (invitation,) = screening.knows["invitations"].values()
    assert candidate["custom_id"] == order.ref and candidate["zipcode"] == "45402"
    told = {name for name, value in candidate.items() if value} - {"id", "object", "uri", "created_at", "account"}
    assert told == {"custom_id", "email", "first_name", "last_name", "phone", "zipcode", "work_locations"}
    assert invitation["work_locations"] == [{"country": "US", "state": "OH", "city": "Dayton"}]
    assert invitation["tags"] == [order.ref]


SAYS = [
    ("clear", OrderStatus.COMPLETE, Result.CLEAR, "", False),
    ("consider", OrderStatus.COMPLETE, Result.RECORD_FOUND, "", True),
    ("includes_canceled", OrderStatus.COMPLETE, Result.CLEAR, "includes_canceled", True),
    ("under_age", OrderStatus.CANCELED, Result.UNABLE, "under_age", True),
    ("all_canceled", OrderStatus.CANCELED, Result.UNABLE, "all_canceled", True),
    ("paused", OrderStatus.ON_HOLD, None, "we_must_act", True),
    ("suspended", OrderStatus.ON_HOLD, None, "subject_must_act", False),
]


@pytest.mark.parametrize("case", SAYS, ids=lambda case: case[0])
async def test_what_the_courts_say_is_seen_for_what_it_is(
    screening: Screening, case: tuple[str, OrderStatus, Result | None, str, bool]
) -> None:
    outcome, status, result, detail, eyes = case
    async with checkr(screening) as client:
        invited = await client.order(ask())
        screening.finish(invited.order_ref, outcome)
        seen = await client.look(invited)
    assert (seen.status, seen.result, seen.detail) == (status, result, detail)
    assert needs_eyes(seen) is eyes


async def test_of_a_report_with_searches_that_were_not_made_no_search_is_called_made(screening: Screening) -> None:
    async with checkr(screening) as client:
        invited = await client.order(ask())
        screening.finish(invited.order_ref, "includes_canceled")
        seen = await client.look(invited)
    assert seen.searches and {state for _, state in seen.searches} == {""}


async def test_who_must_send_one_thing_more_is_led_to_where_they_send_it(screening: Screening) -> None:
    async with checkr(screening) as client:
        invited = await client.order(ask())
        screening.page(invited.link, outcome="suspended")
        held = await client.look(invited)
        assert held.link.startswith(f"{screening.address}/send/")
        assert "Send it" in screening.page(held.link).text
        screening.page(held.link, now="yes")
        seen = await client.look(held)
    assert (seen.status, seen.result, seen.link) == (OrderStatus.COMPLETE, Result.CLEAR, "")


async def test_a_disputed_report_is_seen_and_then_its_revision(screening: Screening) -> None:
    async with checkr(screening) as client:
        invited = await client.order(ask())
        screening.finish(invited.order_ref, "consider")
        found = await client.look(invited)
        screening.report(found.report_ref, "dispute")
        disputed = await client.look(found)
        assert (disputed.status, disputed.result) == (OrderStatus.DISPUTED, Result.RECORD_FOUND)
        assert needs_eyes(disputed)
        screening.report(found.report_ref, "complete", "clear")
        revised = await client.look(disputed)
        assert (revised.status, revised.result) == (OrderStatus.COMPLETE, Result.CLEAR)
        assert revised.revised_at is not None and revised.completed_at == found.completed_at
        seen = [each async for each in client.changed(datetime.now(UTC) - timedelta(minutes=5))]
        assert [(each.order_ref, each.report_ref, each.result) for each in seen] == [
            (invited.order_ref, found.report_ref, Result.CLEAR)
        ]
        assert [each async for each in client.changed(datetime.now(UTC) + timedelta(minutes=5))] == []


async def test_an_invitation_that_ran_out_is_expired_and_stays_so(screening: Screening) -> None:
    async with checkr(screening) as client:
        invited = await client.order(ask())
        screening.post(f"invitations/{invited.order_ref}/age")
        seen = await client.look(invited)
        assert (seen.status, seen.raw, seen.link, seen.result) == (OrderStatus.EXPIRED, "expired", "", None)
        assert screening.page(invited.link).status_code == 410
        assert (await client.cancel(invited)).status is OrderStatus.EXPIRED


async def test_an_unused_invitation_is_taken_back_and_a_second_time_changes_nothing(screening: Screening) -> None:
    async with checkr(screening) as client:
        invited = await client.order(ask())
        gone = await client.cancel(invited)
        assert (gone.status, gone.raw) == (OrderStatus.CANCELED, "deleted")
        assert await client.cancel(invited) == gone
    assert "taken this invitation back" in screening.page(invited.link).text
    assert len(screening.calls("DELETE ")) == 1


async def test_what_the_person_has_begun_cannot_be_taken_back(screening: Screening) -> None:
    screening.put("pace", seconds=None)
    async with checkr(screening) as client:
        invited = await client.order(ask())
        screening.finish(invited.order_ref)
        with pytest.raises(ProviderTrouble, match="has begun to search") as caught:
            await client.cancel(invited)
    assert (caught.value.again, caught.value.code) == (False, "too_late")
    assert not screening.calls("DELETE ")


async def test_asking_twice_makes_one_candidate_and_one_invitation(screening: Screening) -> None:
    order = ask()
    async with checkr(screening) as client:
        first = await client.order(order)
        assert await client.order(order) == first
    async with checkr(screening) as client:
        both = await asyncio.gather(client.order(order), client.order(order))
        assert list(both) == [first, first]
    assert len(screening.knows["candidates"]) == len(screening.knows["invitations"]) == 1


async def test_two_who_ask_at_the_same_time_make_one_invitation(screening: Screening) -> None:
    """Both find nothing before; the vendor's idempotency keys keep them from making two."""
    screening.faults(slow_work={"seconds": 0.1, "times": 4})
    order = ask()
    async with checkr(screening) as one, checkr(screening) as other:
        both = await asyncio.gather(one.order(order), other.order(order), return_exceptions=True)
        screening.faults()
        assert [each for each in both if isinstance(each, OrderSeen)]
        assert all(isinstance(each, OrderSeen) or (isinstance(each, ProviderTrouble) and each.again) for each in both)
        await one.order(order)
    assert len(screening.knows["candidates"]) == len(screening.knows["invitations"]) == 1


@pytest.mark.parametrize("lost", ["POST /v1/candidates", "POST /v1/invitations"])
async def test_an_order_whose_answer_was_lost_is_found_again_not_made_again(screening: Screening, lost: str) -> None:
    order = ask()
    screening.faults(lost_answer={"times": 9, "on": lost})
    async with checkr(screening) as client:
        with pytest.raises(ProviderTrouble) as caught:
            await client.order(order)
        assert caught.value.again
        screening.faults()
        seen = await client.order(order)
    assert seen.status is OrderStatus.AWAITING_SUBJECT
    assert len(screening.knows["candidates"]) == len(screening.knows["invitations"]) == 1


async def test_an_order_is_found_again_after_its_idempotency_keys_are_forgotten(screening: Screening) -> None:
    order = ask()
    async with checkr(screening) as client:
        first = await client.order(order)
        screening.put("forget")
        assert await client.order(order) == first
        screening.finish(first.order_ref, "clear")
        assert (await client.order(order)).status is OrderStatus.COMPLETE
    assert len(screening.knows["candidates"]) == len(screening.knows["invitations"]) == 1


async def test_a_renewal_invites_the_same_candidate_anew(screening: Screening) -> None:
    async with checkr(screening) as client:
        first = await client.order(ask())
        screening.finish(first.order_ref, "clear")
        again = ask(subject_ref=first.subject_ref)
        second = await client.order(again)
        assert second.order_ref != first.order_ref and second.subject_ref == first.subject_ref
        screening.put("forget")
        assert await client.order(again) == second
    assert len(screening.knows["candidates"]) == 1


async def test_a_decision_for_the_person_is_told_and_one_against_them_is_not(screening: Screening) -> None:
    async with checkr(screening) as client:
        for outcome, told in (
            (Outcome.ELIGIBLE, "engaged"),
            (Outcome.WITH_CONDITIONS, "engaged"),
            (Outcome.NOT_ELIGIBLE, None),
            (Outcome.WITHDRAWN, None),
        ):
            invited = await client.order(ask(email=f"{outcome}@example.org"))
            screening.finish(invited.order_ref, "consider")
            seen = await client.look(invited)
            await client.decided(seen, outcome)
            await client.decided(seen, outcome)
            assert screening.knows["reports"][seen.report_ref]["adjudication"] == told, outcome
        await client.decided(await client.order(ask(email="new@example.org")), Outcome.ELIGIBLE)
    assert not [each for each in screening.calls() if "adverse" in each["line"]]
    assert not screening.knows["actions"]


async def test_what_an_account_may_order_is_read_to_the_last_page(screening: Screening) -> None:
    many = [{"name": f"Package {n}", "slug": f"package_{n:03}", "screenings": ["ssn_trace"]} for n in range(237)]
    screening.put("packages", packages=many)
    async with checkr(screening) as client:
        found = await client.packages()
    assert [each.code for each in found] == [each["slug"] for each in many]
    assert found[0].searches == ("ssn_trace",)
    assert [each["query"].get("page") for each in screening.calls("GET /v1/packages")] == [None, "2", "3"]


async def test_a_node_orders_its_own_packages_and_is_found_on_any_page(screening: Screening) -> None:
    nodes = [{"custom_id": f"school-{n}", "name": f"School {n}", "account": KEY, "packages": []} for n in range(150)]
    nodes[140] |= {"packages": ["volunteer_registries"]}
    screening.put("nodes", nodes=nodes)
    screening.account(KEY, hierarchy=True)
    async with checkr(screening, node="school-140") as client:
        assert [each.code for each in await client.packages()] == ["volunteer_registries"]
        await client.order(ask())
    (invitation,) = screening.knows["invitations"].values()
    assert invitation["node"] == "school-140"
    async with checkr(screening, node="school-3") as client:
        assert len(await client.packages()) == 3
        await client.order(ask(email="other@example.org", node="school-5"))
    assert [each["node"] for each in screening.knows["invitations"].values()] == ["school-140", "school-5"]
