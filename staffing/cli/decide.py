"""``staffing decide``, ``facts`` and ``packs``: the rules without a database."""

from __future__ import annotations

import datetime
from pathlib import Path

import click
import msgspec

from staffing import host, rulebook
from staffing.cli import pack_effect, trace_text
from staffing.cli.decision_text import as_text, fact_lines, pack_lines
from staffing.core import decisions, pack_cases
from staffing.core import scenario as scenarios
from staffing.core.case import Case
from staffing.core.decision_data import as_data
from staffing.core.errors import Invalid, NotFound
from staffing.core.pack_schema import pack_schema
from staffing.core.rules import RuleBook
from staffing.core.trace import trace
from staffing.core.what_helps import what_helps


@click.command("decide")
@click.argument("scenario", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the decision as JSON.")
@click.option("--trace", "traced", is_flag=True, help="Show each condition, the facts it read, and each number with its date.")
@click.option("--all", "everyone", is_flag=True, help="Decide for every person stored, instead of a scenario file.")
def decide(scenario: Path | None, as_json: bool, traced: bool, everyone: bool) -> None:
    """May this person do this work, at this place, on this day? Decide a SCENARIO file, or --all people stored."""
    if everyone:
        from staffing.cli.decide_all import decide_all  # needs the database; the rest of this command does not

        if scenario is not None:
            raise click.UsageError("Give a scenario file or --all, not both.")
        if traced:
            raise click.UsageError("A trace is of one scenario file; --all has none.")
        decide_all(as_json)
        return
    if scenario is None:
        raise click.UsageError("Name a scenario file, or use --all for everybody stored. docs/packs.md shows the format.")
    book, text = rulebook_for(scenario)
    found = scenarios.scenario(text, str(scenario), book)
    check_agreements(text, str(scenario), found.case)
    case = msgspec.structs.replace(found.case, overlays=tuple(overlay_names(found.case.overlays, scenario, book)))
    decision = rulebook.decide_with_plugins(host.load(), case, found.on, book=book)
    days = sorted({session.on for session in case.sessions}) or [found.on]
    traces = {day: trace(case, book, day) for day in days} if traced else {}
    helps = what_helps(decision, case, book)
    if as_json:
        data = as_data(decision, helps) | ({"trace": {str(day): steps for day, steps in traces.items()}} if traced else {})
        click.echo(msgspec.json.format(msgspec.json.encode(data), indent=2).decode())
        return
    click.echo("\n\n".join([as_text(decision, helps), *(trace_text.as_text(steps, day) for day, steps in traces.items())]))


@click.command("facts")
@click.argument("jurisdiction", required=False)
def facts(jurisdiction: str | None) -> None:
    """Every fact, its type, who supplies it and which rules read it; only what a JURISDICTION reads if one is named."""
    book = rulebook.rules(host.load())
    if jurisdiction is not None and not book.packs_for(jurisdiction):
        raise NotFound(f"No pack of '{jurisdiction}' is loaded. `staffing packs list` shows those that are.")
    click.echo("\n".join(fact_lines(book, jurisdiction)))


@click.group("packs")
def packs() -> None:
    """List, show and check rule packs."""


@packs.command("list")
def list_packs() -> None:
    """The packs of this installation."""
    book = rulebook.rules(host.load())
    for pack in book.packs:
        name = f"{pack.plugin}/{pack.overlay or pack.id}"
        click.echo(f"{name:<32} {pack.title} ({len(pack.requirements)} rules, {len(pack.left_out)} rows left out)")


@packs.command("show")
@click.argument("name", metavar="ID")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Only versions in force on this day.")
def show(name: str, on: datetime.datetime | None) -> None:
    """The rules of a pack: us-pa, or plugin/us-pa for one plugin's only."""
    book = rulebook.rules(host.load())
    plugin, slash, ident = name.rpartition("/")
    chosen = [p for p in book.packs if ident in (p.id, p.overlay) and (not slash or p.plugin == plugin)]
    if not chosen:
        raise NotFound(f"There is no pack '{name}'. `staffing packs list` shows those that are loaded.")
    for pack in chosen:
        click.echo("\n".join(pack_lines(pack, on.date() if on else None)))


@packs.command("schema")
def schema() -> None:
    """The JSON Schema of packs, for editors."""
    click.echo(msgspec.json.format(msgspec.json.encode(pack_schema()), indent=2).decode())


@packs.command("check")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def check(path: Path) -> None:
    """Check a pack file, or a plugin's folder of packs, and run the worked cases beside it (``cases/*.yaml``)."""
    folder, book, named = check_folder(path)
    click.echo(f"{len(named)} packs read: {', '.join(named)}." if named else "It has no packs; its code decides.")
    plugin = "" if named else folder.parent.name
    decider = decisions.decide if named else rulebook.plugin_alone(host.load(), plugin)
    wrong = count = 0
    for file in sorted(folder.glob("*.yaml")) if folder.is_dir() else []:
        for case in pack_cases.worked_cases(file.read_text(encoding="utf-8"), str(file), book, plugin):
            count += 1
            result = pack_cases.run(case, book, decider)
            for sentence in result.wrong:
                wrong += 1
                click.echo(f"{case.file}:{case.line}: {case.title}: {sentence}")
    if wrong:
        raise Invalid(f"{count} worked cases, {wrong} differences. Correct the pack or the case.")
    click.echo(f"{count} worked cases, all as expected." if count else "There are no worked cases beside it.")


def check_folder(path: Path) -> tuple[Path, RuleBook, list[str]]:
    """The cases folder that belongs to a path, the rule book of that path alone, and the names of its packs."""
    running = host.load()
    named = rulebook.predicates(running)
    if path.is_file():
        installed = rulebook.rules(running)
        pack = rulebook.read_files([path], path.parent.parent.name, named, known=installed.packs)
        book = RuleBook(pack)
        root = path.parent.parent if path.parent.name == "packs" else path.parent
    else:
        root = path.parent if path.name == "packs" else path
        inner = root / "packs"
        if not list(inner.glob("*.yaml")):
            if root.name in running.names() and list((root / "cases").glob("*.yaml")):
                return root / "cases", RuleBook([]), []
            raise Invalid(f"There is no pack in {inner}. Name a pack file, or a folder that holds packs/*.yaml.")
        pack = rulebook.read_folder(inner, root.name, named)
        book = RuleBook(pack)
    return root / "cases", book, [p.overlay or p.id for p in pack]


def rulebook_for(file: Path) -> tuple[RuleBook, str]:
    """The rule book for a scenario file, with the overlay files it names, and the file's text."""
    text = rulebook.text_of(file)
    running = host.load()
    book = rulebook.rules(running)
    more = [
        rulebook.overlay_file(file.parent / named, running, book)
        for named in scenarios.overlays(text, str(file))
        if is_file(named)
    ]
    return (book.with_packs(more) if more else book), text


def overlay_names(named: tuple[str, ...], file: Path, book: RuleBook) -> list[str]:
    """The overlays of a case by name; a file stands for the overlay it holds."""
    files = {str(file.parent / one): one for one in named if is_file(one)}
    by_file = {files[p.file]: p.overlay for p in book.packs if p.file in files}
    return [by_file.get(one, one) for one in named]


def check_agreements(text: str, file: str, case: Case) -> None:
    """Let the plugins read the agreements a scenario file names. Raises ``Invalid`` with file and line."""
    if case.agreements:
        for answer in host.load().ask("check_agreements", agreements=scenarios.agreements(text, file), file=file):
            if answer.error is not None:
                raise answer.error


def is_file(named: str) -> bool:
    """Whether an overlay is named by its file."""
    return named.endswith((".yaml", ".yml"))


packs.add_command(pack_effect.effect)
packs.add_command(pack_effect.apply)

commands: list[click.Command] = [decide, facts, packs]
