"""What a person may say of themselves, for counts alone: codes that are kept, and how counts put each person in one group.

Race and ethnicity follow the seven minimum categories of OMB's Statistical Policy Directive No. 15 of 2024 (89 FR 22182): one
question, as many answers as fit. Saying nothing is an answer too. No rule and no decision reads any of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from staffing.api import Invalid

RACE_CITATION = "OMB Statistical Policy Directive No. 15 (2024), 89 FR 22182"
RACE_URL = "https://spd15revision.gov/content/spd15revision/en/2024-spd15.html"

#: The group of somebody who said nothing, or would rather not.
NOT_TOLD = "not_told"
NOT_TOLD_TITLE = "Not told"


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a person may say of themselves. ``several`` is the group of those who chose more than one answer.

    ``answers`` are code → title, in the order in which they are offered; each code begins with the question's own.
    """

    code: str
    title: str
    hint: str
    answers: dict[str, str]
    several: str
    several_title: str
    citation: str = ""
    url: str = ""

    @property
    def groups(self) -> dict[str, str]:
        """Every group that counts can have, code → title: the answers, more than one of them, and nothing told."""
        return {**self.answers, self.several: self.several_title, NOT_TOLD: NOT_TOLD_TITLE}


RACE = Question(
    code="race",
    title="What is your race or ethnicity?",
    hint="Choose all that fit, or none.",
    answers={
        "race:american_indian": "American Indian or Alaska Native",
        "race:asian": "Asian",
        "race:black": "Black or African American",
        "race:hispanic": "Hispanic or Latino",
        "race:middle_eastern": "Middle Eastern or North African",
        "race:pacific_islander": "Native Hawaiian or Pacific Islander",
        "race:white": "White",
    },
    several="race:several",
    several_title="More than one",
    citation=RACE_CITATION,
    url=RACE_URL,
)
LANGUAGE = Question(
    code="language",
    title="Which language do you speak most at home?",
    hint="Choose all that fit, or none.",
    answers={
        "language:en": "English",
        "language:es": "Spanish",
        "language:zh": "Chinese",
        "language:vi": "Vietnamese",
        "language:ar": "Arabic",
        "language:ht": "Haitian Creole",
        "language:other": "Another language",
    },
    several="language:several",
    several_title="More than one",
)
#: What is asked, in this order.
QUESTIONS: tuple[Question, ...] = (RACE, LANGUAGE)


def question(code: str) -> Question:
    """The question of this code. Raises ``Invalid``."""
    for one in QUESTIONS:
        if one.code == code:
            return one
    raise Invalid(f"There are no counts by {code}. Choose one of: {', '.join(one.code for one in QUESTIONS)}.")


def told(codes: Iterable[str]) -> tuple[str, ...]:
    """The codes a person chose, each once, in the order of the questions; an empty choice is "I would rather not say".

    Raises ``Invalid`` for a code that no question has.
    """
    chosen = set(codes)
    known = {code for one in QUESTIONS for code in one.answers}
    if unknown := sorted(chosen - known):
        raise Invalid(f"{unknown[0]} is none of the answers. Choose from the list, or leave it empty.")
    return tuple(code for one in QUESTIONS for code in one.answers if code in chosen)


def group_of(asked: Question, codes: Collection[str]) -> str:
    """The one group in which counts put a person who chose these codes."""
    mine = [code for code in asked.answers if code in codes]
    if not mine:
        return NOT_TOLD
    return mine[0] if len(mine) == 1 else asked.several
