"""Scenario files: one case as YAML, read strictly. The format is in ``docs/packs.md``.

Every error names the file and the line and says what to write instead; nothing is decided on a file with an error.
"""

from __future__ import annotations

import difflib
from datetime import date
from typing import Any

import msgspec

from staffing.core.case import Case, Session
from staffing.core.evidence import KINDS, Evidence
from staffing.core.facts import CaseView, FactSpec, FactType, derived
from staffing.core.labor_words import LABOR_FACTS
from staffing.core.rules import RuleBook
from staffing.core.sources import Listing, Problems, Section, meant, read
from staffing.core.standard_facts import DAYS_KEYS, HOURS_KEYS

_KEYS = ("jurisdiction", "overlays", "on", "sessions", "person", "placement", "evidence", "agreements", "context", "title")
_STATES = ("initiated", "partial", "complete")
_RESULTS = ("clear", "not_clear", "qualified")
_PURPOSES = ("volunteer", "employment")
_WAIVER = ("id", "sections", "from", "until", "by", "site", "state", "url", "conditions")
_FIELDS = tuple(field for field in Evidence.__struct_fields__ if field != "id")


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """A case and the day it is decided for."""

    case: Case
    on: date


def overlays(text: str, file: str) -> list[str]:
    """The overlays a scenario text names: names of packs, or paths of pack files. Raises ``Invalid``."""
    value = read(text, file)
    named = value.get("overlays") if isinstance(value, Section) else None
    return [str(item) for item in named] if isinstance(named, list) else []


def agreements(text: str, file: str) -> list[Any]:
    """The agreements a scenario text names: ids, or mappings that know their lines. Raises ``Invalid``."""
    value = read(text, file)
    named = value.get("agreements") if isinstance(value, Section) else None
    return list(named) if isinstance(named, list) else []


def scenario(text: str, file: str, rules: RuleBook) -> Scenario:
    """Read a scenario text. Facts and evidence kinds are those that ``rules`` knows. Raises ``Invalid`` with file and line."""
    return from_section(read(text, file), file, rules)


def from_section(value: Any, file: str, rules: RuleBook) -> Scenario:
    """A scenario from values already read (a case of a pack's ``cases/`` has the same shape)."""
    problems = Problems(file)
    found = _Reader(problems, rules).scenario(value)
    problems.raise_if_any()
    return found


class _Reader:
    def __init__(self, problems: Problems, rules: RuleBook) -> None:
        self.problems = problems
        self.rules = rules
        self.kinds = [*KINDS, *rules.kinds]

    def scenario(self, value: Any) -> Scenario:
        if not isinstance(value, Section):
            self.problems.add(1, "A scenario is a mapping that starts with 'jurisdiction:', such as jurisdiction: us-pa.")
            return Scenario(case=Case(jurisdiction="us"), on=date.min)
        self._known(value, _KEYS)
        sessions = self._sessions(value)
        on = value.get("on")
        if on is None and sessions:
            on = min(session.on for session in sessions)
        if not isinstance(on, date):
            self.problems.add(
                value.line_of("on"), "'on' must be the day decided for, such as on: 2027-04-10 (or give 'sessions')."
            )
            on = date.max
        last = max([on, *(session.on for session in sessions)])
        case = Case(
            jurisdiction=self._jurisdiction(value),
            person=self._facts(value, "person", last),
            placement=self._facts(value, "placement", last),
            context=self._facts(value, "context", last),
            evidence=tuple(self._evidence(item, line, last) for item, line in self._items(value, "evidence")),
            overlays=tuple(str(item) for item, _ in self._items(value, "overlays", Section)),
            agreements=tuple(_plain(item) for item, _ in self._items(value, "agreements", None)),
            sessions=sessions,
        )
        self._contradictions(case, on, value)
        return Scenario(case=case, on=on)

    def _known(self, section: Section, keys: Any, what: str = "key") -> None:
        for key in section:
            if key not in keys:
                self.problems.add(section.line_of(key), f"There is no {what} '{key}'. {meant(key, keys)}".rstrip())

    def _jurisdiction(self, value: Section) -> str:
        found = value.get("jurisdiction")
        if not isinstance(found, str) or not found:
            self.problems.add(value.line_of("jurisdiction"), "'jurisdiction' is missing; write the pack's name, such as us-pa.")
            return "us"
        if found != found.lower() or not found.replace("-", "").isalnum():
            self.problems.add(
                value.line_of("jurisdiction"), f"'{found}' is not a jurisdiction; write it in small letters, such as us-pa."
            )
        near = difflib.get_close_matches(found, {pack.id for pack in self.rules.packs}, n=1, cutoff=0.9)
        if near and near[0] != found:
            self.problems.add(value.line_of("jurisdiction"), f"There is no jurisdiction '{found}'. Did you mean '{near[0]}'?")
        return found

    def _items(self, value: Section, key: str, never: type | None = Listing) -> list[tuple[Any, int]]:
        found = value.get(key)
        if found is None:
            return []
        if not isinstance(found, Listing):
            self.problems.add(value.line_of(key), f"'{key}' is a list, each item starting with '- '.")
            return []
        if never is not None and any(isinstance(item, never) for item in found):
            self.problems.add(value.line_of(key), f"'{key}' is not a list of these.")
            return []
        return list(zip(found, found.lines, strict=True))

    # --- facts ---

    def _facts(self, value: Section, group: str, last: date) -> dict[str, Any]:
        held = value.get(group)
        if held is None:
            return {}
        if not isinstance(held, Section):
            self.problems.add(value.line_of(group), f"'{group}' is a mapping of facts, such as {group}: {{…}}.")
            return {}
        specs = {spec.key: spec for spec in self.rules.specs.values() if spec.group == group}
        also = LABOR_FACTS if group != "person" else frozenset({"other_employment"})
        facts: dict[str, Any] = {}
        for key, given in held.items():
            line = held.line_of(key)
            if group == "placement" and key in ("hours", "days"):
                facts[key] = self._amounts(key, given, line)
            elif key == "service_ledger":
                facts[key] = self._ledger(held, last)
            elif key == "waivers":
                facts[key] = self._waivers(held)
            elif key in specs:
                if given is not None:
                    facts[key] = self._fact(specs[key], given, line)
            elif key in also:
                facts[key] = _plain(given)
            else:
                words = [*specs, *(["hours", "days"] if group == "placement" else []), *sorted(also)]
                near = difflib.get_close_matches(key, words, n=1, cutoff=0.6)
                elsewhere = [spec.group for spec in self.rules.specs.values() if spec.key == key]
                hint = (
                    f"Write it under '{elsewhere[0]}'."
                    if elsewhere
                    else f"Did you mean '{near[0]}'?"
                    if near
                    else "`staffing facts` lists them."
                )
                self.problems.add(line, f"There is no fact '{group}.{key}'. {hint}")
        return facts

    def _amounts(self, name: str, given: Any, line: int) -> Any:
        if not isinstance(given, Section):
            self.problems.add(line, f"'{name}' is a mapping, such as {name}: {{week: 2}}.")
            return {}
        self._known(given, HOURS_KEYS if name == "hours" else DAYS_KEYS)
        for key, number in given.items():
            if not isinstance(number, int | float) or isinstance(number, bool) or number < 0:
                self.problems.add(given.line_of(key), f"'{key}' is a number of {name}, not '{number}'.")
        return dict(given)

    def _ledger(self, held: Section, last: date) -> list[Any]:
        entries = []
        for item, line in self._items(held, "service_ledger"):
            day = item.get("on", item.get("date")) if isinstance(item, Section) else None
            if not isinstance(day, date):
                self.problems.add(
                    line, "A day of the service ledger is a mapping with its day, such as {on: 2026-09-01, hours: 3}."
                )
            elif day > last:
                self.problems.add(
                    line, f"The service ledger holds {day}, after {last}, the last day decided for; plan it as a session."
                )
            else:
                entries.append(_plain(item))
        return entries

    def _waivers(self, held: Section) -> list[Any]:
        found = []
        for item, line in self._items(held, "waivers"):
            if not isinstance(item, Section):
                self.problems.add(line, "A waiver is a mapping, such as {id: W-1, sections: [...], from: 2026-07-01}.")
                continue
            self._known(item, _WAIVER, "field of a waiver")
            since, until = item.get("from"), item.get("until")
            if not isinstance(since, date):
                self.problems.add(line, "A waiver needs its first day: from: 2026-07-01.")
            elif until is not None and (not isinstance(until, date) or until < since):
                self.problems.add(item.line_of("until"), f"A waiver cannot end on {until} when it starts on {since}.")
            if not item.get("sections"):
                self.problems.add(line, "A waiver needs the sections it waives: sections: [...].")
            found.append(_plain(item))
        return found

    def _fact(self, spec: FactSpec, given: Any, line: int) -> Any:
        if not spec.fits(given):
            self.problems.add(line, f"{spec.name} {_EXPECTED[spec.type]}, not '{given}'.")
            return None
        if spec.type is FactType.CHOICE and given not in spec.choices and given not in spec.aliases:
            self.problems.add(line, f"{spec.name} is never '{given}'. {meant(given, spec.choices)}")
        if spec.type is FactType.LIST:
            words = [given] if isinstance(given, str) else list(given)
            for word in words:
                near = difflib.get_close_matches(word, spec.choices, n=1, cutoff=0.9)
                if near and near[0] != word and word not in spec.aliases:
                    self.problems.add(line, f"{spec.name} has no '{word}'. Did you mean '{near[0]}'?")
            return words
        return given

    def _contradictions(self, case: Case, on: date, value: Section) -> None:
        view = CaseView(case, on, self.rules.specs)
        place = value.get("placement")
        line = place.line if isinstance(place, Section) else value.line
        role, meant_role = view.get("placement.role"), derived("placement.role", view)
        if "role" in case.placement and meant_role is not None and role != meant_role:
            at = place.line_of("role") if isinstance(place, Section) else line
            self.problems.add(
                at, f"The role '{role}' contradicts the engagement and employer, which make it '{meant_role}'; leave one out."
            )
        if view.get("placement.supervision") == "none" and view.get("placement.supervised_by") not in (None, "nobody"):
            at = place.line_of("supervision") if isinstance(place, Section) else line
            self.problems.add(
                at, "supervision: none contradicts 'supervised_by'; leave 'supervised_by' out, or write how they supervise."
            )
        who = value.get("person")
        born_on, since = view.get("person.born_on"), view.get("person.resident_since")
        if isinstance(who, Section) and born_on and born_on > on:
            self.problems.add(who.line_of("born_on"), f"born_on {born_on} is after the day decided for, {on}.")
        if isinstance(who, Section) and born_on and since and since < born_on:
            self.problems.add(who.line_of("resident_since"), f"resident_since {since} is before born_on {born_on}.")
        if isinstance(who, Section) and since and since <= on and case.person.get("resident") is False:
            self.problems.add(who.line_of("resident"), "resident: false contradicts 'resident_since'; leave one out.")

    # --- evidence and sessions ---

    def _evidence(self, item: Any, line: int, last: date) -> Evidence:
        blank = Evidence(kind="")
        if not isinstance(item, Section):
            self.problems.add(
                line, "Evidence is a mapping, such as - {kind: tb_screening, issued_on: 2026-08-01, result: clear}."
            )
            return blank
        self._known(item, _FIELDS, "field of evidence")
        fields: dict[str, Any] = {key: given for key, given in item.items() if key in _FIELDS and given is not None}
        kind = fields.get("kind")
        if kind not in self.kinds:
            self.problems.add(
                item.line_of("kind"),
                f"There is no evidence kind '{kind}'. {meant(str(kind), self.kinds)}" if kind else "'kind' is missing.",
            )
        for key, words in (("state", _STATES), ("result", _RESULTS), ("purpose", _PURPOSES)):
            if key in fields and fields[key] not in words:
                self.problems.add(item.line_of(key), f"'{key}' is never '{fields[key]}'. {meant(str(fields[key]), words)}")
        for key in ("issued_on", "requested_on", "expires_on"):
            if key in fields and not isinstance(fields[key], date):
                self.problems.add(item.line_of(key), f"'{key}' is a day such as 2026-08-01, not '{fields[key]}'.")
                return blank
        for key in ("issued_on", "requested_on"):
            if key in fields and fields[key] > last:
                self.problems.add(
                    item.line_of(key),
                    f"'{key}' {fields[key]} is after {last}, the last day decided for: it cannot be known then.",
                )
        if fields.get("state", "complete") == "initiated" and "result" in fields:
            self.problems.add(
                item.line_of("result"),
                "Evidence that was only asked for has no result; write state: complete, or leave 'result' out.",
            )
        issued, expires = fields.get("issued_on"), fields.get("expires_on")
        if issued and expires and expires < issued:
            self.problems.add(item.line_of("expires_on"), f"expires_on {expires} is before issued_on {issued}.")
        detail = fields.get("detail")
        if detail is not None:
            if not isinstance(detail, Section) or any(not isinstance(one, str | int | bool) for one in detail.values()):
                self.problems.add(item.line_of("detail"), "'detail' is a mapping of words to plain values.")
                return blank
            fields["detail"] = dict(detail)
        for key in ("issuer", "holder", "jurisdiction"):
            if key in fields:
                fields[key] = str(fields[key])
        return Evidence(**{"kind": "", **fields})

    def _sessions(self, value: Section) -> tuple[Session, ...]:
        sessions = []
        for item, line in self._items(value, "sessions"):
            if not isinstance(item, Section):
                self.problems.add(line, "A session is a mapping, such as - {on: 2027-04-10, hours: 2}.")
                continue
            self._known(item, Session.__struct_fields__, "field of a session")
            if not isinstance(item.get("on"), date):
                self.problems.add(item.line_of("on"), "A session needs its day: on: 2027-04-10.")
                continue
            for key in ("hours", "students", "adults"):
                number = item.get(key)
                if number is not None and (isinstance(number, bool) or not isinstance(number, int | float) or number < 0):
                    self.problems.add(item.line_of(key), f"'{key}' is a number that is not negative, not '{number}'.")
            sessions.append(Session(**{key: item[key] for key in Session.__struct_fields__ if key in item}))
        return tuple(sessions)


_EXPECTED = {
    FactType.DATE: "is a day such as 2026-01-31",
    FactType.BOOL: "is true or false",
    FactType.NUMBER: "is a number",
    FactType.CHOICE: "is one word",
    FactType.TEXT: "is a text",
    FactType.LIST: "is a list of words, such as [reading_tutoring]",
}


def _plain(value: Any) -> Any:
    """Plain dicts and lists without lines."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
