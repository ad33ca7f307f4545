"""Trying a proposal out: asked for by either side, worked on in portions, seen by whoever sees the text. It changes nothing."""

from __future__ import annotations

import asyncio
import contextvars
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from plugins.union_agreement.piccolo_app import APP_CONFIG
from plugins.union_agreement.rules.lifecycle import State
from plugins.union_agreement.rules.report import Report
from plugins.union_agreement.services import drafts, shown, simulation, steps, trying
from plugins.union_agreement.tables import Agreement, Revision, Simulation
from staffing.core.errors import Conflict, NotAllowed, NotFound
from staffing.services import case_list
from staffing.store import jobs
from staffing.store import tables as core_tables
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Waiver
from tests.factories import make_assignment, make_evidence, make_person, make_placement, make_position, make_site
from tests.plugins.union_agreement.parties import RATIO, UNIT_WORK, Parties, district, executed, journal, text

pytestmark = pytest.mark.usefixtures("database")
TODAY = date(2026, 11, 24)
TERMS: dict[str, Any] = {
    "engagement": "volunteer",
    "employer": "district",
    "setting": "campus",
    "duties": ["reading_tutoring"],
    "funding": ["title_i"],
    "hours": {"week": 2},
    "context": {"adults_present": 1, "students_scheduled": 4},
}


@pytest.fixture
async def alder(database: str, monkeypatch: pytest.MonkeyPatch) -> Parties:
    """Alder, with the agreements on."""
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    return await district()


async def placed(*, students: int | None = 4, **columns: Any) -> UUID:
    """A volunteer who tutors at a school of their own from September on."""
    terms = {**TERMS, "context": {"adults_present": 1} | ({} if students is None else {"students_scheduled": students})}
    site = await make_site("alder", name="Marigold Elementary")
    position = await make_position("alder", site=site, title="Reading tutor", terms=terms)
    values = {"starts_on": date(2026, 9, 1), "ends_on": date(2027, 5, 28), "terms": terms} | columns
    return await make_placement("alder", site=site, position=position, **values)


async def tried(parties: Parties, ident: UUID, side: str = "district") -> tuple[UUID, Report]:
    """Ask for a run, do it, and give what it found."""
    asked = await simulation.ask(parties.of(side), ident)
    assert not asked.because, asked.because
    await trying.work("alder", asked.run)
    page = await simulation.page(parties.of(side), asked.run)
    assert page.report is not None, page.run.says
    return asked.run, page.report


async def proposed(parties: Parties, side: str = "district", **fields: Any) -> UUID:
    ident = await drafts.create(parties.of(side), text(**fields))
    await steps.take(parties.of(side), ident, State.PROPOSED, "We need it.")
    return ident


async def everything_stored() -> dict[str, Any]:
    """How many rows each table has, but for the runs, the journal and the queue."""
    async with tenant_transaction("alder"):
        counts = {f"core.{name}": await getattr(core_tables, name).count() for name in core_tables.__all__ if name != "Journal"}
        for table in APP_CONFIG.table_classes:
            if table is not Simulation:
                counts[table.__name__] = await table.count()
        counts["agreements"] = [(a["id"], a["state"], a["digest"]) for a in await Agreement.select().order_by(Agreement.id)]
    return counts


async def test_the_worker_tries_a_proposal_on_the_past_year_and_on_what_is_ahead(alder: Parties, database: str) -> None:
    await placed()
    await placed(students=2)
    await placed(students=None, starts_on=date(2027, 1, 11))
    await placed(starts_on=date(2024, 9, 1), ends_on=date(2025, 6, 1))
    ident = await proposed(alder)
    asked = await simulation.ask(alder.hr, ident)
    waiting = await simulation.page(alder.union, asked.run)
    assert (waiting.run.state, waiting.report) == ("queued", None)
    await jobs.run_waiting(database)
    page = await simulation.page(alder.union, asked.run)
    report = page.report
    assert report is not None
    assert (page.run.state, page.run.done, page.run.total, page.run.side) == ("done", 3, 3, "district")
    changed = {name: one.placements for name, one in report.changes.items() if one.placements}
    assert changed == {"blocked": 1, "same": 1, "hold": 1}
    assert (report.touched[0].title, report.touched[0].site) == ("Reading tutor", "Marigold Elementary")


async def test_a_run_writes_nothing_but_itself_and_two_entries_of_the_journal(alder: Parties) -> None:
    await placed()
    ident = await proposed(alder)
    before = await everything_stored()
    await tried(alder, ident)
    assert await everything_stored() == before
    entries = await journal(alder, "simulation:")
    assert [one["action"] for one in entries] == ["simulation:asked", "simulation:done"]


async def test_sessions_count_by_the_days_of_the_district_and_by_their_hours(alder: Parties) -> None:
    person = await make_person("alder")
    placement = await placed(person=person)
    late = datetime(2026, 12, 2, 3, 30, tzinfo=UTC)  # the evening of the first of December there
    await make_assignment("alder", person=person, placement=placement, starts_at=late, ends_at=late + timedelta(minutes=90))
    await make_assignment("alder", person=person, placement=placement, starts_at=late + timedelta(days=7), state="cancelled")
    ident = await proposed(alder, clauses=[{**RATIO, "window": {"from": date(2026, 12, 1), "to": date(2026, 12, 1)}}])
    _, report = await tried(alder, ident)
    assert (report.decided, report.changes["blocked"].planned) == (1, 1.5)
    assert report.touched[0].day == date(2026, 12, 1)


async def test_portions_are_read_one_after_the_other_and_how_far_it_is_is_seen(
    alder: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_list, "_AT_ONCE", 2)
    for _ in range(5):
        await placed()
    ident = await proposed(alder)
    asked = await simulation.ask(alder.hr, ident)
    seen: list[tuple[int, int]] = []
    real = trying.Counts.add

    def add(counts: Any, portion: Any, contexts: Any) -> None:
        real(counts, portion, contexts)
        seen.append((counts.report.placements, len(portion)))

    monkeypatch.setattr(trying.Counts, "add", add)
    shown_so_far: list[tuple[int, int]] = []
    begun = trying.placed_portion

    async def portion(*args: Any, **named: Any) -> Any:
        shown_so_far.append(await asyncio.create_task(elsewhere(), context=contextvars.Context()))
        return await begun(*args, **named)

    async def elsewhere() -> tuple[int, int]:
        """What somebody who looks at the page meanwhile sees."""
        run = (await simulation.page(alder.union, asked.run)).run
        return run.done, run.total

    monkeypatch.setattr(trying, "placed_portion", portion)
    await trying.work("alder", asked.run)
    assert seen == [(2, 2), (4, 2), (5, 1)]
    assert shown_so_far == [(0, 5), (0, 5), (2, 5), (4, 5)]


async def test_the_same_text_and_data_are_not_tried_twice(alder: Parties) -> None:
    placement = await placed()
    ident = await proposed(alder)
    run, _ = await tried(alder, ident)
    again = await simulation.ask(alder.union, ident)
    assert (again.run, again.because) == (run, "The last run still holds: the text and everything on record are the same.")
    async with tenant_transaction("alder"):
        await core_tables.Placement.update({core_tables.Placement.ends_on: date(2027, 1, 29)}).where(
            core_tables.Placement.id == placement
        )
    second, _ = await tried(alder, ident)
    assert second != run
    await steps.take(alder.union, ident, State.CONSULTING, "Let us talk.")
    await drafts.change(alder.union, ident, text(clauses=[{**RATIO, "params": {"max_students": 8}}]))
    third, report = await tried(alder, ident, "union")
    assert report.changes["blocked"].placements == 0
    assert [one.id for one in (await shown.page(alder.hr, ident)).simulations] == [third, second, run]
    assert [one.current for one in (await shown.page(alder.hr, ident)).simulations] == [True, False, False]


@pytest.mark.parametrize("what", ["a day later", "an agreement", "a waiver", "a session", "a paper that is read"])
async def test_anything_that_a_run_reads_makes_it_stale(alder: Parties, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    person = await make_person("alder")
    placement = await placed(person=person)
    clearance = {"id": "T1.9", "type": "clearance_identification", "params": {"checks": ["tb"]}}
    ident = await proposed(alder, clauses=[RATIO, clearance])
    run, report = await tried(alder, ident)
    assert report.papers
    if what == "a day later":
        monkeypatch.setenv("STAFFING_TODAY", (TODAY + timedelta(days=1)).isoformat())
    elif what == "an agreement":
        await executed(alder, text(id="T2", units=["aides"], clauses=[{**RATIO, "id": "T2.1"}]))
    elif what == "a waiver":
        async with tenant_transaction("alder"):
            sections = msgspec.json.encode(["22 Pa. Code 1"]).decode()
            await Waiver.insert(Waiver(number="W-1", sections=sections, granted_by="The state", starts_on=TODAY))
    elif what == "a session":
        await make_assignment("alder", person=person, placement=placement)
    else:
        await make_evidence("alder", person=person, kind="tb_screening")
    assert (await simulation.ask(alder.hr, ident)).run != run


async def test_a_paper_nobody_reads_leaves_a_run_as_it_is(alder: Parties) -> None:
    person = await make_person("alder")
    await placed(person=person)
    ident = await proposed(alder)
    run, report = await tried(alder, ident)
    await make_evidence("alder", person=person, kind="tb_screening")
    assert (report.papers, (await simulation.ask(alder.hr, ident)).run) == (False, run)


async def test_a_clause_that_reads_evidence_is_given_it(alder: Parties) -> None:
    for result in ("clear", "not_clear"):
        person = await make_person("alder")
        await make_evidence("alder", person=person, kind="tb_screening", result=result, issued_on=date(2026, 5, 2))
        await placed(person=person)
    clearance = {"id": "T1.9", "type": "clearance_identification", "params": {"checks": ["tb"]}}
    _, report = await tried(alder, await proposed(alder, clauses=[clearance]))
    assert (report.changes["same"].placements, report.changes["blocked"].placements) == (1, 1)


async def test_a_run_on_a_draft_is_its_own_side_s_until_that_text_is_proposed(alder: Parties) -> None:
    await placed()
    ident = await drafts.create(alder.union, text())
    first, _ = await tried(alder, ident, "union")
    with pytest.raises(NotFound):
        await simulation.page(alder.hr, first)
    with pytest.raises(NotFound):
        await simulation.ask(alder.hr, ident)
    await drafts.change(alder.union, ident, text(title="Alder teachers, again (invented)"))
    second, _ = await tried(alder, ident, "union")
    await steps.take(alder.union, ident, State.PROPOSED, "We need it.")
    assert (await simulation.page(alder.hr, second)).run.side == "union"
    with pytest.raises(NotFound, match="draft"):
        await simulation.page(alder.hr, first)
    assert (await simulation.page(alder.union, first)).run.id == first
    assert [one.id for one in (await shown.page(alder.hr, ident)).simulations] == [second]


async def test_only_officers_of_the_two_sides_try_or_see(alder: Parties) -> None:
    ident = await proposed(alder)
    run, _ = await tried(alder, ident)
    for work in (simulation.ask(alder.unregistered, ident), simulation.page(alder.unregistered, run)):
        with pytest.raises(NotAllowed):
            await work


async def test_what_is_over_is_not_tried(alder: Parties) -> None:
    ident = await proposed(alder)
    await steps.take(alder.hr, ident, State.WITHDRAWN, "We think again.")
    with pytest.raises(Conflict, match="T1 is over"):
        await simulation.ask(alder.hr, ident)


async def test_while_a_run_is_under_way_no_second_one_begins_unless_it_was_lost(
    alder: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    ident = await proposed(alder)
    first = await simulation.ask(alder.hr, ident)
    second = await simulation.ask(alder.union, ident)
    assert (second.run, second.because) == (first.run, "It is being tried out already.")
    monkeypatch.setattr(simulation, "_LOST", timedelta(0))
    assert (await simulation.ask(alder.union, ident)).run != first.run


async def test_a_run_that_was_broken_off_begins_again_and_a_finished_one_stays(
    alder: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    await placed()
    ident = await proposed(alder)
    asked = await simulation.ask(alder.hr, ident)

    async def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(trying, "placed_portion", killed)
        with pytest.raises(KeyboardInterrupt):
            await trying.work("alder", asked.run)
    assert (await simulation.page(alder.hr, asked.run)).run.state == "running"
    await trying.work("alder", asked.run)
    first = await simulation.page(alder.hr, asked.run)
    assert (first.run.state, first.run.done) == ("done", 1)
    await placed()
    await trying.work("alder", asked.run)
    assert await simulation.page(alder.hr, asked.run) == first


async def test_a_run_that_fails_says_why_and_can_be_asked_for_again(alder: Parties, monkeypatch: pytest.MonkeyPatch) -> None:
    await placed()
    await executed(alder, text(id="T2", units=["aides"], clauses=[{**RATIO, "id": "T2.1"}]))
    ident = await proposed(alder)
    asked = await simulation.ask(alder.hr, ident)

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("no adults")

    with monkeypatch.context() as patch:
        patch.setattr(trying, "Trial", broken)
        await trying.work("alder", asked.run)
    page = await simulation.page(alder.union, asked.run)
    assert page.run.state == "failed"
    assert page.run.says == (
        "It stopped because of a mistake in the program (ZeroDivisionError: no adults). Tell the administrator."
    )
    assert [one["action"] for one in await journal(alder, "simulation:")] == ["simulation:asked", "simulation:failed"]
    _, report = await tried(alder, ident)
    assert report.placements == 1


async def test_agreements_that_cannot_both_be_right_stop_a_run_in_a_sentence(alder: Parties) -> None:
    await executed(alder, text(id="T2", clauses=[{**RATIO, "id": "T2.1"}]))
    async with tenant_transaction("alder"):
        body = msgspec.json.encode(
            {**(await Agreement.select().first().output(load_json=True))["body"], "id": "T3"},
        ).decode()
        row = await Agreement.select().first()
        twin = {n: row[n] for n in ("title", "kind", "digest", "since", "until", "side", "state", "made_by")}
        await Agreement.insert(Agreement(code="T3", body=body, **twin))
        await Revision.update({Revision.n: Revision.n + 1}, force=True)
    ident = await proposed(alder, units=["aides"])
    asked = await simulation.ask(alder.hr, ident)
    await trying.work("alder", asked.run)
    page = await simulation.page(alder.hr, asked.run)
    assert page.run.state == "failed"
    assert page.run.says.startswith("T2 and T3 are both in effect for teachers, on some of the same days.")


async def test_what_counts_now_and_what_is_replaced_come_from_the_district_s_record(alder: Parties) -> None:
    await placed()
    first = await executed(alder, text(clauses=[RATIO, UNIT_WORK]))
    _, same = await tried(alder, first)
    assert same.changes["same"].placements == 1, "it is what counts now"
    second = await drafts.new_version(alder.union, first)
    await drafts.change(alder.union, second, text(clauses=[{**RATIO, "params": {"max_students": 9}}]))
    _, report = await tried(alder, second, "union")
    assert report.changes["eased"].placements == 1
    assert (report.touched[0].before, report.touched[0].after) == ("block", "allow")


async def test_another_district_s_run_is_not_there(alder: Parties) -> None:
    run, _ = await tried(alder, await proposed(alder))
    other = await district("birch")
    with pytest.raises(NotFound):
        await simulation.page(other.hr, run)
