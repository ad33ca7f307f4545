"""The words of a review: what a reviewer confirms, why a paper goes back, and what the person is told."""

from __future__ import annotations

import gettext
from functools import cache
from importlib.resources import files

import msgspec

from staffing.core.evidence import KINDS, WITH_RESULT


def N_(text: str) -> str:
    """Mark a sentence for the translators' catalogues; it is translated when it is sent."""
    return text


#: What a reviewer may say a result is, by how it is stored. The content of a check is never asked for.
RESULTS: dict[str, str] = {
    "clear": "Clear for this work",
    "qualified": "Clear for some work only",
    "not_clear": "Not clear: we must decide",
}

#: Kinds that show somebody finished or signed something: they have no other result than "done".
FINISHED: frozenset[str] = frozenset(KINDS) - WITH_RESULT


def sole_result(kind: str) -> str:
    """The result of a kind that has no other than "done"; empty where a person has to choose: "clear" is never assumed."""
    return "clear" if kind in FINISHED else ""


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
        N_("We could not read it. Please take the photo again in good light, or bring the paper to the school office."),
    ),
    "cut_off": (
        "Part of it is missing",
        N_("Part of the page is missing. Please send all of it, with every corner showing."),
    ),
    "wrong_paper": (
        "It is another paper",
        N_("This looks like a different paper from the one we need. Please send the one named above."),
    ),
    "other_name": (
        "The name is different",
        N_(
            "The name on it is different from the name you gave us. Please send a paper in your name, or tell us your other name."
        ),
    ),
    "too_old": (
        "It is too old",
        N_("It is older than the rule allows. Please send a newer one."),
    ),
    "unsigned": (
        "It is not signed",
        N_("It is not signed. Please have it signed and send it again."),
    ),
    "other": ("Another reason", N_("Please send it again.")),
}


class Letter(msgspec.Struct, frozen=True):
    """What a person is told: a subject and the text, in plain words, and the language they are in."""

    subject: str
    body: str
    language: str


def accepted(language: str, name: str, kind: str) -> Letter:
    """The message after an approval."""
    body = N_(
        "Hello {name}. Thank you: we received and accepted this: {what}. Sign in to see what is left and what you can do now."
    )
    return _letter(language, N_("We have looked at your paper"), body, name=name, what=kind)


def sent_back(language: str, name: str, kind: str, sentence: str) -> Letter:
    """The message that asks for a new copy. ``sentence`` says what is wrong, ours or the reviewer's own."""
    body = N_("Hello {name}. About this paper: {what}. {sentence} Sign in to send it.")
    return _letter(language, N_("We need a new copy of your paper"), body, name=name, what=kind, sentence=sentence)


def placed(language: str, name: str, title: str, site: str, day: str) -> Letter:
    """The message after somebody was placed."""
    body = N_("Hello {name}. You have a place: {title} at {site}, from {day}. Sign in to see it.")
    return _letter(language, N_("You have a place"), body, name=name, title=title, site=site, day=day)


def news(language: str, name: str) -> Letter:
    """The message for a phone, and whenever the matter is better not written: no result is in it."""
    body = N_("Hello {name}. There is news about your sign-up. Sign in to read it.")
    return _letter(language, N_("There is news about your sign-up"), body, name=name)


def _letter(language: str, subject: str, body: str, **values: str) -> Letter:
    """Translate a letter whole, or leave it whole in English: never half of each."""
    speak = _catalogue(language).gettext
    if language != "en" and (speak(body) == body or speak(subject) == subject):
        language, speak = "en", _catalogue("en").gettext
    said = {key: speak(value) if value else value for key, value in values.items()}
    return Letter(speak(subject), speak(body).format(**said), language)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    folder = str(files("staffing") / "locale")
    return gettext.translation("staffing", localedir=folder, languages=[language.replace("-", "_")], fallback=True)
