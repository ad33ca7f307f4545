"""Waivers and clauses that restate state law which may be waived (R10): a waiver relaxes only the sections it names, and when it
ends, a placement that relied on it is held and never silently put back under the waived rule (section 6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from staffing.api import Actor, Effect, Layer, Remedy, State, Text

from .agreement import as_day
from .answers import Answer, Standing, act
from .clause import Clause
from .facts import Facts
from .records import covers

_IN_FORCE = (None, "in_force", "renewal_due", "granted", "expired")


def waived(clause: Clause, answer: Answer, facts: Facts) -> tuple[Effect, State, Text, Remedy | None] | None:
    """What a waiver makes of a clause that is not kept to; None where none has to do with it."""
    if clause.layer is not Layer.STATE_LAW_WAIVABLE or answer.standing is Standing.SATISFIED:
        return None
    ended: tuple[str, str] | None = None
    for row in _naming(clause, facts):
        since, until = as_day(row.get("from")), as_day(row.get("until") or row.get("to"))
        if since is None or since > facts.on:
            continue
        name = str(row.get("id") or "")
        if until is None or facts.on <= until:
            words = {"waiver": name, "until": until.isoformat() if until else ""}
            says = "Waiver {waiver} sets it aside through {until}." if until else "Waiver {waiver} sets it aside."
            return Effect.ALLOW, State.WAIVED, Text(says, words), None
        if facts.start <= until:
            ended = name, until.isoformat()
    if ended is None:
        return None
    words = {"waiver": ended[0], "day": ended[1]}
    text = Text("Waiver {waiver} ended on {day}, and this work relied on it.", words)
    remedy = act(Actor.DISTRICT, "Renew the waiver, or show that the rule is kept without it.")
    return Effect.HOLD, State.EXPIRED, text, remedy


def _naming(clause: Clause, facts: Facts) -> Iterator[Mapping[str, Any]]:
    wanted = {_plain(one) for one in (clause.id, clause.cite.pinpoint, clause.cite.title) if one}
    for row in facts.rows("waivers"):
        sections = row.get("sections") or row.get("sections_waived") or ()
        named = {_plain(str(one)) for one in ([sections] if isinstance(sections, str) else sections)}
        if named & wanted and row.get("state") in _IN_FORCE and covers(row.get("site") or row.get("sites"), *facts.site_words):
            yield row


def _plain(section: str) -> str:
    return " ".join(section.replace("§", " ").lower().split())
