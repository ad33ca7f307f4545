"""Signing in: a six-digit code sent to an address, kept as a digest, used once, within fifteen minutes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import phonenumbers
from email_validator import EmailNotValidError, validate_email

from staffing import clock, settings
from staffing.core.errors import Conflict, Invalid
from staffing.services import messages
from staffing.services.actors import ROLE_NAMES, Actor
from staffing.store import journal
from staffing.store.engine import DB, tenant_transaction
from staffing.store.tables import Account, SignInCode

CODE_LIFE = timedelta(minutes=15)
TRIES = 5
CODES_AN_HOUR = 6
WRONG = "That code is not right or has been used. Check the newest message, or ask for a new code."


class DemoAccount(msgspec.Struct, frozen=True):
    """A sign-in of the demonstration, to choose from."""

    id: UUID
    tenant: str
    district: str
    community: str
    name: str
    email: str
    role: str
    role_name: str


def normal_address(given: str) -> str:
    """An e-mail address in lower case or a phone number as E.164. Raises ``Invalid`` with a sentence."""
    given = given.strip()
    if "@" in given:
        try:
            return validate_email(given, check_deliverability=False, test_environment=True).normalized.lower()
        except EmailNotValidError as exc:
            raise Invalid(
                "Check the e-mail address: it should look like name@example.org.",
                {"address": "Check the e-mail address: it should look like name@example.org."},
            ) from exc
    try:
        number = phonenumbers.parse(given, "US")
    except phonenumbers.NumberParseException as exc:
        words = "Write the e-mail address or phone number you gave us, for example name@example.org or 510 555 0142."
        raise Invalid(words, {"address": words}) from exc
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _digest(address: str, code: str) -> bytes:
    key = bytes.fromhex(settings.load().secrets().web)
    return hmac.new(key, f"sign-in|{address}|{code}".encode(), hashlib.sha256).digest()


async def request_code(given: str) -> str:
    """Send a code to an address if it has an account; say nothing about whether it has. Gives the normal address.

    Raises ``Invalid`` for what is no address and ``Conflict`` when too many were asked for.
    """
    address = normal_address(given)
    now = clock.now()
    async with DB.transaction():
        asked = await SignInCode.count().where(
            (SignInCode.address == address) & (SignInCode.created_at > now - timedelta(hours=1))
        )
        if asked >= CODES_AN_HOUR:
            raise Conflict("Too many codes were asked for in the last hour. Use the newest one, or wait an hour and try again.")
        code = f"{secrets.randbelow(1_000_000):06d}"
        await SignInCode.insert(
            SignInCode(address=address, digest=_digest(address, code), expires_at=now + CODE_LIFE, created_at=now)
        )
        if await _accounts(address):
            channel = "email" if "@" in address else "sms"
            body = f"Your code is {code}. It works once, for 15 minutes. If you did not ask for it, you need do nothing."
            await messages.send(address, f"{code} is your sign-in code", body, channel=channel)
    return address


async def use_code(address: str, code: str) -> list[Actor]:
    """Use a code and give the accounts it opens (one for most people). Raises ``Invalid``; a code works once."""
    wrong = Invalid(WRONG, {"code": WRONG})
    code = "".join(c for c in code if c.isdigit())
    now = clock.now()
    async with DB.transaction():
        rows = (
            await SignInCode.select(SignInCode.id, SignInCode.digest, SignInCode.tries)
            .where((SignInCode.address == address) & (SignInCode.expires_at > now) & SignInCode.used_at.is_null())
            .order_by(SignInCode.created_at, ascending=False)
            .limit(1)
            .lock_rows("UPDATE")
        )
        if not rows:
            raise wrong
        row = rows[0]
        good = row["tries"] < TRIES and hmac.compare_digest(row["digest"], _digest(address, code))
        changes: dict[Any, Any] = {SignInCode.used_at: now} if good else {SignInCode.tries: row["tries"] + 1}
        await SignInCode.update(changes).where(SignInCode.id == row["id"])
        found = await _accounts(address) if good else []
    if not found:
        raise wrong
    for actor in found:
        async with tenant_transaction(actor.tenant):
            await journal.record("account:signed_in", f"account/{actor.account}", actor=actor.tag)
    return found


async def _accounts(address: str) -> list[Actor]:
    column = Account.email if "@" in address else Account.phone
    rows = await Account.select().where((column == address) & (Account.active.eq(True))).order_by(Account.created_at)
    return [_actor(row) for row in rows]


def _actor(row: dict[str, Any]) -> Actor:
    return Actor(
        tenant=row["tenant"],
        name=row["name"],
        role=row["role"],
        account=row["id"],
        person=row["person"],
        organisation=row["organisation"],
        site=row["site"],
    )


async def actor_of(account: UUID) -> Actor | None:
    """The actor of an account that may still sign in, or None."""
    rows = await Account.select().where((Account.id == account) & (Account.active.eq(True)))
    return _actor(rows[0]) if rows else None


async def demo_accounts() -> list[DemoAccount]:
    """Every invented sign-in, community by community, staff before volunteers."""
    rows = (
        await Account.select(
            Account.id, Account.tenant, Account.name, Account.email, Account.role, Account.tenant.name, Account.tenant.community
        )
        .where((Account.invented.eq(True)) & (Account.active.eq(True)))
        .output(nested=False)
    )
    order = list(ROLE_NAMES)
    found = [
        DemoAccount(
            id=row["id"],
            tenant=row["tenant"],
            district=row["tenant.name"],
            community=row["tenant.community"],
            name=row["name"],
            email=row["email"],
            role=row["role"],
            role_name=ROLE_NAMES[row["role"]],
        )
        for row in rows
    ]
    return sorted(found, key=lambda a: (a.community, a.role == "volunteer", order.index(a.role), a.name))
