"""A JSON Schema of packs, so that an editor completes words and marks mistakes while one types.

``staffing packs schema`` prints it; ``docs/pack.schema.json`` is the printed copy. The loader stays the judge: a schema
cannot see an overlap of versions or an unknown condition name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from staffing.core.conditions import NUMBERS
from staffing.core.evidence import KINDS
from staffing.core.facts import AskedOf, FactType
from staffing.core.findings import Actor, Effect, Layer
from staffing.core.packs import Confidence, Lasting
from staffing.core.standard_facts import STANDARD

_TEXT = {"type": "string"}
_DAY = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_WHOLE = {"type": "integer", "minimum": 0}
_TEXTS = {"oneOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_CONDITION = {"$ref": "#/$defs/condition"}
_KIND = {"$ref": "#/$defs/kind"}
_KINDS = {"oneOf": [_KIND, {"type": "array", "items": _KIND}]}
_FACT = r"^(person|placement|context)\.[a-z0-9_]+$"


def pack_schema() -> dict[str, Any]:
    """The schema of a pack file, as plain data (JSON Schema 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A rule pack of staffing",
        "description": "docs/packs.md is the guide.",
        **_mapping(
            {
                "pack": {"type": "string", "pattern": r"^us(-[a-z]{2})?$", "description": "The jurisdiction, such as us-pa."},
                "overlay": _TEXT | {"description": "The name of a district's own pack."},
                "title": _TEXT,
                "layer": _words(Layer),
                "checked_on": _TEXT | {"description": "When the sources were read."},
                "source": _TEXT,
                "facts": {"type": "object", "patternProperties": {_FACT: _fact()}, "additionalProperties": False},
                "evidence_kinds": {"type": "object", "additionalProperties": _TEXT},
                "predicates": {"type": "object", "additionalProperties": _TEXT},
                "conditions": {"type": "object", "additionalProperties": _CONDITION},
                "terms": _list(_terms()),
                "requirements": _list(_requirement()),
                "left_out": _list(_mapping({"ref": _TEXT, "reason": _TEXT}, ["ref", "reason"])),
            },
            ["pack", "title", "layer", "checked_on"],
        ),
        "$defs": {"condition": _condition(), "kind": {"anyOf": [{"enum": list(KINDS)}, {"type": "string", "pattern": ":"}]}},
    }


def _mapping(fields: dict[str, Any], required: Iterable[str] = ()) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(required), "additionalProperties": False}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _words(words: Iterable[Any]) -> dict[str, Any]:
    return {"enum": [str(word) for word in words]}


def _fact() -> dict[str, Any]:
    return _mapping(
        {
            "type": _words(FactType),
            "label": _TEXT,
            "question": _TEXT,
            "hint": _TEXT,
            "choices": {"type": "object", "additionalProperties": _TEXT},
            "asked_of": _words(AskedOf),
            "default": True,
        },
        ["label", "question"],
    )


def _dated(fields: dict[str, Any]) -> dict[str, Any]:
    return _mapping(
        {
            "from": {"anyOf": [_DAY, {"const": "unknown"}]},
            "until": _DAY | {"description": "The last day; left out of the newest version only."},
            "citation": _TEXT,
            "url": {"type": "string", "format": "uri"},
            "confidence": _words(Confidence),
            "checked_on": _TEXT,
            "note": _TEXT,
            "no_rule": _TEXT | {"description": "Why there was no rule in this period."},
            **fields,
        },
        ["from", "citation", "confidence"],
    )


def _terms() -> dict[str, Any]:
    version = _dated(
        {
            "days": _WHOLE,
            "counted_from": {"enum": ["start", "asked"]},
            "asked_for": {"type": "boolean"},
            "asked_within": _mapping({"days": _WHOLE}, ["days"]),
            "results_in": _KINDS,
            "results_all": _KINDS,
            "papers": _KINDS,
            "of": {"type": "object", "additionalProperties": _TEXTS, "description": "Whose record a kind has to be: us-ky."},
            "when": _CONDITION,
            "conditions": _TEXT,
        }
    )
    return _mapping({"id": _TEXT, "ref": _TEXT, "title": _TEXT, "versions": _list(version)}, ["id", "ref", "title", "versions"])


def _requirement() -> dict[str, Any]:
    remedy = _mapping({"who": _words(Actor), "what": _TEXT, "cost": _TEXT, "usual_days": _WHOLE}, ["who", "what"])
    waivable = _mapping({"by": _TEXT, "under": _TEXT, "sections": _TEXTS}, ["by", "under", "sections"])
    return _mapping(
        {
            "id": _TEXT,
            "ref": _TEXT | {"description": "The research row it stands for."},
            "also": _TEXTS,
            "title": _TEXT,
            "why": _TEXT | {"description": "One plain sentence for the volunteer."},
            "layer": _words(Layer),
            "clearance": {"type": "boolean"},
            "remedy": remedy,
            "waivable": waivable,
            "versions": _list(_version()),
        },
        ["id", "ref", "title", "why", "remedy", "versions"],
    )


def _version() -> dict[str, Any]:
    exemption = _mapping({"when": _CONDITION, "reason": _TEXT, "only_if_stated": {"type": "boolean"}}, ["when", "reason"])
    band = _mapping(
        {"when": _CONDITION, "children_per_adult": _WHOLE, "group_at_most": _WHOLE, "second_adult_above": _WHOLE},
        ["children_per_adult"],
    )
    grace = _mapping({"months": _WHOLE, "weeks": _WHOLE, "days": _WHOLE, "after": _list({"enum": ["start", "school_year"]})})
    return _dated(
        {
            "applies_when": _CONDITION,
            "unless": _list(exemption),
            "must": _list(_mapping({"when": _CONDITION, "otherwise": _TEXT}, ["when", "otherwise"])),
            "ratio": _list(band),
            "accepts": _list(_alternative()),
            "valid": _validity(),
            "provisional": _TEXT,
            "grace": grace,
            "missing": _words(Effect),
        }
    )


def _validity() -> dict[str, Any]:
    gap = _mapping({"more_than_days": _WHOLE, "at_least_days": _WHOLE})
    counted = _mapping(
        {
            "months": _WHOLE,
            "once": {"const": True},
            "oldest_of": _TEXT,
            "years": _WHOLE,
            "starting": {"type": "string", "pattern": r"^\d{2}-\d{2}$"},
            "break": gap,
        }
    )
    return {"anyOf": [_words(word for word in Lasting if word not in (Lasting.MONTHS, Lasting.YEARS)), counted]}


def _item_fields() -> dict[str, Any]:
    numbers = _mapping({word: {"type": "number"} for word in NUMBERS})
    words = {"type": ["string", "integer", "boolean"]}
    return {
        "kind": _KIND,
        "name": _TEXT,
        "purpose": {"anyOf": [{"enum": ["volunteer", "employment"]}, _list({"enum": ["volunteer", "employment"]})]},
        "jurisdiction": _TEXTS,
        "holder": {"enum": ["district", "employer"]},
        "detail": {"type": "object", "additionalProperties": {"anyOf": [words, _list(words), numbers]}},
        "within": _mapping({"months": _WHOLE, "days": _WHOLE}),
        "on_or_after": {"type": "string", "pattern": _FACT},
        "issued": _mapping({"from": _DAY, "until": _DAY}),
        "result": {"enum": ["clear", "any"]},
    }


def _alternative() -> dict[str, Any]:
    shared = {"when": _CONDITION, "valid": _validity()}
    together = _mapping({"all": _list(_mapping(_item_fields(), ["kind"])), **shared}, ["all"])
    return {"anyOf": [_mapping({**_item_fields(), **shared}, ["kind"]), together]}


def _condition() -> dict[str, Any]:
    days = _mapping(dict.fromkeys(("before", "after", "on_or_before", "on_or_after"), _TEXT))
    listed = {"type": "array", "items": _CONDITION, "minItems": 1}
    fields: dict[str, Any] = {
        "all": listed,
        "any": listed,
        "not": _CONDITION,
        "holds": _KIND,
        "condition": _TEXT,
        "predicate": _TEXT,
        "day": days,
    }
    fields.update({spec.name: {"description": spec.question} for spec in STANDARD.values()})
    one = {"type": "object", "properties": fields, "patternProperties": {_FACT: True}, "additionalProperties": False}
    return {"anyOf": [one | {"minProperties": 1}, listed]}
