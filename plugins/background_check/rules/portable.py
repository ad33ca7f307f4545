"""Clearances a person may show to another district: which kinds, under which code, and what is shown. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from staffing.api import Decision, EvidenceSeen
from staffing.api import Evidence as Item

#: Kinds of checks that can be shown. Health, training and work papers are no checks and are not among them.
KINDS: dict[str, str] = {
    "state_criminal_history": "State criminal history check",
    "fbi_fingerprint": "FBI fingerprint check",
    "child_abuse_history": "Child abuse history check",
    "sex_offender_registry": "State sex offender registry check",
    "national_sex_offender_registry": "National sex offender registry check",
    "out_of_state_checks": "Checks in other states lived in",
    "us:child_care_determination": "State decision on the whole child care check",
    "us-ca:ascc": "Activity Supervisor Clearance Certificate",
    "us-ca:guardian_clearance": "Child care clearance (CDSS Guardian)",
    "us-ma:suitability": "Favorable suitability determination",
}
#: Days for which a code can be used.
GOOD_DAYS = 30
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_GROUP = 5
#: Letters of a code: five bits each, so that nobody guesses one.
LENGTH = 25
_TENANT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}$")


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """All that another district sees of one clearance. ``until``: its own last day, where it has one."""

    kind: str
    issued_on: date | None
    issuer: str | None
    purpose: str | None
    holder: str | None
    jurisdiction: str | None
    until: date | None

    @property
    def title(self) -> str:
        """The kind in words."""
        return KINDS.get(self.kind, self.kind)


class Code(msgspec.Struct, frozen=True):
    """A code as it was typed: whose district it names, and its secret part in the one form that is compared."""

    tenant: str
    secret: str

    @property
    def digest(self) -> bytes:
        """What is kept of it."""
        return hashlib.sha256(f"{self.tenant}.{self.secret}".encode()).digest()


def written(tenant: str, numbers: Iterable[int]) -> str:
    """A code for people to read: the district, a dot, groups of five letters. ``numbers``: ``LENGTH`` random ones, 0 to 31."""
    letters = "".join(_LETTERS[number % len(_LETTERS)] for number in numbers)
    return f"{tenant}." + "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))


def typed(text: str) -> Code | None:
    """The code in what somebody typed, whatever its case, spaces and dashes; None if it cannot be one."""
    tenant, dot, rest = "".join(text.split()).partition(".")
    secret = re.sub(r"[-–—]", "", rest).upper()
    if not dot or not _TENANT.match(tenant.lower()) or len(secret) != LENGTH or set(secret) - set(_LETTERS):
        return None
    return Code(tenant.lower(), secret)


def last_day(today: date) -> date:
    """The last day of a code made today."""
    return today + timedelta(days=GOOD_DAYS)


def may_be_shown(item: EvidenceSeen, today: date) -> bool:
    """Whether an item on record is a clearance that stands and can be shown."""
    return (
        item.kind in KINDS
        and item.state == "complete"
        and item.result == "clear"
        and item.issued_on is not None
        and (item.expires_on is None or today <= item.expires_on)
    )


def shown(item: EvidenceSeen, district: str, jurisdiction: str) -> Shown:
    """What another district sees of an item. Without a holder it is the district's own; a state's check is of its own state."""
    of_a_state = item.kind.startswith(("state_", "child_abuse_history", "sex_offender"))
    return Shown(
        kind=item.kind,
        issued_on=item.issued_on,
        issuer=item.issuer,
        purpose=item.purpose,
        holder=item.holder or district,
        jurisdiction=item.jurisdiction or (jurisdiction if of_a_state else None),
        until=item.expires_on,
    )


def as_evidence(items: Iterable[Shown]) -> list[Item]:
    """The items as the receiving district's rules would read them."""
    return [
        Item(
            kind=one.kind,
            state="complete",
            result="clear",
            issued_on=one.issued_on,
            expires_on=one.until,
            purpose=one.purpose,
            issuer=one.issuer,
            holder=one.holder,
            jurisdiction=one.jurisdiction,
            id=f"shown-{number}",
        )
        for number, one in enumerate(items, 1)
    ]


def helped(now: Decision, then: Decision) -> tuple[str, ...]:
    """The rules that ``then`` finds better kept than ``now``: they do less, or they hold longer while they let work go on."""
    before = {finding.rule: finding for finding in now.findings}
    found = []
    for finding in then.findings:
        was = before.get(finding.rule)
        if was is None or not finding.effect.clears:
            continue
        longer = was.effect.clears and (finding.holds_until or date.max) > (was.holds_until or date.max)
        if finding.effect.severity < was.effect.severity or longer:
            found.append(finding.rule)
    return tuple(found)
