"""Invented people, always the same for a seed: who they are, when they started and about 8.1 pieces of evidence each."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from staffing.core.case import Case
from staffing.core.evidence import Evidence
from staffing.core.pack_loader import PackText, load
from staffing.core.rules import RuleBook

ON = date(2026, 9, 1)
JURISDICTION = "us-zz"
PACK = Path(__file__).with_name("pack.yaml")

#: For each requirement: the kinds that answer it, how many people have one, and how many months one is good.
_WANTED = (
    (("state_criminal_history", "fbi_fingerprint"), 0.97, 60),
    (("child_abuse_history",), 0.95, 60),
    (("sex_offender_registry", "national_sex_offender_registry"), 0.96, 36),
    (("tb_screening",), 0.96, 48),
    (("mandated_reporter_training",), 0.90, 24),
    (("affirmation", "notice_acknowledgement"), 0.93, 60),
)
_OTHERS = ("health_exam", "education", "orientation", "insurance")
KINDS = tuple(kind for kinds, _, _ in _WANTED for kind in kinds) + _OTHERS
#: Complete and clear, asked for, not clear, qualified.
_STATES = (("complete", "clear"), ("initiated", None), ("complete", "not_clear"), ("complete", "qualified"))

#: The kinds of work; a placement's terms are copied from one.
TERMS = tuple(
    {
        "engagement": "volunteer",
        "employer": "district",
        "setting": "campus",
        "contact": contact,
        "supervision": supervision,
        "duties": [duty],
        "hours": {"week": hours},
    }
    for contact in ("routine", "occasional")
    for supervision in ("line_of_sight", "immediate")
    for duty in ("reading_tutoring", "homework_help")
    for hours in (2, 4, 6)
)


class Piece(NamedTuple):
    """A piece of evidence."""

    id: UUID
    kind: str
    state: str
    result: str | None
    issued_on: date | None
    requested_on: date | None


class Helper(NamedTuple):
    """Somebody with one placement."""

    person: UUID
    placement: UUID
    born_on: date
    facts: dict[str, str | bool]
    work: int
    starts_on: date
    evidence: list[Piece]


def book() -> RuleBook:
    """The rules of the benchmark, read as any pack is."""
    return RuleBook(load([PackText(PACK.read_text(encoding="utf-8"), PACK.name, "benchmark")], {}))


def people(count: int, seed: int = 7) -> Iterator[Helper]:
    """So many people. A part of them has no valid item, one that is asked for, or one with a result that says no."""
    r = random.Random(seed)
    days = [ON + timedelta(days=n) for n in range(-3200, 10)]
    last = len(days) - 11  # the index of the day before ON

    def uuid() -> UUID:
        return UUID(int=r.getrandbits(128), version=4)

    def piece(kind: str, back: int, sure: float) -> Piece:
        luck = r.random()
        state, result = _STATES[0 if luck < sure else 1 + int((luck - sure) / (1 - sure) * 2.99999)]
        day = days[last - back]
        return Piece(uuid(), kind, state, result, day if state == "complete" else None, None if state == "complete" else day)

    for _ in range(count):
        held = [
            piece(kinds[int(r.random() * len(kinds))], int(r.random() * months * 31.6) - 5, 0.97)
            for kinds, share, months in _WANTED
            if r.random() < share
        ]
        held += [
            piece(KINDS[int(r.random() * len(KINDS))], 200 + int(r.random() * 2800), 0.94)
            for _ in range(1 + int(r.random() * 4.7))
        ]
        born_on = ON - timedelta(days=5900 + int(r.random() * 20000))
        facts: dict[str, str | bool] = {"relationship": "parent" if r.random() < 0.4 else "community"}
        if r.random() < 0.05:
            facts["board_exemption"] = True
        starts_on = ON - timedelta(days=int(r.random() ** 2 * 900))
        yield Helper(uuid(), uuid(), born_on, facts, int(r.random() * len(TERMS)), starts_on, held)


def case_of(helper: Helper) -> Case:
    """The case as the product puts it together."""
    return Case(
        jurisdiction=JURISDICTION,
        person={**helper.facts, "born_on": helper.born_on},
        placement={**TERMS[helper.work], "starts_on": helper.starts_on},
        evidence=tuple(
            Evidence(
                kind=p.kind,
                state=p.state,
                result=p.result,
                issued_on=p.issued_on,
                requested_on=p.requested_on,
                id=str(p.id),
            )
            for p in helper.evidence
        ),
    )
