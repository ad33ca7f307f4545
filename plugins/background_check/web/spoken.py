"""Sentences for people that stand in data, so that the catalogues have them: reasons, findings, questions, what an error says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from staffing.api import Case, Finding

from ..rules import conditions, fair_steps, portable, signing_words, under_review
from ..rules.fair_steps import Act, Standing, Step
from ..rules.groups import QUESTIONS
from ..rules.reasons import REASONS
from ..services import answering, flags, sharing
from . import asked, own, own_notice

#: Any day: no sentence here depends on it.
_DAY = date(2026, 1, 5)


def sentences() -> Iterator[str]:
    """Every sentence that a person may read and that no call of ``_`` or of an error names."""
    for reason in REASONS.values():
        yield reason.person
    for finding in _findings():
        yield from (finding.title, finding.reason.msgid, finding.purpose)
        yield finding.remedy.what.msgid if finding.remedy else ""
    for question in QUESTIONS:
        yield from (question.title, question.hint, *question.answers.values())
    yield from portable.KINDS.values()
    yield from signing_words.SENTENCES
    for step in Step:
        for act in (Act.ANSWER, Act.WITHDRAW):
            yield from fair_steps.lacking(Standing(step=step), act, _DAY)
    yield from (answering.NO_SUBJECT, answering.TOO_LONG, sharing.TOO_MANY, flags.AHEAD, flags.LONG_AGO)
    yield from (own.NOT_TICKED, asked.no_day(own_notice.DAY))


def _findings() -> Iterator[Finding]:
    """Every finding of the plugin that no pack makes."""
    for why in under_review.WHY:
        yield from under_review.findings_of(_case({under_review.FACT: why}), _DAY)
    for code in (*conditions.CONDITIONS, "unknown"):
        yield from conditions.findings_of(_case({conditions.FACT: [code]}), _DAY)


def _case(person: dict[str, object]) -> Case:
    return Case(jurisdiction="us", person=person)
