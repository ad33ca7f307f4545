"""A proposal tried out: each placement decided under what counts now, and as if the proposal had counted throughout.

Compared is what agreements and the law about labor say; a person's own checks are the same either way. Nothing here changes
anything. What a decision would say is asked of the same functions that decide (``deciding.verdict``), and remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from staffing.api import Case, Effect, Text

from .agreement import Agreement
from .clause import Clause
from .deciding import superseded
from .facts import Facts
from .heard import Said, asking, grieved, of_law
from .in_force import Mode, Stands, inactive, mode_of, stands
from .remembered import EVIDENCE, Asked, Reader, Shared

_IN_EFFECT = Stands(state="in_effect", mode=Mode.BINDING, why=Text("It is in effect."))
_BLOCK = Effect.BLOCK.severity


class Three(msgspec.Struct, frozen=True):
    """A severity as far as is known, if all that is unknown turns out well, and if all of it turns out badly."""

    known: int = 0
    well: int = 0
    badly: int = 0


class OneDay(msgspec.Struct, frozen=True):
    """A placement on a day: under what counts now, with the proposal, and what the proposal adds and takes away."""

    now: Three
    then: Three
    added: tuple[Said, ...]
    gone: tuple[Said, ...]


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    clause: Clause
    agreement: Agreement
    asked: Asked[tuple[Said, ...]]
    now: bool
    then: bool
    proposed: bool


class _Grieved(msgspec.Struct, frozen=True, kw_only=True):
    agreement: Agreement
    asked: Asked[tuple[Said, ...]]
    now: bool
    then: bool


class _Standing(msgspec.Struct, frozen=True, kw_only=True):
    how: Mapping[str, Stands]
    gone_now: frozenset[str]
    gone_then: frozenset[str]


class Kind(msgspec.Struct):
    """Placements that nothing here tells apart. ``version``: how many facts were known to matter; ``kept`` is for callers."""

    version: int
    days: dict[date, OneDay] = {}
    kept: dict[Any, Any] = {}


class Trial:
    """Decides placements under both. Keep one for a whole run: it remembers.

    ``current`` are the agreements that count now, with their bases; one with the proposal's id is the version it replaces.
    """

    def __init__(
        self, current: Sequence[Agreement], proposal: Agreement, today: date, context: Mapping[str, Any] | None = None
    ) -> None:
        self.proposal = proposal
        self.today = today
        self.shared = Shared(context or {})
        replaced = {proposal.id}
        for one in current:
            if one.id == proposal.id and one.base is not None:
                replaced.add(one.base.id)
        base = proposal.base
        kept = [one for one in current if one.id not in replaced]
        if base is not None and base.id not in {one.id for one in kept}:
            kept.append(base)
        self._now, self._then = tuple(current), (*kept, proposal)
        now, then = {id(one) for one in current}, {id(one) for one in self._then}
        every = [*current, *(one for one in self._then if id(one) not in now)]
        self._parts = [self._part(c, one, id(one) in now, id(one) in then) for one in every for c in one.clauses]
        self._grieved = [
            _Grieved(agreement=one, asked=Asked(grieved(one)), now=id(one) in now, then=id(one) in then)
            for one in every
            if one.hold_on_grievance
        ]
        self._law: Asked[tuple[Said, ...]] = Asked(of_law)
        self._standing: dict[tuple[date, str], _Standing] = {}
        self._names: dict[str, None] = dict.fromkeys(FACTS)
        self._kinds: dict[tuple[Any, ...], Kind] = {}

    def _part(self, clause: Clause, one: Agreement, now: bool, then: bool) -> _Part:
        proposed = one is self.proposal
        asked: Asked[tuple[Said, ...]] = Asked(asking(clause, one, self.today if proposed else None))
        return _Part(clause=clause, agreement=one, asked=asked, now=now, then=then, proposed=proposed)

    @property
    def waiting(self) -> list[tuple[Clause, Text]]:
        """Clauses of the proposal that would not count yet, with why: they wait for money or for a condition."""
        found = ((c, inactive(c, self.proposal, self.today)) for c in self.proposal.clauses)
        return [(clause, why) for clause, why in found if why is not None]

    @property
    def papers(self) -> bool:
        """Whether anything asked so far has read evidence. Where not, cases need not hold any."""
        return any(name.startswith(EVIDENCE) for name in self._names)

    def reader(self, placement: str, case: Case) -> Reader:
        """A placement, to be given to ``day`` and ``kind``."""
        return Reader(placement, case, self.today, self.shared)

    def kind(self, reader: Reader) -> Kind:
        """The kind of a placement; ``kind`` is the same object for placements that nothing tells apart."""
        key = tuple([reader.key(name) for name in self._names])
        found = self._kinds.get(key)
        if found is None:
            found = self._kinds[key] = Kind(len(self._names))
        return found

    def day(self, reader: Reader, on: date) -> OneDay:
        """A placement on a day."""
        kind = self.kind(reader)
        found = kind.days.get(on)
        if found is None:
            found = self._decide(reader, on)
            if kind.version != len(self._names):  # something read a fact that nothing had read before
                kind = self.kind(reader)
            kind.days[on] = found
        return found

    def _decide(self, reader: Reader, on: date) -> OneDay:
        standing = self._stands(reader, on)
        added: list[Said] = []
        gone: list[Said] = []
        both: list[Said] = list(self._ask(self._law, reader, on, None, None))
        for part in self._parts:
            how = _IN_EFFECT if part.proposed else standing.how[part.agreement.id]
            mode = mode_of(part.clause, part.agreement, how)
            counts_now = part.now and part.clause.id not in standing.gone_now
            counts_then = part.then and part.clause.id not in standing.gone_then
            if mode is Mode.NONE or not (counts_now or counts_then):
                continue
            said = self._ask(part.asked, reader, on, how, mode)
            (both if counts_now and counts_then else gone if counts_now else added).extend(said)
        for each in self._grieved:
            counts = each.agreement is self.proposal or standing.how[each.agreement.id].mode is not Mode.NONE
            if counts:
                said = self._ask(each.asked, reader, on, None, None)
                (both if each.now and each.then else gone if each.now else added).extend(said)
        return OneDay(_three([*both, *gone]), _three([*both, *added]), tuple(added), tuple(gone))

    def _ask(self, asked: Asked[tuple[Said, ...]], reader: Reader, on: date, how: Any, mode: Any) -> tuple[Said, ...]:
        before = len(asked.names)
        said = asked.says(reader, on, how, mode)
        if len(asked.names) != before:
            self._names.update(dict.fromkeys(asked.names))
        return said

    def _stands(self, reader: Reader, on: date) -> _Standing:
        told = reader.case.context.get("events")
        events = told if isinstance(told, Mapping) else {}
        key = (on, repr(events) if events else "")
        found = self._standing.get(key)
        if found is None:
            facts = Facts(reader.case, on)
            how = {one.id: stands(one, on, events) for one in (*self._then, *self._now)}
            then = {**how, self.proposal.id: _IN_EFFECT}
            found = self._standing[key] = _Standing(
                how=how,
                gone_now=frozenset(superseded(self._now, how, facts)),
                gone_then=frozenset(superseded(self._then, then, facts)),
            )
        return found


#: Facts by which placements are counted; ``events`` may end an agreement.
FACTS = (
    *("events", "role", "unit_id", "duties", "duty_to_unit_map", "funding"),
    *("students_present", "students_scheduled", "hours_week"),
)


def _three(said: Iterable[Said]) -> Three:
    known = well = 0
    held = False
    for one in said:
        severity = one.effect.severity
        known = max(known, severity)
        if one.effect is Effect.HOLD:
            held = True
        else:
            well = max(well, severity)
    return Three(known, well, _BLOCK if held else known)
