"""What has to be so for the work to go on: the ``must`` and the ``ratio`` of a version."""

from __future__ import annotations

import msgspec

from staffing.core import reasons
from staffing.core.facts import CaseView
from staffing.core.findings import Effect, State, Text
from staffing.core.packs import Band, Version

STUDENTS = "context.students_present"
ADULTS = "context.adults_present"


class Limit(msgspec.Struct, frozen=True):
    """How the limits of a version stand: ``met``, ``violated`` or ``unknown``, and why. ``unknown`` names the facts missing."""

    state: State
    effect: Effect
    reason: Text
    unknown: tuple[str, ...] = ()


KEPT = Limit(State.MET, Effect.ALLOW, Text("As the rule asks."))


def kept(version: Version, view: CaseView) -> Limit:
    """Whether everything that must be so is so. A broken one counts before an unknown one."""
    unknown: list[str] = []
    undecided = False
    for must in version.must:
        truth = must.when.test(view)
        if truth is False:
            return Limit(State.VIOLATED, version.missing, reasons.plain(must.otherwise))
        if truth is None:
            undecided = True
            unknown.extend(must.when.unknowns(view))
    if undecided:
        return _unknown(version.missing, tuple(dict.fromkeys(unknown)), view)
    return _ratio(version, view) if version.ratio else KEPT


def _unknown(effect: Effect, names: tuple[str, ...], view: CaseView) -> Limit:
    reason = reasons.unknown(names, view) if names else Text("Whether this is so could not be told.")
    return Limit(State.UNKNOWN, effect, reason, names)


def _ratio(version: Version, view: CaseView) -> Limit:
    students, adults = view.get(STUDENTS), view.get(ADULTS)
    if students is None or adults is None:
        # Known only when the children are there: it is looked at for each session and stops nobody beforehand.
        names = tuple(name for name, value in ((STUDENTS, students), (ADULTS, adults)) if value is None)
        return _unknown(Effect.ADVISE, names, view)
    for band in version.ratio:
        applies = band.when.test(view)
        if applies is None:
            return _unknown(version.missing, tuple(dict.fromkeys(band.when.unknowns(view))), view)
        if applies:
            return _within(band, students, adults, version.missing)
    return KEPT


def _within(band: Band, students: float, adults: float, effect: Effect) -> Limit:
    values = {"students": students, "adults": adults}
    if students > adults * band.children_per_adult:
        text = "{students} children with {adults} adults: each adult may look after {most} at most. Bring another adult."
        return Limit(State.VIOLATED, effect, Text(text, values | {"most": band.children_per_adult}))
    if band.group_at_most and students > band.group_at_most:
        text = "{students} children in one group: {most} is the most. Make two groups."
        return Limit(State.VIOLATED, effect, Text(text, {"students": students, "most": band.group_at_most}))
    if band.second_adult_above is not None and students > band.second_adult_above and adults < 2:
        text = "{students} children with one adult: above {most} there must be two. Bring another adult."
        return Limit(State.VIOLATED, effect, Text(text, {"students": students, "most": band.second_adult_above}))
    return KEPT


def facts(version: Version) -> tuple[str, ...]:
    """The facts that the limits of a version read."""
    names = [name for must in version.must for name in must.when.facts]
    if version.ratio:
        names.extend((STUDENTS, ADULTS, *(name for band in version.ratio for name in band.when.facts)))
    return tuple(dict.fromkeys(names))
