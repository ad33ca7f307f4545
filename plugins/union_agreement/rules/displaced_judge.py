"""What the clauses about displacement say of a placement, one classification at a time, on the days that matter.

Placements are many and differ in little. A clause is asked once for all that are alike in what it reads; two first days that
lie between the same two days on which anything can change are alike too.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import Case, Effect, Finding, State

from . import law, positions
from .agreement import Agreement
from .clause import Clause
from .deciding import judge, superseded
from .displaced_lines import LISTS, Class
from .facts import Facts
from .in_force import Mode, stands
from .positions import Row

#: Types of clauses that are asked.
ASKED = frozenset({"non_displacement", "vacancy_recall_bar"})
_DAY = timedelta(days=1)
#: What else is on record of agreements may name sites and placements.
_RECORDS = ("cosignatures", "notices", "consultations", "concurrences", "grievances")


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A placement and the days on which it was there. ``last`` is None while it goes on."""

    id: UUID
    first: date | None
    last: date | None
    case: Case


class Said(msgspec.Struct):
    """What was found for a classification: whether the placement does its work, and findings with whether they still stand."""

    key: str
    does: bool
    found: list[tuple[bool, Finding]]


class Book:
    """A classification with its rows, under each list of the context.

    ``turns`` are the days from which on an answer about it may be another, in order; ``opened`` those on which it opened.
    """

    def __init__(self, of: Class) -> None:
        self.of = of
        self.rows: dict[str, list[Row]] = {}
        self.turns: list[date] = []
        self.opened: list[date] = []
        self.duties: set[str] = set()
        self.names: set[str] = set()
        self.sites: set[str] = set()
        self.open = False

    @property
    def every(self) -> list[Row]:
        """All of its rows."""
        return [row for rows in self.rows.values() for row in rows]

    def closed(self, lasting: Iterable[int], dated: Iterable[date]) -> None:
        """Make it ready: ``lasting`` are the days for which clauses look back, ``dated`` days on which agreements change."""
        turns = set(dated)
        self.duties = set(self.of.duties)
        self.names = {_plain(self.of.name)}
        for row in self.every:
            self.duties |= positions.words_of(row.get("duties")) or set()
            self.names |= {_plain(one) for one in (row.get("classification"), *(row.get("equivalent_to") or ())) if one}
            self.sites |= {str(one) for one in (row.get("site"), row.get("site_name")) if one}
            self.open = self.open or not row.get("duties")
            if (on := positions.day(row)) is not None:
                self.opened.append(on)
                turns |= {on, *(on + timedelta(days=days) + _DAY for days in lasting)}
            if (until := positions.day(row, "until")) is not None:
                turns.add(until + _DAY)
        self.opened.sort()
        self.turns = sorted(turns)

    def cannot_be(self, duties: frozenset[str] | None, name: str) -> bool:
        """Whether a case with these duties and this classification is certainly in other work."""
        return duties is not None and not self.open and self.duties.isdisjoint(duties) and (not name or name not in self.names)


class Judge:
    """Asks the clauses about placements, and remembers."""

    def __init__(
        self, context: Mapping[str, Any], agreements: Sequence[Agreement], classes: Iterable[Class], until: date
    ) -> None:
        self.until = until
        self.agreements = agreements
        self.shared = {name: value for name, value in context.items() if name not in LISTS}
        self.told = any(name in context for name in LISTS)
        self.books = _books(context, classes)
        clauses = [*(c for one in agreements for c in one.clauses), *(one.clause for one in law.laws())]
        mine = [clause for clause in clauses if clause.type in ASKED]
        self._steady = all(map(_is_steady, mine)) and not any(context.get(name) for name in _RECORDS)
        self._by_site = not self._steady or any(clause.scope.sites for clause in mine)
        self._named = {str(row["placement"]) for name in _RECORDS for row in context.get(name) or () if row.get("placement")}
        lasting = {
            days for c in mine for days in (getattr(c.params, "lookback", None), getattr(c.params, "recent", None)) if days
        }
        dated = {day for one in agreements for day in self._dated(one)}
        for book in self.books.values():
            book.closed(lasting, dated)
        self._works: dict[Any, dict[str, bool | None]] = {}
        self._kept: dict[Any, list[Finding]] = {}

    def _dated(self, one: Agreement) -> Iterator[date]:
        yield one.since
        if (last := stands(one, self.until, self._happened()).last_day) is not None:
            yield last + _DAY

    def _happened(self) -> Mapping[str, Any]:
        happened = self.shared.get("events")
        return happened if isinstance(happened, Mapping) else {}

    def of(self, one: Placed, first: date, last: date) -> Iterator[Said]:
        """For each classification whose work it is in, what clauses say from its first through its last day."""
        work = self._alike(one)
        if work not in self._works:
            self._works[work] = self._does(one.case, last)
        for key, does in self._works[work].items():
            book = self.books[key]
            found: dict[tuple[str, State], tuple[bool, Finding]] = {}
            if book.rows or not self.told:
                for day in self._days(book, first, last):
                    for finding in self._said(work, key, one, day):
                        found[finding.ref or finding.rule, finding.state] = (day == self.until, finding)
            if does or found:
                yield Said(key, bool(does), list(found.values()))

    def _alike(self, one: Placed) -> Any:
        """What is the same for placements that clauses cannot tell apart, but for their days."""
        leave = {"placement_id", "starts_on"} if self._by_site else {"placement_id", "starts_on", "site"}
        facts = {name: value for name, value in one.case.placement.items() if name not in leave}
        named = str(one.id) if str(one.id) in self._named else ""
        return msgspec.json.encode([one.case.jurisdiction, facts, one.case.context, named], order="deterministic")

    def _does(self, case: Case, on: date) -> dict[str, bool | None]:
        """The classifications whose work it is, or may be (None)."""
        facts = Facts(msgspec.structs.replace(case, context={**self.shared, **case.context}), on)
        duties, name = positions.words_of(facts.get("duties")), _plain(facts.get("classification") or "")
        found: dict[str, bool | None] = {}
        for key, book in self.books.items():
            if book.cannot_be(duties, name):
                continue
            as_row: Row = {"classification": book.of.name, "duties": list(book.of.duties)}
            answers = [positions.same_work(row, facts) for row in (as_row, *book.every)]
            if True in answers:
                found[key] = True
            elif None in answers and (book.rows or not self.told):
                found[key] = None
        return found

    def _days(self, book: Book, first: date, last: date) -> list[date]:
        """The days on which an answer can be another: the first, the last, and each on which something happened between."""
        return sorted({first, last, *(on for on in book.opened if first < on < last)})

    def _said(self, work: Any, key: str, one: Placed, day: date) -> list[Finding]:
        book, start = self.books[key], one.case.placement.get("starts_on")
        when: tuple[Any, ...] = (day, start)
        if self._steady:
            when = (bisect_right(book.turns, day), bisect_right(book.opened, start) if start else None, (start or day) > day)
        site = one.case.placement.get("site")
        where = (work, key, when, site if site in book.sites else site is None)
        if where not in self._kept:
            rows = {name: book.rows.get(name, []) for name in LISTS} if self.told else {}
            whole = msgspec.structs.replace(one.case, context={**self.shared, **rows, **one.case.context})
            self._kept[where] = list(self._ask(whole, day))
        return self._kept[where]

    def _ask(self, case: Case, on: date) -> Iterator[Finding]:
        """What clauses of the two types say of a case, where it is in the way or cannot be told."""
        facts = Facts(case, on)
        every = [*law.findings(facts, lambda clause, *rest: judge(clause, *rest) if clause.type in ASKED else None)]
        standing = {one.id: stands(one, on, self._happened()) for one in self.agreements}
        gone = superseded(self.agreements, standing, facts)
        for one in self.agreements:
            if standing[one.id].mode is Mode.NONE:
                continue
            for clause in one.clauses:
                if clause.type in ASKED and clause.id not in gone:
                    finding = judge(clause, one, standing[one.id], facts.of(one))
                    every += [finding] if finding is not None else []
        for finding in every:
            violated = finding.state is State.VIOLATED and finding.effect.severity > Effect.ADVISE.severity
            if (violated or finding.state is State.UNKNOWN) and not finding.ref.startswith("LAW.FED.AC.GRIEV"):
                yield finding


def _books(context: Mapping[str, Any], classes: Iterable[Class]) -> dict[str, Book]:
    books = {one.name.casefold(): Book(one) for one in classes}
    for name in LISTS:
        for row in context.get(name) or ():
            title = str(row.get("classification") or "") or f"All of {positions.unit_of(row) or 'the district'}"
            book = books.setdefault(title.casefold(), Book(Class(name=title, unit=positions.unit_of(row) or "")))
            book.rows.setdefault(name, []).append(row)
    return books


def _is_steady(clause: Clause) -> bool:
    """Whether its answers change on days that are known beforehand alone."""
    plain = clause.scope.window is None and not clause.exceptions and clause.condition is None
    return plain and clause.effect in {Effect.BLOCK, Effect.ADVISE}


def _plain(word: Any) -> str:
    return " ".join(str(word).lower().replace("_", " ").replace("-", " ").split())
