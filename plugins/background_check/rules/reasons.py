"""Why the district decided as it did: reasons as data, each with its words for HR and for the person.

A reason says for which results it may be given, so that a record, a check that could not be finished and a check with searches
left out are each decided for a reason of their own and never with the press for a clear one.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from staffing.api import Outcome, Result

#: What stands before the decider: the three results, and a clear one of which some searches were not made.
CLEAR, RECORD_FOUND, UNABLE, PARTLY = "clear", "record_found", "unable", "clear_with_gaps"
FAVOURABLE = frozenset({Outcome.ELIGIBLE, Outcome.WITH_CONDITIONS})
_ALL = frozenset({CLEAR, RECORD_FOUND, UNABLE, PARTLY})
_LOOKED_AT = frozenset({RECORD_FOUND, UNABLE, PARTLY})


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """A reason. ``hr`` is what the one who decides chooses, ``person`` what the one checked may read; neither tells of a record.

    ``on`` is what it may be given for, ``assessed`` whether a written assessment must be there first.
    """

    code: str
    hr: str
    person: str
    outcomes: frozenset[Outcome]
    on: frozenset[str]
    assessed: bool = False


_CLEARED = "The check is done, and you can go on."
_LIST = (
    Reason(
        code="clear",
        hr="The source found nothing",
        person=_CLEARED,
        outcomes=frozenset({Outcome.ELIGIBLE}),
        on=frozenset({CLEAR}),
    ),
    Reason(
        code="paper_approved",
        hr="The certificate was looked at and approved",
        person=_CLEARED,
        outcomes=frozenset({Outcome.ELIGIBLE}),
        on=frozenset({CLEAR}),
    ),
    Reason(
        code="gaps_not_needed",
        hr="Some searches were not made, and the rules do not ask for them",
        person=_CLEARED,
        outcomes=FAVOURABLE,
        on=frozenset({PARTLY}),
    ),
    Reason(
        code="gaps_made_elsewhere",
        hr="The searches left out were made by another source",
        person=_CLEARED,
        outcomes=FAVOURABLE,
        on=frozenset({PARTLY, UNABLE}),
    ),
    Reason(
        code="assessed_no_concern",
        hr="Assessed: nothing in it speaks against this work",
        person="The district looked at your check and at this work. You can go on.",
        outcomes=frozenset({Outcome.ELIGIBLE}),
        on=_LOOKED_AT,
        assessed=True,
    ),
    Reason(
        code="assessed_with_conditions",
        hr="Assessed: this work is right under conditions",
        person="The district looked at your check and at this work. You can go on under the conditions named.",
        outcomes=frozenset({Outcome.WITH_CONDITIONS}),
        on=_LOOKED_AT,
        assessed=True,
    ),
    Reason(
        code="not_this_person",
        hr="What was found belongs to somebody else",
        person="The check was mixed up with somebody else’s. That is settled, and you can go on.",
        outcomes=frozenset({Outcome.ELIGIBLE}),
        on=frozenset({RECORD_FOUND}),
    ),
    Reason(
        code="report_corrected",
        hr="The source corrected its report",
        person="The report was corrected, and you can go on.",
        outcomes=FAVOURABLE,
        on=frozenset({RECORD_FOUND, CLEAR, PARTLY}),
    ),
    Reason(
        code="assessed_before",
        hr="The same was assessed before, and nothing has changed since",
        person="The district looked at this before and decided the same again.",
        outcomes=FAVOURABLE,
        on=frozenset({RECORD_FOUND}),
    ),
    Reason(
        code="confirmed_elsewhere",
        hr="The source could not say; another official source did",
        person="Another official source confirmed what was asked. You can go on.",
        outcomes=FAVOURABLE,
        on=frozenset({UNABLE}),
    ),
    Reason(
        code="never_in_contact",
        hr="The source could not say; the conditions keep this work away from children alone",
        person="You can go on under the conditions named.",
        outcomes=frozenset({Outcome.WITH_CONDITIONS}),
        on=frozenset({UNABLE, PARTLY}),
    ),
    Reason(
        code="assessed_not_suitable",
        hr="Assessed twice: not right for this work",
        person="The district decided that this work is not possible. The notice says why and what you can do.",
        outcomes=frozenset({Outcome.NOT_ELIGIBLE}),
        on=_ALL,
        assessed=True,
    ),
    Reason(
        code="barred_by_law",
        hr="A law bars this work",
        person="A law does not allow this work. The notice names it and says what you can do.",
        outcomes=frozenset({Outcome.NOT_ELIGIBLE}),
        on=_ALL,
        assessed=True,
    ),
    Reason(
        code="person_withdrew",
        hr="The person withdrew",
        person="You withdrew. Nothing was decided about you.",
        outcomes=frozenset({Outcome.WITHDRAWN}),
        on=_ALL,
    ),
    Reason(
        code="work_ended",
        hr="The work is no longer on offer",
        person="The work is no longer on offer. Nothing was decided about you.",
        outcomes=frozenset({Outcome.WITHDRAWN}),
        on=_ALL,
    ),
    Reason(
        code="ordered_by_mistake",
        hr="It was ordered by mistake",
        person="This check was ordered by mistake. Nothing was decided about you.",
        outcomes=frozenset({Outcome.WITHDRAWN}),
        on=_ALL,
    ),
)
REASONS: dict[str, Reason] = {reason.code: reason for reason in _LIST}

#: The outcomes as HR reads them.
OUTCOMES: dict[Outcome, str] = {
    Outcome.ELIGIBLE: "Eligible",
    Outcome.WITH_CONDITIONS: "Eligible with conditions",
    Outcome.NOT_ELIGIBLE: "Not eligible",
    Outcome.WITHDRAWN: "Withdrawn",
}


def stands(result: Result | str | None, detail: str) -> str:
    """What stands before the decider: the result, or ``clear_with_gaps`` where a clear one has anything beside it to read.

    That is so for searches that were not made, and for every word of a provider that is not plainly "clear".
    """
    word = str(result or "")
    return PARTLY if word == CLEAR and detail else word


def offered(result: Result | str | None, detail: str, outcomes: Iterable[Outcome]) -> tuple[Reason, ...]:
    """The reasons that may be given for what stands before the decider, for these outcomes, in the order of the list."""
    before, wanted = stands(result, detail), set(outcomes)
    return tuple(reason for reason in _LIST if (not before or before in reason.on) and reason.outcomes & wanted)


def why_not(reason: Reason, outcome: Outcome, result: Result | str | None, detail: str) -> str:
    """Why this reason cannot be given, as a sentence; '' if it can. A withdrawal needs no result."""
    if outcome not in reason.outcomes:
        return f"The reason “{reason.hr}” does not go with “{OUTCOMES[outcome]}”. Choose one that does."
    before = stands(result, detail)
    if outcome is not Outcome.WITHDRAWN and before not in reason.on:
        return f"The reason “{reason.hr}” does not fit what the source said. {_CHOOSE.get(before, 'Choose another.')}"
    return ""


_CHOOSE = {
    PARTLY: "Some searches were not made, so say why that is no obstacle, or order again.",
    RECORD_FOUND: "A record was found, which is no answer by itself: say what was decided about it.",
    UNABLE: "The source could not finish the check: say what settles it, or order again.",
    CLEAR: "The source found nothing.",
}
