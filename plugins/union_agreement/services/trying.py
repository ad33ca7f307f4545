"""The work of trying a proposal out, a portion of placements at a time.

A run reads, and writes nothing but its own row. Each portion has a transaction of its own, so that the page can show how far
it is.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import time
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import (
    Known,
    StaffingError,
    now,
    placed_portion,
    placed_stand,
    record,
    task,
    tenant_transaction,
    today,
    waivers_at,
)

from ..rules.agreement import Agreement as Model
from ..rules.counting import Counts
from ..rules.library import resolve
from ..rules.report import Report
from ..rules.simulate import Trial
from ..tables import Agreement, Happening, Simulation, Unit
from .drafts import parsed
from .known import body_of, known

log = logging.getLogger(__name__)

#: The task that works on a run.
SIMULATE = "union_agreement:simulate"
#: The past that is tried.
PAST = timedelta(days=365)
#: A day after every placement that is planned.
FAR = date(9000, 1, 1)
_SYSTEM = "system/- staffing"
_FIRST = UUID(int=0)


async def data(tenant: str, *, papers: bool) -> tuple[str, int]:
    """A name for everything a run reads besides the proposal, and how many placements there are."""
    stand = await placed_stand(today() - PAST, FAR, evidence=papers)
    told = await known(tenant)
    parts = [today(), stand.digest, told.digest if told else ""]
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest(), stand.count


class _Given(msgspec.Struct, frozen=True, kw_only=True):
    """What a run begins with."""

    proposal: Model
    current: Sequence[Model]
    context: dict[str, Any]
    contexts: dict[str, dict[str, Any]]
    units: dict[str, str]
    data: str
    count: int


@task(SIMULATE)
async def simulate(tenant: str, simulation: str) -> None:
    """Do a run. One that is finished is left as it is; one that was broken off begins again. Twice changes nothing more."""
    await work(tenant, UUID(simulation))


async def work(tenant: str, simulation: UUID) -> None:
    """The same, for a run by its id."""
    began = time.perf_counter()
    try:
        report = await _tried(tenant, simulation)
    except StaffingError as error:
        says = re.sub(r"^agreements:\d+: ", "", str(error), flags=re.MULTILINE)  # no file was read, so no line helps
        await _failed(tenant, simulation, says)
    except Exception as error:
        log.exception("a trial failed")
        says = f"It stopped because of a mistake in the program ({type(error).__name__}: {error}). Tell the administrator."
        await _failed(tenant, simulation, says)
    else:
        if report is not None:
            report.seconds = round(time.perf_counter() - began, 1)
            await _done(tenant, simulation, report)


async def _tried(tenant: str, simulation: UUID) -> Report | None:
    papers = False
    while True:
        given = await _begin(tenant, simulation, papers=papers)
        if given is None:
            return None
        counts = await _through(tenant, simulation, given, papers=papers)
        if papers or not counts.trial.papers:
            report = counts.finished()
            report.data, report.papers = given.data, papers
            return report
        papers = True  # a clause reads evidence after all: once more, with it


async def _begin(tenant: str, simulation: UUID, *, papers: bool) -> _Given | None:
    async with tenant_transaction(tenant):
        runs = await Simulation.select(Simulation.agreement, Simulation.state).where(Simulation.id == simulation)
        if not runs or runs[0]["state"] in {"done", "failed"}:
            return None
        rows = await Agreement.select().where(Agreement.id == runs[0]["agreement"]).output(load_json=True)
        happened = await Happening.select().order_by(Happening.on)
        told = await known(tenant) or Known(digest="")
        named, count = await data(tenant, papers=papers)
        row = rows[0]
        values: dict[Any, Any] = {
            Simulation.state: "running",
            Simulation.done: 0,
            Simulation.total: count,
            Simulation.digest: row["digest"],
        }
        await Simulation.update(values).where(Simulation.id == simulation)
        waivers = await waivers_at()
        everywhere = waivers.pop("", [])
        contexts = {site: {**told.context, "waivers": [*everywhere, *own]} for site, own in waivers.items()}
        contexts[""] = {**told.context, "waivers": everywhere} if everywhere else dict(told.context)
        units = {unit["code"]: unit["name"] for unit in await Unit.select(Unit.code, Unit.name)}
        return _Given(
            proposal=parsed({**row, "body": body_of(row, happened)}),
            current=resolve(told.agreements),
            context=dict(told.context),
            contexts=contexts,
            units=units,
            data=named,
            count=count,
        )


async def _through(tenant: str, simulation: UUID, given: _Given, *, papers: bool) -> Counts:
    """Through all placements, a portion at a time; broken off where evidence turns out to be needed."""
    trial = Trial(given.current, given.proposal, today(), given.context)
    for context in given.contexts.values():
        trial.shared.add(context.get("waivers"))
    counts = Counts(trial, today() - PAST, given.units)
    after = _FIRST
    while True:
        async with tenant_transaction(tenant):
            portion = await placed_portion(counts.since, FAR, after=after, evidence=papers)
            await Simulation.update({Simulation.done: counts.report.placements}).where(Simulation.id == simulation)
        if not portion:
            return counts
        after = portion[-1].placement
        await asyncio.to_thread(counts.add, portion, given.contexts)  # the worker goes on listening meanwhile
        if trial.papers and not papers:
            return counts


async def _done(tenant: str, simulation: UUID, report: Report) -> None:
    changed = report.placements - report.changes["same"].placements
    async with tenant_transaction(tenant):
        values: dict[Any, Any] = {
            Simulation.state: "done",
            Simulation.done: report.placements,
            Simulation.total: report.placements,
            Simulation.result: msgspec.json.encode(report).decode(),
            Simulation.finished_at: now(),
        }
        await Simulation.update(values).where(Simulation.id == simulation)
        await record("simulation:done", f"simulation/{simulation}", actor=_SYSTEM, placements=report.placements, changed=changed)


async def _failed(tenant: str, simulation: UUID, says: str) -> None:
    async with tenant_transaction(tenant):
        values: dict[Any, Any] = {Simulation.state: "failed", Simulation.says: says, Simulation.finished_at: now()}
        await Simulation.update(values).where(Simulation.id == simulation)
        await record("simulation:failed", f"simulation/{simulation}", actor=_SYSTEM, why=says)
