"""Position actions beside placements, by classification: is somebody placed in work that was taken from employees?

Pure, and about counts alone. The clauses of ``non_displacement`` and ``vacancy_recall_bar`` answer, those of agreements and of
the law, each asked about one classification at a time. A classification to which nothing happened is a line with 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from staffing.api import Finding, State

from . import law, positions
from .displaced_judge import ASKED, Book, Judge, Placed, Said
from .displaced_lines import GROUPS, Class, Line, Named, Tally, counts
from .in_force import Mode, stands
from .library import resolve
from .records import spoken

__all__ = ["Placed", "asked", "compare"]


def compare(  # noqa: PLR0917 - what is compared with what, in which days
    placed: Iterable[Placed],
    context: Mapping[str, Any],
    agreements: Sequence[Any],
    classes: Iterable[Class],
    since: date,
    until: date,
) -> Tally:
    """Compare what happened to positions with those placed in the days from ``since`` through ``until``."""
    judge = Judge(context, resolve(agreements), classes, until)
    books = judge.books
    everybody = 0
    in_the_way, today, unsure = set[UUID](), set[UUID](), set[UUID]()
    gathered = {key: _Gathered() for key in books}
    for one in placed:
        first, last = max(one.first or since, since), min(one.last or until, until)
        if last < first:
            continue
        everybody += 1
        for said in judge.of(one, first, last):
            gathered[said.key].add(one.id, said)
            for still, finding in said.found:
                if finding.state is State.UNKNOWN:
                    unsure.add(one.id)
                else:
                    in_the_way.add(one.id)
                    today.update([one.id] if still else ())
    lines = [_line(book, gathered[key], since, until) for key, book in books.items()]
    return Tally(
        since=since,
        until=until,
        lines=tuple(sorted(lines, key=lambda line: (-line.conflicts, -line.unknown, not line.events, line.name.casefold()))),
        placements=everybody,
        conflicts=len(in_the_way),
        conflicts_today=len(today),
        unknown=len(unsure - in_the_way),
    )


def asked(agreements: Sequence[Any], jurisdiction: str, until: date) -> tuple[tuple[str, str], ...]:
    """The clauses that are asked in a place, by id with title: those of agreements that bind by ``until``, and the law's."""
    found = []
    for one in resolve(agreements):
        if stands(one, until).mode is not Mode.NONE or (one.ends.on is not None and one.ends.on >= until):
            found += [
                (clause.id, clause.title or spoken(clause.type).capitalize()) for clause in one.clauses if clause.type in ASKED
            ]
    for each in law.laws():
        if each.clause.type in ASKED and f"{jurisdiction}-".startswith(f"{each.agreement.jurisdiction}-"):
            found.append((each.clause.id, each.clause.title))
    return tuple(found)


class _Gathered:
    """What clauses said of a classification, placement by placement."""

    def __init__(self) -> None:
        self.placements: set[UUID] = set()
        self.by_clause: dict[str, tuple[Finding, set[UUID], set[UUID]]] = {}
        self.unknown: set[UUID] = set()
        self.lacking: dict[str, None] = {}

    def add(self, ident: UUID, said: Said) -> None:
        if said.does:
            self.placements.add(ident)
        for still, finding in said.found:
            if finding.state is State.UNKNOWN:
                self.unknown.add(ident)
                self.lacking[str(finding.reason)] = None
            else:
                kept = self.by_clause.setdefault(finding.ref or finding.rule, (finding, set(), set()))
                kept[1].add(ident)
                kept[2].update([ident] if still else ())


def _line(book: Book, gathered: _Gathered, since: date, until: date) -> Line:
    actions = dict.fromkeys(("full", "partial", "open", "dispute", "other"), 0)
    events = planned = 0
    for row in book.every:
        if counts(row, since, until):
            events += 1
            actions[GROUPS.get(positions.kind(row), "other")] += int(row.get("positions") or 1)
        elif (on := positions.day(row)) is not None and on > until:
            planned += 1
    clauses = [
        Named(
            clause=ref,
            title=finding.title,
            citation=finding.citation,
            url=finding.url,
            placements=len(who),
            today=len(still),
            says=str(finding.reason),
        )
        for ref, (finding, who, still) in gathered.by_clause.items()
    ]
    in_the_way = {ident for _, who, _ in gathered.by_clause.values() for ident in who}
    still_ = {ident for _, _, still in gathered.by_clause.values() for ident in still}
    return Line(
        name=book.of.name,
        unit=book.of.unit,
        actions=actions,
        events=events,
        planned=planned,
        placements=len(gathered.placements),
        conflicts=len(in_the_way),
        conflicts_today=len(still_),
        unknown=len(gathered.unknown - in_the_way),
        clauses=tuple(sorted(clauses, key=lambda one: (-one.placements, one.clause))),
        lacking=tuple(gathered.lacking)[:3],
    )
