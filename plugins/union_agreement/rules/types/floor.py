"""Paid tutors and partner staff are not paid below a stated rate. Money is counted exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec

from staffing.api import Actor, Effect, Remedy, Text

from ..answers import NOT_APPLICABLE, Answer, Unknown, act, satisfied, violated
from ..clause import ROLES, Clause
from ..clause_type import ClauseType, ParamsError
from ..exact import fraction, money, spoken_money
from ..facts import Facts
from ..records import spoken
from . import pay_scale
from .pay_scale import Reference

Money = float | int | str


class PayFloor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At least ``floor`` an hour, or the rate of ``or_reference`` (with both: the higher), and ``differential`` on top.

    ``applies_to``: only these roles or titles. ``stipend_cap``: a stipend is no wage, and is at most this.
    """

    floor: Money | None = None
    or_reference: Reference | None = None
    differential: Money | None = None
    applies_to: tuple[str, ...] | str = ()
    stipend_cap: Money | None = None

    def __post_init__(self) -> None:
        if self.floor is None and self.or_reference is None and self.stipend_cap is None:
            raise ParamsError("floor", "Say how much at least: floor: 24.10, or or_reference, or stipend_cap.")
        for name in ("floor", "differential", "stipend_cap"):
            given = getattr(self, name)
            amount = money(given)
            if given is not None and (amount is None or amount < 0 or (amount == 0 and name == "floor")):
                raise ParamsError(name, f"'{given}' is no amount of money. Write dollars, such as {name}: 24.10.")
        if self.differential is not None and self.floor is None and self.or_reference is None:
            raise ParamsError("differential", "A differential is paid on top of a rate: add floor or or_reference.")

    @property
    def whom(self) -> tuple[str, ...]:
        """``applies_to`` as a list."""
        return (self.applies_to,) if isinstance(self.applies_to, str) else self.applies_to


class Paid(msgspec.Struct, frozen=True):
    """What is paid: an amount for ``hours`` (None: not told how many)."""

    amount: Decimal
    hours: Fraction | None
    stipend: bool


def pay_floor(params: PayFloor, facts: Facts, clause: Clause) -> Answer:
    """Whether the pay reaches the floor on this day.

    Facts: ``pay_rate`` (dollars an hour, or ``{amount, per: hour | session | day | week | month | year | stipend, hours,
    prep_hours, travel_hours}``), ``pay_basis`` (the same words, where ``pay_rate`` is a bare amount);
    ``reference_rate_on_date`` (dollars an hour, or rows ``{unit, classification, step, rate, from, set_on}``). All time that has
    to be given counts, preparation and travel too. Who pays makes no difference. A rise set later for an earlier time does not
    decide that time again: what it leaves owing is listed.
    """
    if not _is_about(params, facts):
        return NOT_APPLICABLE
    paid = _paid(facts)
    if paid.stipend and params.stipend_cap is not None:
        return _stipend(paid, params)
    least, unknown = _least(params, facts)
    if least is None and not unknown:
        return NOT_APPLICABLE  # a cap for stipends only, and this is a wage
    if paid.hours is None and least is not None:
        raise Unknown("hours")
    if least is not None and not _reaches(paid, least):
        return _below(paid, least, facts)
    if unknown:
        raise Unknown(unknown)
    good = satisfied(
        "Paid {rate} an hour: at least {least} is asked for.",
        changes_on=pay_scale.rises_on(params.or_reference, facts) if params.or_reference else None,
        rate=spoken_money(_an_hour(paid)),
        least=spoken_money(least or _0),
    )
    owed = tuple(_owed(params, facts, paid, clause))
    return msgspec.structs.replace(good, remedies_due=owed) if owed else good


_0 = Decimal(0)


def _is_about(params: PayFloor, facts: Facts) -> bool:
    """A title that is no role is looked for in the title and the classification."""
    whom = params.whom
    if not whom or facts.role in whom:
        return True
    titles = set(whom) - set(ROLES)
    if not titles:
        if facts.role is None:
            raise Unknown("role")
        return False
    told = [str(value) for name in ("role_title", "classification") if (value := facts.get(name)) is not None]
    if titles.intersection(told):
        return True
    if not told:
        raise Unknown("role_title")
    return False


def _paid(facts: Facts) -> Paid:
    told = facts.need("pay_rate")
    row: Mapping[str, Any] = told if isinstance(told, Mapping) else {"amount": told}
    amount = money(row.get("amount") if row.get("amount") is not None else row.get("rate"))
    if amount is None:
        raise Unknown("pay_rate")
    per = str(row.get("per") or facts.get("pay_basis") or "hour").removeprefix("per_").removesuffix("ly")
    return Paid(amount, _hours(row, "day" if per == "dai" else per, facts), per == "stipend")


def _hours(row: Mapping[str, Any], per: str, facts: Facts) -> Fraction | None:
    """The hours an amount is for, with preparation and travel where they are told; None where that is not known."""
    if per == "hour":
        return Fraction(1)
    told = fraction(row.get("hours"))
    if told is None and per in {"week", "month", "year"}:
        told = fraction(facts.get(f"hours_{per}"))
    if told is None and per in {"session", "day"}:
        today = [session.hours for session in facts.case.sessions if session.on == facts.on]
        told = fraction(today[0]) if len(today) == 1 else None
    if told is None:
        return None
    more = [fraction(row.get(name)) or 0 for name in ("prep_hours", "travel_hours")]
    return (told + sum(more)) or None


def _least(params: PayFloor, facts: Facts) -> tuple[Decimal | None, str]:
    """The highest rate that is certainly asked for, and the fact that could make it more."""
    rates = [rate for rate in (money(params.floor),) if rate is not None]
    unknown = ""
    if params.or_reference is not None:
        reference = pay_scale.rate(params.or_reference, facts)
        if reference is None:
            unknown = "reference_rate_on_date"
        else:
            rates.append(reference)
    if not rates:
        return None, unknown
    return max(rates) + (money(params.differential) or _0), unknown


def _reaches(paid: Paid, least: Decimal) -> bool:
    return paid.hours is not None and Fraction(paid.amount) >= Fraction(least) * paid.hours


def _an_hour(paid: Paid) -> Decimal:
    if paid.hours is None:
        return paid.amount
    exact = Fraction(paid.amount) / paid.hours
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.01")) if paid.hours != 1 else paid.amount


def _payer(facts: Facts) -> Actor:
    return Actor.PARTNER if facts.get("employer") == "partner" else Actor.DISTRICT


def _below(paid: Paid, least: Decimal, facts: Facts) -> Answer:
    if paid.hours == 1:
        return violated(
            "Paid {rate} an hour, and at least {least} is asked for.",
            remedy=_raise(least, facts),
            rate=spoken_money(paid.amount),
            least=spoken_money(least),
        )
    return violated(
        "Paid {amount} for {hours} hours, about {rate} an hour. At least {least} an hour is asked for.",
        remedy=_raise(least, facts),
        amount=spoken_money(paid.amount),
        hours=str(paid.hours) if paid.hours is None or paid.hours.denominator == 1 else f"{float(paid.hours):g}",
        rate=spoken_money(_an_hour(paid)),
        least=spoken_money(least),
    )


def _raise(least: Decimal, facts: Facts) -> Remedy:
    return act(_payer(facts), "Pay at least {least} an hour.", least=spoken_money(least))


def _stipend(paid: Paid, params: PayFloor) -> Answer:
    cap = money(params.stipend_cap) or _0
    if paid.amount > cap:
        return violated(
            "The stipend is {amount}, and at most {cap} is allowed.",
            remedy=act(Actor.DISTRICT, "Lower the stipend to {cap}, or pay by the hour.", cap=spoken_money(cap)),
            amount=spoken_money(paid.amount),
            cap=spoken_money(cap),
        )
    return satisfied(
        "The stipend is {amount}: at most {cap} is allowed.", amount=spoken_money(paid.amount), cap=spoken_money(cap)
    )


def _owed(params: PayFloor, facts: Facts, paid: Paid, clause: Clause) -> Iterable[Text]:
    """Back pay for the time a later rise reaches back to (R13). The time before it was set stays decided as it was."""
    if params.or_reference is not None and paid.hours == 1:
        told = facts.get("reference_rate_on_date")
        for row in pay_scale.rows(told, params.or_reference):
            since, set_on, rate = pay_scale.begins(row), pay_scale.set_on(row), money(row.get("rate"))
            if since is None or set_on is None or rate is None or not since < set_on <= facts.on or facts.start >= set_on:
                continue
            yield _back_pay(max(since, facts.start), set_on, rate + (money(params.differential) or _0))
    begins = facts.agreement.since if facts.agreement else None
    back = clause.retroactive_from
    flat = money(params.floor)
    if back is not None and begins is not None and flat is not None and back < begins and facts.start < begins:
        yield _back_pay(max(back, facts.start), begins, flat + (money(params.differential) or _0))


def _back_pay(since: date, until: date, rate: Decimal) -> Text:
    values = {"since": since.isoformat(), "until": until.isoformat(), "rate": spoken_money(rate)}
    return Text("Back pay is owed up to {rate} an hour from {since} until {until}, that day not included.", values)


def _words(params: PayFloor) -> str:
    rates = []
    if params.floor is not None:
        rates.append(f"{spoken_money(money(params.floor) or _0)} an hour")
    if params.or_reference is not None:
        ref = params.or_reference
        step = f", step {ref.step}" if ref.step is not None else ""
        rates.append(f"the rate of {spoken(ref.classification or ref.unit or 'the scale')}{step}")
    parts = []
    if rates:
        more = f", and {spoken_money(money(params.differential) or _0)} on top" if params.differential is not None else ""
        higher = ", whichever is more" if len(rates) > 1 else ""
        parts.append(f"Pay is at least {' or '.join(rates)}{higher}{more}.")
    if params.stipend_cap is not None:
        parts.append(f"A stipend is at most {spoken_money(money(params.stipend_cap) or _0)}.")
    if params.whom:
        parts.append(f"This is about: {', '.join(map(spoken, params.whom))}.")
    return " ".join(parts)


TYPE = ClauseType(
    name="pay_floor",
    params=PayFloor,
    check=pay_floor,
    effect=Effect.BLOCK,
    meaning="Paid tutors and partner staff may not be paid below a stated rate.",
    words=_words,
    facts=(
        "pay_rate",
        "pay_basis",
        "hours",
        "hours_week",
        "hours_month",
        "hours_year",
        "reference_rate_on_date",
        "employer",
        "role_title",
        "classification",
    ),
)
