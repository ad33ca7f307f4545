"""The counts of a trial: what changes for how many placements, where, for how many hours and students, and what is not known."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from staffing.api import Effect

from .answers import Unknown
from .facts import SUPPLIED_BY
from .heard import Said
from .records import spoken
from .remembered import Reader
from .report import CHANGES, Amount, Bites, Missing, Owed, Report, Row, Touched
from .simulate import OneDay, Trial

if TYPE_CHECKING:
    from staffing.api import PlacedCase

_BY_SEVERITY = {
    Effect.BLOCK.severity: "blocked",
    Effect.HOLD.severity: "hold",
    Effect.NEEDS_COSIGN.severity: "cosign",
    Effect.NEEDS_NOTICE.severity: "notice",
}
_EFFECTS = {effect.severity: effect.value for effect in Effect}
_PROVISIONAL = Effect.PROVISIONAL.severity
#: Placements listed one by one; the counts are of all.
LISTED = 200
#: Rows of a table by site and the like.
ROWS = 200


class _Sum(msgspec.Struct, frozen=True):
    """A placement's days put together: the worst of them is what it comes to (R8)."""

    before: int
    after: int
    change: str
    well: str
    badly: str
    days: tuple[date, ...]
    causes: tuple[tuple[str, str], ...]
    missing: tuple[tuple[str, str], ...]
    stops: tuple[Said, ...]
    owed: tuple[tuple[str, str, int], ...]


class Counts:
    """Adds placements up. ``units`` gives the names of bargaining units by their codes."""

    def __init__(self, trial: Trial, since: date, units: Mapping[str, str] | None = None) -> None:
        self.trial = trial
        self.since = since
        self.units = dict(units or {})
        self.retroactive = {c.id: c for c in trial.proposal.clauses if c.retroactive_from is not None}
        self.report = Report(since=since, today=trial.today, changes={name: Amount() for name in CHANGES})
        self._by: dict[str, dict[str, Row]] = {name: {} for name in ("site", "role", "unit", "funding")}
        self._bites: dict[str, Bites] = {}
        self._missing: dict[str, Missing] = {}
        self._owed: dict[tuple[str, str], Owed] = {}
        self._shifts: list[int] = []

    def add(self, placed: Iterable[PlacedCase], contexts: Mapping[str, Mapping[str, Any]]) -> None:
        """Decide and count placements. ``contexts`` completes each case with what is known at its site ("" for any other)."""
        for one in placed:
            known = contexts.get(str(one.site), contexts.get("", {}))
            context = {**known, **one.case.context}
            if "waivers" in known and "waivers" in one.case.context:
                context["waivers"] = [*one.case.context["waivers"], *known["waivers"]]
            like = None if one.like is None else (one.like, one.site)
            reader = self.trial.reader(str(one.placement), msgspec.structs.replace(one.case, context=context), like)
            self._count(one, reader)

    def _count(self, one: PlacedCase, reader: Reader) -> None:
        days = self._days(one)
        found = self._sum(reader, days)
        report = self.report
        ahead = days[-1] >= self.trial.today
        report.placements += 1
        report.ahead += ahead
        report.wished += one.state == "wished"
        report.decided += len(days)
        amount = report.changes[found.change]
        amount.placements += 1
        amount.ahead += ahead
        report.changes[found.well].well += 1
        report.changes[found.badly].badly += 1
        labels = self._labels(reader)
        for name, values in (("site", ((str(one.site), one.site_name),)), *labels):
            for key, label in values:
                row = self._by[name].setdefault(key, Row(label, {}))
                row.counts[found.change] = row.counts.get(found.change, 0) + 1
        for fact, who in found.missing:
            self._missing.setdefault(fact, Missing(fact, who)).placements += 1
        for clause, what, count in found.owed:
            since = self.retroactive[clause].retroactive_from or self.since
            row_ = self._owed.setdefault((clause, what), Owed(clause, since, what))
            row_.placements += 1
            row_.days += count
        if found.change == "same":
            return
        for ref, title in found.causes:
            self._bites.setdefault(ref, Bites(ref, title)).placements += 1
        self._hours(one, reader, found, days, amount)
        if one.starts_on == days[0] and found.stops:
            wait = self._wait(found.stops, reader, days[0])
            if wait is None:
                report.no_shift += 1
            else:
                self._shifts.append(wait)
        if found.change != "shown":
            self._list(one, found)

    def _days(self, one: PlacedCase) -> tuple[date, ...]:
        """The days of its sessions, else its first and last day: of the past year and ahead."""
        if one.days:
            return tuple([day for day, _ in one.days])
        first = max(one.starts_on or self.trial.today, self.since)
        last = max(first, one.ends_on if one.ends_on is not None else self.trial.today)
        return (first,) if first == last else (first, last)

    def _sum(self, reader: Reader, days: tuple[date, ...]) -> _Sum:
        key = (days, reader.start)
        kind = self.trial.kind(reader)
        found: _Sum | None = kind.kept.get(key)
        if found is None:
            found = self._together(days, [self.trial.day(reader, day) for day in days])
            kind = self.trial.kind(reader)
            if kind.shared:
                kind.kept[key] = found
        return found

    def _together(self, days: Sequence[date], each: Sequence[OneDay]) -> _Sum:
        first = each[0]
        before, after = max(d.now.known for d in each), max(d.then.known for d in each)
        stops = [s for s in first.added if s.effect.severity > _PROVISIONAL]
        return _Sum(
            before=before,
            after=after,
            change=_change(before, after),
            well=_change(max(d.now.well for d in each), max(d.then.well for d in each)),
            badly=_change(max(d.now.badly for d in each), max(d.then.badly for d in each)),
            days=tuple(day for day, d in zip(days, each, strict=True) if d.now.known != d.then.known),
            causes=tuple(dict.fromkeys((s.ref, s.title) for d in each for s in _causes(d))),
            missing=tuple(dict.fromkeys(pair for d in each for s in d.added for pair in _lacks(s))),
            stops=tuple(stops) if first.then.known > max(first.now.known, _PROVISIONAL) else (),
            owed=tuple(self._owing(days, each)),
        )

    def _owing(self, days: Sequence[date], each: Sequence[OneDay]) -> Iterable[tuple[str, str, int]]:
        counted: dict[tuple[str, str], int] = {}
        for day, one in zip(days, each, strict=True):
            for said in one.added:
                clause = self.retroactive.get(said.ref)
                if clause is None or not (clause.retroactive_from or day) <= day < self.trial.today:
                    continue
                default = clause.remedy or "What the agreement says is owed where this clause was not kept to."
                for what in said.owed or ((default,) if said.broken else ()):
                    counted[clause.id, what] = counted.get((clause.id, what), 0) + 1
        return [(clause, what, n) for (clause, what), n in counted.items()]

    def _hours(self, one: PlacedCase, reader: Reader, found: _Sum, days: Sequence[date], amount: Amount) -> None:
        if one.days:
            changed = set(found.days)
            amount.planned += sum(hours for day, hours in one.days if day in changed)
        elif (week := _number(reader.facts.get("hours_week"))) is not None:
            amount.stated += week * max(1, ((days[-1] - days[0]) // timedelta(days=7)))
        else:
            amount.no_hours += 1
        students = _number(reader.facts.get("students_present") or reader.facts.get("students_scheduled"))
        if students is None:
            amount.no_students += 1
        else:
            amount.students += int(students)

    def _wait(self, stops: Sequence[Said], reader: Reader, begins: date) -> int | None:
        """Days until all that newly stops a placement lets it begin; None where waiting does not help or is not known.

        What has to be sent first is taken to be sent on the day it would begin, and today where that is still ahead.
        """
        waits = [0]
        for said in stops:
            if said.free_on is not None:
                waits.append((said.free_on - begins).days)
            elif said.lead is None:
                return None
            else:
                days, kind = said.lead
                sent = min(begins, self.trial.today)
                try:
                    first = reader.facts.of(self.trial.proposal).earliest_act(sent, days, kind) if days else sent
                except Unknown:
                    return None
                waits.append((first - begins).days)
        return max(waits)

    def _list(self, one: PlacedCase, found: _Sum) -> None:
        if len(self.report.touched) < LISTED:
            day = found.days[0] if found.days else self.trial.today
            refs = [ref for ref, _ in found.causes]
            self.report.touched.append(
                Touched(one.title, one.site_name, day, _EFFECTS[found.before], _EFFECTS[found.after], refs)
            )

    def _labels(self, reader: Reader) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        kept = self.trial.kind(reader).kept
        found: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] | None = kept.get("labels")
        if found is None:
            role = reader.facts.role
            funding = sorted(reader.facts.words("funding", needed=False))
            units = sorted(_units(reader))
            found = kept["labels"] = (
                ("role", ((role, _word(reader, "role", role)),) if role else (("", "role not stated"),)),
                ("unit", tuple((u, self.units.get(u, spoken(u))) for u in units) or (("", "no unit known"),)),
                ("funding", tuple((f, _word(reader, "funding", f)) for f in funding) or (("", "funding not stated"),)),
            )
        return found

    def finished(self) -> Report:
        """The report, its tables in order."""
        report = self.report
        report.bites = sorted(self._bites.values(), key=lambda one: (-one.placements, one.clause))
        report.missing = sorted(self._missing.values(), key=lambda one: (-one.placements, one.fact))
        report.owed = sorted(self._owed.values(), key=lambda one: (one.clause, -one.placements, one.what))[:ROWS]
        report.by = {name: sorted(rows.values(), key=_order)[:ROWS] for name, rows in self._by.items()}
        report.touched.sort(key=lambda one: (one.site, one.title, one.day))
        report.shifted = len(self._shifts)
        report.shift = statistics.median(self._shifts) if self._shifts else None
        report.waiting = [(clause.id, str(why)) for clause, why in self.trial.waiting]
        return report


def _order(row: Row) -> tuple[int, str]:
    return -sum(count for name, count in row.counts.items() if name not in {"same", "shown"}), row.label


def _change(before: int, after: int) -> str:
    if after == before:
        return "same"
    return "eased" if after < before else _BY_SEVERITY.get(after, "shown")


def _causes(day: OneDay) -> Iterable[Said]:
    """The clauses that make a day stricter, or no longer do."""
    if day.then.known > day.now.known:
        return [s for s in day.added if s.effect.severity > day.now.known]
    return [s for s in day.gone if s.effect.severity > day.then.known] if day.then.known < day.now.known else []


def _lacks(said: Said) -> Iterable[tuple[str, str]]:
    if said.effect is not Effect.HOLD and not said.missing:
        return []
    if not said.missing:
        return [(f"what {said.ref} leaves open", said.who.value)]
    return [(spoken(name), SUPPLIED_BY.get(name, said.who).value) for name in said.missing]


def _units(reader: Reader) -> set[str]:
    """The units of the position or of its duties: never a person's."""
    unit = reader.facts.get("unit_id")
    if unit is not None:
        return {str(unit)}
    known = reader.facts.get("duty_to_unit_map")
    if not isinstance(known, Mapping):
        return set()
    found = [known.get(duty) for duty in reader.facts.words("duties", needed=False)]
    return {str(u) for one in found for u in ([one] if isinstance(one, str) else one or ())}


def _word(reader: Reader, fact: str, value: str) -> str:
    """What the product calls a value of a fact of the placement."""
    spec = reader.facts.view.specs.get(f"placement.{fact}")
    return (spec.choices.get(value) if spec else None) or spoken(value)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
