"""No placement into the work of a vacant position, or of somebody laid off, on leave, gone lately or on strike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Literal

import msgspec

from staffing.api import Actor, Effect, Text

from ..answers import Answer, Standing, Unknown, act, satisfied, unknown
from ..clause import Clause
from ..clause_type import ClauseType, ParamsError
from ..entries import Said, elsewhere, free_after, is_ours, over
from ..facts import Facts
from ..positions import LEFT, Row, at_site, covered, day, kind, number, of_its_unit, title

Bar = Literal["open_vacancy", "layoff_recall", "recent_resignation_or_discharge", "leave", "strike_or_lockout"]
_QUIET = frozenset({"none", "no", "settled", "ended", "work_to_rule"})
_STOPPED = frozenset({"strike", "lockout", "on_strike", "locked_out"})


class VacancyRecallBar(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which work is barred. ``recent`` is how many calendar days a resignation or discharge counts."""

    bar: tuple[Bar, ...]
    recent: int | None = None

    def __post_init__(self) -> None:
        if not self.bar:
            raise ParamsError("bar", "Say what is barred, such as bar: [open_vacancy, layoff_recall].")
        if self.recent is not None and self.recent < 1:
            raise ParamsError("recent", f"{self.recent} days are no time. Write 1 or more calendar days.")
        if self.recent is not None and "recent_resignation_or_discharge" not in self.bar:
            raise ParamsError("recent", "'recent' belongs to the bar recent_resignation_or_discharge. Add it, or leave this out.")


def vacancy_recall_bar(params: VacancyRecallBar, facts: Facts, clause: Clause) -> Answer:
    """Whether the placement is into such work: by its duties, else by its classification.

    ``open_vacancies`` rows have ``opened_on | since``, ``filled_on``, ``until``, ``funded``, ``fte``, ``in_lieu``; those of
    ``recall_list`` ``laid_off_on | since``, ``recall_until | until``, ``recalled_on``; those of ``leaves`` ``from | since``,
    ``to | until``, ``returned_on``; ``position_actions`` has resignations and discharges. ``labor_dispute_status`` is ``none``,
    ``work_to_rule``, ``strike`` or ``lockout``, and ``labor_disputes`` are rows ``{type, since, until, unit, classification,
    duties}``. No row names a person.

    Decided where agreements are silent: a vacancy nobody applies for still counts, and so does part of a position. One without
    money, or at another site, is shown and stops nobody. One that opened after the person began is held until both sides say
    (``in_lieu``). Work to rule is no strike. ``recent`` without a number is shown, for nobody agreed how long it is.
    """
    said: list[Said] = []
    missing: list[str] = []
    for bar in params.bar:
        try:
            said.extend(_BARS[bar](params, facts, clause))
        except Unknown as lacking:
            missing.extend(lacking.names)
    stops = [one for one in said if one.effect is None and not one.missing]
    if stops:
        first = stops[0]
        free = None if any(one.free is None for one in stops) else max(one.free for one in stops if one.free)
        return Answer(standing=Standing.VIOLATED, reason=first.reason, remedy=first.remedy, changes_on=free)
    if open_ := next((one for one in said if one.missing), None):
        return unknown(*open_.missing, *missing, because=open_.reason.msgid, remedy=open_.remedy, **open_.reason.values)
    if missing:
        raise Unknown(*dict.fromkeys(missing))
    days = [one.free for one in said if one.free is not None and one.free > facts.on]
    if said:
        soon = min(days, default=None)
        return Answer(standing=Standing.SATISFIED, effect=Effect.ADVISE, reason=said[0].reason, changes_on=soon)
    return satisfied("This is not the work of a vacant position or of somebody who is away from it.")


def _now(facts: Facts) -> date:
    """The day judged: the day decided for, or the first day where that is still to come."""
    return max(facts.on, facts.start)


def _vacancies(params: VacancyRecallBar, facts: Facts, clause: Clause) -> Iterator[Said]:
    for row in facts.rows("open_vacancies", needed=True):
        now = _now(facts)
        opened, filled = day(row, "opened_on", "since", "posted_on", "date", "on"), day(row, "filled_on", "closed_on")
        if (filled is not None and filled <= now) or over(row, now, "until"):
            continue
        if (found := is_ours(row, facts, clause, "open_vacancies")) is not True:
            if found is not False:
                yield found
            continue
        words = {"title": title(row), "on": f" since {opened.isoformat()}" if opened else ""}
        fte = row.get("fte")
        words["part"] = f" ({number(fte)} of a full position)" if fte is not None and fte < 1 else ""
        if opened is not None and opened > now:
            yield Said(effect=Effect.ADVISE, reason=Text("A position opens later: {title}{on}{part}.", words), free=opened)
        elif row.get("in_lieu") is False:
            says = "There is a vacancy: {title}{on}{part}. Both sides say that this work does not take its place."
            yield Said(effect=Effect.ADVISE, reason=Text(says, words))
        elif row.get("funded") is False:
            yield Said(effect=Effect.ADVISE, reason=Text("There is a vacancy without money: {title}{on}{part}.", words))
        elif (here := at_site(row, facts)) is not True:
            yield elsewhere(here, words)
        elif opened is not None and facts.day("start") is not None and opened > facts.start:
            says = "A position fell vacant after this person began: {title}{on}{part}. Nobody says whether this takes its place."
            remedy = act(Actor.DISTRICT, "Fill the position, or record with the union that this does not take its place.")
            yield Said(effect=None, reason=Text(says, words), remedy=remedy, missing=("open_vacancies",))
        else:
            says = "This is the work of a vacant position: {title}{on}{part}. It counts until it is filled, however few apply."
            remedy = act(Actor.DISTRICT, "Fill the position first.")
            yield Said(effect=None, reason=Text(says, words), remedy=remedy, free=free_after(row))


def _recalls(params: VacancyRecallBar, facts: Facts, clause: Clause) -> Iterator[Said]:
    for row in facts.rows("recall_list", needed=True):
        now = _now(facts)
        back, since = day(row, "recalled_on"), day(row, "laid_off_on", "since", "date")
        if (back is not None and back <= now) or over(row, now, "recall_until", "until", "to"):
            continue
        if since is not None and since > now:
            continue
        if (found := is_ours(row, facts, clause, "recall_list")) is not True:
            if found is not False:
                yield found
            continue
        yield Said(
            effect=None,
            reason=Text("Somebody laid off from this work may be called back: {title}.", {"title": title(row)}),
            remedy=act(Actor.DISTRICT, "Call back those on the recall list first."),
            free=free_after(row),
        )


def _leaves(params: VacancyRecallBar, facts: Facts, clause: Clause) -> Iterator[Said]:
    for row in facts.rows("leaves", needed=True):
        now = _now(facts)
        since, back = day(row, "from", "since", "date"), day(row, "returned_on")
        if (since is not None and since > now) or (back is not None and back <= now) or over(row, now, "to", "until"):
            continue
        if (found := is_ours(row, facts, clause, "leaves")) is not True:
            if found is not False:
                yield found
            continue
        words = {"title": title(row), "on": "", "part": ""}
        if (here := at_site(row, facts)) is not True:
            yield elsewhere(here, words)
            continue
        yield Said(
            effect=None,
            reason=Text("This is the work of somebody on leave: {title}.", words),
            remedy=act(Actor.DISTRICT, "Cover the leave as the agreement says, and place this person in other work."),
            free=free_after(row),
        )


def _gone(params: VacancyRecallBar, facts: Facts, clause: Clause) -> Iterator[Said]:
    for row in facts.rows("position_actions", needed=True):
        now = _now(facts)
        when = day(row)
        if kind(row) not in LEFT or (when is not None and when > now):
            continue
        last = when + timedelta(days=params.recent) if when is not None and params.recent is not None else None
        if last is not None and now > last:
            continue
        if (found := is_ours(row, facts, clause, "position_actions")) is not True:
            if found is not False:
                yield found
            continue
        words = {"title": title(row), "on": f" on {when.isoformat()}" if when else "", "recent": params.recent}
        if params.recent is None:
            says = "Somebody left this work{on}: {title}. Nothing says how many days count as recent, so both sides look at it."
            yield Said(effect=Effect.ADVISE, reason=Text(says, words))
        elif when is None:
            says = "Somebody left this work, and the day is not known: {title}."
            yield Said(effect=None, reason=Text(says, words), missing=("position_actions",))
        else:
            yield Said(
                effect=None,
                reason=Text("Somebody left this work{on}: {title}. For {recent} days nobody is placed in it.", words),
                remedy=act(Actor.DISTRICT, "Fill the position, or begin after those days."),
                free=last + timedelta(days=1) if last else None,
            )


def _disputes(params: VacancyRecallBar, facts: Facts, clause: Clause) -> Iterator[Said]:
    rows = facts.rows("labor_disputes")
    told = facts.get("labor_dispute_status")
    if told is None and facts.get("labor_disputes") is None:
        raise Unknown("labor_dispute_status")
    if isinstance(told, Mapping):
        rows, told = (*rows, told), None
    now = _now(facts)
    if told is not None and str(told) not in _QUIET:
        if str(told) not in _STOPPED:
            raise Unknown("labor_dispute_status")
        yield _stopped("strike" if "strike" in str(told) else "lockout", None)
    for row in rows:
        what, since = str(row.get("type") or row.get("status") or ""), day(row)
        if what in _QUIET or (since is not None and since > now) or over(row, now, "until", "to"):
            continue
        if what not in _STOPPED:
            raise Unknown("labor_dispute_status")
        named = row.get("duties") or row.get("classification")
        found = is_ours(row, facts, clause, "labor_dispute_status") if named else _of_unit(row, facts, clause)
        if found is True:
            yield _stopped("strike" if "strike" in what else "lockout", free_after(row))
        elif found is not False:
            yield found


def _of_unit(row: Row, facts: Facts, clause: Clause) -> bool:
    """A dispute of a unit is about its work; where the map does not tell whose work this is, it counts."""
    return covered(row, facts, clause) and of_its_unit(row, facts) is not False


def _stopped(what: str, free: date | None) -> Said:
    says = Text("There is a {what}, and nobody takes its work.", {"what": what})
    return Said(effect=None, reason=says, remedy=act(Actor.DISTRICT, "Wait until it has ended."), free=free)


_BARS: dict[str, Callable[[VacancyRecallBar, Facts, Clause], Iterator[Said]]] = {
    "open_vacancy": _vacancies,
    "layoff_recall": _recalls,
    "recent_resignation_or_discharge": _gone,
    "leave": _leaves,
    "strike_or_lockout": _disputes,
}


def _words(params: VacancyRecallBar) -> str:
    recent = f"in the last {params.recent} days" if params.recent else "lately"
    what = {
        "open_vacancy": "of a vacant position",
        "layoff_recall": "that a laid-off employee may be called back to",
        "recent_resignation_or_discharge": f"that an employee left or was let go from {recent}",
        "leave": "of an employee on leave",
        "strike_or_lockout": "of employees on strike or locked out",
    }
    return f"Nobody is placed in work {'; nor in work '.join(what[bar] for bar in params.bar)}."


TYPES = (
    ClauseType(
        name="vacancy_recall_bar",
        params=VacancyRecallBar,
        check=vacancy_recall_bar,
        effect=Effect.BLOCK,
        meaning="No placement into work of a vacant position, or of somebody laid off with recall rights, on leave or on strike.",
        words=_words,
        facts=(
            "open_vacancies",
            "recall_list",
            "leaves",
            "position_actions",
            "labor_dispute_status",
            "labor_disputes",
            "duties",
            "classification",
            "duty_to_unit_map",
            "start",
            "site",
        ),
    ),
)
