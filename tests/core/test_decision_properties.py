"""What must hold for every case, on the shipped packs: tried on generated people, placements and evidence."""

from __future__ import annotations

import json
from datetime import date, timedelta

import msgspec
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from staffing import host, rulebook
from staffing.core.case import Case
from staffing.core.decisions import decide
from staffing.core.evidence import Evidence
from staffing.core.findings import Effect
from staffing.core.pack_loader import PackText, load
from staffing.core.rules import RuleBook
from staffing.core.scenario import scenario
from tests.core.packs import DISTRICT

RULES = rulebook.rules(host.load())
KINDS = [
    "state_criminal_history",
    "child_abuse_history",
    "fbi_fingerprint",
    "affirmation",
    "notice_acknowledgement",
    "tb_screening",
    "mandated_reporter_training",
    "sex_offender_registry",
    "arrest_report_form",
    "employment_history_review",
    "national_sex_offender_registry",
]
STATES = sorted({pack.id for pack in RULES.packs if pack.id != "us"})
DECLARED = {
    state: [s for pack in RULES.packs_for(state) for s in pack.facts if s.type == "bool" and s.group != "person"]
    for state in STATES
}
days = st.dates(min_value=date(2019, 10, 1), max_value=date(2028, 12, 31))
maybe = st.none() | st.booleans()


def some(spec):
    return st.none() | st.sampled_from(list(RULES.specs[spec].choices))


evidence = st.builds(
    Evidence,
    kind=st.sampled_from(KINDS),
    state=st.just("complete"),
    result=st.just("clear"),
    issued_on=days,
    purpose=st.sampled_from([None, "volunteer", "employment"]),
)
asked_for = st.builds(Evidence, kind=st.sampled_from(KINDS), state=st.just("initiated"), requested_on=days)


@st.composite
def cases(draw):
    person = {"born_on": draw(st.none() | st.dates(date(1950, 1, 1), date(2012, 1, 1))), "resident_since": draw(st.none() | days)}
    placement = {
        key: draw(some(f"placement.{key}"))
        for key in ("engagement", "employer", "setting", "contact", "supervision", "supervised_by", "programme")
    }
    placement["responsible_for_welfare"] = draw(maybe)
    placement["duties"] = draw(
        st.none() | st.lists(st.sampled_from(["reading_tutoring", "guest_reader", "coaching"]), min_size=1)
    )
    placement["starts_on"] = draw(st.none() | days)
    placement["funding"] = ["local"]
    placement["grade_band"] = draw(st.sampled_from(["pk-k", "k-5", "6-8", None]))
    placement["hours"] = {"week": draw(st.integers(0, 8))}
    placement["days"] = {"week": draw(st.integers(1, 3))}
    placement["teacher"] = draw(st.sampled_from([None, "T1"]))
    jurisdiction = draw(st.sampled_from(STATES))
    context = {"separated_on": draw(st.none() | days)}
    for spec in DECLARED[jurisdiction]:  # the yes-or-no facts that the packs of the place declare
        (placement if spec.group == "placement" else context)[spec.key] = draw(maybe)
    if draw(st.booleans()):
        context["service_ledger"] = [{"on": day, "teacher": "T1"} for day in draw(st.lists(days, max_size=8))]
    if draw(st.booleans()):
        context |= {"students_present": draw(st.integers(0, 40)), "adults_present": draw(st.integers(0, 3))}
    return Case(
        jurisdiction=jurisdiction,
        person={key: value for key, value in person.items() if value is not None},
        placement={key: value for key, value in placement.items() if value is not None},
        context={key: value for key, value in context.items() if value is not None},
        evidence=tuple(draw(st.lists(evidence | asked_for, max_size=6))),
    )


thorough = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@thorough
@given(cases(), evidence, days)
def test_more_clear_evidence_never_makes_the_outcome_worse(case, more, on):
    before = decide(case, RULES, on).outcome
    after = decide(msgspec.structs.replace(case, evidence=(*case.evidence, more)), RULES, on).outcome
    assert worst_of(after) <= worst_of(before)


def worst_of(outcome):
    # Advice comes and goes with evidence that is about to lapse; it stops nobody.
    return max(outcome.severity, Effect.ADVISE.severity)


@thorough
@given(cases(), days, st.data())
def test_the_answer_stays_the_same_until_the_day_it_names(case, on, data):
    decision = decide(case, RULES, on)
    until = decision.holds_until
    assert until is None or until > on
    last = (until or on + timedelta(days=2500)) - timedelta(days=1)
    later = data.draw(st.dates(on, last))
    assert worst_of(decide(case, RULES, later).outcome) == worst_of(decision.outcome)
    if until is not None:
        again = decide(case, RULES, until)
        assert again.holds_until is None or again.holds_until > until


@thorough
@given(cases(), days)
def test_a_districts_pack_never_relaxes(case, on):
    text = PackText(DISTRICT.replace("us-zz", case.jurisdiction), "alder.yaml", "district")
    rules = RULES.with_packs(load([text], {}))
    plain = decide(case, rules, on)
    stricter = decide(msgspec.structs.replace(case, overlays=("alder",)), rules, on)
    assert stricter.outcome.severity >= plain.outcome.severity
    kept = {f.rule: f for f in stricter.findings}
    assert all(kept[f.rule] == f for f in plain.findings)


@thorough
@given(cases(), days, st.randoms())
def test_the_order_of_packs_and_evidence_does_not_matter(case, on, random):
    packs, held = list(RULES.packs), list(case.evidence)
    random.shuffle(packs)
    random.shuffle(held)
    one = decide(case, RULES, on)
    other = decide(
        msgspec.structs.replace(case, evidence=tuple(held)), RuleBook(packs, agreements_read=RULES.agreements_read), on
    )
    assert [(f.rule, f.state, f.effect) for f in one.findings] == [(f.rule, f.state, f.effect) for f in other.findings]
    assert (one.outcome, one.holds_until, one.rules_hash) == (other.outcome, other.holds_until, other.rules_hash)


def written(case, on):
    """A case as the plain values of a scenario file."""
    return {
        "jurisdiction": case.jurisdiction,
        "on": on,
        "person": case.person,
        "placement": case.placement,
        "context": case.context,
        "evidence": [
            {
                key: value
                for key, value in msgspec.structs.asdict(held).items()
                if value is not None and key not in ("id", "detail")
            }
            for held in case.evidence
        ],
    }


@thorough
@given(cases())
def test_a_scenario_written_as_yaml_then_json_then_yaml_is_decided_the_same(case):
    on = date(2029, 6, 1)  # after everything generated, so that nothing is evidence from the future
    placement = {key: value for key, value in case.placement.items() if key != "supervised_by"}
    case = msgspec.structs.replace(case, person={}, placement=placement)
    first = yaml.safe_dump(written(case, on))
    as_json = json.dumps(yaml.safe_load(first), default=str)
    again = yaml.safe_dump(json.loads(as_json))
    decisions = []
    for text in (first, as_json, again):
        found = scenario(text, "scenario", RULES)
        decisions.append(decide(found.case, RULES, found.on))
    assert decisions[0] == decisions[1] == decisions[2]
    assert decisions[0].findings == decide(case, RULES, on).findings


@thorough
@given(cases(), days)
def test_every_finding_is_cited_and_every_blocking_one_says_what_next(case, on):
    for finding in decide(case, RULES, on).findings:
        assert finding.citation or finding.plugin == "staffing"  # a state under review has no rule to cite
        assert str(finding.reason)
        if not finding.effect.clears:
            assert finding.remedy is not None and str(finding.remedy.what)


@thorough
@given(cases(), days)
def test_every_unknown_finding_names_a_fact_somebody_can_supply(case, on):
    for finding in decide(case, RULES, on).findings:
        if finding.plugin == "staffing":
            continue  # a state under review lacks a confirmed rule, not a fact
        if finding.state == "unknown" and finding.evidence is None and not any(e.kind in finding.accepts for e in case.evidence):
            assert any(fact.value is None for fact in finding.facts), finding
