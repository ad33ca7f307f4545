"""A proposal tried out says of each placement what the decision would say, asks as little as it can, and counts rightly."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from plugins.union_agreement.rules import heard, remembered, watched
from plugins.union_agreement.rules.counting import Counts
from plugins.union_agreement.rules.deciding import findings_of
from plugins.union_agreement.rules.library import SAMPLES, resolve
from plugins.union_agreement.rules.reader import agreement, plain
from plugins.union_agreement.rules.report import Report
from plugins.union_agreement.rules.simulate import Three, Trial
from staffing.core.case import Case
from staffing.core.evidence import Evidence
from staffing.core.findings import Effect, Finding
from staffing.core.sources import read
from staffing.services.case_list import PlacedCase

TODAY = date(2026, 11, 24)
SINCE = TODAY - timedelta(days=365)
NORTH = UUID(int=1)

TEXTS = {file.stem.upper(): plain(read(file.read_text(encoding="utf-8"), file.name)) for file in sorted(SAMPLES.glob("*.yaml"))}


def always(body: dict[str, Any]) -> dict[str, Any]:
    """An agreement as if it had counted all the time."""
    return {**body, "effective": {"from": "2000-01-01"}, "status": "in_effect"}


def worst(findings: list[Finding]) -> Three:
    known = max((f.effect.severity for f in findings), default=0)
    well = max((f.effect.severity for f in findings if f.effect is not Effect.HOLD), default=0)
    return Three(known, well, Effect.BLOCK.severity if any(f.effect is Effect.HOLD for f in findings) else known)


# --- the same as decisions ---

#: A district: what its cases share.
CONTEXT: dict[str, Any] = {
    "position_actions": [
        {"type": "layoff", "date": "2026-03-10", "classification": "aide", "duties": ["reading_tutoring"]},
        {"type": "hours_cut", "date": "2026-10-01", "classification": "clerk", "hours_before": 6, "hours_after": 4},
    ],
    "open_vacancies": [{"type": "vacancy", "since": "2026-09-01", "classification": "aide", "duties": ["lunch_duty"]}],
    "recall_list": [],
    "leaves": [],
    "labor_disputes": [],
    "duty_to_unit_map": {"lunch_duty": ["classified_77"], "reading_tutoring": ["teachers"]},
    "cosignatures": [{"clause": "A2B.17", "role": "hta_president", "signed_on": "2026-05-01", "placement": str(UUID(int=7))}],
    "notices": [{"clause": "A2.5", "addressee": "hta_president", "delivered_on": "2026-11-02", "items": ["site", "hours"]}],
    "grievances": [{"id": "G1", "agreement": "A6", "placement": str(UUID(int=9)), "status": "pending", "filed_on": "2026-06-01"}],
    "calendars": {"work": ["2026-11-26"], "school": []},
    "waivers": [{"id": "W1", "sections": ["A4.3"], "from": "2026-01-01", "until": "2026-10-31"}],
}
POOL: dict[str, list[Any]] = {
    "engagement": ["volunteer", "national_service", "employee", "contractor", "paraprofessional", "substitute"],
    "employer": ["district", "partner"],
    "duties": [["reading_tutoring"], ["lunch_duty"], ["literacy_tutoring", "clerical_office"], ["assign_grades"]],
    "supervision": ["immediate", "line_of_sight", "nearby"],
    "supervised_by": ["certificated", "partner"],
    "funding": [["americorps"], ["title_i"], ["local"]],
    "setting": ["campus", "off_campus"],
    "classification": ["aide", "clerk"],
}
TOLD: dict[str, list[Any]] = {
    "students_scheduled": [2, 14],
    "students_present": [3],
    "adults_present": [1],
    "minutes_alone": [0, 60],
    "pay_rate": ["20.00", "31.00"],
    "service_ledger": [[{"on": "2026-09-01", "hours": 3}, {"on": "2026-11-02", "hours": 3}]],
    "teacher_informed_at": ["2026-11-19"],
    "similar_work_represented": [True, False],
    "events": [{"all_hubs_closed": "2026-08-01"}],
    "freely_offered": [True],
    "employed_by_same_agency": [False],
    "labor_dispute_status": ["none", "strike"],
}


def made_up(rng: random.Random, number: int) -> Case:
    placement = {name: rng.choice(values) for name, values in POOL.items() if rng.random() < 0.8}
    context = {name: rng.choice(values) for name, values in TOLD.items() if rng.random() < 0.25}
    if rng.random() < 0.8:
        placement["starts_on"] = TODAY + timedelta(days=rng.randrange(-300, 60))
    placement["site"] = rng.choice(["north", "south"])
    placement["placement_id"] = str(UUID(int=number))
    kinds = rng.sample(["state_criminal_history", "fbi_fingerprint", "tb_screening", "education"], rng.randrange(3))
    papers = tuple(
        Evidence(kind=kind, result="clear", issued_on=TODAY - timedelta(days=rng.randrange(700)), detail={"level": "bachelor"})
        for kind in kinds
    )
    return Case(
        jurisdiction="us-ca",
        person={"born_on": date(1990, 1, 1)},
        placement=placement,
        context={**CONTEXT, **context},
        evidence=papers,
    )


@pytest.mark.parametrize("seed", range(8))
def test_each_placement_gets_on_each_day_what_the_decision_would_say(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)
    names = list(TEXTS)
    rng.shuffle(names)
    current, tried = [TEXTS[name] for name in names[:3]], always(TEXTS[names[rng.choice([0, 4])]])
    kept = [body for body in current if body["id"] != tried["id"]]
    trial = Trial(resolve(current), agreement(tried, "tried", ["A2B.17"]), TODAY, CONTEXT)
    asked = []
    real = heard.verdict
    monkeypatch.setattr(heard, "verdict", lambda *args: asked.append(args[0].id) or real(*args))
    days = 0
    for number in range(160):
        case = made_up(rng, number)
        terms = {name: value for name, value in case.placement.items() if name not in {"placement_id", "starts_on"}}
        like = repr((terms, case.context)) if number % 4 else None
        reader = trial.reader(case.placement["placement_id"], case, like)
        for on in sorted(TODAY + timedelta(days=rng.randrange(-365, 120)) for _ in range(3)):
            days += 1
            found = trial.day(reader, on)
            now = findings_of(msgspec.structs.replace(case, agreements=tuple(current)), on)
            then = findings_of(msgspec.structs.replace(case, agreements=(*kept, tried)), on)
            assert (found.now, found.then) == (worst(now), worst(then)), (case, on)
    every = {clause.id for one in resolve([*kept, tried]) for clause in one.clauses}
    assert len([name for name in asked if name in every]) < days * len(every), "an answer is used again"


def test_placements_that_are_alike_are_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    trial = Trial([], agreement(proposal(RATIO, NOTICE), "tried"), TODAY, {})
    asked: list[str] = []
    real = heard.verdict
    monkeypatch.setattr(heard, "verdict", lambda *args: asked.append(args[0].id) or real(*args))
    counts = Counts(trial, SINCE)
    counts.add([placed(n, students=2) for n in range(50)], {})
    counts.add([placed(n, students=7) for n in range(50, 100)], {})
    ours = [name for name in asked if name.startswith("P.")]
    assert sorted(ours) == ["P.1", "P.1", "P.3"], "the ratio once for each number of students, the notice once"


# --- what is noted of a day ---


def test_everything_a_day_can_be_asked_is_noted() -> None:
    own = {name for name in vars(watched.SeenDay) if callable(getattr(watched.SeenDay, name)) or name in watched.TAKEN}
    inherited = {"fromisocalendar", "fromisoformat", "fromordinal", "fromtimestamp", "today", "min", "max", "resolution"}
    ways = {name for name in vars(date) if name not in {"__new__", "__doc__", "__getattribute__", "__reduce_ex__"}}
    assert ways - own - inherited == set()


def test_a_day_that_is_compared_is_noted_by_what_it_was_compared_with() -> None:
    log = watched.Log()
    on = watched.SeenDay.of(TODAY, log, is_start=False)
    start = watched.SeenDay.of(SINCE, log, is_start=True)
    assert max(on, start) is on
    assert (log.pair, log.on, log.on_full, log.start_full) == (True, set(), False, False)
    assert date(2026, 1, 1) < on
    assert not on == date(2026, 5, 5)  # noqa: SIM201 - the comparison itself is tried
    assert log.on == {date(2026, 1, 1), date(2026, 5, 5)}
    assert not log.on_full
    assert on + timedelta(days=1) == date(2026, 11, 25)
    assert log.on_full
    assert f"{start:%Y}" == "2025"
    assert log.start_full
    assert (start in {SINCE}, (TODAY - start).days) == (True, 365)
    assert datetime.combine(on.replace(day=1), datetime.min.time()).day == 1


def test_an_answer_holds_between_two_days_compared_with_and_no_further() -> None:
    node: remembered.Node[str] = remembered.Node()
    log = watched.Log()
    log.on = {date(2026, 6, 1), date(2026, 9, 1)}
    node.keep(date(2026, 8, 15), None, log, "summer")
    assert [node.get(date(2026, month, 15), None) for month in (5, 6, 8, 9)] == [None, "summer", "summer", None]
    assert [node.get(date(2026, month, 1), None) for month in (6, 9)] == [None, None]
    later = watched.Log()
    later.on = {date(2026, 8, 1)}
    node.keep(date(2026, 8, 1), None, later, "the day itself")
    assert node.get(date(2026, 8, 1), None) == "the day itself"
    assert [node.get(date(2026, month, 15), None) for month in (7, 8)] == [None, None], "these stretches are others now"


def test_an_answer_that_asked_for_no_day_holds_always() -> None:
    node: remembered.Node[str] = remembered.Node()
    node.keep(TODAY, TODAY, watched.Log(), "always")
    assert node.get(SINCE, None) == "always"


# --- counts ---

RATIO = {"id": "P.1", "type": "ratio_cap", "params": {"max_students": 3, "per": "tutor"}, "title": "Small groups"}
UNIT_WORK = {
    "id": "P.2",
    "type": "unit_work_exclusivity",
    "params": {"unit_duties": ["reading_tutoring"]},
    "roles": ["volunteer"],
}
NOTICE = {
    "id": "P.3",
    "type": "union_notice",
    "params": {"addressee": "union_president", "lead": 10, "day_kind": "calendar", "content": ["site"]},
}


def proposal(*clauses: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "id": "P",
        "title": "Alder (invented)",
        "kind": "cba",
        "jurisdiction": "PA",
        "units": ["teachers"],
        "effective": {"from": date(2027, 7, 1), "to": date(2029, 6, 30)},
        "signatories": ["superintendent", "union_president"],
        "clauses": list(clauses),
    } | fields


def placed(number: int = 1, *, students: int | None = None, **fields: Any) -> PlacedCase:
    """Somebody who tutors at North; ``terms`` and ``context`` may be given."""
    terms = {"engagement": "volunteer", "employer": "district", "setting": "campus", "duties": ["reading_tutoring"]}
    starts_on = fields.pop("starts_on", date(2026, 10, 1))
    context = fields.pop("context", {}) | ({} if students is None else {"students_scheduled": students})
    placement = {**terms, **fields.pop("terms", {}), "starts_on": starts_on, "placement_id": str(UUID(int=number))}
    case = Case(jurisdiction="us-pa", placement=placement, context=context)
    given: dict[str, Any] = {
        "placement": UUID(int=number),
        "person": UUID(int=number + 10_000),
        "site": NORTH,
        "site_name": "North Elementary",
        "title": "Reading tutor",
        "state": "placed",
        "ends_on": date(2027, 5, 28),
    }
    return PlacedCase(starts_on=starts_on, case=case, **(given | fields))


def tried(body: dict[str, Any], *cases: PlacedCase, current: list[dict[str, Any]] | None = None, **known: Any) -> Report:
    trial = Trial(resolve(current or []), agreement(body, "tried", ["Q.1"]), TODAY, known)
    counts = Counts(trial, SINCE, {"teachers": "Alder teachers"})
    counts.add(cases, {"": known})
    return counts.finished()


def placements(report: Report) -> dict[str, int]:
    return {name: amount.placements for name, amount in report.changes.items() if amount.placements}


def test_what_is_newly_stopped_held_signed_told_and_unchanged_is_counted_apart() -> None:
    body = proposal(RATIO, {**UNIT_WORK, "duties": ["clerical"], "params": {"unit_duties": ["clerical"]}})
    report = tried(
        body,
        placed(1, students=3),
        placed(2, students=4),
        placed(3),
        placed(4, students=1, terms={"duties": ["clerical"]}),
    )
    assert placements(report) == {"same": 1, "blocked": 1, "hold": 1, "cosign": 1}
    assert {(b.clause, b.title, b.placements) for b in report.bites} == {
        ("P.1", "Small groups", 2),
        ("P.2", "Unit work exclusivity", 1),
    }
    assert placements(tried(proposal(NOTICE), placed(5))) == {"notice": 1}


def test_unknown_facts_leave_a_range_and_are_named_with_who_can_tell() -> None:
    report = tried(proposal(RATIO), placed(1, students=4), placed(2), placed(3))
    blocked = report.changes["blocked"]
    assert (blocked.placements, blocked.well, blocked.badly) == (1, 1, 3)
    assert report.changes["same"].well == 2
    assert [(m.fact, m.who, m.placements) for m in report.missing] == [("students scheduled", "site", 2)]


def test_what_stops_a_placement_already_is_no_change() -> None:
    current = proposal({**RATIO, "id": "Q.1"}, id="Q", effective={"from": "2020-01-01"})
    report = tried(proposal({**RATIO, "params": {"max_students": 2, "per": "tutor"}}), placed(students=9), current=[current])
    assert placements(report) == {"same": 1}


def test_the_version_that_is_replaced_counts_no_more_and_the_rest_goes_on() -> None:
    old = proposal({**RATIO, "id": "P.1"}, effective={"from": "2020-01-01"})
    other = proposal({**UNIT_WORK, "id": "Q.1"}, id="Q", units=["aides"], effective={"from": "2020-01-01"})
    new = proposal({**RATIO, "params": {"max_students": 6, "per": "tutor"}})
    report = tried(new, placed(students=5), current=[old, other])
    assert placements(report) == {"eased": 1}
    assert (report.touched[0].before, report.touched[0].after) == ("block", "needs_cosign")
    assert [b.clause for b in report.bites] == ["P.1"]


def test_a_side_letter_sets_aside_what_it_names_and_nothing_else() -> None:
    base = proposal({**UNIT_WORK, "id": "Q.1"}, id="Q", effective={"from": "2020-01-01"})
    letter = proposal({**RATIO, "params": {"max_students": 9, "per": "tutor"}}, kind="side_letter", supersedes=["Q.1"])
    assert placements(tried(letter, placed(students=2), current=[base])) == {"eased": 1}
    assert placements(tried({**letter, "supersedes": []}, placed(students=2), current=[base])) == {"same": 1}


def test_the_proposal_is_taken_to_have_counted_all_the_time() -> None:
    body = proposal(RATIO, effective={"from": date(2030, 1, 1), "to": date(2031, 1, 1)})
    past = placed(students=4, starts_on=date(2026, 1, 10), ends_on=date(2026, 2, 20))
    report = tried(body, past)
    assert placements(report) == {"blocked": 1}
    assert (report.changes["blocked"].ahead, report.touched[0].day) == (0, date(2026, 1, 10))


def test_days_before_the_last_365_and_days_without_a_session_are_not_looked_at() -> None:
    long = placed(students=2, starts_on=date(2020, 9, 1), ends_on=date(2028, 6, 1))
    assert tried(proposal(RATIO), long).decided == 2
    body = proposal({**RATIO, "window": {"from": "2026-12-01", "to": "2026-12-31"}})
    sessions = ((date(2026, 11, 30), 2.0), (date(2026, 12, 7), 1.5))
    report = tried(body, placed(students=8, days=sessions))
    assert (report.decided, report.touched[0].day) == (2, date(2026, 12, 7))
    assert report.changes["blocked"].planned == 1.5, "hours of the day that changes alone"


def test_hours_are_planned_or_stated_or_said_to_be_unknown() -> None:
    weekly = placed(1, students=9, terms={"hours": {"week": 3}}, starts_on=date(2026, 11, 2), ends_on=date(2026, 11, 30))
    silent = placed(2, students=9)
    amount = tried(proposal(RATIO), weekly, silent).changes["blocked"]
    assert (amount.planned, amount.stated, amount.no_hours) == (0.0, 12.0, 1)
    assert (amount.students, amount.no_students) == (18, 0)
    assert tried(proposal(UNIT_WORK), placed()).changes["cosign"].no_students == 1


def test_counts_are_given_by_site_role_unit_and_funding() -> None:
    known = {"duty_to_unit_map": {"reading_tutoring": ["teachers"]}}
    both = placed(1, students=9, terms={"funding": ["title_i", "americorps"]})
    report = tried(proposal(RATIO), both, placed(2, students=1, site=UUID(int=2), site_name="South"), **known)
    rows = {name: {row.label: row.counts for row in rows} for name, rows in report.by.items()}
    assert rows["site"] == {"North Elementary": {"blocked": 1}, "South": {"same": 1}}
    assert rows["role"] == {"Volunteer": {"blocked": 1, "same": 1}}
    assert rows["unit"] == {"Alder teachers": {"blocked": 1, "same": 1}}
    assert rows["funding"] == {"Title I": {"blocked": 1}, "AmeriCorps": {"blocked": 1}, "funding not stated": {"same": 1}}


@pytest.mark.parametrize(
    ("starts_on", "shift"),
    [(date(2026, 10, 1), 11.0), (date(2026, 11, 30), 5.0), (date(2027, 1, 11), 0.0)],
)
def test_a_notice_moves_the_first_day_by_its_lead_from_that_day_or_from_today(starts_on: date, shift: float) -> None:
    report = tried(proposal(NOTICE), placed(starts_on=starts_on))
    assert (report.shift, report.shifted, report.no_shift) == (shift, 1, 0)


def test_where_waiting_cures_nothing_no_day_is_given() -> None:
    report = tried(proposal(NOTICE, RATIO), placed(students=9))
    assert (report.shift, report.shifted, report.no_shift) == (None, 0, 1)


def test_a_lead_in_work_days_without_a_calendar_gives_no_day() -> None:
    body = proposal({**NOTICE, "params": {**NOTICE["params"], "day_kind": "work"}})
    assert tried(body, placed()).shift is None
    assert tried(body, placed(), calendars={"work": []}).shift == 15.0


def test_a_clause_that_reaches_back_leaves_remedies_owing_and_decides_nothing_of_the_past_again() -> None:
    clause = {**RATIO, "retroactive_from": "2026-10-15", "remedy": "The tutor's pay is made up."}
    days = (date(2026, 10, 8), date(2026, 10, 15), date(2026, 10, 22), date(2026, 12, 3))
    sessions = tuple((day, 1.0) for day in days)
    report = tried(proposal(clause), placed(students=9, days=sessions))
    assert [(o.clause, o.what, o.placements, o.days) for o in report.owed] == [("P.1", "The tutor's pay is made up.", 1, 2)]
    assert tried(proposal(RATIO), placed(students=9, days=sessions)).owed == []


def test_a_clause_that_waits_for_a_condition_or_for_money_is_left_out_and_said() -> None:
    body = proposal(
        {**RATIO, "condition_precedent": {"event": "standards_ratified", "by": "2027-06-30", "status": "not_met"}},
        {**UNIT_WORK, "funded": False},
        funding_condition={"body": "city_council", "status": "pending"},
    )
    report = tried(body, placed(students=9))
    assert placements(report) == {"same": 1}
    assert report.waiting == [
        ("P.1", "It waits for a condition: standards ratified."),
        ("P.2", "It waits for money from city council."),
    ]


def test_placements_are_listed_without_a_person() -> None:
    who = placed(students=9)
    text = msgspec.json.encode(tried(proposal(RATIO), who)).decode()
    assert "Reading tutor" in text
    assert str(who.person) not in text
    assert str(who.placement) not in text


def test_a_grievance_holds_the_placement_it_names_and_no_other() -> None:
    body = proposal({**RATIO, "roles": ["substitute"]}, placement_hold_on_grievance=True)
    grievance = {"id": "G1", "placement": str(UUID(int=2)), "status": "pending", "filed_on": "2026-09-01"}
    same = ("terms", "facts")
    report = tried(body, placed(1, like=same), placed(2, like=same), placed(3, like=same), grievances=[grievance])
    assert placements(report) == {"hold": 1, "same": 2}


def test_evidence_is_each_one_s_own() -> None:
    clause = {"id": "P.9", "type": "clearance_identification", "params": {"checks": ["tb"]}}
    results = ["clear", "not_clear", None, "clear"]
    people = []
    for number, result in enumerate(results):
        one = placed(number, like=("terms", "facts"))
        item = Evidence(kind="tb_screening", result=result, issued_on=date(2026, 9, 1 + number))
        held = (item,) if number < 3 else ()
        people.append(msgspec.structs.replace(one, case=msgspec.structs.replace(one.case, evidence=held)))
    assert placements(tried(proposal(clause), *people)) == {"same": 1, "blocked": 3}


def test_evidence_is_read_only_where_a_clause_reads_it() -> None:
    clearance = {"id": "P.9", "type": "clearance_identification", "params": {"checks": ["tb"]}}
    for clauses, reads in (((RATIO,), False), ((RATIO, clearance), True)):
        trial = Trial([], agreement(proposal(*clauses), "tried"), TODAY)
        Counts(trial, SINCE).add([placed(students=1)], {})
        assert trial.papers is reads
