"""Numbers that are never kept, found in text as ``never_kept_fold`` reads it: Social Security, taxpayer and driver's licence.

A Social Security or taxpayer number is known by its shape (123-45-6789), also with all but its last four covered. Nine digits
of another shape, and licence numbers, which look like any other number, are known by the words beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from staffing.core.never_kept_fold import folded

Span = tuple[int, int]

#: Nothing of a number before and after it: neither letters and digits, nor a digit with its dash or dot.
_BEGINS = r"(?<![a-z0-9])(?<!\d[-.])(?<!-)"
_ENDS = r"(?![a-z0-9])(?![-.]\d)"
_NO_ONES = re.compile(r"000|666")
_SHAPED = re.compile(_BEGINS + r"(\d{3})(?:( ?[-.·/_] ?| {1,2}))(\d{2})(?:\2)(\d{4})" + _ENDS)
_COVERED = re.compile(r"(?<![x*#•●▪█_a-z0-9])[x*#•●▪█_]{3}[- .]{0,2}[x*#•●▪█_]{2}[- .]{0,2}\d{4}" + _ENDS)
#: Nine digits, with or without something between them, no part of a longer number.
_NINE = re.compile(r"(?<!\d)(?<!\d[-.])\d(?:[ .\-_/]{0,2}\d){8}(?![-.]?\d)")
_LAST_FOUR = re.compile(
    r"(?:last (?:four|4)|ending(?: in| with)?|ends (?:in|with)|ultimos (?:cuatro|4)|termina en|后四位|4 so cuoi|اخر 4)"
    r"[^\d\n]{0,20}(?<!\d)(\d{4})(?![\d-])"
)


def _words(*words: str) -> str:
    return "|".join(re.escape(folded(word)).replace(r"\ ", r"\s+") for word in words)


#: What a Social Security or taxpayer number is called, in the six languages of the pages.
_CALLED = re.compile(
    r"(?<![a-z0-9])(?:ssns?|s\.\s?s\.\s?n\.?|ss\s?(?:#|no\b\.?|num|number)|soc\.?\s?sec|i\.?t\.?i\.?n|atin|"
    r"social\s?(?:#|:|number|no\b|insurance n)|tax(?:payer)?\s+id|numero\s+de\s+seguro|seguro\s+social|nss)(?![a-z])|"
    + _words("Social Security", "seguridad social", "社会安全", "社會安全", "社安号", "社安號", "社会保障号", "社會保障號")
    + "|"
    + _words("an sinh xã hội", "الضمان الاجتماعي", "رقم الضمان", "sekirite sosyal", "nimewo sosyal")
)
#: Words that say that the number after them is another one.
_ANOTHER = re.compile(
    r"(?<![a-z])(?:control|confirmation|order|invoice|receipt|reference|ref|case|account|acct|phone|tel|fax|zip|badge|routing|"
    r"clearance id|report|employee|ue id|ati)(?![a-z])[^\d\n]{0,14}$"
)
#: How far from the words a number may stand.
_NEAR = 40

_LICENCE = re.compile(
    r"(?<![a-z])(?:driv(?:er|ing)'?s?'?\s?(?:'s)?\s+(?:licen[cs]e|lic\b\.?|permit)|operator'?s?\s+licen[cs]e|cdl|d\.\s?l\.|dl"
    r"|licencia\s+(?:de|para)\s+(?:conducir|manejar)|permiso\s+de\s+conducir|carnet\s+de\s+conducir|permis\s+de\s+conduire"
    r"|lisans\s+(?:chofe|kondwi)|pemi\s+(?:kondwi|chofe)|permis\s+kondwi)(?![a-z])|"
    + _words("bằng lái", "giấy phép lái xe", "驾照", "駕照", "驾驶证", "駕駛證", "驾驶执照", "駕駛執照")
    + "|"
    + _words("رخصة القيادة", "رخصة قيادة", "رخصة السياقة", "رخصة سياقة")
)
#: Letters and digits as states print them (at least four digits), in groups at most one space or dash apart.
_PRINTED = re.compile(
    r"(?<![a-z0-9])(?<!\d[-.])(?:wdl[a-z0-9*]{9}|(?:[a-z]{1,3}-?)?\d{1,14}(?:[- ]?\d{1,14}){0,5}[a-z]{0,2})(?![a-z0-9])"
)
_DATE = re.compile(r"\d{1,2}[- ]\d{1,2}[- ](?:19|20)?\d{2}|(?:19|20)\d{2}[- ]\d{1,2}[- ]\d{1,2}|(?:19|20)\d{2}|\d{5}-\d{4}")
_PHONE = re.compile(r"1?[- ]?\d{3}[- ]\d{3}[- ]\d{4}|\d{3}[- ]\d{4}")
_DAY_WORDS = re.compile(
    r"(?<![a-z])(?:exp\w*|issued|until|through|since|valid|born|dob|birth|vence|vencimiento|caduca|"
    r"tel|phone|call|fax|telefono)(?![a-z])[^\d\n]{0,12}$"
)
#: What the bar code on the back of a licence says (AAMVA): the element DAQ is the number.
_BAR_CODE = re.compile(r"(?:ansi\s?\d{6,}|(?<![a-z])daq[a-z0-9]{4,}\s*\n?\s*d[a-c][a-z])")


def social_security(text: str) -> Iterator[Span]:
    """Where a folded text holds a Social Security or taxpayer number, or its last four digits with the rest covered."""
    for found in _SHAPED.finditer(text):
        if _given(found[1], found[3], found[4]):
            yield found.span()
    for found in _COVERED.finditer(text):
        yield found.span()
    for called in _CALLED.finditer(text):
        after = text[called.end() : called.end() + _NEAR + 24]
        nine = _NINE.search(after)
        if nine and nine.start() <= _NEAR and _is_it(after[: nine.start()], nine[0]):
            yield called.end() + nine.start(), called.end() + nine.end()
        start = max(0, called.start() - 24)
        before = text[start : called.start()]
        for nine in _NINE.finditer(before):
            if _is_it("", nine[0]) and re.fullmatch(
                r"[\s(,;:=-]{0,4}(?:is\s+(?:the|my|his|her|their)?\s*)?", before[nine.end() :]
            ):
                yield start + nine.start(), start + nine.end()
        four = _LAST_FOUR.search(text[called.start() : called.end() + _NEAR])
        if four and not re.fullmatch(r"(?:19|20)\d{2}", four[1]):
            yield called.start() + four.start(1), called.start() + four.end(1)


def _given(area: str, group: str, serial: str) -> bool:
    """Whether a number of these three parts can have been given to anybody."""
    return not _NO_ONES.fullmatch(area) and group != "00" and serial != "0000"


def _is_it(between: str, number: str) -> bool:
    digits = re.sub(r"\D", "", number)
    return "\0" not in between and not _ANOTHER.search(between) and _given(digits[:3], digits[3:5], digits[5:])


def licences(text: str) -> Iterator[Span]:
    """Where a folded text holds a driver's licence number."""
    for called in _LICENCE.finditer(text):
        after = text[called.end() : called.end() + _NEAR + 24].partition("\0")[0]
        for number in _PRINTED.finditer(after):
            if number.start() > _NEAR:
                break
            between, shape = after[: number.start()], number[0].strip()
            if _DATE.fullmatch(shape) or _PHONE.fullmatch(shape) or _DAY_WORDS.search(between) or _ANOTHER.search(between):
                continue
            digits, letters = sum(each.isdigit() for each in shape), sum(each.isalpha() for each in shape)
            if shape.startswith("wdl") or digits >= (4 if letters else 6):
                yield called.end() + number.start(), called.end() + number.end()
                break
    for found in _BAR_CODE.finditer(text):
        yield found.span()
