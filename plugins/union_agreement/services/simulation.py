"""Trying a proposal out: asked for by either side, worked on by a job (``trying``), shown to whoever may see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import Conflict, NotFound, Viewer, enqueue, now, record, tenant_transaction

from ..rules.lifecycle import OWN_SIDE, State
from ..rules.report import Report
from ..tables import Simulation, Step
from .drafts import find
from .sides import require_officer
from .trying import SIMULATE, data

#: After this time without an end, a run may be asked for again.
_LOST = timedelta(hours=1)
_OVER = {State.WITHDRAWN, State.VOID, State.SUPERSEDED, State.TERMINATED}


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A run as pages list it. ``current``: it was on the text as it stands now."""

    id: UUID
    agreement: UUID
    side: str
    asked_by: str
    state: str
    done: int
    total: int
    says: str
    asked_at: datetime
    finished_at: datetime | None
    current: bool


class RunPage(msgspec.Struct, frozen=True, kw_only=True):
    """A run with what it found (None before its end), and the agreement it is about."""

    run: Run
    code: str
    title: str
    version: int
    side: str
    draft: bool
    report: Report | None


class Asked(msgspec.Struct, frozen=True):
    """A run that was asked for. ``because`` says why it is an earlier one: the same text and data, or it is under way."""

    run: UUID
    because: str = ""


async def ask(viewer: Viewer, ident: UUID) -> Asked:
    """Have an agreement tried out. Gives an earlier run if that still holds or is under way."""
    async with tenant_transaction(viewer.tenant):
        side = await require_officer(viewer)
        row = await find(viewer, ident, side)
        if State(row["state"]) in _OVER:
            raise Conflict(f"{row['code']} is over, so there is nothing to try out. Make a new version of it first.")
        tried = await _of(row, side)
        for one in tried:
            run = _run(one, row)
            if run.state in {"queued", "running"} and run.current and now() - run.asked_at < _LOST:
                return Asked(run.id, "It is being tried out already.")
        last = next((one for one in tried if one["state"] == "done"), None)
        if last is not None and last["digest"] == row["digest"] and await _holds(viewer.tenant, last["result"]):
            return Asked(last["id"], "The last run still holds: the text and everything on record are the same.")
        made = Simulation(agreement=ident, digest=row["digest"], side=side, asked_by=viewer.tag)
        await Simulation.insert(made)
        await enqueue(SIMULATE, queueing_lock=f"simulate/{made.id}", tenant=viewer.tenant, simulation=str(made.id))
        await record("simulation:asked", f"simulation/{made.id}", actor=viewer.tag, agreement=row["code"], digest=row["digest"])
    return Asked(made.id)


async def of_agreement(row: Mapping[str, Any], side: str) -> list[Run]:
    """The runs of an agreement that a side may see, the newest first. Inside a ``tenant_transaction``."""
    return [_run(one, row) for one in await _of(row, side)]


async def page(viewer: Viewer, ident: UUID) -> RunPage:
    """A run. Raises ``NotFound`` for one that only the other side may see."""
    async with tenant_transaction(viewer.tenant):
        side = await require_officer(viewer)
        rows = await Simulation.select(Simulation.agreement).where(Simulation.id == ident)
        if not rows:
            raise NotFound("There is no such trial here.")
        row = await find(viewer, rows[0]["agreement"], side)
        found = next((one for one in await _of(row, side) if one["id"] == ident), None)
    if found is None:
        raise NotFound("There is no such trial here, or it is one of the other side's draft.")
    return RunPage(
        run=_run(found, row),
        code=row["code"],
        title=row["title"],
        version=row["version"],
        side=side,
        draft=State(row["state"]) in OWN_SIDE,
        report=msgspec.convert(found["result"], Report) if found["state"] == "done" else None,
    )


async def _of(row: Mapping[str, Any], side: str) -> list[dict[str, Any]]:
    """A side's own runs, and once it is proposed those of the other side on a text that both know."""
    rows: list[dict[str, Any]] = (
        await Simulation.select()
        .where(Simulation.agreement == row["id"])
        .order_by(Simulation.asked_at, ascending=False)
        .output(load_json=True)
    )
    if State(row["state"]) in OWN_SIDE:
        return [one for one in rows if one["side"] == side]
    steps = await Step.select(Step.at, Step.after).where(Step.agreement == row["id"]).order_by(Step.at)
    proposed = next((step["at"] for step in steps if State(step["after"]) not in OWN_SIDE), None)
    return [
        one
        for one in rows
        if one["side"] == side or one["digest"] == row["digest"] or (proposed is not None and one["asked_at"] >= proposed)
    ]


def _run(one: Mapping[str, Any], row: Mapping[str, Any]) -> Run:
    names = ("id", "agreement", "side", "asked_by", "state", "done", "total", "says", "asked_at", "finished_at")
    return Run(**{name: one[name] for name in names}, current=one["digest"] == row["digest"])


async def _holds(tenant: str, result: Mapping[str, Any]) -> bool:
    """Whether a run would find the same again today."""
    return bool(result.get("data")) and result["data"] == (await data(tenant, papers=bool(result.get("papers"))))[0]
