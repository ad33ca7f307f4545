"""What holds for every agreement, record and day, tried on many that nobody thought of."""

from __future__ import annotations

import os
from datetime import date, timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.union_agreement.rules import yaml_text
from plugins.union_agreement.rules.clause import ROLES
from plugins.union_agreement.rules.deciding import findings_of
from plugins.union_agreement.rules.lifecycle import State
from plugins.union_agreement.rules.reader import agreement, digest_of, plain
from staffing.core.case import Case
from staffing.core.findings import Effect, Finding, worst
from staffing.core.sources import read

#: A machine that is busy with other tests takes its time.
many = settings(deadline=None, max_examples=int(os.environ.get("STAFFING_EXAMPLES", "60")))

ON = date(2026, 11, 24)
FIRST = date(2026, 7, 1)

days = st.integers(-400, 400).map(lambda n: ON + timedelta(days=n))
some_days = st.none() | days
roles = st.sampled_from(["volunteer", "cbo_staff", "national_service"])
officers = st.sampled_from(["union_president", "field_representative", "superintendent"])

signatures = st.fixed_dictionaries(
    {"clause": st.sampled_from(["T1.1", "T1.2", "T1.3", "T1.4"]), "role": officers},
    optional={
        "signed_on": days.map(date.isoformat),
        "expires_on": days.map(date.isoformat),
        "revoked_on": days.map(date.isoformat),
        "from": days.map(date.isoformat),
        "to": days.map(date.isoformat),
        "sites": st.lists(st.sampled_from(["north", "south"]), max_size=2),
        "roles": st.lists(roles, max_size=2),
        "headcount": st.integers(0, 5),
        "holds_office": st.booleans(),
        "placement": st.sampled_from(["p1", "p2"]),
    },
)
notices = st.fixed_dictionaries(
    {"addressee": officers, "items": st.lists(st.sampled_from(["site", "hours"]), max_size=2)},
    optional={
        "clause": st.sampled_from(["T1.3", "T1.4"]),
        "delivered_on": days.map(date.isoformat),
        "placement": st.sampled_from(["p1", "p2"]),
    },
)

UNIT_WORK = {"id": "T1.1", "type": "unit_work_exclusivity", "params": {"unit_duties": ["tutoring"]}}
WITH_TWO = {**UNIT_WORK, "id": "T1.2", "cosign": ["union_president", "field_representative"]}
NOTICE = {
    "id": "T1.3",
    "type": "union_notice",
    "params": {"addressee": "union_president", "lead": 10, "day_kind": "calendar", "content": ["site", "hours"]},
}
RATIO = {"id": "T1.4", "type": "ratio_cap", "params": {"max_students": 3, "per": "tutor"}, "effect": "needs_notice"}
CHECKS = {"id": "T1.5", "type": "clearance_identification", "params": {"checks": ["fbi", "tb"], "badge": True}}


def text(**fields: Any) -> dict[str, Any]:
    return {
        "id": "T1",
        "title": "Alder (invented)",
        "kind": "cba",
        "jurisdiction": "PA",
        "units": ["teachers"],
        "effective": {"from": FIRST, "to": date(2028, 6, 30)},
        "signatories": ["superintendent", "union_president"],
        "clauses": [UNIT_WORK, WITH_TWO, NOTICE, RATIO, CHECKS],
    } | fields


def case(*agreements: dict[str, Any], context: dict[str, Any] | None = None, **placement: Any) -> Case:
    told: dict[str, Any] = {
        "role": "volunteer",
        "duties": ["tutoring"],
        "site": "north",
        "placement_id": "p1",
        "starts_on": date(2026, 12, 1),
        "funding": ["local"],
    }
    facts = {"students_scheduled": 4, "covered_headcount": 2, "closed_days": []}
    return Case(jurisdiction="us-pa", placement=told | placement, context=facts | (context or {}), agreements=agreements)


def outcome(found: list[Finding]) -> Effect:
    return worst(f.effect for f in found)


def severities(found: list[Finding]) -> dict[str, int]:
    return {f.ref: f.effect.severity for f in found}


def standing(found: list[Finding]) -> dict[str, Effect]:
    """What stands in the way."""
    return {f.ref: f.effect for f in found if f.effect is not Effect.ALLOW}


# --- records ---


@many
@given(st.lists(signatures, max_size=4), signatures, st.lists(notices, max_size=3), days)
def test_one_more_signature_never_makes_an_answer_worse(
    held: list[dict[str, Any]], more: dict[str, Any], told: list[dict[str, Any]], on: date
) -> None:
    before = findings_of(case(text(), context={"cosignatures": held, "notices": told}), on)
    after = findings_of(case(text(), context={"cosignatures": [*held, more], "notices": told}), on)
    first = findings_of(case(text(), context={"cosignatures": [more, *held], "notices": told}), on)
    for found in (after, first):
        assert severities(found).keys() == severities(before).keys()
        assert all(severities(found)[ref] <= severity for ref, severity in severities(before).items())


@many
@given(st.lists(notices, max_size=4), notices, days)
def test_one_more_notice_never_makes_an_answer_worse(held: list[dict[str, Any]], more: dict[str, Any], on: date) -> None:
    before = findings_of(case(text(), context={"notices": held}), on)
    for rows in ([*held, more], [more, *held]):
        after = severities(findings_of(case(text(), context={"notices": rows}), on))
        assert all(after[ref] <= severity for ref, severity in severities(before).items())


@many
@given(st.lists(signatures, max_size=5), days, st.integers(0, 200))
def test_what_is_signed_after_a_day_changes_nothing_on_it(held: list[dict[str, Any]], on: date, later: int) -> None:
    late = [{**row, "signed_on": (on + timedelta(days=1 + later)).isoformat()} for row in held]
    bare = severities(findings_of(case(text()), on))
    assert severities(findings_of(case(text(), context={"cosignatures": late}), on)) == bare


# --- superseding ---


@many
@given(
    st.sets(st.sampled_from(["T1.1", "T1.2", "T1.3", "T1.4", "T1.5", "T1.6", "LAW.CLEAR"]), min_size=1),
    st.sampled_from(["side_letter", "mou", "policy", "cba"]),
    days,
    st.booleans(),
)
def test_no_text_of_the_parties_sets_law_or_clearance_aside(named: set[str], kind: str, on: date, waiting: bool) -> None:
    law = {"id": "T1.6", "type": "ratio_cap", "params": {"max_students": 2}, "layer": "L1"}
    base = text(clauses=[UNIT_WORK, WITH_TWO, NOTICE, RATIO, CHECKS, law])
    clause: dict[str, Any] = {
        "id": "T2.1",
        "type": "time_window",
        "params": {"forbidden": ["duty_free_lunch"]},
        "effect": "advise",
    }
    if waiting:
        clause["condition_precedent"] = {"event": "never_to_come"}
    letter = text(id="T2", kind=kind, units=["aides"], clauses=[clause], supersedes=sorted(named - {"T1.5", "LAW.CLEAR"}))
    alone = severities(findings_of(case(base), on))
    both = severities(findings_of(case(base, letter), on))
    assert all(both.get(ref) == severity for ref, severity in alone.items() if ref in {"T1.5", "T1.6"})
    if kind == "policy":
        assert all(both.get(ref) == severity for ref, severity in alone.items() if ref.startswith("T1."))


# --- the text ---

words = st.text(st.characters(whitelist_categories=("L", "N", "P", "Zs")), min_size=1, max_size=20).map(str.strip).filter(bool)
codes = st.from_regex(r"[a-z][a-z_]{0,12}", fullmatch=True)
clauses = st.builds(
    lambda n, kind, more: {"id": f"T1.{n}", **kind, **more},
    st.integers(1, 999),
    st.sampled_from(
        [
            {"type": "ratio_cap", "params": {"max_students": 3, "exceptions_cap": {"n": 2, "per": "month"}}},
            {"type": "pay_floor", "params": {"floor": 24.10}},
            {
                "type": "solo_coverage_limit",
                "params": {"max": 45, "emergency_report": {"to": "principal", "within": "1_work_day"}},
            },
            {"type": "union_concurrence", "params": {"covers": {"from": date(2026, 8, 18), "headcount": 18}}},
        ]
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "text": words,
            "plain": words,
            "title": words,
            "roles": st.lists(st.sampled_from(ROLES), min_size=1, max_size=3),
            "duties": st.lists(codes, max_size=3),
            "window": st.fixed_dictionaries({"from": days}, optional={"to": days, "times": st.just(["15:00-17:30"])}),
            "effect": st.sampled_from(["block", "advise", "needs_notice", "needs_cosign"]),
            "funded": st.booleans(),
            "cite": st.fixed_dictionaries({"title": words}, optional={"read_as_of": days, "pinpoint": words}),
            "pattern": words,
        },
    ),
)
agreements = st.builds(
    lambda clauses, more: text(clauses=clauses, **more),
    st.lists(clauses, min_size=1, max_size=4, unique_by=lambda one: one["id"]),
    st.fixed_dictionaries(
        {"title": words},
        optional={
            "work_calendar_closures": st.lists(days, max_size=3),
            "evergreen_clause": st.booleans(),
            "happened": st.dictionaries(codes, days, max_size=2),
            "text": words,
            "effective": st.just({"from": FIRST, "to": {"earliest_of": [date(2028, 6, 30), {"event": "all_hubs_closed"}]}}),
        },
    ),
)


@many
@given(agreements)
def test_an_agreement_written_as_yaml_and_read_again_is_the_same_text(body: dict[str, Any]) -> None:
    first = agreement(body, "t.yaml")
    kept = msgspec.json.decode(msgspec.json.encode(plain(body)))  # as the database gives it back
    again = read(yaml_text.write(kept), "t.yaml")
    assert digest_of(again) == digest_of(kept) == first.digest
    assert msgspec.structs.replace(agreement(again, "t.yaml"), clauses=()) == msgspec.structs.replace(first, clauses=())
    assert yaml_text.write(msgspec.json.decode(msgspec.json.encode(plain(again)))) == yaml_text.write(kept), "stable"


# --- time ---

lasting = st.builds(
    lambda since, length, after, status, place, told: text(
        effective={"from": since, "to": since + timedelta(days=length)},
        after_expiry=after,
        status=status.value,
        jurisdiction=place,
        evergreen_clause=told,
        clauses=[UNIT_WORK, NOTICE, {**RATIO, "after_expiry": "survives" if told else "sunsets"}],
    ),
    days,
    st.integers(0, 300),
    st.sampled_from(["status_quo", "evergreen", "partial_survival", "per_clause", "lapsed", "sunsets"]),
    st.sampled_from([State.EXECUTED, State.IN_EFFECT, State.EXPIRING, State.STATUS_QUO, State.SUPERSEDED, State.PROPOSED]),
    st.sampled_from(["PA", "MA", "TN", "RI", "NH", "CA"]),
    st.booleans(),
)


@many
@given(lasting, st.lists(signatures, max_size=3), st.lists(notices, max_size=2), days)
def test_until_the_day_a_decision_holds_nothing_changes(
    body: dict[str, Any], signed: list[dict[str, Any]], told: list[dict[str, Any]], on: date
) -> None:
    what = case(body, context={"cosignatures": signed, "notices": told})
    found = findings_of(what, on)
    until = min((f.holds_until for f in found if f.holds_until is not None), default=on + timedelta(days=120))
    assert until > on
    day = on
    while day < min(until, on + timedelta(days=120)):
        later = findings_of(what, day)
        assert (outcome(later), standing(later)) == (outcome(found), standing(found)), f"{on} holds until {until}, not {day}"
        day += timedelta(days=1)
