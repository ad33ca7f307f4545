"""The steps between a record and a decision against somebody, and what each of them waits for.

An assessment is written, the person is told and can answer until a day, the assessment is made again with what they said, and
only then may a final letter go out. An answer stops the clock. A good end is open at every step. Pure: a step is asked about
with everything it depends on, and says in sentences what is lacking.
"""

from __future__ import annotations

import enum
from datetime import date

import msgspec


class Step(enum.StrEnum):
    """Where an adverse action is. The last four are ends."""

    ASSESSING = "assessing"
    TO_NOTIFY = "to_notify"
    WAITING = "waiting"
    PAUSED = "paused"
    TO_REASSESS = "to_reassess"
    TO_FINISH = "to_finish"
    NOT_ELIGIBLE = "not_eligible"
    ELIGIBLE = "eligible"
    WITHDRAWN = "withdrawn"
    DROPPED = "dropped"


class Act(enum.StrEnum):
    """What somebody wants to do."""

    ASSESS = "assess"
    NOTIFY = "notify"
    DELIVERY = "delivery"
    ANSWER = "answer"
    END_ANSWER = "end_answer"
    REASSESS = "reassess"
    FINISH = "finish"
    WITHDRAW = "withdraw"
    DROP = "drop"
    TAKE_BACK = "take_back"


ENDS = frozenset({Step.NOT_ELIGIBLE, Step.ELIGIBLE, Step.WITHDRAWN, Step.DROPPED})
#: The person has the next move.
PERSONS_MOVE = frozenset({Step.WAITING})
#: Steps in the order in which a reader sees them, with the words of the line at the top of the page.
LINE: tuple[tuple[str, frozenset[Step]], ...] = (
    ("Assessed", frozenset({Step.ASSESSING})),
    ("Told", frozenset({Step.TO_NOTIFY})),
    ("Time to answer", frozenset({Step.WAITING, Step.PAUSED})),
    ("Assessed again", frozenset({Step.TO_REASSESS})),
    ("Decided", frozenset({Step.TO_FINISH})),
)

_OPEN_TO: dict[Act, frozenset[Step]] = {
    Act.ASSESS: frozenset({Step.ASSESSING}),
    Act.NOTIFY: frozenset({Step.TO_NOTIFY}),
    Act.DELIVERY: frozenset({Step.WAITING, Step.TO_REASSESS, Step.TO_FINISH, Step.PAUSED}),
    Act.ANSWER: frozenset({Step.WAITING, Step.TO_REASSESS, Step.TO_FINISH}),
    Act.END_ANSWER: frozenset({Step.PAUSED}),
    Act.REASSESS: frozenset({Step.WAITING, Step.TO_REASSESS}),
    Act.FINISH: frozenset({Step.TO_FINISH}),
    Act.WITHDRAW: frozenset(Step) - ENDS,
    Act.DROP: frozenset({Step.ASSESSING, Step.TO_NOTIFY}),
    Act.TAKE_BACK: frozenset({Step.TO_NOTIFY, Step.TO_FINISH}),
}
_NOT_YET: dict[Act, dict[Step, str]] = {
    Act.ASSESS: {
        Step.TO_NOTIFY: "The first assessment is written already. Take it back first if it should say something else.",
    },
    Act.NOTIFY: {
        Step.ASSESSING: "Write the first assessment before the letter: it says why the district may decide against the person.",
        Step.WAITING: "The letter went out already.",
        Step.PAUSED: "The letter went out already.",
    },
    Act.ANSWER: {
        Step.ASSESSING: "No letter has gone out yet, so there is nothing to answer.",
        Step.TO_NOTIFY: "No letter has gone out yet, so there is nothing to answer.",
        Step.PAUSED: "An answer is being looked at already. What comes now belongs to it.",
    },
    Act.END_ANSWER: dict.fromkeys(Step, "No answer is open."),
    Act.REASSESS: {
        Step.ASSESSING: "Write the first assessment first.",
        Step.TO_NOTIFY: "Send the letter first: the person has to be able to answer before the assessment is made again.",
        Step.PAUSED: "An answer is open. Look at it and close it, then assess again.",
        Step.TO_FINISH: "The second assessment is written already. Take it back first if it should say something else.",
    },
    Act.FINISH: {
        Step.ASSESSING: "No final letter yet: nothing was assessed.",
        Step.TO_NOTIFY: "No final letter yet: the person has not been told and could not answer.",
        Step.WAITING: "No final letter yet: the person still has time to answer, and the assessment has to be made again.",
        Step.PAUSED: "No final letter while an answer is open. Look at it and close it first.",
        Step.TO_REASSESS: "No final letter yet: the assessment has to be made again first, even where nothing came.",
    },
    Act.DROP: dict.fromkeys(Step, "It cannot be dropped any more: the person was told. Decide, or end it with them."),
    Act.TAKE_BACK: {
        Step.WAITING: "The letter went out and cannot be called back. Decide for the person instead: that is open at any time.",
    },
}
_OVER = "This is over and nothing in it changes any more. Order a new check if the question comes up again."


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """An adverse action as far as its next step asks.

    ``delivery`` is that of the letter before a decision. ``reported`` says that it is stated how the person gets a copy of the
    report; ``needs_report`` that they must. ``assessed_by`` are the accounts that wrote the first assessment, ``answers`` the
    number of answers that were closed.
    """

    step: Step
    deadline: date | None = None
    delivery: str = ""
    needs_report: bool = True
    reported: bool = False
    answer_open: bool = False
    answers: int = 0
    assessed_by: frozenset[str] = frozenset()
    reassessed: bool = False
    two_person: bool = True


def lacking(now: Standing, act: Act, on: date, *, by: str = "", good: bool = False) -> list[str]:
    """What an act lacks on a day, in sentences; nothing if it may be done.

    ``by`` is the account that acts. ``good`` marks an assessment that decides for the person, which waits for nothing.
    """
    if now.step in ENDS:
        return [_OVER]
    if now.step not in _OPEN_TO[act]:
        says = _NOT_YET.get(act, {}).get(now.step)
        return [says or "This step is not open here. Open the page again to see where it stands."]
    if act is Act.REASSESS:
        return _reassess(now, on, good)
    if act is Act.FINISH:
        return _finish(now, on, by)
    return []


def _reassess(now: Standing, on: date, good: bool) -> list[str]:
    if now.answer_open:
        return ["An answer is open. Look at it and close it, then assess again."]
    if good or now.answers:
        return []
    if now.deadline is None or on <= now.deadline:
        until = f"through {now.deadline}" if now.deadline else "once the letter reaches them"
        return [f"The person can answer {until}. Until then only a decision for them can be made."]
    return []


def _finish(now: Standing, on: date, by: str) -> list[str]:
    says: list[str] = []
    if now.delivery in {"", "not_delivered"}:
        says.append("The letter before the decision did not reach the person. Send it again; the days begin anew.")
    if now.needs_report and not now.reported:
        says.append("It is not stated how the person got a copy of the report. State it first.")
    if now.answer_open:
        says.append("An answer is open. Look at it and close it first.")
    if now.deadline is None:
        says.append("No last day to answer is on record, so it has not passed.")
    elif on <= now.deadline:
        says.append(f"The person can answer through {now.deadline}. The final letter can go out from the day after.")
    if not now.reassessed:
        says.append("The assessment was not made again after the person could answer.")
    if now.two_person and (not by or by in now.assessed_by):
        says.append("Somebody else has to send the final letter: you wrote the first assessment, and two people decide here.")
    return says


def after_assessment(outcome: str) -> Step:
    """Where the first assessment leads."""
    return Step.TO_NOTIFY if outcome == "may_deny" else Step.ELIGIBLE


def after_reassessment(outcome: str) -> Step:
    """Where the second assessment leads."""
    return Step.TO_FINISH if outcome == "deny" else Step.ELIGIBLE


def by_itself(now: Standing, on: date) -> Step:
    """The step that time has brought: a last day that passed without an answer asks for a second assessment."""
    if now.step is Step.WAITING and now.deadline is not None and on > now.deadline and not now.answer_open:
        return Step.TO_REASSESS
    return now.step


def after_answer(deadline: date | None, on: date) -> Step:
    """Where it goes on once an answer was looked at: the days that are left run, or none are left."""
    return Step.WAITING if deadline is not None and on <= deadline else Step.TO_REASSESS
