"""Which timers count in a district, and what an administrator says of them with counsel's word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from staffing.api import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    Viewer,
    district,
    record,
    refuse_private,
    tenant_transaction,
    today,
)

from ..rules import timers
from ..rules.timers import Timer
from ..tables.keeping import TimerChoice


class TimerView(msgspec.Struct, frozen=True, kw_only=True):
    """A timer with what the district said of it; ``said_by`` and what follows are empty where it said nothing."""

    timer: Timer
    counts: bool
    said_by: str = ""
    note: str = ""
    made_by: str = ""
    made_on: date | None = None


async def timers_here(tenant: str, on: date) -> list[TimerView]:
    """Every timer that could count here on a day, those of a wider place first."""
    async with tenant_transaction(tenant):
        here = await district(tenant)
        newest = await _newest()
    own = [_read(row["body"]) for row in newest.values() if row["body"]]
    choices = {rule: row["counts"] for rule, row in newest.items()}
    return [_view(timer, choices, newest.get(timer.id)) for timer in timers.offered(here.jurisdiction, on, own)]


async def counting_here(tenant: str, on: date) -> tuple[Timer, ...]:
    """The timers that count here on a day; the default is always one of them."""
    return tuple(view.timer for view in await timers_here(tenant, on) if view.counts)


async def choose(viewer: Viewer, rule: str, counts: bool, *, signed_off_by: str, note: str = "") -> None:
    """Say that a timer counts here or does not, with the name of the lawyer who says so. For administrators.

    Raises ``NotAllowed``, ``NotFound`` for a timer that is not offered here, ``Invalid`` without counsel's name, ``Conflict``
    where nothing would change or the default would be switched off.
    """
    _administrator(viewer)
    if not signed_off_by.strip():
        says = "Name the lawyer who says so: whether a place’s rule reaches unpaid volunteers is a question of law."
        raise Invalid(says, {"signed_off_by": says})
    for text, what in ((signed_off_by, "The name"), (note, "The note")):
        refuse_private(text, what)
    async with tenant_transaction(viewer.tenant):
        on = today((await district(viewer.tenant)).time_zone)
        found = next((view for view in await timers_here(viewer.tenant, on) if view.timer.id == rule), None)
        if found is None:
            raise NotFound("There is no such timer for this district.")
        if found.timer.standing == "always":
            raise Conflict("The default always counts: nobody is turned away without time to answer.")
        if found.counts == counts:
            raise Conflict(f"{found.timer.name} {'counts' if counts else 'does not count'} here already. Nothing was changed.")
        body = msgspec.json.encode(found.timer).decode() if found.timer.standing == "own" else "{}"
        await TimerChoice.insert(
            TimerChoice(
                rule=rule,
                counts=counts,
                body=body,
                signed_off_by=signed_off_by.strip(),
                note=note.strip(),
                made_by=viewer.tag,
            )
        )
        await record(
            "timer:chosen",
            f"timer/{rule}",
            actor=viewer.tag,
            counts=counts,
            signed_off_by=signed_off_by.strip(),
            note=note.strip(),
        )


async def write_own(viewer: Viewer, fields: Mapping[str, Any], *, signed_off_by: str) -> str:
    """Write a timer of the district's own, and give its id. It counts at once. For administrators.

    Raises ``NotAllowed`` and ``Invalid``.
    """
    _administrator(viewer)
    if not signed_off_by.strip():
        says = "Name the lawyer or the board that says so."
        raise Invalid(says, {"signed_off_by": says})
    for text in (fields["name"], fields["citation"], signed_off_by):
        refuse_private(text, "The timer")
    async with tenant_transaction(viewer.tenant):
        here = await district(viewer.tenant)
        number = 1 + sum(rule.startswith("own_") for rule in await _newest())
        timer = timers.own_timer({**fields, "id": f"own_{number}"}, here.jurisdiction)
        await TimerChoice.insert(
            TimerChoice(
                rule=timer.id,
                counts=True,
                body=msgspec.json.encode(timer).decode(),
                signed_off_by=signed_off_by.strip(),
                made_by=viewer.tag,
            )
        )
        await record(
            "timer:written",
            f"timer/{timer.id}",
            actor=viewer.tag,
            name=timer.name,
            days=timer.days,
            day_kind=timer.day_kind.value,
            citation=timer.citation,
            signed_off_by=signed_off_by.strip(),
        )
    return timer.id


def _administrator(viewer: Viewer) -> None:
    if viewer.role != "admin":
        raise NotAllowed("Which rules count here is said by an administrator, with counsel's word.")


async def _newest() -> dict[str, dict[str, Any]]:
    rows = await TimerChoice.select().order_by(TimerChoice.made_at).output(load_json=True)
    return {row["rule"]: row for row in rows}


def _read(body: Mapping[str, Any]) -> Timer:
    return msgspec.convert(body, Timer, strict=False)


def _view(timer: Timer, choices: Mapping[str, bool], said: Mapping[str, Any] | None) -> TimerView:
    return TimerView(
        timer=timer,
        counts=timers.counts(timer, choices),
        said_by=said["signed_off_by"] if said else "",
        note=said["note"] if said else "",
        made_by=said["made_by"] if said else "",
        made_on=said["made_at"].date() if said else None,
    )
