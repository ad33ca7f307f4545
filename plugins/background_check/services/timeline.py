"""What happened to a check, as its page tells it: the newest last, each with who did it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from ..rules.reasons import OUTCOMES, REASONS, stands
from ..rules.whose_move import RESULT_WORDS
from .order_view import DecidedView, OrderView
from .orders import WHY

_CONSENTS = {
    "disclosure": "The person read the disclosure",
    "authorisation": "The person authorised the check",
    "authorisation_withdrawn": "The person withdrew their authorisation",
}
_NOTICES = {
    "pre_adverse": "A notice before a decision was written",
    "final_adverse": "The final notice was written",
    "resolved": "A notice of a good end was written",
    "renewal": "The person was reminded that the check runs out",
}


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened; ``by`` is a name, '' where nobody of the district did it."""

    at: datetime
    words: str
    by: str = ""
    note: str = ""


def name_in(tag: str) -> str:
    """The name in the journal's way to name somebody; the system has none."""
    role, _, rest = tag.partition("/")
    return "" if role == "system" else rest.partition(" ")[2]


def timeline(order: OrderView) -> list[Happened]:
    """What happened, in order."""
    return sorted(_happened(order), key=lambda one: one.at)


def _happened(order: OrderView) -> Iterator[Happened]:
    yield Happened(at=order.ordered_at, words=f"Ordered. {WHY.get(order.why, order.why)}.", by=name_in(order.ordered_by))
    for consent in order.consents:
        yield Happened(at=consent.at, words=_CONSENTS.get(consent.kind, "The person was shown a further text"))
    said = RESULT_WORDS[stands(order.result, order.detail)]
    if order.completed_at:
        words = "The source answered" if order.revised_at else f"The source answered: {said[0].lower()}{said[1:]}"
        yield Happened(at=order.completed_at, words=words)
    if order.revised_at:
        yield Happened(at=order.revised_at, words=f"The source changed its answer: {said[0].lower()}{said[1:]}")
    for kind, at, delivery in order.notices:
        yield Happened(at=at, words=_NOTICES.get(kind, "A notice was written"), note=delivery.replace("_", " "))
    for one in (*order.earlier, *([order.decided] if order.decided else [])):
        yield from _decided(one)


def _decided(one: DecidedView) -> Iterator[Happened]:
    reason = REASONS[one.reason_code].hr if one.reason_code in REASONS else one.reason_code
    gone = " (taken back since)" if one.state == "taken_back" else ""
    yield Happened(at=one.decided_at, words=f"{OUTCOMES[one.outcome]}: {reason}{gone}", by=name_in(one.decided_by), note=one.note)
    if one.second_at:
        yield Happened(at=one.second_at, words="A second person agreed", by=name_in(one.second_by))
