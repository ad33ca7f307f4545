"""The words of a criminal-history report, found in text as ``never_kept_fold`` reads it.

One such word says nothing: "no record found", "criminal history record check" and "never convicted of a crime" are in every
form. A report is known by several together, and each adds to a weight. What somebody says of themselves ("I was convicted of …")
is theirs to say when they answer a notice, and a rule says "anybody convicted of …": neither counts as a report's words.
"""

from __future__ import annotations

import re

import msgspec

#: What the signs of a text must weigh together.
ENOUGH = 3
#: Letters within which signs belong together: the pages of a long agreement have nothing to do with each other.
TOGETHER = 2000

_OFFENCES = (
    r"(?:thefts?|larceny|burglar\w+|robber\w+|shoplifting|assault\w*|battery|arson|murder|homicide|manslaughter|rape|kidnap\w+|"
    r"dui|dwi|owi|driving under the influence|possession|trafficking|distribution of|fraud|forgery|embezzle\w+|prostitution|"
    r"solicitation|trespass\w*|vandalism|stalking|harassment|indecen\w+|molest\w+|child (?:abuse|endangerment)|domestic violence|"
    r"weapons?|disorderly conduct|resisting arrest|receiving stolen|"
    r"robo|hurto|agresion|violacion|homicidio|posesion de|conducir ebri[oa]|fraude|violencia domestica)"
)
_SERIOUS = r"(?:felon\w+|misdemeanou?rs?|delitos? (?:grave|menor)\w*)"
_DONE = (
    r"(?:convicted (?:of|for)|conviction (?:of|for)|ple(?:a)?d(?:ed)? guilty(?: to)?|guilty of|arrested (?:for|on)|charged with|"
    r"indicted (?:for|on)|sentenced (?:for|to)|incarcerated for|"
    r"condenad[oa] por|arrestad[oa] por|acusad[oa] de|declarad[oa] culpable de)"
)
_DONE_STEMS = ("convict", "guilty", "arrest", "charged", "indicted", "sentenced", "incarcerat", "condenad", "acusad", "culpable")
#: Before "convicted of …": nobody, anybody, a question, a rule, or the speaker themselves.
_NO_REPORT = re.compile(
    r"\b(?:not|never|n't|no|nor|neither|any|anyone|anybody|nobody|none|if|whether|whoever|ever|persons|people|individuals|"
    r"employees|volunteers|applicants|adults|those|(?:an?|each|every) (?:\w+ ){0,2}?(?:person|individual|employee|volunteer|"
    r"applicant|adult)|nunca|jamas|nadie|si|quien|personas|i|i've|i'd|my|me|mi|fui|yo|he sido)\b[^.;:\n\d]{0,40}$"
)
_SAID = tuple(re.compile(rf"{_DONE}\W{{1,3}}(?:\w+\W{{1,2}}){{0,5}}?{what}") for what in (_OFFENCES, _SERIOUS))
_WHEN = re.compile(r"\d{1,2}[/-]\d{1,2}[/-]\d{2,4}|\b(?:19|20)\d{2}\b")


class Sign(msgspec.Struct, frozen=True):
    """A sign of a report and what it weighs, however often it stands there. Without one of ``stems`` it is not looked for."""

    weight: int
    stems: tuple[str, ...]
    pattern: re.Pattern[str]


def _sign(weight: int, stems: str, *patterns: str) -> Sign:
    return Sign(weight, tuple(stems.split("|")), re.compile("|".join(patterns)))


_NUMBER = r"\s{0,2}(?:no\b\.?|number|num|#)?\s{0,2}"
_COLON = r"\s{0,2}[:=-]"
SIGNS: tuple[Sign, ...] = (
    _sign(3, "arrested or received", r"arrested or received"),
    _sign(3, "based on", r"\b(?:this|fbi|the) record is based (?:only )?on fingerprint|entries .{0,40}are based on fingerprint"),
    _sign(3, "following fbi", r"following fbi (?:identification )?record"),
    _sign(3, "pertain to the same", r"pertain to the same (?:individual|subject)"),
    _sign(3, "source offender", r"\bmulti-?\s?source offender|\bsingle source offender"),
    _sign(2, "fbi|ucn", rf"\b(?:fbi|ucn|fbi/ucn){_NUMBER}[:#-]?\s{{0,3}}\d{{4,9}}[a-z]{{1,2}}\d{{0,3}}\b"),
    _sign(1, "fbi|ucn", r"\bfbi\s?(?:no\b\.?|number|#|ucn)|\bucn\s?[:#]"),
    _sign(1, "sid|cii|state id", rf"\b(?:state id(?:entification)?|sid|cii){_NUMBER}[:#/-]\s{{0,3}}[a-z]{{0,3}}\d{{4,}}"),
    _sign(1, "oca|ori|pcn|tcn|otn", rf"\b(?:oca|ori|pcn|tcn|otn){_NUMBER}[:#/]\s{{0,3}}[a-z]{{0,3}}\d{{4,}}"),
    _sign(1, "disp", rf"\bdispositions?(?: date)?{_COLON}|\bdisp\s{{0,2}}:"),
    _sign(
        1,
        "disp",
        r"\bdisp(?:osition)?s?\b\W{0,3}(?:date\W{0,3})?(?:\w+\W{1,2}){0,3}?"
        r"(?:convicted|guilty|dismissed|nolle|nol pros|acquitted|adjudicat)",
    ),
    _sign(
        1,
        "charge",
        r"\bcharges?(?: \d+| date| level| literal| description)?\s{0,2}[:=]\s{0,3}(?![\s\d.,]*(?:\$|usd|dollars|\n|$|\d+\.\d\d))",
        r"\bcharge ?\d?-\d?[a-z]",
    ),
    _sign(1, "arrest", rf"\barrest(?:ing)?(?: date| agency| charge| #){_COLON}?|\bdate of arrest"),
    _sign(1, "offen", rf"\boffen[cs]es?(?: level| date| code| description)?{_COLON}"),
    _sign(
        1,
        "docket|case n|case #|court case",
        r"\bdocket\s{0,2}(?:no\b\.?|number|#|:)|\bcourt case\s{0,2}(?:no\b\.?|number|#|:)",
        r"\bcase (?:no\b\.?|number|#)\s{0,2}:?\s{0,2}[a-z]{0,4}-?\d{2,4}-?[a-z]{1,4}-?\d+",
    ),
    _sign(1, "count|cnt", r"\b(?:counts?|cnts?)\.? ?[:#]? ?\d{1,2}\b(?! (?:of|people|students|children|hours|days))"),
    _sign(
        1,
        "sentence|jail|prison|probation|conv",
        rf"\bsentenced? (?:to|date)|\bsentence{_COLON}|\bprobation{_COLON}|\bconv(?:icted)?-",
        r"\b(?:days?|months?|years?) (?:in |of )?(?:county )?(?:jail|prison|probation)",
    ),
    _sign(
        1,
        "felon|misdemean|delito",
        rf"\b(?:severity|level|grade|degree|class|type){_COLON}\s{{0,3}}{_SERIOUS}|\b{_SERIOUS}\s{{0,2}}[:(/-]",
    ),
    _sign(
        1,
        "criminal history record|rap sheet|rapsheet|r.a.p|record of arrest|identity history|cori report|chri",
        r"\bcriminal history record|\brap ?sheet|\br\.a\.p\.|\brecord of arrests? and prosecutions?|\bidentity history summary",
        r"\bcori report|\bchri\b",
    ),
    _sign(
        1,
        "nolle|nolo|adjudication|held for|warrant|time served",
        r"\b(?:nolle prosequi|nolo contendere|adjudication withheld|held for court|bench warrant|warrant issued|time served)\b",
    ),
    _sign(1, "court", r"\bcourt\s{0,2}[:=-]\s{0,3}[a-z]"),
)

#: What only the FBI or a Department of Justice writes in its answer, also when there is no record. For whole papers.
_ANSWERS = re.compile(
    r"identity history summary|fbi identification record|arrested or received|revealed no prior arrest data|"
    r"based on fingerprint comparison|for official use only and may be used only|"
    r"use of this record is (?:regulated|governed) by (?:federal )?law|criminal justice information services.{0,120}clarksburg",
    re.DOTALL,
)
#: A state's Department of Justice, and what makes its paper an answer and not the form on which somebody asked.
_JUSTICE = re.compile(r"department of justice|bureau of criminal (?:information|identification|investigation)")
_ANSWERED = re.compile(
    r"no criminal history|no (?:criminal )?record (?:was )?found|criminal history transcript|response to (?:your|the)"
)
_ASKED = "request for live scan"


def is_report(text: str) -> bool:
    """Whether a folded text holds the words of a criminal-history report."""
    step = TOGETHER // 2
    return any(_is_report(text[start : start + TOGETHER]) for start in range(0, max(1, len(text) - step), step))


def _is_report(text: str) -> bool:
    weight = _told_of(text)
    for sign in SIGNS:
        if weight >= ENOUGH:
            return True
        if any(stem in text for stem in sign.stems) and sign.pattern.search(text):
            weight += sign.weight
    return weight >= ENOUGH


def is_answer(text: str) -> bool:
    """Whether a folded text is the answer of the FBI or of a state's Department of Justice: for whole papers, not for notes."""
    if _ANSWERS.search(text):
        return True
    return _ASKED not in text and bool(_JUSTICE.search(text) and _ANSWERED.search(text))


def _told_of(text: str) -> int:
    """What sentences about somebody's past weigh: who did what, and when."""
    if not any(stem in text for stem in _DONE_STEMS):
        return 0
    heaviest = 0
    for pattern in _SAID:
        for found in pattern.finditer(text):
            if _NO_REPORT.search(text[max(0, found.start() - 60) : found.start()]):
                continue
            dated = _WHEN.search(text[found.end() : found.end() + 40])
            heaviest = max(heaviest, 3 if dated else 2)
    return heaviest
