"""Agreements where decisions are stored: a clause bites in its district while the plugin is on; a signature lets work go on."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from plugins.union_agreement import jobs
from plugins.union_agreement.rules.lifecycle import State
from plugins.union_agreement.services import asks, drafts, known, records, steps
from plugins.union_agreement.services.records import Scope
from plugins.union_agreement.tables import Unit
from staffing.core.errors import Conflict, Invalid, NotAllowed, NotFound
from staffing.core.findings import Effect, Finding
from staffing.services import due, readiness, switches
from staffing.services.actors import system
from staffing.services.closed_days import close_days
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Decision, Placement
from tests.plugins.union_agreement.parties import (
    LETTER,
    MEETING,
    NOTICE,
    UNIT_WORK,
    Parties,
    agreed,
    district,
    executed,
    journal,
    sides_of,
    text,
)
from tests.services.cleared import cleared, make_alder

pytestmark = pytest.mark.usefixtures("database")
TODAY = date(2026, 11, 24)


@pytest.fixture
async def alder(database: str, monkeypatch: pytest.MonkeyPatch) -> Parties:
    """Alder, with the background checks and the agreements on."""
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    await make_alder()
    return await sides_of("alder")


async def stored(placement: UUID, tenant: str = "alder") -> tuple[str, dict[str, Finding]]:
    """The outcome of the current decision about a placement, and the plugin's findings in it by clause."""
    async with tenant_transaction(tenant):
        (row,) = await Decision.select().where((Decision.placement == placement) & Decision.current.eq(True))
        decision = (await readiness.taken([row["id"]]))[row["id"]]
    return row["outcome"], {f.ref: f for f in decision.findings if f.plugin == "union_agreement"}


async def retaken(placement: UUID) -> tuple[str, dict[str, Finding]]:
    """The decision once everything that was due has been taken."""
    await due.retake_in("alder")
    assert await due.retake_in("alder") == 0, "twice changes nothing more"
    return await stored(placement)


async def test_an_agreement_that_begins_to_count_is_in_the_stored_decision_of_a_placement(alder: Parties) -> None:
    placement = await cleared()
    outcome, found = await retaken(placement)
    assert (outcome in {"allow", "advise"}, found) == (True, {})
    ident = await drafts.create(alder.hr, text(clauses=[UNIT_WORK]))
    await agreed(alder, ident)
    assert await due.retake_in("alder") == 0, "nothing is agreed yet"
    ident = await executed(alder, text(id="T2", clauses=[{**UNIT_WORK, "id": "T2.1", "text": "Tutoring is our work."}]))
    outcome, found = await retaken(placement)
    assert outcome == "needs_cosign"
    clause = found["T2.1"]
    assert (clause.effect, clause.layer.value, clause.jurisdiction) == (Effect.NEEDS_COSIGN, "agreement", "us-pa")
    assert clause.purpose == "T2.1: “Tutoring is our work.”"
    assert "signature of: union president" in str(clause.remedy.what if clause.remedy else "")


async def test_a_signature_lets_the_work_go_on_until_it_runs_out_or_is_taken_back(
    alder: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    placement = await cleared()
    ident = await executed(alder, text(clauses=[UNIT_WORK]))
    assert (await retaken(placement))[0] == "needs_cosign"
    scope = Scope(placement=placement)
    kept = await records.cosign(alder.union, ident, "T1.2", "union_president", scope=scope, expires_on=date(2026, 12, 31))
    outcome, found = await retaken(placement)
    assert (outcome in {"allow", "advise"}, found["T1.2"].effect) == (True, Effect.ALLOW)
    assert found["T1.2"].holds_until == date(2027, 1, 1)
    monkeypatch.setenv("STAFFING_TODAY", "2027-01-01")
    assert (await retaken(placement))[0] == "needs_cosign"
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    await records.withdraw(alder.union, kept, "The school changed.")
    outcome, _ = await retaken(placement)
    assert outcome == "needs_cosign"


async def test_a_signature_for_one_placement_covers_no_other(alder: Parties) -> None:
    signed, other = await cleared(), await cleared()
    ident = await executed(alder, text(clauses=[UNIT_WORK]))
    await records.cosign(alder.union, ident, "T1.2", "union_president", scope=Scope(placement=signed))
    await due.retake_in("alder")
    assert (await stored(signed))[1]["T1.2"].effect is Effect.ALLOW
    outcome, found = await stored(other)
    assert outcome == "needs_cosign"
    assert "for another placement" in str(found["T1.2"].reason)


async def test_an_agreement_ends_in_the_decision_on_the_day_after_its_last(
    alder: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    placement = await cleared()
    ends = {"from": date(2026, 7, 1), "to": date(2026, 12, 31)}
    await executed(alder, text(kind="side_letter", effective=ends, after_expiry="sunsets", clauses=[UNIT_WORK]))
    _, found = await retaken(placement)
    assert found["T1.2"].holds_until == date(2027, 1, 1)
    monkeypatch.setenv("STAFFING_TODAY", "2026-12-31")
    await due.retake_in("alder")
    assert "T1.2" in (await stored(placement))[1]
    monkeypatch.setenv("STAFFING_TODAY", "2027-01-01")
    await due.retake_in("alder")
    assert (await stored(placement))[1] == {}


async def test_a_day_that_is_closed_elsewhere_in_the_product_counts_at_once(alder: Parties) -> None:
    async with tenant_transaction("alder"):
        await close_days("alder", "work", [date(2026, 11, 26)])
        await known.changed()
        before = await known.known("alder")
        await close_days("alder", "work", [date(2026, 11, 27)])
        after = await known.known("alder")
    assert before is not None and after is not None
    assert before.context["calendars"] == {"work": ["2026-11-26"]}
    assert after.context["calendars"] == {"work": ["2026-11-26", "2026-11-27"]}
    assert before.digest != after.digest


async def test_a_notice_counts_once_its_work_days_have_run(alder: Parties, monkeypatch: pytest.MonkeyPatch) -> None:
    placement = await cleared()
    async with tenant_transaction("alder"):
        await close_days("alder", "work", [date(2026, 11, 26), date(2026, 11, 27)])
        await known.changed()
        await Placement.update({Placement.starts_on: date(2027, 1, 4)}).where(Placement.id == placement)
    ident = await executed(alder, text(clauses=[{**NOTICE, "params": {**NOTICE["params"], "lead": 2}}]))  # type: ignore[dict-item]
    assert (await retaken(placement))[1]["T1.3"].effect is Effect.NEEDS_NOTICE
    await records.notice(
        alder.hr,
        ident,
        "T1.3",
        addressee="union_president",
        items=("site", "hours"),
        delivered_on=TODAY,
        proof="Read receipt of 24 November",
    )
    _, found = await retaken(placement)
    assert found["T1.3"].effect is Effect.NEEDS_NOTICE
    assert found["T1.3"].holds_until == date(2026, 12, 1), "25 and 30 November count; 26 and 27 are closed"
    monkeypatch.setenv("STAFFING_TODAY", "2026-12-01")
    assert (await retaken(placement))[1]["T1.3"].effect is Effect.ALLOW


async def test_a_meeting_that_was_held_is_known_to_decisions(alder: Parties) -> None:
    placement = await cleared()
    ident = await executed(alder, text(clauses=[MEETING]))
    assert (await retaken(placement))[1]["T1.4"].effect is Effect.NEEDS_COSIGN
    body = {"body": "labor_management_committee", "present": {"district": 3, "union": 3}}
    await records.consultation(alder.hr, ident, "T1.4", held_on=TODAY, body=body)
    assert (await retaken(placement))[1]["T1.4"].effect is Effect.ALLOW


async def test_a_grievance_holds_a_placement_where_the_agreement_says_so(alder: Parties) -> None:
    held, other = await cleared(), await cleared()
    ident = await executed(alder, text(placement_hold_on_grievance=True, clauses=[{**UNIT_WORK, "roles": ["substitute"]}]))
    filed = await records.grievance(alder.union, ident, "T1.2", filed_on=TODAY, placement=held)
    await due.retake_in("alder")
    assert (await stored(held))[0] == "hold"
    assert (await stored(other))[1] == {}
    await records.withdraw(alder.union, filed, "It is settled.")
    assert (await retaken(held))[1] == {}


# --- where it counts ---


async def test_where_the_plugin_is_off_agreements_count_for_nobody(alder: Parties) -> None:
    placement = await cleared()
    await executed(alder, text(clauses=[UNIT_WORK]))
    assert (await retaken(placement))[0] == "needs_cosign"
    await switches.switch_off(system("alder"), "union_agreement", TODAY)
    outcome, found = await retaken(placement)
    assert (outcome in {"allow", "advise"}, found) == (True, {})


async def test_two_districts_never_see_each_others_agreements_records_or_officers(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    alder, birch = await district("alder"), await district("birch")
    ident = await executed(alder, text(clauses=[UNIT_WORK]))
    asked = await asks.ask(alder.hr, ident, "T1.2", "union_president", work="Tutor", why="It is needed.", scope=Scope())
    kept = await records.cosign(alder.union, ident, "T1.2", "union_president", scope=Scope())
    for viewer in (birch.hr, birch.union):
        for ask in (
            drafts.text_of(viewer, ident),
            steps.take(viewer, ident, State.TERMINATED, "Ours."),
            records.withdraw(viewer, kept, "Ours."),
            asks.decline(viewer, asked, "Ours."),
            asks.sign(viewer, asked),
        ):
            with pytest.raises(NotFound):
                await ask
        assert await asks.waiting(viewer) == []
    same = await executed(birch, text(title="Birch teachers (invented)"))
    async with tenant_transaction("birch"):
        there = await known.known("birch")
    async with tenant_transaction("alder"):
        here = await known.known("alder")
    assert there is not None and here is not None
    assert [one["title"] for one in there.agreements] == ["Birch teachers (invented)"]
    assert "cosignatures" in here.context and "cosignatures" not in there.context
    assert same != ident


async def test_what_is_known_is_read_again_after_a_change_and_an_undone_change_leaves_nothing(alder: Parties) -> None:
    async def digest() -> str | None:
        async with tenant_transaction("alder"):
            told = await known.known("alder")
        return None if told is None else told.digest

    assert await digest() is None
    await executed(alder, text())
    first = await digest()
    assert first == await digest()
    try:
        async with tenant_transaction("alder"):
            await Unit.insert(Unit(code="teachers", name="Teachers", duties='["grading"]'))
            await known.changed()
            await known.known("alder")
            raise LookupError("undone")
    except LookupError:
        pass
    assert await digest() == first
    async with tenant_transaction("alder"):
        await Unit.insert(Unit(code="aides", name="Aides", duties='["lunch_duty"]'))
        await known.changed()
    async with tenant_transaction("alder"):
        told = await known.known("alder")
    assert told is not None
    assert told.context["duty_to_unit_map"] == {"lunch_duty": ["aides"]}
    assert told.digest != first


async def test_a_signed_successor_leaves_the_agreement_in_force_until_its_first_day(
    alder: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    placement = await cleared()
    first = await executed(alder, text(clauses=[UNIT_WORK]))
    await jobs.by_itself("alder")
    fresh = await drafts.new_version(alder.hr, first)
    later = {"from": date(2027, 1, 4), "to": date(2029, 6, 30)}
    advising = {**UNIT_WORK, "effect": "advise"}
    await drafts.change(alder.hr, fresh, text(effective=later, clauses=[advising]))
    await agreed(alder, fresh)
    await steps.take(alder.union, fresh, State.UNION_RATIFICATION, "To the members.")
    await steps.vote(alder.union, fresh, "union", yes=112, no=18, held_on=TODAY)
    await steps.take(alder.union, fresh, State.EMPLOYER_RATIFICATION, "Ratified.")
    await steps.vote(alder.hr, fresh, "board", yes=5, no=2, held_on=TODAY)
    await steps.take(alder.hr, fresh, State.EXECUTED, "All have signed.")
    outcome, found = await retaken(placement)
    assert (outcome, found["T1.2"].effect) == ("needs_cosign", Effect.NEEDS_COSIGN)
    assert found["T1"].holds_until == date(2027, 1, 4), "the new one begins then"
    monkeypatch.setenv("STAFFING_TODAY", "2027-01-04")
    outcome, found = await retaken(placement)
    assert found["T1.2"].effect is Effect.ADVISE, "and before the nightly task has run too"
    await jobs.by_itself("alder")
    assert (await retaken(placement))[1]["T1.2"].effect is Effect.ADVISE


# --- requests for signatures ---


async def test_a_signature_that_is_asked_for_is_given_for_exactly_what_was_asked(alder: Parties) -> None:
    placement = await cleared()
    ident = await executed(alder, text(clauses=[UNIT_WORK]))
    assert (await retaken(placement))[0] == "needs_cosign"
    scope = Scope(placement=placement, roles=("volunteer",), until=date(2027, 6, 4))
    asked = await asks.ask(
        alder.hr, ident, "T1.2", "union_president", work="Reading tutor, Marigold Elementary", why="Nobody else can.", scope=scope
    )
    (for_hr,) = await asks.waiting(alder.hr)
    (for_union,) = await asks.waiting(alder.union)
    assert (for_hr.mine, for_union.mine) == (False, True)
    assert (for_union.code, for_union.clause, for_union.work, for_union.why) == (
        "T1",
        "T1.2",
        "Reading tutor, Marigold Elementary",
        "Nobody else can.",
    )
    for nobody in (alder.hr, alder.admin, alder.unregistered):
        with pytest.raises(NotAllowed):
            await asks.sign(nobody, asked)
    await asks.sign(alder.union, asked)
    assert await asks.waiting(alder.union) == []
    (answered,) = await asks.answered(alder.hr)
    assert answered.answer == "signed"
    async with tenant_transaction("alder"):
        told = await known.known("alder")
    assert told is not None
    (signature,) = told.context["cosignatures"]
    assert {name: signature[name] for name in ("clause", "role", "placement", "roles", "to", "signed_on")} == {
        "clause": "T1.2",
        "role": "union_president",
        "placement": str(placement),
        "roles": ["volunteer"],
        "to": "2027-06-04",
        "signed_on": "2026-11-24",
    }
    outcome, _ = await retaken(placement)
    assert outcome in {"allow", "advise"}
    actions = [one["action"] for one in await journal(alder, "cosignature")]
    assert actions == ["cosignature:asked", "cosignature:recorded", "cosignature:signed"]
    with pytest.raises(Conflict, match="answered already"):
        await asks.sign(alder.union, asked)


async def test_an_office_declines_with_a_reason_and_nothing_is_signed(alder: Parties) -> None:
    placement = await cleared()
    ident = await executed(alder, text(clauses=[UNIT_WORK]))
    asked = await asks.ask(
        alder.hr, ident, "T1.2", "union_president", work="Tutor", why="It is needed.", scope=Scope(placement=placement)
    )
    with pytest.raises(Invalid, match="Say why"):
        await asks.decline(alder.union, asked, " ")
    with pytest.raises(NotAllowed, match="Only the union president answers this"):
        await asks.decline(alder.hr, asked, "We changed our mind.")
    await asks.decline(alder.union, asked, "There is a vacancy for this work.")
    (answered,) = await asks.answered(alder.hr)
    assert (answered.answer, answered.says) == ("declined", "There is a vacancy for this work.")
    assert (await retaken(placement))[0] == "needs_cosign"


async def test_the_district_asks_once_with_a_reason_the_office_that_signs(alder: Parties) -> None:
    ident = await executed(alder, text(clauses=[UNIT_WORK]))
    told: dict[str, Any] = {"work": "Tutor", "why": "It is needed.", "scope": Scope()}
    with pytest.raises(Invalid, match="Say why it is needed"):
        await asks.ask(alder.hr, ident, "T1.2", "union_president", **(told | {"why": ""}))
    with pytest.raises(NotAllowed, match="The district asks; the office signs"):
        await asks.ask(alder.union, ident, "T1.2", "union_president", **told)
    with pytest.raises(Invalid, match=r"T1.2 asks for union president, not for superintendent"):
        await asks.ask(alder.hr, ident, "T1.2", "superintendent", **told)
    await asks.ask(alder.hr, ident, "T1.2", "union_president", **told)
    with pytest.raises(Conflict, match="Union president has been asked for this already"):
        await asks.ask(alder.hr, ident, "T1.2", "union_president", **told)


async def test_a_letter_of_concurrence_is_signed_by_the_office_its_clause_names(alder: Parties) -> None:
    ident = await executed(alder, text(clauses=[LETTER]))
    scope = Scope(headcount=18)
    asked = await asks.ask(
        alder.hr, ident, "T1.5", "union_president", work="Literacy tutors", why="Before they come.", scope=scope
    )
    await asks.sign(alder.union, asked)
    async with tenant_transaction("alder"):
        told = await known.known("alder")
    assert told is not None
    (letter,) = told.context["concurrences"]
    assert (letter["signer_role"], letter["headcount"], letter["clause"]) == ("union_president", 18, "T1.5")
