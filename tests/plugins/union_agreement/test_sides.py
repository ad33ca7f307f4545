"""Who sees and does what: drafts belong to a side, officers act for the union, and a signature needs its office."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from plugins.union_agreement.rules.lifecycle import State
from plugins.union_agreement.services import drafts, records, shown, sides, steps
from plugins.union_agreement.services.records import Scope
from staffing.core.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.plugins.union_agreement.parties import MEETING, NOTICE, UNIT_WORK, Parties, agreed, district, executed, person, text

pytestmark = pytest.mark.usefixtures("database")
TODAY = date(2026, 11, 24)


@pytest.fixture
async def alder(database: str, monkeypatch: pytest.MonkeyPatch) -> Parties:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    return await district()


# --- drafts ---


@pytest.mark.parametrize("side", ["district", "union"])
async def test_a_draft_is_there_for_its_own_side_and_nowhere_to_be_found_for_the_other(alder: Parties, side: str) -> None:
    mine, theirs = (alder.hr, alder.union) if side == "district" else (alder.union, alder.hr)
    ident = await drafts.create(mine, text())
    assert [line.own_draft for line in await shown.desk(mine)] == [True]
    assert (await drafts.text_of(mine, ident))[0] == "T1"
    assert await shown.desk(theirs) == []
    assert await shown.ahead(theirs) == []
    for ask in (
        shown.page(theirs, ident),
        drafts.text_of(theirs, ident),
        drafts.change(theirs, ident, text(title="Mine now")),
        drafts.new_version(theirs, ident),
        steps.take(theirs, ident, State.PROPOSED, "Ours."),
        steps.tell(theirs, ident, "sunshine", TODAY),
        steps.vote(theirs, ident, "board" if side == "union" else "union", yes=1, no=0, held_on=TODAY),
    ):
        with pytest.raises(NotFound, match="no such agreement here, or it is a draft of the other side"):
            await ask


async def test_once_it_is_proposed_both_sides_read_the_same_text(alder: Parties) -> None:
    ident = await drafts.create(alder.union, text())
    await steps.take(alder.union, ident, State.PROPOSED, "Members ask for it.")
    assert await drafts.text_of(alder.hr, ident) == await drafts.text_of(alder.union, ident)
    assert (await shown.page(alder.hr, ident)).clauses == (await shown.page(alder.union, ident)).clauses


async def test_the_text_of_a_draft_names_its_mistakes_with_their_lines_and_nothing_is_kept(alder: Parties) -> None:
    with pytest.raises(Invalid, match=r"draft\.yaml:\d+: A ratio of 0 students"):
        await drafts.create(alder.hr, text().replace("max_students: 3", "max_students: 0"), "draft.yaml")
    assert await shown.desk(alder.hr) == []


async def test_a_code_is_used_once_and_a_change_keeps_it(alder: Parties) -> None:
    ident = await drafts.create(alder.hr, text())
    with pytest.raises(Conflict, match="There is an agreement T1 already"):
        await drafts.create(alder.hr, text())
    with pytest.raises(Invalid, match=r"It is called T1; the text says T2. Keep the id."):
        await drafts.change(alder.hr, ident, text(id="T2"))


async def test_a_side_letter_supersedes_a_clause_of_an_agreement_that_both_sides_see(alder: Parties) -> None:
    letter = text(id="T2", kind="side_letter", supersedes=["T1.1"], clauses=[{**UNIT_WORK, "id": "T2.1"}])
    base = await drafts.create(alder.union, text())
    with pytest.raises(Invalid, match=r"It supersedes T1.1, and no such clause is known"):
        await drafts.create(alder.union, letter)
    await steps.take(alder.union, base, State.PROPOSED, "It is ready.")
    assert await drafts.create(alder.hr, letter)


# --- who may act ---


@pytest.mark.parametrize("role", ["volunteer", "partner", "coordinator", "cabinet"])
async def test_nobody_but_hr_and_the_union_sees_agreements(alder: Parties, role: str) -> None:
    ident = await executed(alder, text())
    other = person(role, "Vera Invented")  # type: ignore[arg-type]
    for ask in (shown.desk(other), shown.page(other, ident), drafts.create(other, text(id="T9")), sides.officers(other)):
        with pytest.raises(NotAllowed, match="HR and to the union's registered officers"):
            await ask


async def test_only_a_registered_officer_acts_for_the_union(alder: Parties) -> None:
    ident = await executed(alder, text(clauses=[UNIT_WORK, MEETING]))
    nobody = alder.unregistered
    for ask in (
        drafts.create(nobody, text(id="T9")),
        steps.tell(nobody, ident, "notice_served", TODAY),
        steps.take(nobody, ident, State.TERMINATED, "I say so."),
        steps.sign(nobody, ident, "union_president"),
        records.cosign(nobody, ident, "T1.2", "union_president", scope=Scope()),
        records.grievance(nobody, ident, "T1.2", filed_on=TODAY),
        records.consultation(nobody, ident, "T1.4", held_on=TODAY, body={}),
    ):
        with pytest.raises(NotAllowed, match="Only the union's registered officers act for it"):
            await ask


async def test_an_office_counts_from_its_first_day_through_its_last(alder: Parties, monkeypatch: pytest.MonkeyPatch) -> None:
    late = alder.unregistered
    assert late.account is not None
    office = await sides.register(
        alder.admin, account=late.account, name=late.name, role="grievance_chair", since=date(2026, 12, 1)
    )
    await sides.end(alder.admin, office, date(2026, 12, 31))
    for day, may in (("2026-11-30", False), ("2026-12-01", True), ("2026-12-31", True), ("2027-01-01", False)):
        monkeypatch.setenv("STAFFING_TODAY", day)
        if may:
            assert await drafts.create(late, text(id=f"T-{day}"))
        else:
            with pytest.raises(NotAllowed, match="Ask the administrator to register your office"):
                await drafts.create(late, text(id=f"T-{day}"))


async def test_administrators_register_officers_and_nobody_else_does(alder: Parties) -> None:
    for viewer in (alder.hr, alder.union):
        with pytest.raises(NotAllowed, match="An administrator registers officers"):
            await sides.register(viewer, account=uuid4(), name="Ina Invented", role="union_president", since=TODAY)
    with pytest.raises(Conflict, match="registered as union president already"):
        assert alder.union.account is not None
        await sides.register(alder.admin, account=alder.union.account, name="Una", role="union_president", since=TODAY)


async def test_somebody_of_the_district_signs_nothing_for_the_union_even_if_registered_so(alder: Parties) -> None:
    assert alder.hr.account is not None
    await sides.register(alder.admin, account=alder.hr.account, name=alder.hr.name, role="union_president", since=TODAY)
    ident = await executed(alder, text(clauses=[UNIT_WORK]))
    with pytest.raises(NotAllowed, match="not registered as union president of teachers today, so nothing was signed"):
        await records.cosign(alder.hr, ident, "T1.2", "union_president", scope=Scope())


async def test_an_officer_of_another_unit_does_not_sign(alder: Parties) -> None:
    other = alder.unregistered
    assert other.account is not None
    await sides.register(
        alder.admin, account=other.account, name=other.name, role="union_president", unit="bus_drivers", since=date(2026, 1, 1)
    )
    ident = await executed(alder, text(clauses=[UNIT_WORK]))
    with pytest.raises(NotAllowed, match="union president of teachers"):
        await records.cosign(other, ident, "T1.2", "union_president", scope=Scope())


# --- signatures ---


async def test_a_signature_by_somebody_without_the_office_is_refused_and_nothing_is_kept(alder: Parties) -> None:
    ident = await executed(alder, text(clauses=[UNIT_WORK]))
    for viewer in (alder.hr, alder.admin):
        with pytest.raises(NotAllowed, match="not registered as union president of teachers today, so nothing was signed"):
            await records.cosign(viewer, ident, "T1.2", "union_president", scope=Scope())
    with pytest.raises(NotAllowed, match="not registered as superintendent"):
        await records.cosign(alder.union, ident, "T1.2", "superintendent", scope=Scope())
    assert (await shown.page(alder.hr, ident)).records == []


async def test_a_signature_a_clause_does_not_ask_for_is_refused(alder: Parties) -> None:
    ident = await executed(alder, text(clauses=[UNIT_WORK]))
    with pytest.raises(Invalid, match=r"T1.2 asks for union president; superintendent does not sign for it"):
        await records.cosign(alder.admin, ident, "T1.2", "superintendent", scope=Scope())


async def test_a_signature_that_has_run_out_already_is_refused(alder: Parties) -> None:
    ident = await executed(alder, text(clauses=[UNIT_WORK]))
    with pytest.raises(Invalid, match="would have run out on 2026-11-23 already"):
        await records.cosign(alder.union, ident, "T1.2", "union_president", scope=Scope(), expires_on=date(2026, 11, 23))


async def test_an_agreement_is_signed_by_its_signatories_once_and_not_before_it_is_proposed(alder: Parties) -> None:
    ident = await drafts.create(alder.hr, text(signatories=["superintendent"]))
    with pytest.raises(Conflict, match="has to be proposed first"):
        await steps.sign(alder.admin, ident, "superintendent")
    await steps.take(alder.hr, ident, State.PROPOSED, "It is ready.")
    with pytest.raises(Invalid, match="Union president does not sign this agreement"):
        await steps.sign(alder.union, ident, "union_president")
    await steps.sign(alder.admin, ident, "superintendent")
    with pytest.raises(Conflict, match="signed by superintendent already"):
        await steps.sign(alder.admin, ident, "superintendent")


async def test_a_signature_is_for_the_text_that_was_signed_and_not_for_a_later_one(alder: Parties) -> None:
    ident = await drafts.create(alder.hr, text())
    await steps.take(alder.hr, ident, State.PROPOSED, "We need it.")
    await steps.take(alder.union, ident, State.CONSULTING, "Let us talk.")
    await steps.sign(alder.union, ident, "union_president")
    await drafts.change(alder.hr, ident, text().replace("max_students: 3", "max_students: 30"))
    await steps.sign(alder.admin, ident, "superintendent")
    with pytest.raises(Conflict, match="The lead negotiator of the union has not signed"):
        await steps.take(alder.hr, ident, State.TENTATIVE, "Both have signed.")
    await steps.sign(alder.union, ident, "union_president")
    await steps.take(alder.hr, ident, State.TENTATIVE, "Both have signed this text.")


async def test_what_was_signed_counts_no_more_when_bargaining_is_opened_again(alder: Parties) -> None:
    ident = await drafts.create(alder.hr, text())
    await agreed(alder, ident)
    await steps.take(alder.union, ident, State.UNION_RATIFICATION, "To the members.")
    await steps.vote(alder.union, ident, "union", yes=23, no=77, held_on=TODAY)
    await steps.take(alder.union, ident, State.REJECTED, "The members said no.")
    await steps.take(alder.hr, ident, State.CONSULTING, "Let us talk again.")
    page = await shown.page(alder.hr, ident)
    assert [done for _, _, done in page.signed] == [False, False]
    assert page.votes == {}


# --- notices ---


async def test_a_notice_to_the_wrong_officer_counts_as_not_given_and_is_refused(alder: Parties) -> None:
    ident = await executed(alder, text(clauses=[NOTICE]))
    good = {"addressee": "union_president", "items": ("site", "hours"), "delivered_on": TODAY, "proof": "Read receipt"}

    async def give(**other: object) -> object:
        return await records.notice(alder.hr, ident, "T1.3", **(good | other))  # type: ignore[arg-type]

    with pytest.raises(Invalid, match=r"to go to the union president. One to the building representative counts as not given"):
        await give(addressee="building_representative")
    with pytest.raises(Invalid, match=r"The notice has to hold also: hours. Without it counts as not given"):
        await give(items=("site",))
    with pytest.raises(Invalid, match="cannot have been delivered on 2026-11-25"):
        await give(delivered_on=date(2026, 11, 25))
    with pytest.raises(Invalid, match="how it is known that it was delivered"):
        await give(proof="  ")
    with pytest.raises(NotAllowed, match="The district gives the notice"):
        await records.notice(alder.union, ident, "T1.3", **good)  # type: ignore[arg-type]
    assert (await shown.page(alder.hr, ident)).records == []
    await give()
    (kept,) = (await shown.page(alder.union, ident)).records
    assert (kept.kind, kept.role, kept.on, kept.body["proof"]) == ("notice", "union_president", TODAY, "Read receipt")


async def test_nothing_is_recorded_under_an_agreement_that_is_not_in_effect_or_a_clause_it_does_not_have(alder: Parties) -> None:
    ident = await drafts.create(alder.hr, text(clauses=[UNIT_WORK]))
    await agreed(alder, ident)
    with pytest.raises(Conflict, match="T1 is not in effect, so there is nothing to record under it yet"):
        await records.cosign(alder.union, ident, "T1.2", "union_president", scope=Scope())
    other = await executed(alder, text(id="T8", units=["aides"]))
    with pytest.raises(NotFound, match=r"T8 has no clause T8.9"):
        await records.grievance(alder.union, other, "T8.9", filed_on=TODAY)


async def test_a_grievance_is_the_unions_and_the_district_does_not_take_it_back(alder: Parties) -> None:
    ident = await executed(alder, text(clauses=[UNIT_WORK], placement_hold_on_grievance=True))
    with pytest.raises(NotAllowed, match="The union files a grievance"):
        await records.grievance(alder.hr, ident, "T1.2", filed_on=TODAY)
    filed = await records.grievance(alder.union, ident, "T1.2", filed_on=TODAY)
    with pytest.raises(NotAllowed, match="A grievance is the union's to take back"):
        await records.withdraw(alder.hr, filed, "We think it is settled.")
    await records.withdraw(alder.union, filed, "It is settled.")
    with pytest.raises(Conflict, match="taken back on 2026-11-24 already"):
        await records.withdraw(alder.union, filed, "Again.")


async def test_only_the_office_that_signed_takes_its_signature_back_and_says_why(alder: Parties) -> None:
    ident = await executed(alder, text(clauses=[UNIT_WORK]))
    kept = await records.cosign(alder.union, ident, "T1.2", "union_president", scope=Scope())
    with pytest.raises(Invalid, match="Say in a sentence why"):
        await records.withdraw(alder.union, kept, " ")
    with pytest.raises(NotAllowed, match="Only the office that signed"):
        await records.withdraw(alder.hr, kept, "It is no longer needed.")
    await records.withdraw(alder.union, kept, "The school changed.")
    (one,) = (await shown.page(alder.hr, ident)).records
    assert one.withdrawn_on == TODAY


# --- votes and what was done ---


async def test_each_side_records_its_own_vote_once_there_is_a_text_to_vote_on(alder: Parties) -> None:
    ident = await drafts.create(alder.hr, text())
    await steps.take(alder.hr, ident, State.PROPOSED, "We need it.")
    with pytest.raises(Conflict, match="frozen"):
        await steps.vote(alder.union, ident, "union", yes=100, no=1, held_on=TODAY)
    await steps.take(alder.union, ident, State.CONSULTING, "Let us talk.")
    await steps.sign(alder.admin, ident, "superintendent")
    await steps.sign(alder.union, ident, "union_president")
    await steps.take(alder.hr, ident, State.TENTATIVE, "Both have signed.")
    with pytest.raises(Conflict, match="Each side records its own vote"):
        await steps.vote(alder.hr, ident, "union", yes=100, no=1, held_on=TODAY)
    for wrong in ({"yes": 0, "no": 0}, {"yes": -1, "no": 2}):
        with pytest.raises(Invalid, match="how many voted for"):
            await steps.vote(alder.union, ident, "union", held_on=TODAY, **wrong)
    with pytest.raises(Invalid, match="cannot have been on 2026-11-25"):
        await steps.vote(alder.union, ident, "union", yes=1, no=0, held_on=date(2026, 11, 25))


async def test_what_was_done_is_told_for_a_day_that_has_come_and_by_whoever_did_it(alder: Parties) -> None:
    ident = await drafts.create(alder.hr, text())
    await agreed(alder, ident)
    with pytest.raises(Invalid, match="2026-11-25"):
        await steps.tell(alder.hr, ident, "cost_disclosure", date(2026, 11, 25))
    with pytest.raises(NotAllowed, match="union"):
        await steps.tell(alder.hr, ident, "union_delegated", TODAY)
    await steps.tell(alder.union, ident, "union_delegated", TODAY)
    with pytest.raises(Invalid, match="nothing to record by the name everything"):
        await steps.tell(alder.hr, ident, "everything", TODAY)


async def test_an_event_comes_once_and_only_one_that_is_waited_for(alder: Parties) -> None:
    ends = {"from": date(2026, 7, 1), "to": {"earliest_of": [date(2029, 6, 30), {"event": "all_hubs_closed"}]}}
    ident = await executed(alder, text(kind="side_letter", effective=ends, after_expiry="sunsets"))
    with pytest.raises(Invalid, match=r"It waits for no such event. It names: all_hubs_closed"):
        await steps.happened(alder.hr, ident, "moon_landing", TODAY)
    await steps.happened(alder.hr, ident, "all_hubs_closed", date(2026, 12, 31))
    with pytest.raises(Conflict, match="2026-12-31"):
        await steps.happened(alder.union, ident, "all_hubs_closed", date(2027, 1, 31))
