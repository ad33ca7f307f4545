"""Law about labor that is always on where the facts that trigger it are there (section 4b). No agreement relaxes it.

The clauses are in ``law.yaml``. ``LAW.CLEAR`` is a mark there and no clause: the packs decide about clearance.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from staffing.api import Actor, Effect, Finding, Layer, Problems, State, Text, read

from .agreement import Agreement, Kind
from .answers import act
from .clause import Clause
from .facts import Facts
from .grievances import pending
from .in_force import Mode, Stands
from .reader import Reader
from .types.volunteers import same_agency

Judge = Callable[[Clause, Agreement, Stands, Facts], Finding | None]

_OWN = ("jurisdiction", "trigger", "confidence", "currency", "sources", "notes")
_STANDS = Stands(state="in_effect", mode=Mode.BINDING, why=Text("It is the law."))
_GRIEVANCE_SAYS = (
    "A grievance about this placement is pending: {ids}. "
    "Until it is resolved, and the placement fits the resolution, it is not made."
)


class Law(msgspec.Struct, frozen=True, kw_only=True):
    """One clause of law. ``told`` are facts of which one must be told, ``given`` of which one must be neither false nor empty.

    With ``currency`` (what is to be checked) the text is of uncertain force: it is shown, and decides nothing.
    """

    clause: Clause
    agreement: Agreement
    told: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    confidence: str = ""
    currency: str = ""

    def speaks(self, facts: Facts, funding: frozenset[str]) -> bool:
        """Whether the trigger facts match: the place, the programme's money, or a fact the law is about."""
        if not f"{facts.case.jurisdiction}-".startswith(f"{self.agreement.jurisdiction}-"):
            return False
        if self.clause.scope.funding and funding.isdisjoint(self.clause.scope.funding):
            return False
        if not (self.told or self.given):
            return True
        return any(facts.get(name) is not None for name in self.told) or any(_given(name, facts) for name in self.given)


def _given(name: str, facts: Facts) -> bool:
    """Whether a fact is neither false, 0 nor empty; other employment counts where it is with the same agency."""
    if name == "other_employment":
        return any(same_agency(row, facts) for row in facts.rows(name))
    return bool(facts.get(name))


@functools.cache
def _data() -> Mapping[str, Any]:
    file = Path(__file__).with_name("law.yaml")
    found: Mapping[str, Any] = read(file.read_text(encoding="utf-8"), file.name)
    return found


@functools.cache
def laws() -> tuple[Law, ...]:
    """The clauses of law, in the order of the file. Raises ``Invalid`` for one that cannot be read."""
    data = _data()
    problems = Problems("law.yaml")
    reader = Reader(problems)
    found = []
    for one in data["laws"]:
        clause = reader.clause({key: value for key, value in one.items() if key not in _OWN}, "law", one["layer"])
        if clause is not None:
            found.append(_law(one, clause, data["sources"]))
    problems.raise_if_any()
    return tuple(found)


def _law(one: Mapping[str, Any], clause: Clause, sources: Mapping[str, Any]) -> Law:
    cite = msgspec.structs.replace(clause.cite, url=sources[one["sources"][0]]["url"])
    place = str(one["jurisdiction"]).lower()
    trigger = one.get("trigger") or {}
    return Law(
        clause=msgspec.structs.replace(clause, cite=cite),
        agreement=Agreement(
            id="law",
            title="",
            kind=Kind.LAW,
            jurisdiction=place if place == "us" else f"us-{place}",
            clauses=(),
            since=date.min,
        ),
        told=tuple(trigger.get("told") or ()),
        given=tuple(trigger.get("given") or ()),
        confidence=str(one["confidence"]),
        currency=str(one.get("currency") or ""),
    )


def findings(facts: Facts, judge: Judge) -> Iterator[Finding]:
    """What the built-in law says of a case."""
    funding = facts.words("funding", needed=False)
    for law in laws():
        if law.speaks(facts, funding):
            finding = judge(law.clause, law.agreement, _STANDS, facts.of(law.agreement))
            if finding is not None:
                yield _under_review(law, finding) if law.currency else _as_law(law, finding)
    yield from _grievance(facts.of(laws()[0].agreement), funding)


def concerns(facts: Facts) -> bool:
    """Whether any of it could have something to say: true when in doubt, false for other roles, money and places."""
    funding = facts.words("funding", needed=False)
    role = facts.role
    for law in laws():
        roles = law.clause.scope.roles
        if (not roles or role is None or role in roles) and law.speaks(facts, funding):
            return True
    return _about_member(facts, funding)


def _as_law(law: Law, finding: Finding) -> Finding:
    return msgspec.structs.replace(finding, confidence=law.confidence, version=None)


def _under_review(law: Law, finding: Finding) -> Finding:
    words = {"check": law.currency, "says": str(finding.reason)}
    return msgspec.structs.replace(
        _as_law(law, finding),
        state=State.NEEDS_REVIEW,
        effect=Effect.ADVISE,
        reason=Text(
            "Whether this text is in force is not confirmed ({check}), so it decides nothing. It would say: {says}", words
        ),
    )


def _about_member(facts: Facts, funding: frozenset[str]) -> bool:
    given = _data()["grievance"]
    return not funding.isdisjoint(given["funding"]) and (facts.role is None or facts.role in given["roles"])


def _grievance(facts: Facts, funding: frozenset[str]) -> Iterator[Finding]:
    """A placement of a member under a pending grievance is blocked until it fits the resolution."""
    if not _about_member(facts, funding):
        return
    rows = pending(facts)
    if not rows:
        return
    given = _data()["grievance"]
    ids = ", ".join(str(row.get("id") or row.get("clause") or "not numbered") for row in rows)
    yield Finding(
        rule=f"union_agreement.{given['id']}",
        title=given["title"],
        layer=Layer.FEDERAL_LAW,
        state=State.VIOLATED,
        effect=Effect.BLOCK,
        reason=Text(_GRIEVANCE_SAYS, {"ids": ids}),
        ref=given["id"],
        citation=given["cite"]["title"],
        url=_data()["sources"][given["sources"][0]]["url"],
        confidence=given["confidence"],
        jurisdiction="us",
        facts=facts.used,
        remedy=act(Actor.DISTRICT, "Settle the grievance, or record that the placement fits its resolution: {ids}.", ids=ids),
    )
