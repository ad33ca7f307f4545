"""An agreement as YAML that people keep in version control: fields in their usual order, one clause a line where it fits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml

from .reader import AGREEMENT_KEYS, CLAUSE_KEYS


class _Dumper(yaml.SafeDumper):
    """Days as days, strings that look like days or words of YAML in quotes, and everything written out."""

    def ignore_aliases(self, data: Any) -> bool:
        """No aliases: the reader takes none."""
        return True


def write(body: Mapping[str, Any]) -> str:
    """The YAML of an agreement's data. Reading it gives the same data."""
    ordered = _in_order(body, AGREEMENT_KEYS)
    if "base_agreement" in ordered:
        ordered["base_agreement"] = _in_order(ordered["base_agreement"], AGREEMENT_KEYS)
        _clauses(ordered["base_agreement"])
    _clauses(ordered)
    text: str = yaml.dump(ordered, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120, default_flow_style=False)
    return text


def _clauses(body: dict[str, Any]) -> None:
    if "clauses" in body:
        body["clauses"] = [_in_order(one, CLAUSE_KEYS) for one in body["clauses"]]


def _in_order(value: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    known = {key: _days(value[key]) for key in keys if key in value}
    return {**known, **{key: _days(one) for key, one in value.items() if key not in known}}


def _days(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _days(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_days(one) for one in value]
    if isinstance(value, str) and len(value) == 10:
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value
