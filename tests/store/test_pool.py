"""A database address that does not work is answered with a sentence, and never with the password."""

from __future__ import annotations

import socket

import pytest

from staffing.core.errors import Unusable
from staffing.store.engine import DB
from staffing.store.pool import close_pool, open_pool, without_password


async def refusal(url: str) -> str:
    with pytest.raises(Unusable) as caught:
        await open_pool(url, min_size=1, max_size=2)
    assert DB.pool is None
    return str(caught.value)


async def test_an_address_where_nothing_listens():
    with socket.socket() as taken:  # bound and not listening: the port refuses
        taken.bind(("127.0.0.1", 0))
        words = await refusal(f"postgresql://sam:s3cret-word@127.0.0.1:{taken.getsockname()[1]}/staffing")
    assert "There is no database at postgresql://sam:***@127.0.0.1:" in words
    assert "Connect call failed" in words
    assert "See that PostgreSQL runs there" in words
    assert "s3cret" not in words


async def test_a_database_that_does_not_exist(server):
    words = await refusal(server.replace("/postgres?", "/nowhere?"))
    assert 'database "nowhere" does not exist' in words
    assert "Create that database" in words


async def test_a_user_that_does_not_exist(server):
    words = await refusal(server.replace("staffing@", "sam:s3cret-word@"))
    assert "Correct the user and password" in words
    assert "s3cret" not in words


async def test_a_folder_without_a_socket(tmp_path):
    words = await refusal(f"postgresql://staffing@/staffing?host={tmp_path}")
    assert "See that PostgreSQL runs there" in words


@pytest.mark.parametrize(
    "url", ["mysql://sam:s3cret-word@localhost/x", "localhost", "postgresql://sam:s3cret-word@localhost:port/x"]
)
async def test_an_address_of_another_kind(url):
    words = await refusal(url)
    assert "Correct STAFFING_DATABASE_URL (postgresql://user:password@host:5432/name)" in words
    assert "s3cret" not in words


async def test_a_server_where_nothing_was_ever_migrated(server):
    with pytest.raises(Unusable) as caught:  # the role is there once a database of this server was migrated
        await open_pool(server, role="no_such_role")
    assert 'role "no_such_role" does not exist' in str(caught.value)
    assert "Run `staffing db migrate` first" in str(caught.value)


async def test_a_second_pool_is_refused_and_closing_none_does_nothing(database):
    with pytest.raises(ValueError, match="the pool is open"):
        await open_pool(database)
    await close_pool()
    await close_pool()


def test_a_password_is_left_out_of_an_address():
    assert without_password("postgresql://sam:a:b@host/x") == "postgresql://sam:***@host/x"
    assert without_password("postgresql://host/x?user=sam&password=abc&sslmode=require") == (
        "postgresql://host/x?user=sam&password=***&sslmode=require"
    )
    assert without_password("postgresql://staffing@/x?host=/tmp") == "postgresql://staffing@/x?host=/tmp"
