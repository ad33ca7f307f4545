"""Decisions in parts: what is said of many is written once, and with each decision only what is that person's own."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import msgspec

from staffing.core.many import Many, SameWork, case_with
from staffing.core.remembered import NEW, Node, Reading, Remembered, of_the_person, varies
from staffing.core.same_work import Facts, Said

_encode = msgspec.json.Encoder(order="deterministic").encode


def number_of(text: bytes) -> int:
    """The number of a part with this text: 63 bits of its SHA-256."""
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") >> 1


class Parts:
    """The parts that decisions of a pass are made of. ``fresh`` collects those not given out yet, by number."""

    def __init__(self) -> None:
        self.fresh: dict[int, str] = {}
        self.facts: dict[tuple[str, date], Remembered] = {}
        self._known: dict[Said, int] = {}

    def of(self, said: Said) -> int:
        """The number of what a rule says."""
        found = self._known.get(said)
        if found is None:
            found = self._known[said] = self.add(_text(said))
        return found

    def add(self, text: bytes) -> int:
        """The number of a part with this text."""
        number = number_of(text)
        self.fresh[number] = text.decode()
        return number


def _text(said: Said) -> bytes:
    """A finding without what is a person's own. ``uses`` names the facts it shows."""
    finding = said.finding
    facts = finding.facts if said.rule is None else tuple(fact for fact in finding.facts if fact.value is None)
    data = msgspec.to_builtins(msgspec.structs.replace(finding, facts=facts))
    data["uses"] = list(said.rule.facts) if said.rule is not None else []
    data["severity"] = said.severity
    return _encode(data)


class Shown:
    """The facts that the findings of one kind of work show: those of the work as a part, the person's own for each person."""

    def __init__(self, work: SameWork, parts: Parts) -> None:
        self._work = work
        names = dict.fromkeys(name for rule in work.rules for name in rule.facts)
        self._own: list[Remembered] = []
        common: dict[str, Any] = {}
        for name in names:
            if varies(name):
                self._own.append(parts.facts.setdefault((name, work.on), _remembered(name)))
                continue
            fact = Remembered(lambda view, name=name: _fact(view, name))  # type: ignore[misc]
            text = fact.of({}, lambda: self._view({}))
            if not fact.settled:
                self._own.append(fact)
            elif text:
                common[name] = msgspec.Raw(text.partition(b":")[2])
        self.part = parts.add(_encode(common))

    def own(self, facts: Facts) -> bytes:
        """The person's own facts, by name, as JSON."""
        texts = []
        for fact in self._own:
            node = fact.root
            while node.__class__ is Node:
                node = node.then.get(facts.get(node.name), NEW)
            text = fact.of(facts, lambda: self._view(facts)) if node is NEW else node
            if text:
                texts.append(text)
        return b"{" + b",".join(texts) + b"}"

    def _view(self, facts: Facts) -> Reading:
        return Reading(case_with(self._work.case, facts, ()), self._work.on, self._work.many.book.specs)


def _remembered(name: str) -> Remembered:
    return Remembered(lambda view: of_the_person(view, _fact(view, name)))


def _fact(view: Reading, name: str) -> bytes:
    return b"" if view.get(name) is None else _encode(name) + b":" + _encode(view.used(name))


__all__ = ["Many", "Parts", "Shown", "number_of"]
