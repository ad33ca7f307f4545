"""The sentences of findings. Each is a template that translators see once, with plain values put in."""

from __future__ import annotations

from staffing.core.evidence import KINDS, Evidence
from staffing.core.facts import CaseView
from staffing.core.findings import Actor, Remedy, Text

NOT_CLEAR = Text("The latest result on record is not clear. A person at the district decides what follows.")
NO_PACK = "No rules for {jurisdiction} are loaded, so nothing can be cleared by rule; a person at the district must decide."
UNDER_REVIEW = (
    "No rule of {jurisdiction} is confirmed yet, so nothing can be cleared by rule; a person at the district must decide."
)
NOT_WAIVABLE = "The waiver {waiver} names '{rule}', which nobody may waive; the rule stands."
NO_OVERLAY = "The district rules '{overlay}' are not loaded, so nothing can be cleared; an administrator must add them."
AGREEMENTS = "Agreements are not evaluated by this version, so a person at the district must check them."

#: Why something held does not count, by the word that ``holdings`` gives.
NOTES = {
    "purpose": "The one on record was issued for another purpose ({purpose}) and cannot be used for this work.",
    "jurisdiction": "The one on record was issued in another place ({jurisdiction}) and does not count here.",
    "holder": "The one on record was issued to another organisation ({holder}) and may not be passed on.",
    "detail": "The one on record is not of the kind that counts here.",
    "too_early": "The one on record, of {issued_on}, was too old when the work began: it counted for a start by {through}.",
    "before_day": "The one on record, of {issued_on}, is from too early a time to count.",
    "not_then": "The one on record, of {issued_on}, was not issued in the time that counts.",
    "undated": "The one on record has no date, so nobody can tell how long it is good.",
    "no_expiry": "The one on record does not say when it ends.",
    "qualified": "The result on record needs a person's decision before it counts.",
    "no_result": "It is on record without a result.",
    "break": "The one on record, of {issued_on}, is from before a break in service so long that it no longer counts.",
    "unknown_day": "Whether the one on record counts depends on {facts}.",
    "not_clear": "The latest result on record is not clear.",
}

_WHO = {
    "person": Actor.PERSON,
    "district": Actor.DISTRICT,
    "partner": Actor.PARTNER,
    "site": Actor.SITE,
    "schedule": Actor.SITE,
}


def about(kind: str) -> str:
    """A kind of evidence in words."""
    return KINDS.get(kind, kind.rpartition(":")[2].replace("_", " "))


def noted(note: str, held: Evidence | None, view: CaseView, unknown: tuple[str, ...] = (), through: object = None) -> Text:
    """Why something held does not count."""
    template = NOTES[note]
    dated = "{issued_on}" in template and held and held.issued_on  # a day that is not told need not be read
    values = {
        "purpose": held.purpose if held else "",
        "jurisdiction": held.jurisdiction if held else "",
        "holder": held.holder if held else "",
        "issued_on": dated.isoformat() if dated else "",
        "through": str(through or ""),
        "facts": labels(unknown, view),
    }
    return Text(template, {key: value for key, value in values.items() if "{" + key + "}" in template})


def plain(words: str) -> Text:
    """A sentence of a pack as a text: pack authors write no placeholders."""
    return Text(words.replace("{", "{{").replace("}", "}}"))


def labels(names: tuple[str, ...], view: CaseView) -> str:
    """Facts in words, joined by commas."""
    return ", ".join((spec.label or spec.name) if (spec := view.specs.get(name)) else name for name in names)


def unknown(names: tuple[str, ...], view: CaseView) -> Text:
    """What is not known."""
    return Text("Not known yet: {facts}.", {"facts": labels(names, view), "names": ", ".join(names)})


def ask(names: tuple[str, ...], view: CaseView) -> Remedy | None:
    """Who can supply the first unknown fact, and the question."""
    for name in names:
        if spec := view.specs.get(name):
            return Remedy(_WHO[spec.asked_of], Text("Answer: {question}", {"question": spec.question}))
    return None
