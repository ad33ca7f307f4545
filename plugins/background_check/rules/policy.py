"""How a district decides about checks: few questions, each with a careful answer to begin with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from staffing.api import Invalid

#: What a determination names as its policy where the district never wrote one of its own.
STANDARD = "standard-1"

_MOST_STEPS = 6
_LONGEST = 365
_MOST_HOURS = 168


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """A district's policy on checks.

    ``two_person_final``: whoever alone wrote the first assessment cannot also end an adverse action. ``second_reviewer_for_*``:
    a determination on such a result counts only once a second person has agreed. ``remind_days``: how many days before evidence
    runs out both sides are told. ``reconcile_hours``: an open order not looked at for so long is asked about again.
    ``hold_on_record``: work waits while a record that was found is not decided about. ``hold_while_flagged``: work waits while a
    flag is open. ``renew_by_itself``: the first reminder also places the new order.
    ``extra_texts``: ids of further texts a person is shown, which the district switched on.
    """

    two_person_final: bool = True
    second_reviewer_for_record_found: bool = False
    second_reviewer_for_unable: bool = False
    remind_days: tuple[int, ...] = (60, 30, 7)
    reconcile_hours: int = 6
    hold_on_record: bool = True
    hold_while_flagged: bool = True
    renew_by_itself: bool = False
    extra_texts: tuple[str, ...] = ()


#: Each yes-or-no question as an administrator reads it, with what it means.
QUESTIONS: dict[str, tuple[str, str]] = {
    "two_person_final": (
        "Two people before anybody is turned away",
        "Whoever alone wrote the first assessment cannot also send the final notice.",
    ),
    "second_reviewer_for_record_found": (
        "A second reviewer where a record was found",
        "A decision in the person’s favour also counts only after a second person agreed.",
    ),
    "second_reviewer_for_unable": (
        "A second reviewer where a source could not say",
        "A check that could not be finished is decided by two.",
    ),
    "hold_on_record": (
        "Work waits while a record that was found is looked at",
        "It is a hold and no refusal: it ends with the decision. Nobody begins or goes on meanwhile.",
    ),
    "hold_while_flagged": (
        "Work waits while a flag is looked at",
        "Word of a possible change holds the person’s work until HR has ended the flag.",
    ),
    "renew_by_itself": (
        "New checks are ordered by themselves before one runs out",
        "The person is asked at the first reminder. Without it, HR orders with one press.",
    ),
}


def read_policy(body: Mapping[str, Any]) -> Policy:
    """The policy of what is kept; a question added since has its careful answer. Raises ``ValueError`` for a broken one."""
    known = {name: value for name, value in body.items() if name in Policy.__struct_fields__}
    return msgspec.convert(known, Policy)


def checked(policy: Policy) -> Policy:
    """The policy with its days in order, if it can be kept. Raises ``Invalid`` with a sentence for each mistake."""
    days = tuple(sorted(set(policy.remind_days), reverse=True))
    wrong: dict[str, str] = {}
    if not days or len(days) > _MOST_STEPS or not all(1 <= day <= _LONGEST for day in days):
        wrong["remind_days"] = f"Give one to {_MOST_STEPS} reminders, each between 1 and {_LONGEST} days ahead: 60, 30, 7."
    if not 1 <= policy.reconcile_hours <= _MOST_HOURS:
        wrong["reconcile_hours"] = f"Open orders are looked at again after 1 to {_MOST_HOURS} hours."
    if wrong:
        raise Invalid(" ".join(wrong.values()), wrong)
    return msgspec.structs.replace(policy, remind_days=days)
