"""What follows from a determination that counts, and from taking it back: evidence, conditions, and whether work waits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from staffing.api import (
    Outcome,
    Viewer,
    calendar,
    district,
    give_evidence,
    system_viewer,
    take_back_evidence,
    tell_of_person,
    tenant_transaction,
    today,
)

from ..rules.conditions import FACT
from ..rules.reasons import FAVOURABLE
from ..tables.decided import CheckDetermination
from ..tables.orders import CheckOrder, Package, ProviderAccount
from .holding import settle
from .order_view import OrderView
from .telling import tell_soon


class Ordered(msgspec.Struct, frozen=True, kw_only=True):
    """What of an order's package and account a determination needs. ``answered_on`` is the day of the source's answer here."""

    title: str
    account: str
    kinds: tuple[str, ...]
    purpose: str
    jurisdiction: str
    good_months: int | None
    second_reviewer: bool
    answered_on: date
    today: date

    @property
    def good_until(self) -> date | None:
        """The last day that the district's own limit allows, if it has one."""
        return calendar.good_through(self.answered_on, self.good_months) if self.good_months else None


async def ordered(tenant: str, row: Mapping[str, Any]) -> Ordered:
    """The package and account of an order. Inside a ``tenant_transaction``."""
    zone = (await district(tenant)).time_zone
    packages = await Package.select().where(Package.id == row["package"]).output(load_json=True)
    accounts = await ProviderAccount.select(ProviderAccount.title).where(ProviderAccount.id == row["account"])
    package, account = packages[0], accounts[0]
    at = max((moment for moment in (row["completed_at"], row["revised_at"]) if moment), default=None)
    day = today(zone)
    return Ordered(
        title=package["title"],
        account=account["title"],
        kinds=tuple(package["kinds"]),
        purpose=package["purpose"],
        jurisdiction=package["jurisdiction"],
        good_months=package["good_months"],
        second_reviewer=package["second_reviewer"],
        answered_on=min(at.astimezone(ZoneInfo(zone)).date(), day) if at else day,
        today=day,
    )


def _for_evidence(viewer: Viewer) -> Viewer:
    """Evidence is recorded by HR or the system; where an administrator agreed as the second, the system records it."""
    return viewer if viewer.role in {"hr", "system"} else system_viewer(viewer.tenant)


async def take_effect(
    viewer: Viewer, row: Mapping[str, Any], made: Mapping[str, Any], of: Ordered, *, given: list[UUID] | None = None
) -> None:
    """Let a determination count: its evidence is recorded, what only said "asked for" is taken back, the conditions are set.

    ``given``: evidence that is on record already and says the same; no second is recorded. Inside a ``tenant_transaction``.
    """
    who, outcome = _for_evidence(viewer), Outcome(made["outcome"])
    for determination in (*row["asked"], *row["given"]):
        await take_back_evidence(who, UUID(str(determination)))
    if given is None:
        given = await _evidence(who, row["person"], outcome, made["valid_until"], of)
    await CheckOrder.update(
        {
            CheckOrder.outcome: outcome.value,
            CheckOrder.asked: "[]",
            CheckOrder.given: [str(each) for each in given],
            CheckOrder.version: row["version"] + 1,
        }
    ).where(CheckOrder.id == row["id"])
    await set_conditions(who, row["person"])
    await settle(who, row["person"])
    if outcome in FAVOURABLE and row["report_ref"]:
        await tell_soon(viewer.tenant, row["id"])


async def _evidence(viewer: Viewer, person: UUID, outcome: Outcome, valid_until: date | None, of: Ordered) -> list[UUID]:
    if outcome is Outcome.WITHDRAWN:
        return []
    clear = outcome in FAVOURABLE
    return [
        await give_evidence(
            viewer,
            person,
            kind,
            source=f"decided by the district after “{of.title}” of {of.account}",
            issued_on=of.answered_on,
            result="clear" if clear else "not_clear",
            issuer=of.account,
            purpose=of.purpose,
            expires_on=valid_until if clear else None,
            jurisdiction=of.jurisdiction or None,
        )
        for kind in of.kinds
    ]


async def undo_effect(viewer: Viewer, row: Mapping[str, Any], of: Ordered, *, keep_given: bool = False) -> None:
    """Take back what ``take_effect`` did: the order stands undecided again, and what was asked for is on record as before.

    ``keep_given``: its evidence is somebody else's record (a paper's review) and stays as that left it.
    """
    who = _for_evidence(viewer)
    if not keep_given:
        for determination in row["given"]:
            await take_back_evidence(who, UUID(str(determination)))
    asked: list[str] = []
    if row["requested_on"] is not None and not keep_given and row["status"] not in {"canceled", "expired", "refused"}:
        asked = [
            str(
                await give_evidence(
                    who,
                    row["person"],
                    kind,
                    source=f"asked for at {of.account}",
                    issued_on=row["requested_on"],
                    state="initiated",
                    issuer=of.account,
                    purpose=of.purpose,
                    jurisdiction=of.jurisdiction or None,
                )
            )
            for kind in of.kinds
        ]
    await CheckOrder.update(
        {CheckOrder.outcome: None, CheckOrder.given: "[]", CheckOrder.asked: asked, CheckOrder.version: row["version"] + 1}
    ).where(CheckOrder.id == row["id"])
    await set_conditions(who, row["person"])
    await settle(who, row["person"])


async def set_conditions(viewer: Viewer, person: UUID) -> tuple[str, ...]:
    """Set the person's fact to the conditions that count now, and give them: those of the newest decision on each package."""
    async with tenant_transaction(viewer.tenant):
        rows = (
            await CheckDetermination.select(
                CheckDetermination.outcome, CheckDetermination.conditions, CheckDetermination.order.package.as_alias("package")
            )
            .where(
                (CheckDetermination.order.person == person)
                & (CheckDetermination.state == "final")
                & (CheckDetermination.outcome != Outcome.WITHDRAWN.value)
            )
            .order_by(CheckDetermination.decided_at)
            .output(load_json=True)
        )
        newest = {row["package"]: row for row in rows}
        count = sorted(
            {code for row in newest.values() if row["outcome"] == Outcome.WITH_CONDITIONS for code in row["conditions"]}
        )
        words = "The conditions of a check changed." if count else "No check of the person has conditions any more."
        await tell_of_person(viewer, person, {FACT: count or None}, words)
    return tuple(count)


async def latest_day(tenant: str, order: OrderView) -> date | None:
    """The last day to which a determination on this order could reach by the district's own limit; None without one."""
    async with tenant_transaction(tenant):
        row = await CheckOrder.select().where(CheckOrder.id == order.id).output(load_json=True).first()
        return (await ordered(tenant, row)).good_until if row else None
