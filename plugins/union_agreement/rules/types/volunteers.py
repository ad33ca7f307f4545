"""A volunteer must legally be one: other work than one is employed for, freely, and paid nothing but a nominal fee."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import msgspec

from staffing.api import Actor, Effect

from ..answers import NOT_APPLICABLE, Answer, Unknown, act, satisfied, violated
from ..clause import Clause
from ..clause_type import ClauseType, ParamsError
from ..exact import fraction, money, spoken_money, spoken_share
from ..facts import Facts
from ..parts import together
from ..records import spoken


class VolunteerStatus(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``same_services_ban``: not what the same agency employs them for. ``nominal_fee_share_max``: a fee is at most this share of
    full pay. ``fee_tied_to_hours``: false forbids a fee by the hour, true allows one, left out says nothing. ``coercion_ban``:
    only if freely offered.
    """

    same_services_ban: bool = False
    nominal_fee_share_max: float | int | str | None = None
    fee_tied_to_hours: bool | None = None
    coercion_ban: bool = False

    def __post_init__(self) -> None:
        share = fraction(self.nominal_fee_share_max)
        if self.nominal_fee_share_max is not None and (share is None or not 0 < share < 1):
            raise ParamsError(
                "nominal_fee_share_max",
                f"'{self.nominal_fee_share_max}' is no share of full pay. Write more than 0 and less than 1, such as 0.2.",
            )


def volunteer_status_integrity(params: VolunteerStatus, facts: Facts, clause: Clause) -> Answer:
    """Whether somebody placed as a volunteer is one.

    Facts: ``employed_by_same_agency`` (or ``person.other_employment``, rows ``{same_agency | employer, services}``, or
    the product's ``relationship: employee``), ``employed_services``, ``offered_services`` (else the duties),
    ``payment_amount`` and ``payment_basis`` (``expenses``, ``benefits``, ``college_credit``, ``fixed``, ``session``, ``hour``),
    ``comparable_full_rate`` (for the same time as the amount), ``freely_offered``.
    """
    if not clause.scope.roles:
        role = facts.need("role")
        if role != "volunteer":
            return NOT_APPLICABLE
    return together(
        (
            lambda: _same_services(params, facts),
            lambda: _freely(params, facts),
            lambda: _by_the_hour(params, facts),
            lambda: _nominal(params, facts),
        ),
        satisfied("They are a volunteer: nothing told says otherwise."),
    )


def _same_services(params: VolunteerStatus, facts: Facts) -> Answer | None:
    """The codes of duties are compared as they stand: the same verb for another duty is another duty."""
    if not params.same_services_ban:
        return None
    employed, services = _employment(facts)
    if employed is False:
        return None
    if employed is None:
        raise Unknown("employed_by_same_agency")
    if services is None:
        raise Unknown("employed_services")
    offered = facts.words("offered_services", needed=False) or facts.words("duties")
    if same := sorted(services & offered):
        return violated(
            "The same agency employs them for this work: {services}. They cannot also do it as a volunteer.",
            remedy=act(Actor.DISTRICT, "Offer other duties, or pay for this work."),
            services=", ".join(map(spoken, same)),
        )
    return None


def _employment(facts: Facts) -> tuple[bool | None, frozenset[str] | None]:
    """Whether the agency they volunteer for employs them, and for what. None: not told."""
    told = facts.get("employed_by_same_agency")
    services = facts.words("employed_services", needed=False) or None
    if isinstance(told, bool):
        return told, services
    if facts.get("other_employment") is not None:
        ours = [row for row in facts.rows("other_employment") if same_agency(row, facts)]
        named = frozenset(str(one) for row in ours for one in _listed(row.get("services")))
        return bool(ours), services or named or None
    return (True if facts.get("relationship") == "employee" else None), services


def same_agency(row: Mapping[str, Any], facts: Facts) -> bool:
    """Whether a row of ``other_employment`` is with the agency they volunteer for."""
    if isinstance(row.get("same_agency"), bool):
        return bool(row["same_agency"])
    here = {facts.get("employer"), facts.get("organisation")}
    if facts.get("employer") == "district":
        here |= {facts.get("district"), facts.get("tenant")}
    return row.get("employer") in here - {None}


def _listed(value: Any) -> list[Any]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def _freely(params: VolunteerStatus, facts: Facts) -> Answer | None:
    if not params.coercion_ban or facts.get("freely_offered") is True:
        return None
    if facts.need("freely_offered") is False:
        return violated(
            "They did not offer this freely, and a volunteer has to.",
            remedy=act(Actor.DISTRICT, "Do not place them, or pay for the work."),
        )
    raise Unknown("freely_offered")


#: Payments that are no fee: what it cost them, and what is no money.
_NO_FEE = frozenset({"none", "expenses", "reimbursement", "benefits", "college_credit"})


def _fee(facts: Facts) -> Any:
    """The amount of a fee: 0 where there is none. Raises ``Unknown`` where it is not told."""
    if facts.get("payment_basis") in _NO_FEE:
        return money(0)
    amount = money(facts.need("payment_amount"))
    if amount is None:
        raise Unknown("payment_amount")
    return amount


def _by_the_hour(params: VolunteerStatus, facts: Facts) -> Answer | None:
    if params.fee_tied_to_hours is not False or _fee(facts) == 0:
        return None
    basis = str(facts.need("payment_basis")).removeprefix("per_")
    if basis in {"hour", "hourly", "hours"}:
        return violated(
            "The fee is paid by the hour, as a wage is.",
            remedy=act(Actor.DISTRICT, "Pay a fixed fee, pay expenses only, or employ them."),
        )
    if basis == "session":
        return satisfied(
            "The fee is paid for each session. The text read does not say whether that ties it to hours; ask counsel.",
            effect=Effect.ADVISE,
        )
    return None


def _nominal(params: VolunteerStatus, facts: Facts) -> Answer | None:
    most = fraction(params.nominal_fee_share_max)
    if most is None:
        return None
    amount = _fee(facts)
    if amount == 0:
        return None
    full = money(facts.need("comparable_full_rate"))
    if not full or full < 0:
        raise Unknown("comparable_full_rate")
    if Fraction(amount) / Fraction(full) > most:
        return violated(
            "The fee of {amount} is more than {most} of {full}, the full pay for this work.",
            remedy=act(Actor.DISTRICT, "Lower the fee, pay expenses only, or employ them."),
            amount=spoken_money(amount),
            most=spoken_share(most),
            full=spoken_money(full),
        )
    return None


def _words(params: VolunteerStatus) -> str:
    most = fraction(params.nominal_fee_share_max)
    parts = [
        "Nobody volunteers for work the same agency pays them for." if params.same_services_ban else "",
        f"A fee is at most {spoken_share(most)} of full pay." if most is not None else "",
        "A fee is not paid by the hour." if params.fee_tied_to_hours is False else "",
        "Volunteers offer their time freely." if params.coercion_ban else "",
    ]
    return " ".join(filter(None, parts)) or "A volunteer must legally be one."


TYPE = ClauseType(
    name="volunteer_status_integrity",
    params=VolunteerStatus,
    check=volunteer_status_integrity,
    effect=Effect.BLOCK,
    meaning='A "volunteer" must legally be one.',
    words=_words,
    facts=(
        "role",
        "employed_by_same_agency",
        "other_employment",
        "relationship",
        "employed_services",
        "offered_services",
        "duties",
        "payment_amount",
        "payment_basis",
        "comparable_full_rate",
        "freely_offered",
    ),
)
