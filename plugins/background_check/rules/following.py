"""Where an order goes when its provider is seen to have it somewhere. Pure: what is on record and one sighting, nothing else.

A sighting is a look at the provider now, never what an event claims. Two looks may still arrive in the wrong order, so an order
never goes back: from complete only to disputed and to complete again, and a report that is older than the one on record (by when
it was completed or revised) says nothing new. Canceled, expired and refused are the end unless the provider shows a report after
all. What a person decided is not here: no sighting touches it.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from staffing.api import OrderSeen, OrderStatus, Result


class Axes(msgspec.Struct, frozen=True, kw_only=True):
    """What the machine knows of an order: the columns of the same names. ``raw`` is the column ``provider_word``."""

    status: OrderStatus
    result: Result | None = None
    detail: str = ""
    raw: str = ""
    says: str = ""
    subject_ref: str = ""
    order_ref: str = ""
    report_ref: str = ""
    link: str = ""
    link_until: datetime | None = None
    searches: tuple[tuple[str, str], ...] = ()
    eta: date | None = None
    completed_at: datetime | None = None
    revised_at: datetime | None = None

    @property
    def stamp(self) -> datetime | None:
        """When the report last became what it is."""
        return max((at for at in (self.completed_at, self.revised_at) if at), default=None)


#: How far along an order is. What has the same number may follow each other both ways.
_FAR = {
    OrderStatus.TO_AUTHORISE: 0,
    OrderStatus.TO_SEND: 1,
    OrderStatus.AWAITING_SUBJECT: 2,
    OrderStatus.IN_PROGRESS: 3,
    OrderStatus.ON_HOLD: 3,
    OrderStatus.COMPLETE: 4,
    OrderStatus.DISPUTED: 4,
}
#: States in which there is a report to decide about.
REPORTED = frozenset({OrderStatus.COMPLETE, OrderStatus.DISPUTED})
#: States in which the provider has the order and more may come.
WITH_PROVIDER = frozenset({OrderStatus.AWAITING_SUBJECT, OrderStatus.IN_PROGRESS, OrderStatus.ON_HOLD, *REPORTED})
#: Details that say that a report does not tell everything that was asked.
NOT_WHOLE = frozenset({"includes_canceled", "all_canceled"})
#: States in which the person's link may still be of use.
_LINKED = frozenset({OrderStatus.AWAITING_SUBJECT, OrderStatus.ON_HOLD})

_SAYS_STATUS = {
    OrderStatus.EXPIRED: "The invitation ran out before the person finished. Nothing was checked. Order it again.",
    OrderStatus.CANCELED: "The order ended before there was a result. Order it again if the check is still needed.",
    OrderStatus.REFUSED: "The provider did not take this order. Correct what it names, then order again.",
}
_SAYS_DETAIL = {
    "includes_canceled": "Some searches of this report were not made. Read the report at the provider before you decide.",
    "all_canceled": "None of the searches could be made, so nothing is known. Order it again, or choose another way.",
    "subject_must_act": "The provider waits for something from the person. They find it behind their link.",
    "we_must_act": "The provider waits for the district. Open the order in the provider's own pages and answer there.",
    "unknown_word": "The provider uses a word that is not known here, so it counts for nothing. Read the order on its own pages.",
    "under_age": "The provider does not check people of this age. Choose another way to check, or wait until the birthday.",
}


def after(known: Axes, seen: OrderSeen, says: str = "") -> Axes:
    """The order after a sighting; the same value if the sighting says nothing new.

    ``says`` is a provider's own reason for refusing, already a sentence of ours.
    """
    if not _moves(known, seen):
        return _with_refs(known, seen)
    reported = seen.status in REPORTED
    result = seen.result if reported or seen.status is OrderStatus.CANCELED else None
    if reported and result is None and known.status in REPORTED:  # a report under dispute, or one not read whole yet
        result = known.result
    linked = seen.status in _LINKED
    return Axes(
        status=seen.status,
        result=result,
        detail=seen.detail,
        raw=seen.raw or known.raw,
        says=says or _SAYS_DETAIL.get(seen.detail) or _SAYS_STATUS.get(seen.status, ""),
        subject_ref=seen.subject_ref or known.subject_ref,
        order_ref=seen.order_ref or known.order_ref,
        report_ref=seen.report_ref or known.report_ref,
        link=(seen.link or known.link) if linked else "",
        link_until=(seen.link_until or (None if seen.link else known.link_until)) if linked else None,
        searches=seen.searches or known.searches,
        eta=None if reported or seen.status.over else seen.eta or known.eta,
        completed_at=seen.completed_at or known.completed_at,
        revised_at=seen.revised_at or known.revised_at,
    )


def _with_refs(known: Axes, seen: OrderSeen) -> Axes:
    """An older sighting may still name what the provider calls the order."""
    return msgspec.structs.replace(
        known,
        subject_ref=known.subject_ref or seen.subject_ref,
        order_ref=known.order_ref or seen.order_ref,
        report_ref=known.report_ref or seen.report_ref,
    )


def _moves(known: Axes, seen: OrderSeen) -> bool:
    """Whether a sighting is not older than what is known."""
    if known.status.over:
        return _revives(known, seen)
    if seen.status.over:
        return known.status not in REPORTED
    if _FAR[seen.status] != _FAR[known.status]:
        return _FAR[seen.status] > _FAR[known.status]
    if seen.status not in REPORTED or known.status not in REPORTED:
        return True
    then, at = known.stamp, max((at for at in (seen.completed_at, seen.revised_at) if at), default=None)
    return then is None or at is None or at >= then


def _revives(known: Axes, seen: OrderSeen) -> bool:
    """Whether the provider shows a report for an order that had ended, or ends one for a better reason than was known."""
    if seen.status.over:
        return seen.status == known.status or (seen.status is OrderStatus.CANCELED and bool(seen.report_ref))
    if not seen.report_ref:
        return False
    return seen.status in REPORTED or (seen.status in WITH_PROVIDER and seen.report_ref != known.report_ref)


def asks_again(known: Axes, now: Axes) -> bool:
    """Whether what a source said has changed since a person decided, so that they must decide anew."""
    if now.status not in REPORTED:
        return False
    return known.result != now.result or (now.detail != known.detail and now.detail in NOT_WHOLE)
