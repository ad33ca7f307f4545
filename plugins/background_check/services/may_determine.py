"""What a determination lacks, in sentences: a reason that fits, an answer of the source, an assessment, a possible last day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from staffing.api import Conflict, Invalid, OrderStatus, Outcome, Viewer, refuse_private

from ..rules.conditions import CONDITIONS
from ..rules.reasons import FAVOURABLE, OUTCOMES, REASONS, Reason
from ..tables.decided import Assessment
from .effects import Ordered

#: The longest note, in letters.
LONGEST = 2000
#: The reason of a determination that rests on the product's review of a paper.
APPROVED = "paper_approved"
PAPER = "This rests on the review of a paper. Take the review back on the person’s record; the check follows."


def asked(outcome: Outcome, reason_code: str, note: str, conditions: Collection[str]) -> Reason:
    """The reason that was chosen, if it can be used as asked. Raises ``Invalid`` with a sentence for each field."""
    wrong: dict[str, str] = {}
    reason = REASONS.get(reason_code)
    if reason is None or reason_code == APPROVED:
        wrong["reason"] = "Choose why you decide so."
    refuse_private(note, "The note", "note")
    if len(note) > LONGEST:
        wrong["note"] = f"The note is longer than {LONGEST:,} letters. Keep it to what another reviewer needs."
    if unknown := sorted(set(conditions) - set(CONDITIONS)):
        wrong["conditions"] = f"No rule can check the condition {', '.join(unknown)}. Choose from the list."
    elif outcome is Outcome.WITH_CONDITIONS and not conditions:
        wrong["conditions"] = "Choose at least one condition, or decide without conditions."
    elif conditions and outcome is not Outcome.WITH_CONDITIONS:
        wrong["conditions"] = f"Conditions go with “{OUTCOMES[Outcome.WITH_CONDITIONS]}” alone."
    if wrong or reason is None:
        raise Invalid("Nothing was decided yet. " + " ".join(wrong.values()), wrong)
    return reason


def same(current: Mapping[str, Any], viewer: Viewer, outcome: Outcome, reason_code: str) -> bool:
    """Whether this is what the same person decided a moment ago, as when a form is sent twice."""
    return (current["decided_by"], current["outcome"], current["reason_code"]) == (viewer.tag, outcome.value, reason_code)


def already(current: Mapping[str, Any]) -> str:
    """Why it is not decided a second time, as a sentence."""
    who, what = name_of(current["decided_by"]), OUTCOMES[Outcome(current["outcome"])].lower()
    if current["state"] == "waits_for_second":
        return f"{who} decided “{what}”, and a second person has yet to agree. Agree or send it back instead of deciding again."
    return f"{who} has decided “{what}” already. Take that back first if it was wrong."


def name_of(tag: str) -> str:
    """The name in the journal's way to name somebody."""
    return tag.partition(" ")[2] or tag


def ready(row: Mapping[str, Any], outcome: Outcome, *, fair: bool = False) -> None:
    """Raise ``Conflict`` unless the source has answered. In fair steps a decision for the person waits for no dispute."""
    status = OrderStatus(row["status"])
    if outcome is Outcome.WITHDRAWN:
        return
    if status is OrderStatus.DISPUTED and fair and outcome in FAVOURABLE and row["result"]:
        return
    if status is OrderStatus.DISPUTED:
        raise Conflict("The person disputes what the source said. Wait until the source has answered, then decide.")
    if status is not OrderStatus.COMPLETE or not row["result"]:
        raise Conflict(
            "The source has not answered yet, so there is nothing to decide on. Only a withdrawal can be recorded now."
        )


def last_day(outcome: Outcome, asked: date | None, of: Ordered) -> date | None:
    """The last good day: what was asked for, never later than the district's own limit."""
    if outcome not in FAVOURABLE:
        return None
    limit = of.good_until
    if asked is None:
        if limit is not None and limit < of.today:
            raise Invalid(f"This check was good through {limit} by the district’s own limit for “{of.title}”. Order a new one.")
        return limit
    says = ""
    if asked <= of.today:
        says = "The last good day has to lie ahead."
    elif limit is not None and asked > limit:
        says = f"“{of.title}” is good through {limit} at the latest, {of.good_months} months after the source’s answer."
    if says:
        raise Invalid(says, {"valid_until": says})
    return asked


async def assessed(order: UUID) -> None:
    """Raise ``Conflict`` unless the last written assessment ends well for the person."""
    found = (
        await Assessment.select(Assessment.outcome).where(Assessment.order == order).order_by(Assessment.number, ascending=False)
    )
    if not found:
        raise Conflict("This reason needs a written assessment. Write it under Fair steps on the check’s page, then decide.")
    if found[0]["outcome"] not in {"eligible", "eligible_with_conditions"}:
        raise Conflict("The last assessment does not end well for the person. Assess again under Fair steps, then decide.")
