"""One row of a file of position actions: what each cell may hold, and in a sentence what is wrong with it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from staffing.api import meant

from . import positions
from .types.displacement import OTHER_CAUSE, OWN_CAUSE

#: What may happen to positions, by the names that clauses read.
KINDS = tuple(sorted(positions.FULL | positions.PARTIAL | positions.OTHER))
DISPUTES = frozenset({"strike", "lockout", "work_to_rule"})
CAUSES = tuple(sorted(OWN_CAUSE | OTHER_CAUSE))
_USUAL_CAUSES = "enrolment_drop, lack_of_funds, grant_ended, employee_request, tutors, other"
#: The farthest ahead that an action may be planned.
FARTHEST = timedelta(days=2 * 366)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """A row as it will be kept. ``identity`` says which action it is, ``digest`` what exactly is said of it."""

    line: int
    kind: str
    on: date
    until: date | None
    classification: str
    unit: str
    site: str
    site_name: str
    positions: int
    hours_before: Decimal | None
    hours_after: Decimal | None
    duties: tuple[str, ...]
    cause: str

    @property
    def identity(self) -> tuple[Any, ...]:
        """Two rows with the same are about the same action; the later file says how it stands now."""
        return identity(msgspec.structs.asdict(self))

    @property
    def digest(self) -> str:
        """SHA-256 of the content, whatever its line."""
        told = msgspec.structs.asdict(self)
        del told["line"]
        return hashlib.sha256(msgspec.json.encode(told, order="deterministic")).hexdigest()


def identity(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells one action from another: what, when, to whom's class, where, and from how many hours to how many."""
    hours = tuple(None if row[name] is None else Decimal(row[name]).normalize() for name in ("hours_before", "hours_after"))
    where = str(row["site"] or "")
    return (row["kind"], row["on"], str(row["classification"]).casefold(), row["unit"] or "", where, *hours)


class Row:
    """One row while it is read. ``bad`` collects what is wrong."""

    def __init__(
        self,
        line: int,
        cells: Mapping[str, str],
        known: Mapping[str, tuple[str, str]],
        units: Collection[str],
        today: date,
    ) -> None:
        self.line, self.known, self.units, self.today = line, known, units, today
        self.cells = {name: " ".join(value.split()) if name != "duties" else value.strip() for name, value in cells.items()}
        self.bad: list[str] = []
        self.notes: list[str] = []

    def wrong(self, says: str) -> None:
        """Note what is wrong."""
        self.bad.append(says)

    def read(self, found: int, wanted: int) -> Read | None:
        """The row; None with ``bad`` filled. ``found`` cells and ``wanted`` ones have to be as many."""
        if found != wanted:
            many = f"It has {found} cells and the first line names {wanted}."
            self.wrong(f"{many} A text with a comma in it stands in quotation marks.")
            return None
        for name, value in self.cells.items():
            if name not in {"positions", "hours_before", "hours_after"} and value.startswith(_FORMULA):
                self.wrong(f"{name} begins with “{value[0]}”, as a formula does. Write it as plain text.")
        kind = self._kind()
        on, until = self._day("on"), self._day("until")
        if on is None and not self.cells.get("on"):
            self.wrong("on is empty: write the day it happens, such as 2026-09-01.")
        if on and until and until < on:
            self.wrong(f"It cannot end on {until}, as it begins on {on}.")
        before, after = self._hours("hours_before"), self._hours("hours_after")
        self._hours_fit(kind, before, after)
        site, name = self._site()
        classification, unit, count = self._classification(kind), self._unit(), self._positions()
        duties, cause = self._duties(), self._cause()
        if kind in positions.FULL | positions.PARTIAL and not cause:
            self.notes.append("No cause is stated. A clause that asks for it cannot be told, and holds.")
        if self.bad or on is None:
            return None
        return Read(
            line=self.line,
            kind=kind,
            on=on,
            until=until,
            classification=classification,
            unit=unit,
            site=site,
            site_name=name,
            positions=count,
            hours_before=before,
            hours_after=after,
            duties=duties,
            cause=cause,
        )

    def _kind(self) -> str:
        told = self.cells.get("kind", "")
        word = positions.kind({"type": told})
        if word not in KINDS:
            says = "kind is empty." if not told else f"kind “{told}” is nothing that happens to a position."
            self.wrong(f"{says} {meant(word, KINDS)}".strip())
        return word

    def _day(self, name: str) -> date | None:
        told = self.cells.get(name, "")
        if not told:
            return None
        american = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", told)
        try:
            day = date(int(american[3]), int(american[1]), int(american[2])) if american else date.fromisoformat(told)
        except ValueError:
            self.wrong(f"{name} “{told}” is no day. Write 2026-09-01, or 9/1/2026 with the month first.")
            return None
        if day.year < 1990 or day > self.today + FARTHEST:
            self.wrong(f"{name} is {day}. Check the year.")
        return day

    def _hours(self, name: str) -> Decimal | None:
        told = self.cells.get(name, "")
        if not told:
            return None
        try:
            value = Decimal(told)
        except InvalidOperation:
            value = Decimal(-1)
        if not value.is_finite() or not 0 <= value <= 168:
            self.wrong(f"{name} “{told}” is no number of hours a week from 0 to 168, such as 27.5.")
            return None
        return value.quantize(Decimal("0.01")).normalize() + 0

    def _hours_fit(self, kind: str, before: Decimal | None, after: Decimal | None) -> None:
        if kind == "hours_cut" and (before is None or after is None):
            self.wrong("A cut in hours needs hours_before and hours_after.")
        elif kind == "hours_cut" and before is not None and after is not None and after >= before:
            self.wrong(f"Hours were not cut: {before:f} before and {after:f} after.")
        elif kind == "restored" and before is not None and after is not None and after < before:
            self.wrong(f"Hours were not restored: {before:f} before and {after:f} after.")

    def _classification(self, kind: str) -> str:
        told = self.cells.get("classification", "")
        if not told and not (kind in DISPUTES and self.cells.get("unit")):
            self.wrong("classification is empty: write the job class, such as Library aide.")
        if "@" in told or re.search(r"\d{5}|\d{3}-\d{2}-\d{4}", told) or len(told) > 80:
            self.wrong("classification holds what looks like a person's number or address. Write the job class alone.")
        return told

    def _unit(self) -> str:
        told = re.sub(r"[\s-]+", "_", self.cells.get("unit", "").lower())
        if told and self.units and told not in self.units:
            self.wrong(f"No unit “{told}” is registered. {meant(told, sorted(self.units))}".strip())
        elif told and not re.fullmatch(r"[a-z0-9_.]{1,60}", told):
            self.wrong(f"unit “{told}” is no code. Write letters, digits and _, such as classified_77.")
        return told

    def _site(self) -> tuple[str, str]:
        told = self.cells.get("site", "")
        if not told or plain(told) in {"all", "district"}:
            return "", ""
        found = self.known.get(plain(told)) or self.known.get(told)
        if found is None:
            near = meant(plain(told), self.known)
            for key, (_, name) in self.known.items():
                near = near.replace(f"'{key}'", f"“{name}”")
            help_ = f" {near}" if near.startswith("Did") else ""
            self.wrong(f"There is no site “{told}” here.{help_} Empty means the whole district.")
            return "", ""
        return found

    def _positions(self) -> int:
        told = self.cells.get("positions", "")
        if not told:
            return 1
        if not told.isascii() or not told.isdecimal() or not 1 <= int(told) <= 10_000:
            self.wrong(f"positions “{told}” is no whole number from 1 to 10,000.")
            return 1
        return int(told)

    def _duties(self) -> tuple[str, ...]:
        told = [
            re.sub(r"[\s-]+", "_", one.strip().lower()) for one in re.split(r"[;|,]", self.cells.get("duties", "")) if one.strip()
        ]
        for one in told:
            if not re.fullmatch(r"[a-z][a-z0-9_]{1,59}", one):
                self.wrong(f"duty “{one}” is no code. Write codes with ; between them, such as shelving; story_time.")
        return tuple(sorted(set(told)))

    def _cause(self) -> str:
        told = re.sub(r"[\s-]+", "_", self.cells.get("cause", "").lower())
        if told and told not in CAUSES:
            near = meant(told, CAUSES)
            self.wrong(f"cause “{told}” is none of the words that are kept. {near or f'Use one such as {_USUAL_CAUSES}.'}")
        return told


def plain(name: str) -> str:
    """A name whatever its capitals and spaces."""
    return " ".join(name.casefold().split())
