"""A JSON Schema of agreements, so that an editor completes words and marks mistakes while one types.

``python -m plugins.union_agreement.schema`` prints it; ``docs/agreement.schema.json`` is the printed copy. Parameters come from
the structs of the clause types. The reader stays the judge: a schema cannot see a clause that supersedes an unknown one.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import msgspec

from .agreement import Kind
from .clause import EFFECTS, LAYERS, ROLES, AfterExpiry, Condition, Exception_
from .lifecycle import State
from .reader import AFTER
from .types import TYPES

_TEXT = {"type": "string"}
_FLAG = {"type": "boolean"}
_DAY = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_WORDS = {"oneOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_REF = "#/$defs/{name}"


def agreement_schema() -> dict[str, Any]:
    """The schema of an agreement's file, as plain data (JSON Schema 2020-12)."""
    kinds = list(TYPES.values())
    types = [*[kind.params for kind in kinds], Exception_, Condition]
    refs, parts = msgspec.json.schema_components(types, ref_template=_REF)
    fields = _agreement()
    base = {key: value for key, value in fields.items() if key != "base_agreement"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A labor agreement of staffing",
        "description": "docs/agreements.md is the guide.",
        **_mapping(fields, ["id", "effective"]),
        "anyOf": [{"required": ["clauses"]}, {"required": ["base_agreement"]}],
        "$defs": {
            "base": _mapping(base, ["id", "effective"]),
            "clause": _clause(dict(zip([kind.name for kind in kinds], refs, strict=False)), *refs[-2:]),
            "scope": _mapping(_scope()),
            **{name: _tidy(part) for name, part in sorted(parts.items())},
        },
    }


def _mapping(fields: dict[str, Any], required: Iterable[str] = ()) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(required), "additionalProperties": False}


def _one_of(words: Iterable[Any]) -> dict[str, Any]:
    return {"enum": [str(word) for word in words]}


def _agreement() -> dict[str, Any]:
    event = _mapping({"event": _TEXT}, ["event"])
    earliest = _mapping({"earliest_of": {"type": "array", "items": {"anyOf": [_DAY, event]}, "minItems": 1}}, ["earliest_of"])
    signatory = _mapping({"role": _TEXT, "side": _one_of(("district", "union", "joint", "third"))}, ["role"])
    money = _one_of(("appropriated", "partial", "pending", "refused"))
    days = {"type": "array", "items": _DAY}
    return {
        "id": _TEXT | {"description": "What people call it, such as A1. It never changes."},
        "title": _TEXT,
        "kind": _one_of(kind for kind in Kind if kind is not Kind.LAW),
        "jurisdiction": {"type": "string", "pattern": r"^([A-Za-z]{2}|us(-[a-z]+)*)$", "description": "Such as CA or us-ca."},
        "units": _WORDS | {"description": "The bargaining units of the positions, never of people."},
        "effective": _mapping({"from": _DAY, "to": {"anyOf": [_DAY, event, earliest]}}, ["from"]),
        "status": _one_of(State),
        "after_expiry": _one_of(AFTER),
        "evergreen_clause": _FLAG,
        "non_precedential": _FLAG,
        "signatories": {"type": "array", "items": {"anyOf": [_TEXT, signatory]}},
        "work_calendar_closures": days,
        "closures": days,
        "funding_condition": _mapping({"body": _TEXT, "status": money}, ["body"]),
        "placement_hold_on_grievance": _FLAG,
        "max_term_years": {"type": "integer", "minimum": 1},
        "binding_from": _TEXT,
        "ratification_required": _FLAG,
        "base_agreement": {"$ref": "#/$defs/base"},
        "supersedes": _WORDS,
        "happened": {"type": "object", "additionalProperties": _DAY, "description": "The day of each event that has come."},
        "text": _TEXT,
        "clauses": {"type": "array", "items": {"$ref": "#/$defs/clause"}, "minItems": 1},
    }


def _scope() -> dict[str, Any]:
    role = _one_of((*ROLES, "all"))
    weekday = {"type": "string", "pattern": "^(?i:mon|tue|wed|thu|fri|sat|sun)"}
    span = {"type": "string", "pattern": r"^\d{2}:\d{2} ?- ?\d{2}:\d{2}$"}
    window = {
        "from": _DAY,
        "to": _DAY,
        "weekdays": {"type": "array", "items": weekday},
        "times": {"type": "array", "items": span},
    }
    words = dict.fromkeys(("sites", "units", "duties", "funding", "setting"), _WORDS)
    return {**words, "roles": {"oneOf": [role, {"type": "array", "items": role}]}, "window": _mapping(window)}


def _clause(params: dict[str, Any], exception: Any, condition: Any) -> dict[str, Any]:
    cite = _mapping(
        {
            "title": _TEXT,
            "url": {"type": "string", "format": "uri"},
            "pinpoint": _TEXT,
            "read_as_of": _DAY,
            "quote_or_paraphrase": _one_of(("quote", "paraphrase")),
        }
    )
    fields = {
        "id": _TEXT | {"description": "By which it is quoted, such as A1.1."},
        "type": {"oneOf": [{"const": name, "description": TYPES[name].meaning} for name in params]},
        "title": _TEXT,
        "text": _TEXT | {"description": "The parties' own words, or a paraphrase of them."},
        "plain": _TEXT | {"description": "Plain words for both sides, where those of the type are not enough."},
        "params": {"type": "object"},
        "effect": _one_of(effect.value for effect in EFFECTS),
        "layer": _one_of(LAYERS),
        "cite": {"anyOf": [_TEXT, cite]},
        "scope": {"$ref": "#/$defs/scope"},
        **_scope(),
        "exceptions": {"type": "array", "items": exception},
        "remedy": _TEXT,
        "supersedes": _WORDS,
        "after_expiry": _one_of(AfterExpiry),
        "condition_precedent": condition,
        "funded": _FLAG,
        "retroactive_from": _DAY,
        "cosign": _WORDS,
        "pattern": _TEXT,
    }
    needed = {name for name, ref in params.items() if _required(TYPES[name].params)}
    return {
        **_mapping(fields, ["id", "type"]),
        "allOf": [
            {
                "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
                "then": {"properties": {"params": ref}, "required": ["params"] if name in needed else []},
            }
            for name, ref in params.items()
        ],
    }


def _required(params: type) -> bool:
    return any(field.required for field in msgspec.structs.fields(params))


def _tidy(part: dict[str, Any]) -> dict[str, Any]:
    """A struct's schema without what only Python knows: its marks for code, and fields nobody listed."""
    words = inspect.cleandoc(part.get("description", "")).replace("``", "").replace("\n", " ")
    shown = {key: value for key, value in part.items() if key not in {"title", "description"}}
    return {"description": " ".join(words.split()), **shown, "additionalProperties": False}
