"""The form of an individualised assessment: factors, ratings and reasons, never what a record says.

The three factors are those of EEOC Guidance 915.002 (April 25, 2012), V.B.6; what it adds to weigh is asked for as what speaks
for the person. Illinois asks six (775 ILCS 5/2-103.1). A bar that the law itself sets is a branch of its own: it is cited, and
nothing is weighed.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Collection
from datetime import date

import msgspec

from staffing.api import calendar

#: Kinds of offences, coarse on purpose: enough to weigh against duties, too little to tell what happened.
CLASSES: dict[str, str] = {
    "against_child": "Against a child",
    "against_person": "Against a person",
    "sexual": "Sexual",
    "weapons": "Weapons",
    "drugs": "Drugs or alcohol",
    "driving": "Driving",
    "money": "Money or fraud",
    "property": "Property",
    "public_order": "Public order",
    "other": "Something else",
}
STANDINGS: dict[str, str] = {
    "conviction": "A conviction",
    "pending": "A case that is not decided",
    "arrest_only": "An arrest without a conviction",
}
RATINGS: dict[str, str] = {"for": "Speaks for them", "neutral": "Neither", "against": "Speaks against them"}
FACTORS: dict[str, str] = {
    "nature": "Nature and gravity of what happened",
    "time": "Time passed since it happened, or since the sentence was completed",
    "job": "Nature of the work",
}
#: 775 ILCS 5/2-103.1 (B).
ILLINOIS: dict[str, str] = {
    "il_time": "Length of time since the conviction",
    "il_number": "Number of convictions that appear",
    "il_nature": "Nature and severity, and how it relates to the safety and security of others",
    "il_facts": "Facts or circumstances surrounding it",
    "il_age": "Age at the time of the conviction",
    "il_rehabilitation": "Evidence of rehabilitation efforts",
}
CONTACT: dict[str, str] = {
    "none": "None",
    "incidental": "Now and then",
    "supervised": "Regular, in sight of staff",
    "alone": "Alone with children",
}
#: Further factors a timer may ask for, by the key it uses.
FURTHER: dict[str, dict[str, str]] = {"us_il": ILLINOIS}
#: What the person may bring that speaks for them (EEOC Guidance 915.002, V.B.9).
MITIGATION: dict[str, str] = {
    "circumstances": "What the circumstances were",
    "number": "Only one thing, or few",
    "age": "How old they were then, or when released",
    "same_work": "The same kind of work since, without incident",
    "education": "School or training since",
    "work_history": "Work since",
    "references": "References from employers or others who know them",
    "treatment": "A programme or treatment completed",
    "report_wrong": "The report is wrong",
    "other": "Something else",
}
OUTCOMES: dict[int, dict[str, str]] = {
    1: {
        "eligible": "Eligible",
        "eligible_with_conditions": "Eligible, with conditions",
        "may_deny": "We may say no: tell the person and let them answer",
    },
    2: {
        "eligible": "Eligible",
        "eligible_with_conditions": "Eligible, with conditions",
        "deny": "Not eligible",
    },
}
CONDITIONS: dict[str, str] = {
    "in_sight": "Only in sight of staff",
    "on_campus": "Only on campus",
    "no_driving": "No driving",
    "no_money": "No handling of money",
}
_REF = re.compile(r"item ([1-9]|[1-4]\d)")
#: The longest reason, in letters.
LONGEST = 1000
_AGAINST = frozenset({"may_deny", "deny"})


class Contact(enum.StrEnum):
    """How close the work is to children."""

    NONE = "none"
    INCIDENTAL = "incidental"
    SUPERVISED = "supervised"
    ALONE = "alone"


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing on the report, by its number on the copy the person has. ``standing`` is a key of ``STANDINGS``."""

    ref: str
    offence: str
    standing: str
    happened_on: date | None = None
    sentence_ended_on: date | None = None


class Weighed(msgspec.Struct, frozen=True, kw_only=True):
    """A factor as weighed."""

    rating: str
    reason: str


class Duties(msgspec.Struct, frozen=True, kw_only=True):
    """What the work is: how close to children, whether in sight of staff, driving, money, and what is done."""

    contact: str
    in_sight: bool = False
    driving: bool = False
    money: bool = False
    tasks: tuple[str, ...] = ()


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """An assessment. ``bar`` is the citation of a law that leaves no choice; ``related`` whether there is a direct and adverse
    relationship between the items and the work. ``short``: the second one where nothing came from the person."""

    duties: Duties
    outcome: str
    items: tuple[Item, ...] = ()
    bar: str = ""
    factors: dict[str, Weighed] = {}
    mitigation: tuple[str, ...] = ()
    related: bool | None = None
    related_reason: str = ""
    conditions: tuple[str, ...] = ()
    reason: str = ""
    short: bool = False


def years_elapsed(item: Item, on: date) -> int | None:
    """Whole years since the sentence was completed or, without one, since it happened; None where no day is known."""
    since = item.sentence_ended_on or item.happened_on
    return calendar.years_between(since, on) if since else None


def factors_asked(further: Collection[str] = ()) -> dict[str, str]:
    """The factors to weigh, by key: the three, and those that a place adds."""
    return FACTORS | {key: words for name in further for key, words in FURTHER.get(name, {}).items()}


def texts(form: Form) -> dict[str, str]:
    """Every text somebody typed, by its field, for the scanner of what is never kept."""
    found = {"bar": form.bar, "related_reason": form.related_reason, "reason": form.reason}
    found |= {f"{key}_reason": weighed.reason for key, weighed in form.factors.items()}
    return {name: text for name, text in found.items() if text}


def problems(form: Form, number: int, on: date, further: Collection[str] = ()) -> dict[str, str]:
    """What is wrong with a form, by field, in sentences; empty for one that can be kept."""
    says: dict[str, str] = {}
    if form.duties.contact not in CONTACT:
        says["contact"] = "Say how close the work is to children."
    if form.outcome not in OUTCOMES[number]:
        says["outcome"] = "Say what comes of the assessment."
    says |= _items(form, on)
    says |= _conditions(form)
    for name, text in texts(form).items():
        if len(text) > LONGEST:
            says[name] = f"This is too long: at most {LONGEST} letters. Name what was weighed, not what the report says."
    if form.short:
        if not form.reason:
            says["reason"] = "Say in a sentence why it stays as it was."
    else:
        says |= _weighed(form, further)
    if form.outcome in _AGAINST:
        says |= _against(form)
    return says


def _items(form: Form, on: date) -> dict[str, str]:
    says: dict[str, str] = {}
    for place, item in enumerate(form.items, 1):
        what = item.ref or f"line {place}"
        if not _REF.fullmatch(item.ref):
            says[f"ref_{place}"] = (
                f"Call line {place} by its number on the report: item 1, item 2. Nothing of what the report says is written here."
            )
        if item.offence not in CLASSES:
            says[f"offence_{place}"] = f"Say which kind {what} is."
        if item.standing not in STANDINGS:
            says[f"standing_{place}"] = f"Say whether {what} is a conviction, a case that is not decided, or an arrest alone."
        for name, day in (("happened_on", item.happened_on), ("sentence_ended_on", item.sentence_ended_on)):
            if day is not None and day > on:
                says[f"{name}_{place}"] = f"A day of {what} has not come yet: {day}."
        if item.happened_on and item.sentence_ended_on and item.sentence_ended_on < item.happened_on:
            says[f"sentence_ended_on_{place}"] = f"The sentence of {what} cannot have ended before it happened."
    refs = [item.ref for item in form.items]
    if len(set(refs)) < len(refs):
        says["items"] = "Two lines name the same item."
    return says


def _conditions(form: Form) -> dict[str, str]:
    unknown = [code for code in form.conditions if code not in CONDITIONS]
    if unknown:
        return {"conditions": f"There is no condition {unknown[0]}."}
    if form.outcome == "eligible_with_conditions" and not form.conditions:
        return {"conditions": "Tick at least one condition, or choose Eligible."}
    if form.outcome != "eligible_with_conditions" and form.conditions:
        return {"conditions": "Conditions belong to an eligible answer with conditions. Choose that, or untick them."}
    return {}


def _weighed(form: Form, further: Collection[str]) -> dict[str, str]:
    """Where the law itself bars, nothing is weighed."""
    if form.bar:
        return {}
    says: dict[str, str] = {}
    if not form.items:
        says["items"] = "Name what was weighed by its number on the report: item 1."
    for key, words in factors_asked(further).items():
        weighed = form.factors.get(key)
        if weighed is None or weighed.rating not in RATINGS:
            says[f"{key}_rating"] = f"{words}: say whether it speaks for or against them."
        elif not weighed.reason:
            says[f"{key}_reason"] = f"{words}: say why, in a sentence."
    if form.related is None:
        says["related"] = "Say whether there is a direct and adverse relationship to the work."
    elif not form.related_reason:
        says["related_reason"] = "Say in a sentence why there is, or is not, a direct relationship to the work."
    unknown = [code for code in form.mitigation if code not in MITIGATION]
    if unknown:
        says["mitigation"] = f"There is nothing by the name {unknown[0]}."
    return says


def _against(form: Form) -> dict[str, str]:
    counted = [item for item in form.items if item.standing != "arrest_only"]
    if form.items and not counted:
        return {"outcome": "An arrest without a conviction alone never counts against anybody. Choose an eligible answer."}
    if form.bar or form.short:
        return {} if counted or form.short else {"items": "Name the item that the law bars by its number on the report: item 1."}
    if form.related is False:
        return {"outcome": "Without a direct and adverse relationship to the work there is no ground to say no."}
    return {}
