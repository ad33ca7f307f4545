"""The same people in PostgreSQL: loaded, decided, kept and indexed by the product; then by one INSERT; then night by night."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from benchmarks.mass.people import JURISDICTION, ON, PACK, TERMS, people
from benchmarks.mass.set_based import INSERT
from staffing.services import whole_district
from staffing.store.engine import DB
from staffing.store.migrate import up_to_date
from staffing.store.pool import close_pool, configure, open_pool
from staffing.store.server import serve

TENANT = "bench"
#: As an administrator of a district of this size would set it; all else is PostgreSQL's own.
SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "8GB", "work_mem": "64MB", "maintenance_work_mem": "256MB"}
CHUNK = 25_000


@contextlib.contextmanager
def plugin() -> Iterator[None]:
    """The benchmark's pack as an installed plugin, found by this process and those it starts."""
    with tempfile.TemporaryDirectory(prefix="staffing-bench-") as folder:
        package = Path(folder) / "bench_rules"
        (package / "packs").mkdir(parents=True)
        (package / "__init__.py").write_text(
            '"""Rules."""\nSTAFFING_API = (1, 0)\nTITLE = "Rules of the benchmark"\nJURISDICTIONS = ("us-zz",)\n'
        )
        (package / "packs" / PACK.name).write_text(PACK.read_text(encoding="utf-8"), encoding="utf-8")
        about = Path(folder) / "bench_rules-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: bench-rules\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text("[staffing.plugins]\nbench_rules = bench_rules\n")
        sys.path.insert(0, folder)
        before = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [folder, before]))
        os.environ["STAFFING_TODAY"] = ON.isoformat()
        try:
            yield
        finally:
            sys.path.remove(folder)
            os.environ.pop("PYTHONPATH")
            if before is not None:
                os.environ["PYTHONPATH"] = before


def fill(job: tuple[str, int, int, list[tuple[UUID, UUID]]]) -> int:
    """Copy a chunk of people into the tables; gives how many pieces of evidence."""
    url, count, seed, places = job
    return asyncio.run(_fill(url, count, seed, places))


async def _fill(url: str, count: int, seed: int, places: list[tuple[UUID, UUID]]) -> int:
    connection = await asyncpg.connect(url)
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=lambda text: b"\x01" + text, decoder=bytes, format="binary"
    )
    await connection.execute("SET session_replication_role = replica")  # keys are right by construction; not what is measured
    helpers = list(people(count, seed))
    now = datetime(2026, 8, 1, tzinfo=UTC)
    terms = [msgspec.json.encode(one) for one in TERMS]
    await connection.copy_records_to_table(
        "person",
        records=[(h.person, TENANT, "Invented", h.born_on, msgspec.json.encode(h.facts)) for h in helpers],
        columns=["id", "tenant", "given_name", "born_on", "facts"],
    )
    await connection.copy_records_to_table(
        "placement",
        records=[(h.placement, TENANT, h.person, *places[h.work], "placed", terms[h.work], h.starts_on) for h in helpers],
        columns=["id", "tenant", "person", "position", "site", "state", "terms", "starts_on"],
    )
    rows = (
        (p.id, TENANT, h.person, p.kind, p.state, p.result, p.issued_on, p.requested_on, now + timedelta(seconds=n))
        for h in helpers
        for n, p in enumerate(h.evidence)
    )
    columns = ["id", "tenant", "person", "kind", "state", "result", "issued_on", "requested_on", "recorded_at"]
    await connection.copy_records_to_table("evidence", records=rows, columns=columns)
    await connection.close()
    return sum(len(h.evidence) for h in helpers)


async def _prepare(url: str) -> list[tuple[UUID, UUID]]:
    """A district with the plugin switched on and a position for each kind of work; gives (position, site)."""
    connection = await asyncpg.connect(url)
    await connection.execute("SELECT set_config('staffing.tenant', $1, false)", TENANT)
    await connection.execute(
        "INSERT INTO tenant (id, name, community, jurisdiction, time_zone) VALUES ($1, 'Bench', 'Bench', $2, 'UTC')",
        TENANT,
        JURISDICTION,
    )
    await connection.execute(
        "INSERT INTO plugin_switch (id, plugin, since) VALUES (gen_random_uuid(), 'bench_rules', '2020-01-01')"
    )
    organisation = await connection.fetchval(
        "INSERT INTO organisation (id, name, kind) VALUES (gen_random_uuid(), 'Bench', 'district') RETURNING id"
    )
    places = []
    for terms in TERMS:
        site = await connection.fetchval(
            "INSERT INTO site (id, organisation, name, kind, setting) "
            "VALUES (gen_random_uuid(), $1, 'S', 'school', 'campus') RETURNING id",
            organisation,
        )
        position = await connection.fetchval(
            "INSERT INTO position (id, site, organisation, title, terms) "
            "VALUES (gen_random_uuid(), $1, $2, 'T', $3) RETURNING id",
            site,
            organisation,
            msgspec.json.encode(terms).decode(),
        )
        places.append((UUID(str(position)), UUID(str(site))))
    await connection.close()
    return places


async def _without_indexes(url: str, table: str) -> list[str]:
    """Drop the plain indexes of a table, to be made again when it is full; gives how."""
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(
        "SELECT indexname, indexdef FROM pg_indexes "
        "WHERE tablename = $1 AND indexname NOT IN (SELECT conname FROM pg_constraint)",
        table,
    )
    for row in rows:
        await connection.execute(f"DROP INDEX {row['indexname']}")
    await connection.close()
    return [row["indexdef"] for row in rows]


async def _run(url: str, *commands: str) -> None:
    connection = await asyncpg.connect(url)
    for command in commands:
        await connection.execute(command)
    await connection.close()


@contextlib.asynccontextmanager
async def as_the_application(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the application's role, in the district."""
    connection = await asyncpg.connect(url, server_settings={"role": "staffing_app", "timezone": "UTC"})
    await connection.execute("SELECT set_config('staffing.tenant', $1, false)", TENANT)
    try:
        yield connection
    finally:
        await connection.close()


def load(url: str, count: int, processes: int) -> None:
    """Fill the tables."""
    asyncio.run(up_to_date(url))
    places = asyncio.run(_prepare(url))
    again = asyncio.run(_without_indexes(url, "evidence"))
    began = time.perf_counter()
    sizes = [min(CHUNK, count - start) for start in range(0, count, CHUNK)]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        pieces = sum(pool.imap_unordered(fill, [(url, size, 7 + n, places) for n, size in enumerate(sizes)]))
    asyncio.run(_run(url, *again, "VACUUM ANALYZE", "CHECKPOINT"))
    took = time.perf_counter() - began
    print(f"{count:,} people and {pieces:,} pieces of evidence ({pieces / count:.2f} each) filled in {took:.0f} s")


def peak(who: int) -> float:
    return resource.getrusage(who).ru_maxrss / 1024


async def outcomes(url: str) -> dict[str, int]:
    async with as_the_application(url) as connection:
        rows = await connection.fetch("SELECT outcome, count(*) AS n FROM decision WHERE current GROUP BY 1 ORDER BY 1")
    return {row["outcome"]: row["n"] for row in rows}


async def compare(url: str, count: int, processes: int, days: int) -> None:
    """The pass, the INSERT, the nights."""
    configure(url)
    began = time.perf_counter()
    await whole_district.take_all(TENANT, "benchmark", processes)
    ours = time.perf_counter() - began
    children = peak(resource.RUSAGE_CHILDREN)
    print(f"product: loaded, decided, kept, indexed: {ours:.2f} s, {count / ours:,.0f} a second in {processes} processes")
    total = children * processes + peak(resource.RUSAGE_SELF)
    print(f"memory at most: {children:.0f} MiB in each process, {total:.0f} MiB with all")
    mine = await outcomes(url)
    await _run(url, "VACUUM ANALYZE decision", "CHECKPOINT")
    await nights(url, days)
    await by_sql(url, count, ours, mine)


async def by_sql(url: str, count: int, ours: float, mine: dict[str, int]) -> None:
    """The same decision (no reasons, no evidence named) as one INSERT into the same table, by the same role."""
    await _run(url, "DELETE FROM credential", "TRUNCATE decision CASCADE", "CHECKPOINT")
    async with as_the_application(url) as connection:
        began = time.perf_counter()
        await connection.execute(INSERT.replace("$1", f"'{ON}'::date"))
        took = time.perf_counter() - began
    theirs = await outcomes(url)
    print(f"one set-based INSERT: {took:.2f} s; the product takes {ours / took:.2f} of that")
    other = sum(abs(mine.get(o, 0) - theirs.get(o, 0)) for o in mine.keys() | theirs.keys()) // 2
    print(f"outcomes of the product {mine}\n         of the INSERT  {theirs}: {other} differ ({other / count:.2%})")


_STANDS = """
SELECT placement, CASE outcome WHEN 'advise' THEN 'allow' ELSE outcome END AS outcome, holds_until, case_hash, parts, named
FROM decision WHERE current"""
_UNLIKE = f"""
SELECT count(*) FROM by_night n FULL JOIN ({_STANDS}) d USING (placement, outcome, case_hash)
WHERE n.holds_until IS DISTINCT FROM d.holds_until OR n.placement IS NULL OR d.placement IS NULL"""
_FINDINGS = f"""
SELECT n.parts AS before, d.parts AS after, n.named <> d.named AS other, count(*) AS n
FROM by_night n JOIN ({_STANDS}) d USING (placement) WHERE n.parts <> d.parts OR n.named <> d.named GROUP BY 1, 2, 3"""


async def nights(url: str, days: int) -> None:
    """So many nights, each taking what is due; then everything on the last day, compared row by row."""
    await open_pool(url, min_size=1, max_size=4)
    took, due = [], []
    for n in range(1, days + 1):
        os.environ["STAFFING_TODAY"] = (ON + timedelta(days=n)).isoformat()
        gc.collect()
        began, worked = time.perf_counter(), time.process_time()
        due.append(await whole_district.take_due(TENANT, "night"))
        took.append((time.perf_counter() - began, time.process_time() - worked))
    await close_pool()
    took.sort()
    middle, most = took[days // 2], took[-1]
    print(
        f"a night: {sorted(due)[days // 2]:,} people due, {middle[0]:.2f} s (at most {most[0]:.2f}), "
        f"of which Python works {middle[1]:.2f} s"
    )
    await _run(url, f"CREATE TABLE by_night AS {_STANDS}", "ANALYZE by_night")
    configure(url)
    await whole_district.take_all(TENANT, "benchmark", os.cpu_count())
    async with as_the_application(url) as connection:
        await connection.execute("RESET ROLE")
        unlike = await connection.fetchval(_UNLIKE)
        rows = await connection.fetchval("SELECT count(*) FROM by_night")
        found = await connection.fetch(_FINDINGS)
        texts = await connection.fetch("SELECT id, body::text FROM decision_part")
    parts = {row["id"]: msgspec.json.decode(row["body"]) for row in texts}
    does = otherwise = 0
    for row in found:
        pairs = [(parts[before], parts[after]) for before, after in zip(row["before"], row["after"], strict=True)]
        does += row["n"] * any(_does(before) != _does(after) for before, after in pairs)
        otherwise += row["n"] * (row["other"] or any(_says(before) != _says(after) for before, after in pairs))
    print(
        f"after {days} nights against everything on the last day, {rows:,} rows: outcome, day and case "
        f"{'EQUAL' if unlike == 0 else f'{unlike} DIFFER'}, what each rule does {'EQUAL' if does == 0 else f'{does} DIFFER'}; "
        f"{otherwise:,} explained otherwise (a paper dated ahead has come into being, an age was reached)"
    )


def _does(part: dict[str, Any]) -> tuple[Any, Any]:
    """The rule and its effect. The advice to renew soon is no reason to take a decision again."""
    return part.get("rule"), "allow" if part.get("effect") == "advise" else part.get("effect")


def _says(part: dict[str, Any]) -> dict[str, Any]:
    """What the rule says, without that advice."""
    if part.get("state") not in ("met", "expiring"):
        return part
    kept = {name: value for name, value in part.items() if name not in ("state", "effect", "severity", "remedy")}
    return kept | {"reason": part["reason"].get("values")}


def main(count: int, processes: int = 2, days: int = 14) -> None:
    with plugin(), tempfile.TemporaryDirectory(prefix="staffing-bench-") as folder:
        Path(folder).chmod(0o711)
        with serve(Path(folder) / "postgres", settings=SETTINGS) as url:
            load(url, count, processes)
            asyncio.run(compare(url, count, processes, days))


__all__ = ["DB", "main"]
