"""The kinds of evidence that a check can give, with the names people read."""

from __future__ import annotations

import re

#: Kinds of the product's own list that are checks of a person; packs ask for them by these names.
KIND_NAMES: dict[str, str] = {
    "state_criminal_history": "State criminal history check",
    "fbi_fingerprint": "FBI fingerprint check",
    "child_abuse_history": "Child abuse history check",
    "sex_offender_registry": "State sex offender registry check",
    "national_sex_offender_registry": "National sex offender registry check",
    "out_of_state_checks": "Checks in other states lived in",
    "employment_history_review": "Employment history review",
    "arrest_report_form": "Arrest and conviction report form",
    "affirmation": "Signed affirmation",
}

#: Those for which somebody is asked; the others are papers that the person signs or brings.
CHECKS = frozenset(KIND_NAMES) - {"arrest_report_form", "affirmation"}
#: A pack's own kind: its place, a colon, a word.
_OF_A_PACK = re.compile(r"[a-z]{2}:[a-z][a-z_]{1,60}")


def known(kind: str) -> bool:
    """Whether a package may give evidence of this kind."""
    return kind in KIND_NAMES or _OF_A_PACK.fullmatch(kind) is not None


def kind_name(kind: str) -> str:
    """A kind as people read it; a pack's own is read from its last part."""
    return KIND_NAMES.get(kind) or kind.rpartition(":")[2].replace("_", " ").capitalize()
