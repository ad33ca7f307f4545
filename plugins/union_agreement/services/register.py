"""Units and classifications with their duties, and the days that do not count: what HR registers once and changes seldom."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import Invalid, NotFound, Viewer, ask_again, close_days, open_days, record, tenant_transaction

from ..tables import Classification, Unit
from .known import changed
from .positions import hr_only

#: The longest stretch of days closed at once: a summer.
LONGEST = timedelta(days=120)


async def keep_unit(viewer: Viewer, *, code: str, name: str, represented_by: str, duties: Iterable[str]) -> None:
    """Register a bargaining unit and the duties that are its work, or change them."""
    hr_only(viewer)
    word = _code(code, "The unit's code")
    if not name.strip():
        raise Invalid("Give the unit a name.", {"name": "Give the unit a name."})
    told = _duties(duties)
    async with tenant_transaction(viewer.tenant):
        values: dict[str, Any] = {"name": name.strip(), "represented_by": represented_by.strip(), "duties": _json(told)}
        if await Unit.exists().where(Unit.code == word):
            await Unit.update({getattr(Unit, key): value for key, value in values.items()}).where(Unit.code == word)
        else:
            await Unit.insert(Unit(code=word, **values))
        await _noted(viewer, "unit:kept", f"unit/{word}", name=name.strip(), duties=told)


async def keep_class(viewer: Viewer, *, name: str, unit: str, duties: Iterable[str]) -> None:
    """Register a classification with its unit and duties, or change them."""
    hr_only(viewer)
    title = " ".join(name.split())
    if not title or "@" in title or re.search(r"\d{5}", title):
        raise Invalid("Name the job class, such as Library aide; never a person.")
    told = _duties(duties)
    async with tenant_transaction(viewer.tenant):
        if unit and not await Unit.exists().where(Unit.code == unit):
            raise Invalid("Choose one of the units, or none.")
        rows = await Classification.select(Classification.id, Classification.name)
        held = next((row for row in rows if row["name"].casefold() == title.casefold()), None)
        values: dict[str, Any] = {"name": title, "unit": unit, "duties": _json(told)}
        if held is None:
            await Classification.insert(Classification(**values))
        else:
            new: dict[Any, Any] = {getattr(Classification, key): value for key, value in values.items()}
            await Classification.update(new).where(Classification.id == held["id"])
        await _noted(viewer, "classification:kept", "classification", name=title, unit=unit, duties=told)


async def drop(viewer: Viewer, what: str, ident: UUID) -> None:
    """Take a unit or a classification out of the register."""
    hr_only(viewer)
    table: Any = {"unit": Unit, "class": Classification}.get(what)
    if table is None:
        raise NotFound("There is nothing of that kind.")
    async with tenant_transaction(viewer.tenant):
        rows = await table.delete().where(table.id == ident).returning(table.name)
        if not rows:
            raise NotFound("It is not in the register any more.")
        await _noted(viewer, f"{'classification' if what == 'class' else what}:dropped", what, name=rows[0]["name"])


async def close(viewer: Viewer, kind: str, first: date, last: date | None) -> int:
    """Mark days as closed for work, or as days without school. Gives how many are new."""
    hr_only(viewer)
    until = last or first
    if kind not in {"work", "school"}:
        raise Invalid("Say whether it is no work day or no school day.")
    if until < first or until - first > LONGEST:
        raise Invalid("Give the first and the last day, at most 120 days apart.")
    days = [first + timedelta(days=n) for n in range((until - first).days + 1)]
    async with tenant_transaction(viewer.tenant):
        new = await close_days(viewer.tenant, kind, days)
        if new:
            await _noted(viewer, "calendar:closed", f"calendar/{kind}", first=first, last=until, days=len(new))
    return len(new)


async def open_(viewer: Viewer, kind: str, first: date, last: date) -> None:
    """Take closed days back."""
    hr_only(viewer)
    async with tenant_transaction(viewer.tenant):
        opened = await open_days(viewer.tenant, kind, first, last)
        if opened:
            await _noted(viewer, "calendar:opened", f"calendar/{kind}", first=first, last=last, days=len(opened))


async def _noted(viewer: Viewer, action: str, subject: str, **facts: Any) -> None:
    await record(action, subject, actor=viewer.tag, **facts)
    await changed()
    await ask_again(viewer.tenant)


def _code(told: str, what: str) -> str:
    word = re.sub(r"[\s-]+", "_", told.strip().lower())
    if not re.fullmatch(r"[a-z][a-z0-9_.]{0,59}", word):
        raise Invalid(f"{what} is a word of letters, digits and _, such as classified_77.")
    return word


def _duties(told: Iterable[str]) -> list[str]:
    return sorted({_code(one, f"The duty “{one.strip()}”") for one in told if one.strip()})


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
