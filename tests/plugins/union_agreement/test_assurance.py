"""The register of positions, the page of both sides, and the statements that both sides sign and anybody can check."""

from __future__ import annotations

import hashlib
import re
from datetime import date, timedelta
from uuid import uuid4

import asyncpg
import msgspec
import pypdfium2
import pytest

from plugins.union_agreement.services import assurance, known, positions, register, sides, statements
from plugins.union_agreement.tables import PositionAction, PositionFile, Statement
from staffing.core.errors import Conflict, Invalid, NotAllowed, NotFound
from staffing.documents.conformance import faults
from staffing.services import work
from staffing.store.engine import tenant_transaction
from tests.factories import make_person, make_placement, make_site
from tests.plugins.union_agreement.parties import Parties, district, executed, journal, text

pytestmark = pytest.mark.usefixtures("database")
TODAY = date(2026, 11, 24)
TERMS = {"engagement": "volunteer", "employer": "district", "role": "volunteer", "duties": ["shelving"]}
CLAUSE = {
    "id": "T1.9",
    "type": "non_displacement",
    "roles": ["volunteer"],
    "params": {
        "lookback": 365,
        "include_partial": True,
        "match": "same_duty",
        "geography": "district",
        "causal_test": "temporal_presumption",
    },
}
HEAD = "kind,on,until,classification,unit,site,positions,hours_before,hours_after,duties,cause\n"
CUT = "hours_cut,2026-09-14,,Library aide,,,2,30,20,shelving,lack_of_funds\n"
VACANCY = "vacancy,2026-10-05,,Office clerk,,,1,,,clerical,\n"


@pytest.fixture
async def alder(database: str, monkeypatch: pytest.MonkeyPatch) -> Parties:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    return await district()


async def bring(parties: Parties, body: str, through: date = TODAY) -> positions.Checked:
    return await positions.commit(parties.hr, HEAD + body, name="actions.csv", complete_through=through)


async def rows(parties: Parties) -> list[dict]:
    async with tenant_transaction(parties.tenant):
        return await PositionAction.select().order_by(PositionAction.on).output(load_json=True)


async def told(parties: Parties) -> dict:
    async with tenant_transaction(parties.tenant):
        return await known.positions_known()


async def place(parties: Parties, **columns) -> None:
    person = await make_person(parties.tenant)
    await make_placement(parties.tenant, person=person, terms=TERMS, **columns)


# --- the register ---


async def test_a_dry_run_says_what_a_file_would_do_and_writes_nothing(alder: Parties) -> None:
    found = await positions.check(alder.hr, HEAD + CUT + VACANCY)
    assert (len(found.new), found.changed, found.same, found.good) == (2, [], [], True)
    assert await rows(alder) == []
    assert await journal(alder, "positions") == []


async def test_the_same_file_twice_counts_once_and_says_when_it_came_first(alder: Parties) -> None:
    assert len((await bring(alder, CUT + VACANCY)).new) == 2
    again = await positions.check(alder.hr, HEAD + CUT + VACANCY)
    assert again.before is not None
    assert (again.new, again.changed, len(again.same)) == ([], [], 2)
    await bring(alder, CUT + VACANCY)
    assert len(await rows(alder)) == 2
    assert len(await journal(alder, "positions:imported")) == 1


async def test_a_file_with_one_wrong_row_is_not_imported_at_all(alder: Parties) -> None:
    with pytest.raises(Conflict, match="Nothing was imported: a row of the file is wrong"):
        await bring(alder, CUT + VACANCY.replace("vacancy", "vacancie"))
    assert await rows(alder) == []
    async with tenant_transaction(alder.tenant):
        assert await PositionFile.count() == 0


async def test_a_later_file_that_closes_a_vacancy_changes_the_row_and_adds_none(alder: Parties) -> None:
    await bring(alder, VACANCY)
    found = await bring(alder, VACANCY.replace("2026-10-05,,", "2026-10-05,2026-11-02,") + CUT)
    assert (len(found.new), len(found.changed)) == (1, 1)
    assert {(row["kind"], row["until"]) for row in await rows(alder)} == {("vacancy", date(2026, 11, 2)), ("hours_cut", None)}


async def test_an_empty_file_says_that_nothing_happened(alder: Parties) -> None:
    assert await told(alder) == {}
    await bring(alder, "")
    assert (await told(alder))["position_actions"] == []


async def test_a_site_is_named_by_its_name_and_kept_as_that_site(alder: Parties) -> None:
    site = await make_site(alder.tenant, name="Larch Elementary")
    await bring(alder, CUT.replace("Library aide,,,", "Library aide,,larch elementary,"))
    assert [(row["site"], row["site_name"]) for row in await rows(alder)] == [(site, "Larch Elementary")]


@pytest.mark.parametrize("who", ["union", "unregistered"])
async def test_the_register_is_hr_s_alone(alder: Parties, who: str) -> None:
    viewer = getattr(alder, who)
    for ask in (
        positions.page(viewer),
        positions.check(viewer, HEAD),
        positions.commit(viewer, HEAD, name="x", complete_through=TODAY),
        positions.take_back(viewer, uuid4(), "Why"),
        register.keep_unit(viewer, code="x", name="X", represented_by="", duties=[]),
        register.keep_class(viewer, name="X", unit="", duties=[]),
        register.close(viewer, "work", TODAY, None),
    ):
        with pytest.raises(NotAllowed, match="HR keeps the register"):
            await ask


async def test_nobody_says_what_will_have_happened(alder: Parties) -> None:
    with pytest.raises(Invalid, match="that day has not come"):
        await bring(alder, CUT, TODAY + timedelta(days=1))


async def test_an_action_taken_out_stays_in_the_journal_with_the_reason(alder: Parties) -> None:
    await bring(alder, CUT)
    (row,) = await rows(alder)
    with pytest.raises(Invalid, match="Say in a sentence why"):
        await positions.take_back(alder.hr, row["id"], " ")
    await positions.take_back(alder.hr, row["id"], "It was another district's.")
    assert await rows(alder) == []
    (entry,) = await journal(alder, "position_action")
    assert (entry["facts"]["why"], entry["facts"]["classification"]) == ("It was another district's.", "Library aide")
    with pytest.raises(NotFound):
        await positions.take_back(alder.hr, row["id"], "Again.")


async def test_each_district_has_its_own_register(alder: Parties) -> None:
    await bring(alder, CUT)
    birch = await district("birch")
    assert await told(birch) == {}
    assert (await positions.page(birch.hr)).total == 0


async def test_a_row_without_duties_has_those_of_its_classification(alder: Parties) -> None:
    await register.keep_class(alder.hr, name="library AIDE", unit="", duties=["Shelving"])
    await bring(alder, CUT.replace("shelving", ""))
    assert (await told(alder))["position_actions"][0]["duties"] == ["shelving"]


async def test_units_and_classes_are_registered_changed_and_taken_out_with_an_entry_each(alder: Parties) -> None:
    await register.keep_unit(alder.hr, code="Classified 77", name="Classified", represented_by="Local 77", duties=["a_b", " "])
    await register.keep_unit(alder.hr, code="classified_77", name="Classified employees", represented_by="", duties=["clerical"])
    await register.keep_class(alder.hr, name="Office clerk", unit="classified_77", duties=["clerical"])
    found = await positions.page(alder.hr)
    assert [(u["code"], u["name"], u["duties"]) for u in found.units] == [("classified_77", "Classified employees", ["clerical"])]
    await register.drop(alder.hr, "class", found.classes[0]["id"])
    assert (await positions.page(alder.hr)).classes == []
    assert [entry["action"] for entry in await journal(alder, "unit", "classification")] == [
        "unit:kept",
        "unit:kept",
        "classification:kept",
        "classification:dropped",
    ]
    for wrong in ({"name": "Clerk 483920", "unit": ""}, {"name": "Clerk", "unit": "nowhere"}):
        with pytest.raises(Invalid):
            await register.keep_class(alder.hr, duties=[], **wrong)


async def test_closed_days_are_kept_once_and_opened_again(alder: Parties) -> None:
    first, last = date(2026, 12, 21), date(2027, 1, 1)
    assert await register.close(alder.hr, "school", first, last) == 12
    assert await register.close(alder.hr, "school", date(2026, 12, 31), date(2027, 1, 4)) == 3
    assert (await positions.page(alder.hr)).closed == [("school", first, date(2027, 1, 4))]
    await register.open_(alder.hr, "school", date(2026, 12, 22), date(2027, 1, 3))
    assert (await positions.page(alder.hr)).closed == [("school", first, first), ("school", date(2027, 1, 4), date(2027, 1, 4))]
    for wrong in ((first, first - timedelta(days=1)), (first, first + timedelta(days=200))):
        with pytest.raises(Invalid):
            await register.close(alder.hr, "work", *wrong)


# --- the page of both sides ---


async def test_both_sides_see_the_same_counts_the_clause_and_the_zeros_and_no_name(alder: Parties) -> None:
    await register.keep_class(alder.hr, name="Library aide", unit="", duties=["shelving"])
    await register.keep_class(alder.hr, name="Office clerk", unit="", duties=["clerical"])
    ident = await executed(alder, text(clauses=[CLAUSE]))
    await place(alder)
    await bring(alder, CUT)
    mine, theirs = await assurance.page(alder.hr), await assurance.page(alder.union)
    assert (mine.found, mine.busy, mine.quiet) == (theirs.found, theirs.busy, theirs.quiet)
    (aide,) = mine.busy
    assert (aide.name, aide.actions["partial"], aide.conflicts, aide.clauses[0].clause) == ("Library aide", 2, 1, "T1.9")
    assert mine.found.links["T1.9"] == (ident, "T1")
    assert [(quiet.name, quiet.conflicts, quiet.events) for quiet in mine.quiet] == [("Office clerk", 0, 0)]
    assert (mine.may_import, theirs.may_import) == (True, False)
    assert "Rosa" not in msgspec.json.encode(theirs.busy).decode()


async def test_a_change_of_placements_or_of_the_register_is_seen_at_once(alder: Parties) -> None:
    await executed(alder, text(clauses=[CLAUSE]))
    await bring(alder, CUT)
    assert (await assurance.page(alder.hr)).found.tally.conflicts == 0
    await place(alder)
    assert (await assurance.page(alder.hr)).found.tally.conflicts == 1
    (row,) = await rows(alder)
    await positions.take_back(alder.hr, row["id"], "A mistake.")
    assert (await assurance.page(alder.hr)).found.tally.conflicts == 0


async def test_somebody_who_only_asks_for_work_displaces_nobody(alder: Parties) -> None:
    await executed(alder, text(clauses=[CLAUSE]))
    await bring(alder, CUT)
    await place(alder, state="wished", starts_on=None)
    assert (await assurance.page(alder.hr)).found.tally.placements == 0


async def test_others_than_the_two_sides_do_not_see_it(alder: Parties) -> None:
    stranger = msgspec.structs.replace(alder.hr, role="volunteer")
    for ask in (assurance.page(stranger), statements.listed(stranger), statements.verify(stranger, "0" * 64)):
        with pytest.raises(NotAllowed):
            await ask


# --- statements ---


async def made(parties: Parties, quarter: str = "2026-Q3"):
    ident = await statements.make(parties.hr, quarter)
    return await statements.page(parties.hr, ident)


async def test_a_statement_says_what_was_compared_and_is_signed_by_an_officer_of_each_side(alder: Parties) -> None:
    await executed(alder, text(clauses=[CLAUSE]), TODAY)
    await place(alder, starts_on=date(2026, 9, 1))
    await bring(alder, CUT)
    page = await made(alder)
    line = page.body["content"]["lines"][0]
    assert (line["classification"], line["positions_partial"], line["conflicts"]) == ("Library aide", 2, 1)
    assert page.lead == (
        "1 placement was compared with 1 position action in 1 classification: 1 placement is in conflict with a clause. "
        "Each is counted below under its classification."
    )
    await statements.sign(alder.admin, page.line.id, "superintendent")
    await statements.sign(alder.union, page.line.id, "union_president")
    signed = (await statements.page(alder.union, page.line.id)).line
    assert (signed.district_by, signed.union_by) == ("Ada Invented, superintendent", "Una Invented, union president")
    assert [entry["facts"].get("role") for entry in await journal(alder, "statement")] == [
        None,
        "superintendent",
        "union_president",
    ]


async def test_nobody_signs_without_an_office_twice_or_for_the_other_side(alder: Parties) -> None:
    await bring(alder, "")
    page = await made(alder)
    for viewer in (alder.hr, alder.unregistered):
        with pytest.raises(NotAllowed):
            await statements.sign(viewer, page.line.id, "superintendent")
    await statements.sign(alder.admin, page.line.id, "superintendent")
    with pytest.raises(Conflict, match="signed for this side already, by Ada Invented"):
        await statements.sign(alder.admin, page.line.id, "superintendent")
    (office,) = [one for one in await sides.officers(alder.admin) if one.side == "union"]
    await sides.end(alder.admin, office.id, TODAY - timedelta(days=1))
    with pytest.raises(NotAllowed):
        await statements.sign(alder.union, page.line.id, "union_president")


async def test_a_statement_is_frozen_and_a_later_one_is_a_further_version(alder: Parties) -> None:
    await bring(alder, "")
    first = await made(alder)
    with pytest.raises(Conflict, match="Version 1 of 2026-Q3 says the same"):
        await statements.make(alder.hr, "2026-Q3")
    await bring(alder, CUT)
    second = await made(alder)
    assert (second.line.version, second.line.digest != first.line.digest) == (2, True)
    assert (await statements.page(alder.hr, first.line.id)).body == first.body
    for change in ({Statement.body: "{}"}, {Statement.digest: "x"}, {Statement.quarter: "2026-Q2"}):
        with pytest.raises(asyncpg.RaiseError, match="kept as it was made"):
            async with tenant_transaction(alder.tenant):
                await Statement.update(change).where(Statement.id == first.line.id)
    with pytest.raises(asyncpg.RaiseError, match="kept as it was made"):
        async with tenant_transaction(alder.tenant):
            await Statement.delete(force=True)


async def test_a_signature_cannot_be_changed_into_another(alder: Parties) -> None:
    await bring(alder, "")
    page = await made(alder)
    await statements.sign(alder.admin, page.line.id, "superintendent")
    with pytest.raises(asyncpg.RaiseError, match="kept as it was made"):
        async with tenant_transaction(alder.tenant):
            await Statement.update({Statement.district_by: "Somebody else"}).where(Statement.id == page.line.id)


@pytest.mark.parametrize(
    ("through", "quarter", "says"),
    [
        (date(2026, 9, 29), "2026-Q3", "does not reach 2026-09-30"),
        (TODAY, "2026-Q4", "is not over"),
        (None, "2026-Q3", "Nothing was imported yet"),
    ],
)
async def test_a_statement_needs_a_quarter_that_is_over_and_a_register_that_reaches_its_end(
    alder: Parties, through: date | None, quarter: str, says: str
) -> None:
    if through is not None:
        await bring(alder, "", through)
    with pytest.raises(Conflict, match=says):
        await statements.make(alder.hr, quarter)


@pytest.mark.parametrize("name", ["2026-Q5", "2026", "2027-Q1", "Q3"])
async def test_what_is_no_quarter_is_refused(alder: Parties, name: str) -> None:
    with pytest.raises(Invalid, match="Choose a quarter"):
        await statements.make(alder.hr, name)


async def test_the_union_makes_no_statement_of_the_district(alder: Parties) -> None:
    with pytest.raises(NotAllowed, match="The district makes the statement"):
        await statements.make(alder.union, "2026-Q3")


async def test_the_printed_statement_is_an_accessible_archival_pdf_with_its_digest_and_signers(alder: Parties) -> None:
    await register.keep_class(alder.hr, name="Office clerk", unit="", duties=["clerical"])
    await bring(alder, CUT)
    page = await made(alder)
    await statements.sign(alder.union, page.line.id, "union_president")
    assert await statements.pdf(alder.hr, page.line.id) is None
    try:
        await statements.print_statement(alder.tenant, str(page.line.id))
        name, data = await statements.pdf(alder.union, page.line.id) or ("", b"")
        assert (name, faults(data)) == ("nobody-displaced-2026-Q3-v1.pdf", [])
        document = pypdfium2.PdfDocument(data)
        words = " ".join(sheet.get_textpage().get_text_range() for sheet in document)
        document.close()
        printed = re.sub(r"\s", "", words)
        assert page.line.digest in printed
        for said in ("Library aide", "Office clerk", "Una Invented", "Not signed yet", "Invented for the demonstration"):
            assert said.replace(" ", "") in printed
        await statements.print_statement(alder.tenant, str(page.line.id))
        assert (await statements.pdf(alder.hr, page.line.id) or ("", b""))[1] == data
        await statements.sign(alder.admin, page.line.id, "superintendent")
        assert await statements.pdf(alder.hr, page.line.id) is None, "it is printed again with the signature"
        found, says = await statements.verify(alder.hr, "", data)
        assert found is None
        assert "downloaded before a signature was added" in says
        await statements.print_statement(alder.tenant, str(page.line.id))
        _, again = await statements.pdf(alder.hr, page.line.id) or ("", b"")
        assert (await statements.verify(alder.union, "", again))[1].endswith("with the signatures it has today.")
    finally:
        work.close_renderer()


async def test_anybody_of_the_two_sides_can_work_the_digest_out_again(alder: Parties) -> None:
    await bring(alder, CUT)
    page = await made(alder)
    name, data = await statements.data(alder.union, page.line.id)
    assert name == "nobody-displaced-2026-Q3-v1.json"
    assert hashlib.sha256(data).hexdigest() == page.line.digest
    spaced = " ".join(page.line.digest[n : n + 16] for n in range(0, 64, 16)).upper()
    found, says = await statements.verify(alder.union, spaced)
    assert found is not None
    assert says == "It matches the statement of 2026-Q3, version 1, as it was made. Nothing in it was changed."
    assert (await statements.verify(alder.hr, "", data))[0] == found
    assert await statements.verify(alder.hr, "0" * 64) == (
        None,
        "No statement here has this SHA-256. Compare it letter by letter, or ask where the paper came from.",
    )
    with pytest.raises(Invalid, match="Type the 64 letters"):
        await statements.verify(alder.hr, "abc")


async def test_a_statement_of_another_district_is_not_there(alder: Parties) -> None:
    await bring(alder, "")
    page = await made(alder)
    birch = await district("birch")
    for ask in (statements.page, statements.pdf, statements.data):
        with pytest.raises(NotFound):
            await ask(birch.hr, page.line.id)
    assert (await statements.verify(birch.hr, page.line.digest))[0] is None
