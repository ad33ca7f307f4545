"""The trace of a decision as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from staffing.core.trace import RuleTrace, Step

_TRUTH = {True: "yes", False: "no", None: "unknown"}


def as_text(traces: Iterable[RuleTrace], on: date) -> str:
    """Each rule with its conditions, facts and numbers, those that do not apply last and in a line each."""
    found = list(traces)
    lines = [f"How the answer for {on} was found"]
    for one in found:
        if one.state != "not_required":
            lines += ["", *_rule(one)]
    if others := [one for one in found if one.state == "not_required"]:
        lines += ["", "Rules that do not apply"]
        for one in others:
            why = one.applies.says if one.applies else one.reason
            lines.append(
                f"  {one.rule} [{one.ref}]: asked only when {why}" if one.applies else f"  {one.rule} [{one.ref}]: {why}"
            )
            lines += _facts(one.applies, "    ") if one.applies else []
    return "\n".join(lines)


def _rule(one: RuleTrace) -> Iterator[str]:
    yield f"{one.rule} [{one.ref}] {one.title}: {one.state} ({one.effect})"
    period = f"from {one.since}" if one.since else "since before the record"
    if one.citation:
        yield f"  {one.citation}, {period}{f' until {one.until}' if one.until else ''}, {one.confidence} confidence"
    if one.applies:
        yield "  applies when"
        yield from _step(one.applies, "    ")
    for number, exemption in enumerate(one.exemptions, 1):
        yield f"  exempt when ({number})"
        yield from _step(exemption, "    ")
    for must in one.must:
        yield "  must be so"
        yield from _step(must, "    ")
    for offer in one.offers:
        through = f" through {offer.through}" if offer.through else ""
        yield f"  would do: {offer.says}: {offer.state}{through}{f' ({offer.note})' if offer.note else ''}"
        if offer.open:
            yield from _step(offer.open, "    ")
    for parameter in one.parameters:
        since = f"since {parameter['since']}" if parameter["since"] else "day not on record"
        yield f"  number: {parameter['name']} = {parameter['value']} ({since}; {parameter['citation']})"
    yield f"  so: {one.reason}"


def _step(step: Step, indent: str) -> Iterator[str]:
    yield f"{indent}{_TRUTH[step.truth]}: {step.says}{_read(step.facts)}"
    for part in step.parts:
        yield from _step(part, indent + "  ")


def _facts(step: Step, indent: str) -> list[str]:
    lines = [f"{indent}{_TRUTH[step.truth]}: {step.says}{_read(step.facts)}"] if step.facts else []
    for part in step.parts:
        lines += _facts(part, indent)
    return lines


def _read(facts: tuple[dict[str, Any], ...]) -> str:
    if not facts:
        return ""
    return "  [" + "; ".join(f"{f['name']} = {_plain(f['value'])} ({f['source']})" for f in facts) + "]"


def _plain(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(str(item) for item in value) if isinstance(value, list | tuple) else str(value)
