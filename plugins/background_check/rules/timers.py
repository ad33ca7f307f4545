"""How long a person has to answer before the district decides: dated, cited rows by place, and the day they lead to.

Of every row that counts in a district the one with the latest last day wins, and what the others ask for besides (channels,
sentences in the letter, how long papers are kept) is asked for too. The last day is worked out when the clock starts or goes
on, and then kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from staffing.api import Invalid, calendar

from .federal_holidays import in_years

DayKind = calendar.DayKind

#: Ways a letter goes out, as people say them. Mail takes longer the further it goes.
CHANNELS: dict[str, str] = {
    "email": "by e-mail, with a link to the page",
    "hand": "handed over",
    "mail": "by mail within the state",
    "mail_us": "by mail to another state",
    "mail_abroad": "by mail abroad",
}
DEFAULT = "default"
#: The longest that one of these clocks may be, in days.
LONGEST = 90


class Delay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days after sending on which a letter counts as received."""

    days: int
    kind: DayKind = DayKind.CALENDAR


class Extension(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days that are added once when a person answers about one of these things."""

    days: int
    kind: DayKind = DayKind.WORK
    about: tuple[str, ...] = ("accuracy", "both")


class Timer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One place's rule. ``standing``: ``always``; ``state`` (counts where it is the law of the district's state, unless the
    district says otherwise); ``local`` and ``own`` (count only once the district says so, with counsel's word).

    ``start_event``: ``sent`` or ``received``. ``place`` names the county or city. ``extras`` are sentences for the letters,
    ``factors`` further factors for the assessment. ``unconfirmed`` names what was not seen at its source.
    """

    id: str
    name: str
    standing: Literal["always", "state", "local", "own"]
    jurisdiction: str
    days: int
    day_kind: DayKind
    start_event: Literal["sent", "received"]
    citation: str
    source: str
    confidence: Literal["high", "medium", "low"]
    effective_from: date | None = None
    effective_until: date | None = None
    place: dict[str, str] = {}
    deemed: dict[str, Delay] = {}
    extension: Extension | None = None
    channels_required: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()
    retention_years: int | None = None
    url: str = ""
    note: str = ""
    unconfirmed: tuple[str, ...] = ()

    def here(self, jurisdiction: str, on: date) -> bool:
        """Whether it is a rule of this jurisdiction (or of one around it) and in force on a day."""
        inside = jurisdiction == self.jurisdiction or jurisdiction.startswith(f"{self.jurisdiction}-")
        begun = self.effective_from is None or self.effective_from <= on
        return inside and begun and (self.effective_until is None or on <= self.effective_until)


class Sending(msgspec.Struct, frozen=True, kw_only=True):
    """A letter on one way. ``arrived_on`` is the day on record, where there is one."""

    channel: str
    sent_on: date
    arrived_on: date | None = None


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """A clock that runs: the timer that won, when the letter counts as received, and the last day to answer."""

    timer: Timer
    received_on: date
    deadline: date


@cache
def shipped() -> tuple[Timer, ...]:
    """The rows that come with the plugin."""
    text = (Path(__file__).parent / "timers.yaml").read_text(encoding="utf-8")
    return tuple(msgspec.yaml.decode(text, type=list[Timer]))


def offered(jurisdiction: str, on: date, own: Iterable[Timer] = ()) -> tuple[Timer, ...]:
    """Every row that could count in a district on a day, the district's own last."""
    return tuple(timer for timer in (*shipped(), *own) if timer.here(jurisdiction, on))


def counts(timer: Timer, choices: Mapping[str, bool]) -> bool:
    """Whether a row counts, given what the district said of rows. The default always does."""
    return timer.standing == "always" or choices.get(timer.id, timer.standing == "state")


def counting(timers: Iterable[Timer], choices: Mapping[str, bool]) -> tuple[Timer, ...]:
    """Those of the rows that count."""
    return tuple(timer for timer in timers if counts(timer, choices))


def channels_required(timers: Iterable[Timer]) -> tuple[str, ...]:
    """Ways on which the letter must go out, all of them."""
    return tuple(dict.fromkeys(channel for timer in timers for channel in timer.channels_required))


def channels_lacking(timers: Iterable[Timer], chosen: Collection[str]) -> list[str]:
    """A sentence for each required way that was not chosen. Any kind of mail is mail."""
    ways = {"mail" if way.startswith("mail") else way for way in chosen}
    return [
        f"{timer.name} asks for the letter {CHANNELS[channel]} too. Tick that way as well."
        for timer in timers
        for channel in timer.channels_required
        if channel not in ways
    ]


def received_on(timer: Timer, sendings: Sequence[Sending], closed: Collection[date]) -> date | None:
    """The day on which a letter counts as received on all its ways; None while one was not handed over or none was sent."""
    days: list[date] = []
    for one in sendings:
        if one.channel == "hand" and one.arrived_on is None:
            return None
        delay = timer.deemed.get(one.channel)
        deemed = calendar.add_days(one.sent_on, delay.days, delay.kind, closed) if delay else one.sent_on
        days.append(max(deemed, one.arrived_on or one.sent_on))
    return max(days, default=None)


def started(timers: Sequence[Timer], sendings: Sequence[Sending], closed: Collection[date]) -> Clock | None:
    """The clock that a letter starts: the latest last day of all rows wins, of equal ones the more particular. None while the
    letter was not received. ``closed`` are the district's closed days; federal holidays are added here."""
    if not timers or not sendings:
        return None
    years = {one.sent_on.year for one in sendings}
    closed = frozenset(closed) | in_years(range(min(years), max(years) + 3))
    found: list[Clock] = []
    for timer in timers:
        received = received_on(timer, sendings, closed)
        if received is None:
            return None
        start = received if timer.start_event == "received" else max(one.sent_on for one in sendings)
        last = on_a_work_day(calendar.add_days(start, timer.days, timer.day_kind, closed), closed)
        found.append(Clock(timer=timer, received_on=received, deadline=last))
    return max(found, key=lambda clock: (clock.deadline, clock.timer.jurisdiction.count("-"), len(clock.timer.place)))


def on_a_work_day(day: date, closed: Collection[date]) -> date:
    """The day itself or, if nobody works on it, the next work day."""
    while not calendar.counts(day, DayKind.WORK, closed):
        day += timedelta(days=1)
    return day


def days_left(on: date, deadline: date, closed: Collection[date]) -> int:
    """Work days after ``on`` through the last day; 0 once it has come."""
    closed = frozenset(closed) | in_years({on.year, deadline.year})
    return sum(calendar.counts(on + timedelta(days=n), DayKind.WORK, closed) for n in range(1, (deadline - on).days + 1))


def goes_on(on: date, left: int, deadline: date, added: Sequence[Extension], closed: Collection[date]) -> date:
    """The last day after a clock that stood still goes on again: the days that were left, and those that are added.

    Never earlier than the last day it had, and never on a day on which nobody works. With no day left it stays as it was.
    """
    if not left and not added:
        return deadline
    closed = frozenset(closed) | in_years(range(on.year, max(on, deadline).year + 3))
    last = max(calendar.add_days(on, left, DayKind.WORK, closed), deadline)
    for extension in added:
        last = calendar.add_days(last, extension.days, extension.kind, closed)
    return on_a_work_day(last, closed)


def own_timer(fields: Mapping[str, Any], jurisdiction: str) -> Timer:
    """A row that a district writes for itself, read from what was typed. Raises ``Invalid``."""
    days = fields["days"]
    if not fields["name"] or not fields["citation"]:
        raise Invalid("Say what the rule is called and where it is written: an ordinance, an agreement, a board policy.")
    if not 1 <= days <= LONGEST:
        raise Invalid(f"The days are a number from 1 to {LONGEST}.")
    kind = fields["day_kind"]
    if kind not in {"work", "calendar"}:
        raise Invalid("Say which days are counted: work days or every day.")
    return Timer(
        id=fields["id"],
        name=fields["name"],
        standing="own",
        jurisdiction=jurisdiction,
        days=days,
        day_kind=DayKind(kind),
        start_event="received",
        effective_from=fields["effective_from"],
        citation=fields["citation"],
        source="Written by the district",
        confidence="medium",
    )
