"""The journal: written with the change, never changed, and chained."""

from __future__ import annotations

import asyncio
from datetime import date
from uuid import UUID

import asyncpg
import pytest

from staffing.store import journal
from staffing.store.engine import DB, tenant_transaction
from staffing.store.tables import Journal
from tests import factories as make

WHO = "hr/- Sam Example"


async def write(count: int, tenant: str = "alder") -> None:
    for number in range(count):
        async with tenant_transaction(tenant):
            await journal.record("document:approved", f"document/{number}", actor=WHO, number=number)


async def as_owner(url: str, *statements: str) -> None:
    """Do to the journal what only the database's owner can, with its triggers switched off."""
    owner = await asyncpg.connect(url)
    try:
        async with owner.transaction():
            await owner.execute("ALTER TABLE journal DISABLE TRIGGER USER")
            for statement in statements:
                await owner.execute(statement)
            await owner.execute("ALTER TABLE journal ENABLE TRIGGER USER")
    finally:
        await owner.close()


async def test_an_entry_says_who_what_and_which_facts_and_when(tenant):
    person = UUID("0197f3a0-0000-7000-8000-000000000001")
    async with tenant_transaction(tenant):
        number = await journal.record("person:moved", f"person/{person}", actor=WHO, since=date(2026, 9, 1), person=person)
        row = await Journal.select().where(Journal.id == number).output(load_json=True).first()
    assert (row["actor"], row["action"], row["subject"]) == (WHO, "person:moved", f"person/{person}")
    assert row["facts"] == {"since": "2026-09-01", "person": str(person)}
    assert row["tenant"] == "alder"
    assert row["at"].tzinfo is not None
    assert (row["previous"], len(row["digest"])) == (None, 32)


async def test_an_entry_goes_with_the_change_it_tells_of(tenant):
    with pytest.raises(LookupError):
        async with tenant_transaction(tenant):
            await journal.record("person:added", "person/1", actor=WHO)
            raise LookupError
    async with tenant_transaction(tenant):
        assert await Journal.count() == 0
    assert await journal.verify() is None


async def test_an_entry_outside_a_tenant_transaction_is_refused(tenant):
    with pytest.raises(ValueError, match="inside a tenant_transaction"):
        await journal.record("person:added", "person/1", actor=WHO)
    async with DB.transaction():
        with pytest.raises(ValueError, match="inside a tenant_transaction"):
            await journal.record("person:added", "person/1", actor=WHO)


async def test_an_entry_names_its_actor_action_and_subject(tenant):
    async with tenant_transaction(tenant):
        with pytest.raises(asyncpg.CheckViolationError):
            await journal.record("person:added", "person/1", actor="")


@pytest.mark.parametrize("statement", ["UPDATE journal SET actor = 'x'", "DELETE FROM journal", "TRUNCATE journal"])
async def test_an_entry_is_never_changed_or_removed_not_even_by_the_owner(tenant, database, statement):
    await write(1)
    async with tenant_transaction(tenant):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await Journal.raw(statement)
    owner = await asyncpg.connect(database)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await owner.execute(statement)
        await owner.execute("SET session_replication_role = replica")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await owner.execute(statement)
    finally:
        await owner.close()


async def test_each_entry_carries_the_digest_of_the_one_before_it_in_its_district(tenant):
    await make.make_tenant("birch")
    for district in ("alder", "birch", "alder", "birch", "alder"):
        await write(1, district)
    for district, count in (("alder", 3), ("birch", 2)):
        async with tenant_transaction(district):
            rows = await Journal.select(Journal.previous, Journal.digest).order_by(Journal.id)
        assert [row["previous"] for row in rows] == [None, *(row["digest"] for row in rows[:-1])]
        assert len({row["digest"] for row in rows}) == count
    assert await journal.verify() is None
    assert (await journal.heads()).keys() == {"alder", "birch"}


async def test_writers_at_the_same_time_still_make_one_chain(tenant):
    await asyncio.gather(*[write(5) for _ in range(5)])
    assert await journal.verify() is None
    async with tenant_transaction(tenant):
        assert await Journal.count() == 25


async def test_what_an_entry_is_given_for_id_time_and_digest_is_not_believed(tenant):
    await write(1)
    async with tenant_transaction(tenant):
        await Journal.raw(
            "INSERT INTO journal (id, at, actor, action, subject, previous, digest) "
            "VALUES (999, '2001-01-01Z', 'x', 'a:b', 'c/1', '\\x00', '\\x00')"
        )
    assert await journal.verify() is None
    async with tenant_transaction(tenant):
        row = await Journal.select().where(Journal.actor == "x").first()
    assert row["id"] != 999
    assert row["at"].year != 2001


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        ("UPDATE journal SET facts = '{\"number\": 77}' WHERE subject = 'document/1'", "it was altered after it was written"),
        ("UPDATE journal SET at = at - interval '1 day' WHERE subject = 'document/1'", "it was altered after it was written"),
        ("UPDATE journal SET actor = 'hr/- Other' WHERE subject = 'document/1'", "it was altered after it was written"),
        ("DELETE FROM journal WHERE subject = 'document/1'", "an entry before it was removed, added or altered"),
        ("DELETE FROM journal WHERE subject = 'document/0'", "an entry before it was removed, added or altered"),
    ],
)
async def test_a_journal_altered_behind_its_back_is_found_at_the_first_bad_entry(tenant, database, harm, reason):
    await make.make_tenant("birch")
    await write(2, "birch")
    await write(4)
    assert await journal.verify(tenant) is None
    async with tenant_transaction(tenant):
        ids = {row["subject"]: row["id"] for row in await Journal.select(Journal.id, Journal.subject)}
    await as_owner(database, f"{harm} AND tenant = 'alder'")
    broken = await journal.verify()
    assert broken is not None
    assert (broken.tenant, broken.reason) == ("alder", reason)
    assert broken.entry == ids["document/2" if harm.startswith("DELETE") and "document/1" in harm else "document/1"]
    assert await journal.verify("birch") is None


async def test_many_entries_at_once_are_chained_in_their_order(tenant: str) -> None:
    async with tenant_transaction(tenant):
        entries = [(f"person/{n}", {"after": "allow", "n": n}) for n in range(5)]
        await journal.record_many("decision:taken", entries, actor="system/alder")
        rows = await Journal.select(Journal.subject, Journal.facts).order_by(Journal.id).output(load_json=True)
    assert [(row["subject"], row["facts"]["n"]) for row in rows] == [(f"person/{n}", n) for n in range(5)]
    assert await journal.verify(tenant) is None
    with pytest.raises(ValueError, match="inside a tenant_transaction"):
        await journal.record_many("decision:taken", [], actor="system/alder")
