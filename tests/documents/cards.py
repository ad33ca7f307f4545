"""Badges of invented people, in the scripts the demonstration speaks and at the lengths that break layouts."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime

from staffing.documents import badge
from staffing.documents import badge_token as bt

KEY = bt.BadgeKey(bytes(range(32)))


def address(base_url: str = "https://badges.example.org:8443") -> str:
    token = bt.make(
        cti=secrets.token_bytes(6),
        status_index=secrets.randbelow(131072),
        role_code="TU",
        expires=datetime(2027, 7, 1, tzinfo=UTC),
        key=KEY,
    )
    return bt.address(token, base_url)


def card(**changed: object) -> badge.Card:
    values: dict[str, object] = {
        "called": "Thùy Linh",
        "name": "Đặng Thùy Linh",
        "initials": "TĐ",
        "district": "Alder Valley Unified",
        "role": "Reading tutor",
        "site": "Cesar Chavez Elementary",
        "organisation": "Valley Reads",
        "number": "ALD-000123-K",
        "issued_on": date(2026, 11, 24),
        "valid_through": date(2027, 6, 30),
        "address": address(),
        "help_phone": "+15105550142",
    }
    return badge.Card(**{**values, **changed})  # type: ignore[arg-type]


PEOPLE = {
    "Vietnamese": {},
    "Arabic": {"called": "ليلى", "name": "ليلى حداد", "latin_name": "Layla Haddad", "initials": "ل"},
    "Chinese": {"called": "丽华", "name": "陈丽华", "latin_name": "Chen Lihua", "initials": "陈"},
    "Korean": {"called": "지우", "name": "김지우", "latin_name": "Kim Jiwoo", "initials": "김"},
    "Haitian Creole": {"called": "Wòdlin", "name": "Wòdlin Jean-Baptiste", "initials": "WJ", "invented": True},
    "Bengali": {"called": "অনন্যা", "name": "অনন্যা রহমান", "latin_name": "Ananya Rahman", "initials": "অ"},
    "very long": {
        "called": "Maximiliana-Guadalupe",
        "name": "Maximiliana Guadalupe Hernández de la Torre y Villanueva Montenegro",
        "district": "Southeast Lakeshore and River Valley Regional Consortium of Public Schools",
        "role": "Paraprofessional for newcomers, grades 6 to 8",
        "site": "Martin Luther King Jr. Community Learning Hub at the Eastside Library",
    },
}
