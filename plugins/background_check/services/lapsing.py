"""Which clearances run out, one line for each person and rule, with the check that would renew them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import LapseAhead, OrderStatus, lapses_ahead, tenant_transaction

from ..rules.portable import KINDS
from ..tables.orders import CheckOrder, Package

PLUGIN = "background_check"
#: States of an order that is still on its way.
_OPEN = tuple(status.value for status in OrderStatus if not status.over and status is not OrderStatus.COMPLETE)


class Suggested(msgspec.Struct, frozen=True, kw_only=True):
    """A package that renews it, and the person's order that it renews, if there was one."""

    package: UUID
    title: str
    renews: UUID | None


class RunningOut(msgspec.Struct, frozen=True, kw_only=True):
    """A rule on a check whose evidence runs out for one person, over all of their work.

    ``check``: a check renews it, and not a paper that the person signs. ``last_good_day`` is the earliest of them.
    ``open_order``: a new check that is on its way or waits to be decided already.
    """

    person: UUID
    rule: str
    title: str
    work: tuple[str, ...]
    placement: UUID
    check: bool
    last_good_day: date | None
    lapsed: bool
    after_break: bool
    asked_again: bool
    reason: Any
    suggested: Suggested | None = None
    open_order: UUID | None = None

    def renewed_by(self, packages: Iterable[UUID]) -> bool:
        """Whether one of these packages is the one suggested."""
        return self.suggested is not None and self.suggested.package in set(packages)


async def orderable(tenant: str) -> list[tuple[UUID, str]]:
    """The packages that can be ordered, by title, for a form to choose from."""
    async with tenant_transaction(tenant):
        rows = await _packages()
    return [(row["id"], row["title"]) for row in rows]


async def _packages() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        await Package.select(Package.id, Package.title, Package.kinds, Package.purpose)
        .where(Package.active.eq(True) & (Package.account.state != "off"))
        .order_by(Package.title)
        .output(load_json=True)
    )
    return rows


async def running_out(tenant: str, days: int, person: UUID | None = None) -> list[RunningOut]:
    """What runs out within so many days or has run out, the soonest first; ``person`` narrows it to one.

    Rules of this plugin, and a district's own that ask for a check.
    """
    found = [one for one in await lapses_ahead(tenant, days, person) if one.plugin == PLUGIN or one.kind in KINDS]
    grouped: dict[tuple[UUID, str], list[LapseAhead]] = {}
    for lapse in found:
        grouped.setdefault((lapse.person, lapse.rule), []).append(lapse)
    async with tenant_transaction(tenant):
        packages = await _packages()
        orders: list[dict[str, Any]] = (
            await CheckOrder.select(
                CheckOrder.id,
                CheckOrder.person,
                CheckOrder.package,
                CheckOrder.status,
                CheckOrder.outcome,
                CheckOrder.package.kinds,
            )
            .where(CheckOrder.person.is_in(list({who for who, _ in grouped}) or [UUID(int=0)]))
            .order_by(CheckOrder.ordered_at)
            .output(load_json=True)
        )
    ordered: dict[UUID, list[dict[str, Any]]] = {}
    for order in orders:
        ordered.setdefault(order["person"], []).append(order)
    return [_one(lapses, packages, ordered.get(who, [])) for (who, _), lapses in grouped.items()]


def _one(lapses: list[LapseAhead], packages: Iterable[Mapping[str, Any]], orders: Iterable[Mapping[str, Any]]) -> RunningOut:
    first = lapses[0]
    of_kind = [order for order in orders if first.kind in order["package.kinds"]]
    still = [order for order in of_kind if order["status"] in _OPEN or (order["status"] == "complete" and not order["outcome"])]
    return RunningOut(
        person=first.person,
        rule=first.rule,
        title=first.title,
        work=tuple(dict.fromkeys(f"{lapse.work}, {lapse.site_name}" for lapse in lapses)),
        placement=first.placement,
        check=first.kind in KINDS,
        last_good_day=first.last_good_day,
        lapsed=first.lapsed,
        after_break=first.after_break,
        asked_again=first.asked_again,
        reason=first.reason,
        suggested=_suggested(first, packages, of_kind),
        open_order=still[-1]["id"] if still else None,
    )


def _suggested(lapse: LapseAhead, packages: Iterable[Mapping[str, Any]], of_kind: list[Mapping[str, Any]]) -> Suggested | None:
    """The package they had, if it can still be ordered; else one for the same kind and purpose, else for the same kind."""
    fit = [package for package in packages if lapse.kind in package["kinds"]]
    if not fit:
        return None
    decided = [order for order in of_kind if order["outcome"]]
    had = decided[-1]["package"] if decided else None
    best = min(fit, key=lambda one: (one["id"] != had, lapse.purpose not in (None, one["purpose"]), one["title"]))
    return Suggested(package=best["id"], title=best["title"], renews=decided[-1]["id"] if decided else None)
