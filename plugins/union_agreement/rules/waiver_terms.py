"""What is known of waivers of state rules in a place: who grants them, for how long, the union's step, what nobody may waive."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import msgspec

from staffing.api import calendar, read

#: The union's part in a waiver, and how people say it.
STEPS = {
    "none": "No step of the union is asked for",
    "notice": "The union is told in writing",
    "participation_recorded": "How the union took part is recorded",
    "written_consent_required": "The union consents in writing",
    "member_vote": "The members vote",
}
#: What is lacking while the step is not on record.
LACKING = {
    "notice": "The written notice to the union",
    "participation_recorded": "How the union took part",
    "written_consent_required": "The written consent of the union",
    "member_vote": "The vote of the members",
}
#: Steps that the union's own officer records: the district cannot consent or vote for it.
OF_THE_UNION = frozenset({"written_consent_required", "member_vote"})
KINDS = {
    "waiver": "A waiver: it ends, and is asked for again",
    "pilot": "A pilot or innovation plan: it ends with its evaluation",
    "standing_flexibility": "A standing flexibility: the law allows it anyway, and it need not end",
}


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where it was read."""

    title: str
    url: str


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """Something known of a place, with how sure it is. ``low`` was recalled and not read: ask counsel."""

    says: str
    confidence: str
    sources: tuple[Source, ...] = ()


class Term(Said, frozen=True, kw_only=True):
    """How long one lasts where its paper does not say: ``months`` less ``less_days`` (None: no such time is known)."""

    months: int | None = None
    less_days: int = 0


class Step(Said, frozen=True, kw_only=True):
    """What the union has to do with it: a word of ``STEPS``."""

    step: str


class Never(Said, frozen=True, kw_only=True):
    """What the law of a place lets nobody waive, by the words of ``subjects``."""

    subjects: tuple[str, ...]


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one place. ``no_authority``: nobody grants waivers of state rules there today."""

    title: str
    authority: str
    grantor: str
    how: str
    confidence: str
    read_as_of: date
    union: Step
    never: Never
    sources: tuple[Source, ...] = ()
    kind: str = "waiver"
    no_authority: bool = False
    renewal_lead_days: int = 90
    term: Term | None = None
    posted: Said | None = None

    def usual_end(self, starts_on: date) -> date | None:
        """The last day of one that begins on a day and whose paper does not say; None where no term is known."""
        if self.term is None or self.term.months is None:
            return None
        return calendar.add_months(starts_on, self.term.months) - timedelta(days=1 + self.term.less_days)


class _Data(msgspec.Struct, frozen=True, kw_only=True):
    subjects: dict[str, str]
    always: tuple[str, ...]
    unless_listed: tuple[str, ...]
    cite: str
    places: dict[str, Terms]


@functools.cache
def _data() -> _Data:
    file = Path(__file__).with_name("waiver_terms.yaml")
    data = msgspec.to_builtins(_plain(read(file.read_text(encoding="utf-8"), file.name)))
    sources = data["sources"]
    places = {name: msgspec.convert(_with(place, sources), Terms) for name, place in data["places"].items()}
    never = data["never"]
    return _Data(
        subjects=data["subjects"],
        always=tuple(never["subjects"]),
        unless_listed=tuple(never["unless_listed"]),
        cite=never["cite"],
        places=places,
    )


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _with(value: object, sources: Mapping[str, object]) -> object:
    """The same with the names of sources replaced by what they stand for."""
    if not isinstance(value, dict):
        return value
    return {key: [sources[name] for name in one] if key == "sources" else _with(one, sources) for key, one in value.items()}


def subjects() -> dict[str, str]:
    """What a waiver may be about: words and labels."""
    return _data().subjects


def terms(jurisdiction: str) -> Terms | None:
    """What is known of a place (``us-ca``, or a city in it); None where nothing was found."""
    parts = jurisdiction.split("-")
    for n in range(len(parts), 1, -1):
        if (found := _data().places.get("-".join(parts[:n]))) is not None:
            return found
    return None


def refusal(subject: str, jurisdiction: str) -> str:
    """Why nobody may waive something here, in a sentence or two; empty where somebody might."""
    data, place = _data(), terms(jurisdiction)
    label = data.subjects.get(subject, subject)
    if place is not None and subject in place.never.subjects:
        where = ", ".join(source.title for source in place.never.sources)
        return f"{label}: in {place.title} nobody may waive this ({where}). {place.never.says}"
    if subject in data.always:
        return f"{label}: nobody may waive this, here or anywhere. {data.cite}"
    return ""


def listed_only(subject: str) -> bool:
    """Whether a subject can be waived only where the state's law lists the section."""
    return subject in _data().unless_listed
