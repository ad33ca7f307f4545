"""`python -m benchmarks.agreements [PLACEMENTS]`: a proposal of twenty clauses tried on a district's placements.

Invented people and places in a PostgreSQL of its own. The run is the product's own job: placements read from the database a
portion at a time, each decided under what counts now and under the proposal, the report stored. Processor time is what to
compare on a machine that does other things too. The goal is 30 s for 50,000 placements on 2 cores.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

TODAY = date(2026, 11, 24)
TENANT = "bench"
SITES = 60
POSITIONS = 1500
#: As an administrator of a district of this size would set it.
SETTINGS = {"shared_buffers": "256MB", "max_wal_size": "4GB", "work_mem": "32MB"}

_ROLES: tuple[dict[str, Any], ...] = (
    {"engagement": "volunteer", "employer": "district"},
    {"engagement": "volunteer", "employer": "partner"},
    {"engagement": "national_service", "employer": "partner"},
    {"engagement": "employee", "employer": "district"},
    {"engagement": "contractor", "employer": "partner"},
    {"engagement": "paraprofessional", "employer": "district"},
)
_DUTIES = ("reading_tutoring", "math_tutoring", "homework_help", "recess_supervision", "clerical", "meal_supervision")
_UNIT = {"recess_supervision": "classified", "clerical": "classified", "meal_supervision": "classified"}
_PAPERS = ("state_criminal_history", "fbi_fingerprint", "sex_offender_registry", "tb_screening", "mandated_reporter_training")

#: One clause of each type of section 2 of the research note that the shipped samples use, and a few more.
PROPOSAL: dict[str, Any] = {
    "id": "B2",
    "title": "Bench Unified and the Bench Education Association (invented)",
    "kind": "cba",
    "jurisdiction": "CA",
    "units": ["teachers", "classified"],
    "effective": {"from": "2026-12-01", "to": "2029-06-30"},
    "signatories": ["superintendent", "union_president"],
    "work_calendar_closures": ["2026-11-26", "2026-11-27"],
    "clauses": [],
}


def clauses() -> list[dict[str, Any]]:
    """Twenty clauses in the shape of the samples, renamed."""
    from plugins.union_agreement.rules.library import SAMPLES
    from staffing.api import read

    wanted = (
        *("A1.1", "A1.2", "A1.3", "A1.4", "A1.5", "A1.6", "A1.8", "A1.9", "A2.1", "A2.2", "A2.4", "A2.5"),
        *("A2.6", "A3.2", "A3.4", "A4.1", "A6.1", "A6.2", "A6.5", "A6.6"),
    )
    found = {}
    for file in sorted(SAMPLES.glob("*.yaml")):
        for clause in read(file.read_text(encoding="utf-8"), file.name)["clauses"]:
            found[clause["id"]] = msgspec.to_builtins({key: value for key, value in clause.items() if key != "layer"})
    return [{**found[name], "id": f"B2.{n}"} for n, name in enumerate(wanted, 1)]


def terms(rng: random.Random) -> dict[str, Any]:
    """The terms of a position."""
    context = {"students_scheduled": rng.randint(2, 28), "qualified_adults_present": rng.randint(1, 2)}
    if rng.random() < 0.5:
        context["minutes_alone"] = rng.choice([0, 15, 60])
    return {
        **rng.choice(_ROLES),
        "setting": "campus",
        "contact": "routine",
        "supervision": rng.choice(["line_of_sight", "immediate", "nearby"]),
        "supervised_by": "certificated",
        "duties": [rng.choice(_DUTIES)],
        "funding": [rng.choice(["local", "title_i", "americorps"])],
        "hours": {"week": rng.choice([2, 4, 6])},
        "context": context,
    }


async def fill(url: str, count: int, sessions: int) -> None:
    """A district with people placed in it and their papers."""
    rng = random.Random(11)
    district = UUID(int=1)

    def ident() -> UUID:
        return UUID(int=rng.getrandbits(128), version=4)

    sites = [(ident(), TENANT, district, f"School {n}", "school", "campus") for n in range(SITES)]
    positions = [
        (ident(), TENANT, rng.choice(sites)[0], district, f"Position {n % 40}", _json(terms(rng))) for n in range(POSITIONS)
    ]
    born = date(1950, 1, 1)
    people = [(ident(), TENANT, "Invented", born + timedelta(days=rng.randrange(20_000)), b"{}") for _ in range(count)]
    placements = list(_placements(rng, people, positions, ident))
    evidence = [
        (ident(), TENANT, person[0], kind, "complete", "clear", TODAY - timedelta(days=rng.randrange(900)))
        for person in people
        for kind in _PAPERS
        if rng.random() < 0.9
    ]
    few = placements[: sessions // 10]
    starts = [datetime(2026, 9, 7, 16, tzinfo=UTC) + timedelta(weeks=week) for week in range(10)]
    planned = [(ident(), TENANT, p[2], ident(), p[0], "planned", at, at + timedelta(hours=2)) for p in few for at in starts]
    rows: dict[str, tuple[str, list[Any]]] = {
        "site": ("id tenant organisation name kind setting", sites),
        "position": ("id tenant site organisation title terms", positions),
        "person": ("id tenant given_name born_on facts", people),
        "placement": ("id tenant person position site state terms starts_on ends_on", placements),
        "evidence": ("id tenant person kind state result issued_on", evidence),
        "assignment": ("id tenant person session placement state starts_at ends_at", planned),
    }
    one = await asyncpg.connect(url)
    await one.set_type_codec("jsonb", schema="pg_catalog", encoder=lambda text: b"\x01" + text, decoder=bytes, format="binary")
    await one.execute("SET session_replication_role = replica")  # keys are right by construction; not what is measured
    await one.execute(
        "INSERT INTO tenant (id, name, community, jurisdiction, time_zone) VALUES ($1, $1, $1, 'us-ca', 'America/Los_Angeles')",
        TENANT,
    )
    for table, (columns, records) in rows.items():
        await one.copy_records_to_table(table, records=records, columns=columns.split())
    await one.execute("VACUUM ANALYZE")
    await one.close()


async def agree() -> UUID:
    """An agreement in effect, a proposal, two units and a year of position actions; gives a run of the proposal, asked for."""
    from plugins.union_agreement.rules.reader import agreement
    from plugins.union_agreement.services.known import changed
    from plugins.union_agreement.tables import Agreement, PositionAction, Simulation, Unit
    from staffing.store.engine import tenant_transaction
    from staffing.store.tables import PluginSwitch

    rng = random.Random(12)
    first = [{**clause, "id": clause["id"].replace("B2", "B1")} for clause in clauses()[:6]]
    texts = {
        "in_effect": {**PROPOSAL, "id": "B1", "clauses": first, "effective": {"from": "2024-07-01", "to": "2027-06-30"}},
        "proposed": {**PROPOSAL, "clauses": clauses()},
    }
    async with tenant_transaction(TENANT):
        await PluginSwitch.insert(PluginSwitch(plugin="union_agreement", since=date(2020, 1, 1)))
        for state, body in texts.items():
            made = agreement(body, state)
            row = Agreement(
                code=made.id,
                title=made.title,
                kind=made.kind.value,
                side="district",
                state=state,
                body=_json(body).decode(),
                digest=made.digest,
                since=made.since,
                made_by="",
            )
            await Agreement.insert(row)
        for code in ("teachers", "classified"):
            duties = [duty for duty in _DUTIES if _UNIT.get(duty, "teachers") == code]
            await Unit.insert(Unit(code=code, name=code.capitalize(), duties=_json(duties).decode()))
        for n in range(40):
            action = PositionAction(
                kind=rng.choice(["layoff", "hours_cut", "vacancy"]),
                on=TODAY - timedelta(days=rng.randrange(500)),
                classification=f"Aide {n % 8}",
                unit="classified",
                duties=_json([rng.choice(_DUTIES)]).decode(),
                digest=str(n),
                imported_by="",
            )
            await PositionAction.insert(action)
        await changed()
        run = Simulation(agreement=row.id, digest=made.digest, side="union", asked_by="")
        await Simulation.insert(run)
    found: UUID = run.id
    return found


def _json(value: Any) -> bytes:
    return msgspec.json.encode(value)


def _placements(rng: random.Random, people: list[Any], positions: list[Any], ident: Any) -> Iterator[tuple[Any, ...]]:
    for person in people:
        position = rng.choice(positions)
        starts = TODAY + timedelta(days=rng.randrange(-500, 200))
        ends = starts + timedelta(days=rng.randrange(60, 400)) if rng.random() < 0.7 else None
        yield ident(), TENANT, person[0], position[0], position[2], "placed", position[5], starts, ends


async def measure(url: str, show: bool) -> None:
    """The job, and what it took."""
    from plugins.union_agreement.services import trying
    from staffing.store.engine import DB, tenant_transaction
    from staffing.store.pool import close_pool, open_pool

    await open_pool(url, min_size=1, max_size=4)
    run = await agree()
    wall, cpu = time.perf_counter(), time.process_time()
    await trying.work(TENANT, run)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    async with tenant_transaction(TENANT), DB.connection() as connection:
        row = await connection.fetchrow("SELECT state, says, total, result::text AS result FROM union_agreement.simulation")
    await close_pool()
    if row["state"] != "done":
        raise SystemExit(f"the run {row['state']}: {row['says']}")
    report = msgspec.json.decode(row["result"])
    changed = {name: amount["placements"] for name, amount in report["changes"].items()}
    print(f"{row['total']:,} placements x {len(clauses())} clauses, {report['decided']:,} days decided twice: {changed}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{wall:.1f} s by the clock, {cpu:.1f} s of processor time in this process (goal 30 s), {peak:.0f} MiB")
    if show:
        print(msgspec.json.format(row["result"]))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("placements", type=int, nargs="?", default=50_000)
    options.add_argument("--sessions", type=int, default=50_000, help="planned sessions, ten to a placement")
    options.add_argument("--show", action="store_true", help="print the report")
    chosen = options.parse_args()
    os.environ["STAFFING_TODAY"] = TODAY.isoformat()
    from staffing.store.migrate import up_to_date
    from staffing.store.server import serve

    with tempfile.TemporaryDirectory(prefix="staffing-bench-") as folder:
        Path(folder).chmod(0o711)
        with serve(Path(folder) / "postgres", settings=SETTINGS) as url:
            asyncio.run(up_to_date(url))
            asyncio.run(fill(url, chosen.placements, chosen.sessions))
            asyncio.run(measure(url, chosen.show))


if __name__ == "__main__":
    main()
