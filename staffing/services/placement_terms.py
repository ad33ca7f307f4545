"""Changing what is known of a placement: facts staff tell of it, and splitting it at a day on which its rules change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing.core.errors import Conflict, Invalid, NotFound
from staffing.core.labor_words import LABOR_FACTS
from staffing.services import readiness
from staffing.services.actors import Actor
from staffing.store import journal
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Placement


async def tell(actor: Actor, placement: UUID, facts: Mapping[str, Any], why: str) -> None:
    """Keep facts of a placement's site or group (by their names in agreements) and decide again. None takes one back.

    Raises ``Invalid`` for a name no rule knows, ``NotFound``.
    """
    actor.require("hr")
    if unknown := sorted(set(facts) - LABOR_FACTS):
        raise Invalid(f"No agreement reads: {', '.join(unknown)}.")
    async with tenant_transaction(actor.tenant):
        row = await _locked(placement)
        context = {**row["terms"].get("context", {}), **facts}
        kept = {name: value for name, value in context.items() if value is not None}
        terms = msgspec.json.encode({**row["terms"], "context": kept}).decode()
        await Placement.update({Placement.terms: terms, Placement.version: row["version"] + 1}).where(Placement.id == placement)
        await readiness.refresh(row["person"], actor, why)
        await journal.record(
            "placement:told", f"placement/{placement}", actor=actor.tag, person=str(row["person"]), facts=sorted(facts), why=why
        )


async def split(actor: Actor, placement: UUID, last_day: date, why: str) -> UUID:
    """End a placement with ``last_day`` and ask for the same work from the day after; gives the new placement's id.

    The new one is a wish: it is decided by the rules of its own first day, and placed by hand. Raises ``Invalid`` for a day
    that is not inside the placement, ``Conflict``, ``NotFound``.
    """
    actor.require("hr")
    async with tenant_transaction(actor.tenant):
        row = await _locked(placement)
        today = (await readiness.here()).today
        first, ends = row["starts_on"] or today, row["ends_on"]
        if last_day < max(first, today) or (ends is not None and last_day >= ends):
            raise Invalid(f"The placement cannot be split after {last_day}: choose a day ahead, inside it and before its last.")
        if await Placement.exists().where(
            (Placement.person == row["person"]) & (Placement.position == row["position"]) & (Placement.state == "wished")
        ):
            raise Conflict("They have asked for this work already. Look at that first.")
        await Placement.update({Placement.ends_on: last_day, Placement.version: row["version"] + 1}).where(
            Placement.id == placement
        )
        after = Placement(
            person=row["person"],
            position=row["position"],
            site=row["site"],
            state="wished",
            terms=msgspec.json.encode(row["terms"]).decode(),
            starts_on=last_day + timedelta(days=1),
            ends_on=ends,
        )
        await Placement.insert(after)
        await readiness.refresh(row["person"], actor, why)
        await journal.record(
            "placement:split",
            f"placement/{placement}",
            actor=actor.tag,
            person=str(row["person"]),
            last_day=last_day.isoformat(),
            then=str(after.id),
            why=why,
        )
    made: UUID = after.id
    return made


async def _locked(placement: UUID) -> dict[str, Any]:
    row = (
        await Placement.select()
        .where((Placement.id == placement) & (Placement.state != "ended"))
        .lock_rows("UPDATE")
        .output(load_json=True)
        .first()
    )
    if row is None:
        raise NotFound("There is no such placement in this district, or it has ended.")
    found: dict[str, Any] = row
    return found
