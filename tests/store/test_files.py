"""Files in the database: sealed, recognised, and not to be tampered with."""

from __future__ import annotations

import hashlib
import os

import asyncpg
import pytest

from staffing import settings
from staffing.core.errors import NotFound, Unusable
from staffing.store import files
from staffing.store.engine import tenant_transaction
from staffing.store.tables import StoredFile
from tests import factories as make

PAPER = b"%PDF-1.7 an invented tuberculosis screening " * 50


async def test_a_file_comes_back_as_it_was_kept(tenant):
    async with tenant_transaction(tenant):
        file = await files.keep(PAPER, "application/pdf")
    async with tenant_transaction(tenant):
        assert await files.read(file) == ("application/pdf", PAPER)


async def test_what_is_stored_shows_nothing_of_the_file(tenant):
    async with tenant_transaction(tenant):
        await files.keep(PAPER, "application/pdf")
        row = await StoredFile.select().first()
    assert b"invented" not in row["sealed"]
    assert len(row["sealed"]) == len(PAPER) + 16
    assert row["sha256"] == hashlib.sha256(PAPER).digest()
    assert (row["size"], len(row["nonce"])) == (len(PAPER), 12)


async def test_the_same_bytes_are_kept_once_in_a_district_and_apart_in_another(tenant):
    await make.make_tenant("birch")
    async with tenant_transaction(tenant):
        first = await files.keep(PAPER, "application/pdf")
        assert await files.keep(PAPER, "application/pdf") == first
        assert await StoredFile.count() == 1
    async with tenant_transaction("birch"):
        second = await files.keep(PAPER, "application/pdf")
        assert second != first
        with pytest.raises(NotFound):
            await files.read(first)


async def test_a_file_is_not_kept_if_its_transaction_fails(tenant):
    with pytest.raises(LookupError):
        async with tenant_transaction(tenant):
            await files.keep(PAPER, "application/pdf")
            raise LookupError
    async with tenant_transaction(tenant):
        assert await StoredFile.count() == 0


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE stored_file SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1)",
        "UPDATE stored_file SET sealed = substring(sealed FROM 1 FOR 20)",
        "UPDATE stored_file SET nonce = set_byte(nonce, 0, get_byte(nonce, 0) # 1)",
        "UPDATE stored_file SET media_type = 'text/html'",
    ],
)
async def test_a_file_that_was_tampered_with_is_not_shown(tenant, database, harm):
    async with tenant_transaction(tenant):
        file = await files.keep(PAPER, "application/pdf")
    owner = await asyncpg.connect(database)
    await owner.execute(harm)
    await owner.close()
    async with tenant_transaction(tenant):
        with pytest.raises(Unusable, match="was changed after it was stored"):
            await files.read(file)


async def test_sealed_bytes_moved_to_another_file_or_district_do_not_open(tenant, database):
    await make.make_tenant("birch")
    async with tenant_transaction(tenant):
        one = await files.keep(PAPER, "application/pdf")
        other = await files.keep(b"something else", "application/pdf")
    owner = await asyncpg.connect(database)
    move = "UPDATE stored_file a SET sealed = b.sealed, nonce = b.nonce FROM stored_file b WHERE a.id = $1 AND b.id = $2"
    await owner.execute(move, one, other)
    await owner.execute("UPDATE stored_file SET tenant = 'birch' WHERE id = $1", other)
    await owner.close()
    for district, file in ((tenant, one), ("birch", other)):
        async with tenant_transaction(district):
            with pytest.raises(Unusable, match="was changed after it was stored"):
                await files.read(file)


async def test_another_installations_key_is_named_and_not_tried(tenant, tmp_path, monkeypatch):
    async with tenant_transaction(tenant):
        file = await files.keep(PAPER, "application/pdf")
        monkeypatch.setitem(os.environ, "STAFFING_DATA", str(tmp_path))
        assert settings.load().secrets().files
        with pytest.raises(Unusable, match=r"Put back the secrets\.json"):
            await files.read(file)


async def test_files_need_a_district(tenant):
    with pytest.raises(ValueError, match="inside a tenant_transaction"):
        await files.keep(PAPER, "application/pdf")
