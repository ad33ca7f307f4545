"""What a vendor's words mean here: where an order is, what the source said, and what a reviewer must see. Pure.

One function a vendor, each total: whatever word comes, something is answered, and a word that nobody here knows is never clear.
It stays in progress (a state) or becomes ``unable`` (a result), with the detail ``unknown_word``, so that a person looks.
``includes_canceled`` does not change a result: a clear report with searches that were not made is still clear of what was
searched, and ``needs_eyes`` says that it must be read.

Ed-Fi's ``BackgroundCheckStatus`` and HR-XML's ``ScreeningResultCode`` are names for other systems, both ways, as data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec

from staffing.api import OrderStatus, Outcome, Result

#: A word that is not in this module was said.
UNKNOWN_WORD = "unknown_word"
INCLUDES_CANCELED = "includes_canceled"
ALL_CANCELED = "all_canceled"
SUBJECT_MUST_ACT = "subject_must_act"
WE_MUST_ACT = "we_must_act"
UNDER_AGE = "under_age"


class Read(msgspec.Struct, frozen=True):
    """A vendor's words, read: ``raw`` is the one that decided, ``detail`` a code of ``OrderSeen``."""

    status: OrderStatus
    raw: str
    result: Result | None = None
    detail: str = ""


class Axes(Protocol):
    """Anything that has the machine's two answers and the code beside them: a sighting or an order."""

    @property
    def status(self) -> OrderStatus:
        """Where the order is."""

    @property
    def result(self) -> Result | None:
        """What the source said."""

    @property
    def detail(self) -> str:
        """What a reviewer must see besides."""


def needs_eyes(seen: Axes) -> bool:
    """Whether a person must read more than "clear" before deciding.

    False only for a complete order with a plain clear result, and for one on its way that waits for nobody here. Whatever was
    not said, not made, not known or not understood needs eyes.
    """
    if seen.status in (OrderStatus.COMPLETE, OrderStatus.DISPUTED):
        return seen.status is OrderStatus.DISPUTED or seen.result is not Result.CLEAR or seen.detail != ""
    if seen.status.over:
        return seen.result is not None or seen.detail != ""
    return seen.detail not in ("", SUBJECT_MUST_ACT)


#: Checkr's words for an invitation, while there is no report.
CHECKR_INVITATION: dict[str, OrderStatus] = {
    "pending": OrderStatus.AWAITING_SUBJECT,
    "completed": OrderStatus.IN_PROGRESS,
    "expired": OrderStatus.EXPIRED,
    "deleted": OrderStatus.CANCELED,
}
#: Checkr's words for a report, with the code beside them. ``clear`` and ``consider`` are states of reports before April 2021.
CHECKR_REPORT: dict[str, tuple[OrderStatus, str]] = {
    "pending": (OrderStatus.IN_PROGRESS, ""),
    "suspended": (OrderStatus.ON_HOLD, SUBJECT_MUST_ACT),
    "paused": (OrderStatus.ON_HOLD, WE_MUST_ACT),
    "complete": (OrderStatus.COMPLETE, ""),
    "clear": (OrderStatus.COMPLETE, ""),
    "consider": (OrderStatus.COMPLETE, ""),
    "dispute": (OrderStatus.DISPUTED, ""),
    "canceled": (OrderStatus.CANCELED, ALL_CANCELED),
}
CHECKR_RESULT: dict[str, Result] = {"clear": Result.CLEAR, "consider": Result.RECORD_FOUND}
#: Why Checkr canceled searches, where the reason is the person's age.
CHECKR_UNDER_AGE = frozenset({"candidate_below_minimum_age", "minors_package_not_enabled"})


def checkr_invitation(word: str) -> Read:
    """An invitation without a report."""
    status = CHECKR_INVITATION.get(word)
    return Read(OrderStatus.IN_PROGRESS, word, None, UNKNOWN_WORD) if status is None else Read(status, word)


def checkr_report(word: str, result: str | None, *, includes_canceled: bool = False, reasons: Iterable[str] = ()) -> Read:
    """A report. ``reasons`` are why its searches were canceled, as far as they are known."""
    known = CHECKR_REPORT.get(word)
    if known is None:
        return Read(OrderStatus.IN_PROGRESS, word, None, UNKNOWN_WORD)
    status, detail = known
    if status is OrderStatus.CANCELED:
        return Read(status, word, Result.UNABLE, UNDER_AGE if CHECKR_UNDER_AGE.intersection(reasons) else detail)
    if status not in (OrderStatus.COMPLETE, OrderStatus.DISPUTED):
        return Read(status, word, None, detail)
    said = word if word in CHECKR_RESULT else result
    if said is None:
        return Read(status, word, Result.UNABLE if includes_canceled else None, INCLUDES_CANCELED if includes_canceled else "")
    if said not in CHECKR_RESULT or (result is not None and said != result):  # an unknown word, or two that contradict
        return Read(status, word, Result.UNABLE, UNKNOWN_WORD)
    return Read(status, word, CHECKR_RESULT[said], INCLUDES_CANCELED if includes_canceled else "")


#: Accurate says COMPLETE; every other word means that it is not, apart from an order that was given up.
ACCURATE_ENDED = frozenset({"CANCELLED", "CANCELED"})


def accurate_order(word: str, label: str | None, labels: Mapping[str, Result], percent: int | None = None) -> Read:
    """An interactive order. ``labels`` are this account's own words for results; ``percent`` how much of it is done.

    Nothing is searched before the person has filled in their part, so 0 percent is taken as waiting for them.
    """
    said = word.strip().upper()
    if said == "COMPLETE":
        if not (label or "").strip():
            return Read(OrderStatus.COMPLETE, word)
        found = labels.get(plain_label(label or ""))
        return Read(OrderStatus.COMPLETE, word, found or Result.UNABLE, "" if found else UNKNOWN_WORD)
    if said in ACCURATE_ENDED:
        return Read(OrderStatus.CANCELED, word)
    if not said:
        return Read(OrderStatus.IN_PROGRESS, word, None, UNKNOWN_WORD)
    return Read(OrderStatus.AWAITING_SUBJECT if percent == 0 else OrderStatus.IN_PROGRESS, word)


def plain_label(label: str) -> str:
    """A label as it is compared: without regard to case and spaces."""
    return " ".join(label.split()).casefold()


def labels_of(text: str) -> dict[str, Result]:
    """An account's labels, one a line: ``MEETS REQUIREMENTS = clear``. Raises ``ValueError`` with a sentence for a bad line."""
    found: dict[str, Result] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        label, equals, meaning = line.rpartition("=")
        name, value = plain_label(label), meaning.strip().lower()
        if not equals or not name or value not in set(Result):
            raise ValueError(
                f"Line {number} of the result words cannot be read. Write the provider’s word, an equals sign, "
                f"and one of {', '.join(Result)}: MEETS REQUIREMENTS = clear."
            )
        if found.get(name, Result(value)) != value:
            raise ValueError(f"Line {number} of the result words gives a second meaning to “{label.strip()}”. Keep one of them.")
        found[name] = Result(value)
    return found


#: Sterling's words for a screening, as third parties describe them. It is not connected; lists and records use the words.
STERLING: dict[str, OrderStatus] = {
    "awaiting_candidate": OrderStatus.AWAITING_SUBJECT,
    "pending": OrderStatus.IN_PROGRESS,
    "in_progress": OrderStatus.IN_PROGRESS,
    "completed": OrderStatus.COMPLETE,
    "cancelled": OrderStatus.CANCELED,
}
#: Pennsylvania's criminal record check (PATCH). "Request Under Review" is not a record.
PATCH: dict[str, tuple[OrderStatus, Result | None]] = {
    "pending": (OrderStatus.IN_PROGRESS, None),
    "request under review": (OrderStatus.IN_PROGRESS, None),
    "no record": (OrderStatus.COMPLETE, Result.CLEAR),
    "record": (OrderStatus.COMPLETE, Result.RECORD_FOUND),
}


def sterling_screening(word: str) -> Read:
    """A screening of Sterling's: where it is. What it said is not published, so a complete one has no result here."""
    status = STERLING.get(word.strip().lower())
    return Read(OrderStatus.IN_PROGRESS, word, None, UNKNOWN_WORD) if status is None else Read(status, word)


def patch_answer(word: str) -> Read:
    """What Pennsylvania's PATCH answers to a control number."""
    known = PATCH.get(plain_label(word))
    return Read(OrderStatus.IN_PROGRESS, word, None, UNKNOWN_WORD) if known is None else Read(known[0], word, known[1])


#: Ed-Fi's ``BackgroundCheckStatus`` of an order that nobody has decided about. Those not named here have none.
ED_FI: dict[OrderStatus, str] = {
    OrderStatus.AWAITING_SUBJECT: "Started",
    OrderStatus.IN_PROGRESS: "Submitted",
    OrderStatus.ON_HOLD: "Waiting",
    OrderStatus.COMPLETE: "Employer Review",
    OrderStatus.DISPUTED: "Employer Review",
}
#: ... and after somebody decided.
ED_FI_OUTCOME: dict[Outcome, str] = {
    Outcome.ELIGIBLE: "Eligible",
    Outcome.WITH_CONDITIONS: "Eligible",
    Outcome.NOT_ELIGIBLE: "Not Eligible",
}
#: Read back: where an order of another system is, and what that employer decided, which is not our determination.
ED_FI_READ: dict[str, tuple[OrderStatus, Outcome | None]] = {
    "Started": (OrderStatus.AWAITING_SUBJECT, None),
    "Submitted": (OrderStatus.IN_PROGRESS, None),
    "Waiting": (OrderStatus.IN_PROGRESS, None),
    "Employer Review": (OrderStatus.COMPLETE, None),
    "Eligible": (OrderStatus.COMPLETE, Outcome.ELIGIBLE),
    "Not Eligible": (OrderStatus.COMPLETE, Outcome.NOT_ELIGIBLE),
}


def ed_fi_status(status: OrderStatus, outcome: Outcome | None = None) -> str | None:
    """Ed-Fi's name for where a check is; None where Ed-Fi has none (before it is sent, canceled, withdrawn)."""
    if outcome is not None:
        return ED_FI_OUTCOME.get(outcome)
    return ED_FI.get(status)


#: HR-XML 3.0 ``ScreeningResultCode``.
HR_XML: dict[Result, str] = {
    Result.CLEAR: "Clear",
    Result.RECORD_FOUND: "RecordFound",
    Result.UNABLE: "UnableToFulfill",
}
#: Read back. ``Pass``, ``Fail``, ``Positive`` and ``Negative`` are somebody's score of a report or a laboratory's word: no source
#: said them about a record, so they are read as words that nobody here knows.
HR_XML_READ: dict[str, Result] = {
    "Clear": Result.CLEAR,
    "NoRecordFound": Result.CLEAR,
    "RecordFound": Result.RECORD_FOUND,
    "Review": Result.RECORD_FOUND,
    "UnableToFulfill": Result.UNABLE,
    "UnableToVerify": Result.UNABLE,
    "UnableToContact": Result.UNABLE,
}


def hr_xml_result(code: str) -> tuple[Result, str]:
    """A result code of HR-XML with the detail beside it: unknown and scoring codes are ``unable``, for a person to read."""
    found = HR_XML_READ.get(code)
    return (Result.UNABLE, UNKNOWN_WORD) if found is None else (found, "")
