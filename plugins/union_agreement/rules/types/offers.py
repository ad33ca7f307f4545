"""The work is posted and offered to members of the unit before anyone else."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Literal

import msgspec

from staffing.api import Actor, Effect, calendar

from ..agreement import as_day
from ..answers import NOT_APPLICABLE, Answer, Unknown, act, satisfied, undecided, violated
from ..clause import ROLES, Clause
from ..clause_type import ClauseType, ParamsError
from ..exact import fraction, spoken_number, whole
from ..facts import Facts
from ..parts import together
from ..records import spoken
from . import applicants
from .applicants import Applicant


class Posting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Posted for so many days before anybody else may begin."""

    lead: int
    unit: Literal["work_day", "calendar_day"] | None = None

    def __post_init__(self) -> None:
        if self.lead < 0:
            raise ParamsError("posting", f"A posting of {self.lead} days is none. Write 0 or more.")
        if self.unit is None:
            raise ParamsError("posting", "A count of days needs its kind: unit: work_day or calendar_day.")

    @property
    def kind(self) -> calendar.DayKind:
        """Which days are counted."""
        return calendar.DayKind((self.unit or "").removesuffix("_day"))


class FirstOffer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Posted, then offered to the unit's qualified applicants in ``order``; after them to ``then`` (empty: anybody).

    ``pool_multiple``: the pool is the most senior, at most so many times the positions. ``min_service``: applicants have served
    so many years.
    """

    posting: Posting | None = None
    order: Literal["seniority", "pool_then_choice", "qualification_then_seniority"] = "seniority"
    pool_multiple: float | int | str | None = None
    min_service: float | int | None = None
    then: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        multiple = fraction(self.pool_multiple)
        if self.pool_multiple is not None and (multiple is None or multiple < 1):
            raise ParamsError(
                "pool_multiple", f"A pool of {self.pool_multiple} times the positions is too small. Write 1 or more."
            )
        if self.order == "pool_then_choice" and multiple is None:
            raise ParamsError("pool_multiple", "Say how large the pool is, as a multiple of the positions: pool_multiple: 2.")
        if self.order != "pool_then_choice" and multiple is not None:
            raise ParamsError("pool_multiple", "There is a pool only with order: pool_then_choice. Leave pool_multiple out.")
        if self.min_service is not None and self.min_service < 0:
            raise ParamsError("min_service", f"{self.min_service} years is no time. Write 0 or more.")
        for role in self.then:
            if role not in ROLES:
                raise ParamsError("then", f"There is no role '{role}'. Roles are: {', '.join(ROLES)}.")


def first_offer(params: FirstOffer, facts: Facts, clause: Clause) -> Answer:
    """Whether the unit's applicants have had the first offer, and every one who may take it has answered.

    Facts: ``posting_record`` (or ``posting``), rows ``{posted_on, clause}``; ``applicants``, rows ``{ref, unit, qualified,
    seniority, service_years | since, offered_on, answer, answered_on, withdrawn_on}``; ``declinations``, rows
    ``{applicant, on, withdrawn_on}``; ``positions_n``. Unpaid work is outside this clause unless the clause names volunteers.
    """
    if facts.role == "volunteer" and "volunteer" not in clause.scope.roles:
        return NOT_APPLICABLE
    return together(
        (
            lambda: _who_follows(params, facts),
            lambda: _posted(params, facts, clause),
            lambda: _offered(params, facts),
        ),
        satisfied("The unit has had the first offer."),
    )


def _who_follows(params: FirstOffer, facts: Facts) -> Answer | None:
    if not params.then:
        return None
    role = facts.need("role")
    if role in params.then:
        return None
    then = _roles(params)
    return violated(
        "After the unit the agreement names: {then}. This role is not among them: {role}.",
        remedy=act(Actor.DISTRICT, "Offer the work to the unit, then to: {then}.", then=then),
        then=then,
        role=_SAID.get(str(role), spoken(str(role))),
    )


def _posted(params: FirstOffer, facts: Facts, clause: Clause) -> Answer | None:
    if params.posting is None:
        return None
    name = "posting_record" if facts.get("posting_record") is not None else "posting"
    if facts.get(name) is None:
        raise Unknown("posting_record")
    days = [as_day(row.get("posted_on") or row.get("on") or row.get("date")) for row in facts.rows(name) if _ours(row, clause)]
    known = [day for day in days if day is not None and day <= facts.on]
    posting = params.posting
    if not known:
        if any(day is None for day in days):
            raise Unknown("posting_record")
        return violated(
            "The work has not been posted. It has to be, for {lead} {kind} days.",
            remedy=act(Actor.DISTRICT, "Post the work."),
            lead=posting.lead,
            kind=posting.kind.value,
        )
    posted = min(known)
    first = facts.earliest_act(posted, posting.lead, posting.kind) if posting.lead else posted
    if facts.on >= first:
        return None
    return violated(
        "The work was posted on {day}, and its {lead} {kind} days have not run. Others may begin on {first}.",
        remedy=act(Actor.DISTRICT, "Begin on {first}, or later.", first=first),
        changes_on=first,
        day=posted,
        lead=posting.lead,
        kind=posting.kind.value,
        first=first,
    )


def _ours(row: object, clause: Clause) -> bool:
    return isinstance(row, dict) and row.get("clause") in (None, clause.id)


def _offered(params: FirstOffer, facts: Facts) -> Answer | None:
    """Whether those who come first have all answered, and a position is left."""
    everybody = applicants.read(facts, fraction(params.min_service))
    perhaps = [one for one in everybody if one.eligible is not False]
    sure = [one for one in perhaps if one.eligible]
    taken = sum(1 for one in everybody if one.of_unit is not False and one.answer == "accepted")
    if taken and taken >= _positions(facts):
        return violated(
            "All positions are taken by members of the unit, so none is left.",
            remedy=act(Actor.DISTRICT, "Do not place anybody else in this work, or post more positions."),
        )
    if params.order == "pool_then_choice":
        return _from_pool(params, facts, sure, perhaps)
    return _settled(sure, perhaps)


def _positions(facts: Facts) -> int:
    number = whole(facts.need("positions_n"))
    if not number:
        raise Unknown("positions_n")
    return number


def _settled(sure: list[Applicant], perhaps: list[Applicant]) -> Answer | None:
    """Everybody in line has to have been asked and have answered."""
    unasked = [one for one in sure if one.answer == ""]
    if unasked:
        return violated(
            "Qualified applicants of the unit who have had no offer: {count}.",
            remedy=act(Actor.DISTRICT, "Offer them the work first, the most senior first."),
            count=len(unasked),
        )
    waiting = [one for one in sure if one.answer == "waiting"]
    if waiting:
        return violated(
            "Offers to the unit that have no answer yet: {count}.",
            remedy=act(Actor.DISTRICT, "Wait for the answer, and record it."),
            count=len(waiting),
        )
    if any(one.eligible is None and one.answer in {"", "waiting"} for one in perhaps):
        raise Unknown("applicants")
    back = [one for one in sure if one.answer == "took_it_back"]
    if back:
        return undecided(
            "Somebody declined and took that back before the work began. Nothing says whether the offer stands.",
            remedy=act(Actor.DISTRICT, "Settle it with the union, and record the answer."),
        )
    return None


def _from_pool(params: FirstOffer, facts: Facts, sure: list[Applicant], perhaps: list[Applicant]) -> Answer | None:
    """The most senior, at most so many times the positions. A choice within the pool is free; nobody else comes before it."""
    if not perhaps:
        return None
    multiple = fraction(params.pool_multiple) or Fraction(1)
    size = math.floor(multiple * _positions(facts))
    if len(perhaps) <= size:
        return _settled(sure, perhaps)
    if any(one.eligible is None or one.seniority is None for one in perhaps) or len({type(one.seniority) for one in perhaps}) > 1:
        raise Unknown("applicants")
    ranked = sorted(sure, key=lambda one: one.rank)
    edge = ranked[size - 1].rank
    inside = [one for one in ranked if one.rank < edge]
    tied = [one for one in ranked if one.rank == edge]
    pool = inside + (tied if len(inside) + len(tied) <= size else [])
    if (answer := _settled(pool, pool)) is not None:
        return answer
    answered = [one for one in tied if one.answer not in {"", "waiting"}]
    if len(pool) < size and len(answered) < len(tied):
        return undecided(
            "Applicants with the same seniority are {count}, and the pool has room for {room} of them. "
            "The agreement does not say who comes first.",
            remedy=act(Actor.DISTRICT, "Settle the tie with the union, or offer the work to all of them."),
            count=len(tied),
            room=size - len(inside),
        )
    outside = len(ranked) - len(pool)
    return satisfied(
        "Everybody in the pool of {size} has answered. Qualified applicants outside the pool: {outside}. "
        "The agreement does not say whether they come next; ask.",
        effect=Effect.ADVISE,
        size=size,
        outside=outside,
    )


#: Roles whose code is no plain word.
_SAID = {"cbo_staff": "partner staff", "parapro": "paraprofessional", "paid_tutor_district": "tutor paid by the district"}


def _roles(params: FirstOffer) -> str:
    return ", ".join(_SAID.get(role, spoken(role)) for role in params.then)


def _words(params: FirstOffer) -> str:
    post = f"The work is posted for {params.posting.lead} {params.posting.kind} days. " if params.posting else ""
    order = {
        "seniority": "the most senior first",
        "qualification_then_seniority": "the best qualified first, then the most senior",
        "pool_then_choice": "to a pool of the most senior, from which the district chooses",
    }[params.order]
    multiple = fraction(params.pool_multiple)
    size = f" The pool is at most {spoken_number(multiple)} times the positions." if multiple is not None else ""
    years = fraction(params.min_service)
    service = f" Years of service needed: {spoken_number(years)}." if years else ""
    then = f" After them it may go to: {_roles(params)}." if params.then else ""
    return f"{post}It is offered to qualified members of the unit, {order}, before anyone else.{size}{service}{then}"


TYPES = (
    ClauseType(
        name="first_offer",
        params=FirstOffer,
        check=first_offer,
        effect=Effect.BLOCK,
        meaning="Post the work and offer it to unit members (by seniority or pool) before anyone else.",
        words=_words,
        facts=(
            "role",
            "posting_record",
            "posting",
            "applicants",
            "positions_n",
            "declinations",
            "calendars",
            "closed_days",
        ),
    ),
)
