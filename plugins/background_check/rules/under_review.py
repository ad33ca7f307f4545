"""Work waits while a check of somebody is looked at again: nobody is turned away by it, and nobody goes on unseen."""

from __future__ import annotations

from datetime import date

from staffing.api import Actor, Case, Effect, FactUsed, Finding, Layer, Remedy, State, Text

#: A fact of a person, set by ``staffing.api.tell_of_person``: why their work waits, as a key of ``WHY``; absent when it does not.
FACT = "check_under_review"
RULE = "background_check.under_review"

#: Why work waits, and who has the next move.
WHY: dict[str, tuple[str, Actor]] = {
    "answering": ("The person has been asked to answer before the district decides about a check.", Actor.PERSON),
    "deciding": ("The district is deciding about a check.", Actor.DISTRICT),
    "flag": ("Word came that something may have changed since the check. The district is looking at it.", Actor.DISTRICT),
}


def findings_of(case: Case, on: date) -> list[Finding]:
    """A holding finding for somebody under review, else nothing."""
    why = case.person.get(FACT)
    if not why:
        return []
    reason, who = WHY.get(str(why), WHY["deciding"])
    return [
        Finding(
            rule=RULE,
            title="Decision about a check",
            layer=Layer.DISTRICT_POLICY,
            state=State.PENDING,
            effect=Effect.HOLD,
            reason=Text(reason),
            citation="The district's policy on background checks",
            confidence="high",
            jurisdiction=case.jurisdiction,
            facts=(FactUsed(f"person.{FACT}", why, "the district"),),
            remedy=Remedy(who, Text("Nobody is turned away meanwhile. The district decides, and writes what comes next.")),
            purpose="A person may answer before a check counts against them, and children are not left with an open question.",
            clearance=True,
            plugin="background_check",
        )
    ]
