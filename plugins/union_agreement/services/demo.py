"""Agreements of the demonstration: invented parties, in the shape of the samples, with officers and what is on record.

Days are told from today (``today-100``). The texts are in ``demonstration/<district>.yaml``; whoever has none has no agreement.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec

from staffing.api import Viewer, close_days, now, read, today

from ..rules import signers
from ..rules.reader import agreement, plain
from ..tables import Agreement, Classification, Officer, PositionAction, PositionFile, Record, Step, Unit
from .drafts import frozen_digest
from .known import changed

FOLDER = Path(__file__).resolve().parents[1] / "demonstration"


async def load(tenant: str, staff: Sequence[Viewer]) -> None:
    """Add what a district of the demonstration has. Inside its ``tenant_transaction``."""
    file = FOLDER / f"{tenant}.yaml"
    if not file.is_file():
        return
    data = _dated(read(file.read_text(encoding="utf-8"), file.name))
    people = {one.role: one for one in reversed(staff)}
    for office in data.get("officers", ()):
        holder = people[office["by"]]
        role = str(office["role"])
        await Officer.insert(
            Officer(
                account=holder.account,
                name=holder.name,
                side=signers.side_of(role),
                role=role,
                since=date(2024, 7, 1),
                registered_by="system/- staffing",
            )
        )
    for unit in data.get("units", ()):
        await Unit.insert(
            Unit(code=unit["code"], name=unit["name"], represented_by=unit["by"], duties=_json(list(unit.get("duties", ()))))
        )
    for kind, days in (data.get("closed") or {}).items():
        await close_days(tenant, kind, days)
    for action in data.get("position_actions", ()):
        await PositionAction.insert(_action(action))
    for one in data.get("classifications", ()):
        await Classification.insert(
            Classification(name=one["name"], unit=one.get("unit", ""), duties=_json(list(one.get("duties", ()))))
        )
    if "complete_through" in data:
        await PositionFile.insert(_file(data, tenant))
    for one in data["agreements"]:
        await _agreement(one, file.name, people)
    await changed()


async def _agreement(one: Mapping[str, Any], file: str, people: Mapping[str, Viewer]) -> None:
    made = agreement(one["text"], file, one.get("known", ()))
    drafted = people["union" if one.get("side") == "union" else "hr"]
    body = plain(one["text"])
    text = _json(body)
    frozen = one["state"] not in {"draft", "proposed", "consulting"}
    row = Agreement(
        code=made.id,
        title=made.title,
        kind=made.kind.value,
        side=one.get("side", "district"),
        state=one["state"],
        body=text,
        digest=made.digest,
        since=made.since,
        until=made.ends.on,
        made_by=drafted.tag,
        frozen_at=now() if frozen else None,
        frozen_digest=frozen_digest(msgspec.json.decode(text)) if frozen else "",
        invented=True,
    )
    await Agreement.insert(row)
    for n, step in enumerate(one.get("steps", ())):
        who = people[step["by"]]
        await Step.insert(
            Step(
                agreement=row.id,
                before=step.get("before", step["after"]),
                after=step["after"],
                side="union" if step["by"] == "union" else "district",
                by=who.tag,
                why=step["why"],
                record=_json(plain(step.get("record", {}))),
                at=now() - timedelta(days=int(step.get("days_ago", 30)), minutes=60 - n),
            )
        )
    for kept in one.get("records", ()):
        await Record.insert(
            Record(
                kind=kept["kind"],
                agreement=row.id,
                clause=kept["clause"],
                role=kept.get("role", ""),
                on=today() - timedelta(days=int(kept["days_ago"])),
                body=_json(plain(kept.get("body", {}))),
                made_by=people[kept.get("by", "hr")].tag,
            )
        )


def _dated(value: Any) -> Any:
    """The same with ``today``, ``today-30`` and ``today+90`` as days, so that the demonstration never grows old."""
    if isinstance(value, Mapping):
        return {key: _dated(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_dated(one) for one in value]
    if isinstance(value, str) and (found := re.fullmatch(r"today([+-]\d+)?", value)):
        return today() + timedelta(days=int(found[1] or 0))
    return value


def _action(action: Mapping[str, Any]) -> PositionAction:
    return PositionAction(
        kind=action["kind"],
        on=today() - timedelta(days=int(action["days_ago"])),
        classification=action["classification"],
        unit=action.get("unit", ""),
        site_name=action.get("site_name", ""),
        hours_before=action.get("hours_before"),
        hours_after=action.get("hours_after"),
        duties=_json(list(action.get("duties", ()))),
        cause=action.get("cause", ""),
        digest=f"demonstration {action['kind']} {action['classification']} {action['days_ago']}",
        file="demonstration",
        imported_by="system/- staffing",
    )


def _file(data: Mapping[str, Any], tenant: str) -> PositionFile:
    """The file that the actions would have come in."""
    rows = len(data.get("position_actions", ()))
    return PositionFile(
        name="position-actions.csv (invented)",
        digest=hashlib.sha256(f"demonstration of {tenant}".encode()).hexdigest(),
        complete_through=data["complete_through"],
        rows=rows,
        added=rows,
        imported_by="system/- staffing",
        invented=True,
    )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
