"""What is due to be destroyed on a day: rows of closed checks, and of what belongs to people and to the district alone.

A check is closed when its question is answered and nothing about it is open. As long as somebody works on the strength of it (the
newest of its kind that cleared them, and they have not left) it is in use, and its file stays.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import people_of

from ..rules.retention import Rule, last_day

#: Tables in the order in which their rows go: what refers to others first.
ORDER = (
    "dispute",
    "adverse_action",
    "notice",
    "assessment",
    "determination",
    "consent",
    "check_look",
    "check_order",
    "flag",
    "accepted",
    "share",
    "share_try",
    "reminder",
    "self_description",
    "batch",
    "check_event",
)
#: What of a check each item is, with the rows that hang on an order.
_OF_CHECK: dict[str, tuple[tuple[str, str], ...]] = {
    "adverse_file": (
        ("dispute", "action IN (SELECT id FROM background_check.adverse_action WHERE of_order = ANY($1))"),
        ("adverse_action", "of_order = ANY($1)"),
        ("notice", "of_order = ANY($1) AND kind <> 'renewal'"),
    ),
    "decisions": (("assessment", "of_order = ANY($1)"), ("determination", "of_order = ANY($1)")),
    "consents": (("consent", "of_order = ANY($1)"),),
}
#: What hangs on an order and keeps it.
_HANGING = ("adverse_action", "notice", "assessment", "determination", "consent")
_CLEARED = ("eligible", "eligible_with_conditions")
_OVER = ("refused", "canceled", "expired")

_CHECKS = """
SELECT o.id, o.person, o.package, o.outcome, o.status, o.ordered_at, GREATEST(
    o.ordered_at::date, o.completed_at::date, o.revised_at::date, o.opened_again_at::date, o.last_action_on,
    (SELECT max(GREATEST(d.decided_at::date, d.second_at::date, d.valid_until))
       FROM background_check.determination d WHERE d.of_order = o.id),
    (SELECT max(a.assessed_at::date) FROM background_check.assessment a WHERE a.of_order = o.id),
    (SELECT max(c.at_time::date) FROM background_check.consent c WHERE c.of_order = o.id),
    (SELECT max(GREATEST(n.sent_on, n.made_at::date, n.opened_at::date)) FROM background_check.notice n WHERE n.of_order = o.id),
    (SELECT max(GREATEST(x.opened_at::date, x.ended_at::date, x.deadline))
       FROM background_check.adverse_action x WHERE x.of_order = o.id),
    (SELECT max(GREATEST(p.opened_on, p.ended_on)) FROM background_check.dispute p
       JOIN background_check.adverse_action x ON x.id = p.action WHERE x.of_order = o.id),
    (SELECT max(GREATEST(f.received_at::date, f.ended_at::date)) FROM background_check.flag f WHERE f.of_order = o.id)
  ) AS last_action,
  EXISTS (SELECT 1 FROM background_check.check_order later WHERE later.person = o.person AND later.package = o.package
    AND later.ordered_at > o.ordered_at AND later.outcome IS NOT NULL) AS followed
FROM background_check.check_order o
WHERE o.ordered_at::date < $1 AND (o.outcome IS NOT NULL OR o.status = ANY($2))
  AND NOT EXISTS (SELECT 1 FROM background_check.adverse_action x WHERE x.of_order = o.id AND x.ended_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM background_check.determination d WHERE d.of_order = o.id AND d.state = 'waits_for_second')
  AND NOT EXISTS (SELECT 1 FROM background_check.flag f WHERE f.ended = '' AND (f.of_order = o.id OR f.person = o.person))
  AND (o.opened_again_at IS NULL OR EXISTS (SELECT 1 FROM background_check.determination d
    WHERE d.of_order = o.id AND d.state <> 'taken_back' AND d.decided_at >= o.opened_again_at))
ORDER BY o.ordered_at, o.id"""

#: Items that hang on no check: the table, the day from which on they are kept, which rows count, and whose they are.
_ALONE: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "letters": (("notice", "sent_on", "kind = 'renewal'", "person"),),
    "flags": (("flag", "GREATEST(received_at::date, ended_at::date)", "ended <> ''", "person"),),
    "accepted": (("accepted", "decided_at::date", "true", "person"),),
    "shares": (
        ("share", "LEAST(until, withdrawn_at::date)", "true", "person"),
        ("share_try", "tried_at::date", "true", ""),
    ),
    "self_descriptions": (("self_description", "told_at::date", "true", "person"),),
    "reminders": (("reminder", "told_at::date", "true", "person"),),
    "batches": (("batch", "made_at::date", "true", "rows"),),
    "events": (("check_event", "received_at::date", "state <> 'new'", "refs"),),
}


class Holds(msgspec.Struct, frozen=True, kw_only=True):
    """Legal holds that last: about ``everybody``, or about these people."""

    everybody: bool = False
    people: frozenset[UUID] = frozenset()


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of one table that are due under one rule. ``since`` are the days from which on each was kept."""

    rule: Rule
    table: str
    ids: tuple[Any, ...]
    since: tuple[date, ...]


class Closed(msgspec.Struct, frozen=True, kw_only=True):
    """A closed check that nobody relies on."""

    id: UUID
    person: UUID
    last_action: date


async def closed_checks(connection: Any, tenant: str, before: date, holds: Holds, *, lock: bool = False) -> list[Closed]:
    """Every closed check ordered before a day that nobody relies on and no hold is about. ``lock``: those locked are left out."""
    if holds.everybody:
        return []
    sql = _CHECKS + (" FOR UPDATE OF o SKIP LOCKED" if lock else "")
    rows = [row for row in await connection.fetch(sql, before, list(_OVER)) if row["person"] not in holds.people]
    relied = {row["person"] for row in rows if row["outcome"] in _CLEARED and not row["followed"]}
    here = await _still_here(tenant, relied)
    return [
        Closed(id=row["id"], person=row["person"], last_action=row["last_action"])
        for row in rows
        if not (row["outcome"] in _CLEARED and not row["followed"] and row["person"] in here)
    ]


async def _still_here(tenant: str, people: Collection[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    asked = sorted(people)
    for start in range(0, len(asked), 500):
        known = await people_of(tenant, asked[start : start + 500])
        found |= {ident for ident, person in known.items() if person.status != "left"}
    return found


async def of_checks(connection: Any, rule: Rule, checks: Sequence[Closed], on: date) -> list[Due]:
    """What of these checks is due under a rule on a day (not the orders themselves)."""
    ready = {check.id: check.last_action for check in checks if last_day(check.last_action, rule.months) < on}
    found = []
    for table, where in _OF_CHECK.get(rule.item.item, ()):
        order = (
            "(SELECT of_order FROM background_check.adverse_action x WHERE x.id = action)" if table == "dispute" else "of_order"
        )
        rows = await connection.fetch(
            f"SELECT id, {order} AS of_order FROM background_check.{table} WHERE {where} ORDER BY id",  # noqa: S608 - ours
            list(ready),
        )
        if rows:
            since = tuple(ready[row["of_order"]] for row in rows)
            found.append(Due(rule=rule, table=table, ids=tuple(row["id"] for row in rows), since=since))
    return found


async def orders_due(
    connection: Any, rule: Rule, checks: Sequence[Closed], on: date, *, gone: Mapping[str, set[Any]] | None = None
) -> list[Due]:
    """Orders that are due and on which nothing hangs any more. ``gone``: rows by table that will be gone by then."""
    ready = {check.id: check.last_action for check in checks if last_day(check.last_action, rule.months) < on}
    for table in _HANGING:
        rows = await connection.fetch(
            f"SELECT id, of_order FROM background_check.{table} WHERE of_order = ANY($1)",  # noqa: S608 - ours
            list(ready),
        )
        for row in rows:
            if row["id"] not in (gone or {}).get(table, ()):
                ready.pop(row["of_order"], None)
    if not ready:
        return []
    looks = await connection.fetch("SELECT id, of_order FROM background_check.check_look WHERE of_order = ANY($1)", list(ready))
    found = [Due(rule=rule, table="check_order", ids=tuple(ready), since=tuple(ready.values()))]
    if looks:
        since = tuple(ready[row["of_order"]] for row in looks)
        found.insert(0, Due(rule=rule, table="check_look", ids=tuple(row["id"] for row in looks), since=since))
    return found


async def alone(connection: Any, rule: Rule, on: date, holds: Holds) -> list[Due]:
    """What is due under the rule of an item that hangs on no check."""
    if holds.everybody:
        return []
    found = []
    for table, since, where, whose in _ALONE.get(rule.item.item, ()):
        rows = await connection.fetch(
            f"SELECT id, {since} AS since{', person' if whose == 'person' else ''} FROM background_check.{table} t "  # noqa: S608
            f"WHERE {where} AND {since} < $1 {_UNTOUCHED.get(whose, '')} ORDER BY id",
            on,
            *([[str(person) for person in sorted(holds.people)]] if whose in _UNTOUCHED else []),
        )
        ready = [
            row
            for row in rows
            if last_day(row["since"], rule.months) < on and not (whose == "person" and row["person"] in holds.people)
        ]
        if ready:
            found.append(
                Due(rule=rule, table=table, ids=tuple(row["id"] for row in ready), since=tuple(row["since"] for row in ready))
            )
    return found


#: Lists and events are about several people, or name them by references: those that touch somebody on hold stay.
_UNTOUCHED = {
    "rows": (
        "AND NOT EXISTS (SELECT 1 FROM background_check.check_order o WHERE o.person::text = ANY($2) "
        "AND strpos(t.rows::text, o.id::text) > 0)"
    ),
    "refs": (
        "AND NOT EXISTS (SELECT 1 FROM background_check.check_order o WHERE o.person::text = ANY($2) "
        "AND t.refs ?| ARRAY[o.order_ref, o.report_ref, o.subject_ref])"
    ),
}
