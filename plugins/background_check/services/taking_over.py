"""Another district's clearance, seen by the person's code, and taken over where the rules here let it count."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
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
    districts,
    evidence_of,
    give_evidence,
    now,
    people_named,
    person_of,
    record,
    system_viewer,
    tenant_transaction,
    today,
)

from ..rules.portable import Code, Shown, as_evidence, helped, typed
from ..tables.continuing import Accepted, Flag, Share, ShareTry
from .holding import settle
from .policies import policy_of
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

    Raises ``NotAllowed``, ``Invalid`` for a code that shows nothing (whatever the reason) or is of this district, and ``Conflict``
    after too many wrong ones.
    """
    _hr(viewer)
    code = typed(text)
    if code is not None and code.tenant == viewer.tenant:
        says = "This code was made in your own district: these clearances are on record here already."
        raise Invalid(says, {"code": says})
    attempt = await _attempt(viewer)
    found = await _read(viewer, code, took=False)
    if found is None:
        raise Invalid(UNKNOWN, {"code": UNKNOWN})
    async with tenant_transaction(viewer.tenant):
        await ShareTry.update({ShareTry.found: True}).where(ShareTry.id == attempt)
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
    found = await look(viewer, text)
    who = next((one for one in found.people if one.id == person), None)
    if who is None:
        raise Conflict("The name on the code does not agree with this person’s. Nothing was taken over.")
    means = await _would(viewer, found, who)
    if means.taken:
        return await _given(viewer, found.share, person)
    if not means.counts:
        raise Conflict(
            f"The rules of {(await district(viewer.tenant)).name} do not let this count for {who.name}, so nothing was taken over. "
            "Order a check here instead."
        )
    if await _read(viewer, typed(text), took=True) is None:
        raise Invalid(UNKNOWN, {"code": UNKNOWN})
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
                f"{WRONG_CODES} codes that show nothing were typed within an hour. Wait an hour, and have the person read the code "
                "out from their page."
            )
        attempt = ShareTry(tried_by=viewer.tag, tried_at=now())
        await ShareTry.insert(attempt)
    ident: UUID = attempt.id
    return ident


async def _read(viewer: Viewer, code: Code | None, *, took: bool) -> Looked | None:
    """What the code shows in its own district, noted there; None for every code that shows nothing."""
    there = code.tenant if code else viewer.tenant
    try:
        first = await district(there)
    except NotFound:
        return None
    digest = code.digest if code else b""
    ours = await district(viewer.tenant)
    async with tenant_transaction(there):
        row = await Share.select().where(Share.digest == digest).lock_rows("UPDATE").output(load_json=True).first()
        if row is None or row["withdrawn_at"] is not None or row["until"] < today(first.time_zone):
            return None
        standing = {item.id for item in await evidence_of(there, row["person"])}
        row["items"] = [item for item in row["items"] if UUID(item["evidence"]) in standing and _not_over(item, first.time_zone)]
        if not row["items"]:
            return None
        noted = [*row["looked_at"], {"district": viewer.tenant, "name": ours.name, "at": now().isoformat(), "took": took}]
        await Share.update({Share.looked_at: noted}).where(Share.id == row["id"])
        named = await person_of(there, row["person"])
        await record(
            "share:shown",
            f"share/{row['id']}",
            actor=system_viewer(there).tag,
            person=str(row["person"]),
            district=viewer.tenant,
            took=took,
        )
    people = await people_named(viewer.tenant, named.given_name, named.family_name)
    return Looked(
        share=row["id"],
        tenant=there,
        district=first.name,
        items=items_of(row),
        until=row["until"],
        people=tuple(one for one in people if one.status == "active" and _same_birth(one.born_on, named.born_on)),
    )


def _not_over(item: Mapping[str, Any], zone: str) -> bool:
    return item["until"] is None or date.fromisoformat(item["until"]) >= today(zone)


def _same_birth(one: date | None, other: date | None) -> bool:
    """Two people can have one name. Where both days of birth are known they decide; neither is shown to anybody."""
    return one is None or other is None or one == other


async def tell_of_withdrawn(tenant: str) -> int:
    """Tell every district that took something over from here what has since been taken off the record; gives how many flags.

    The other district is told only that it was, by a flag on the person there. Twice tells nobody twice.
    """
    async with tenant_transaction(tenant):
        rows: list[dict[str, Any]] = await Share.select().output(load_json=True)
    count = 0
    for row in rows:
        took = {look["district"] for look in row["looked_at"] if look["took"]}
        if not took:
            continue
        standing = {str(item.id) for item in await evidence_of(tenant, row["person"])}
        gone = [item for item in row["items"] if item["evidence"] not in standing]
        if gone:
            known = set(await districts())
            for other in sorted(took & known):
                count += await _flag_there(other, row["id"], {item["kind"] for item in gone})
    return count


async def _flag_there(tenant: str, share: UUID, kinds: set[str]) -> int:
    viewer = system_viewer(tenant)
    policy, _ = await policy_of(tenant)
    zone = (await district(tenant)).time_zone
    flagged = 0
    async with tenant_transaction(tenant):
        rows = await Accepted.select().where(Accepted.share == share).lock_rows("UPDATE").output(load_json=True)
        for row in rows:
            ours = [item for item in row["items"] if item["kind"] in kinds and not item.get("gone_on")]
            if not ours:
                continue
            day = today(zone)
            items = [{**item, "gone_on": day.isoformat()} if item in ours else item for item in row["items"]]
            await Accepted.update({Accepted.items: items}).where(Accepted.id == row["id"])
            who = await person_of(tenant, row["person"])
            flag = Flag(
                person=row["person"],
                kind="other",
                source="first_district",
                happened_on=day,
                holds=policy.hold_while_flagged,
                received_at=now(),
                received_by=viewer.tag,
                invented=who.invented,
            )
            await Flag.insert(flag)
            await settle(viewer, row["person"])
            await record(
                "flag:raised",
                f"flag/{flag.id}",
                actor=viewer.tag,
                person=str(row["person"]),
                kind="other",
                source="first_district",
                day=day,
                share=str(share),
            )
            flagged += 1
    return flagged


def _hr(viewer: Viewer) -> None:
    if viewer.role != "hr":
        raise NotAllowed("Clearances of other districts are read and taken over by the district’s HR clearance staff.")
