"""Questions the rules still ask: shown while unknown, answered by staff, decided again; unknown is never taken as no."""

from __future__ import annotations

from datetime import date

import pytest

from staffing.core.errors import Conflict, Invalid, NotFound
from staffing.services import answers, people, readiness
from staffing.services.actors import system
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Journal, Person, PluginSwitch
from tests.factories import make_person, make_placement, make_position
from tests.services.desk import TODAY, Desk, make_desk

BARE = {"engagement": "volunteer", "employer": "district"}


@pytest.fixture
async def desk(database: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    made = await make_desk()
    position = await make_position("alder", site=made.site, organisation=made.organisation, title="Helper", terms=BARE)
    made.person = await make_person("alder", given_name="Ana", family_name="Bare", search_name="ana bare")
    made.wish = await make_placement("alder", person=made.person, site=made.site, position=position, state="wished", terms=BARE)
    async with tenant_transaction("alder"):
        await readiness.refresh(made.person, system("alder"))
    return made


async def asked(desk: Desk) -> list[str]:
    return [s.name for s in (await people.record(desk.hr, desk.person)).questions]


async def test_what_is_not_known_is_asked_and_blocks_until_it_is_answered(desk: Desk) -> None:
    before = await people.record(desk.hr, desk.person)
    assert before.decision is not None
    assert before.decision.outcome == "block"
    assert "placement.contact" in [s.name for s in before.questions]

    given = {"placement.contact": ["routine"], "person.resident_since": ["2001-06-01"], "placement.duties": [""]}
    saved = await answers.answer(desk.hr, desk.person, desk.wish, given)

    assert saved == ["person.resident_since", "placement.contact"]
    assert not {"placement.contact", "person.resident_since"} & set(await asked(desk))
    async with tenant_transaction("alder"):
        case, place = await readiness.case_of(desk.person, placement_id=desk.wish)
        decision = readiness.decide_here(case, place)
        row = await Person.select(Person.facts).where(Person.id == desk.person).output(load_json=True).first()
        assert await Journal.count().where(Journal.action == "person:answered") == 1
    assert row == {"facts": {"resident_since": "2001-06-01"}}
    used = {f.name: f.value for finding in decision.findings for f in finding.facts}
    assert used["placement.contact"] == "routine"
    assert case.person["resident_since"] == date(2001, 6, 1)


async def test_an_answer_that_is_none_is_named_and_nothing_is_saved(desk: Desk) -> None:
    given = {"placement.contact": ["sometimes"], "person.resident_since": ["2031-01-01"]}

    with pytest.raises(Invalid) as caught:
        await answers.answer(desk.hr, desk.person, desk.wish, given)

    assert set(caught.value.fields) == {"placement.contact", "person.resident_since"}
    assert "placement.contact" in await asked(desk)
    with pytest.raises(Conflict, match="No question was answered"):
        await answers.answer(desk.hr, desk.person, desk.wish, {"placement.unheard_of": ["1"]})


async def test_a_placement_of_somebody_else_is_not_found(desk: Desk) -> None:
    other = await make_person("alder")

    with pytest.raises(NotFound):
        await answers.answer(desk.hr, other, desk.wish, {"placement.contact": ["routine"]})


async def test_what_only_the_district_knows_of_the_school_is_asked_answered_and_then_decides(desk: Desk) -> None:
    paid = {
        "engagement": "paid",
        "role": "parapro",
        "employer": "district",
        "setting": "campus",
        "duties": ["instructional_support"],
        "funding": ["local"],
        "contact": "routine",
        "gives_care": True,
        "supervision": "line_of_sight",
    }
    person = await make_person("alder", given_name="Ivo", family_name="Aide", search_name="ivo aide")
    position = await make_position("alder", site=desk.site, organisation=desk.organisation, terms=paid)
    placement = await make_placement("alder", person=person, site=desk.site, position=position, state="wished", terms=paid)
    async with tenant_transaction("alder"):
        await PluginSwitch.insert(PluginSwitch(plugin="certification", since=date(2020, 1, 1)))
        case, place = await readiness.case_of(person, placement_id=placement)
        before = readiness.decide_here(case, place)
    assert "context.title_i_schoolwide" in [s.name for s in answers.open_questions(case, place, place.today)]
    assert next(f.state for f in before.findings if f.ref == "FED-01") == "unknown"

    await answers.answer(desk.hr, person, placement, {"context.title_i_schoolwide": ["no"]})

    async with tenant_transaction("alder"):
        case, place = await readiness.case_of(person, placement_id=placement)
        after = readiness.decide_here(case, place)
    assert case.context == {"title_i_schoolwide": False}
    assert next(f.state for f in after.findings if f.ref == "FED-01") == "not_required"
    assert "context.title_i_schoolwide" not in [s.name for s in answers.open_questions(case, place, place.today)]
