"""What is read of Checkr's answers, and what its refusals mean. Everything else in an answer is left where it is.

A report's answer can hold a name, and its searches what was found. Only the fields of ``Invitation`` and ``Report``, the names of
the fields that end in ``_id`` and known words of a refusal are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from staffing.api import OrderStatus, ProviderTrouble

from ..rules.status import Read

_DAY = 86400.0
_SEARCH = re.compile(r"([a-z0-9_]+?)_ids?")
_NOT_SEARCHES = frozenset({"candidate", "document", "program", "geo", "report", "custom", "account"})


class Invitation(msgspec.Struct, frozen=True):
    """What is read of an invitation."""

    id: str
    status: str = ""
    candidate_id: str = ""
    report_id: str | None = None
    invitation_url: str | None = None
    expires_at: str | None = None
    deleted_at: str | None = None
    tags: list[str] | None = None

    @property
    def word(self) -> str:
        """Where the invitation is, in Checkr's words."""
        return "deleted" if self.deleted_at else self.status


class Report(msgspec.Struct, frozen=True):
    """What is read of a report."""

    id: str
    status: str = ""
    result: str | None = None
    includes_canceled: bool | None = None
    candidate_id: str = ""
    completed_at: str | None = None
    revised_at: str | None = None
    estimated_completion_time: str | None = None


def searches_of(report: Mapping[str, Any], read: Read, *, whole: bool) -> tuple[tuple[str, str], ...]:
    """The kinds of searches of a report, by the names of its ids, with a state where the report's own state tells it."""
    reported = read.status in (OrderStatus.COMPLETE, OrderStatus.DISPUTED)
    canceled = "canceled" if read.status is OrderStatus.CANCELED else "pending"
    state = ("complete" if whole else "") if reported else canceled
    kinds = [found[1] for name, value in report.items() if value and (found := _SEARCH.fullmatch(name))]
    return tuple((kind, state) for kind in kinds if kind not in _NOT_SEARCHES)


def explain(status: int, text: str) -> ProviderTrouble | None:
    """What Checkr's refusals mean, by their known words. ``text`` is in lower case and goes no further than here."""
    if status == 409:
        for words, what, code in (
            ("3 reports", "three checks of this person", "too_many_reports"),
            ("2 duplicate", "this person twice", "duplicate_candidates"),
        ):
            if words in text:
                return ProviderTrouble(
                    f"Checkr has been asked for {what} in one day and takes no more until tomorrow. "
                    "It is tried again then; nothing is lost.",
                    again=True,
                    wait=_DAY,
                    code=code,
                )
        return None
    if status not in (400, 404, 422):
        return None
    if "minimum age" in text or "under 18" in text or "minors" in text:
        said, code = "Checkr does not check people of this age with this package. Choose another way to check them.", "under_age"
    elif "work_location" in text or "work location" in text:
        said, code = "Checkr wants to know where the work is done: the state and the city. Add them to the site.", "work_location"
    elif "node" in text:
        said, code = (
            "Checkr wants a node of this account's hierarchy and did not accept the one given. "
            "An administrator corrects the node in the account; then order again.",
            "node",
        )
    elif "package" in text:
        said, code = (
            "Checkr does not have this package for this account. "
            "An administrator chooses one of the account's packages; then order again.",
            "package",
        )
    elif "email" in text:
        said, code = "Checkr does not accept this person's e-mail address. Correct it and order again.", "email"
    else:
        return None
    return ProviderTrouble(said, again=False, code=code)


def moment(given: object) -> datetime | None:
    """A moment as Checkr writes it, or None."""
    if not isinstance(given, str):
        return None
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        return None
    return at.replace(tzinfo=at.tzinfo or UTC)
