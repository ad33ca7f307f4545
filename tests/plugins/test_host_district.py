"""What a plugin knows of a district, what it offers beside its findings, and findings of single days."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from staffing import host
from staffing.cli.decide import check_agreements
from staffing.core.case import Case, Session
from staffing.core.errors import Conflict, Invalid
from staffing.core.findings import Decision, Effect, Finding, Layer, State, Text
from staffing.host import Host
from staffing.rulebook import decide_with_plugins
from staffing.services import due, plugins, readiness, switches
from staffing.services.actors import Actor, system
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Decision as Kept
from staffing.store.tables import Placement
from tests.factories import make_placement, make_site, make_tenant

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
HR = Actor(tenant="alder", name="Hana Invented", role="hr")
ADMIN = Actor(tenant="alder", name="Ada Invented", role="admin")

MANIFEST = """
    from staffing.api import (Conflict, Effect, Finding, Invalid, Known, Layer, Link, State, Text, hookimpl)
    STAFFING_API = (1, 1)
    TITLE = "Test"

    def said(rule, effect, words):
        return Finding(rule=rule, title="Test", layer=Layer.AGREEMENT, state=State.VIOLATED, effect=effect, reason=Text(words))
"""
KNOWS = """
    words = {"alder": "closed"}

    @hookimpl
    async def known_here(tenant):
        from staffing.api import current_tenant
        if tenant != current_tenant():
            raise RuntimeError("asked outside the district")
        if tenant not in words:
            return None
        return Known(digest=words[tenant], agreements=({"id": "T1"},), context={"door": words[tenant]})

    @hookimpl
    def findings(case, on):
        if case.context.get("door") == "closed":
            yield said("knowing.door", Effect.BLOCK, "The door is closed. " + ", ".join(a["id"] for a in case.agreements))
"""

Running = Callable[..., Host]


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """Run these plugins, and no others, in this process."""
    monkeypatch.syspath_prepend(tmp_path)

    def run(**sources: str) -> Host:
        made = Host()
        for name, source in sources.items():
            module = f"{name}_{uuid4().hex}"
            text = textwrap.dedent(MANIFEST) + textwrap.dedent(source)
            (tmp_path / f"{module}.py").write_text(text, encoding="utf-8")
            made.add(name, module)
        assert made.failures == []
        monkeypatch.setattr(host, "load", lambda: made)
        return made

    yield run


async def decided(placement, tenant: str = "alder") -> Decision:
    async with tenant_transaction(tenant):
        row = await Placement.select(Placement.person).where(Placement.id == placement).first()
        return await readiness.decision_of(row["person"], placement_id=placement)


def of_plugin(decision: Decision) -> dict[str, tuple[Effect, str]]:
    return {f.rule: (f.effect, str(f.reason)) for f in decision.findings if f.plugin not in ("", "staffing")}


# --- known_here ---


async def test_what_a_plugin_knows_of_a_district_is_in_its_cases_and_in_no_other_districts(tenant: str, running: Running) -> None:
    running(knowing=KNOWS)
    await make_tenant("birch", jurisdiction="us-ca")
    placements = {name: await make_placement(name) for name in ("alder", "birch")}
    for name in placements:
        await switches.switch_on(system(name), "knowing", MONDAY)
    assert of_plugin(await decided(placements["alder"])) == {"knowing.door": (Effect.BLOCK, "The door is closed. T1")}
    assert of_plugin(await decided(placements["birch"], "birch")) == {}


async def test_a_plugin_that_is_switched_off_is_not_asked_what_it_knows(tenant: str, running: Running) -> None:
    running(knowing=KNOWS.replace("if tenant != current_tenant():", "if True:"))
    placement = await make_placement("alder")
    assert of_plugin(await decided(placement)) == {}


@pytest.mark.parametrize(
    "source",
    [
        KNOWS.replace("if tenant != current_tenant():", "if True:"),
        KNOWS.replace("return Known(", "return dict("),
        KNOWS.replace(
            "if tenant not in words:",
            "from staffing.api import DB; await DB.run_script('SELECT broken FROM nowhere')\n        if 0:",
        ),
    ],
    ids=["raises", "answers with something else", "fails in the database"],
)
async def test_nobody_is_cleared_where_a_plugin_cannot_say_what_it_knows(tenant: str, running: Running, source: str) -> None:
    made = running(knowing=source)
    placement = await make_placement("alder")
    await switches.switch_on(ADMIN, "knowing", MONDAY)
    decision = await decided(placement)
    assert decision.outcome is Effect.BLOCK
    assert of_plugin(decision)["knowing.not_running"] == (
        Effect.BLOCK,
        "The plugin knowing could not say what it knows of the district. "
        "Nobody is cleared on the strength of rules that were not checked.",
    )
    assert made.troubles["knowing", "known_here"].says


async def test_a_change_of_what_a_plugin_knows_makes_decisions_due_and_twice_changes_nothing_more(
    tenant: str, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAFFING_TODAY", "2026-11-24")
    import sys

    made = running(knowing=KNOWS.replace("closed", "open", 1))
    placement = await make_placement("alder")
    await switches.switch_on(ADMIN, "knowing", MONDAY)
    await due.retake_in("alder")
    assert await due.retake_in("alder") == 0
    sys.modules[made["knowing"].module].words["alder"] = "closed"
    assert await due.retake_in("alder") == 1
    async with tenant_transaction("alder"):
        (row,) = await Kept.select().where((Kept.placement == placement) & Kept.current.eq(True))
        decision = (await readiness.taken([row["id"]]))[row["id"]]
    assert "knowing.door" in {f.rule for f in decision.findings}
    assert await due.retake_in("alder") == 0


# --- check_agreements ---

SCENARIO = "jurisdiction: us-ca\nagreements:\n  - T1\n  - {id: T2}\n"
READS = """
    READS_AGREEMENTS = True

    @hookimpl
    def check_agreements(agreements, file):
        raise {}
"""


def test_an_agreement_that_is_refused_is_an_answer_and_no_failure_of_the_plugin(running: Running) -> None:
    made = running(reading=READS.format('Invalid(f"{file}:{agreements[1].line}: There is no agreement {agreements[0]}.")'))
    with pytest.raises(Invalid, match=r"s\.yaml:4: There is no agreement T1\."):
        check_agreements(SCENARIO, "s.yaml", Case(jurisdiction="us-ca", agreements=("T1", {"id": "T2"})))
    assert made.troubles == {}


def test_a_plugin_that_fails_over_an_agreement_stops_the_command_and_is_told(running: Running) -> None:
    made = running(reading=READS.format("ZeroDivisionError('of no use')"))
    with pytest.raises(ZeroDivisionError):
        check_agreements(SCENARIO, "s.yaml", Case(jurisdiction="us-ca", agreements=("T1",)))
    assert made.troubles["reading", "check_agreements"].says.endswith("ZeroDivisionError: of no use.")


def test_a_case_without_agreements_asks_nobody(running: Running) -> None:
    running(reading=READS.format("ZeroDivisionError('of no use')"))
    check_agreements("jurisdiction: us-ca\n", "s.yaml", Case(jurisdiction="us-ca"))


# --- demonstrate ---

SHOWS = """
    asked = []

    @hookimpl
    async def demonstrate(tenant, jurisdiction, staff):
        asked.append((tenant, jurisdiction, [(one.name, one.role, one.tag) for one in staff]))
        {}
"""


async def test_the_demonstration_gives_plugins_the_district_and_its_staff(running: Running) -> None:
    import sys

    made = running(showing=SHOWS.format("return None"))
    await plugins.demonstrate("alder", "us-ca", [HR])
    assert sys.modules[made["showing"].module].asked == [("alder", "us-ca", [("Hana Invented", "hr", HR.tag)])]


async def test_the_demonstration_is_not_loaded_where_a_plugin_cannot_add_to_it(running: Running) -> None:
    running(showing=SHOWS.format("raise Conflict('Load it into an empty district.')"))
    with pytest.raises(Conflict, match="empty district"):
        await plugins.demonstrate("alder", "us-ca", [HR])


# --- actions ---

OFFERS = """
    @hookimpl
    def actions(finding, person, placement, position, viewer):
        if viewer.role == "hr":
            yield Link(Text("Later"), f"/p/NAME/later?placement={placement}", 50)
            yield Link(Text("Sooner"), f"/p/NAME/{finding.rule}?position={position}", 1)
"""


def finding(rule: str, effect: Effect, plugin: str) -> Finding:
    return Finding(
        rule=rule, title="T", layer=Layer.AGREEMENT, state=State.VIOLATED, effect=effect, reason=Text("No."), plugin=plugin
    )


def test_a_plugin_offers_what_can_be_done_about_its_own_findings_that_do_not_clear(running: Running) -> None:
    running(one=OFFERS.replace("NAME", "one"), two=OFFERS.replace("NAME", "two"))
    found = [
        finding("one.blocks", Effect.BLOCK, "one"),
        finding("one.holds", Effect.HOLD, "one"),
        finding("one.advises", Effect.ADVISE, "one"),
        finding("two.off", Effect.BLOCK, "two"),
        finding("pack.rule", Effect.BLOCK, "background_check"),
    ]
    person = uuid4()
    offered = plugins.actions(found, person, HR, {"one", "background_check"}, position="P1")
    assert {rule: [(str(link.title), link.url) for link in links] for rule, links in offered.items()} == {
        "one.blocks": [("Sooner", "/p/one/one.blocks?position=P1"), ("Later", "/p/one/later?placement=None")],
        "one.holds": [("Sooner", "/p/one/one.holds?position=P1"), ("Later", "/p/one/later?placement=None")],
    }
    assert plugins.actions(found, person, ADMIN, {"one", "two"}) == {}


def test_a_plugin_that_offers_somebody_elses_page_or_fails_is_left_out_and_told(running: Running) -> None:
    made = running(thief=OFFERS.replace("NAME", "one"), lame="@hookimpl\ndef actions(finding): raise RuntimeError('no')")
    found = [finding("thief.rule", Effect.BLOCK, "thief"), finding("lame.rule", Effect.BLOCK, "lame")]
    assert plugins.actions(found, uuid4(), HR, {"thief", "lame"}) == {}
    assert "It must start with '/p/thief/'" in made.troubles["thief", "actions"].says
    assert "RuntimeError: no" in made.troubles["lame", "actions"].says


# --- findings of single days, and concerned ---

BY_DAY = """
    @hookimpl
    def findings(case, on):
        if on.weekday() == 0:
            yield said("days.rule", Effect.BLOCK, "Not on a Monday.")
        elif on.weekday() == 1:
            yield said("days.rule", Effect.ADVISE, "Better not on a Tuesday.")
"""


def test_a_finding_of_one_day_counts_for_the_sessions_of_that_day_and_the_worst_is_reported(running: Running) -> None:
    made = running(days=BY_DAY)
    sessions = tuple(Session(on=day, hours=1) for day in (MONDAY, TUESDAY, date(2026, 11, 25)))
    decision = decide_with_plugins(made, Case(jurisdiction="us-zz", sessions=sessions), TUESDAY, {"days"})
    by_day = {session.on: ("days.rule" in session.rules, session.outcome is Effect.BLOCK) for session in decision.sessions}
    assert by_day[MONDAY] == (True, True)
    assert by_day[TUESDAY] == (True, False)
    assert by_day[date(2026, 11, 25)] == (False, False)
    assert [(f.rule, f.effect) for f in decision.findings if f.plugin == "days"] == [("days.rule", Effect.BLOCK)]


def test_without_sessions_the_day_decided_for_counts(running: Running) -> None:
    made = running(days=BY_DAY)
    decision = decide_with_plugins(made, Case(jurisdiction="us-zz"), TUESDAY, {"days"})
    assert [f.effect for f in decision.findings if f.plugin == "days"] == [Effect.ADVISE]


def test_whether_a_plugin_is_concerned_is_a_plain_yes_or_no(running: Running) -> None:
    made = running(
        sure="@hookimpl\ndef concerned(case, on): return 'hello' in case.placement",
        odd="@hookimpl\ndef concerned(case, on): return 'perhaps'",
        lame="@hookimpl\ndef concerned(case, on): raise RuntimeError('no')",
    )
    answers = {a.plugin: (a.value, a.error) for a in made.ask("concerned", case=Case(jurisdiction="us-zz"), on=TUESDAY)}
    assert answers["sure"] == (False, None)
    assert "Give a bool" in str(answers["odd"][1])
    assert isinstance(answers["lame"][1], RuntimeError)


# --- a pass over a whole district ---

SOME = """
    asked, decided = [], []

    @hookimpl
    def concerned(case, on):
        asked.append((case.placement.get("duties"), case.person.get("born_on"), case.evidence))
        {}

    @hookimpl
    def findings(case, on):
        decided.append(case.placement.get("duties"))
        if "greeting" in case.placement.get("duties", ()):
            yield said("some.rule", Effect.BLOCK, "No greeting today.")
"""
TERMS = {"engagement": "volunteer", "employer": "district"}


async def pass_over(running: Running, answer: str) -> tuple[list, list, dict]:
    """A pass over two placements of each of two kinds: what was asked, what was decided singly, and the outcomes by duty."""
    import sys

    made = running(some=SOME.format(answer))
    await switches.switch_on(ADMIN, "some", MONDAY)
    site = await make_site("alder")
    for duty in ("greeting", "greeting", "reading", "reading"):
        await make_placement("alder", site=site, terms={**TERMS, "duties": [duty]})
    module = sys.modules[made["some"].module]
    await due.retake_in("alder")
    asked, single = list(module.asked), list(module.decided)
    assert await due.retake_in("alder") == 0, "what was decided at once stands as if it had been decided singly"
    async with tenant_transaction("alder"):
        rows = await Kept.select(Kept.outcome, Kept.placement.terms).where(Kept.current.eq(True)).output(load_json=True)
    return asked, single, {row["placement.terms"]["duties"][0]: row["outcome"] for row in rows}


async def test_in_a_pass_over_a_district_only_those_a_plugin_is_concerned_with_are_decided_singly(
    tenant: str, running: Running
) -> None:
    asked, single, outcomes = await pass_over(running, 'return "greeting" in case.placement["duties"]')
    assert sorted(asked) == [(["greeting"], None, ()), (["reading"], None, ())], "once for the same work at the same place"
    assert single == [["greeting"], ["greeting"]]
    assert outcomes["greeting"] == "block"
    assert outcomes["reading"] != "block"


@pytest.mark.parametrize("answer", ["return None", "raise RuntimeError('no')", "return 'perhaps'"])
async def test_everybody_is_decided_singly_where_a_plugin_does_not_say_no(tenant: str, running: Running, answer: str) -> None:
    _, single, outcomes = await pass_over(running, answer)
    assert sorted(single) == [["greeting"], ["greeting"], ["reading"], ["reading"]]
    assert outcomes["greeting"] == "block"


async def test_a_plugin_that_is_switched_off_slows_no_pass(tenant: str, running: Running) -> None:
    import sys

    made = running(some=SOME.format("return True"))
    await make_placement("alder", terms={**TERMS, "duties": ["greeting"]})
    await due.retake_in("alder")
    assert sys.modules[made["some"].module].decided == []
