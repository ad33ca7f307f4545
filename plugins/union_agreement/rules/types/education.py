"""Levels of education, and which of them reach which."""

from __future__ import annotations

from typing import Any

from staffing.api import Actor

from ..answers import Answer, Unknown, act, violated
from ..facts import Facts

#: What is asked for, in words.
WORDS = {
    "hs_diploma_or_equivalent": "a high school diploma or its equivalent",
    "two_years_college": "two years of college",
    "associate_degree": "an associate degree",
    "two_years_college_or_assessment": "two years of college, an associate degree, or a passed assessment",
    "bachelor_degree": "a bachelor's degree",
}
#: Levels, lowest first. The words are the product's and the note's.
_RANK = {
    "none": 0,
    "secondary": 1,
    "hs_diploma": 1,
    "hs_diploma_or_equivalent": 1,
    "ged": 1,
    "two_years_college": 2,
    "associate": 3,
    "associate_degree": 3,
    "bachelor": 4,
    "bachelor_degree": 4,
    "master": 5,
    "master_degree": 5,
    "doctorate": 6,
}
_LEAST = {
    "hs_diploma_or_equivalent": 1,
    "two_years_college": 2,
    "associate_degree": 3,
    "two_years_college_or_assessment": 2,
    "bachelor_degree": 4,
}


def judge(wanted: str, facts: Facts) -> Answer | None:
    """Whether the education told or shown reaches what is asked for; nobody told anything: unknown."""
    ranks = [rank for level in _told(facts.get("education")) if (rank := _RANK.get(level)) is not None]
    for item in facts.evidence("education"):
        if item.in_hand(facts.on) and (rank := _RANK.get(str(item.detail.get("level")))) is not None:
            ranks.append(rank)
    assessed = [item for item in facts.evidence("assessment", "paraprofessional_qualification") if item.in_hand(facts.on)]
    if max(ranks, default=-1) >= _LEAST[wanted]:
        return None
    if wanted == "two_years_college_or_assessment":
        if any(item.kind == "paraprofessional_qualification" for item in assessed):
            return None
        if assessed and max(ranks, default=-1) >= 1:  # an assessment comes on top of a diploma
            return None
    if not ranks:
        raise Unknown("education")
    return violated(
        "The education told does not reach what is asked for: {wanted}.",
        remedy=act(Actor.PERSON, "Send us proof of {wanted}.", wanted=WORDS[wanted]),
        wanted=WORDS[wanted],
    )


def _told(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = value.get("level")
    return [] if value is None else [value] if isinstance(value, str) else [str(one) for one in value]
