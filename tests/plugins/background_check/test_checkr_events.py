"""Checkr's events, as they are really posted: which are genuine, what is taken from them, and what goes wrong with them."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest

from plugins.background_check.providers.checkr import Checkr
from staffing.api import Connection, EventSeen, OrderAsk, OrderSeen, Subject
from tests.doubles.events_out import NO_KEY, TRIES
from tests.doubles.fixture import Screening, screening

__all__ = ["screening"]

KEY = "invented-alder"
SECRET = "invented-client-secret"
CHECKR = Checkr()
OWN_KEY = Connection(tenant="alder", account="a", secrets={"api_key": KEY, "client_secret": SECRET})
PARTNER = Connection(
    tenant="alder", account="a", settings={"mode": "oauth"}, secrets={"access_token": KEY, "client_secret": SECRET}
)


class Door:
    """Where events are posted to: keeps each as it came, and answers what it is told to."""

    def __init__(self) -> None:
        self.posted: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                door.posted.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(door.answers.pop(0) if door.answers else 200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Tests are quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.running = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.running.start()

    def close(self) -> None:
        self.server.shutdown()
        self.running.join(10)
        self.server.server_close()

    @property
    def events(self) -> list[EventSeen]:
        return [CHECKR.event(body) for _, body in self.posted]


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()
    yield made
    made.close()


async def finished(screening: Screening, outcome: str = "clear") -> OrderSeen:
    """Somebody was invited and has filled in everything; every event is on its way or posted."""
    subject = Subject(ref="p1", given_name="Rosa", family_name="Invented", email="rosa@example.org")
    connection = Connection(tenant="alder", account="a", settings={"address": screening.address}, secrets={"api_key": KEY})
    async with CHECKR.open(connection) as client:
        invited = await client.order(OrderAsk(ref=str(uuid4()), subject=subject, package="volunteer_standard"))
        screening.finish(invited.order_ref, outcome)
        seen = await client.look(invited)
    screening.settle()
    return seen


TYPES = ["candidate.created", "invitation.created", "invitation.completed", "report.created", "report.completed"]


async def test_a_check_tells_of_itself_step_by_step_and_every_event_is_genuine(screening: Screening, door: Door) -> None:
    screening.account(KEY, door.address)
    seen = await finished(screening)
    by_type = {event.type: event for event in door.events}
    assert sorted(by_type) == sorted(TYPES)
    assert by_type["candidate.created"].refs == (seen.subject_ref,)
    assert by_type["invitation.completed"].refs == (seen.order_ref,)
    assert by_type["report.completed"].refs == (seen.report_ref,)
    assert all(event.created_at is not None for event in door.events)
    assert all(CHECKR.genuine(OWN_KEY, headers, body) for headers, body in door.posted)
    assert not any(CHECKR.genuine(PARTNER, headers, body) for headers, body in door.posted)


async def test_a_partner_applications_events_are_signed_with_its_client_secret(screening: Screening, door: Door) -> None:
    screening.account(KEY, door.address, client_secret=SECRET)
    await finished(screening)
    assert len(door.posted) == len(TYPES)
    assert all(CHECKR.genuine(PARTNER, headers, body) for headers, body in door.posted)
    assert not any(CHECKR.genuine(OWN_KEY, headers, body) for headers, body in door.posted)


@pytest.mark.parametrize("fault", ["wrong_signature", "no_key"])
async def test_an_event_that_is_not_signed_with_the_key_is_not_genuine(screening: Screening, door: Door, fault: str) -> None:
    screening.account(KEY, door.address)
    screening.faults(events={fault: True})
    await finished(screening)
    assert len(door.posted) == len(TYPES)
    assert not any(CHECKR.genuine(OWN_KEY, headers, body) for headers, body in door.posted)
    if fault == "no_key":
        assert {headers["x-checkr-signature"] for headers, _ in door.posted} == {NO_KEY}


def test_the_sentence_of_an_account_without_a_key_is_no_signature_whatever_our_key_is() -> None:
    body = b'{"id":"1","type":"report.completed"}'
    without = Connection(tenant="alder", account="a")
    for connection in (OWN_KEY, PARTNER, without):
        assert not CHECKR.genuine(connection, {"x-checkr-signature": NO_KEY}, body)
        assert not CHECKR.genuine(connection, {}, body)
    signed_with_nothing = hmac.new(b"", body, hashlib.sha256).hexdigest()
    assert not CHECKR.genuine(without, {"x-checkr-signature": signed_with_nothing}, body)


async def test_events_may_come_twice_and_are_then_the_same_to_the_byte(screening: Screening, door: Door) -> None:
    screening.account(KEY, door.address)
    screening.faults(events={"duplicates": 2})
    await finished(screening)
    ids = [event.id for event in door.events]
    assert len(ids) == 3 * len(TYPES) and len(set(ids)) == len(TYPES)
    assert len({body for _, body in door.posted}) == len(TYPES)


async def test_events_may_come_in_the_wrong_order(screening: Screening, door: Door) -> None:
    screening.account(KEY, door.address)
    screening.faults(events={"hold": True})
    await finished(screening)
    assert door.posted == []
    assert screening.post("release", order="reverse") == {"released": len(TYPES)}
    screening.settle()
    assert [event.type for event in door.events] == TYPES[::-1]


async def test_events_of_one_moment_may_be_turned_round(screening: Screening, door: Door) -> None:
    screening.account(KEY, door.address)
    screening.faults(events={"out_of_order": True})
    await finished(screening)
    assert sorted(event.type for event in door.events) == sorted(TYPES)
    assert [event.type for event in door.events] != TYPES


async def test_events_may_be_lost_and_the_check_is_done_all_the_same(screening: Screening, door: Door) -> None:
    screening.account(KEY, door.address)
    screening.faults(events={"lost": True})
    seen = await finished(screening)
    assert door.posted == [] and seen.raw == "complete"


async def test_an_event_that_is_not_taken_comes_again_until_it_is(screening: Screening, door: Door) -> None:
    screening.account(KEY, door.address)
    screening.faults(events={"hold": True})
    await finished(screening)
    door.answers = [500, 404, 503]
    screening.post("release")
    screening.settle()
    assert [event.type for event in door.events] == [TYPES[0]] * 3 + TYPES
    answers = {each["type"]: each["answers"] for each in screening.knows["events"]}
    assert answers[TYPES[0]] == [500, 404, 503, 200] and answers[TYPES[-1]] == [200]


async def test_an_event_that_is_never_taken_is_given_up(screening: Screening, door: Door) -> None:
    door.close()
    screening.account(KEY, door.address)
    screening.faults(events={"hold": True})
    await finished(screening)
    screening.post("release")
    screening.settle()
    assert {tuple(each["answers"]) for each in screening.knows["events"]} == {(0,) * TRIES}


async def test_what_an_event_carries_besides_ids_is_not_read(screening: Screening, door: Door) -> None:
    screening.account(KEY, door.address, include_object=True)
    seen = await finished(screening, "consider")
    told = next(body for _, body in door.posted if json.loads(body)["type"] == "report.completed")
    assert json.loads(told)["data"]["object"]["result"] == "consider"
    event = CHECKR.event(told)
    assert event.refs == (seen.report_ref, seen.subject_ref)
    assert "consider" not in repr(event)
    created = next(body for _, body in door.posted if json.loads(body)["type"] == "candidate.created")
    assert b"rosa@example.org" in created and "rosa" not in repr(CHECKR.event(created))


NO_EVENTS = [
    b"",
    b"null",
    b"[]",
    b"not json",
    b"\xff\xfe",
    b'{"type":"report.completed"}',
    b'{"id":7,"type":"report.completed"}',
    b'{"id":"a","type":null}',
    b'{"id":"a b","type":"report.completed"}',
    b'{"id":"a","type":"report\\u0000completed"}',
    b'{"id":"' + b"a" * 65 + b'","type":"report.completed"}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("body", NO_EVENTS, ids=lambda body: repr(body[:40]))
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        CHECKR.event(body)


@pytest.mark.parametrize(
    "data", ["null", "[]", '{"object":null}', '{"object":[]}', '{"object":{"id":{}}}', '{"object":{"id":"a b"}}']
)
def test_an_event_about_nothing_is_read_as_one(data: str) -> None:
    event = CHECKR.event(f'{{"id":"e1","type":"account.credentialed","data":{data},"created_at":"never"}}'.encode())
    assert (event.id, event.type, event.refs, event.created_at) == ("e1", "account.credentialed", (), None)
