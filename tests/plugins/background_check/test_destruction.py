"""What is due is destroyed whole and once, with a certificate; a hold stops it; a district chooses within the law."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import sys
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from plugins.background_check.rules import retention
from plugins.background_check.services import certificates, fair_timers, keeping
from plugins.background_check.tables.orders import Batch, CheckOrder
from staffing.core.errors import Conflict, Invalid, NotAllowed, NotFound
from staffing.services import work
from staffing.store.engine import DB, tenant_transaction
from tests.factories import json_text, make_person
from tests.plugins.background_check.checks import journal_of
from tests.plugins.background_check.kept_files import (
    ADMIN,
    HR,
    TODAY,
    WHOLE,
    alone,
    destroyed,
    left,
    make_file,
    months_ago,
)


@pytest.fixture(autouse=True)
def pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())


# --- holds ---


async def test_a_hold_on_everything_stops_everything_until_it_ends(tenant: str) -> None:
    await make_file(months_ago(80))
    await alone(await make_person("alder"))
    before = await left()
    ident = await keeping.hold(ADMIN, "Matter 26-114")
    await keeping.destroy(tenant)
    assert await left() == before
    await keeping.end_hold(ADMIN, ident)
    await keeping.end_hold(ADMIN, ident)
    assert [action for action, _ in await journal_of(f"hold/{ident}")] == ["hold:begun", "hold:ended"]
    await keeping.destroy(tenant)
    assert await left() == {"check_event": 2}


async def test_a_hold_on_somebody_keeps_all_of_theirs_and_lists_and_events_that_touch_them(tenant: str) -> None:
    held = await make_file(months_ago(80))
    await make_file(months_ago(80))
    await alone(held.person)
    async with tenant_transaction(tenant) as transaction:
        order = await CheckOrder.select(CheckOrder.order_ref).where(CheckOrder.id == held.order).first()
        assert order is not None
        await Batch.update({Batch.rows: json_text([{"order": str(held.order)}])}).where(Batch.id.is_not_null())
        await transaction.connection.execute(
            "UPDATE background_check.check_event SET refs = $1::jsonb WHERE provider_event = 'evt1'",
            json_text([order["order_ref"]]),
        )
    before = await left()
    await keeping.hold(ADMIN, "Matter 26-115", person=held.person)
    await keeping.destroy(tenant)
    assert await left() == {
        name: count - (name in WHOLE) - (name == "share_try") for name, count in before.items() if count - (name == "share_try")
    }
    (made,) = await destroyed()
    assert made["body"]["people_on_hold"] == 1


@pytest.mark.parametrize(
    ("matter", "person", "error"),
    [("", None, Invalid), ("SSN 219-09-9998", None, Invalid), ("Matter 1", uuid4(), NotFound)],
)
async def test_a_hold_without_a_name_or_on_nobody_is_refused(tenant: str, matter: str, person: UUID | None, error: type) -> None:
    with pytest.raises(error):
        await keeping.hold(ADMIN, matter, person=person)


async def test_the_same_hold_twice_is_refused(tenant: str) -> None:
    await keeping.hold(ADMIN, "Matter 1")
    with pytest.raises(Conflict):
        await keeping.hold(ADMIN, "Matter 1")


async def test_all_of_it_is_for_administrators(tenant: str) -> None:
    for ask in (
        keeping.choose(HR, "events", 6, "Board"),
        keeping.hold(HR, "Matter 1"),
        keeping.end_hold(HR, uuid4()),
        certificates.page(HR),
        certificates.certificate(HR, uuid4()),
        certificates.pdf(HR, uuid4()),
        certificates.data(HR, uuid4()),
    ):
        with pytest.raises(NotAllowed):
            await ask


# --- what a district chooses ---


async def test_a_choice_counts_the_next_night_and_the_newest_wins(tenant: str) -> None:
    await make_file(months_ago(30), adverse=False)
    await keeping.choose(ADMIN, "consents", 60, "Schedule 12")
    await keeping.choose(ADMIN, "consents", 25, "Board policy 7")
    await keeping.destroy(tenant)
    assert await left() == {"check_order": 1, "check_look": 1}
    (made,) = await destroyed()
    told = {one["item"]: one for one in made["body"]["items"]}
    assert told["consents"]["rule"].startswith("2 years and 1 month after")
    assert told["consents"]["because"] == "Board policy 7"
    assert [action for action, _ in await journal_of("retention/consents")] == ["retention:chosen", "retention:chosen"]
    with pytest.raises(Conflict):
        await keeping.choose(ADMIN, "consents", 25, "again")
    with pytest.raises(Invalid, match="no such kind"):
        await keeping.choose(ADMIN, "reports", 25, "again")
    with pytest.raises(Invalid, match="Social Security"):
        await keeping.choose(ADMIN, "consents", 30, "SSN 219-09-9998")


async def test_a_county_s_four_years_count_once_the_district_says_so(tenant: str) -> None:
    await make_file(months_ago(30), adverse=False)
    await fair_timers.choose(ADMIN, "us_ca_la_county", True, signed_off_by="Counsel Invented")
    await keeping.destroy(tenant)
    assert (await left())["determination"] == 1
    with pytest.raises(Invalid, match="Los Angeles County"):
        await keeping.choose(ADMIN, "decisions", 24, "Board")


# --- certificates ---


async def test_many_rows_make_several_certificates_with_numbers_in_a_row(tenant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_AT_ONCE", 5)
    for _ in range(3):
        await make_file(months_ago(80))
    await keeping.destroy(tenant)
    assert await left() == {}
    made = await destroyed()
    assert [one["number"] for one in made] == list(range(1, len(made) + 1))
    assert all(sum(item["count"] for item in one["body"]["items"]) <= 5 for one in made)
    assert sum(item["count"] for one in made for item in one["body"]["items"]) == 24


async def test_the_digests_of_a_certificate_are_those_of_the_rows_as_a_backup_has_them(tenant: str, database: str) -> None:
    await make_file(months_ago(80), adverse=False)
    admin = await asyncpg.connect(database)
    rows = await admin.fetch("SELECT encode(sha256(convert_to(c::text, 'UTF8')), 'hex') AS d FROM background_check.consent c")
    await admin.close()
    await keeping.destroy(tenant)
    (made,) = await destroyed()
    told = next(one for one in made["body"]["items"] if one["item"] == "consents")
    assert told["sha256"] == retention.digest_of(row["d"] for row in rows)


async def test_a_certificate_is_printed_once_and_its_data_gives_its_digest(tenant: str) -> None:
    import pypdfium2

    await make_file(months_ago(80))
    ident = await keeping.destroy_portion(tenant)
    assert ident is not None
    assert await certificates.pdf(ADMIN, ident) is None
    try:
        await certificates.print_destruction(tenant, str(ident))
        first = await certificates.pdf(ADMIN, ident)
        await certificates.print_destruction(tenant, str(ident))
    finally:
        work.close_renderer()
    assert first is not None
    assert first == await certificates.pdf(ADMIN, ident)
    document = pypdfium2.PdfDocument(first[1])
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    assert "Certificate of destruction 1" in " ".join(text.split())
    assert "Rosa Example" not in text
    name, data = await certificates.data(ADMIN, ident)
    whole = await certificates.certificate(ADMIN, ident)
    assert name == "destruction-1.json"
    assert hashlib.sha256(data).hexdigest() == whole.digest
    assert msgspec.json.decode(data)["certificate"] == 1


async def test_the_page_looks_a_month_ahead(tenant: str) -> None:
    await make_file(months_ago(72) + timedelta(days=20), adverse=False)
    await make_file(months_ago(72) + timedelta(days=40), adverse=False)
    await keeping.destroy(tenant)
    page = await certificates.page(ADMIN)
    assert {line.rule.item.item: line.count for line in page.due} == {"consents": 1, "orders": 2}
    assert page.due_count == 3
    await keeping.hold(ADMIN, "Matter 1")
    page = await certificates.page(ADMIN)
    assert page.stopped
    assert page.due == ()


HELPER = """
import asyncio, sys
from staffing import host
host.load().import_modules("jobs")
from staffing.store.pool import open_pool
from plugins.background_check.services import keeping

async def main():
    await open_pool(sys.argv[1], min_size=1, max_size=2)
    print("ready", flush=True)
    await keeping.destroy("alder")

asyncio.run(main())
"""


async def test_killed_in_the_middle_everything_is_there_as_before(tenant: str, database: str) -> None:
    await make_file(months_ago(80))
    before = await left()
    blocker = await asyncpg.connect(database)
    async with blocker.transaction():
        # The helper deletes disputes and notices first; then it waits for this lock, in the middle of its transaction.
        await blocker.execute("LOCK TABLE background_check.consent IN SHARE MODE")
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", HELPER, database, stdout=asyncio.subprocess.PIPE, env=dict(os.environ)
        )
        try:
            assert child.stdout is not None
            assert await child.stdout.readline() == b"ready\n"
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'background_check.consent'::regclass"
            while not await blocker.fetchval(waiting):
                assert child.returncode is None
            child.send_signal(signal.SIGKILL)
        finally:
            if child.returncode is None:
                child.kill()
            await child.wait()
    await blocker.close()
    assert await left() == before
    assert await destroyed() == []
    await keeping.destroy(tenant)
    assert await left() == {}
    assert len(await destroyed()) == 1
    assert DB.pool is not None
