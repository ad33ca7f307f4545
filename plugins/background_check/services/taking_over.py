"""Another district's clearance, seen by the person's code, and taken over where the rules here let it count."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    PersonSeen,
    Tried,
    Viewer,
    decided_with,
    district,
    evidence_of,
    give_evidence,
    now,
    people_named,
    people_of,
    person_of,
    record,
    system_viewer,
    tenant_transaction,
    today,
)

from ..rules.portable import Code, Shown, as_evidence, helped, typed
from ..tables.continuing import Accepted, Share, ShareTry
from .sharing import items_of

#: Wrong codes that one district may type within ``WITHIN``; a code has 125 bits, so this is about noise, not about guessing.
WRONG_CODES = 10
WITHIN = timedelta(hours=1)
#: The one answer to a code that is wrong, withdrawn or past its day: they cannot be told apart.
UNKNOWN = "Nothing is shown for this code. It may be mistyped, withdrawn or past its last day. Ask the person for a new one."


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What a code shows. The person's name is not told: ``people`` are those of this district who have it."""

    share: UUID
    tenant: str
    district: str
    items: tuple[Shown, ...]
    until: date
    people: tuple[PersonSeen, ...] = ()


class Would(msgspec.Struct, frozen=True, kw_only=True):
    """What taking over would mean for one person here: their work as it is and as it would be, and which items count."""

    person: PersonSeen
    work: tuple[Tried, ...]
    counts: tuple[Shown, ...]
    rules: tuple[str, ...]
    taken: bool


async def look(viewer: Viewer, text: str) -> Looked:
    """Read a code. Both districts' journals tell that this one looked.

    Raises ``NotAllowed``, ``Conflict`` after too many wrong codes, and ``Invalid`` for one that shows nothing (whatever
    the reason) or is of this district.
    """
    _hr(viewer)
    found = await _read(viewer, text, note="looked")
    async with tenant_transaction(viewer.tenant):
        await record(
            "share:looked",
            f"share/{found.share}",
            actor=viewer.tag,
            district=found.tenant,
            kinds=[item.kind for item in found.items],
        )
    return found


async def would(viewer: Viewer, found: Looked) -> list[Would]:
    """For each person here who has the name: decisions without and with what the code shows. Nothing is stored."""
    _hr(viewer)
    return [await _would(viewer, found, person) for person in found.people]


async def _would(viewer: Viewer, found: Looked, person: PersonSeen) -> Would:
    async with tenant_transaction(viewer.tenant):
        taken = await Accepted.exists().where((Accepted.share == found.share) & (Accepted.person == person.id))
    work = await decided_with(viewer, person.id, as_evidence(found.items))
    better = sorted({rule for each in work for rule in helped(each.now, each.then)})
    counts = []
    if better:
        for item in found.items:
            alone = await decided_with(viewer, person.id, as_evidence([item]))
            others = await decided_with(viewer, person.id, as_evidence(one for one in found.items if one != item))
            by_itself = any(helped(each.now, each.then) for each in alone)
            with_others = any(helped(less.then, every.then) for less, every in zip(others, work, strict=True))
            if by_itself or with_others:
                counts.append(item)
    return Would(person=person, work=tuple(work), counts=tuple(counts), rules=tuple(better), taken=taken)


async def accept(viewer: Viewer, text: str, person: UUID) -> list[UUID]:
    """Take over, for a person of this district who has the name, what the rules here let count; gives the determinations.

    Twice is harmless. Raises ``NotAllowed``, ``Invalid``, and ``Conflict`` where the name does not agree or nothing would count.
    """
    _hr(viewer)
    found = await _read(viewer, text)
    who = next((one for one in found.people if one.id == person), None)
    if who is None:
        raise Conflict("The name on the code does not agree with this person’s. Nothing was taken over.")
    means = await _would(viewer, found, who)
    if means.taken:
        return await _given(viewer, found.share, person)
    if not means.counts:
        raise Conflict(
            f"The rules of {(await district(viewer.tenant)).name} do not let this count for {who.name}. Nothing was taken over; "
            "order a check here instead."
        )
    await _read(viewer, text, note="took")
    async with tenant_transaction(viewer.tenant) as transaction:
        await transaction.connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"checks of {person}")
        if known := await _given(viewer, found.share, person):
            return known
        given = [
            await give_evidence(
                viewer,
                person,
                item.kind,
                source=f"taken over from {found.district}, with the person’s leave",
                issued_on=item.issued_on or date.min,
                issuer=item.issuer,
                holder=item.holder,
                purpose=item.purpose,
                expires_on=item.until,
                jurisdiction=item.jurisdiction,
            )
            for item in means.counts
        ]
        await Accepted.insert(
            Accepted(
                person=person,
                from_tenant=found.tenant,
                from_name=found.district,
                share=found.share,
                items=[msgspec.to_builtins(item) for item in means.counts],
                given=[str(each) for each in given],
                decided_by=viewer.tag,
            )
        )
        await record(
            "share:taken_over",
            f"share/{found.share}",
            actor=viewer.tag,
            person=str(person),
            district=found.tenant,
            kinds=[item.kind for item in means.counts],
            rules=list(means.rules),
        )
    return given


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What this district took over for somebody."""

    person: UUID
    name: str
    district: str
    items: tuple[Shown, ...]
    at: datetime
    by: str


async def taken_lately(viewer: Viewer) -> list[Taken]:
    """The last fifty times that this district took something over, the newest first. Raises ``NotAllowed``."""
    if viewer.role not in {"hr", "admin"}:
        raise NotAllowed("Clearances of other districts are open to the district’s HR clearance staff alone.")
    async with tenant_transaction(viewer.tenant):
        rows: list[dict[str, Any]] = (
            await Accepted.select().order_by(Accepted.decided_at, ascending=False).limit(50).output(load_json=True)
        )
        people = await people_of(viewer.tenant, {row["person"] for row in rows})
    return [
        Taken(
            person=row["person"],
            name=people[row["person"]].name,
            district=row["from_name"],
            items=tuple(msgspec.convert({k: v for k, v in item.items() if k != "gone_on"}, Shown) for item in row["items"]),
            at=row["decided_at"],
            by=row["decided_by"],
        )
        for row in rows
        if row["person"] in people
    ]


async def _given(viewer: Viewer, share: UUID, person: UUID) -> list[UUID]:
    async with tenant_transaction(viewer.tenant):
        row = (
            await Accepted.select(Accepted.given)
            .where((Accepted.share == share) & (Accepted.person == person))
            .output(load_json=True)
            .first()
        )
    return [UUID(each) for each in row["given"]] if row else []


async def _attempt(viewer: Viewer) -> UUID:
    """Note that a code is typed; it counts as wrong until it proves right. Raises ``Conflict`` after too many."""
    async with tenant_transaction(viewer.tenant) as transaction:
        await transaction.connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"codes {viewer.tenant}")
        await ShareTry.delete().where(ShareTry.tried_at < now() - 24 * WITHIN)
        wrong = await ShareTry.count().where(ShareTry.found.eq(False) & (ShareTry.tried_at > now() - WITHIN))
        if wrong >= WRONG_CODES:
            raise Conflict(
                f"{WRONG_CODES} codes that show nothing were typed within an hour. Wait an hour, and have the person read it out."
            )
        attempt = ShareTry(tried_by=viewer.tag, tried_at=now())
        await ShareTry.insert(attempt)
    ident: UUID = attempt.id
    return ident


async def _read(viewer: Viewer, text: str, *, note: str = "") -> Looked:
    """What a code shows, with the people here who have the name. ``note`` (looked, took) is kept in its own district."""
    code = typed(text)
    if code is not None and code.tenant == viewer.tenant:
        says = "This code was made in your own district: these clearances are on record here already."
        raise Invalid(says, {"code": says})
    attempt = await _attempt(viewer)
    found = await _there(viewer, code, note) if code else None
    if found is None:
        raise Invalid(UNKNOWN, {"code": UNKNOWN})
    async with tenant_transaction(viewer.tenant):
        await ShareTry.update({ShareTry.found: True}).where(ShareTry.id == attempt)
    looked, named = found
    people = await people_named(viewer.tenant, named.given_name, named.family_name)
    agree = tuple(one for one in people if one.status == "active" and _same_birth(one.born_on, named.born_on))
    return msgspec.structs.replace(looked, people=agree)


async def _there(viewer: Viewer, code: Code, note: str) -> tuple[Looked, PersonSeen] | None:
    """What the code shows in its own district and whose it is; None for every code that shows nothing."""
    try:
        first = await district(code.tenant)
    except NotFound:
        return None
    ours = await district(viewer.tenant)
    async with tenant_transaction(code.tenant):
        row = await Share.select().where(Share.digest == code.digest).lock_rows("UPDATE").output(load_json=True).first()
        if row is None or row["withdrawn_at"] is not None or row["until"] < today(first.time_zone):
            return None
        standing = {item.id for item in await evidence_of(code.tenant, row["person"])}
        row["items"] = [item for item in row["items"] if UUID(item["evidence"]) in standing and _not_over(item, first.time_zone)]
        if not row["items"]:
            return None
        named = await person_of(code.tenant, row["person"])
        if note:
            noted = {"district": viewer.tenant, "name": ours.name, "at": now().isoformat(), "took": note == "took"}
            await Share.update({Share.looked_at: [*row["looked_at"], noted]}).where(Share.id == row["id"])
            await record(
                f"share:{note}",
                f"share/{row['id']}",
                actor=system_viewer(code.tenant).tag,
                person=str(row["person"]),
                district=viewer.tenant,
            )
    shows = Looked(share=row["id"], tenant=code.tenant, district=first.name, items=items_of(row), until=row["until"])
    return shows, named


def _not_over(item: Mapping[str, Any], zone: str) -> bool:
    return item["until"] is None or date.fromisoformat(item["until"]) >= today(zone)


def _same_birth(one: date | None, other: date | None) -> bool:
    """Two people can have one name. Where both days of birth are known they decide; neither is shown to anybody."""
    return one is None or other is None or one == other


def _hr(viewer: Viewer) -> None:
    if viewer.role != "hr":
        raise NotAllowed("Clearances of other districts are read and taken over by the district’s HR clearance staff.")
