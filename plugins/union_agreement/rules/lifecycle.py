"""The life of an agreement: which step may follow which, who may take it, and what has to be so first (section 5.2).

Pure: it is given the agreement as it stands and what is on record, and answers with the steps that may be taken or why not.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import msgspec

from .agreement import Agreement
from .in_force import after_expiry
from .profiles import profile
from .records import spoken


class State(enum.StrEnum):
    """Where an agreement stands between being thought of and being history."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    CONSULTING = "consulting"
    IMPASSE = "impasse"
    IMPOSED = "imposed"
    TENTATIVE = "tentative"
    UNION_RATIFICATION = "union_ratification"
    EMPLOYER_RATIFICATION = "employer_ratification"
    APPROPRIATION = "appropriation"
    PARTIALLY_FUNDED = "partially_funded"
    EXECUTED = "executed"
    IN_EFFECT = "in_effect"
    AMENDED = "amended"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    STATUS_QUO = "status_quo"
    EVERGREEN = "evergreen"
    PARTIAL_SURVIVAL = "partial_survival"
    LAPSED = "lapsed"
    SUPERSEDED = "superseded"
    TERMINATED = "terminated"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    VOID = "void"


S = State

#: What each state says to people, in a few words.
WORDS: Mapping[State, str] = {
    S.DRAFT: "Draft",
    S.PROPOSED: "Proposed",
    S.CONSULTING: "In bargaining",
    S.IMPASSE: "At an impasse",
    S.IMPOSED: "Imposed",
    S.TENTATIVE: "Tentative agreement",
    S.UNION_RATIFICATION: "Union ratification",
    S.EMPLOYER_RATIFICATION: "Employer ratification",
    S.APPROPRIATION: "Waiting for money",
    S.PARTIALLY_FUNDED: "Partly funded",
    S.EXECUTED: "Signed",
    S.IN_EFFECT: "In effect",
    S.AMENDED: "Amended",
    S.EXPIRING: "Ending soon",
    S.EXPIRED: "Ended",
    S.STATUS_QUO: "Ended; terms frozen",
    S.EVERGREEN: "Ended; goes on (evergreen)",
    S.PARTIAL_SURVIVAL: "Ended; goes on in part",
    S.LAPSED: "Lapsed",
    S.SUPERSEDED: "Replaced",
    S.TERMINATED: "Terminated",
    S.REJECTED: "Rejected",
    S.WITHDRAWN: "Withdrawn",
    S.VOID: "Void",
}

#: States in which the text may still be changed.
OPEN_TEXT = frozenset({S.DRAFT, S.PROPOSED, S.CONSULTING, S.IMPASSE})
#: States that only its own side sees.
OWN_SIDE = frozenset({S.DRAFT})
#: States that time brings and nobody chooses.
BY_ITSELF = frozenset({S.EXPIRING, S.EXPIRED, S.STATUS_QUO, S.EVERGREEN, S.PARTIAL_SURVIVAL, S.LAPSED, S.IN_EFFECT})
_LIVING = frozenset({S.IN_EFFECT, S.EXPIRING, S.AMENDED, S.PARTIALLY_FUNDED, S.EXECUTED, S.IMPOSED})
_AFTER = frozenset({S.STATUS_QUO, S.EVERGREEN, S.PARTIAL_SURVIVAL})

_STEPS: Mapping[State, tuple[State, ...]] = {
    S.DRAFT: (S.PROPOSED, S.WITHDRAWN),
    S.PROPOSED: (S.CONSULTING, S.WITHDRAWN),
    S.CONSULTING: (S.TENTATIVE, S.IMPASSE, S.WITHDRAWN),
    S.IMPASSE: (S.CONSULTING, S.TENTATIVE, S.IMPOSED),
    S.TENTATIVE: (S.UNION_RATIFICATION,),
    S.UNION_RATIFICATION: (S.EMPLOYER_RATIFICATION, S.REJECTED),
    S.EMPLOYER_RATIFICATION: (S.APPROPRIATION, S.EXECUTED, S.REJECTED),
    S.APPROPRIATION: (S.EXECUTED, S.PARTIALLY_FUNDED, S.REJECTED),
    S.PARTIALLY_FUNDED: (S.IN_EFFECT,),
    S.EXECUTED: (S.IN_EFFECT,),
    S.IMPOSED: (S.IN_EFFECT,),
    S.REJECTED: (S.CONSULTING, S.WITHDRAWN),
    S.EXPIRED: (S.STATUS_QUO, S.EVERGREEN, S.PARTIAL_SURVIVAL, S.LAPSED),
}


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement as far as its next step asks: its text, its state, who drafted it, and what is on record.

    ``signed`` are roles that have signed, ``votes`` results by body (``{"for": 120, "against": 40}``, never ballots),
    ``told`` what has been recorded as done (``sunshine``, ``cost_disclosure``, ``counsel_signed_off``, ``notice_served`` …).
    """

    agreement: Agreement
    state: State
    side: str
    signed: frozenset[str] = frozenset()
    votes: Mapping[str, Mapping[str, int]] = {}
    told: frozenset[str] = frozenset()


class Possible(msgspec.Struct, frozen=True, kw_only=True):
    """A step that may be taken, by whom (``district``, ``union``, or both), or a sentence for each thing still lacking."""

    to: State
    sides: tuple[str, ...]
    lacking: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether nothing is lacking."""
        return not self.lacking


def steps(now: Standing, on: date) -> tuple[Possible, ...]:
    """Every step that could follow, with what each still lacks. Those that time brings are left out (``by_itself``)."""
    wanted = [to for to in _STEPS.get(now.state, ()) if to not in BY_ITSELF]
    if now.state in _LIVING | _AFTER:
        wanted += [S.AMENDED, S.SUPERSEDED, S.TERMINATED]
    if now.state not in OPEN_TEXT | {S.WITHDRAWN, S.VOID, S.REJECTED}:
        wanted.append(S.VOID)
    return tuple(_possible(now, to, on) for to in wanted)


def step(now: Standing, to: State, side: str, on: date) -> tuple[str, ...]:
    """Why a side may not take this step; empty if it may."""
    found = [one for one in steps(now, on) if one.to is to]
    if not found:
        follows = ", ".join(WORDS[one.to].lower() for one in steps(now, on)) or "nothing"
        return (f"“{WORDS[to]}” cannot follow “{WORDS[now.state]}”. What can follow: {follows}.",)
    if side not in found[0].sides:
        return (f"The {' or the '.join(found[0].sides)} takes this step, not the {side}.",)
    return found[0].lacking


def _possible(now: Standing, to: State, on: date) -> Possible:
    check = _GUARDS.get(to)
    sides, lacking = check(now, on) if check else (("district", "union"), [])
    return Possible(to=to, sides=tuple(sides), lacking=tuple(lacking))


Guarded = tuple[Iterable[str], list[str]]
_BOTH = ("district", "union")


def _proposed(now: Standing, on: date) -> Guarded:
    lacking = []
    if not now.agreement.units:
        lacking.append("Name the bargaining unit it is for.")
    if not now.agreement.clauses:
        lacking.append("It has no clause yet.")
    if profile(now.agreement.jurisdiction).sunshine_required and "sunshine" not in now.told:
        lacking.append("Record the public meeting at which the proposal was presented (Cal. Gov. Code §3547).")
    return (now.side,), lacking


def _tentative(now: Standing, on: date) -> Guarded:
    lacking = [
        f"The lead negotiator of the {side} has not signed."
        for side in _BOTH
        if not any(one in now.signed for one in (*now.agreement.signers(side), f"{side}_lead_negotiator"))
    ]
    place = profile(now.agreement.jurisdiction)
    if place.max_term_years is not None and _too_long(now.agreement, place.max_term_years):
        lacking.append(f"Here an agreement lasts at most {place.max_term_years} years. Shorten it. ({place.cite})")
    return _BOTH, lacking


def _too_long(agreement: Agreement, years: int) -> bool:
    last = agreement.ends.on
    if last is None:
        return not agreement.ends.events
    limit = date(agreement.since.year + years, agreement.since.month, min(agreement.since.day, 28))
    return last > limit


def _imposed(now: Standing, on: date) -> Guarded:
    return ("district",), [] if "counsel_signed_off" in now.told else ["Counsel has to sign off first; record it."]


def _union_ratification(now: Standing, on: date) -> Guarded:
    return ("union",), []


def _employer_ratification(now: Standing, on: date) -> Guarded:
    return ("union",), _vote(now, "union", "Record the members' vote, or that the union delegated the authority.")


def _vote(now: Standing, body: str, says: str) -> list[str]:
    if f"{body}_delegated" in now.told:
        return []
    result = now.votes.get(body)
    if result is None:
        return [says]
    if result.get("for", 0) <= result.get("against", 0):
        return [f"The vote was {result.get('for', 0)} for and {result.get('against', 0)} against: it was not carried."]
    return []


def _board(now: Standing) -> list[str]:
    lacking = _vote(now, "board", "Record the board's vote.")
    if profile(now.agreement.jurisdiction).sunshine_required and "cost_disclosure" not in now.told:
        lacking.append("Record the cost disclosure at a public meeting (Cal. Gov. Code §3547.5).")
    return lacking


def _appropriation(now: Standing, on: date) -> Guarded:
    lacking = _board(now)
    if now.agreement.funding is None:
        lacking.append("It names no body whose money it waits for.")
    return ("district",), lacking


def _executed(now: Standing, on: date) -> Guarded:
    lacking = _board(now) if now.state is S.EMPLOYER_RATIFICATION else []
    funding = now.agreement.funding
    if funding is not None and funding.status != "appropriated" and "appropriated" not in now.told:
        lacking.append(f"It waits for money from {spoken(funding.body)}.")
    return ("district",), lacking + _unsigned(now)


def _unsigned(now: Standing) -> list[str]:
    wanted = [one.role for one in now.agreement.signatories if one.side != "third" and one.role not in now.signed]
    return [f"Not signed yet: {spoken(role)}." for role in wanted]


def _partially_funded(now: Standing, on: date) -> Guarded:
    return ("district",), _unsigned(now)


def _superseded(now: Standing, on: date) -> Guarded:
    return _BOTH, ["A later version takes its place once both sides have signed it: make a new version."]


def _terminated(now: Standing, on: date) -> Guarded:
    return _BOTH, [] if "notice_served" in now.told else ["Record the right to end it, and the day on which notice was served."]


def _void(now: Standing, on: date) -> Guarded:
    return _BOTH, [] if "tribunal_decision" in now.told else ["Record which tribunal or court declared it void, and when."]


def _withdrawn(now: Standing, on: date) -> Guarded:
    return (now.side,), []


def _rejected(now: Standing, on: date) -> Guarded:
    return ("union",) if now.state is S.UNION_RATIFICATION else ("district",), []


_GUARDS = {
    S.PROPOSED: _proposed,
    S.TENTATIVE: _tentative,
    S.IMPOSED: _imposed,
    S.UNION_RATIFICATION: _union_ratification,
    S.EMPLOYER_RATIFICATION: _employer_ratification,
    S.APPROPRIATION: _appropriation,
    S.EXECUTED: _executed,
    S.PARTIALLY_FUNDED: _partially_funded,
    S.SUPERSEDED: _superseded,
    S.TERMINATED: _terminated,
    S.VOID: _void,
    S.WITHDRAWN: _withdrawn,
    S.REJECTED: _rejected,
}

#: Days before the end at which both sides are told (composed defaults of the research note).
REMINDERS = (180, 90, 30)


def by_itself(agreement: Agreement, state: State, on: date, happened: Mapping[str, Any]) -> State:
    """The state that time has brought an agreement to by a day: in effect, ending soon, ended and what follows here."""
    if state not in _LIVING | _AFTER | {S.EXPIRED, S.LAPSED}:
        return state
    last = agreement.ends.last_day({**agreement.happened, **happened})
    if on < agreement.since:
        return state if state in {S.EXECUTED, S.IMPOSED, S.PARTIALLY_FUNDED} else S.EXECUTED
    if last is not None and on > last:
        return _FOLLOWS[after_expiry(agreement)]
    if last is not None and (last - on).days < max(REMINDERS):
        return S.EXPIRING
    return state if state in {S.AMENDED, S.PARTIALLY_FUNDED, S.IMPOSED} else S.IN_EFFECT


_FOLLOWS = {
    "sunsets": S.EXPIRED,
    "lapsed": S.LAPSED,
    "evergreen": S.EVERGREEN,
    "status_quo": S.STATUS_QUO,
    "partial_survival": S.PARTIAL_SURVIVAL,
    "per_clause": S.PARTIAL_SURVIVAL,
}
