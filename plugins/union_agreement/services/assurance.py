"""Position actions beside placements, read from the tables: what both sides see on "Nobody is displaced"."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import Known, Viewer, district, placed_cases, placed_stand, tenant_transaction, today

from ..rules.displaced import Placed, asked, compare
from ..rules.displaced_lines import Class, Line, Tally
from ..tables import Agreement, Classification, PositionFile, Unit
from .known import COUNTS, known
from .sides import side_of

#: The last days, and today, that the page looks at.
WINDOW = 365


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """How far the register of positions goes. ``complete_through`` None: nothing was ever imported, so nothing can be said."""

    complete_through: date | None
    files: Sequence[Mapping[str, Any]] = ()
    classes: int = 0

    @property
    def days_old(self) -> int | None:
        """Days since the last day it is complete through."""
        return None if self.complete_through is None else (today() - self.complete_through).days


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """A comparison with what it rests on: ``asked`` are the clauses that answer, ``links`` where they stand, by id."""

    tally: Tally
    register: Register
    asked: tuple[tuple[str, str], ...]
    links: dict[str, tuple[UUID, str]]
    agreements: list[dict[str, Any]]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The page for one side."""

    side: str
    found: Compared
    busy: tuple[Line, ...]
    quiet: tuple[Line, ...]
    units: dict[str, str]
    may_import: bool


_kept: OrderedDict[Any, Tally] = OrderedDict()
_KEPT = 32


async def page(viewer: Viewer) -> Page:
    """What both sides see: the last ``WINDOW`` days and whatever is open."""
    side = side_of(viewer)
    async with tenant_transaction(viewer.tenant):
        found = await compared(viewer.tenant, today() - timedelta(days=WINDOW - 1), today())
        units = {row["code"]: row["name"] for row in await Unit.select(Unit.code, Unit.name)}
    lines = found.tally.lines
    return Page(
        side=side,
        found=found,
        busy=tuple(line for line in lines if not line.zero),
        quiet=tuple(line for line in lines if line.zero),
        units=units,
        may_import=side == "district",
    )


async def compared(tenant: str, since: date, until: date) -> Compared:
    """Compare the days from ``since`` through ``until``. Inside a ``tenant_transaction``."""
    register = await _register(since)
    agreements = (
        await Agreement.select(Agreement.id, Agreement.code, Agreement.version, Agreement.digest, Agreement.body)
        .where(Agreement.state.is_in(sorted(COUNTS)))
        .order_by(Agreement.code)
        .output(load_json=True)
    )
    links = {}
    for row in agreements:
        for body in (row["body"], row["body"].get("base_agreement") or {}):
            for clause in body.get("clauses") or ():
                links[str(clause.get("id"))] = (row["id"], row["code"])
    rows = await Classification.select().order_by(Classification.name).output(load_json=True)
    classes = [Class(name=row["name"], unit=row["unit"], duties=tuple(row["duties"])) for row in rows]
    stand = await placed_stand(since, until, evidence=False)
    held = await known(tenant)
    key = (tenant, since, until, stand.digest, held.digest if held else "", tuple(classes))
    if key not in _kept:
        _kept[key] = await _compare(held, classes, since, until)
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    place = await district(tenant)
    asked_ = asked(held.agreements if held else (), place.jurisdiction, until)
    told = [{name: str(row[name]) for name in ("code", "version", "digest")} for row in agreements]
    return Compared(tally=_kept[key], register=register, asked=asked_, links=links, agreements=told)


async def _register(since: date) -> Register:
    files = await PositionFile.select().order_by(PositionFile.complete_through, ascending=False)
    recent = [row for row in files if row["complete_through"] >= since]
    return Register(
        complete_through=files[0]["complete_through"] if files else None, files=recent, classes=await Classification.count()
    )


async def _compare(held: Known | None, classes: Sequence[Class], since: date, until: date) -> Tally:
    context: dict[str, Any] = dict(held.context) if held else {}
    placed: list[Placed] = []
    async for portion in placed_cases(since, until, evidence=False):
        placed.extend(
            # Somebody placed without a first day is looked at as of the last day of the time asked about.
            Placed(id=one.placement, first=one.starts_on or until, last=one.ends_on, case=one.case)
            for one in portion
            if one.state != "wished"
        )
    return compare(placed, context, held.agreements if held else (), classes, since, until)
