"""What the words of an Ed-Fi export mean here: descriptors as placement facts and evidence kinds. Absent stays unknown.

Source: Ed-Fi Data Standard 5.2, descriptors EmploymentStatus, StaffClassification, GradeLevel and TeachingCredential.
"""

from __future__ import annotations

import re
from typing import Any

from staffing.services.exchange.edfi_rows import Employment, Post, School, StateCredential

#: Employment statuses of people whom the district does not employ for good.
_ENGAGEMENTS: dict[str, dict[str, str]] = {
    "Volunteer/no contract": {"engagement": "volunteer", "employer": "district"},
    "Employed or affiliated with outside organization": {"engagement": "contractor", "employer": "partner"},
    "Contractual": {"engagement": "contractor"},
    "Substitute/temporary": {"engagement": "substitute", "employer": "district"},
}

#: Statuses that say nothing about who engages the person.
_NO_ANSWER = {"", "Other", "Unknown"}

_AIDES = {"Paraprofessional/Instructional Aide", "Instructional Aide", "Paraprofessional"}

_GRADES = {
    "Kindergarten": 0,
    "First grade": 1,
    "Second grade": 2,
    "Third grade": 3,
    "Fourth grade": 4,
    "Fifth grade": 5,
    "Sixth grade": 6,
    "Seventh grade": 7,
    "Eighth grade": 8,
    "Ninth grade": 9,
    "Tenth grade": 10,
    "Eleventh grade": 11,
    "Twelfth grade": 12,
}
_BANDS = (("k-5", range(6)), ("6-8", range(6, 9)), ("9-12", range(9, 13)))

#: Where most of a state lies; a district on the other side of a line says so with ``--time-zone``.
_TIME_ZONES = {
    "America/New_York": "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV",
    "America/Chicago": "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
    "America/Denver": "CO ID MT NM UT WY",
    "America/Phoenix": "AZ",
    "America/Los_Angeles": "CA NV OR WA",
    "America/Anchorage": "AK",
    "Pacific/Honolulu": "HI",
    "America/Puerto_Rico": "PR VI",
    "Pacific/Guam": "GU MP",
    "Pacific/Pago_Pago": "AS",
}


def time_zone(state: str) -> str:
    """The IANA zone of most of a state (two letters); Eastern time for an unknown one."""
    return next((zone for zone, states in _TIME_ZONES.items() if state in states.split()), "America/New_York")


def grade_band(school: School | None) -> str | None:
    """``k-5``, ``6-8`` or ``9-12`` when all grades of the school lie in one of them, else None (unknown)."""
    grades = {_GRADES[g] for g in school.grades if g in _GRADES} if school else set()
    return next((name for name, span in _BANDS if grades and grades <= set(span)), None)


def placement_terms(post: Post, employment: Employment | None, school: School | None) -> dict[str, Any]:
    """The placement facts an assignment and its employment answer; whatever they do not say is left out.

    Without a school the assignment is to the district itself: its office is no school ground, its work no child care.
    """
    terms: dict[str, Any] = {}
    if employment and employment.status not in _NO_ANSWER:
        terms |= _ENGAGEMENTS.get(employment.status, {"engagement": "employee", "employer": "district"})
    terms["setting"] = "campus" if school else "off_campus"
    terms["programme"] = "school"
    if post.classification in _AIDES and terms.get("engagement") == "employee":
        terms["engagement"] = "paraprofessional"
    if band := grade_band(school):
        terms["grade_band"] = band
    return terms


def is_employee(employment: Employment) -> bool:
    """Whether the district employs the person."""
    return employment.status not in _NO_ANSWER and employment.status not in _ENGAGEMENTS


def evidence_kind(credential: StateCredential) -> str:
    """The evidence kind a credential is. One that names no teaching credential and no field proves nothing we know of."""
    if credential.level == "Paraprofessional":
        return "aide_permit"
    if "Substitute" in credential.level:
        return "substitute_permit"
    if credential.level or credential.field:
        return "teaching_licence"
    return "ed-fi:credential"


def slug(district: str) -> str:
    """The short word for addresses: ``Grand Bend ISD`` gives ``grand-bend``."""
    words = re.sub(
        r"\b(independent|unified|public|community|consolidated|city|school|schools|district|isd|usd|cusd)\b",
        " ",
        district.lower(),
    )
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-") or re.sub(r"[^a-z0-9]+", "-", district.lower()).strip("-")
