"""The law about labor that is always on: which laws ship, whom they are about; an ordinary volunteer is asked nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from plugins.union_agreement.rules import law
from plugins.union_agreement.rules.deciding import concerns, findings_of
from plugins.union_agreement.rules.types import TYPES
from staffing.core.case import Case
from staffing.core.findings import Effect, Finding, State

ON = date(2026, 3, 4)


def case(jurisdiction: str = "us-oh", engagement: str | None = "volunteer", **more: Any) -> Case:
    placement = {"setting": "campus", "starts_on": date(2026, 1, 5), "duties": ["tutoring"], **more.pop("placement", {})}
    if engagement:
        placement["engagement"] = engagement
    return Case(jurisdiction=jurisdiction, placement=placement, context=more)


def by_ref(found: list[Finding]) -> dict[str, Finding]:
    return {finding.ref: finding for finding in found}


def test_every_law_names_its_source_and_says_how_sure_it_is() -> None:
    for one in law.laws():
        assert one.clause.type in TYPES
        assert one.clause.cite.title and one.clause.cite.url
        assert one.confidence in {"high", "medium", "low", "unconfirmed"}


def test_text_of_uncertain_force_is_marked_and_nothing_else_is() -> None:
    reviewed = {one.clause.id for one in law.laws() if one.currency}
    unsure = {one.clause.id for one in law.laws() if one.confidence in {"low", "unconfirmed"}}
    assert reviewed == unsure == {"LAW.FED.TI.200.59c", "LAW.FED.TI.200.59b1"}


@pytest.mark.parametrize(
    "one",
    [
        case(placement={"funding": ["local"]}),
        case("us-ca", placement={"funding": ["local"]}),
        case(placement={"funding": ["americorps"]}),
        case("us-nv", position_actions=[]),
        case(engagement="national_service"),
        case(employed_by_same_agency=False, payment_amount=0),
    ],
)
def test_somebody_the_law_is_not_about_is_not_even_asked(one: Case) -> None:
    assert concerns(one, ON) is False
    assert findings_of(one, ON) == []


@pytest.mark.parametrize(
    "one",
    [
        case("us-ca", position_actions=[]),
        case("us-ca-los-angeles", open_vacancies=[]),
        case(engagement="national_service", placement={"funding": ["americorps"]}),
        case(engagement=None, placement={"funding": ["americorps"]}),
        case(placement={"funding": ["wioa"]}),
        case(freely_offered=True),
        case(payment_amount=25),
    ],
)
def test_whoever_it_may_be_about_is_asked(one: Case) -> None:
    assert concerns(one, ON) is True
    assert findings_of(one, ON) != []


def test_a_role_nobody_told_holds_where_the_programme_pays() -> None:
    found = by_ref(findings_of(case(engagement=None, placement={"funding": ["americorps"]}), ON))
    assert found["LAW.FED.AC.12637"].state is State.UNKNOWN
    assert found["LAW.FED.AC.12637"].effect is Effect.HOLD


def test_no_agreement_makes_a_law_milder() -> None:
    signed = {
        "id": "T1",
        "title": "Alder (invented)",
        "jurisdiction": "OH",
        "units": ["classified"],
        "effective": {"from": date(2024, 7, 1)},
        "signatories": ["superintendent", "local_1_president"],
        "clauses": [{"id": "T1.1", "type": "duty_limit", "params": {"deny": ["grading"]}}],
    }
    one = case(
        engagement="national_service",
        placement={"funding": ["americorps"]},
        labor_dispute_status="strike",
        cosignatures=[{"agreement": "law", "role": "union_president", "signed_on": date(2026, 1, 1), "holds_office": True}],
    )
    found = by_ref(
        findings_of(Case(jurisdiction="us-oh", placement=one.placement, context=one.context, agreements=(signed,)), ON)
    )
    assert found["LAW.FED.AC.12637.vacancy"].effect is Effect.BLOCK
    assert found["LAW.FED.AC.12637.vacancy"].citation == "42 U.S.C. § 12637(b); 45 CFR § 2540.100(f)"


@pytest.mark.parametrize(
    ("kind", "params", "says"),
    [
        ("non_displacement", {"lookback": 0}, "A lookback of 0 days looks at nothing."),
        ("non_displacement", {"causal_test": "temporal_presumption"}, "A presumption from time needs its time"),
        ("vacancy_recall_bar", {"bar": ()}, "Say what is barred"),
        ("vacancy_recall_bar", {"bar": ("leave",), "recent": 30}, "'recent' belongs to the bar"),
        ("unit_work_exclusivity", {"emergency_max": 4}, "'emergency_max' belongs to the carve-out emergency."),
        ("duty_limit", {}, "A limit of duties needs allow, deny, or a deciding_role."),
        ("duty_limit", {"allow": ("tutoring",), "deny": ("tutoring",)}, "tutoring is allowed and denied."),
        ("no_staffing_credit", {"counted_roles_forbidden": ("janitor",)}, "There is no role 'janitor'."),
        ("time_window", {}, "Say when"),
        ("time_window", {"max_session": 0}, "A session of 0 minutes is none."),
        ("contracting_out_gate", {"conditions": ("cheap",)}, "There is no condition 'cheap'."),
        ("contracting_out_gate", {"conditions": ("notice_days_0",)}, "A notice of 0 days is none."),
    ],
)
def test_parameters_that_make_no_sense_are_refused_in_words(kind: str, params: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        TYPES[kind].params(**params)
