"""Signing in by code: it works once, for a while, for the address it was sent to, and tells nobody who has an account."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from staffing import clock
from staffing.core.errors import Conflict, Invalid
from staffing.services import accounts
from staffing.store.tables import Message, SignInCode
from tests.factories import make_account, make_tenant

pytestmark = pytest.mark.usefixtures("tenant")

ADDRESS = "denise@alder.example"


async def _code(address: str = ADDRESS) -> str:
    """The code in the newest message to an address."""
    message = (
        await Message.select(Message.body)
        .where(Message.recipient == address)
        .order_by(Message.created_at, ascending=False)
        .first()
    )
    found = re.search(r"\b\d{6}\b", message["body"])
    assert found
    return found[0]


async def test_a_code_signs_its_address_in_once() -> None:
    account = await make_account("alder", email=ADDRESS, name="Denise Okafor", role="hr")
    assert await accounts.request_code(" Denise@Alder.example ") == ADDRESS
    code = await _code()
    (actor,) = await accounts.use_code(ADDRESS, f"{code[:3]} {code[3:]}")
    assert (actor.account, actor.tenant, actor.role) == (account, "alder", "hr")
    with pytest.raises(Invalid, match="has been used"):
        await accounts.use_code(ADDRESS, code)


async def test_the_code_itself_is_not_stored() -> None:
    await make_account("alder", email=ADDRESS)
    await accounts.request_code(ADDRESS)
    code = await _code()
    row = await SignInCode.select().first()
    assert code not in str(row)


async def test_five_wrong_tries_end_a_code() -> None:
    await make_account("alder", email=ADDRESS)
    await accounts.request_code(ADDRESS)
    code = await _code()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(accounts.TRIES):
        with pytest.raises(Invalid):
            await accounts.use_code(ADDRESS, wrong)
    with pytest.raises(Invalid):
        await accounts.use_code(ADDRESS, code)


async def test_a_code_ends_after_its_minutes() -> None:
    await make_account("alder", email=ADDRESS)
    await accounts.request_code(ADDRESS)
    code = await _code()
    await SignInCode.update({SignInCode.expires_at: clock.now() - timedelta(seconds=1)}, force=True)
    with pytest.raises(Invalid):
        await accounts.use_code(ADDRESS, code)


async def test_an_address_without_an_account_is_answered_the_same_and_gets_no_message() -> None:
    assert await accounts.request_code("nobody@home.example") == "nobody@home.example"
    assert await Message.count() == 0
    with pytest.raises(Invalid):
        await accounts.use_code("nobody@home.example", "123456")


async def test_too_many_codes_for_one_address_are_refused() -> None:
    for _ in range(accounts.CODES_AN_HOUR):
        await accounts.request_code(ADDRESS)
    with pytest.raises(Conflict, match="Too many codes"):
        await accounts.request_code(ADDRESS)


async def test_one_address_with_two_accounts_opens_both_and_one_switched_off_opens_none() -> None:
    await make_tenant("birch")
    await make_account("alder", email=ADDRESS)
    await make_account("birch", email=ADDRESS)
    await make_account("alder", email="gone@alder.example", active=False)
    await accounts.request_code(ADDRESS)
    assert {actor.tenant for actor in await accounts.use_code(ADDRESS, await _code())} == {"alder", "birch"}
    await accounts.request_code("gone@alder.example")
    assert await Message.count().where(Message.recipient == "gone@alder.example") == 0


@pytest.mark.parametrize("given", ["", "denise@", "@alder", "call me", "denise@@alder.example"])
async def test_what_is_no_address_gets_a_sentence(given: str) -> None:
    with pytest.raises(Invalid, match=r"e-mail address"):
        await accounts.request_code(given)


async def test_a_phone_number_is_an_address_too() -> None:
    await make_account("alder", email="x@alder.example", phone="+15105550142")
    assert await accounts.request_code("(510) 555-0142") == "+15105550142"
    message = await Message.select(Message.channel).first()
    assert message["channel"] == "sms"
