"""Which text counts: side letters and versions set clauses aside, policies do not, and what waits sets nothing aside yet."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from plugins.union_agreement.rules.deciding import findings_of
from staffing.core.case import Case
from staffing.core.findings import Effect

ON = date(2026, 11, 24)
CLAUSE = {"id": "T1.1", "type": "ratio_cap", "params": {"max_students": 3, "per": "tutor"}}
LATER = {"id": "T2.1", "type": "ratio_cap", "params": {"max_students": 12, "per": "tutor"}}


def text(ident: str, *clauses: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "id": ident,
        "title": "Alder (invented)",
        "kind": "cba",
        "jurisdiction": "PA",
        "units": [f"unit_{ident}"],
        "effective": {"from": "2026-07-01", "to": "2029-06-30"},
        "signatories": ["superintendent", "union_president"],
        "clauses": list(clauses),
    } | fields


def said(
    *agreements: dict[str, Any], on: date = ON, context: dict[str, Any] | None = None, **placement: Any
) -> dict[str, Effect]:
    case = Case(
        jurisdiction="us-pa",
        placement={"role": "volunteer", "placement_id": "p1"} | placement,
        context={"students_scheduled": 4} | (context or {}),
        agreements=agreements,
    )
    return {f.ref: f.effect for f in findings_of(case, on)}


def letter(**fields: Any) -> dict[str, Any]:
    given = {"kind": "side_letter", "after_expiry": "sunsets", "effective": {"from": "2026-09-01", "to": "2026-12-31"}}
    return text("T2", fields.pop("clause", LATER), **given, **{"supersedes": ["T1.1"], **fields})


def test_a_side_letter_in_effect_sets_a_clause_aside_and_gives_it_back_when_it_ends() -> None:
    base = text("T1", CLAUSE)
    assert said(base, letter(), on=date(2026, 8, 31))["T1.1"] is Effect.BLOCK
    assert said(base, letter(), on=date(2026, 9, 1)) == {"T2.1": Effect.ALLOW}
    assert said(base, letter(), on=date(2026, 12, 31)) == {"T2.1": Effect.ALLOW}
    assert said(base, letter(), on=date(2027, 1, 1)) == {"T1.1": Effect.BLOCK}


@pytest.mark.parametrize("status", ["draft", "proposed", "tentative", "rejected", "withdrawn", "void", "terminated"])
def test_a_letter_that_does_not_bind_sets_nothing_aside(status: str) -> None:
    assert said(text("T1", CLAUSE), letter(status=status)) == {"T1.1": Effect.BLOCK}


def test_a_policy_of_the_district_sets_no_clause_of_an_agreement_aside() -> None:
    found = said(text("T1", CLAUSE), text("T2", LATER, kind="policy", supersedes=["T1.1"]))
    assert found == {"T1.1": Effect.BLOCK, "T2.1": Effect.ALLOW}


def test_a_clause_that_waits_for_a_condition_or_for_money_sets_nothing_aside_yet() -> None:
    waits = {**LATER, "supersedes": ["T1.1"], "condition_precedent": {"event": "standards_ratified"}}
    assert said(text("T1", CLAUSE), letter(clause=waits, supersedes=[]))["T1.1"] is Effect.BLOCK
    met = {**waits, "condition_precedent": {"event": "standards_ratified", "status": "met"}}
    assert said(text("T1", CLAUSE), letter(clause=met, supersedes=[])) == {"T2.1": Effect.ALLOW}
    unfunded = {**LATER, "supersedes": ["T1.1"], "funded": False}
    assert said(text("T1", CLAUSE), letter(clause=unfunded, supersedes=[]))["T1.1"] is Effect.BLOCK


def test_clearance_and_law_are_set_aside_by_nothing() -> None:
    checks = {"id": "T1.5", "type": "clearance_identification", "params": {"checks": ["fbi"]}}
    law = {**CLAUSE, "id": "T1.6", "layer": "L2"}
    found = said(text("T1", CLAUSE, checks, law), letter(supersedes=["T1.1", "T1.5", "T1.6"]))
    assert (found["T1.5"], found["T1.6"], "T1.1" in found) == (Effect.BLOCK, Effect.BLOCK, False)


def test_of_two_versions_the_one_that_began_last_counts() -> None:
    looser = {**CLAUSE, "params": {"max_students": 12, "per": "tutor"}}
    old, new = text("T1", CLAUSE), text("T1", looser, effective={"from": "2026-12-01"})
    for both in ((old, new), (new, old)):
        assert said(*both, on=date(2026, 11, 30)) == {"T1.1": Effect.BLOCK, "T1": Effect.ALLOW}
        assert said(*both, on=date(2026, 12, 1)) == {"T1.1": Effect.ALLOW}


# --- what a record is about ---

NOTICE = {"id": "T1.3", "type": "union_notice", "params": {"addressee": "union_president", "content": ["site"]}}
WEEKLY = {**NOTICE, "params": {**NOTICE["params"], "trigger": "weekly"}}  # type: ignore[dict-item]
ROUND = {**CLAUSE, "effect": "needs_notice"}


@pytest.mark.parametrize("clause", [NOTICE, WEEKLY, ROUND], ids=["notice", "weekly", "another type"])
def test_a_notice_about_one_placement_counts_for_no_other(clause: dict[str, Any]) -> None:
    told = {"clause": clause["id"], "addressee": "union_president", "delivered_on": "2026-11-23", "items": ["site"]}
    for placement, effect in (("p1", Effect.ALLOW), ("p2", Effect.NEEDS_NOTICE)):
        context = {"notices": [{**told, "placement": placement}]}
        assert said(text("T1", clause), context=context)[clause["id"]] is effect
    assert said(text("T1", clause), context={"notices": [told]})[clause["id"]] is Effect.ALLOW


@pytest.mark.parametrize(
    ("row", "effect"),
    [
        ({}, Effect.ALLOW),
        ({"signed_on": "2026-11-25"}, Effect.NEEDS_COSIGN),
        ({"expires_on": "2026-11-24"}, Effect.ALLOW),
        ({"expires_on": "2026-11-23"}, Effect.NEEDS_COSIGN),
        ({"revoked_on": "2026-11-24"}, Effect.NEEDS_COSIGN),
        ({"revoked_on": "2026-11-25"}, Effect.ALLOW),
        ({"from": "2026-11-25"}, Effect.NEEDS_COSIGN),
        ({"to": "2026-11-23"}, Effect.NEEDS_COSIGN),
        ({"sites": ["south"]}, Effect.NEEDS_COSIGN),
        ({"sites": ["north", "south"]}, Effect.ALLOW),
        ({"roles": ["cbo_staff"]}, Effect.NEEDS_COSIGN),
        ({"placement": "p2"}, Effect.NEEDS_COSIGN),
        ({"role": "field_representative"}, Effect.NEEDS_COSIGN),
        ({"holds_office": False}, Effect.NEEDS_COSIGN),
        ({"headcount": 2}, Effect.ALLOW),
        ({"headcount": 1}, Effect.NEEDS_COSIGN),
        ({"clause": "T9.9"}, Effect.NEEDS_COSIGN),
    ],
)
def test_a_signature_counts_for_what_it_covers(row: dict[str, Any], effect: Effect) -> None:
    held = {"clause": "T1.1", "role": "union_president", "signed_on": "2026-11-20"} | row
    clause = {**CLAUSE, "effect": "needs_cosign"}
    context = {"cosignatures": [held], "covered_headcount": 2}
    assert said(text("T1", clause), context=context, site="north")["T1.1"] is effect
