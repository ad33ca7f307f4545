"""Whose move a check is: the three axes read together into one of a few lines of a desk. Nothing is stored from it."""

from __future__ import annotations

import enum

import msgspec

from staffing.api import OrderStatus


class Move(enum.StrEnum):
    """Who has the next move."""

    DECIDE = "decide"
    PERSON = "person"
    SOURCE = "source"
    OURS = "ours"
    STUCK = "stuck"
    DONE = "done"


#: The lines of the desk, in their order: the title, and what stands there while nothing does.
TITLES: dict[Move, tuple[str, str]] = {
    Move.DECIDE: ("Ours: decide", "No check waits for a decision."),
    Move.STUCK: ("Something is stuck", "Every order is moving."),
    Move.OURS: ("Ours: ask the source", "Nothing waits to be asked for."),
    Move.PERSON: ("We wait for the person", "Nobody has anything to do for a check."),
    Move.SOURCE: ("We wait for the source", "No source is at work."),
    Move.DONE: ("Decided", "No check has been decided yet."),
}


class Stand(msgspec.Struct, frozen=True, kw_only=True):
    """What of an order says whose move it is.

    ``way`` is the provider's. ``again``: what the source said changed after the decision. ``waits_for_second``: a second person
    has yet to agree. ``answering``: the person was asked to answer before a decision. ``tries``: failed tries to send.
    ``said``: there is a result. ``followed``: a later order of the same package took its place.
    """

    status: OrderStatus
    way: str
    detail: str = ""
    decided: bool = False
    again: bool = False
    waits_for_second: bool = False
    answering: bool = False
    tries: int = 0
    account_off: bool = False
    said: bool = False
    followed: bool = False


def whose(stand: Stand) -> Move:
    """Who has the next move."""
    status = stand.status
    if stand.decided and not stand.again and status is not OrderStatus.DISPUTED:
        return Move.DONE
    if status in (OrderStatus.COMPLETE, OrderStatus.DISPUTED) or stand.waits_for_second:
        return Move.PERSON if stand.answering else Move.DECIDE
    if status.over:
        ended_by_us = status is OrderStatus.CANCELED and not stand.said
        return Move.DONE if ended_by_us or stand.followed else Move.STUCK
    if status in (OrderStatus.TO_AUTHORISE, OrderStatus.AWAITING_SUBJECT):
        return Move.PERSON
    if status is OrderStatus.TO_SEND:
        if stand.account_off or stand.tries > 1:
            return Move.STUCK
        return Move.SOURCE if stand.way == "api" else Move.OURS
    if status is OrderStatus.ON_HOLD:
        return Move.PERSON if stand.detail == "subject_must_act" else Move.STUCK
    return Move.SOURCE


#: Where an order is, in plain words.
STATUS_WORDS: dict[OrderStatus, str] = {
    OrderStatus.TO_AUTHORISE: "The person has yet to authorise it",
    OrderStatus.TO_SEND: "Not sent yet",
    OrderStatus.REFUSED: "Refused by the provider",
    OrderStatus.AWAITING_SUBJECT: "The person has something to do",
    OrderStatus.IN_PROGRESS: "The source is at work",
    OrderStatus.ON_HOLD: "On hold",
    OrderStatus.COMPLETE: "The source has answered",
    OrderStatus.DISPUTED: "Disputed by the person",
    OrderStatus.CANCELED: "Canceled",
    OrderStatus.EXPIRED: "Ran out",
}
#: What the source said, in plain words; the key is of ``rules.reasons.stands``.
RESULT_WORDS: dict[str, str] = {
    "": "Nothing yet",
    "clear": "Nothing found",
    "clear_with_gaps": "Nothing found, but some searches were not made",
    "record_found": "Something was found, for a person to look at",
    "unable": "It could not be finished",
}
