"""Nobody's union membership can be kept: the columns are named here one by one, and so are the keys of what is kept as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
import pytest

from plugins.union_agreement.rules.clause import Scope
from plugins.union_agreement.rules.reader import AGREEMENT_KEYS, CLAUSE_KEYS
from plugins.union_agreement.rules.types import TYPES
from plugins.union_agreement.services import asks, drafts, records
from plugins.union_agreement.services.records import Meeting
from plugins.union_agreement.tables import Agreement, Officer, Record, Step
from staffing.core.errors import Invalid
from staffing.core.labor_words import LABOR_FACTS
from staffing.store.engine import DB, tenant_transaction
from tests.plugins.union_agreement.parties import MEETING, NOTICE, UNIT_WORK, district, executed, text

pytestmark = pytest.mark.usefixtures("database")
TODAY = date(2026, 11, 24)

#: Words that a column or a key about an individual's membership would be called by. Values that are codes of the research note
#: (the vote of a union's members, members of a national service) are no keys.
REFUSED = re.compile(r"member|dues|agency_fee|fair_share|ballot|card_check|striker|employee|ssn|social_sec|immigration", re.I)

COLUMNS = {
    "agreement": "id tenant code version previous title kind side state body digest since until frozen_at frozen_digest made_by "
    "made_at changed_at invented",
    "ask": "id tenant agreement clause role placement work scope why asked_by asked_at answer says answered_by answered_at "
    "record",
    "classification": "id tenant name unit duties",
    "happening": "id tenant agreement event on told_by told_at",
    "officer": "id tenant account name side role unit since until registered_by registered_at",
    "position_action": "id tenant kind on until classification unit site site_name positions hours_before hours_after duties "
    "cause digest file imported_by imported_at",
    "position_file": "id tenant name digest complete_through rows added changed imported_by imported_at invented",
    "record": "id tenant kind agreement clause role on placement body made_by withdrawn_on made_at",
    "revision": "tenant n",
    "simulation": "id tenant agreement digest side asked_by state done total result says asked_at finished_at",
    "statement": "id tenant quarter version body digest pdf made_by made_at district_by district_at union_by union_at",
    "step": "id tenant agreement before after side by role why record at",
    "unit": "id tenant code name represented_by duties",
    "waiver_file": "id tenant waiver kind authority applicant hearing_on union_step union_step_on union_step_says "
    "conditions_kept renewal_lead_days renewal_asked_on posted_url changed_by changed_at subject",
}


def keys(value: Any) -> Iterator[str]:
    """Every key at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def parameters(struct: Any) -> Iterator[str]:
    """Every name of a struct's JSON Schema, at any depth."""
    _, parts = msgspec.json.schema_components([struct])
    for part in parts.values():
        yield from part.get("properties", {})


async def test_the_columns_of_the_plugin_are_these_and_none_is_about_membership() -> None:
    async with DB.connection() as connection:
        rows = await connection.fetch(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'union_agreement' "
            "AND table_name <> 'migration' ORDER BY table_name, ordinal_position"
        )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["table_name"], []).append(row["column_name"])
    assert {table: " ".join(sorted(names)) for table, names in found.items()} == {
        table: " ".join(sorted(names.split())) for table, names in COLUMNS.items()
    }
    assert [name for names in COLUMNS.values() for name in names.split() if REFUSED.search(name)] == []


def test_no_word_an_agreement_is_written_in_is_about_membership() -> None:
    words = {*AGREEMENT_KEYS, *CLAUSE_KEYS, *Scope.__struct_fields__, *LABOR_FACTS}
    words |= {name for kind in TYPES.values() for name in (*parameters(kind.params), *kind.facts)}
    words |= set(parameters(Meeting)) | set(records.Scope.__struct_fields__)
    assert len(words) > 100
    assert sorted(word for word in words if REFUSED.search(word)) == []


async def test_what_both_sides_do_leaves_no_key_about_membership_in_any_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    alder = await district()
    ident = await executed(alder, text(clauses=[UNIT_WORK, NOTICE, MEETING]))
    body = {"present": {"district": 3, "union": 3}, "votes": {"union": {"for": 3, "against": 0}}, "conflicts": 1}
    await records.consultation(alder.hr, ident, "T1.4", held_on=TODAY, body=body)
    await records.notice(
        alder.hr,
        ident,
        "T1.3",
        addressee="union_president",
        items=("site", "hours"),
        delivered_on=TODAY,
        proof="Read receipt",
    )
    await records.grievance(alder.union, ident, "T1.2", filed_on=TODAY, site="Marigold")
    scope = records.Scope(sites=("marigold",), headcount=3, since=TODAY)
    await asks.sign(
        alder.union, await asks.ask(alder.hr, ident, "T1.2", "union_president", work="Tutor", why="Needed.", scope=scope)
    )
    found: set[str] = set()
    async with tenant_transaction("alder"):
        for table, column in ((Agreement, "body"), (Step, "record"), (Record, "body")):
            for row in await table.select().output(load_json=True):
                found.update(keys(row[column]))
        offices = await Officer.select()
    assert {"signed", "vote", "for", "against", "proof", "items", "headcount", "present"} <= found
    assert sorted(key for key in found if REFUSED.search(key)) == []
    assert {row["role"] for row in offices} == {"superintendent", "union_president"}, "officers, and nobody else of the union"


@pytest.mark.parametrize(
    "body",
    [
        {"members": ["Una Invented"]},
        {"present": {"district": 3, "union": ["Una Invented"]}},
        {"votes": {"union": {"Una Invented": "for"}}},
        {"votes": {"union": {"for": -1}}},
    ],
)
async def test_a_meeting_keeps_numbers_by_side_and_refuses_names(monkeypatch: pytest.MonkeyPatch, body: dict[str, Any]) -> None:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    alder = await district()
    ident = await executed(alder, text(clauses=[MEETING]))
    with pytest.raises(Invalid, match="A meeting is kept as numbers by side, without names"):
        await records.consultation(alder.hr, ident, "T1.4", held_on=TODAY, body=body)


async def test_an_agreement_has_no_field_for_who_belongs_to_the_union(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    alder = await district()
    with pytest.raises(Invalid, match="There is no field of an agreement 'members'"):
        await drafts.create(alder.union, text(members=["Una Invented"]))
    with pytest.raises(Invalid, match="There is no field of a clause 'member_of'"):
        await drafts.create(alder.union, text(clauses=[{**UNIT_WORK, "member_of": "T"}]))
    with pytest.raises(Invalid, match="There is no parameter of unit_work_exclusivity 'members'"):
        await drafts.create(alder.union, text(clauses=[{**UNIT_WORK, "params": {"members": ["Una"]}}]))
