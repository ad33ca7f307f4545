"""The words of flags: who sent word, and how a flag ends. Codes are kept; words are shown to HR."""

from __future__ import annotations

#: Who may have sent word, by the kind of flag. The person's own notice is a form of theirs.
SOURCES: dict[str, dict[str, str]] = {
    "rap_back": {
        "state": "The state’s subsequent-arrest or rap-back service",
        "fbi": "The FBI’s rap back, through the state",
        "provider": "The screening provider’s continuous check",
    },
    "other": {
        "partner": "The person’s organisation",
        "school": "A school",
        "agency": "Another public agency",
        "paper": "A letter or call from somebody else",
    },
}
KINDS = {"rap_back": "Notice of a state or provider", "self_notice": "The person’s own notice", "other": "Other word"}
#: Word that comes by itself.
BY_ITSELF = {"first_district": "The district that this clearance was taken over from took it off its record"}
#: How a flag ends, as HR chooses it.
ENDINGS = {
    "nothing_changes": "Nothing changes",
    "new_check": "A new check is ordered",
    "not_this_person": "It is about somebody else",
    "not_eligible": "It leads to the fair steps",
}
