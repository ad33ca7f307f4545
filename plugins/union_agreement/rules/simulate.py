"""A proposal tried out: each placement decided under what counts now, and as if the proposal had counted throughout.

Compared is what agreements and the law about labor say; a person's own checks are the same either way. Nothing here changes
anything. What a decision would say is asked of the same functions that decide (``deciding.verdict``), and remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from staffing.api import Case, Effect, Text

from .agreement import Agreement
from .clause import Clause
from .deciding import superseded
from .facts import Facts
from .heard import Ask, Said, asking, grieved, of_law
from .in_force import Mode, Stands, inactive, mode_of, stands
from .remembered import MINE, Asked, Node, Reader, Shared, is_own
from .watched import EVIDENCE

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
    """Something that is asked: ``now`` and ``then`` say under which of both it counts. Without a clause: grievances, the law."""

    asked: Asked[tuple[Said, ...]]
    agreement: Agreement | None = None
    clause: Clause | None = None
    now: bool = True
    then: bool = True
    proposed: bool = False


class _Active(msgspec.Struct, frozen=True):
    """A part on a day: how far it binds, and whether it counts under both, only now, or only with the proposal."""

    n: int
    asked: Asked[tuple[Said, ...]]
    how: Stands
    mode: Mode
    where: int


#: Positions in what was said.
_BOTH, _NOW, _THEN = range(3)


class _Rest(msgspec.Struct):
    """What is asked on days on which the same things count: what is always said, and what is to be asked."""

    always: tuple[list[Said], list[Said], list[Said]]
    asked: list[_Active]


_Nodes = dict[tuple[int, Mode], Node[tuple[Said, ...]] | None]


class _Base(msgspec.Struct):
    """Placements that differ in nothing but what is each one's own (``is_own``)."""

    nodes: _Nodes = {}
    rest: dict[int, _Rest] = {}


class Kind(msgspec.Struct):
    """Placements that no fact tells apart, but for what is each one's alone (then it is not ``shared``).

    ``kept`` is for callers.
    """

    base: _Base
    shared: bool
    version: int
    nodes: _Nodes = {}
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
        self._parts = [_Part(asked=Asked(of_law))]
        for one in every:
            asks: list[tuple[Clause | None, Ask]] = [(clause, asking(clause, one)) for clause in one.clauses]
            asks += [(None, grieved(one))] if one.hold_on_grievance else []
            self._parts += [
                _Part(
                    asked=Asked(ask),
                    agreement=one,
                    clause=clause,
                    now=id(one) in now,
                    then=id(one) in then,
                    proposed=one is proposal,
                )
                for clause, ask in asks
            ]
        self._standing: dict[tuple[date, str], tuple[_Active, ...]] = {}
        self._same: dict[tuple[tuple[int, Mode, int], ...], tuple[_Active, ...]] = {}
        self._names: dict[str, None] = {}
        self._kinds: dict[tuple[Any, ...], Kind] = {}
        self._bases: dict[tuple[Any, ...], _Base] = {}
        self._alike: dict[Any, _Base] = {}
        self._learn(FACTS)

    @property
    def waiting(self) -> list[tuple[Clause, Text]]:
        """Clauses of the proposal that would not count yet, with why: they wait for money or for a condition."""
        found = ((c, inactive(c, self.proposal, self.today)) for c in self.proposal.clauses)
        return [(clause, why) for clause, why in found if why is not None]

    @property
    def papers(self) -> bool:
        """Whether anything asked so far has read evidence. Where not, cases need not hold any."""
        return any(name.startswith(EVIDENCE) for name in self._names)

    def reader(self, placement: str, case: Case, like: Any = None) -> Reader:
        """A placement, to be given to ``day`` and ``kind``. ``like``: see ``Reader``."""
        return Reader(placement, case, self.today, self.shared, like)

    def kind(self, reader: Reader) -> Kind:
        """The kind of a placement. Ask again after ``day``: it may have learned of another fact that matters."""
        known: Kind | None = reader.kept
        if known is not None and known.version == len(self._names):
            return known
        base = self._alike.get(reader.like) if reader.like is not None else None
        if base is None:
            key = tuple([reader.key(name) for name in self._common])
            unique = MINE in key
            base = _Base() if unique else self._bases.setdefault(key, _Base())
            if reader.like is not None and not unique:
                self._alike[reader.like] = base
        own = (id(base), *[reader.key(name) for name in self._own])
        found = self._kinds.get(own)
        if found is None or found.base is not base:
            found = self._kinds[own] = Kind(base, MINE not in own, len(self._names))
        reader.kept = found
        return found

    def day(self, reader: Reader, on: date) -> OneDay:
        """A placement on a day."""
        active = self._active(reader, on)
        rest = self.kind(reader).base.rest.get(id(active))
        said: tuple[list[Said], list[Said], list[Said]]
        said = ([], [], []) if rest is None else (rest.always[0][:], rest.always[1][:], rest.always[2][:])
        for one in active if rest is None else rest.asked:
            said[one.where].extend(self._says(one, reader, on))
        if rest is None:
            self._prepare(reader, active, on)
        both, gone, added = said
        return OneDay(_three([*both, *gone]), _three([*both, *added]), tuple(added), tuple(gone))

    def _says(self, active: _Active, reader: Reader, on: date) -> tuple[Said, ...]:
        found = self._node(active, reader).get(on, reader.start)
        if found is None:
            found = active.asked.ask(reader, on, active.how, active.mode)
            if any(name not in self._names for name in active.asked.names):
                self._learn(active.asked.names)
        return found

    def _learn(self, names: Iterable[str]) -> None:
        """Further facts matter: kinds are told apart anew. What was said stays known."""
        self._names.update(dict.fromkeys(names))
        self._own = [name for name in self._names if is_own(name)]
        self._common = [name for name in self._names if not is_own(name)]
        for known in (self._kinds, self._bases, self._alike):
            known.clear()

    def _node(self, active: _Active, reader: Reader) -> Node[tuple[Said, ...]]:
        kind = self.kind(reader)
        nodes = kind.nodes if active.asked.own else kind.base.nodes
        which = (active.n, active.mode)
        if which in nodes:
            node = nodes[which]
        else:
            node = nodes[which] = active.asked.node(reader, active.mode)
        return node or reader.node((active.asked, active.mode))

    def _prepare(self, reader: Reader, active: tuple[_Active, ...], on: date) -> None:
        """Sort what such placements are asked: most clauses say the same on every day."""
        base = self.kind(reader).base
        rest = _Rest(([], [], []), [])
        for one in active:
            node = None if one.asked.own else base.nodes.get((one.n, one.mode))
            found = node.get(on, reader.start) if node is not None and node.always else None
            if found is None:
                rest.asked.append(one)
            else:
                rest.always[one.where].extend(found)
        base.rest[id(active)] = rest

    def _active(self, reader: Reader, on: date) -> tuple[_Active, ...]:
        """What counts on a day; the same for all placements, unless a case tells of events."""
        told = reader.case.context.get("events")
        events = told if isinstance(told, Mapping) else {}
        key = (on, repr(events) if events else "")
        found = self._standing.get(key)
        if found is None:
            active = tuple(self._standing_on(on, events, Facts(reader.case, on)))
            found = self._same.setdefault(tuple([(one.n, one.mode, one.where) for one in active]), active)
            self._standing[key] = found
        return found

    def _standing_on(self, on: date, events: Mapping[str, Any], facts: Facts) -> Iterator[_Active]:
        how = {one.id: stands(one, on, events) for one in (*self._then, *self._now)}
        gone_now = superseded(self._now, how, facts)
        gone_then = superseded(self._then, {**how, self.proposal.id: _IN_EFFECT}, facts)
        for n, part in enumerate(self._parts):
            if part.agreement is None:
                yield _Active(n, part.asked, _IN_EFFECT, Mode.BINDING, _BOTH)
                continue
            stand = _IN_EFFECT if part.proposed else how[part.agreement.id]
            mode = stand.mode if part.clause is None else mode_of(part.clause, part.agreement, stand)
            now, then = part.now, part.then
            if part.clause is not None:
                now, then = now and part.clause.id not in gone_now, then and part.clause.id not in gone_then
            if mode is not Mode.NONE and (now or then):
                yield _Active(n, part.asked, stand, mode, _BOTH if now and then else _NOW if now else _THEN)


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
