"""Where one's own check is, as the person reads it: one stage out of a few, and whose move it is. Nothing is stored from it.

A source's answer is never a stage: between the answer and a person's decision the person reads only that somebody decides.
"""

from __future__ import annotations

import enum
from datetime import datetime

import msgspec

from staffing.api import OrderStatus, Outcome


class Turn(enum.StrEnum):
    """Who has the next move."""

    YOURS = "yours"
    DISTRICT = "district"
    SOURCE = "source"
    DONE = "done"


class Stage(enum.StrEnum):
    """Where a check is."""

    READ = "read"
    SIGN = "sign"
    SENDING = "sending"
    LATE = "late"
    LISTED = "listed"
    ASKING = "asking"
    UNDER_AGE = "under_age"
    REFUSED = "refused"
    GO_ON = "go_on"
    LINK_BY_MAIL = "link_by_mail"
    LINK_OVER = "link_over"
    SEND_PAPER = "send_paper"
    LOOKING = "looking"
    SOURCE_WAITS = "source_waits"
    PAUSED = "paused"
    DECIDING = "deciding"
    SECOND = "second"
    ANSWER = "answer"
    ANSWERED = "answered"
    DISPUTED = "disputed"
    AGAIN = "again"
    CLEARED = "cleared"
    WITH_CONDITIONS = "with_conditions"
    NOT_CLEARED = "not_cleared"
    ENDED = "ended"
    WITHDRAWING = "withdrawing"
    CAME_ANYWAY = "came_anyway"
    CANCELED = "canceled"
    EXPIRED = "expired"


#: Whose move each stage is.
TURNS: dict[Stage, Turn] = {
    **dict.fromkeys((Stage.READ, Stage.SIGN, Stage.GO_ON, Stage.LINK_BY_MAIL, Stage.SEND_PAPER), Turn.YOURS),
    **dict.fromkeys((Stage.SOURCE_WAITS, Stage.ANSWER), Turn.YOURS),
    **dict.fromkeys((Stage.SENDING, Stage.LATE, Stage.LISTED, Stage.ASKING, Stage.UNDER_AGE, Stage.REFUSED), Turn.DISTRICT),
    **dict.fromkeys((Stage.LINK_OVER, Stage.PAUSED, Stage.DECIDING, Stage.SECOND, Stage.ANSWERED, Stage.AGAIN), Turn.DISTRICT),
    **dict.fromkeys((Stage.EXPIRED, Stage.WITHDRAWING, Stage.CAME_ANYWAY), Turn.DISTRICT),
    **dict.fromkeys((Stage.LOOKING, Stage.DISPUTED), Turn.SOURCE),
    **dict.fromkeys((Stage.CLEARED, Stage.WITH_CONDITIONS, Stage.NOT_CLEARED, Stage.ENDED, Stage.CANCELED), Turn.DONE),
}
_OUTCOMES = {
    Outcome.ELIGIBLE: Stage.CLEARED,
    Outcome.WITH_CONDITIONS: Stage.WITH_CONDITIONS,
    Outcome.NOT_ELIGIBLE: Stage.NOT_CLEARED,
    Outcome.WITHDRAWN: Stage.ENDED,
}


class Stand(msgspec.Struct, frozen=True, kw_only=True):
    """What of an order the person's stage is read from.

    ``way`` is the provider's. ``unread``: a text is yet to be read before signing. ``again``: what the source said changed after
    the decision. ``second``: a second reviewer has yet to agree. ``notice``: '', ``answer`` (a notice waits for the person's
    answer), ``answered`` (the district weighs it). ``withdrawn``: the person took back their word. ``tries``: failed tries
    to send.
    """

    status: OrderStatus
    way: str = "api"
    detail: str = ""
    outcome: Outcome | None = None
    unread: bool = False
    again: bool = False
    second: bool = False
    notice: str = ""
    withdrawn: bool = False
    tries: int = 0
    link: str = ""
    link_until: datetime | None = None


def stage_of(stand: Stand, at: datetime) -> Stage:
    """The stage of a check at a moment."""
    status = stand.status
    if stand.notice:
        return Stage.ANSWER if stand.notice == "answer" else Stage.ANSWERED
    if stand.outcome is not None and not stand.again and status is not OrderStatus.DISPUTED:
        return Stage.SECOND if stand.second else _OUTCOMES[stand.outcome]
    if status is OrderStatus.DISPUTED:
        return Stage.DISPUTED
    if stand.again:
        return Stage.AGAIN
    if stand.second:
        return Stage.SECOND
    if stand.withdrawn and not status.over:
        return Stage.CAME_ANYWAY if status is OrderStatus.COMPLETE else Stage.WITHDRAWING
    return _on_its_way(stand, at)


def _on_its_way(stand: Stand, at: datetime) -> Stage:
    match stand.status:
        case OrderStatus.TO_AUTHORISE:
            return Stage.READ if stand.unread else Stage.SIGN
        case OrderStatus.TO_SEND:
            if stand.way != "api":
                return Stage.LISTED if stand.way == "list" else Stage.ASKING
            return Stage.LATE if stand.tries else Stage.SENDING
        case OrderStatus.REFUSED:
            return Stage.UNDER_AGE if stand.detail == "under_age" else Stage.REFUSED
        case OrderStatus.AWAITING_SUBJECT:
            return _theirs(stand, at)
        case OrderStatus.ON_HOLD:
            return Stage.SOURCE_WAITS if stand.detail == "subject_must_act" else Stage.PAUSED
        case OrderStatus.COMPLETE:
            return Stage.DECIDING
        case OrderStatus.CANCELED:
            return Stage.CANCELED
        case OrderStatus.EXPIRED:
            return Stage.EXPIRED
        case _:
            return Stage.LOOKING


def _theirs(stand: Stand, at: datetime) -> Stage:
    if stand.way == "upload":
        return Stage.SEND_PAPER
    if stand.way != "api":
        return Stage.ASKING
    if stand.link_until is not None and stand.link_until <= at:
        return Stage.LINK_OVER
    return Stage.GO_ON if stand.link else Stage.LINK_BY_MAIL
