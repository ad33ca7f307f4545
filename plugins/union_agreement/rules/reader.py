"""Agreements read from YAML or from the product's database: strictly, each mistake in a sentence, with its line if known."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any

import msgspec

from staffing.api import Effect, Problems, YamlSection, meant

from . import signers
from .agreement import Agreement, Ends, Funding, Kind, as_day
from .clause import EFFECTS, LAYERS, ROLES, AfterExpiry, Cite, Clause, Condition, Exception_, Scope, Window
from .clause_type import ParamsError
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
_SCOPE_KEYS = ("sites", "roles", "units", "duties", "funding", "setting", "window")
CLAUSE_KEYS = (
    "id",
    "type",
    "title",
    "text",
    "plain",
    "params",
    "effect",
    "layer",
    "cite",
    "scope",
    *_SCOPE_KEYS,
    "exceptions",
    "remedy",
    "supersedes",
    "after_expiry",
    "condition_precedent",
    "funded",
    "retroactive_from",
    "cosign",
    "pattern",
)
AFTER = ("status_quo", "evergreen", "partial_survival", "per_clause", "lapsed", "sunsets")
_DAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}


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


class Reader:
    """Reads into values and collects what is wrong in ``problems``."""

    def __init__(self, problems: Problems, known: Iterable[str] = ()) -> None:
        self.problems = problems
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
        kind = self._word(value, "kind", [k.value for k in Kind], "cba")
        base = self._base(value)
        supersedes = self._list(value, "supersedes")
        since, ends, happened = self._days(value)
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
            jurisdiction=_place(str(value.get("jurisdiction") or "")),
            clauses=clauses,
            units=tuple(self._list(value, "units")),
            since=since,
            ends=ends,
            status=str(value.get("status") or "in_effect"),
            after_expiry=self._word(value, "after_expiry", AFTER, "status_quo"),
            evergreen_clause=bool(value.get("evergreen_clause")),
            signatories=signers.read(self._raw(value, "signatories")),
            funding=self._funding(value),
            base=base,
            supersedes=default,
            closures=tuple(day for one in self._raw(value, "work_calendar_closures", "closures") if (day := as_day(one))),
            happened=happened,
            hold_on_grievance=bool(value.get("placement_hold_on_grievance")),
            non_precedential=bool(value.get("non_precedential")),
            max_term_years=value.get("max_term_years"),
        )
        return msgspec.structs.replace(made, digest=digest_of(value))

    def _base(self, value: Mapping[str, Any]) -> Agreement | None:
        """The agreement that this one is a side letter of, written inside it: what it leaves out is as here."""
        given = value.get("base_agreement")
        if not isinstance(given, Mapping):
            return None
        base = self.agreement(given)
        if base is None:
            return None
        return msgspec.structs.replace(
            base,
            jurisdiction=_place(str(given.get("jurisdiction") or value.get("jurisdiction") or "")),
            units=base.units or tuple(self._list(value, "units")),
            signatories=base.signatories or signers.read(self._raw(value, "signatories")),
            title=str(given.get("title") or value.get("title") or base.id),
        )

    # --- clauses ---

    def clause(self, value: Any, agreement: str, layer: str, supersedes: tuple[str, ...] = ()) -> Clause | None:
        """One clause; None where its type or parameters cannot be read."""
        if not isinstance(value, Mapping):
            self.problems.add(1, "A clause is a mapping, such as - {id: A1.1, type: ratio_cap, params: {max_students: 3}}.")
            return None
        self._keys(value, CLAUSE_KEYS, "field of a clause")
        name = str(value.get("type") or "")
        kind = TYPES.get(name)
        if kind is None:
            self._say(value, "type", f"There is no clause type '{name}'. {meant(name, TYPES)}")
            return None
        ident = str(value.get("id") or "")
        if not ident:
            self._say(value, "id", "A clause needs an id, such as id: A1.1, so that it can be quoted.")
        params = self._params(value, kind.params)
        if params is None:
            return None
        effects = [effect.value for effect in EFFECTS]
        effect = self._word(value, "effect", effects, kind.effect.value)
        level = self._word(value, "layer", list(LAYERS), layer)
        own = tuple(self._list(value, "supersedes"))
        if kind.clearance and (value.get("exceptions") or own):
            self._say(value, "exceptions", "Clearance is relaxed by nothing: leave out 'exceptions' and 'supersedes'.")
        return Clause(
            id=ident,
            type=name,
            params=params,
            agreement=agreement,
            layer=LAYERS[level],
            effect=Effect(effect),
            title=str(value.get("title") or ""),
            text=str(value.get("text") or ""),
            plain=str(value.get("plain") or ""),
            cite=self._cite(value.get("cite")),
            scope=self._scope(value),
            exceptions=tuple(self._exceptions(value)),
            remedy=str(value.get("remedy") or ""),
            supersedes=own or supersedes,
            after_expiry=AfterExpiry(self._word(value, "after_expiry", [a.value for a in AfterExpiry], "inherit")),
            condition=self._condition(value),
            funded=value.get("funded") is not False,
            retroactive_from=as_day(value.get("retroactive_from")),
            cosign=tuple(self._list(value, "cosign")),
            pattern=str(value.get("pattern") or ""),
            line=line_of(value),
        )

    def _params(self, value: Mapping[str, Any], params: type) -> Any:
        given = value.get("params") or {}
        if not isinstance(given, Mapping):
            self._say(value, "params", "'params' is a mapping, such as params: {max_students: 3}.")
            return None
        names = msgspec.structs.fields(params)
        self._keys(given, [field.encode_name for field in names], f"parameter of {value.get('type')}")
        try:
            known = {field.encode_name for field in names}
            return msgspec.convert({k: v for k, v in plain(given).items() if k in known}, params, strict=True)
        except ParamsError as error:
            self._say(given if error.field in given else value, error.field if error.field in given else "params", str(error))
        except msgspec.ValidationError as error:
            cause = error.__cause__
            if isinstance(cause, ParamsError):
                self._say(given if cause.field in given else value, cause.field if cause.field in given else "params", str(cause))
            else:
                where, says = _where(str(error))
                self._say(given if where in given else value, where if where in given else "params", says)
        return None

    def _scope(self, value: Mapping[str, Any]) -> Scope:
        inner = value.get("scope") or {}
        if not isinstance(inner, Mapping):
            self._say(value, "scope", "'scope' is a mapping, such as scope: {roles: [volunteer]}.")
            inner = {}
        self._keys(inner, _SCOPE_KEYS, "field of a scope")
        both = {**{key: value[key] for key in _SCOPE_KEYS if key in value}, **inner}
        lists = {key: tuple(w for w in _words(both.get(key)) if w != "all") for key in _SCOPE_KEYS if key != "window"}
        for role in lists["roles"]:
            if role not in ROLES:
                self._say(value, "roles", f"There is no role '{role}'. {meant(role, ROLES)}")
        return Scope(**lists, window=self._window(both.get("window"), value))

    def _window(self, given: Any, value: Mapping[str, Any]) -> Window | None:
        if given is None:
            return None
        if not isinstance(given, Mapping):
            self._say(value, "window", "'window' is a mapping, such as window: {from: 2026-09-01, weekdays: [mon, wed]}.")
            return None
        try:
            times = tuple(
                (time.fromisoformat(first.strip()), time.fromisoformat(last.strip()))
                for first, _, last in (str(one).partition("-") for one in given.get("times") or ())
            )
        except ValueError:
            self._say(value, "window", "Times of a window are written 15:00-17:30.")
            times = ()
        days = [str(day)[:3].lower() for day in given.get("weekdays") or ()]
        for day in days:
            if day not in _DAYS:
                self._say(value, "window", f"'{day}' is no day of the week; write mon, tue, wed, thu, fri, sat or sun.")
        return Window(
            since=as_day(given.get("from")),
            until=as_day(given.get("to")),
            weekdays=tuple(_DAYS[day] for day in days if day in _DAYS),
            times=times,
        )

    def _exceptions(self, value: Mapping[str, Any]) -> Iterable[Exception_]:
        for one in self._items(value, "exceptions"):
            try:
                yield msgspec.convert(plain(one), Exception_, strict=True)
            except msgspec.ValidationError as error:
                self._say(value, "exceptions", f"An exception cannot be read: {_where(str(error))[1]}")

    def _condition(self, value: Mapping[str, Any]) -> Condition | None:
        given = value.get("condition_precedent")
        if given is None:
            return None
        try:
            return msgspec.convert(plain(given), Condition, strict=False)
        except msgspec.ValidationError as error:
            self._say(value, "condition_precedent", f"The condition cannot be read: {_where(str(error))[1]}")
            return None

    @staticmethod
    def _cite(given: Any) -> Cite:
        if isinstance(given, Mapping):
            return Cite(
                title=str(given.get("title") or ""),
                url=given.get("url"),
                pinpoint=str(given.get("pinpoint") or ""),
                read_as_of=as_day(given.get("read_as_of")),
                paraphrased=given.get("quote_or_paraphrase") != "quote",
            )
        return Cite(title=str(given)) if given else Cite()

    # --- the agreement's own fields ---

    def _days(self, value: Mapping[str, Any]) -> tuple[date, Ends, dict[str, Any]]:
        effective = value.get("effective")
        happened = dict(value.get("happened") or {})
        since = as_day(effective.get("from")) if isinstance(effective, Mapping) else None
        if not isinstance(effective, Mapping) or since is None:
            self._say(value, "effective", "An agreement needs its first day: effective: {from: 2026-07-01, to: 2029-06-30}.")
            return date.min, Ends(), happened
        to = effective.get("to")
        events: tuple[str, ...] = ()
        last = as_day(to)
        if isinstance(to, Mapping):
            parts = to.get("earliest_of") or [to]
            days = [day for part in parts if (day := as_day(part)) is not None]
            events = tuple(str(part["event"]) for part in parts if isinstance(part, Mapping) and part.get("event"))
            last = min(days, default=None)
        elif to is not None and last is None:
            self._say(value, "effective", f"'to' is a day such as 2029-06-30, or {{earliest_of: [...]}}, not '{to}'.")
        if last is not None and last < since:
            self._say(value, "effective", f"An agreement cannot end on {last} when it starts on {since}.")
        return since, Ends(on=last, events=events), happened

    def _funding(self, value: Mapping[str, Any]) -> Funding | None:
        given = value.get("funding_condition")
        if given is None:
            return None
        if not isinstance(given, Mapping) or not given.get("body"):
            self._say(value, "funding_condition", "Say which body gives the money: {body: city_council, status: appropriated}.")
            return None
        return Funding(body=str(given["body"]), status=str(given.get("status") or "pending"))

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

    # --- small parts ---

    def _say(self, section: Mapping[str, Any], key: str, sentence: str) -> None:
        line = section.line_of(key) if isinstance(section, YamlSection) else 1
        self.problems.add(line, sentence)

    def _keys(self, section: Mapping[str, Any], known: Iterable[str], what: str) -> None:
        names = list(known)
        for key in section:
            if key not in names:
                self._say(section, key, f"There is no {what} '{key}'. {meant(str(key), names)}".rstrip())

    def _word(self, section: Mapping[str, Any], key: str, known: Iterable[str], default: str) -> str:
        given = section.get(key)
        if given is None:
            return default
        names = list(known)
        if given not in names:
            self._say(section, key, f"'{key}' is never '{given}'. {meant(str(given), names)}".rstrip())
            return default
        return str(given)

    def _raw(self, section: Mapping[str, Any], *keys: str) -> list[Any]:
        for key in keys:
            given = section.get(key)
            if given is not None:
                return list(given) if isinstance(given, list | tuple) else [given]
        return []

    def _list(self, section: Mapping[str, Any], key: str) -> list[str]:
        return [str(one) for one in self._raw(section, key)]

    def _items(self, section: Mapping[str, Any], key: str) -> list[Any]:
        given = section.get(key)
        if given is None:
            return []
        if not isinstance(given, list | tuple):
            self._say(section, key, f"'{key}' is a list, each item starting with '- '.")
            return []
        return list(given)


def line_of(value: Any) -> int:
    """The line of a mapping in its file; 0 where it was not read from one."""
    return value.line if isinstance(value, YamlSection) else 0


def digest_of(value: Any) -> str:
    """A name for exactly this text of an agreement, whatever the order of its keys."""
    return hashlib.sha256(msgspec.json.encode(plain(value), order="deterministic")).hexdigest()


def _words(value: Any) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else [str(one) for one in value]


def plain(value: Any) -> Any:
    """The same without the lines: plain mappings and lists."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def _place(given: str) -> str:
    """``us-ca`` from ``CA`` or ``us-ca``."""
    low = given.lower()
    return low if low.startswith("us") else f"us-{low}" if low else "us"


def _where(message: str) -> tuple[str, str]:
    """The parameter a message of msgspec is about, and the message as a sentence."""
    says, _, path = message.partition(" - at `")
    name = re.match(r"\$\.?(\w+)", path)
    return (name[1] if name else ""), (f"'{name[1]}': " if name else "") + says.replace("`", "'") + "."
