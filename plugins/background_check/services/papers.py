"""Checks whose certificate the person sends in: the product's review looks at the paper, and the check follows what it decided.

The paper's own record is the evidence; no second one is made. A check is decided by it only where every paper is there and
clear. What else a review says is for a person to decide.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from staffing.api import (
    EvidenceSeen,
    OrderSeen,
    OrderStatus,
    Outcome,
    Result,
    districts,
    evidence_of,
    now,
    record,
    screening_providers,
    system_viewer,
    task,
    tenant_transaction,
)

from ..tables.decided import CheckDetermination
from ..tables.orders import CheckOrder, Package
from .effects import ordered, take_effect, undo_effect
from .following import follow
from .may_determine import APPROVED
from .orders import locked
from .policies import policy_of

PAPERS = "background_check:papers"
_WAITS = (OrderStatus.AWAITING_SUBJECT.value, OrderStatus.IN_PROGRESS.value, OrderStatus.COMPLETE.value)


def _upload_providers() -> list[str]:
    return [name for name, provider in screening_providers().items() if provider.way == "upload"]


@task(PAPERS, every="*/5 * * * *")
async def follow_papers(timestamp: int = 0) -> None:
    """Bring every check that waits for a paper, or rests on one, to where the reviews are. Twice is harmless."""
    for each in await districts():
        await follow_all(each)


async def follow_all(tenant: str, person: UUID | None = None) -> int:
    """The same for one district, or for one of its people; gives how many checks changed."""
    if not (names := _upload_providers()):
        return 0
    where = CheckOrder.account.provider.is_in(names) & CheckOrder.status.is_in(list(_WAITS))
    if person is not None:
        where &= CheckOrder.person == person
    async with tenant_transaction(tenant):
        rows = await CheckOrder.select(CheckOrder.id).where(
            where & (CheckOrder.outcome.is_null() | (CheckOrder.outcome == Outcome.ELIGIBLE.value))
        )
    return sum([await follow_one(tenant, row["id"]) for row in rows])


async def follow_one(tenant: str, order: UUID) -> bool:
    """Bring one check to where the review of its papers is; True if that changed it. Raises ``NotFound``."""
    async with tenant_transaction(tenant):
        row = await locked(order)
        if row["status"] not in _WAITS:
            return False
        decided = (
            await CheckDetermination.select()
            .where((CheckDetermination.order == order) & (CheckDetermination.state != "taken_back"))
            .first()
        )
        package = await Package.select(Package.kinds).where(Package.id == row["package"]).output(load_json=True).first()
        papers = _papers(await evidence_of(tenant, row["person"]), row, list(package["kinds"]) if package else [])
        if decided is None:
            return await _approved(tenant, row, papers) if papers else False
        if decided["reason_code"] != APPROVED:
            return False
        standing = {str(paper.determination) for paper in await evidence_of(tenant, row["person"])}
        if set(row["given"]) <= standing:
            return False
        await _taken_back(tenant, row, decided["id"])
    return True


def _papers(evidence: list[EvidenceSeen], row: dict[str, Any], kinds: list[str]) -> dict[str, EvidenceSeen]:
    """The newest paper for each kind that came in after the order; nothing unless every kind has one."""
    found = {
        item.kind: item
        for item in evidence
        if item.document and item.kind in kinds and item.state == "complete" and item.recorded_at >= row["ordered_at"]
    }
    return found if kinds and len(found) == len(kinds) else {}


async def _approved(tenant: str, row: dict[str, Any], papers: dict[str, EvidenceSeen]) -> bool:
    system = system_viewer(tenant)
    clear = all(paper.result == "clear" for paper in papers.values())
    at = max(paper.recorded_at for paper in papers.values())
    if row["status"] == OrderStatus.COMPLETE and row["revised_at"] is not None and at <= row["revised_at"]:
        return False  # the review that was taken back, seen once more
    seen = OrderSeen(
        order_ref="",
        status=OrderStatus.COMPLETE,
        raw="approved in review" if clear else "reviewed, not clear",
        result=Result.CLEAR if clear else Result.RECORD_FOUND,
        completed_at=at,
        revised_at=at if row["completed_at"] is not None else None,
    )
    changed = await follow(system, row["id"], seen, why="the review of its papers")
    if not clear:
        return changed
    row = await locked(row["id"])
    of = await ordered(tenant, row)
    ends = min((paper.expires_on for paper in papers.values() if paper.expires_on), default=None)
    _, version = await policy_of(tenant)
    made = CheckDetermination(
        order=row["id"],
        outcome=Outcome.ELIGIBLE.value,
        reason_code=APPROVED,
        policy_version=version,
        state="final",
        decided_by=system.tag,
        decided_at=now(),
        valid_until=ends,
    )
    await CheckDetermination.insert(made)
    given = [paper.determination for paper in papers.values() if paper.determination]
    await take_effect(system, row, {"outcome": made.outcome, "valid_until": ends}, of, given=given)
    await record(
        "check:decided",
        f"check/{row['id']}",
        actor=system.tag,
        person=str(row["person"]),
        determination=str(made.id),
        outcome=made.outcome,
        reason=APPROVED,
        policy=version,
        reviews=[str(each) for each in given],
    )
    return True


async def _taken_back(tenant: str, row: dict[str, Any], determination: UUID) -> None:
    """The review was taken back: the check is undecided, and its result is no longer clear until it is reviewed again."""
    system = system_viewer(tenant)
    await CheckDetermination.update({CheckDetermination.state: "taken_back"}).where(CheckDetermination.id == determination)
    await undo_effect(system, row, await ordered(tenant, row), keep_given=True)
    seen = OrderSeen(
        order_ref="",
        status=OrderStatus.COMPLETE,
        raw="review taken back",
        result=Result.UNABLE,
        completed_at=row["completed_at"],
        revised_at=datetime.now(UTC),  # compared with when reviews were recorded, which is told by the real clock
    )
    await follow(system, row["id"], seen, why="the review of its paper was taken back")
    await record(
        "check:undecided",
        f"check/{row['id']}",
        actor=system.tag,
        person=str(row["person"]),
        determination=str(determination),
        why="the review of its paper was taken back",
    )
