"""What one entry of a register of positions means for a placement: a vacancy, a name on a recall list, a leave."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from staffing.api import Actor, Effect, Remedy, Text

from .answers import act
from .clause import Clause
from .facts import Facts
from .positions import Row, covered, day, lacks, of_its_unit, same_work, title


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What one entry means. With no ``effect`` it stops the placement, or with ``missing`` cannot be told.

    ``free`` is the first day it no longer counts, if that is known.
    """

    effect: Effect | None
    reason: Text
    remedy: Remedy | None = None
    free: date | None = None
    missing: tuple[str, ...] = ()


def is_ours(row: Row, facts: Facts, clause: Clause, name: str) -> bool | Said:
    """Whether an entry is of the agreement's units and the placement's work, or that it is not known."""
    if not covered(row, facts, clause):
        return False
    same = same_work(row, facts)
    if same is None:
        other = facts.get("classification") is not None and bool(row.get("classification"))
        same = False if other or of_its_unit(row, facts) is False else None
    if same is not None:
        return same
    says = "Whether this is the same work is not known: {title}."
    remedy = act(Actor.DISTRICT, "State the duties and the classification of this work, and of the position.")
    return Said(effect=None, reason=Text(says, {"title": title(row)}), remedy=remedy, missing=lacks([row], facts, name))


def elsewhere(here: bool | None, words: dict[str, str]) -> Said:
    """An entry about the same work that is at another site, or at a site nobody named (``here`` is None)."""
    if here is None:
        says = "Somebody is wanted for this work, and whether it is at this site is not known: {title}{on}{part}."
        return Said(effect=None, reason=Text(says, words), missing=("site",))
    return Said(effect=Effect.ADVISE, reason=Text("Somebody is wanted for this work at another site: {title}{on}{part}.", words))


def over(row: Row, now: date, *keys: str) -> bool:
    """Whether its last day has passed."""
    last = day(row, *keys)
    return last is not None and last < now


def free_after(row: Row) -> date | None:
    """The day after the last one told."""
    last = day(row, "recall_until", "until", "to")
    return last + timedelta(days=1) if last else None
