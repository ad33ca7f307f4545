"""Deciding together: a joint body's meeting, and the union's written concurrence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Literal

import msgspec

from staffing.api import Actor, Effect, calendar

from ..agreement import as_day
from ..answers import NOT_APPLICABLE, Answer, act, satisfied, violated
from ..clause import Clause
from ..clause_type import ClauseType, ParamsError
from ..facts import Facts
from ..records import counts_from, counts_through, day_after, not_counted, soonest, spoken


class Composition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Seats of each side."""

    district: int
    union: int


class Deadline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many days of a kind after the request."""

    n: int
    unit: Literal["calendar", "work", "school"] | None = None

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ParamsError("deadline", "A deadline is at least one day.")
        if self.unit is None:
            raise ParamsError("deadline", "A count of days needs its kind: unit: calendar, work or school.")


class JointConsultation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``body`` is asked first. ``decision_rule`` says how it decides (``advisory``: meeting is enough)."""

    body: str
    composition: Composition | None = None
    decision_rule: Literal["majority", "majority_each_side", "consensus", "advisory"] = "advisory"
    deadline: Deadline | None = None
    default_if_silent: Literal["proceed", "hold"] = "hold"


def joint_consultation(params: JointConsultation, facts: Facts, clause: Clause) -> Answer:
    """Whether the body has met about this, or decided for it by its rule.

    ``context.consultations`` (or ``meeting_record``) holds ``{clause | body, held_on, requested_on, present: {district, union},
    votes: {district: {for, against}, union: {for, against}}, conflicts: n}``. A member with a conflict of interest is not
    counted by those who keep the record. Consultation is not consent: under ``advisory`` the meeting suffices.
    """
    body = spoken(params.body)
    for row in _meetings(params, facts, clause):
        held = as_day(row.get("held_on") or row.get("date"))
        if held is None or held > facts.on:
            continue
        outcome = _decided(params, row)
        if outcome is None:
            return satisfied("The {body} met on {day}.", body=body, day=held)
        if outcome:
            return satisfied("The {body} decided for it on {day}.", body=body, day=held)
        return violated(
            "The {body} met on {day} and did not decide for it.",
            remedy=act(Actor.DISTRICT, "Bring it to the {body} again, or change the plan.", body=body),
            records=True,
            body=body,
            day=held,
        )
    return _silent(params, facts, body)


def _meetings(params: JointConsultation, facts: Facts, clause: Clause) -> list[Mapping[str, Any]]:
    rows = (*facts.rows("consultations"), *facts.rows("meeting_record"))
    ours = [row for row in rows if row.get("clause") in (None, clause.id) and row.get("body") in (None, params.body)]
    return sorted(ours, key=lambda row: str(row.get("held_on") or row.get("date") or ""), reverse=True)


def _decided(params: JointConsultation, row: Mapping[str, Any]) -> bool | None:
    """Whether the body's rule was met; None where meeting is enough. One side without a quorum decides nothing."""
    present = row.get("present")
    if params.composition is not None and isinstance(present, Mapping):
        for side, seats in (("district", params.composition.district), ("union", params.composition.union)):
            if 2 * int(present.get(side, 0)) <= seats:
                return False
    if params.decision_rule == "advisory":
        return None
    votes = row.get("votes") or row.get("vote_by_side")
    if not isinstance(votes, Mapping):
        return False
    sides = [(_votes(votes, side, "for"), _votes(votes, side, "against")) for side in ("district", "union")]
    if params.decision_rule == "consensus":
        return all(against == 0 for _, against in sides) and any(yes for yes, _ in sides)
    if params.decision_rule == "majority_each_side":
        return all(yes > against for yes, against in sides)
    return sum(yes for yes, _ in sides) > sum(against for _, against in sides)


def _votes(votes: Mapping[str, Any], side: str, way: str) -> int:
    told = votes.get(side)
    return int(told.get(way, 0)) if isinstance(told, Mapping) else 0


def _silent(params: JointConsultation, facts: Facts, body: str) -> Answer:
    """Nothing is on record. After the deadline the default counts, where there is one."""
    asked = facts.day("request_date")
    if params.deadline is not None and asked is not None and asked <= facts.on:
        last = facts.days_after(asked, params.deadline.n, calendar.DayKind(params.deadline.unit or "calendar"))
        if facts.on > last and params.default_if_silent == "proceed":
            return satisfied(
                "The {body} was asked on {day} and did not answer by {last}; the agreement lets it go on.",
                body=body,
                day=asked,
                last=last,
            )
        after = last + timedelta(days=1) if params.default_if_silent == "proceed" else None
        return violated(
            "The {body} was asked on {day} and has not met about this.",
            remedy=act(Actor.DISTRICT, "Wait for the {body}, at most until {last}.", body=body, last=last),
            changes_on=after if after and after > facts.on else None,
            records=True,
            body=body,
            day=asked,
        )
    return violated(
        "The {body} has not met about this.",
        remedy=act(Actor.DISTRICT, "Ask the {body}, and record the meeting.", body=body),
        records=True,
        body=body,
    )


# --- written concurrence ---


class Covers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a letter of concurrence covers."""

    sites: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    headcount: int | None = None
    since: date | None = msgspec.field(default=None, name="from")
    to: date | None = None


class UnionConcurrence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The representative's written agreement, or under ``consultation`` only having been asked, is a precondition."""

    form: Literal["letter", "email", "signed_form"] = "letter"
    signer_role: str = ""
    covers: Covers | None = None
    trigger: Literal["same_or_similar_work_at_sponsor", "inconsistent_with_cba", "waiver_application"] = (
        "same_or_similar_work_at_sponsor"
    )
    mode: Literal["concurrence", "consultation"] = "concurrence"


def union_concurrence(params: UnionConcurrence, facts: Facts, clause: Clause) -> Answer:
    """Whether a letter on record covers this site, role, day and number of people.

    A clause that names what its letter covers is that letter's scope: outside of it a new one is needed. Otherwise the trigger is
    asked: ``similar_work_represented`` (or ``inconsistent_with_cba``). ``context.concurrences`` (or ``concurrence_document``)
    holds ``{clause, signer_role | role, form, signed_on, expires_on, holds_office, sites, roles, headcount, from, to, mode}``.
    """
    if params.covers is None and params.trigger != "waiver_application":
        fact = "similar_work_represented" if params.trigger == "same_or_similar_work_at_sponsor" else "inconsistent_with_cba"
        if facts.need(fact) is False:
            return NOT_APPLICABLE
    role = params.signer_role or "union_president"
    refused: list[str] = []
    begins: date | None = None
    for row in _letters(facts, clause):
        if str(row.get("signer_role") or row.get("role") or "") != role and params.signer_role:
            refused.append(f"A letter is by the {spoken(str(row.get('signer_role') or row.get('role') or 'nobody named'))}.")
            continue
        if row.get("mode") == "consultation" and params.mode == "concurrence":
            refused.append("A record of consultation is not consent.")
            continue
        own = {**_scope(params.covers), **{k: v for k, v in row.items() if v is not None}}
        why = not_counted({**own, "role": role}, facts)
        if why is None:
            return satisfied(
                "The {role} agreed in writing on {day}.",
                role=spoken(role),
                day=as_day(row.get("signed_on") or row.get("signed_at") or row.get("date")) or facts.on,
                changes_on=day_after(counts_through(own)),
            )
        refused.append(str(why))
        begins = soonest(begins, counts_from(own, facts.on))
    what = "agreed in writing" if params.mode == "concurrence" else "been consulted"
    return violated(
        "The {role} has not {what} for this placement. {why}",
        remedy=act(
            Actor.UNION,
            "Ask the {role} for a {form} that covers this site, role, day and number.",
            role=spoken(role),
            form=spoken(params.form),
        ),
        changes_on=begins,
        records=True,
        role=spoken(role),
        what=what,
        why=" ".join(refused),
    )


def _letters(facts: Facts, clause: Clause) -> list[Mapping[str, Any]]:
    rows = (*facts.rows("concurrences"), *facts.rows("concurrence_document"))
    of_law = clause.id.startswith("LAW.")  # a letter given under an agreement is one under the law that asks for it, too
    return [row for row in rows if row.get("clause") in (None, clause.id) or (of_law and "LAW." not in str(row["clause"]))]


def _scope(covers: Covers | None) -> dict[str, Any]:
    if covers is None:
        return {}
    told = {"sites": covers.sites, "roles": covers.roles, "headcount": covers.headcount, "from": covers.since, "to": covers.to}
    return {name: value for name, value in told.items() if value}


def _words_consultation(params: JointConsultation) -> str:
    rule = {
        "majority": "decides by majority",
        "majority_each_side": "decides by a majority of each side",
        "consensus": "decides by consensus",
        "advisory": "is heard",
    }[params.decision_rule]
    silent = "" if params.default_if_silent == "hold" else " If it is silent past the deadline, the work may go on."
    return f"The {spoken(params.body)} {rule} before the work begins.{silent}"


def _words_concurrence(params: UnionConcurrence) -> str:
    signer = spoken(params.signer_role or "union president")
    if params.mode == "consultation":
        return f"The {signer} is consulted before the work begins."
    covers = params.covers
    limits = "" if covers is None or covers.headcount is None else f", for at most {covers.headcount} people"
    sites = f" at {', '.join(map(spoken, covers.sites))}" if covers and covers.sites else ""
    return f"The {signer} agrees in writing before the work begins{sites}{limits}."


TYPES = (
    ClauseType(
        name="joint_consultation",
        params=JointConsultation,
        check=joint_consultation,
        effect=Effect.NEEDS_COSIGN,
        meaning="Meet, or get a joint body's decision, before acting.",
        words=_words_consultation,
        facts=(
            "consultations",
            "meeting_record",
            "vote_by_side",
            "request_date",
            "conflict_of_interest_declarations",
            "calendars",
            "closed_days",
        ),
    ),
    ClauseType(
        name="union_concurrence",
        params=UnionConcurrence,
        check=union_concurrence,
        effect=Effect.NEEDS_COSIGN,
        meaning="Written agreement of the exclusive representative is a legal precondition.",
        words=_words_concurrence,
        facts=(
            "similar_work_represented",
            "inconsistent_with_cba",
            "concurrence_document",
            "concurrences",
            "covered_sites",
            "covered_headcount",
            "document_dates",
        ),
    ),
)
