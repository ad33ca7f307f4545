"""The facts staff can tell of a placement where an agreement asks for them: the question, and what kind of answer it takes."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from staffing.api import Invalid


class Asked(msgspec.Struct, frozen=True):
    """A question. ``kind``: number, bool, day, word, words. ``choices`` are the words it may be."""

    name: str
    question: str
    kind: str
    choices: tuple[str, ...] = ()


_ALL = (
    Asked("students_scheduled", "How many students are in the group?", "number"),
    Asked("students_present", "How many students are present?", "number"),
    Asked("qualified_adults_present", "How many adults who count are in the room?", "number"),
    Asked("adults_present", "How many adults are in the room?", "number"),
    Asked("minutes_alone", "For how many minutes are they alone with students?", "number"),
    Asked("cumulative_days", "On how many days of this school year were they alone with students?", "number"),
    Asked("emergency", "Was it an emergency?", "bool"),
    Asked("report_filed", "Was the report filed?", "bool"),
    Asked("same_room", "Is the supervising teacher in the same room?", "bool"),
    Asked("share_of_time", "For what share of the day is the teacher with them (0.75 is three quarters)?", "decimal"),
    Asked("teacher_plans", "Does the teacher plan the work?", "bool"),
    Asked("teacher_evaluates", "Does the teacher evaluate the work?", "bool"),
    Asked("supervisor_licence_status", "Is the supervisor's licence in force?", "word", ("active", "expired", "none")),
    Asked("teacher_informed_at", "On which day was the teacher of the room told?", "day"),
    Asked("teacher_response", "What did the teacher answer?", "word", ("agrees", "asks_for_change", "refuses")),
    Asked("similar_work_represented", "Do employees whom the union represents do the same or similar work there?", "bool"),
    Asked("covered_headcount", "How many people serve under the letter, this one included?", "number"),
    Asked("session_time", "At what time is it (15:00-16:30)?", "text"),
    Asked("school_time", "Is it in the school day?", "word", ("school_day", "out_of_school")),
    Asked("classification", "Which classification does this work belong to?", "text"),
    Asked("stated_cause", "Why is somebody placed here?", "text"),
    Asked("role_title", "What is the role called?", "text"),
    Asked("pay_rate", "How much is paid for an hour, in dollars?", "decimal"),
    Asked("employed_by_same_agency", "Does the same agency employ them?", "bool"),
    Asked("freely_offered", "Do they offer it freely, without pressure?", "bool"),
    Asked("badge_issued", "Have they a badge?", "bool"),
    Asked("emergency_declared", "Is an emergency declared?", "bool"),
    Asked("labor_dispute_status", "Is there a labor dispute?", "word", ("none", "work_to_rule", "strike", "lockout")),
    Asked("teacher_of_record_instruction", "Would the student otherwise be taught by the teacher then?", "bool"),
    Asked("request_date", "On which day was the joint body asked?", "day"),
    Asked("supervisees", "How many people does the supervising teacher supervise?", "number"),
    Asked("response_minutes", "Within how many minutes can the teacher be there?", "number"),
    Asked("supervisor_licence", "Which licence has the supervisor?", "text"),
    Asked("positions_n", "How many positions are to be filled?", "number"),
    Asked("payment_amount", "How much is paid, in dollars?", "decimal"),
    Asked("payment_basis", "What is it paid for?", "word", ("hour", "session", "week", "month", "year", "season")),
    Asked("comparable_full_rate", "What would full pay for the same work be, in dollars?", "decimal"),
    Asked("board_certified_end_date", "Which last day has the board certified?", "day"),
    Asked("term_ends_on", "On which day does the term end?", "day"),
    Asked("exceptions_used", "How many exceptions were used in this period?", "number"),
)
ASKED = {one.name: one for one in _ALL}


_KINDS = {"number": "a whole number", "decimal": "a number such as 0.75", "bool": "yes or no", "day": "a day (year-month-day)"}


def answer(name: str, given: str) -> Any:
    """An answer in its fact's kind. Raises ``Invalid`` with a sentence."""
    one = ASKED[name]
    try:
        return _read(one, given.strip())
    except ValueError:
        says = f"{one.question} The answer is {_KINDS.get(one.kind, 'one of the words offered')}."
        raise Invalid(says, {name: says}) from None


def _read(one: Asked, given: str) -> Any:
    if one.kind == "number":
        value = int(given)
        if value < 0:
            raise ValueError(given)
        return value
    if one.kind == "decimal":
        number = float(given)
        if not 0 <= number < 1_000_000:
            raise ValueError(given)
        return number
    if one.kind == "bool":
        return {"yes": True, "no": False}[given] if given in {"yes", "no"} else _wrong(given)
    if one.kind == "day":
        return date.fromisoformat(given).isoformat()
    if one.choices and given not in one.choices:
        raise ValueError(given)
    return given


def _wrong(given: str) -> Any:
    raise ValueError(given)
