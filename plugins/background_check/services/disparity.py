"""Counts of outcomes by group: made once for a stretch of time, kept as they were shown, and shown alike to everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from staffing.api import Conflict, Invalid, NotAllowed, Viewer, district, record, tenant_transaction, today

from ..rules import groups, periods, suppression
from ..rules.disparity import STAGES, Line, lines
from ..rules.groups import Question
from ..rules.periods import Period
from ..rules.suppression import Derived
from ..tables.keeping import CountsShown, SelfDescription
from ..tables.orders import CheckOrder

PURPOSES: dict[str, str] = {"volunteer": "Volunteers", "employment": "Employees"}

#: Everybody for whom a check was ordered in the time, and how far the last one of each kind came: all of them, for a stage.
_PEOPLE = """
WITH mine AS (
  SELECT o.*, row_number() OVER (PARTITION BY o.person, o.package ORDER BY o.ordered_at DESC, o.id) AS nth
  FROM background_check.check_order o JOIN background_check.package p ON p.id = o.package
  WHERE p.purpose = $1 AND (o.ordered_at AT TIME ZONE $2)::date BETWEEN $3 AND $4),
far AS (
  SELECT o.person,
    (o.requested_on IS NOT NULL OR o.status NOT IN ('to_authorise', 'refused', 'canceled', 'expired')
      OR EXISTS (SELECT 1 FROM background_check.consent c WHERE c.of_order = o.id AND c.kind = 'authorisation')) AS authorised,
    (o.status IN ('complete', 'disputed') OR coalesce(o.outcome, 'withdrawn') <> 'withdrawn') AS complete,
    coalesce(o.outcome, '') IN ('eligible', 'eligible_with_conditions') AS eligible
  FROM mine o WHERE nth = 1)
SELECT person, bool_and(authorised) AS authorised, bool_and(authorised AND complete) AS complete,
  bool_and(authorised AND complete AND eligible) AS eligible
FROM far GROUP BY person"""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Counts by one question, as they are shown."""

    question: Question
    lines: tuple[Line, ...]
    totals: tuple[int | None, ...]

    @property
    def flagged(self) -> tuple[Line, ...]:
        """The groups whose whole way is under four fifths of the highest."""
        return tuple(line for line in self.lines if line.whole and line.whole.flagged)

    @property
    def compared(self) -> bool:
        """Whether any groups were large enough to compare."""
        return any(line.whole for line in self.lines)


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The page. ``table`` is None until the time asked about is counted; ``offered`` are times that are over."""

    purpose: str
    period: Period | None
    table: Table | None
    counted_by: str
    counted_at: datetime | None
    counted: tuple[tuple[Period, str], ...]
    offered: tuple[Period, ...]


def _staff(viewer: Viewer) -> None:
    if viewer.role not in {"hr", "admin"}:
        raise NotAllowed("Counts by group are read by the district's HR and its administrators.")


async def page(viewer: Viewer, *, purpose: str, code: str, by: str) -> Page:
    """The counts of a stretch of time as they were made, by one question. Makes none. For HR and administrators.

    Raises ``NotAllowed`` and ``Invalid`` for what is not in the lists.
    """
    _staff(viewer)
    asked = groups.question(by)
    _purpose(purpose)
    async with tenant_transaction(viewer.tenant):
        on = today((await district(viewer.tenant)).time_zone)
        kept = await CountsShown.select().order_by(CountsShown.made_at, ascending=False).output(load_json=True)
        first = await CheckOrder.select(CheckOrder.ordered_at).order_by(CheckOrder.ordered_at).first()
    wanted = periods.period(code) if code else None
    mine = next((row for row in kept if row["purpose"] == purpose and (not code or row["period"] == code)), None)
    if mine is not None and wanted is None:
        wanted = periods.period(mine["period"])
    return Page(
        purpose=purpose,
        period=wanted,
        table=_table(mine["body"], asked) if mine else None,
        counted_by=mine["made_by"].partition(" ")[2] if mine else "",
        counted_at=mine["made_at"] if mine else None,
        counted=tuple((periods.period(row["period"]), row["purpose"]) for row in kept),
        offered=periods.ended(on, first["ordered_at"].date()) if first else (),
    )


def _purpose(purpose: str) -> None:
    if purpose not in PURPOSES:
        raise Invalid("Choose whose checks are counted: volunteers or employees.")


def _table(body: Mapping[str, Any], asked: Question) -> Table:
    told = body["by"].get(asked.code, {})
    counts = {group: tuple(row) for group, row in told.items()}
    return Table(question=asked, lines=lines(counts, asked.groups), totals=tuple(body["totals"]))


async def count(viewer: Viewer, *, purpose: str, code: str) -> None:
    """Count a stretch of time that is over, for every question, and keep what may be shown. For HR and administrators.

    Again, later: only where every number that was shown moved by nobody or by at least ten people, so that the two tables tell
    of nobody. Raises ``NotAllowed``, ``Invalid`` and ``Conflict``.
    """
    _staff(viewer)
    _purpose(purpose)
    asked = periods.period(code)
    async with tenant_transaction(viewer.tenant) as transaction:
        connection = transaction.connection
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"counts of {viewer.tenant}")
        here = await district(viewer.tenant)
        if asked.until >= today(here.time_zone):
            raise Invalid(f"{asked.title} is not over. It can be counted from the day after its last one, {asked.until}, on.")
        rows = await connection.fetch(_PEOPLE, purpose, here.time_zone, asked.since, asked.until)
        if not rows:
            raise Conflict(f"Nobody was asked for a check in {asked.title}. There is nothing to count.")
        said = {
            row["person"]: row["groups"]
            for row in await SelfDescription.select(SelfDescription.person, SelfDescription.groups).output(load_json=True)
        }
        kept = {
            row["period"]: row["body"]
            for row in await CountsShown.select().where(CountsShown.purpose == purpose).output(load_json=True)
        }
        by = {one.code: _counted(one, rows, said, asked, kept) for one in groups.QUESTIONS}
        body = {"by": by, "totals": suppression.shown_row(_total(rows))}
        before = kept.get(code)
        if before is not None:
            _same_or_many(before["by"], by)
            await CountsShown.delete().where((CountsShown.purpose == purpose) & (CountsShown.period == code))
        made = CountsShown(purpose=purpose, period=code, body=msgspec.json.encode(body).decode(), made_by=viewer.tag)
        await CountsShown.insert(made)
        await record("counts:made", f"counts/{purpose}/{code}", actor=viewer.tag, period=asked.title, again=before is not None)


def _reached(row: Mapping[str, Any]) -> int:
    """How many stages a person reached, the first included."""
    return 1 + sum(bool(row[stage]) for stage in STAGES[1:])


def _total(rows: Sequence[Mapping[str, Any]]) -> list[int]:
    return [sum(_reached(row) > stage for row in rows) for stage in range(len(STAGES))]


def _counted(
    asked: Question, rows: Sequence[Mapping[str, Any]], said: Mapping[Any, Sequence[str]], here: Period, kept: Mapping[str, Any]
) -> dict[str, tuple[int | None, ...]]:
    counts = {group: [0] * len(STAGES) for group in asked.groups}
    for row in rows:
        group = groups.group_of(asked, said.get(row["person"], ()))
        for stage in range(_reached(row)):
            counts[group][stage] += 1
    beside = {group: _beside(group, asked.code, here, kept) for group in counts}
    return suppression.shown(counts, beside)


def _beside(group: str, by: str, here: Period, kept: Mapping[str, Any]) -> list[Derived]:
    """What could be worked out of this group's counts with the tables shown before: what is left of a longer time without the
    shorter ones in it, and what the same time counted before lacks."""
    tables = {periods.period(code): body["by"].get(by, {}).get(group) for code, body in kept.items()}
    before = tables.pop(here, None)
    found = [Derived(sign=1, offset=tuple(None if count is None else -count for count in before))] if before else []
    inside = {one: row for one, row in tables.items() if here.holds(one)}
    if inside:
        found.append(Derived(sign=1, offset=tuple(-_covered(here, inside, stage) for stage in range(len(STAGES)))))
    for longer, row in tables.items():
        if row is None or not longer.holds(here):
            continue
        others = {one: told for one, told in tables.items() if longer.holds(one) and one != longer and not one.holds(here)}
        others = {one: told for one, told in others.items() if not here.holds(one)}
        offset = tuple(None if count is None else count - _covered(longer, others, stage) for stage, count in enumerate(row))
        found.append(Derived(sign=-1, offset=offset))
    return found


def _covered(whole: Period, inside: Mapping[Period, Sequence[int | None] | None], stage: int) -> int:
    """The sum of a stage over the longest tables inside a time that show it and lie apart."""
    total, done = 0, list[Period]()
    for one in sorted(inside, key=lambda each: (each.until - each.since).days, reverse=True):
        row = inside[one]
        if row is not None and row[stage] is not None and not any(other.holds(one) for other in done):
            total += row[stage] or 0
            done.append(one)
    return total


def _same_or_many(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    for by, told in before.items():
        for group, row in told.items():
            now = after.get(by, {}).get(group)
            if now is None or any(old is not None and new is None for old, new in zip(row, now, strict=True)):
                raise Conflict(
                    "Since it was counted only a few people have moved. Two tables that differ by a few people would tell who "
                    "they are, so the first one stays. Try again when more checks are decided."
                )
