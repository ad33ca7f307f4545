"""How many students one adult may have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

import msgspec

from staffing.api import Actor, Effect

from ..answers import NOT_APPLICABLE, Answer, Unknown, act, satisfied, violated
from ..clause import Cap, Clause
from ..clause_type import ClauseType, ParamsError
from ..exact import whole
from ..facts import Facts
from ..records import spoken
from ..scope import applies

#: Grades by name; the others are their number.
_GRADES = {"pk": -1, "prek": -1, "pre-k": -1, "tk": -1, "k": 0, "kindergarten": 0}


def grade(word: object) -> int | None:
    """A grade as a number: ``3``, kindergarten 0, before it -1; None for what is no grade."""
    if isinstance(word, int) and not isinstance(word, bool):
        return word
    text = str(word).strip().lower()
    return _GRADES.get(text, int(text) if text.isdigit() else None)


def _span(grades: str) -> tuple[int, int] | None:
    """The first and last grade of ``k-3``, ``pre-k-k`` or ``4``; None for what are no grades."""
    if (one := grade(grades)) is not None:
        return one, one
    pieces = grades.split("-")
    for at in range(1, len(pieces)):
        first, last = grade("-".join(pieces[:at])), grade("-".join(pieces[at:]))
        if first is not None and last is not None:
            return first, last
    return None


class Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A cap for some grades; ``grades`` as in ``k-3`` or ``9-12``, both included."""

    grades: str | int
    max: int

    @property
    def span(self) -> tuple[int, int]:
        """The first and last grade. Raises ``ParamsError`` for what are no grades."""
        found = _span(str(self.grades))
        if found is None or found[0] > found[1]:
            raise ParamsError("grade_bands", f"'{self.grades}' are no grades. Write them such as k-3, 4-6 or 9-12.")
        return found


class RatioCap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At most ``max_students`` for each tutor, adult or teacher; exactly so many is allowed.

    The band with the youngest child's grade comes first; ``max_students`` is for all other grades. ``qualified`` names the
    evidence kind or fact an adult must have to count.
    """

    max_students: int | None = None
    per: Literal["tutor", "adult", "teacher"] = "adult"
    grade_bands: tuple[Band, ...] = ()
    exceptions_cap: Cap | None = None
    qualified: str = ""

    def __post_init__(self) -> None:
        if self.max_students is None and not self.grade_bands:
            raise ParamsError("max_students", "A ratio needs max_students, or a grade_bands list.")
        for name, number in (("max_students", self.max_students), *(("grade_bands", band.max) for band in self.grade_bands)):
            if number is not None and number < 1:
                raise ParamsError(name, f"A ratio of {number} students for an adult lets nobody work. Write 1 or more.")
        spans = sorted((band.span, str(band.grades)) for band in self.grade_bands)
        for (one, name), (other, next_name) in pairwise(spans):
            if other[0] <= one[1]:
                raise ParamsError("grade_bands", f"The bands {name} and {next_name} share a grade. Give each grade one number.")
        cap = self.exceptions_cap
        if cap is not None and cap.n < 1:
            raise ParamsError("exceptions_cap", f"A cap of {cap.n} exceptions allows none. Leave exceptions_cap out.")


def ratio_cap(params: RatioCap, facts: Facts, clause: Clause) -> Answer:
    """Students for each adult who counts, as an exact fraction; the cap itself is allowed (R7).

    Facts: ``students_present``, else ``students_scheduled``; ``qualified_adults_present``, a number or, where two ratios run side
    by side, ``{adult: 3, teacher: 1}``; else ``adults_present``; ``grade``. A tutor's group has its tutor, if nobody says how
    many there are. What holds for every number that is still possible is said; otherwise the missing fact is named.
    """
    caps, whose = _caps(params, facts)
    if caps == {None}:
        return NOT_APPLICABLE
    students = _students(facts)
    fewest, most, lacking = _adults(params, facts, clause)
    if students == 0 or all(cap is None or _within(students, fewest, cap) for cap in caps):
        return _kept(params, students, fewest, caps)
    if None not in caps and not any(cap is not None and (most is None or _within(students, most, cap)) for cap in caps):
        return _broken(params, students, fewest if most is None else most, max(cap for cap in caps if cap is not None))
    raise Unknown(*(whose if len(caps) > 1 else ()), *(lacking if most is None or most > fewest else ()))


def _within(students: int, adults: int, cap: int) -> bool:
    return adults > 0 and Fraction(students, adults) <= cap


def _caps(params: RatioCap, facts: Facts) -> tuple[set[int | None], tuple[str, ...]]:
    """Every cap that may count, and the fact that would tell which. None is a grade the clause says nothing about."""
    if not params.grade_bands:
        return {params.max_students}, ()
    youngest = _youngest(facts.get("grade"))
    if youngest is None:
        return {params.max_students, *(band.max for band in params.grade_bands)}, ("grade",)
    for band in params.grade_bands:
        if band.span[0] <= youngest <= band.span[1]:
            return {band.max}, ()
    return {params.max_students}, ()


def _youngest(value: Any) -> int | None:
    if value is None:
        return None
    found = _span(str(value))
    return None if found is None else found[0]


def _students(facts: Facts) -> int:
    """Who is there counts before who was expected."""
    for name in ("students_present", "students_scheduled"):
        if (found := whole(facts.get(name))) is not None:
            return found
    raise Unknown("students_scheduled")


def _adults(params: RatioCap, facts: Facts, clause: Clause) -> tuple[int, int | None, tuple[str, ...]]:
    """The fewest and the most adults who may count (None: no limit known), and the facts that would tell how many do."""
    told = facts.get("qualified_adults_present")
    if isinstance(told, Mapping):
        told = next((told[name] for name in (params.qualified, params.per) if name and name in told), None)
    bare = told is not None and not isinstance(facts.get("qualified_adults_present"), Mapping)
    lacking = ("qualified_adults_present",)
    if bare and _another_ratio(params, facts, clause):
        everybody = whole(facts.get("adults_present"))  # a bare number does not say for which of the two ratios it is
        return 0, everybody, lacking
    if (count := whole(told)) is not None:
        return count, count, ()
    everybody = whole(facts.get("adults_present"))
    if params.per == "tutor":
        own = _qualifies(params.qualified, facts)
        if everybody is None or everybody <= 1:
            return (0, 1, (params.qualified,)) if own is None else (int(own), int(own), ())
        return int(own is True), everybody - int(own is False), lacking
    if everybody is None:
        return 0, None, lacking if params.qualified or params.per == "teacher" else ("adults_present",)
    if params.per == "adult" and not params.qualified:
        return everybody, everybody, ()
    return 0, everybody, lacking


def _qualifies(name: str, facts: Facts) -> bool | None:
    """Whether the person placed has what makes an adult count: a plain fact, or evidence in hand. None: not told."""
    if not name:
        return True
    value = facts.get(name)
    if isinstance(value, bool):
        return value
    held = facts.evidence(name)
    return True if any(item.in_hand(facts.on) for item in held) else False if held else None


def _another_ratio(params: RatioCap, facts: Facts, clause: Clause) -> bool:
    """Whether a second ratio of the same agreement, which counts other adults, is about this case too."""
    for other in facts.agreement.clauses if facts.agreement else ():
        if other.id == clause.id or not isinstance(other.params, RatioCap):
            continue
        if (other.params.per, other.params.qualified) == (params.per, params.qualified):
            continue
        try:
            if applies(other, facts):
                return True
        except Unknown:
            return True
    return False


def _kept(params: RatioCap, students: int, adults: int, caps: Iterable[int | None]) -> Answer:
    return satisfied(
        "Students: {students}. Adults who count: {adults}. At most {cap} for each {per} are allowed.",
        students=students,
        adults=adults,
        cap=min((cap for cap in caps if cap is not None), default=0),
        per=params.per,
    )


def _broken(params: RatioCap, students: int, adults: int, cap: int) -> Answer:
    if adults == 0:
        return violated(
            "Students: {students}, and nobody who counts. The agreement allows {cap} for each {per}.",
            remedy=act(
                Actor.SITE,
                "Bring another {per} who has: {qualified}." if params.qualified else "Bring another {per}.",
                per=params.per,
                qualified=spoken(params.qualified),
            ),
            students=students,
            cap=cap,
            per=params.per,
        )
    return violated(
        "Students: {students}. Adults who count: {adults}. That is more than {cap} for each {per}.",
        remedy=act(
            Actor.SITE,
            "Bring the group to {cap} students for each {per}, or add an adult who counts.",
            cap=cap,
            per=params.per,
        ),
        students=students,
        adults=adults,
        cap=cap,
        per=params.per,
    )


def _words(params: RatioCap) -> str:
    bands = [f"{band.max} in grades {band.grades}" for band in params.grade_bands]
    if params.max_students is not None:
        bands.append(f"{params.max_students} in other grades" if bands else f"{params.max_students}")
    first, *rest = bands
    first = first.replace(" in ", f" students for each {params.per} in ", 1) if " in " in first else ""
    base = f"At most {', '.join([first, *rest])}." if first else f"At most {params.max_students} students for each {params.per}."
    counts = f" To count, every {params.per} needs: {spoken(params.qualified)}." if params.qualified else ""
    cap = params.exceptions_cap
    more = f" At most {cap.n} exceptions in a {spoken(cap.per)}." if cap else ""
    return f"{base}{counts}{more}"


TYPES = (
    ClauseType(
        name="ratio_cap",
        params=RatioCap,
        check=ratio_cap,
        effect=Effect.BLOCK,
        meaning="Maximum students for each qualified adult, tutor or supervising teacher.",
        words=_words,
        facts=(
            "students_scheduled",
            "students_present",
            "qualified_adults_present",
            "adults_present",
            "grade",
            "exceptions_used",
        ),
    ),
)
