"""The rule book of this installation: the packs of the plugins that are switched on, and decisions that ask the plugins too."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import weakref
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from staffing.core.case import Case
from staffing.core.decisions import decide, with_findings
from staffing.core.errors import Invalid, StaffingError
from staffing.core.facts import FactSpec, Predicate
from staffing.core.findings import Actor, Decision, Effect, Finding, Layer, Remedy, SessionOutcome, State, Text
from staffing.core.pack_loader import PackText, load
from staffing.core.packs import Pack
from staffing.core.rules import RuleBook
from staffing.host import Host

__all__ = [
    "FactSpec",
    "RuleBook",
    "decide",
    "decide_with_plugins",
    "of_district",
    "overlay_file",
    "overlay_text",
    "predicates",
    "rules",
]

_cached: weakref.WeakKeyDictionary[Host, dict[tuple[str, ...], RuleBook]] = weakref.WeakKeyDictionary()
_of_districts: weakref.WeakKeyDictionary[Host, OrderedDict[tuple[Any, ...], RuleBook]] = weakref.WeakKeyDictionary()

#: Rule books of districts kept in memory; each holds its rules compiled for the days asked about.
_BOOKS_KEPT = 128


def rules(host: Host, active: Collection[str] | None = None) -> RuleBook:
    """The rule book of the plugins in ``active`` (None: all that run), read once per set of plugins.

    A plugin whose packs cannot be read is left out of the host from then on, so that it blocks where it is switched on.
    """
    names = tuple(sorted(host.names() if active is None else set(active) & set(host.names())))
    books = _cached.setdefault(host, {})
    if names not in books:
        named = predicates(host)
        packs: list[Pack] = []
        for plugin, folder in sorted(host.folders("packs").items()):
            if plugin in names:
                try:
                    packs.extend(read_folder(folder, plugin, named, packs))
                except (StaffingError, OSError, UnicodeDecodeError) as error:
                    host.fail(plugin, error)
        books[names] = RuleBook(packs, agreements_read=any(host[name].reads_agreements for name in names if name in host.names()))
    return books[names]


def predicates(host: Host) -> dict[str, Predicate]:
    """Every named predicate of the running plugins. One that cannot say its own is left out of the host."""
    named: dict[str, Predicate] = {}
    for answer in host.ask("predicates"):
        if answer.error is not None:
            host.fail(answer.plugin, answer.error)
        else:
            named.update(answer.value)
    return named


def read_folder(folder: Path, plugin: str, named: Mapping[str, Predicate], others: Iterable[Pack] = ()) -> tuple[Pack, ...]:
    """The packs of one folder. Raises ``Invalid`` with file and line; also for a fact that ``others`` declare in other words."""
    return load([PackText(text_of(file), str(file), plugin) for file in sorted(folder.glob("*.yaml"))], named, others=others)


def read_files(
    files: Iterable[Path], plugin: str, named: Mapping[str, Predicate], known: Iterable[Pack] = ()
) -> tuple[Pack, ...]:
    """Packs of these files, which may use facts and evidence kinds that ``known`` packs declare. Raises ``Invalid``."""
    return load([PackText(text_of(file), str(file), plugin) for file in files], named, known)


def text_of(file: Path) -> str:
    """The text of a file. Raises ``Invalid`` if it cannot be read."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Invalid(f"{file}:1: This is not a UTF-8 text. Save it as UTF-8.") from None
    except OSError as error:
        raise Invalid(f"{file}:1: The file cannot be read ({error.strerror}). Check its name.") from None


def overlay_file(file: Path, host: Host, book: RuleBook) -> Pack:
    """A district's own pack from a file. It may read every fact the book knows. Raises ``Invalid`` with file and line."""
    return overlay_text(text_of(file), str(file), host, book)


def overlay_text(text: str, file: str, host: Host, book: RuleBook) -> Pack:
    """A district's own pack from a text; ``file`` is what errors call it. It may read every fact the book knows.

    Raises ``Invalid`` with file and line.
    """
    pack = load([PackText(text, file, "district")], predicates(host), book.packs)[0]
    if not pack.overlay:
        raise Invalid(f"{file}:1: This is not a district's pack: it has no 'overlay:' with its name.")
    return pack


def of_district(host: Host, active: Collection[str], brought: Collection[str], own: Mapping[str, str]) -> RuleBook:
    """The rule book of a district: the packs of its plugins, of overlays those named in ``brought``, and its own.

    ``own`` holds the texts of its own packs by name. One that cannot be read (any more) is left out; a case that names it is
    then held, and ``overlay_text`` says why. Books are kept, so that asking again costs no reading.
    """
    base = rules(host, active)
    key = (base.digest, tuple(sorted(brought)), tuple(sorted((name, _digest(text)) for name, text in own.items())))
    books = _of_districts.setdefault(host, OrderedDict())
    if key not in books:
        packs = [pack for pack in base.packs if not pack.overlay or pack.overlay in brought]
        book = RuleBook(packs, agreements_read=base.agreements_read) if len(packs) < len(base.packs) else base
        for name, text in sorted(own.items()):
            with contextlib.suppress(Invalid):
                book = book.with_packs([overlay_text(text, f"{name}.yaml", host, book)])
        books[key] = book
    books.move_to_end(key)
    while len(books) > _BOOKS_KEPT:
        books.popitem(last=False)
    return books[key]


@functools.lru_cache(maxsize=1024)
def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def decide_with_plugins(  # noqa: PLR0917 - the case, and the rules that count for it
    host: Host,
    case: Case,
    on: date,
    active: Collection[str] | None = None,
    book: RuleBook | None = None,
    silent: Collection[str] = (),
) -> Decision:
    """Decide by the packs, then ask every active plugin for further findings.

    Fails closed: a plugin that is switched on and does not run, or that raises, adds a blocking finding that says so; so does one
    in ``silent``, which could not say what it knows of the district.
    """
    book = book or rules(host, active)
    decision = decide(case, book, on)
    more: list[Finding] = [_absent(name, why) for name, why in host.missing(active).items()]
    more.extend(_absent(name, f"The plugin {name} could not say what it knows of the district.") for name in silent)
    days = sorted({session.on for session in case.sessions})
    by_day = {day: _asked(host, case, day, active) for day in days or [on]}
    if not more and not any(by_day.values()):
        return decision
    return with_findings(decision, more, by_day) if days else with_findings(decision, [*more, *by_day[on]])


def plugin_alone(host: Host, plugin: str) -> Callable[[Case, RuleBook, date], Decision]:
    """Decides by what one plugin's code says and nothing else: its own worked cases are checked so."""

    def by_plugin(case: Case, rules: RuleBook, on: date) -> Decision:
        days = sorted({session.on for session in case.sessions})
        sessions = tuple(SessionOutcome(on=day, outcome=Effect.ALLOW) for day in days)
        bare = Decision(on=on, outcome=Effect.ALLOW, findings=(), sessions=sessions)
        return with_findings(bare, [], {day: _asked(host, case, day, [plugin]) for day in days or [on]})

    return by_plugin


def _asked(host: Host, case: Case, day: date, active: Collection[str] | None) -> list[Finding]:
    """What the plugins say of a case on a day; one that raises blocks."""
    found: list[Finding] = []
    for answer in host.ask("findings", active, case=case, on=day):
        if answer.error is not None:
            found.append(_absent(answer.plugin, f"The plugin {answer.plugin} could not answer."))
        else:
            found.extend(msgspec.structs.replace(finding, plugin=answer.plugin) for finding in answer.value)
    return found


def _absent(plugin: str, why: str) -> Finding:
    return Finding(
        rule=f"{plugin}.not_running",
        title="Rules that could not be checked",
        layer=Layer.DISTRICT_POLICY,
        state=State.UNKNOWN,
        effect=Effect.BLOCK,
        reason=Text("{why} Nobody is cleared on the strength of rules that were not checked.", {"why": why}),
        remedy=Remedy(Actor.ADMINISTRATOR, Text("See the list of plugins.")),
        plugin=plugin,
    )
