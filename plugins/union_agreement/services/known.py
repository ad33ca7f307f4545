"""What a district's decisions are told of its agreements: the agreements themselves and what is on record about them.

Read once after each change (``Revision``), then kept in memory by district.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from staffing.api import Known, closed_days, current_tenant, site_names

from ..rules.in_force import AFTER_ITS_END
from ..tables import Agreement, Classification, Happening, PositionAction, PositionFile, Record, Revision, Unit

#: States in which an agreement has something to say of a placement; after its last day, its place decides.
COUNTS = frozenset({"executed", "in_effect", "amended", "expiring", "imposed", "partially_funded", *AFTER_ITS_END})

_kept: OrderedDict[tuple[str, int, str], Known | None] = OrderedDict()
_KEPT = 64

#: Names all that ``read`` reads; the calendar is the product's and may change elsewhere.
_STANDS = """
SELECT n, xmin::text AS made_by,
  (SELECT format(':%s:%s', count(*), coalesce(max(c.xmin::text::bigint), 0)) FROM closed_day c) AS calendar
FROM union_agreement.revision"""


async def changed() -> None:
    """Say that something decisions read has changed. Call it in the transaction of every such change."""
    tenant = current_tenant()
    await Revision.raw(
        "INSERT INTO union_agreement.revision (tenant, n) VALUES ({}, 1) ON CONFLICT (tenant) DO UPDATE SET n = revision.n + 1",
        tenant,
    )


async def known(tenant: str) -> Known | None:
    """The district's agreements and records; None where there is nothing. Inside a ``tenant_transaction``."""
    rows = await Revision.raw(_STANDS)
    if not rows:
        return None
    # the transaction that counted is part of the name: one that was undone may have read what never came to be
    key = (tenant, rows[0]["n"], rows[0]["made_by"] + rows[0]["calendar"])
    if key not in _kept:
        _kept[key] = await read(tenant)
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    return _kept[key]


async def read(tenant: str) -> Known | None:
    """The same, from the tables."""
    agreements = (
        await Agreement.select()
        .where(Agreement.state.is_in(sorted(COUNTS)))
        .order_by(Agreement.code, Agreement.version)
        .output(load_json=True)
    )
    happened = await Happening.select().order_by(Happening.on)
    context = {
        **_records(
            await Record.select().where(Record.withdrawn_on.is_null()).order_by(Record.on, Record.id).output(load_json=True)
        ),
        **await positions_known(),
        **_units(await Unit.select().order_by(Unit.code).output(load_json=True)),
        **await _calendars(tenant),
    }
    bodies = [body_of(row, happened) for row in agreements]
    if not bodies and not context:
        return None
    context["site_names"] = {str(site): name for site, name in (await site_names()).items()}
    data = msgspec.json.encode([bodies, context], order="deterministic")
    return Known(digest=hashlib.sha256(data).hexdigest(), agreements=tuple(bodies), context=context)


def body_of(row: Mapping[str, Any], happened: Iterable[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """An agreement as the rules read it: its text, its state, and what has come about."""
    body = dict(row["body"])
    days = {one["event"]: one["on"].isoformat() for one in happened if one["agreement"] == row["id"]}
    body["status"] = row["state"]
    if days:
        body["happened"] = {**body.get("happened", {}), **days}
        body["clauses"] = [_met(clause, days) for clause in body.get("clauses", ())]
    return body


def _met(clause: dict[str, Any], days: Mapping[str, str]) -> dict[str, Any]:
    condition = clause.get("condition_precedent")
    if isinstance(condition, dict) and condition.get("event") in days:
        return {**clause, "condition_precedent": {**condition, "status": "met"}}
    return clause


_FACTS = {
    "cosignature": "cosignatures",
    "notice": "notices",
    "consultation": "consultations",
    "concurrence": "concurrences",
    "grievance": "grievances",
}
_DAY = {
    "cosignature": "signed_on",
    "notice": "delivered_on",
    "consultation": "held_on",
    "concurrence": "signed_on",
    "grievance": "filed_on",
}
_ROLE = {"notice": "addressee", "concurrence": "signer_role"}


def _records(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        kind = row["kind"]
        one = {"id": str(row["id"]), **row["body"], _DAY[kind]: row["on"].isoformat()}
        if row["clause"]:
            one["clause"] = row["clause"]
        if row["role"]:
            one[_ROLE.get(kind, "role")] = row["role"]
        if row["placement"]:
            one["placement"] = str(row["placement"])
        found.setdefault(_FACTS[kind], []).append(one)
    return dict(found)


#: Kinds of position actions that the clauses read as lists of their own.
_STANDING = {"vacancy": "open_vacancies", "recall": "recall_list", "leave": "leaves"}


async def positions_known() -> dict[str, Any]:
    """What is on record of positions, as facts of the context. Inside a ``tenant_transaction``."""
    rows = await PositionAction.select().order_by(PositionAction.on, PositionAction.id).output(load_json=True)
    classes = await Classification.select(Classification.name, Classification.duties).output(load_json=True)
    told = bool(rows) or await PositionFile.exists()
    return _positions(rows, told, {one["name"].casefold(): one["duties"] for one in classes})


def _positions(rows: Iterable[Mapping[str, Any]], told: bool, classes: Mapping[str, list[str]]) -> dict[str, Any]:
    """Nothing imported: nothing is known, and clauses that need it hold. Once imported, what is not listed is not there.

    A row that names no duties has those its classification is registered with.
    """
    if not told:
        return {}
    found: dict[str, Any] = {"position_actions": [], "open_vacancies": [], "recall_list": [], "leaves": []}
    disputes = []
    for row in rows:
        kind = row["kind"]
        one = {
            "type": kind,
            "date": row["on"].isoformat(),
            "since": row["on"].isoformat(),
            "until": row["until"].isoformat() if row["until"] else None,
            "classification": row["classification"] or None,
            "unit": row["unit"] or None,
            "site": str(row["site"]) if row["site"] else None,
            "site_name": row["site_name"] or None,
            "positions": row["positions"],
            "hours_before": float(row["hours_before"]) if row["hours_before"] is not None else None,
            "hours_after": float(row["hours_after"]) if row["hours_after"] is not None else None,
            "duties": row["duties"] or classes.get(row["classification"].casefold()) or None,
            "cause": row["cause"] or None,
        }
        plain = {name: value for name, value in one.items() if value is not None}
        if kind in {"strike", "lockout", "work_to_rule"}:
            disputes.append(plain)
        else:
            found[_STANDING.get(kind, "position_actions")].append(plain)
    found["labor_disputes"] = disputes
    return found


def _units(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    duties: dict[str, list[str]] = {}
    for row in rows:
        for duty in row["duties"]:
            duties.setdefault(duty, []).append(row["code"])
    return {"duty_to_unit_map": duties} if duties else {}


async def _calendars(tenant: str) -> dict[str, Any]:
    days = {kind: sorted(day.isoformat() for day in await closed_days(tenant, kind)) for kind in ("work", "school")}
    return {"calendars": {kind: found for kind, found in days.items() if found}} if any(days.values()) else {}
