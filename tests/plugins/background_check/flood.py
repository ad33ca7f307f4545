"""A flood of events as a provider may post them: shuffled, some twice, some forged, about orders that end in every way there is.

Used by the test of the whole way (``test_intake_flood``) and, ten times as large, by ``benchmarks/webhooks.py``. Every order is
known to the invented provider in its last state; what is posted only makes us look.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec

from plugins.background_check.tables.orders import CheckOrder
from staffing.api import tenant_transaction
from staffing.store.tables import Person
from tests.doubles.world import PACKAGES, stamp
from tests.plugins.background_check.checks import TENANT, make_account, make_package
from tests.plugins.background_check.posts import address, event, signed

KEY = "invented-flood"
CONNECTIONS = 8
DUPLICATES, FORGED = 0.20, 0.05
EVENTS_OF_AN_ORDER = 5

#: The provider's last word on an order, and what we must then have: status, result, detail.
ENDS: dict[str, tuple[str, str | None, str]] = {
    "clear": ("complete", "clear", ""),
    "consider": ("complete", "record_found", ""),
    "some not made": ("complete", "clear", "includes_canceled"),
    "revised": ("complete", "record_found", ""),
    "dispute": ("disputed", "record_found", ""),
    "suspended": ("on_hold", None, "subject_must_act"),
    "pending": ("in_progress", None, ""),
    "canceled": ("canceled", "unable", "all_canceled"),
    "expired": ("expired", None, ""),
    "deleted": ("canceled", None, ""),
    "invited": ("awaiting_subject", None, ""),
}
_REPORTS: dict[str, dict[str, Any]] = {
    "clear": {"status": "complete", "result": "clear"},
    "consider": {"status": "complete", "result": "consider"},
    "some not made": {"status": "complete", "result": "clear", "includes_canceled": True},
    "revised": {"status": "complete", "result": "consider", "revised_at": "2026-11-23T12:00:00Z"},
    "dispute": {"status": "dispute", "result": "consider"},
    "suspended": {"status": "suspended"},
    "pending": {"status": "pending"},
    "canceled": {"status": "canceled", "includes_canceled": True},
}
_KINDS = ("report.created", "report.updated", "report.completed", "report.disputed", "report.suspended", "report.resumed")


class Post:
    """One post: the bytes of its request, and the status it must be answered with."""

    def __init__(self, target: str, body: bytes, headers: dict[str, str], status: int) -> None:
        lines = [f"POST {target} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.request, self.status = "\r\n".join([*lines, "", ""]).encode() + body, status


class Flood:
    """What is posted, what the provider has, and what must come of it. The same ``seed`` gives the same flood."""

    def __init__(self, posts: int, seed: int = 5) -> None:
        self.random = random.Random(seed)
        self.forged, self.twice = round(posts * FORGED), round(posts * DUPLICATES)
        self.unique = posts - self.forged - self.twice
        orders = max(len(ENDS), self.unique // EVENTS_OF_AN_ORDER)
        self.ends = [list(ENDS)[n % len(ENDS)] for n in range(orders)]
        self.account: UUID | None = None
        self.orders: list[UUID] = []

    def ids(self, number: int) -> tuple[str, str, str]:
        """Invitation, report and candidate of an order."""
        return (f"{number:012x}aaaaaaaaaaaa", f"{number:012x}bbbbbbbbbbbb", f"{number:012x}cccccccccccc")

    def world(self, state: Path) -> None:
        """Write the provider's state."""
        invitations, reports, candidates = {}, {}, {}
        for number, end in enumerate(self.ends):
            invitation, report, candidate = self.ids(number)
            reported = end in _REPORTS
            used = "completed" if reported else "expired" if end == "expired" else "pending"
            invitations[invitation] = {
                "id": invitation,
                "object": "invitation",
                "status": used,
                "invitation_url": f"http://127.0.0.1/apply/{invitation}",
                "created_at": "2026-11-20T09:00:00Z",
                "expires_at": stamp(datetime.now(UTC) + timedelta(days=7)),
                "completed_at": "2026-11-20T10:00:00Z" if reported else None,
                "deleted_at": "2026-11-21T10:00:00Z" if end == "deleted" else None,
                "package": "volunteer_standard",
                "candidate_id": candidate,
                "report_id": report if reported else None,
                "tags": [],
                "account": KEY,
            }
            candidates[candidate] = {"id": candidate, "report_ids": [report] if reported else [], "account": KEY}
            if reported:
                done = _REPORTS[end]["status"] in ("complete", "dispute")
                reports[report] = {
                    "id": report,
                    "object": "report",
                    "result": None,
                    "includes_canceled": False,
                    "completed_at": "2026-11-22T12:00:00Z" if done else None,
                    "revised_at": None,
                    "candidate_id": candidate,
                    "account": KEY,
                    "outcome": "",
                } | _REPORTS[end]
        known = {"invitations": invitations, "reports": reports, "candidates": candidates, "packages": PACKAGES}
        state.write_bytes(msgspec.json.encode(known | {"accounts": {KEY: {"hooks": []}}}))

    async def begin(self, provider: str) -> None:
        """Make the account and every order, each at the moment at which its person has been invited."""
        self.account = await make_account(settings={"address": provider}, secrets={"api_key": KEY})
        package = await make_package(self.account, code="volunteer_standard")
        people, orders = [], []
        async with tenant_transaction(TENANT):
            for number in range(len(self.ends)):
                invitation, _, candidate = self.ids(number)
                names = {"given_name": "Rosa", "family_name": f"Example{number}", "search_name": f"rosa example{number}"}
                people.append(Person(id=uuid4(), email=f"flood{number}@example.org", invented=True, **names))
                order = CheckOrder(
                    account=self.account,
                    package=package,
                    person=people[-1].id,
                    status="awaiting_subject",
                    order_ref=invitation,
                    subject_ref=candidate,
                    ordered_by="hr/- Vonda",
                    why="needed",
                )
                orders.append(order)
            for start in range(0, len(people), 500):
                await Person.insert(*people[start : start + 500])
                await CheckOrder.insert(*orders[start : start + 500])
        self.orders = [order.id for order in orders]

    def posts(self) -> list[Post]:
        """Everything that is posted, shuffled: each event about its order by one of its names, some again, some forged."""
        assert self.account is not None
        target = address(self.account, TENANT)
        bodies = []
        for number in range(self.unique):
            order = number % len(self.ends)
            invitation, report, candidate = self.ids(order)
            if self.ends[order] in _REPORTS and number >= len(self.ends):
                about = {"id": report} if self.random.random() < 0.7 else {"id": report, "candidate_id": candidate}
                bodies.append(event(f"evt{number}", self.random.choice(_KINDS), **about))
            else:
                kind = {"expired": "invitation.expired", "deleted": "invitation.deleted"}.get(self.ends[order])
                bodies.append(event(f"evt{number}", kind or "invitation.completed", id=invitation))
        made = [Post(target, body, signed(body, KEY), 200) for body in bodies]
        made += self.random.choices(made, k=self.twice)
        for number in range(self.forged):
            body = event(f"forged{number}", "report.completed", id=self.ids(number % len(self.ends))[1], result="clear")
            headers = signed(body, "somebody-else") if number % 2 else {"Content-Type": "application/json"}
            made.append(Post(target, body, headers, 401))
        self.random.shuffle(made)
        return made

    async def faults(self) -> list[str]:
        """What is not as it must be once everything was worked off; nothing if all is right."""
        found: list[str] = []
        async with tenant_transaction(TENANT) as transaction:
            connection = transaction.connection
            kept = await connection.fetch("SELECT provider_event, state FROM background_check.check_event")
            rows = await connection.fetch(
                "SELECT id, status, result, detail, outcome, report_ref, jsonb_array_length(asked) AS asked "
                "FROM background_check.check_order"
            )
            entries = await connection.fetch(
                "SELECT subject, facts->>'after' AS after FROM journal WHERE action = 'check:followed' ORDER BY id"
            )
        events = {row["provider_event"] for row in kept}
        if len(kept) != self.unique or events != {f"evt{n}" for n in range(self.unique)}:
            found.append(f"{len(kept)} events were kept, {len(events)} different ones, and {self.unique} were posted")
        if states := Counter(row["state"] for row in kept if row["state"] != "done"):
            found.append(f"events are not done: {states}")
        by_id = {row["id"]: row for row in rows}
        for number, order in enumerate(self.orders):
            row, (status, result, detail) = by_id[order], ENDS[self.ends[number]]
            if (row["status"], row["result"], row["detail"], row["outcome"]) != (status, result, detail, None):
                found.append(f"{self.ends[number]}: {dict(row)}")
            if row["report_ref"] != (self.ids(number)[1] if self.ends[number] in _REPORTS else ""):
                found.append(f"{self.ends[number]}: the report is {row['report_ref']!r}")
            if row["asked"] != (0 if status in ("canceled", "expired") else 1):
                found.append(f"{self.ends[number]}: asked for {row['asked']} times")
        twice = [subject for subject, n in Counter((row["subject"], row["after"]) for row in entries).items() if n > 1]
        if twice:
            found.append(f"followed twice to one state: {twice[:5]}")
        return found


async def send(posts: list[Post], port: int, when: dict[int, Callable[[], object]] | None = None) -> tuple[Counter[int], float]:
    """Post everything over a few connections, and give how often each wrong or right status came, with the seconds it took.

    A status that a post must not have is counted as its negative. ``when``: what is done once so many have been answered.
    """
    left, answered, counted = iter(posts), 0, Counter[int]()
    begun = time.perf_counter()

    async def one() -> None:
        nonlocal answered
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for post in left:
            writer.write(post.request)
            status = await _answer(reader)
            counted[status if status == post.status else -status] += 1
            answered += 1
            if when and answered in when:
                when[answered]()
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return counted, time.perf_counter() - begun


async def waiting() -> int:
    """How many events wait to be worked off."""
    async with tenant_transaction(TENANT) as transaction:
        found: int = await transaction.connection.fetchval(
            "SELECT count(*) FROM background_check.check_event WHERE state = 'new'"
        )
    return found


async def followed() -> int:
    """How many orders are no longer where they began."""
    async with tenant_transaction(TENANT) as transaction:
        found: int = await transaction.connection.fetchval(
            "SELECT count(DISTINCT subject) FROM journal WHERE action = 'check:followed'"
        )
    return found


async def _answer(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next(int(line.partition(":")[2]) for line in head.split("\r\n") if line.startswith("content-length:"))
    await reader.readexactly(length)
    return int(head.split(" ", 2)[1])
