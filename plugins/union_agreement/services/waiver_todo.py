"""What is still to be done about a waiver, and what both sides should know of it, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from ..rules.waiver_terms import LACKING, OF_THE_UNION, Terms, listed_only, subjects

if TYPE_CHECKING:
    from .waiver_files import Shown


class Todo(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence and how grave it is: ``bad``, ``warn``, ``info``."""

    level: str
    says: str


def of(shown: Shown, place: Terms | None, today: date) -> tuple[Todo, ...]:
    """Everything worth saying about a waiver, the gravest first."""
    found = [Todo(level=level, says=says) for level, says in _all(shown, place, today)]
    return tuple(sorted(found, key=lambda one: ("bad", "warn", "info").index(one.level)))


def _all(shown: Shown, place: Terms | None, today: date) -> Iterator[tuple[str, str]]:
    waiver, details = shown.waiver, shown.details
    if waiver.refused:
        yield "bad", f"It names a rule that nobody may waive, and changes nothing there: {'; '.join(waiver.refused)}."
    if not shown.kept:
        yield "warn", "HR has not entered what belongs to it. What is shown is what is usual here."
    elif listed_only(details.subject):
        yield "warn", f"{subjects()[details.subject]} can be waived only where the law lists the section. Ask counsel."
    if place is None:
        yield "warn", "What the law of this place says of waivers was not found. Ask counsel."
    elif place.no_authority and waiver.state in {"in force", "to come"}:
        yield (
            "bad",
            f"Nobody grants waivers of state rules in {place.title} today. {place.how} Ask counsel what this paper rests on.",
        )
    if details.union_step != "none" and shown.step_on is None and waiver.state in {"in force", "to come"}:
        grave = "bad" if details.union_step in OF_THE_UNION else "warn"
        yield grave, f"{LACKING[details.union_step]} is not on record yet."
    if waiver.state in {"in force", "to come"}:
        yield from _of_time(shown, place, today)
    if place is not None and place.posted is not None and not details.posted_url and shown.kept:
        yield "warn", f"{place.posted.says} No address is on record."
    if waiver.conditions and not shown.conditions and waiver.state == "in force":
        yield "warn", f"Nobody has recorded that what was promised instead is kept: {waiver.conditions}"


def _of_time(shown: Shown, place: Terms | None, today: date) -> Iterator[tuple[str, str]]:
    waiver, details = shown.waiver, shown.details
    if details.kind == "standing_flexibility":
        if waiver.ends_on is not None:
            yield "info", "The law allows this anyway. It was recorded with an end all the same, and ends then."
        return
    if waiver.ends_on is None:
        usual = f" Here one usually lasts through {_long(shown.usual_end)}." if shown.usual_end else ""
        sure = " This is recalled and not read: ask counsel." if place and place.term and place.term.confidence == "low" else ""
        yield (
            "bad",
            f"Its paper's last day is not on record, so it would never end.{usual}{sure} Revoke it, and record its last day.",
        )
    elif shown.usual_end is not None and waiver.ends_on > shown.usual_end:
        yield "warn", f"It lasts longer than is usual here, which would be through {_long(shown.usual_end)}. Check its paper."
    if shown.renew_by is not None and details.renewal_asked_on is None and today >= shown.renew_by:
        yield "warn", f"Renewal should have been asked for by {_long(shown.renew_by)}."


def _long(day: date | None) -> str:
    return f"{day:%B} {day.day}, {day.year}" if day else ""
