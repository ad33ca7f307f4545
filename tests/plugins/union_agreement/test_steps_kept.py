"""What is kept of an agreement's life: frozen text, steps nobody changes, a journal entry for each, and what time brings."""

from __future__ import annotations

import hashlib
from datetime import date

import asyncpg
import msgspec
import pytest

from plugins.union_agreement import jobs
from plugins.union_agreement.rules.lifecycle import State
from plugins.union_agreement.services import drafts, shown, steps
from plugins.union_agreement.tables import Agreement, Step
from staffing.core.errors import Conflict, Invalid
from staffing.store.engine import DB, tenant_transaction
from tests.plugins.union_agreement.parties import (
    RATIO,
    Parties,
    agreed,
    district,
    executed,
    history,
    journal,
    ratified,
    row,
    text,
)

pytestmark = pytest.mark.usefixtures("database")
TODAY = date(2026, 11, 24)
ENDED = {"from": date(2023, 7, 1), "to": date(2026, 6, 30)}


@pytest.fixture
async def alder(database: str, monkeypatch: pytest.MonkeyPatch) -> Parties:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    return await district()


async def state(parties: Parties, ident: object) -> str:
    return (await row(parties, ident))["state"]  # type: ignore[arg-type]


# --- freezing ---


async def test_from_tentative_agreement_on_the_text_is_frozen_and_hashed(alder: Parties) -> None:
    ident = await drafts.create(alder.hr, text())
    await steps.take(alder.hr, ident, State.PROPOSED, "We need it.")
    await drafts.change(alder.union, ident, text(title="Alder teachers, second try (invented)"))
    told = (await shown.page(alder.hr, ident)).history[-1]
    assert (told["why"], told["side"], told["by"]) == ("Changed the text.", "union", alder.union.tag), "both sides see it"
    await steps.take(alder.union, ident, State.CONSULTING, "Let us talk.")
    await steps.sign(alder.admin, ident, "superintendent")
    await steps.sign(alder.union, ident, "union_president")
    assert (await row(alder, ident))["frozen_digest"] == ""
    await steps.take(alder.union, ident, State.TENTATIVE, "Both have signed.")
    kept = await row(alder, ident)
    body = msgspec.json.encode(kept["body"], order="deterministic")
    assert kept["frozen_digest"] == hashlib.sha256(body).hexdigest()
    assert kept["frozen_at"] is not None
    with pytest.raises(Conflict, match=r"Its text is frozen since both sides agreed. Make a new version"):
        await drafts.change(alder.hr, ident, text())
    page = await shown.page(alder.union, ident)
    assert (page.frozen_digest, page.may_change) == (kept["frozen_digest"], False)


async def test_the_database_itself_refuses_another_text_once_it_is_frozen(alder: Parties) -> None:
    ident = await drafts.create(alder.hr, text())
    await agreed(alder, ident)
    for values in ({Agreement.body: '{"id": "T1"}'}, {Agreement.frozen_digest: ""}, {Agreement.frozen_digest: "other"}):
        with pytest.raises(asyncpg.RaiseError, match="frozen from tentative agreement on"):
            async with tenant_transaction("alder"):
                await Agreement.update(values).where(Agreement.id == ident)


async def test_the_database_itself_refuses_to_change_or_delete_a_step(alder: Parties) -> None:
    ident = await drafts.create(alder.hr, text())
    await steps.take(alder.hr, ident, State.PROPOSED, "We need it.")
    for change in (Step.update({Step.why: "We never wrote this."}).where(Step.agreement == ident), Step.delete(force=True)):
        with pytest.raises(asyncpg.PostgresError, match=r"never changed or deleted|permission denied"):
            async with tenant_transaction("alder"):
                await change
    assert len(await history(alder, ident)) == 1


# --- the way of an agreement ---


async def test_from_draft_to_executed_each_step_is_kept_with_who_and_why_and_is_in_the_journal(alder: Parties) -> None:
    ident = await executed(alder, text())
    went = await history(alder, ident)
    assert [after for _, after in went] == [
        "proposed",
        "consulting",
        "tentative",
        "union_ratification",
        "employer_ratification",
        "executed",
    ]
    moved = await journal(alder, "agreement:moved")
    assert [(one["facts"]["before"], one["facts"]["after"]) for one in moved] == went
    assert all(one["subject"] == f"agreement/{ident}" and one["facts"]["why"] for one in moved)
    assert [one["actor"] for one in moved[:2]] == [alder.hr.tag, alder.union.tag]
    noted = await journal(alder, "agreement:noted")
    assert [sorted(set(one["facts"]) & {"signed", "vote"}) for one in noted] == [["signed"], ["signed"], ["vote"], ["vote"]]
    assert len(await journal(alder, "agreement:drafted")) == 1
    page = await shown.page(alder.union, ident)
    assert page.votes == {"union": {"for": 112, "against": 18}, "board": {"for": 5, "against": 2}}


async def test_a_step_without_a_reason_or_with_something_lacking_is_refused_and_nothing_moves(alder: Parties) -> None:
    ident = await drafts.create(alder.hr, text(units=[]))
    with pytest.raises(Invalid, match="Say in a sentence why"):
        await steps.take(alder.hr, ident, State.PROPOSED, " ")
    with pytest.raises(Conflict, match="Name the bargaining unit it is for"):
        await steps.take(alder.hr, ident, State.PROPOSED, "We need it.")
    with pytest.raises(Conflict, match="“Signed” cannot follow “Draft”"):
        await steps.take(alder.hr, ident, State.EXECUTED, "At once.")
    assert await history(alder, ident) == []
    assert await journal(alder, "agreement:moved") == []


async def test_an_agreement_that_is_voted_down_goes_back_to_bargaining_and_is_signed_again(alder: Parties) -> None:
    ident = await drafts.create(alder.hr, text())
    await agreed(alder, ident)
    await steps.take(alder.union, ident, State.UNION_RATIFICATION, "To the members.")
    await steps.vote(alder.union, ident, "union", yes=23, no=77, held_on=TODAY)
    with pytest.raises(Conflict, match="The vote was 23 for and 77 against: it was not carried"):
        await steps.take(alder.union, ident, State.EMPLOYER_RATIFICATION, "Ratified.")
    await steps.take(alder.union, ident, State.REJECTED, "The members said no.")
    await steps.take(alder.hr, ident, State.CONSULTING, "Let us talk again.")
    with pytest.raises(Conflict, match="The lead negotiator of the district has not signed"):
        await steps.take(alder.hr, ident, State.TENTATIVE, "As before.")


async def test_after_a_rejection_the_text_can_be_bargained_over_again(alder: Parties) -> None:
    ident = await drafts.create(alder.hr, text())
    await agreed(alder, ident)
    await steps.take(alder.union, ident, State.UNION_RATIFICATION, "To the members.")
    await steps.take(alder.union, ident, State.REJECTED, "The members said no.")
    await steps.take(alder.hr, ident, State.CONSULTING, "Let us talk again.")
    fresh = await drafts.new_version(alder.hr, ident)
    await drafts.change(alder.hr, fresh, text(title="Alder teachers, second try (invented)"))
    assert (await row(alder, fresh))["version"] == 2


async def test_money_of_a_third_body_is_waited_for(alder: Parties) -> None:
    funding = {"body": "city_council", "status": "pending"}
    ident = await drafts.create(alder.hr, text(funding_condition=funding))
    await agreed(alder, ident)
    await steps.take(alder.union, ident, State.UNION_RATIFICATION, "To the members.")
    await steps.vote(alder.union, ident, "union", yes=112, no=18, held_on=TODAY)
    await steps.take(alder.union, ident, State.EMPLOYER_RATIFICATION, "Ratified.")
    await steps.vote(alder.hr, ident, "board", yes=5, no=2, held_on=TODAY)
    with pytest.raises(Conflict, match="It waits for money from city council"):
        await steps.take(alder.hr, ident, State.EXECUTED, "All have signed.")
    await steps.take(alder.hr, ident, State.APPROPRIATION, "To the council.")
    await steps.tell(alder.hr, ident, "appropriated", TODAY)
    await steps.take(alder.hr, ident, State.EXECUTED, "The money is there.")
    assert await state(alder, ident) == "executed"


async def test_a_void_agreement_is_kept_with_what_happened_under_it(alder: Parties) -> None:
    ident = await executed(alder, text())
    with pytest.raises(Conflict, match="Record which tribunal or court"):
        await steps.take(alder.union, ident, State.VOID, "The board said so.")
    await steps.tell(alder.union, ident, "tribunal_decision", TODAY)
    await steps.take(alder.union, ident, State.VOID, "The labor board declared it void.")
    page = await shown.page(alder.hr, ident)
    assert page.line.state == "void"
    assert "What was decided under it stays explained" in str(page.why)
    assert len(page.history) > 8


# --- versions ---


async def test_a_new_version_that_begins_today_replaces_the_one_before(alder: Parties) -> None:
    first = await executed(alder, text())
    await jobs.by_itself("alder")
    fresh = await drafts.new_version(alder.union, first)
    await drafts.change(alder.union, fresh, text().replace("max_students: 3", "max_students: 2"))
    (clause,) = (await shown.page(alder.union, fresh)).clauses
    assert (clause.change, "3" in clause.before, "2" in clause.plain) == ("changed", True, True)
    await agreed(alder, fresh)
    assert await state(alder, first) == "in_effect"
    await ratified(alder, fresh, TODAY)
    assert await state(alder, first) == "superseded"
    assert (await history(alder, first))[-1] == ("in_effect", "superseded")
    assert (await journal(alder, "agreement:moved"))[-1]["facts"]["after"] == "superseded"


async def test_a_new_version_that_begins_later_replaces_the_old_one_on_its_first_day(
    alder: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await executed(alder, text())
    await jobs.by_itself("alder")
    fresh = await drafts.new_version(alder.hr, first)
    await drafts.change(alder.hr, fresh, text(effective={"from": date(2027, 1, 4), "to": date(2029, 6, 30)}))
    await agreed(alder, fresh)
    await ratified(alder, fresh, TODAY)
    assert (await state(alder, first), await state(alder, fresh)) == ("in_effect", "executed")
    monkeypatch.setenv("STAFFING_TODAY", "2027-01-04")
    await jobs.by_itself("alder")
    assert (await state(alder, first), await state(alder, fresh)) == ("superseded", "in_effect")


async def test_a_version_that_came_to_nothing_does_not_save_the_old_one_from_being_replaced(alder: Parties) -> None:
    first = await executed(alder, text())
    await jobs.by_itself("alder")
    lost = await drafts.new_version(alder.hr, first)
    await steps.take(alder.hr, lost, State.WITHDRAWN, "Not now.")
    fresh = await drafts.new_version(alder.hr, first)
    await agreed(alder, fresh)
    await ratified(alder, fresh, TODAY)
    assert await state(alder, first) == "superseded"


async def test_one_version_at_a_time_is_open(alder: Parties) -> None:
    first = await executed(alder, text())
    await drafts.new_version(alder.hr, first)
    with pytest.raises(Conflict, match="Version 2 of T1 is open already"):
        await drafts.new_version(alder.hr, first)


@pytest.mark.parametrize("state", [State.EXECUTED, State.IMPOSED])
async def test_two_master_agreements_for_one_unit_on_the_same_days_are_not_both_signed(alder: Parties, state: State) -> None:
    await executed(alder, text())
    second = await drafts.create(alder.hr, text(id="T2", clauses=[{**RATIO, "id": "T2.1"}]))
    says = "T1 and T2 are both in effect for teachers, on some of the same days"
    if state is State.IMPOSED:
        await steps.take(alder.hr, second, State.PROPOSED, "We need it.")
        await steps.take(alder.union, second, State.CONSULTING, "Let us talk.")
        await steps.take(alder.hr, second, State.IMPASSE, "We cannot agree.")
        await steps.tell(alder.hr, second, "counsel_signed_off", TODAY)
        with pytest.raises(Conflict, match=says):
            await steps.take(alder.hr, second, State.IMPOSED, "Our last offer.")
    else:
        await agreed(alder, second)
        with pytest.raises(Conflict, match=says):
            await ratified(alder, second, TODAY)


async def test_a_new_agreement_for_the_unit_replaces_one_that_has_ended_and_still_binds(
    alder: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAFFING_TODAY", "2023-08-01")
    old = await executed(alder, text(id="T-23", effective=ENDED, clauses=[{**RATIO, "id": "T-23.1"}]), date(2023, 8, 1))
    wider = text(id="S-23", units=["teachers", "nurses"], kind="mou", effective=ENDED, clauses=[{**RATIO, "id": "S-23.1"}])
    other = await executed(alder, wider, date(2023, 8, 1))
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    await jobs.by_itself("alder")
    assert (await state(alder, old), await state(alder, other)) == ("status_quo", "status_quo")
    await executed(alder, text(id="T-26"))
    assert (await state(alder, old), await state(alder, other)) == ("superseded", "status_quo")


# --- what time brings ---


@pytest.mark.parametrize(
    ("jurisdiction", "fields", "last", "why"),
    [
        ("TN", {"kind": "collaborative_conferencing_mou", "after_expiry": "lapsed"}, "lapsed", "binds nobody"),
        ("PA", {}, "status_quo", "its terms are frozen while the parties bargain"),
        ("MA", {"after_expiry": "evergreen", "evergreen_clause": True}, "evergreen", "goes on by its evergreen clause"),
        ("RI", {}, "partial_survival", "some of its terms go on"),
        ("OH", {"kind": "side_letter", "after_expiry": "sunsets"}, "expired", "ended by its own terms"),
    ],
)
async def test_the_nightly_task_ends_an_agreement_as_its_place_says_and_tells_why(  # noqa: PLR0917 - a place and what follows there
    alder: Parties, monkeypatch: pytest.MonkeyPatch, jurisdiction: str, fields: dict, last: str, why: str
) -> None:
    monkeypatch.setenv("STAFFING_TODAY", "2023-08-01")
    ident = await executed(alder, text(jurisdiction=jurisdiction, effective=ENDED, **fields), date(2023, 8, 1))
    for day, expected in (
        ("2023-08-01", "in_effect"),
        ("2026-01-01", "in_effect"),
        ("2026-01-02", "expiring"),
        ("2026-06-30", "expiring"),
        ("2026-07-01", last),
    ):
        monkeypatch.setenv("STAFFING_TODAY", day)
        await jobs.by_itself()
        assert await state(alder, ident) == expected
    (ended,) = [one for one in await journal(alder, "agreement:moved") if one["facts"]["after"] == last]
    assert why in ended["facts"]["why"]
    assert ended["actor"] == "system/- staffing"
    went = await history(alder, ident)
    await jobs.by_itself()
    assert await history(alder, ident) == went, "twice changes nothing more"


async def test_an_event_that_came_ends_it_the_day_after(alder: Parties, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = {"from": date(2026, 7, 1), "to": {"earliest_of": [date(2029, 6, 30), {"event": "all_hubs_closed"}]}}
    ident = await executed(alder, text(kind="side_letter", effective=ends, after_expiry="sunsets"))
    await jobs.by_itself("alder")
    await steps.happened(alder.hr, ident, "all_hubs_closed", date(2026, 12, 18))
    for day, expected in (("2026-12-18", "expiring"), ("2026-12-19", "expired")):
        monkeypatch.setenv("STAFFING_TODAY", day)
        await jobs.by_itself("alder")
        assert await state(alder, ident) == expected


async def test_time_moves_no_draft_and_no_proposal(alder: Parties) -> None:
    draft = await drafts.create(alder.hr, text(id="T2", effective=ENDED, units=["aides"], clauses=[{**RATIO, "id": "T2.1"}]))
    ident = await drafts.create(alder.hr, text(effective=ENDED))
    await steps.take(alder.hr, ident, State.PROPOSED, "We need it.")
    await jobs.by_itself()
    assert (await state(alder, ident), await state(alder, draft)) == ("proposed", "draft")


async def test_the_tables_are_protected_and_nothing_is_left_to_migrate(alder: Parties) -> None:
    async with DB.connection() as connection:
        rows = await connection.fetch(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'union_agreement' AND c.relkind = 'r' AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"
        )
    assert [one["relname"] for one in rows] == []
