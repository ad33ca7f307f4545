"""How long a district keeps what checks leave behind: what it chose, legal holds, and the nightly destruction."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import (
    Conflict,
    Invalid,
    NotAllowed,
    Viewer,
    district,
    districts,
    enqueue,
    person_of,
    record,
    refuse_private,
    system_viewer,
    task,
    tenant_transaction,
    today,
)

from ..rules import retention
from ..rules.retention import Choice, Rule
from ..tables.keeping import Destruction, LegalHold, RetentionChoice
from . import keeping_due
from .fair_timers import counting_here
from .keeping_due import Closed, Due, Holds

DESTROY = "background_check:destroy"
PRINT = "background_check:print_destruction"
#: Rows that one certificate tells of at most, so that no transaction lasts long.
MOST_AT_ONCE = 5000
#: Days ahead that the page looks.
AHEAD = 31


def administrator(viewer: Viewer) -> None:
    """Raise ``NotAllowed`` for anyone but an administrator."""
    if viewer.role != "admin":
        raise NotAllowed("How long things are kept is decided by an administrator.")


async def rules_here(tenant: str, on: date) -> tuple[Rule, ...]:
    """How long everything is kept in a district on a day."""
    async with tenant_transaction(tenant):
        here = await district(tenant)
        timers = await counting_here(tenant, on)
        rows = await RetentionChoice.select().order_by(RetentionChoice.made_at)
    choices = {
        row["item"]: Choice(months=row["months"], why=row["why"], made_by=row["made_by"], made_on=row["made_at"].date())
        for row in rows
    }
    return retention.rules(here.jurisdiction, timers, choices)


async def choose(viewer: Viewer, item: str, months: int, why: str) -> None:
    """Keep one kind of thing for another time, with a reason. For administrators.

    Raises ``NotAllowed``, ``Invalid`` (a time that a law does not allow, no reason) and ``Conflict`` where nothing changes.
    """
    administrator(viewer)
    refuse_private(why, "The reason", "why")
    async with tenant_transaction(viewer.tenant):
        on = today((await district(viewer.tenant)).time_zone)
        rule = next((one for one in await rules_here(viewer.tenant, on) if one.item.item == item), None)
        if rule is None:
            raise Invalid("There is no such kind of thing here. Open the page again.")
        retention.checked(rule, months, why)
        if rule.months == months:
            raise Conflict(f"“{rule.item.title}” is kept for {retention.spoken(months)} already. Nothing was changed.")
        await RetentionChoice.insert(RetentionChoice(item=item, months=months, why=why.strip(), made_by=viewer.tag))
        await record("retention:chosen", f"retention/{item}", actor=viewer.tag, before=rule.months, after=months, why=why.strip())


async def hold(viewer: Viewer, matter: str, *, person: UUID | None = None) -> UUID:
    """Begin a legal hold on somebody, or (without a person) on everything. For administrators.

    Raises ``NotAllowed``, ``Invalid`` without a name for it, ``NotFound`` and ``Conflict`` for one that is on record.
    """
    administrator(viewer)
    if not matter.strip():
        says = "Say what the matter is called, for example its file number. Not what it is about."
        raise Invalid(says, {"matter": says})
    refuse_private(matter, "The matter", "matter")
    async with tenant_transaction(viewer.tenant):
        if person is not None:
            await person_of(viewer.tenant, person)
        same = (LegalHold.matter == matter.strip()) & LegalHold.ended_on.is_null()
        whose = LegalHold.person == person if person else LegalHold.person.is_null()
        if await LegalHold.exists().where(same & whose):
            raise Conflict("This hold is on record already. Nothing was added.")
        day = today((await district(viewer.tenant)).time_zone)
        made = LegalHold(person=person, matter=matter.strip(), since=day, made_by=viewer.tag)
        await LegalHold.insert(made)
        await record(
            "hold:begun",
            f"hold/{made.id}",
            actor=viewer.tag,
            matter=matter.strip(),
            person=str(person) if person else None,
        )
    ident: UUID = made.id
    return ident


async def end_hold(viewer: Viewer, ident: UUID) -> None:
    """End a legal hold: what is due is destroyed the next night. Doing so twice is harmless. For administrators."""
    administrator(viewer)
    async with tenant_transaction(viewer.tenant):
        day = today((await district(viewer.tenant)).time_zone)
        ended = (
            await LegalHold.update({LegalHold.ended_on: day, LegalHold.ended_by: viewer.tag})
            .where((LegalHold.id == ident) & LegalHold.ended_on.is_null())
            .returning(LegalHold.id)
        )
        if ended:
            await record("hold:ended", f"hold/{ident}", actor=viewer.tag)


async def holds_here() -> Holds:
    """The holds that last. Inside a ``tenant_transaction``."""
    rows = await LegalHold.select(LegalHold.person).where(LegalHold.ended_on.is_null())
    people = frozenset(row["person"] for row in rows if row["person"])
    return Holds(everybody=any(row["person"] is None for row in rows), people=people)


async def due_through(tenant: str, on: date) -> list[Due]:
    """What will be due by the end of a day if nothing changes. Inside a ``tenant_transaction``."""
    async with tenant_transaction(tenant) as transaction:
        rules = await rules_here(tenant, on)
        holds = await holds_here()
        checks = await keeping_due.closed_checks(transaction.connection, tenant, on, holds)
        return await _due(transaction.connection, rules, (checks, holds), on + timedelta(days=1))


async def _due(connection: Any, rules: Sequence[Rule], what: tuple[list[Closed], Holds], on: date) -> list[Due]:
    checks, holds = what
    found: list[Due] = []
    last: list[Rule] = []
    for rule in rules:
        if rule.item.item == "orders":
            last.append(rule)
        elif rule.item.of == "check":
            found += await keeping_due.of_checks(connection, rule, checks, on)
        else:
            found += await keeping_due.alone(connection, rule, on, holds)
    gone: dict[str, set[Any]] = defaultdict(set)
    for due in found:
        gone[due.table] |= set(due.ids)
    for rule in last:
        found += await keeping_due.orders_due(connection, rule, checks, on, gone=gone)
    return found


@task(DESTROY, every="41 3 * * *")
async def destroy(tenant: str = "", timestamp: int = 0) -> None:
    """Destroy what is due in one district, or in all. Again on the same day it destroys nothing more."""
    for one in [tenant] if tenant else await districts():
        while await destroy_portion(one) is not None:
            pass


async def destroy_portion(tenant: str) -> UUID | None:
    """Destroy up to ``MOST_AT_ONCE`` rows that are due and give the certificate's id, or None if nothing is due.

    Rows and certificate are of one transaction: killed in the middle, everything is there as before.
    """
    async with tenant_transaction(tenant) as transaction:
        connection = transaction.connection
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"retention of {tenant}")
        here = await district(tenant)
        on = today(here.time_zone)
        rules = await rules_here(tenant, on)
        holds = await holds_here()
        checks = await keeping_due.closed_checks(connection, tenant, on, holds, lock=True)
        portion = _portion(await _due(connection, rules, (checks, holds), on))
        if not portion:
            return None
        await _remember(connection, portion, checks, on)
        told = await _delete(connection, portion)
        number = 1 + int(await connection.fetchval("SELECT coalesce(max(number), 0) FROM background_check.destruction"))
        body = {
            "certificate": number,
            "district": here.name,
            "made_on": on.isoformat(),
            "items": told,
            "people_on_hold": len(holds.people),
        }
        data = canonical(body)
        made = Destruction(
            number=number, on=on, body=data.decode(), digest=hashlib.sha256(data).digest(), made_by=system_viewer(tenant).tag
        )
        await Destruction.insert(made)
        await enqueue(PRINT, queueing_lock=f"destruction/{made.id}", tenant=tenant, destruction=str(made.id))
        await record(
            "retention:destroyed",
            f"destruction/{made.id}",
            actor=system_viewer(tenant).tag,
            number=number,
            counts={one["item"]: one["count"] for one in told},
            digest=made.digest.hex(),
        )
    ident: UUID = made.id
    return ident


def _portion(due: Iterable[Due]) -> list[Due]:
    """The first of what is due, in the order in which rows can go: nothing goes before what refers to it."""
    room = MOST_AT_ONCE
    taken: list[Due] = []
    for one in sorted(due, key=lambda each: keeping_due.ORDER.index(each.table)):
        taken.append(Due(rule=one.rule, table=one.table, ids=one.ids[:room], since=one.since[:room]))
        room -= len(one.ids)
        if room <= 0:
            break
    return taken


async def _delete(connection: Any, portion: list[Due]) -> list[dict[str, Any]]:
    """Delete the rows and give, for each item, how many went and one digest over theirs."""
    digests: dict[str, list[str]] = defaultdict(list)
    for one in portion:
        rows = await connection.fetch(
            f"DELETE FROM background_check.{one.table} t WHERE id = ANY($1) "  # noqa: S608 - a table of ours
            "RETURNING encode(sha256(convert_to(t::text, 'UTF8')), 'hex') AS digest",
            list(one.ids),
        )
        digests[one.rule.item.item] += [row["digest"] for row in rows]
    told = []
    for rule in dict.fromkeys(one.rule for one in portion):
        mine = [one for one in portion if one.rule == rule]
        days = [day for one in mine for day in one.since]
        told.append(
            {
                "item": rule.item.item,
                "title": rule.item.title,
                "rule": rule.says,
                "because": rule.why or rule.item.basis,
                "citation": rule.item.citation,
                "count": len(digests[rule.item.item]),
                "tables": {one.table: len(one.ids) for one in mine},
                "kept_from": [min(days).isoformat(), max(days).isoformat()],
                "sha256": retention.digest_of(digests[rule.item.item]),
            }
        )
    return told


async def _remember(connection: Any, portion: list[Due], checks: list[Closed], on: date) -> None:
    """Keep the last action on the order itself when what told of it goes: the rest of its file is kept from that day on."""
    rules = {one.rule for one in portion if one.rule.item.of == "check"}
    told = [
        (check.id, check.last_action)
        for check in checks
        if any(retention.last_day(check.last_action, rule.months) < on for rule in rules)
    ]
    await connection.executemany(
        "UPDATE background_check.check_order SET last_action_on = $2, opened_again_at = NULL WHERE id = $1 "
        "AND (last_action_on IS DISTINCT FROM $2 OR opened_again_at IS NOT NULL)",
        told,
    )


def canonical(body: Any) -> bytes:
    """The bytes that a certificate's digest is of."""
    return msgspec.json.encode(body, order="deterministic")
