"""Signatures and notices on record, and whether they cover this placement on this day (R4, R5, R14).

``context.cosignatures`` holds ``{clause | agreement, role, signed_on, expires_on, holds_office, revoked_on, sites, roles,
headcount, from, to, placement}``; ``context.notices`` holds ``{clause, addressee, delivered_on, items, placement}``. What
came after the day decided for counts as not there. A thing that is not on record is not given: documents are never "unknown".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import msgspec

from staffing.api import Actor, Remedy, Text

from . import signers
from .agreement import Agreement, as_day
from .answers import act
from .clause import Clause
from .facts import Facts


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """Whether every role has signed: ``lacking`` are those that have not, ``refused`` says why a signature does not count.

    ``through`` is the last day of all that count; ``begins`` the first later day on which one that does not yet may.
    """

    lacking: tuple[str, ...]
    refused: tuple[Text, ...] = ()
    through: date | None = None
    begins: date | None = None

    @property
    def complete(self) -> bool:
        """Whether nobody is lacking."""
        return not self.lacking


def required(clause: Clause, agreement: Agreement) -> tuple[str, ...]:
    """The roles whose signatures a clause asks for: those it names, else the union side's signatories."""
    if clause.cosign:
        return clause.cosign
    base = agreement.signers("union")
    return base or ("union_president",)


def signed(roles: Iterable[str], clause: Clause, facts: Facts, name: str = "cosignatures") -> Signed:
    """Whether these roles have signed for this placement under a clause."""
    lacking: list[str] = []
    refused: list[Text] = []
    ends: list[date] = []
    begins: list[date] = []
    held = [row for row in facts.rows(name) if _is_for(row, clause)]
    for role in roles:
        good = False
        for row in held:
            if row.get("role") != role:
                continue
            why = not_counted(row, facts)
            if why is None:
                good = True
                if (last := counts_through(row)) is not None:
                    ends.append(last)
                break
            refused.append(why)
            if (first := counts_from(row, facts.on)) is not None:
                begins.append(first)
        if not good:
            lacking.append(role)
    return Signed(
        lacking=tuple(lacking),
        refused=tuple(refused),
        through=min(ends, default=None),
        begins=min(begins, default=None),
    )


def counts_through(row: Mapping[str, Any]) -> date | None:
    """The last day on which a signature counts, if it has one: it runs out, its scope ends, or it is taken back the day after."""
    revoked = as_day(row.get("revoked_on"))
    days = [as_day(row.get("expires_on")), as_day(row.get("to")), revoked - timedelta(days=1) if revoked else None]
    return min((day for day in days if day is not None), default=None)


def counts_from(row: Mapping[str, Any], on: date) -> date | None:
    """The later day on which a signature that does not count yet may: its own day, or the first of its scope."""
    days = [as_day(row.get("signed_on") or row.get("signed_at") or row.get("date")), as_day(row.get("from"))]
    return max((day for day in days if day is not None and day > on), default=None)


def not_counted(row: Mapping[str, Any], facts: Facts) -> Text | None:
    """Why a signature does not count for this placement on this day; None if it does."""
    words = {"role": spoken(str(row.get("role", "")))}
    signed_on = as_day(row.get("signed_on") or row.get("signed_at") or row.get("date"))
    expires, revoked = as_day(row.get("expires_on")), as_day(row.get("revoked_on"))
    since, until = as_day(row.get("from")), as_day(row.get("to"))
    if row.get("holds_office") is False:
        return Text("The signature for {role} is by somebody who holds no such office.", words)
    if signed_on is None:
        return Text("The signature of {role} has no date.", words)
    if signed_on > facts.on:
        return Text("{role} signed on {day}, after this day.", {**words, "day": signed_on.isoformat()})
    if revoked is not None and revoked <= facts.on:
        return Text("{role} took the signature back on {day}.", {**words, "day": revoked.isoformat()})
    if expires is not None and expires < facts.on:
        return Text("The signature of {role} ran out on {day}.", {**words, "day": expires.isoformat()})
    if (since is not None and facts.on < since) or (until is not None and facts.on > until):
        return Text("The signature of {role} does not cover this day.", words)
    if not covers(row.get("sites"), *facts.site_words):
        return Text("The signature of {role} does not cover this site.", words)
    if not covers(row.get("roles"), facts.role) and not _names_a_title(row.get("roles"), facts):
        return Text("The signature of {role} does not cover this role.", words)
    placement = row.get("placement")
    if placement is not None and str(placement) != str(facts.get("placement_id")):
        return Text("The signature of {role} is for another placement.", words)
    headcount = row.get("headcount")
    if headcount is not None:
        there = facts.need("covered_headcount")
        if there > headcount:
            return Text(
                "The signature of {role} covers {headcount} people, and this would be number {there}.",
                {**words, "headcount": headcount, "there": there},
            )
    return None


def covers(named: Any, *values: str | None) -> bool:
    """Whether a list of words covers something by any of its names; nothing named covers all."""
    if not named:
        return True
    words = [named] if isinstance(named, str) else [str(one) for one in named]
    return "all" in words or any(value is not None and value in words for value in values)


def _names_a_title(named: Any, facts: Facts) -> bool:
    title = facts.get("role_title")
    return bool(named) and title is not None and covers(named, str(title))


def ask_for(signed: Signed) -> Remedy:
    """The next step where signatures are lacking."""
    roles = ", ".join(spoken(role) for role in signed.lacking)
    who = Actor.UNION if any(signers.side_of(role) == "union" for role in signed.lacking) else Actor.DISTRICT
    return act(who, "Ask for the signature of: {roles}.", roles=roles)


# --- notices ---


class Noticed(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a notice was given. ``earliest`` is the first day on which the act may follow, where one was delivered; ``begins``
    the same for one that is still to be delivered."""

    given: bool
    earliest: date | None = None
    begins: date | None = None
    lacking: tuple[str, ...] = ()
    refused: tuple[Text, ...] = ()


def noticed(clause: Clause, facts: Facts, addressee: str, items: Iterable[str] = (), earliest: Any = None) -> Noticed:
    """Whether the addressee was told, with every item, and the lead period has run.

    ``earliest`` is a function from the day of delivery to the first day on which the act may follow (none: the same day).
    """
    refused: list[Text] = []
    later: list[date] = []
    begins: list[date] = []
    for row in (*facts.rows("notices"), *facts.rows("notice_record")):
        if not _is_for(row, clause, loose=True) or not of_this_placement(row, facts):
            continue
        delivered = as_day(row.get("delivered_on") or row.get("delivered_at"))
        to = str(row.get("addressee") or "")
        if delivered is None:
            continue
        if delivered > facts.on:
            begins.append(delivered)
            continue
        if to != addressee:
            words = {"to": spoken(to), "addressee": spoken(addressee)}
            refused.append(Text("A notice went to {to}, and it has to go to {addressee}.", words))
            continue
        told = row.get("items") or row.get("content") or ()
        lacking = tuple(sorted(set(items) - {str(one) for one in ([told] if isinstance(told, str) else told)}))
        if lacking:
            refused.append(Text("The notice lacks: {items}.", {"items": ", ".join(spoken(one) for one in lacking)}))
            continue
        first = earliest(delivered) if earliest else delivered
        if first <= facts.on:
            return Noticed(given=True, earliest=first)
        later.append(first)
    return Noticed(given=False, earliest=min(later, default=None), begins=min(begins, default=None), refused=tuple(refused))


def of_this_placement(row: Mapping[str, Any], facts: Facts) -> bool:
    """Whether a record is about this placement: it names it, or none."""
    placement = row.get("placement")
    return placement is None or str(placement) == str(facts.get("placement_id"))


def _is_for(row: Mapping[str, Any], clause: Clause, *, loose: bool = False) -> bool:
    """Whether a record is about a clause: it names it, or its agreement; ``loose``: or it names none at all."""
    named = row.get("clause") or row.get("clauses") or row.get("clause_id")
    if named:
        return clause.id in ([named] if isinstance(named, str) else named)
    if row.get("agreement") or row.get("agreement_id"):
        return clause.agreement == (row.get("agreement") or row.get("agreement_id"))
    return loose


def spoken(word: str) -> str:
    """A code as words: ``hta_president`` → ``hta president``."""
    return word.replace("_", " ")


def day_after(day: date | None) -> date | None:
    """The next day, or None."""
    return None if day is None else day + timedelta(days=1)


def soonest(*days: date | None) -> date | None:
    """The first of the days that are told."""
    return min((day for day in days if day is not None), default=None)
