"""A person's own leave that another district sees that they were cleared: made, read, and withdrawn by the person."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import (
    Conflict,
    EvidenceSeen,
    Invalid,
    NotAllowed,
    NotFound,
    Viewer,
    district,
    evidence_of,
    now,
    record,
    tenant_transaction,
    today,
)

from ..rules.portable import LENGTH, Shown, last_day, may_be_shown, shown, typed, written
from ..tables.continuing import Accepted, Share

#: How many codes of one person can be open at once.
MOST = 5
TOO_MANY = f"You have {MOST} codes already. Withdraw one that you do not need, then make a new one."


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A clearance that the person may show."""

    evidence: UUID
    what: Shown


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """That a district looked, and whether it took the clearance over."""

    district: str
    at: datetime
    took: bool


class OwnShare(msgspec.Struct, frozen=True, kw_only=True):
    """A code as its person sees it, without the code. ``state``: open, withdrawn, over."""

    id: UUID
    items: tuple[Shown, ...]
    made_at: datetime
    until: date
    state: str
    looks: tuple[Seen, ...]


async def choices(viewer: Viewer) -> list[Choice]:
    """What the person signed in may show: clearances that stand and are the district's own. Raises ``NotAllowed``."""
    person = _oneself(viewer)
    here = await district(viewer.tenant)
    taken = await taken_over(viewer.tenant, person)
    day = today(here.time_zone)
    items = [item for item in await evidence_of(viewer.tenant, person) if may_be_shown(item, day)]
    return [
        Choice(evidence=item.id, what=shown(item, here.name, here.jurisdiction))
        for item in newest(items)
        if item.determination not in taken
    ]


def newest(items: Collection[EvidenceSeen]) -> list[EvidenceSeen]:
    """Of several items of one kind and purpose the newest."""
    found: dict[tuple[str, str | None, str | None], EvidenceSeen] = {}
    for item in sorted(items, key=lambda one: one.issued_on or date.min):
        found[item.kind, item.purpose, item.issuer] = item
    return list(found.values())


async def taken_over(tenant: str, person: UUID) -> set[UUID]:
    """The determinations that record another district's clearances here: they are not ours to pass on."""
    async with tenant_transaction(tenant):
        rows = await Accepted.select(Accepted.given).where(Accepted.person == person).output(load_json=True)
    return {UUID(each) for row in rows for each in row["given"]}


async def make(viewer: Viewer, chosen: Collection[UUID]) -> tuple[str, date]:
    """Make a code for the clearances chosen, and give it with its last day. It is shown once; only its digest is kept.

    Raises ``NotAllowed``, ``Invalid`` where nothing is chosen, ``Conflict`` for what cannot be shown any more or too many codes.
    """
    person = _oneself(viewer)
    if not chosen:
        raise Invalid("Choose at least one.", {"items": "Choose at least one."})
    offered = {one.evidence: one.what for one in await choices(viewer)}
    if set(chosen) - offered.keys():
        raise Conflict("One of these cannot be shown any more. Open the page again and choose from what is there now.")
    here = await district(viewer.tenant)
    day = today(here.time_zone)
    code = written(viewer.tenant, (secrets.randbelow(32) for _ in range(LENGTH)))
    secret = typed(code)
    if secret is None:
        raise Conflict("No code can be made in this district: its short name does not fit into one. Tell your administrator.")
    items = [{"evidence": str(evidence), **msgspec.to_builtins(offered[evidence])} for evidence in dict.fromkeys(chosen)]
    async with tenant_transaction(viewer.tenant) as transaction:
        await transaction.connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"checks of {person}")
        still = (Share.person == person) & Share.withdrawn_at.is_null() & (Share.until >= day)
        if await Share.count().where(still) >= MOST:
            raise Conflict(TOO_MANY)
        share = Share(person=person, digest=secret.digest, items=items, until=last_day(day))
        await Share.insert(share)
        await record(
            "share:made",
            f"share/{share.id}",
            actor=viewer.tag,
            person=str(person),
            kinds=[item["kind"] for item in items],
            until=share.until,
        )
    return code, last_day(day)


async def own_shares(viewer: Viewer) -> list[OwnShare]:
    """The codes of the person signed in, the newest first, and who looked. Raises ``NotAllowed``."""
    person = _oneself(viewer)
    day = today((await district(viewer.tenant)).time_zone)
    async with tenant_transaction(viewer.tenant):
        rows: list[dict[str, Any]] = (
            await Share.select().where(Share.person == person).order_by(Share.made_at, ascending=False).output(load_json=True)
        )
    return [
        OwnShare(
            id=row["id"],
            items=items_of(row),
            made_at=row["made_at"],
            until=row["until"],
            state="withdrawn" if row["withdrawn_at"] else "over" if row["until"] < day else "open",
            looks=tuple(
                Seen(district=look["name"], at=datetime.fromisoformat(look["at"]), took=look["took"]) for look in row["looked_at"]
            ),
        )
        for row in rows
    ]


async def withdraw(viewer: Viewer, share: UUID) -> None:
    """The person takes a code back: nobody sees anything by it any more. What a district took over before stays with it.

    Twice is harmless. Raises ``NotAllowed``, and ``NotFound`` for a code that is not one's own.
    """
    person = _oneself(viewer)
    async with tenant_transaction(viewer.tenant):
        row = await Share.select(Share.withdrawn_at).where((Share.id == share) & (Share.person == person)).first()
        if row is None:
            raise NotFound("There is no such code of yours.")
        if row["withdrawn_at"] is None:
            await Share.update({Share.withdrawn_at: now()}).where(Share.id == share)
            await record("share:withdrawn", f"share/{share}", actor=viewer.tag, person=str(person))


def items_of(row: Mapping[str, Any]) -> tuple[Shown, ...]:
    """What a row of shares shows."""
    return tuple(msgspec.convert({k: v for k, v in item.items() if k != "evidence"}, Shown) for item in row["items"])


def _oneself(viewer: Viewer) -> UUID:
    if viewer.role != "volunteer" or viewer.person is None:
        raise NotAllowed("A code is made by the person themselves, on their own page. Nobody makes one for them.")
    return viewer.person
