"""Agreements read from YAML or from the product's database: strictly, each mistake in a sentence, with its line if known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import msgspec

from staffing.api import Problems, meant

from . import signers
from .agreement import Agreement, Ends, Funding, Kind, Signatory, as_day
from .clause import Clause
from .clause_reader import CLAUSE_KEYS, ClauseReader
from .lifecycle import State
from .strictly import digest_of, line_of, plain
from .types import TYPES

AGREEMENT_KEYS = (
    "id",
    "title",
    "kind",
    "jurisdiction",
    "units",
    "effective",
    "status",
    "after_expiry",
    "evergreen_clause",
    "non_precedential",
    "signatories",
    "work_calendar_closures",
    "closures",
    "funding_condition",
    "placement_hold_on_grievance",
    "max_term_years",
    "binding_from",
    "base_agreement",
    "supersedes",
    "happened",
    "clauses",
    "ratification_required",
    "text",
)
AFTER = ("status_quo", "evergreen", "partial_survival", "per_clause", "lapsed", "sunsets")
SIDES = ("district", "union", "joint", "third")
MONEY = ("appropriated", "partial", "pending", "refused")


def agreement(value: Any, file: str, known: Iterable[str] = ()) -> Agreement:
    """Read one agreement. ``known`` are clause ids of other agreements that it may supersede.

    Raises ``Invalid`` with file and line, every mistake at once.
    """
    problems = Problems(file)
    found = Reader(problems, known).agreement(value)
    problems.raise_if_any()
    if found is None:  # it said why, and that was raised
        raise TypeError("An agreement that was read has neither a value nor a problem.")
    return found


class Reader(ClauseReader):
    """Reads into values and collects what is wrong in ``problems``."""

    def __init__(self, problems: Problems, known: Iterable[str] = ()) -> None:
        super().__init__(problems)
        self.known = set(known)

    def agreement(self, value: Any) -> Agreement | None:
        """An agreement, or None where it cannot be read at all; what is wrong is in ``problems``."""
        if not isinstance(value, Mapping):
            self.problems.add(1, "An agreement is a mapping that starts with its id, such as id: A1.")
            return None
        self._keys(value, AGREEMENT_KEYS, "field of an agreement")
        ident = str(value.get("id") or "")
        if not ident:
            self._say(value, "id", "An agreement needs an id, such as id: A1.")
        kind = self._word(value, "kind", [k.value for k in Kind if k is not Kind.LAW], "cba")
        base = self._base(value)
        supersedes = self._list(value, "supersedes")
        since, ends = self._days(value)
        layer = "L3" if kind == "cba" else "L5" if kind == "policy" else "L4"
        default = tuple(supersedes)
        clauses = tuple(
            clause for one in self._items(value, "clauses") if (clause := self.clause(one, ident, layer, default)) is not None
        )
        if not value.get("clauses") and base is None:
            self._say(value, "clauses", "An agreement needs at least one clause.")
        self._once(value, clauses)
        self._superseding(value, supersedes, clauses, base)
        made = Agreement(
            id=ident,
            title=str(value.get("title") or ident),
            kind=Kind(kind),
            jurisdiction=self._place(value),
            clauses=clauses,
            units=tuple(self._list(value, "units")),
            since=since,
            ends=ends,
            status=self._word(value, "status", [state.value for state in State], "in_effect"),
            after_expiry=self._word(value, "after_expiry", AFTER, "status_quo"),
            evergreen_clause=self._flag(value, "evergreen_clause"),
            signatories=self._signatories(value),
            funding=self._funding(value),
            base=base,
            supersedes=default,
            closures=(*self._listed_days(value, "work_calendar_closures"), *self._listed_days(value, "closures")),
            happened=self._happened(value),
            hold_on_grievance=self._flag(value, "placement_hold_on_grievance"),
            non_precedential=self._flag(value, "non_precedential"),
            max_term_years=self._count(value, "max_term_years"),
        )
        return msgspec.structs.replace(made, digest=digest_of(value))

    def _base(self, value: Mapping[str, Any]) -> Agreement | None:
        """The agreement that this one is a side letter of, written inside it: what it leaves out is as here."""
        given = value.get("base_agreement")
        if given is None:
            return None
        if not isinstance(given, Mapping):
            self._say(value, "base_agreement", "'base_agreement' is an agreement written out, with its id, days and clauses.")
            return None
        base = self.agreement(given)
        if base is None:
            return None
        return msgspec.structs.replace(
            base,
            jurisdiction=self._place(given if given.get("jurisdiction") else value),
            units=base.units or tuple(self._list(value, "units")),
            signatories=base.signatories or self._signatories(value),
            title=str(given.get("title") or value.get("title") or base.id),
        )

    # --- the agreement's own fields ---

    def _place(self, value: Mapping[str, Any]) -> str:
        """``us-ca`` from ``CA`` or ``us-ca``."""
        given = str(value.get("jurisdiction") or "").lower()
        if given and not re.fullmatch(r"[a-z]{2}|us(-[a-z]+)+", given):
            says = f"'jurisdiction' is a code such as CA or us-ca, not '{value['jurisdiction']}'."
            self._say(value, "jurisdiction", says)
        return given if given.startswith("us") else f"us-{given}" if given else "us"

    def _days(self, value: Mapping[str, Any]) -> tuple[date, Ends]:
        effective = value.get("effective")
        since = as_day(effective.get("from")) if isinstance(effective, Mapping) else None
        if not isinstance(effective, Mapping) or since is None:
            self._say(value, "effective", "An agreement needs its first day: effective: {from: 2026-07-01, to: 2029-06-30}.")
            return date.min, Ends()
        self._keys(effective, ("from", "to"), "field of 'effective'")
        to = effective.get("to")
        parts = to.get("earliest_of") or [to] if isinstance(to, Mapping) else [to]
        days, events = [], []
        for part in [] if to is None else parts:
            day, event = as_day(part), part.get("event") if isinstance(part, Mapping) else None
            if day is not None:
                days.append(day)
            elif event:
                events.append(str(event))
            else:
                says = "'to' is a day such as 2029-06-30, {event: ...}, or {earliest_of: [...]} of these"
                self._say(value, "effective", f"{says}, not '{plain(part)}'.")
        last = min(days, default=None)
        if last is not None and last < since:
            self._say(value, "effective", f"An agreement cannot end on {last} when it starts on {since}.")
        return since, Ends(on=last, events=tuple(events))

    def _happened(self, value: Mapping[str, Any]) -> dict[str, Any]:
        given = value.get("happened") or {}
        if not isinstance(given, Mapping):
            self._say(value, "happened", "'happened' gives the day of each event: happened: {all_hubs_closed: 2026-11-24}.")
            return {}
        for name in given:
            self._day(given, name)
        return dict(given)

    def _signatories(self, value: Mapping[str, Any]) -> tuple[Signatory, ...]:
        given = self._raw(value, "signatories")
        for one in given:
            if isinstance(one, Mapping):
                self._keys(one, ("role", "side"), "field of a signatory")
                self._word(one, "side", SIDES, "")
                if not one.get("role"):
                    self._say(one, "role", "A signatory is an office: {role: chief_steward, side: union}.")
        return signers.read(given)

    def _funding(self, value: Mapping[str, Any]) -> Funding | None:
        given = value.get("funding_condition")
        if given is None:
            return None
        if not isinstance(given, Mapping) or not given.get("body"):
            self._say(value, "funding_condition", "Say which body gives the money: {body: city_council, status: appropriated}.")
            return None
        self._keys(given, ("body", "status"), "field of a funding condition")
        return Funding(body=str(given["body"]), status=self._word(given, "status", MONEY, "pending"))

    def _once(self, value: Mapping[str, Any], clauses: Iterable[Clause]) -> None:
        seen: set[str] = set()
        for clause in clauses:
            if clause.id in seen:
                self.problems.add(clause.line or line_of(value), f"The clause id {clause.id} is used twice; give each its own.")
            seen.add(clause.id)

    def _superseding(
        self, value: Mapping[str, Any], named: Iterable[str], clauses: Iterable[Clause], base: Agreement | None
    ) -> None:
        ours = {clause.id: clause for clause in (*clauses, *(base.clauses if base else ()))}
        for ident in {*named, *(i for clause in clauses for i in clause.supersedes)}:
            if ident.startswith("LAW."):
                self._say(value, "supersedes", f"{ident} is law: no agreement supersedes it. Leave it out.")
            elif ident in ours and TYPES[ours[ident].type].clearance:
                self._say(value, "supersedes", f"{ident} is about clearance, and nothing relaxes that. Leave it out.")
            elif ident not in ours and ident not in self.known:
                self._say(
                    value,
                    "supersedes",
                    f"It supersedes {ident}, and no such clause is known. {meant(ident, sorted(ours.keys() | self.known))} "
                    "Write the base agreement's clauses under base_agreement, or import that agreement first.",
                )


__all__ = ["AFTER", "AGREEMENT_KEYS", "CLAUSE_KEYS", "Reader", "agreement", "digest_of", "line_of", "plain"]
