"""A person's own checks as they read them: whose move it is, what is asked and why, who sees it; never what a report says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import (
    NotFound,
    OrderStatus,
    Outcome,
    Viewer,
    now,
    screening_providers,
    system_viewer,
    tenant_transaction,
    work_of,
)

from ..rules.fair_steps import PERSONS_MOVE
from ..rules.fair_steps import Step as FairStep
from ..rules.own_stage import TURNS, Stage, Stand, Turn, stage_of
from ..rules.reasons import REASONS
from ..rules.texts import AUTHORISATION
from ..tables.consents import Consent, Notice
from ..tables.decided import AdverseAction, CheckDetermination
from ..tables.orders import CheckOrder, Package, ProviderAccount
from .consents import WITHDRAWN, Step, agency_in, own_row, steps_of
from .consents_kept import Kept, kept_of
from .order_view import changed_since

#: States of an adverse action in which the person has not been written to, so that they read nothing of it yet.
_UNSEEN = frozenset({FairStep.ASSESSING.value, FairStep.TO_NOTIFY.value})
_ENDABLE = frozenset(
    {
        OrderStatus.TO_AUTHORISE,
        OrderStatus.TO_SEND,
        OrderStatus.AWAITING_SUBJECT,
        OrderStatus.IN_PROGRESS,
        OrderStatus.ON_HOLD,
    }
)


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that asks for the check: its title, what it is for, the law, and whose rule it is."""

    title: str
    purpose: str
    citation: str
    url: str
    layer: str


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A letter about a check that was written to the person. ``kind``: pre_adverse, final_adverse, resolved, renewal."""

    id: UUID
    kind: str
    sent_on: date


class OwnCheck(msgspec.Struct, frozen=True, kw_only=True):
    """One's own check. ``link`` is where the person goes on, while it can be used; ``says`` the words of the decision.

    ``agency`` is whom the check is made by; ``way`` the provider's: api, record, upload, list; ``conditions`` codes of
    ``rules.conditions``; ``opens_at`` where the person asks for a certificate.
    """

    id: UUID
    title: str
    searches: tuple[str, ...]
    agency: str
    way: str
    how: str
    consumer_report: bool
    youngest: int
    who_pays: str
    cost_cents: int | None
    usual_days: int | None
    good_months: int | None
    stage: Stage
    turn: Turn
    steps: tuple[Step, ...]
    link: str
    link_until: datetime | None
    eta: date | None
    ordered_at: datetime
    requested_on: date | None
    opens_at: str
    can_end: bool
    signed: bool
    answer_until: date | None
    letters: tuple[Letter, ...]
    says: str
    conditions: tuple[str, ...]
    good_until: date | None
    why: tuple[Why, ...] = ()
    kept: tuple[Kept, ...] = ()
    renewal: bool = False
    invented: bool = False

    @property
    def next_step(self) -> Step | None:
        """The text that is to be read or signed next."""
        return next((step for step in self.steps if step.done_at is None), None)

    @property
    def notice(self) -> Letter | None:
        """The newest letter that asks for an answer."""
        return next((letter for letter in reversed(self.letters) if letter.kind == "pre_adverse"), None)

    @property
    def final(self) -> Letter | None:
        """The newest letter, where it ends the matter."""
        last = self.letters[-1] if self.letters else None
        return last if last and last.kind in {"final_adverse", "resolved"} else None


async def checks_of(viewer: Viewer) -> list[OwnCheck]:
    """Every check of the person signed in: those that wait on them first, then the newest. Raises ``NotFound`` for no person."""
    if viewer.person is None:
        raise NotFound("There is no such check on your list.")
    async with tenant_transaction(viewer.tenant):
        rows = await CheckOrder.select().where(CheckOrder.person == viewer.person).output(load_json=True)
        found = [await _own(viewer.tenant, row) for row in rows]
    order = list(Turn)
    found.sort(key=lambda one: one.ordered_at, reverse=True)
    return sorted(found, key=lambda one: (order.index(one.turn), one.stage is not Stage.ANSWER))


async def check_of(viewer: Viewer, order: UUID) -> OwnCheck:
    """One check of the person signed in, whole. Raises ``NotFound``, also for somebody else's."""
    async with tenant_transaction(viewer.tenant):
        row = await own_row(viewer, order)
        found = await _own(viewer.tenant, row)
        return msgspec.structs.replace(found, why=await _why(viewer.tenant, row), kept=tuple(await kept_of(viewer, order)))


async def _own(tenant: str, row: Mapping[str, Any]) -> OwnCheck:
    package = await Package.select().where(Package.id == row["package"]).output(load_json=True).first()
    account = await ProviderAccount.select().where(ProviderAccount.id == row["account"]).output(load_json=True).first()
    if package is None or account is None:
        raise NotFound("There is no such check on your list.")
    provider = screening_providers().get(account["provider"])
    decided = await _decided(row["id"])
    action = await _action(row["id"])
    letters = await Notice.select(Notice.id, Notice.kind, Notice.sent_on).where(Notice.order == row["id"]).order_by(Notice.number)
    steps = await steps_of(tenant, row) if row["status"] == OrderStatus.TO_AUTHORISE else []
    kinds = {one["kind"] for one in await Consent.select(Consent.kind).where(Consent.order == row["id"])}
    way = provider.way if provider else "api"
    stand = Stand(
        status=OrderStatus(row["status"]),
        way=way,
        detail=row["detail"],
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        unread=any(step.done_at is None for step in steps if step.ident != AUTHORISATION),
        again=row["outcome"] is not None and changed_since(row["opened_again_at"], decided["decided_at"] if decided else None),
        second=decided is not None and decided["state"] == "waits_for_second",
        notice=_notice(action, letters),
        withdrawn=WITHDRAWN in kinds,
        tries=row["tries"],
        link=row["link"],
        link_until=row["link_until"],
    )
    stage = stage_of(stand, now())
    final = decided if decided and decided["state"] == "final" else None
    return OwnCheck(
        id=row["id"],
        title=package["title"],
        searches=tuple(package["searches"]),
        agency=agency_in(account["settings"], account["title"]),
        opens_at=_safe(str(account["settings"].get("opens_at") or "")) if way == "upload" else "",
        way=way,
        how=package["how"],
        consumer_report=bool(package["consumer_report"] or (provider and provider.consumer_reports)),
        youngest=package["youngest"],
        who_pays=package["who_pays"],
        cost_cents=package["cost_cents"],
        usual_days=package["usual_days"],
        good_months=package["good_months"],
        stage=stage,
        turn=TURNS[stage],
        steps=tuple(steps),
        link=row["link"] if stage in (Stage.GO_ON, Stage.SOURCE_WAITS) else "",
        link_until=row["link_until"],
        eta=row["eta"],
        ordered_at=row["ordered_at"],
        requested_on=row["requested_on"],
        can_end=stand.status in _ENDABLE and not stand.withdrawn and stand.outcome is None and not stand.notice,
        signed=AUTHORISATION in kinds,
        answer_until=action["deadline"] if action and stage is Stage.ANSWER else None,
        letters=tuple(Letter(**one) for one in letters),
        says=_says(final) if TURNS[stage] is Turn.DONE else "",
        conditions=tuple(final["conditions"]) if final and stage is Stage.WITH_CONDITIONS else (),
        good_until=final["valid_until"] if final and stage in (Stage.CLEARED, Stage.WITH_CONDITIONS) else None,
        renewal=row["why"] in {"renewal", "break_in_service"},
        invented=row["invented"],
    )


async def _decided(order: UUID) -> dict[str, Any] | None:
    """The determination that stands, if there is one."""
    where = (CheckDetermination.order == order) & (CheckDetermination.state != "taken_back")
    found: dict[str, Any] | None = await CheckDetermination.select().where(where).output(load_json=True).first()
    return found


async def _action(order: UUID) -> dict[str, Any] | None:
    """The adverse action that is open, if there is one."""
    columns = (AdverseAction.id, AdverseAction.state, AdverseAction.deadline)
    where = (AdverseAction.order == order) & AdverseAction.ended_at.is_null()
    found: dict[str, Any] | None = await AdverseAction.select(*columns).where(where).first()
    return found


def _notice(action: Mapping[str, Any] | None, letters: Iterable[Mapping[str, Any]]) -> str:
    """What of an open adverse action the person knows: '' until they were written to."""
    if action is None or action["state"] in _UNSEEN or not any(letter["kind"] == "pre_adverse" for letter in letters):
        return ""
    return "answer" if action["state"] in PERSONS_MOVE else "answered"


def _says(final: Mapping[str, Any] | None) -> str:
    """The words for the person that belong to the reason of a decision."""
    reason = REASONS.get(final["reason_code"]) if final else None
    return reason.person if reason else ""


async def _why(tenant: str, row: Mapping[str, Any]) -> tuple[Why, ...]:
    """The rules that ask for this check, where it was ordered for a piece of work: read from the decision about that work."""
    if row["placement"] is None and row["position"] is None:
        return ()
    package = await Package.select(Package.kinds).where(Package.id == row["package"]).output(load_json=True).first()
    kinds = set(package["kinds"]) if package else set()
    try:
        work = await work_of(system_viewer(tenant), row["person"], placement=row["placement"], position=row["position"])
    except NotFound:  # the work is over: why it was asked for then is no longer decided
        return ()
    return tuple(
        Why(title=one.title, purpose=one.purpose, citation=one.citation, url=_safe(one.url), layer=one.layer.value)
        for one in work.decision.findings
        if one.plugin == "background_check" and kinds & set(one.accepts)
    )


def _safe(url: str | None) -> str:
    return url if url and url.startswith(("https://", "http://")) else ""
