"""Education, a permit, training and an approval, before or during service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Literal

import msgspec

from staffing.api import Actor, Effect, calendar

from ..agreement import as_day
from ..answers import Answer, Unknown, act, satisfied, violated
from ..clause import Clause
from ..clause_type import ClauseType, ParamsError
from ..exact import fraction, spoken_number
from ..facts import Facts
from ..parts import Part, together
from ..records import spoken
from . import approvals, education

Level = Literal[
    "hs_diploma_or_equivalent",
    "two_years_college",
    "associate_degree",
    "two_years_college_or_assessment",
    "bachelor_degree",
]


class Permit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A permit by its ``code``. ``employer_only``: it counts only with the employer it was issued for."""

    code: str
    issuer: str = ""
    valid_at: Literal["employer_only", "statewide"] = "statewide"
    term_years: int | None = None

    def __post_init__(self) -> None:
        if not self.code:
            raise ParamsError("permit", "Say which permit: {code: aide_permit}.")
        if self.term_years is not None and self.term_years < 1:
            raise ParamsError("permit", f"A permit is good for at least a year, not {self.term_years}. Write 1 or more.")


class Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Approved in writing ``by`` a role, for at most ``max_hours`` (``from_document``: as many as the approval says)."""

    by: str
    max_hours: int | Literal["from_document"] | None = None

    def __post_init__(self) -> None:
        if not self.by:
            raise ParamsError("approval", "Say who approves, by role: {by: regional_superintendent}.")
        if isinstance(self.max_hours, int) and self.max_hours < 1:
            raise ParamsError("approval", f"An approval for {self.max_hours} hours is none. Write 1 or more.")


class QualificationTraining(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``min_education``, a ``permit``, ``preservice`` hours before the first day, ``inservice`` hours in each term, an
    ``approval``: each where it is set.
    """

    min_education: Level | None = None
    permit: Permit | None = None
    preservice: float | int | None = None
    inservice: float | int | None = None
    approval: Approval | None = None

    def __post_init__(self) -> None:
        if not any((self.min_education, self.permit, self.preservice, self.inservice, self.approval)):
            raise ParamsError("min_education", "Say what is asked for: min_education, permit, preservice, inservice or approval.")
        for name, hours in (("preservice", self.preservice), ("inservice", self.inservice)):
            if hours is not None and hours < 0:
                raise ParamsError(name, f"{hours} hours of training is none. Write more than 0.")


def qualification_training(params: QualificationTraining, facts: Facts, clause: Clause) -> Answer:
    """Whether everything asked for is there.

    Facts: ``education`` (a level, or evidence of it), ``permits`` (rows ``{code, issuer, employer, issued_on, expires_on}``, or
    evidence of the kind ``code``), ``training_log`` (rows ``{date | on, hours, kind: preservice | inservice}``, or ``{preservice:
    20, inservice: 4}``), ``term_ends_on``, ``approval_document`` (see ``approvals.py``). A permit or an approval that is not
    on record is not there; hours of training that nobody told are unknown.
    """
    parts: list[Part] = []
    if params.min_education is not None:
        level = params.min_education
        parts.append(lambda: education.judge(level, facts))
    if (permit := params.permit) is not None:
        parts.append(lambda: _permit(permit, facts))
    if before := fraction(params.preservice):
        parts.append(lambda: _preservice(before, facts))
    if during := fraction(params.inservice):
        parts.append(lambda: _inservice(during, facts))
    if (approval := params.approval) is not None:
        parts.append(lambda: approvals.judge(approval.by, approval.max_hours, facts, clause))
    return together(parts, satisfied("Education, permits and training are as asked for."))


# --- permits ---


def _permit(permit: Permit, facts: Facts) -> Answer | None:
    """The permit that is good longest counts. Unstated issuers and employers are the ones asked for; stated ones must fit."""
    why, best, undated = "", None, False
    for row in _permits(permit.code, facts):
        issued, last = as_day(row.get("issued_on")), as_day(row.get("expires_on"))
        if issued is not None and issued > facts.on:
            continue
        if permit.issuer and row.get("issuer") not in (None, permit.issuer):
            why = "It is by another issuer."
            continue
        employer = row.get("employer", row.get("holder"))
        if permit.valid_at == "employer_only" and employer is not None and str(employer) not in _employers(facts):
            why = "It is good with another employer only."
            continue
        if permit.term_years is not None and issued is not None:
            ends = calendar.good_through(issued, 12 * permit.term_years)
            last = ends if last is None else min(last, ends)
        elif permit.term_years is not None and last is None:
            undated = True
            continue
        if last is None:
            return None
        if last < facts.on:
            why = f"It ran out on {last.isoformat()}."
        elif best is None or last > best:
            best = last
    if best is not None:
        return satisfied("The {permit} is good through {day}.", permit=spoken(permit.code), day=best, changes_on=_after(best))
    if undated:
        raise Unknown("permits")
    return violated(
        "There is no {permit} that counts here.{why}",
        remedy=act(Actor.PERSON, "Get the {permit}, and send it to us.", permit=spoken(permit.code)),
        permit=spoken(permit.code),
        why=f" {why}" if why else "",
    )


def _permits(code: str, facts: Facts) -> Iterable[Mapping[str, Any]]:
    for row in facts.rows("permits"):
        if row.get("code") == code:
            yield row
    for item in facts.evidence(code):
        if item.state == "complete" and item.result not in {"not_clear", "qualified"}:
            yield {"issuer": item.issuer, "holder": item.holder, "issued_on": item.issued_on, "expires_on": item.expires_on}


def _employers(facts: Facts) -> set[str]:
    """The names this placement's employer goes by."""
    named = [facts.get("employer"), facts.get("organisation")]
    if facts.get("employer") in (None, "district"):
        named += ["district", facts.get("district"), facts.get("tenant")]
    return {str(one) for one in named if one is not None}


def _after(day: date) -> date:
    return day + timedelta(days=1)


# --- hours of training ---


def _hours(kind: str, facts: Facts) -> Fraction:
    """Hours of a kind by the day decided for. A row of no kind counts by whether it was before the first day. Training before
    service ended the day before it counts: what comes later cures later days only.
    """
    told = facts.need("training_log")
    if isinstance(told, Mapping) and not {"date", "on"} & told.keys():
        return fraction(told.get(kind)) or Fraction(0)
    total = Fraction(0)
    for row in facts.rows("training_log"):
        day = as_day(row.get("on") or row.get("date"))
        if day is None or day > facts.on or (kind == "preservice" and day >= max(facts.on, facts.start)):
            continue
        if str(row.get("kind") or ("preservice" if day < facts.start else "inservice")) == kind:
            total += fraction(row.get("hours")) or Fraction(0)
    return total


def _preservice(least: Fraction, facts: Facts) -> Answer | None:
    hours = _hours("preservice", facts)
    if hours >= least:
        return None
    return violated(
        "Hours of training before the first day: {hours}. Asked for: {least}.",
        remedy=act(
            Actor.PARTNER,
            "Give the hours of training that are left before the work begins: {more}.",
            more=spoken_number(least - hours),
        ),
        hours=spoken_number(hours),
        least=spoken_number(least),
    )


def _inservice(least: Fraction, facts: Facts) -> Answer | None:
    """Due by the end of the term: until then it is only told how many are left."""
    last = facts.day("term_ends_on")
    if last is None and facts.agreement is not None:
        last = facts.agreement.ends.on
    over = last is not None and facts.on > last
    if not over and facts.get("training_log") is None:
        return satisfied("Hours of training due in the term: {least}.", effect=Effect.ADVISE, least=spoken_number(least))
    hours = _hours("inservice", facts)
    if hours >= least:
        return None
    if over:
        return violated(
            "Hours of training in the term that ended on {day}: {hours}. Asked for: {least}.",
            remedy=act(Actor.PARTNER, "Give the hours of training that are left: {more}.", more=spoken_number(least - hours)),
            hours=spoken_number(hours),
            least=spoken_number(least),
            day=last,
        )
    return satisfied(
        "Hours of training in the term so far: {hours} of {least}.",
        effect=Effect.ADVISE,
        changes_on=_after(last) if last is not None else None,
        hours=spoken_number(hours),
        least=spoken_number(least),
    )


def _words(params: QualificationTraining) -> str:
    parts = []
    if params.min_education is not None:
        parts.append(f"At least {education.WORDS[params.min_education]}.")
    if params.permit is not None:
        where = ", for this employer" if params.permit.valid_at == "employer_only" else ""
        years = f", good for {12 * params.permit.term_years} months" if params.permit.term_years else ""
        by = f", from the {spoken(params.permit.issuer)}" if params.permit.issuer else ""
        parts.append(f"This permit: {spoken(params.permit.code)}{by}{where}{years}.")
    if before := fraction(params.preservice):
        parts.append(f"Hours of training before the first day: {spoken_number(before)}.")
    if during := fraction(params.inservice):
        parts.append(f"Hours of training in each term: {spoken_number(during)}.")
    if params.approval is not None:
        most = params.approval.max_hours
        limit = (
            "" if most is None else ", for as many hours as it says" if most == "from_document" else f", for at most {most} hours"
        )
        parts.append(f"The {spoken(params.approval.by)} approves in writing{limit}.")
    return " ".join(parts)


TYPE = ClauseType(
    name="qualification_training",
    params=QualificationTraining,
    check=qualification_training,
    effect=Effect.BLOCK,
    meaning="Minimum education, permit, or training before or during service.",
    words=_words,
    facts=(
        "education",
        "permits",
        "training_log",
        "term_ends_on",
        "approval_document",
        "employer",
        "organisation",
        "district",
        "tenant",
        "service_ledger",
        "ledger",
        "hours_year",
        "duties",
    ),
)
