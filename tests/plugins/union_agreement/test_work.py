"""One person's work under an agreement: the clause that bites, telling what is missing or has changed, splitting at its end."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from plugins.union_agreement.services import work
from staffing.core.errors import Conflict, Invalid, NotAllowed
from staffing.core.findings import State
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Placement
from tests.plugins.union_agreement.parties import Parties, executed, sides_of, text
from tests.services.cleared import cleared, make_alder

TODAY = date(2026, 11, 24)
SMALL = {"id": "T1.1", "type": "ratio_cap", "roles": ["volunteer"], "params": {"max_students": 3, "per": "tutor"}}
LETTER = {
    "kind": "side_letter",
    "after_expiry": "sunsets",
    "effective": {"from": date(2026, 7, 1), "to": date(2027, 6, 4)},
}


@pytest.fixture
async def alder(database: str, monkeypatch: pytest.MonkeyPatch) -> Parties:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    await make_alder()
    return await sides_of("alder")


async def person_of(placement: UUID) -> UUID:
    async with tenant_transaction("alder"):
        found = await Placement.select(Placement.person).where(Placement.id == placement).first()
    assert found
    person: UUID = found["person"]
    return person


async def test_what_a_clause_lacks_is_told_on_its_page_and_a_group_that_is_too_large_is_made_smaller(alder: Parties) -> None:
    placement = await cleared()
    person = await person_of(placement)
    await executed(alder, text(clauses=[SMALL]))
    (bite,) = (await work.page(alder.hr, person, placement=placement)).bites
    assert bite.finding.state is State.UNKNOWN
    assert "students_scheduled" in [q.name for q in bite.questions]

    with pytest.raises(Invalid, match="a whole number"):
        await work.tell(alder.hr, placement, {"students_scheduled": "a few"}, "T1.1")
    assert await work.tell(alder.hr, placement, {"students_scheduled": "4"}, "T1.1") == 1
    page = await work.page(alder.hr, person, placement=placement)
    (bite,) = page.bites
    assert (page.held, bite.finding.state, bite.told["students_scheduled"]) == (True, State.VIOLATED, 4)
    assert "students_scheduled" in [q.name for q in bite.questions], "what was told can be told anew"

    await work.tell(alder.hr, placement, {"students_scheduled": "3"}, "T1.1")
    page = await work.page(alder.hr, person, placement=placement)
    assert (page.held, page.bites[0].finding.state) == (False, State.MET)


async def test_a_placement_is_split_at_the_day_on_which_the_letter_it_rests_on_ends(alder: Parties) -> None:
    placement = await cleared()
    person = await person_of(placement)
    await executed(alder, text(**LETTER, clauses=[SMALL]))
    await work.tell(alder.hr, placement, {"students_scheduled": "2"}, "T1.1")
    page = await work.page(alder.hr, person, placement=placement)
    assert page.bites[0].sunset == date(2027, 6, 4)

    after = await work.split(alder.hr, page, "T1.1")
    async with tenant_transaction("alder"):
        rows = {row["id"]: row for row in await Placement.select().where(Placement.person == person)}
    assert (rows[placement]["state"], rows[placement]["ends_on"]) == ("placed", date(2027, 6, 4))
    assert (rows[after]["state"], rows[after]["starts_on"]) == ("wished", date(2027, 6, 5))
    with pytest.raises(Conflict, match="no day at which this placement could be split"):
        await work.split(alder.hr, await work.page(alder.hr, person, placement=placement), "T1.1")


async def test_the_union_sees_no_persons_work(alder: Parties) -> None:
    placement = await cleared()
    with pytest.raises(NotAllowed):
        await work.page(alder.union, await person_of(placement), placement=placement)
