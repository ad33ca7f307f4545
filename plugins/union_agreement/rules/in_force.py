"""How far an agreement, and each of its clauses, stands on a day: in effect, frozen, surviving in part, or gone.

After expiry the place decides (section 5.3): "expired, so ignore it" is wrong, and so is "expired, yet still binding".
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import msgspec

from staffing.api import Text

from .agreement import Agreement
from .clause import AfterExpiry, Clause
from .profiles import profile


class Mode(enum.StrEnum):
    """R9: how far a clause binds."""

    BINDING = "binding"
    STATUS_QUO = "status_quo"
    PARTIAL = "partial"
    ADVISORY = "advisory"
    NONE = "none"


#: States of the lifecycle in which nothing binds yet, or any more.
WITHOUT_EFFECT = {
    "draft": "It is a draft.",
    "proposed": "It is a proposal; nothing is agreed.",
    "consulting": "It is being bargained; nothing is agreed.",
    "impasse": "Bargaining is at an impasse; nothing is agreed.",
    "tentative": "It is a tentative agreement and not ratified.",
    "union_ratification": "The union's ratification is still to come.",
    "employer_ratification": "The employer's ratification is still to come.",
    "appropriation": "The money is not appropriated yet.",
    "rejected": "It was rejected.",
    "withdrawn": "It was withdrawn.",
    "superseded": "A later agreement took its place.",
    "terminated": "It was terminated.",
    "void": "A tribunal or court declared it void. What was decided under it stays explained.",
}
#: States in which it stands as long as its days say; what follows the last day is worked out.
AFTER_ITS_END = frozenset({"expired", "status_quo", "evergreen", "partial_survival", "lapsed"})


class Stands(msgspec.Struct, frozen=True, kw_only=True):
    """How an agreement stands on a day. ``after`` is what it turns into once it has ended; empty before."""

    state: str
    mode: Mode
    why: Text
    last_day: date | None = None
    changes_on: date | None = None
    after: str = ""


def events(agreement: Agreement, happened: Mapping[str, Any]) -> dict[str, Any]:
    """The days of events: those told with the agreement, then those told of the site."""
    return {**agreement.happened, **happened}


def stands(agreement: Agreement, on: date, happened: Mapping[str, Any] = {}) -> Stands:
    """How an agreement stands on a day, by its days, its state and its place."""
    last = agreement.ends.last_day(events(agreement, happened))
    if (why := WITHOUT_EFFECT.get(agreement.status)) is not None:
        return Stands(state=agreement.status, mode=Mode.NONE, why=Text(why), last_day=last)
    if on < agreement.since:
        text = Text("It begins on {day}.", {"day": agreement.since.isoformat()})
        return Stands(state="executed", mode=Mode.NONE, why=text, last_day=last, changes_on=agreement.since)
    if last is None or on <= last:
        text = Text("It is in effect.") if last is None else Text("It is in effect through {day}.", {"day": last.isoformat()})
        next_day = None if last is None else last + timedelta(days=1)
        return Stands(state="in_effect", mode=Mode.BINDING, why=text, last_day=last, changes_on=next_day)
    return _ended(agreement, last)


def _ended(agreement: Agreement, last: date) -> Stands:
    after = after_expiry(agreement)
    says = {
        "sunsets": "It ended on {day} by its own terms.",
        "lapsed": "It ended on {day} and lapsed: here an ended memorandum binds nobody.",
        "evergreen": "It ended on {day} and goes on by its evergreen clause until a new one is made.",
        "status_quo": "It ended on {day}. Its terms are frozen as they were while the parties bargain.",
        "partial_survival": "It ended on {day}. Only some of its terms go on.",
        "per_clause": "It ended on {day}. Only clauses that say so go on.",
    }[after]
    mode = {
        "sunsets": Mode.NONE,
        "lapsed": Mode.NONE,
        "evergreen": Mode.BINDING,
        "status_quo": Mode.STATUS_QUO,
        "partial_survival": Mode.PARTIAL,
        "per_clause": Mode.PARTIAL,
    }[after]
    return Stands(state=after, mode=mode, why=Text(says, {"day": last.isoformat()}), last_day=last, after=after)


def after_expiry(agreement: Agreement) -> str:
    """What an agreement turns into when it has ended: as it says itself, as far as its place allows."""
    place = profile(agreement.jurisdiction)
    wanted = agreement.after_expiry
    if wanted == "sunsets":
        return "sunsets"
    if place.after_expiry == "lapsed" or wanted == "lapsed":
        return "lapsed"
    if wanted == "evergreen":
        return "evergreen" if agreement.evergreen_clause and place.evergreen else place.after_expiry
    if wanted in {"partial_survival", "per_clause"}:
        return wanted
    return place.after_expiry


def mode_of(clause: Clause, agreement: Agreement, stands: Stands) -> Mode:
    """How far one clause of an agreement binds."""
    if stands.mode in {Mode.BINDING, Mode.NONE} and not stands.after:
        return stands.mode
    if stands.state in WITHOUT_EFFECT:
        return Mode.NONE
    if clause.after_expiry is AfterExpiry.SUNSETS:
        return Mode.NONE
    if clause.after_expiry is AfterExpiry.SURVIVES:
        return Mode.STATUS_QUO
    if stands.after == "partial_survival":
        return Mode.PARTIAL if clause.type in profile(agreement.jurisdiction).survives else Mode.NONE
    if stands.after == "per_clause":
        return Mode.NONE
    return stands.mode


def inactive(clause: Clause, agreement: Agreement, on: date) -> Text | None:
    """Why a clause of an agreement in effect does not count, if it does not: a condition that is not met, no money."""
    if not clause.funded and (agreement.funding is None or agreement.funding.status != "appropriated"):
        body = agreement.funding.body if agreement.funding else "the funding body"
        return Text("It waits for money from {body}.", {"body": body.replace("_", " ")})
    condition = clause.condition
    if condition is not None and condition.status != "met":
        words = {"event": condition.event.replace("_", " "), "by": condition.by.isoformat() if condition.by else ""}
        if condition.by is not None and on > condition.by:
            return Text("It never came to count: {event} did not happen by {by}.", words)
        return Text("It waits for a condition: {event}.", words)
    return None
