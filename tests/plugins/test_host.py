"""The host: what it finds, what it leaves out and why, and how it asks."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from staffing import hookspecs, host
from staffing.core.case import Case
from staffing.host import Host

CASE = Case(jurisdiction="us-ca")
ON = date(2026, 11, 24)
GOOD = """
    from staffing.api import Effect, Finding, Layer, State, Text, hookimpl
    STAFFING_API = (1, 0)
    TITLE = "Good"

    @hookimpl
    def findings(case, on):
        yield Finding(rule="good.rule", title="Good", layer=Layer.DISTRICT_POLICY, state=State.MET, effect=Effect.ALLOW,
                      reason=Text("Met on {on}.", {"on": on.isoformat()}))
"""

Write = Callable[[str, str], str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a plugin module of its own name; gives the name."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(name: str, source: str) -> str:
        module = f"{name}_{uuid4().hex}"
        (tmp_path / f"{module}.py").write_text(textwrap.dedent(source), encoding="utf-8")
        return module

    return write


def running(write: Write, **sources: str) -> Host:
    made = Host()
    for name, source in sources.items():
        made.add(name, write(name, source))
    return made


def only_failure(made: Host) -> host.Failure:
    (failure,) = made.failures
    return failure


def test_the_bundled_plugins_are_found_once_each_and_run() -> None:
    made = host.load()
    assert made.failures == []
    assert [(p.name, p.module) for p in made if p.module.startswith("plugins.")] == [
        ("background_check", "plugins.background_check"),
        ("certification", "plugins.certification"),
        ("union_agreement", "plugins.union_agreement"),
    ]
    assert [p.name for p in made if p.reads_agreements] == ["union_agreement"]
    assert made["certification"].title == "Training, health and qualifications"
    assert made.folders("packs")["certification"] == host.BUNDLED / "certification" / "packs"


def test_a_plugin_that_does_not_import_is_left_out_and_says_why(write: Write) -> None:
    made = running(write, broken="import vendor_sdk_of_nobody", good=GOOD)
    assert made.names() == ("good",)
    failure = only_failure(made)
    assert failure.says == (
        "The plugin broken was left out because it does not import: ModuleNotFoundError: No module named 'vendor_sdk_of_nobody'. "
        "Install what it needs, or leave it out with STAFFING_PLUGINS_OFF=broken."
    )
    assert "Traceback" in failure.traceback
    assert "import vendor_sdk_of_nobody" in failure.traceback
    assert len(made.ask("findings", case=CASE, on=ON)) == 1


def test_a_plugin_that_ends_the_program_on_import_does_not_end_it(write: Write) -> None:
    made = running(write, quitter="raise SystemExit(3)", good=GOOD)
    assert made.names() == ("good",)
    assert "SystemExit: 3" in only_failure(made).says


@pytest.mark.parametrize("version", ["(2, 0)", "(1, 3)", "(0, 9)"])
def test_a_plugin_for_another_plugin_api_is_refused_with_both_versions(write: Write, version: str) -> None:
    made = running(write, newer=f"STAFFING_API = {version}\nTITLE = 'Newer'")
    wanted = version.strip("()").replace(", ", ".")
    assert made.names() == ()
    assert only_failure(made).says == (
        f"The plugin newer needs plugin API {wanted}; this installation offers 1.2. Install a version of the plugin made for 1.2."
    )


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("TITLE = 'No version'", "does not say which plugin API it was written for. Add STAFFING_API = (1, 2)"),
        ("STAFFING_API = '1.0'\nTITLE = 'Words'", "does not say which plugin API it was written for"),
        ("STAFFING_API = (1, 0)", "has no title. Add TITLE"),
        ("STAFFING_API = (1, 0)\nTITLE = 'T'\nJURISDICTIONS = 'us'", "gives JURISDICTIONS = 'us'. Give a tuple"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_refused_with_what_to_write(write: Write, source: str, says: str) -> None:
    assert says in only_failure(running(write, odd=source)).says


def test_an_unknown_hook_name_is_refused_and_named(write: Write) -> None:
    made = running(
        write,
        typo="""
        from staffing.api import hookimpl
        STAFFING_API = (1, 0)
        TITLE = "Typo"
        @hookimpl
        def fndings(case, on): return []
        """,
        good=GOOD,
    )
    assert made.names() == ("good",)
    assert "The plugin typo does not fit the hooks of this version: unknown hook 'fndings'" in only_failure(made).says


def test_a_wrong_argument_name_is_refused_and_named(write: Write) -> None:
    made = running(
        write,
        renamed="""
        from staffing.api import hookimpl
        STAFFING_API = (1, 0)
        TITLE = "Renamed"
        @hookimpl
        def findings(kase, on): return []
        @hookimpl
        def menu(viewer): return []
        """,
        good=GOOD,
    )
    assert made.names() == ("good",)
    assert "kase" in only_failure(made).says
    assert [a.plugin for a in made.ask("findings", case=CASE, on=ON)] == ["good"]


def test_a_plugin_that_wraps_others_answers_is_refused(write: Write) -> None:
    made = running(
        write,
        wrapper="""
        import pluggy
        STAFFING_API = (1, 0)
        TITLE = "Wrapper"
        @pluggy.HookimplMarker("staffing")(wrapper=True)
        def findings(case, on):
            yield
            return []
        """,
        good=GOOD,
    )
    assert made.names() == ("good",)
    assert "One plugin may not change another's answer" in only_failure(made).says
    assert len(made.ask("findings", case=CASE, on=ON)[0].value) == 1


def test_a_plugin_whose_tables_do_not_import_is_left_out_when_the_tables_are_wanted(write: Write) -> None:
    tables = """
        from staffing.api import hookimpl
        STAFFING_API = (1, 0)
        TITLE = "Tables"
        @hookimpl
        def tables(): return "nowhere_at_all.piccolo_app"
    """
    made = running(write, tabled=tables, good=GOOD)
    assert made.names() == ("good", "tabled")
    assert made.table_apps() == {}
    assert made.names() == ("good",)
    assert "its tables do not import: ModuleNotFoundError: No module named 'nowhere_at_all'" in only_failure(made).says


PACKAGE = """
    from staffing.api import hookimpl
    STAFFING_API = (1, 0)
    TITLE = "Package"
    @hookimpl
    def tables(): return f"{__name__}.piccolo_app"
"""
APP = """
    from types import SimpleNamespace
    from pathlib import Path
    table = type("Greeting", (), {"_meta": SimpleNamespace(schema=SCHEMA)})
    APP_CONFIG = SimpleNamespace(app_name=APP_NAME, table_classes=[table],
                                 resolved_migrations_folder_path=str(Path(__file__).parent / "migrations"))
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Host]:
    """Make a host with one plugin that is a folder of files."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(name: str, **files: str) -> Host:
        module = f"{name}_{uuid4().hex}"
        for path, text in {"__init__.py": PACKAGE, **files}.items():
            file = tmp_path / module / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(text), encoding="utf-8")
        made = Host()
        made.add(name, module)
        assert made.failures == []
        return made

    return make


def app(name: str = "hello", schema: str | None = "hello") -> str:
    return textwrap.dedent(APP).replace("APP_NAME", repr(name)).replace("SCHEMA", repr(schema))


def test_tables_in_a_schema_and_migrations_with_names_of_the_plugins_own_are_taken(package: Callable[..., Host]) -> None:
    made = package("hello", **{"piccolo_app.py": app(), "migrations/__init__.py": "", "migrations/hello_0001_first.py": ""})
    (module,) = made.table_apps().values()
    assert module.endswith(".piccolo_app")
    assert made.names() == ("hello",)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"piccolo_app.py": app(name="core")}, "its Piccolo app is called 'core'. Call it 'hello'."),
        ({"piccolo_app.py": app(schema=None)}, 'its table Greeting is in the schema public. Give the class schema="hello".'),
        ({"piccolo_app.py": app(), "migrations/0001_first.py": ""}, "Call it hello_0001_first.py."),
        ({"piccolo_app.py": ""}, "has no APP_CONFIG"),
    ],
)
def test_tables_that_could_be_taken_for_anothers_leave_the_plugin_out(
    package: Callable[..., Host], files: dict[str, str], says: str
) -> None:
    made = package("hello", **files)
    assert made.table_apps() == {}
    assert says in only_failure(made).says
    assert made.names() == ()


def test_a_module_of_every_plugin_is_imported_where_there_is_one_and_a_broken_one_leaves_its_plugin_out(
    package: Callable[..., Host],
) -> None:
    made = package("hello", **{"jobs.py": "raise OSError('no queue')"})
    made.import_modules("nothing_of_this_name")
    assert made.failures == []
    made.import_modules("jobs")
    assert only_failure(made).says == "The plugin hello was left out because its jobs do not import: OSError: no queue."


def test_a_gate_that_raises_is_an_answer_with_its_error_and_the_others_answers_stay(write: Write) -> None:
    raising = GOOD + "\n        raise ZeroDivisionError('after its first finding')\n"
    made = running(write, a_good=GOOD, b_raising=raising, c_good=GOOD)
    answers = made.ask("findings", case=CASE, on=ON)
    assert [(a.plugin, type(a.error)) for a in answers] == [
        ("a_good", type(None)),
        ("b_raising", ZeroDivisionError),
        ("c_good", type(None)),
    ]
    assert [str(f.reason) for f in answers[2].value] == ["Met on 2026-11-24."]
    trouble = made.troubles["b_raising", "findings"]
    assert trouble.says == "The plugin b_raising failed in findings: ZeroDivisionError: after its first finding."


def test_an_answer_of_the_wrong_kind_is_a_failure_of_the_plugin_that_gave_it(write: Write) -> None:
    wrong = """
        from staffing.api import hookimpl
        STAFFING_API = (1, 0)
        TITLE = "Wrong"
        @hookimpl
        def findings(case, on): return ["all good"]
        @hookimpl
        def menu(viewer): return 7
        @hookimpl
        def predicates(): return ["x"]
        @hookimpl
        def tables(): return 7
    """
    made = running(write, wrong=wrong)
    viewer = hookspecs.Viewer(tenant="oakland", name="Ada", role="hr")
    (finding,) = made.ask("findings", case=CASE, on=ON)
    (link,) = made.ask("menu", viewer=viewer)
    (predicate,) = made.ask("predicates")
    assert str(finding.error) == "The plugin wrong answers findings with 'all good'. Each item must be a Finding."
    assert isinstance(link.error, TypeError)
    assert "Give a mapping of names to functions" in str(predicate.error)
    assert made.table_apps() == {}
    assert "Give the dotted path of its piccolo_app" in only_failure(made).says


def test_a_route_named_as_somebody_elses_is_refused_and_the_plugin_runs_without_pages(write: Write) -> None:
    pages = """
        from litestar import get
        from staffing.api import hookimpl
        STAFFING_API = (1, 0)
        TITLE = "Pages"

        @get("/", name="sign_in")
        async def page() -> str: return ""

        @hookimpl
        def routes(): return [page]
    """
    made = running(write, pages=pages)
    (answer,) = made.ask("routes")
    assert str(answer.error) == "The plugin pages gives the route 'sign_in'. It must start with 'pages.'."
    assert made.names() == ("pages",)


def test_only_the_plugins_switched_on_are_asked(write: Write) -> None:
    made = running(write, b_good=GOOD, a_good=GOOD)
    assert [a.plugin for a in made.ask("findings", case=CASE, on=ON)] == ["a_good", "b_good"]
    assert [a.plugin for a in made.ask("findings", {"b_good"}, case=CASE, on=ON)] == ["b_good"]
    assert made.ask("findings", frozenset(), case=CASE, on=ON) == []


def test_a_plugin_switched_on_that_does_not_run_is_missing_with_the_reason(write: Write) -> None:
    made = Host(off=["away"])
    made.add("away", "never_imported")
    made.add("broken", write("broken", "raise ValueError('boom')"))
    assert made.missing({"away", "broken", "gone"}) == {
        "away": "The plugin away is left out of this installation: STAFFING_PLUGINS_OFF names it.",
        "broken": only_failure(made).says,
        "gone": "The plugin gone is not installed. Install it, or switch it off for this district.",
    }


def test_a_plugin_can_be_left_out_later_and_is_then_not_asked(write: Write) -> None:
    made = running(write, a_good=GOOD, b_good=GOOD)
    made.fail("a_good", host.PluginError("The pack a_good/packs/us.yaml, line 3: no citation."))
    assert made.names() == ("b_good",)
    assert only_failure(made).says == "The pack a_good/packs/us.yaml, line 3: no citation."
    assert [a.plugin for a in made.ask("findings", case=CASE, on=ON)] == ["b_good"]


def test_a_missing_argument_is_the_callers_mistake_and_raises(write: Write) -> None:
    with pytest.raises(TypeError, match="needs the argument on"):
        running(write, good=GOOD).ask("findings", case=CASE)


def test_a_name_that_cannot_be_part_of_an_address_is_refused(write: Write) -> None:
    made = Host()
    made.add("Bad-Name", write("bad", GOOD))
    assert "'Bad-Name' has a name that cannot be used. Use small letters, digits and _" in only_failure(made).says


ASYNC = """
    from staffing.api import Check, Panel, Text, hookimpl
    STAFFING_API = (1, 0)
    TITLE = "Async"
    @hookimpl
    async def health(): return [Check(Text("Vendor"), True, Text("It answers."))]
    @hookimpl
    async def person_panels(person, viewer):
        if viewer.role == "hr": raise LookupError("no such row")
        return [Panel(Text("Panel"), "a/panel.html")]
    @hookimpl
    async def sections(case, on): return []
"""


async def test_answers_that_must_be_awaited_are_awaited_each_in_its_own_context(write: Write) -> None:
    made = running(write, a=ASYNC, b=ASYNC)
    seen: list[str] = []

    @asynccontextmanager
    async def savepoint():
        seen.append("begin")
        try:
            yield
        except LookupError:
            seen.append("undo")
            raise

    (one, two) = await made.ask_async("health")
    assert str(one.value[0].says) == str(two.value[0].says) == "It answers."
    viewer = hookspecs.Viewer(tenant="oakland", name="Ada", role="hr")
    answers = await made.ask_async("person_panels", within=savepoint, person=uuid4(), viewer=viewer)
    assert [str(a.error) for a in answers] == ["no such row", "no such row"]
    assert seen == ["begin", "undo", "begin", "undo"]


def test_a_coroutine_where_a_plain_answer_is_wanted_is_a_failure_and_not_a_warning(write: Write) -> None:
    (answer,) = running(write, a=ASYNC).ask("sections", case=CASE, on=ON)
    assert str(answer.error) == "The plugin a answers sections with a coroutine. Make it a plain function."


def test_tracing_tells_who_was_asked_and_nothing_about_people(
    write: Write, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("STAFFING_TRACE_PLUGINS", "1")
    made = running(write, good=GOOD)
    with caplog.at_level("INFO", logger="staffing.plugins"):
        made.ask("findings", case=Case(jurisdiction="us-ca", person={"name": "Ada Invented"}), on=ON)
    (line,) = [r.getMessage() for r in caplog.records]
    assert line.startswith("asked good findings(case, on): ")
    assert "Ada" not in line


def in_a_fresh_process(code: str, **environment: str) -> str:
    import os

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_importing_the_plugin_api_and_loading_the_plugins_imports_no_framework() -> None:
    said = in_a_fresh_process(
        "import sys, staffing.api, staffing.host\n"
        "staffing.host.load()\n"
        "print([m for m in ('litestar', 'piccolo', 'asyncpg', 'jinja2', 'weasyprint') if m in sys.modules])"
    )
    assert said.strip() == "[]"


def test_every_name_the_plugin_api_promises_is_there() -> None:
    from staffing import api

    for name in api.__all__:
        assert getattr(api, name) is not None
    with pytest.raises(AttributeError, match="has no made_up"):
        _ = api.made_up


def test_a_plugin_named_in_the_environment_is_left_out_and_a_wrong_name_is_told() -> None:
    said = in_a_fresh_process(
        "from staffing import host; print(host.load().names())", STAFFING_PLUGINS_OFF="certification, certificaton"
    )
    assert "('background_check', 'union_agreement')" in said
    assert "STAFFING_PLUGINS_OFF names certificaton, and there is no plugin of that name." in said


SHERIFF = """
    from staffing.api import ScreeningProvider, hookimpl
    STAFFING_API = (1, 2)
    TITLE = "Sheriff"

    class Sheriff(ScreeningProvider):
        name = "county_sheriff"
        title = "The county sheriff's counter"
        way = "record"

    @hookimpl
    def screening_providers():
        return [Sheriff()]
"""


def test_a_district_brings_a_screening_provider_of_its_own_and_a_failing_plugin_takes_no_other_away(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    from staffing.services.for_plugins.asking import screening_providers

    failing = SHERIFF.replace("[Sheriff()]", "1 / 0")
    made = running(write, failing=failing, sheriff=SHERIFF)
    monkeypatch.setattr(host, "load", lambda: made)
    assert {name: provider.way for name, provider in screening_providers().items()} == {"county_sheriff": "record"}
    assert "ZeroDivisionError" in made.troubles["failing", "screening_providers"].says
