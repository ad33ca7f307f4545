"""Clauses read strictly: their type and parameters, whom they are about, their exceptions, condition and source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import time
from typing import Any

import msgspec

from staffing.api import Effect, meant

from .clause import EFFECTS, LAYERS, ROLES, AfterExpiry, Cite, Clause, Condition, Exception_, Scope, Window
from .clause_type import ParamsError
from .strictly import Strictly, line_of, plain, where
from .types import TYPES

SCOPE_KEYS = ("sites", "roles", "units", "duties", "funding", "setting", "window")
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
    *SCOPE_KEYS,
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
_DAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}


class ClauseReader(Strictly):
    """Reads clauses and collects what is wrong in ``problems``."""

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
            cite=self._cite(value),
            scope=self._scope(value),
            exceptions=tuple(self._exceptions(value)),
            remedy=str(value.get("remedy") or ""),
            supersedes=own or supersedes,
            after_expiry=AfterExpiry(self._word(value, "after_expiry", [a.value for a in AfterExpiry], "inherit")),
            condition=self._condition(value),
            funded=self._flag(value, "funded", default=True),
            retroactive_from=self._day(value, "retroactive_from"),
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
                name, says = where(str(error))
                self._say(given if name in given else value, name if name in given else "params", says)
        return None

    def _scope(self, value: Mapping[str, Any]) -> Scope:
        inner = value.get("scope") or {}
        if not isinstance(inner, Mapping):
            self._say(value, "scope", "'scope' is a mapping, such as scope: {roles: [volunteer]}.")
            inner = {}
        self._keys(inner, SCOPE_KEYS, "field of a scope")
        lists = {}
        for key in SCOPE_KEYS[:-1]:
            lists[key] = tuple(word for word in self._list(inner if key in inner else value, key) if word != "all")
        for role in lists["roles"]:
            if role not in ROLES:
                self._say(inner if "roles" in inner else value, "roles", f"There is no role '{role}'. {meant(role, ROLES)}")
        return Scope(**lists, window=self._window(inner if "window" in inner else value))

    def _window(self, value: Mapping[str, Any]) -> Window | None:
        given = value.get("window")
        if given is None:
            return None
        if not isinstance(given, Mapping):
            self._say(value, "window", "'window' is a mapping, such as window: {from: 2026-09-01, weekdays: [mon, wed]}.")
            return None
        self._keys(given, ("from", "to", "weekdays", "times"), "field of a window")
        try:
            times = tuple(
                (time.fromisoformat(first.strip()), time.fromisoformat(last.strip()))
                for first, _, last in (one.partition("-") for one in self._list(given, "times"))
            )
        except ValueError:
            self._say(given, "times", "Times of a window are written 15:00-17:30.")
            times = ()
        days = [day[:3].lower() for day in self._list(given, "weekdays")]
        for day in days:
            if day not in _DAYS:
                self._say(given, "weekdays", f"'{day}' is no day of the week; write mon, tue, wed, thu, fri, sat or sun.")
        return Window(
            since=self._day(given, "from"),
            until=self._day(given, "to"),
            weekdays=tuple(_DAYS[day] for day in days if day in _DAYS),
            times=times,
        )

    def _exceptions(self, value: Mapping[str, Any]) -> Iterable[Exception_]:
        for one in self._items(value, "exceptions"):
            try:
                yield msgspec.convert(plain(one), Exception_, strict=True)
            except msgspec.ValidationError as error:
                self._say(value, "exceptions", f"An exception cannot be read: {where(str(error))[1]}")

    def _condition(self, value: Mapping[str, Any]) -> Condition | None:
        given = value.get("condition_precedent")
        if given is None:
            return None
        try:
            return msgspec.convert(plain(given), Condition, strict=False)
        except msgspec.ValidationError as error:
            self._say(value, "condition_precedent", f"The condition cannot be read: {where(str(error))[1]}")
            return None

    def _cite(self, value: Mapping[str, Any]) -> Cite:
        given = value.get("cite")
        if not isinstance(given, Mapping):
            return Cite(title=str(given)) if given else Cite()
        self._keys(given, ("title", "url", "pinpoint", "read_as_of", "quote_or_paraphrase"), "field of a citation")
        return Cite(
            title=str(given.get("title") or ""),
            url=given.get("url"),
            pinpoint=str(given.get("pinpoint") or ""),
            read_as_of=self._day(given, "read_as_of"),
            paraphrased=self._word(given, "quote_or_paraphrase", ("quote", "paraphrase"), "paraphrase") != "quote",
        )
