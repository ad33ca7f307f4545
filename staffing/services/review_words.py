"""The words of a review: what a reviewer confirms, why a paper goes back, and what the person is told."""

from __future__ import annotations

import msgspec

#: What a reviewer may say a result is, by how it is stored. The content of a check is never asked for.
RESULTS: dict[str, str] = {
    "clear": "Clear for this work",
    "qualified": "Clear for some work only",
    "not_clear": "Not clear: we must decide",
}

#: Kinds that show somebody finished or signed something: they have no other result than "done".
FINISHED: frozenset[str] = frozenset(
    {
        "mandated_reporter_training",
        "child_abuse_training",
        "employment_history_review",
        "arrest_report_form",
        "affirmation",
        "notice_acknowledgement",
        "paraprofessional_qualification",
        "education",
        "assessment",
        "aide_permit",
        "substitute_permit",
        "teaching_licence",
        "approval",
        "orientation",
        "supervision_plan",
        "insurance",
    }
)

PURPOSES: dict[str, str] = {"volunteer": "Volunteering", "employment": "Employment"}


class Check(msgspec.Struct, frozen=True):
    """One thing a reviewer confirms before approving; ``name`` is kept with the determination."""

    name: str
    words: str


_NAMED = Check("names_person", "It names this person")
_READABLE = Check("readable", "The date and who issued it can be read on it")

_SECOND: dict[str, Check] = {
    "tb_screening": Check("says_result", "It says no risk factors, or free of infectious TB"),
    "health_exam": Check("says_result", "It says the person may do this work"),
    "insurance": Check("says_result", "The cover is in force on the day of service"),
}


def checks_for(kind: str) -> tuple[Check, ...]:
    """The three things to confirm about a paper of this kind."""
    said = "It shows the course or form was finished" if kind in FINISHED else "It shows the result entered here"
    return (_NAMED, _SECOND.get(kind, Check("says_result", said)), _READABLE)


#: Why a paper goes back: a name that is stored, the words staff choose, the sentence the person reads.
REASONS: dict[str, tuple[str, str]] = {
    "unreadable": (
        "It cannot be read",
        "We could not read it. Please take the photo again in good light, or bring the paper to the school office.",
    ),
    "cut_off": (
        "Part of it is missing",
        "Part of the page is missing. Please send all of it, with every corner showing.",
    ),
    "wrong_paper": (
        "It is another paper",
        "This looks like a different paper from the one we need. Please send the one named above.",
    ),
    "other_name": (
        "The name is different",
        "The name on it is different from the name you gave us. Please send a paper in your name, or tell us your other name.",
    ),
    "too_old": (
        "It is too old",
        "It is older than the rule allows. Please send a newer one.",
    ),
    "unsigned": (
        "It is not signed",
        "It is not signed. Please have it signed and send it again.",
    ),
    "other": ("Another reason", "Please send it again."),
}


class Letter(msgspec.Struct, frozen=True):
    """What a person is told: a subject and the text, in plain words."""

    subject: str
    body: str


def accepted(name: str, what: str) -> Letter:
    """The message after an approval."""
    return Letter(
        "We have looked at your paper",
        f"Hello {name}. Thank you: we received and accepted this: {what}. Sign in to see what is left and what you can do now.",
    )


def sent_back(name: str, what: str, sentence: str) -> Letter:
    """The message that asks for a new copy."""
    return Letter("We need a new copy of your paper", f"Hello {name}. About this paper: {what}. {sentence} Sign in to send it.")


def news(name: str) -> Letter:
    """The message for a phone, and whenever the matter is better not written: no result is in it."""
    return Letter("There is news about your sign-up", f"Hello {name}. There is news about your sign-up. Sign in to read it.")
