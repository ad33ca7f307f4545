"""What happened to positions, and whether it is the work a placement would do: layoffs, cuts, vacancies, recall lists, leaves.

A row names positions, never a person: ``{type, date | on | since, until, classification, unit | unit_id, site, duties, positions,
hours_before, hours_after, cause}``. Each question is answered yes, no or not known (None).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from .agreement import as_day
from .clause import Clause
from .facts import Facts
from .records import spoken

Row = Mapping[str, Any]

_SAME = {
    "laid_off": "layoff",
    "reduction_in_force": "layoff",
    "rif": "layoff",
    "abolished": "position_abolished",
    "abolition": "position_abolished",
    "abolished_position": "position_abolished",
    "hours_reduced": "hours_cut",
    "hours_reduction": "hours_cut",
    "reduction_in_hours": "hours_cut",
    "reduced_hours": "hours_cut",
    "wages_cut": "wage_cut",
    "wage_reduction": "wage_cut",
    "benefits_cut": "benefit_cut",
    "benefit_reduction": "benefit_cut",
    "hours_restored": "restored",
    "recalled": "restored",
    "resigned": "resignation",
    "discharged": "discharge",
    "terminated": "discharge",
}
FULL = frozenset({"layoff", "position_abolished"})
PARTIAL = frozenset({"hours_cut", "wage_cut", "benefit_cut"})
LEFT = frozenset({"resignation", "discharge", "resignation_or_discharge"})
#: Other entries of a register of positions: none of them is displacement.
OTHER = frozenset(
    {
        "restored",
        "vacancy",
        "recall",
        "leave",
        "attrition",
        "retirement",
        "strike",
        "lockout",
        "work_to_rule",
        "transfer",
        "hire",
        "promotion",
        *LEFT,
    }
)
_NAMES = {
    "layoff": "layoff",
    "position_abolished": "abolished position",
    "hours_cut": "cut in hours",
    "wage_cut": "cut in wages",
    "benefit_cut": "cut in benefits",
    "volunteer_displaced": "volunteer's replacement",
}


def kind(row: Row) -> str:
    """The type of an entry, by one name. Hours told before and after decide whether hours were cut; to nothing is a layoff."""
    word = str(row.get("type") or row.get("kind") or "").strip().lower().replace(" ", "_").replace("-", "_")
    word = _SAME.get(word, word)
    before, after = row.get("hours_before"), row.get("hours_after")
    if word in FULL or word in OTHER or before is None or after is None:
        return word
    if after >= before:
        return word if word in PARTIAL - {"hours_cut"} else "unchanged"
    return "layoff" if after == 0 else "hours_cut"


def day(row: Row, *keys: str) -> date | None:
    """The first day an entry tells under these keys (``date``, ``on``, ``since`` where none are named)."""
    for key in keys or ("date", "on", "since", "effective_on", "from"):
        if (found := as_day(row.get(key))) is not None:
            return found
    return None


def unit_of(row: Row) -> str | None:
    """The bargaining unit of the position."""
    found = row.get("unit") or row.get("unit_id")
    return str(found) if found else None


def covered(row: Row, facts: Facts, clause: Clause) -> bool:
    """Whether the position is one of the agreement's. An entry without a unit, and any under a law, is."""
    unit = unit_of(row)
    ours = clause.scope.units or (facts.agreement.units if facts.agreement else ())
    return unit is None or not ours or unit in ours


def words_of(value: Any) -> frozenset[str] | None:
    """A list of codes, or None where none is told."""
    if not value:
        return None
    return frozenset([value] if isinstance(value, str) else [str(one) for one in value])


def same_duty(row: Row, facts: Facts) -> bool | None:
    """Whether the placement does a duty of the position."""
    own, theirs = words_of(facts.get("duties")), words_of(row.get("duties"))
    return None if own is None or theirs is None else not own.isdisjoint(theirs)


def same_classification(row: Row, facts: Facts) -> bool | None:
    """Whether the work is classified as the position was."""
    own, theirs = facts.get("classification"), row.get("classification")
    return None if own is None or theirs is None else _plain(own) == _plain(theirs)


def same_work(row: Row, facts: Facts, match: str = "substantially_equivalent") -> bool | None:
    """Whether the placement is into the work of the position.

    By ``same_duty`` its duties meet. By ``same_classification`` the classes are one; where the placement's is not told, doing one
    of the position's duties shows it. ``substantially_equivalent`` is either, under whatever title; a row may name classes it
    is ``equivalent_to``.
    """
    duty = same_duty(row, facts)
    if match == "same_duty":
        return duty
    equal = same_classification(row, facts)
    if match == "same_classification":
        return equal if equal is not None else (True if duty else None)
    if duty or equal or _named_equivalent(row, facts):
        return True
    return None if duty is None else False


def of_its_unit(row: Row, facts: Facts) -> bool | None:
    """Whether a duty of the placement is work of the position's unit, by the negotiated map."""
    known, own, unit = facts.get("duty_to_unit_map"), words_of(facts.get("duties")), unit_of(row)
    if not isinstance(known, Mapping) or own is None or unit is None:
        return None
    return any(unit in (words_of(known.get(duty)) or ()) for duty in own)


def at_site(row: Row, facts: Facts) -> bool | None:
    """Whether the position is at the placement's site; an entry that names no site is about the whole district."""
    named = [str(one) for one in (row.get("site"), row.get("site_name")) if one]
    if not named or "all" in named:
        return True
    site = facts.site
    return None if site is None else site in named


def title(row: Row) -> str:
    """The position in words, such as ``library aide``."""
    return spoken(str(row.get("classification") or "employee"))


def event(row: Row) -> str:
    """What happened in words, such as ``cut in hours from 30 to 20 of a library aide``."""
    what = _NAMES.get(kind(row), spoken(kind(row)))
    before, after = row.get("hours_before"), row.get("hours_after")
    hours = f" from {number(before)} to {number(after)}" if kind(row) == "hours_cut" and before is not None else ""
    return f"{what}{hours} ({title(row)})"


def number(value: Any) -> str:
    """A number without needless zeros."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def lacks(rows: Iterable[Row], facts: Facts, name: str) -> tuple[str, ...]:
    """The facts that would tell whether entries are the placement's work: its own, else the entries'."""
    own = [fact for fact in ("duties", "classification") if facts.get(fact) is None]
    told = [key for key in ("duties", "classification") if any(row.get(key) for row in rows)]
    asked = tuple(fact for fact in own if fact in told)
    return asked or (name,)


def _named_equivalent(row: Row, facts: Facts) -> bool:
    own = facts.get("classification")
    named = words_of(row.get("equivalent_to"))
    return own is not None and named is not None and _plain(own) in {_plain(one) for one in named}


def _plain(word: Any) -> str:
    return " ".join(str(word).lower().replace("_", " ").replace("-", " ").split())
