"""Turn an HTML form into a Struct, saying everything that is wrong with it and not only the first thing."""

from __future__ import annotations

import types
from datetime import date
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec
from litestar.datastructures import FormMultiDict

from staffing.web.i18n import gettext as _

TICKED = frozenset({"on", "true", "1", "yes"})
S = TypeVar("S", bound=msgspec.Struct)


def _plain(kind: Any) -> Any:
    """``date | None`` is a date, ``Annotated[str, ...]`` is a str, ``list[str]`` is a list."""
    if get_origin(kind) in (Union, types.UnionType):
        kind = next(a for a in get_args(kind) if a is not type(None))
    if hasattr(kind, "__metadata__"):
        kind = get_args(kind)[0]
    return get_origin(kind) or kind


def read_form(struct: type[S], form: FormMultiDict) -> tuple[S | None, dict[str, str]]:
    """The Struct if all is well (else None), and what is wrong by field name.

    An empty box is "not given", never "". A list takes every value of its name, a bool is whether a box is ticked.
    """
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for field in msgspec.structs.fields(struct):
        kind, given = _plain(field.type), form.getall(field.encode_name, [])
        if kind is list:
            raw: Any = [v for v in given if v != ""]
        elif kind is bool:
            raw = bool(given) and str(given[-1]).lower() in TICKED
        else:
            raw = given[-1].strip() if given and isinstance(given[-1], str) else ""
            if raw == "":
                if field.required:
                    wrong[field.name] = _("This is needed.")
                continue
        try:
            values[field.name] = msgspec.convert(raw, field.type, strict=False)
        except msgspec.ValidationError:
            wrong[field.name] = _sentence(kind)
    return (None if wrong else struct(**values)), wrong


def _sentence(kind: Any) -> str:
    if kind is date:
        return _("Write a real date, with day, month and year.")
    if kind in (int, float):
        return _("Write a number, for example 4.")
    return _("Choose one of the answers on the page.")


def read_date(form: FormMultiDict, name: str) -> tuple[date | None, str | None]:
    """A date from the boxes ``name-day``, ``name-month``, ``name-year``, or a sentence that says what is wrong.

    All three empty: neither.
    """
    day, month, year = (str(form.get(f"{name}-{part}", "")).strip() for part in ("day", "month", "year"))
    if not (day or month or year):
        return None, None
    missing = [word for word, part in ((_("day"), day), (_("month"), month), (_("year"), year)) if not part]
    if missing:
        return None, _("The date also needs: %s.") % ", ".join(missing)
    try:
        if len(year) != 4:
            return None, _("Write the year with four digits, for example 1985.")
        return date(int(year), int(month), int(day)), None
    except ValueError:
        return None, _("There is no such day. Check the day, the month and the year.")


def values_of(form: FormMultiDict) -> dict[str, Any]:
    """What was typed, to show it again: the last value of each name, a list where a name came more than once."""
    typed: dict[str, Any] = {}
    for name, value in form.multi_items():
        if not isinstance(value, str) or name == "_csrf_token":
            continue
        before = typed.get(name)
        typed[name] = value if before is None else [*(before if isinstance(before, list) else [before]), value]
    return typed
