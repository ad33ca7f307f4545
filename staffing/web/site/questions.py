"""A page for any fact that a rule reads: a control for each type, and reading what was answered."""

from __future__ import annotations

from typing import Any

from litestar.datastructures import FormMultiDict

from staffing.core.errors import Invalid
from staffing.core.facts import FactSpec, FactType
from staffing.services.questions import plain_fact
from staffing.web.forms import read_date, values_of
from staffing.web.i18n import gettext as _


def read_answer(spec: FactSpec, form: FormMultiDict) -> tuple[Any, str | None]:
    """The answer as it is kept, or what is wrong with it. "I do not know" is an answer: None."""
    if form.get("unknown") == "yes":
        return None, None
    try:
        value, wrong = _read(spec, form)
        if wrong is None and value is None:
            wrong = _("Answer the question, or say that you do not know.")
        return (plain_fact(spec, value), None) if wrong is None else (None, wrong)
    except Invalid as exc:
        return None, _(str(exc))


def _read(spec: FactSpec, form: FormMultiDict) -> tuple[Any, str | None]:
    given = str(form.get("answer", "")).strip()
    match spec.type:
        case FactType.DATE:
            return read_date(form, "answer")
        case FactType.BOOL:
            return {"yes": True, "no": False}.get(given), None
        case FactType.NUMBER:
            try:
                number = float(given.replace(",", ".")) if given else None
            except ValueError:
                return None, _("Write a number, for example 4.")
            return (int(number) if number is not None and number.is_integer() else number), None
        case FactType.LIST:
            return [v for v in form.getall("answer", []) if v] or None, None
        case _:
            return given[:500] or None, None


def typed_answer(spec: FactSpec, value: Any, form: FormMultiDict | None = None) -> dict[str, Any]:
    """What the page's boxes hold: what was typed, or else what is known."""
    empty = {"answer": "", "answer-day": "", "answer-month": "", "answer-year": "", "unknown": ""}
    if form is not None:
        return {**empty, **values_of(form)}
    if value is None:
        return empty
    if spec.type is FactType.DATE:
        year, month, day = str(value)[:10].split("-")
        return {**empty, "answer-day": str(int(day)), "answer-month": str(int(month)), "answer-year": year}
    if spec.type is FactType.BOOL:
        return {**empty, "answer": "yes" if value else "no"}
    return {**empty, "answer": value}
