"""The six standards of supervision: what each asks, and which facts show that it is kept to."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from staffing.api import Actor

from ..answers import Answer, Unknown, act, undecided, violated
from ..exact import fraction
from ..facts import Facts

#: What each standard asks, in plain words.
WORDS = {
    "line_of_sight": "the supervisor always sees them",
    "immediate_direction": "the supervisor is in the same room and directs the work",
    "proximity_close_frequent": "the supervisor is close by and looks in often",
    "continuously_aware_can_modify": "the supervisor always knows what goes on, and can change it",
    "available_on_call": "the supervisor comes when called",
    "responsible_not_present": "the supervisor answers for the work, and need not be in the room",
}
#: Visits in a week by the words they are told in.
_VISITS = {"none": 0, "weekly": 1, "once_a_week": 1, "twice_weekly": 2, "twice_a_week": 2, "daily": 5, "each_session": 5}
#: The visits a week that guidance on Title I calls too few, and those that are surely often: every school day.
_TOO_FEW, _EVERY_DAY = 2, 5
#: Standards that one person cannot keep to in several rooms at once.
_IN_ONE_ROOM = frozenset({"line_of_sight", "immediate_direction", "proximity_close_frequent"})
#: Standards that ask for all of the time.
_ALL_THE_TIME = frozenset({"line_of_sight", "immediate_direction", "continuously_aware_can_modify"})


class Seen:
    """What is told about how near the supervisor is."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.nearness: str | None = facts.get("supervision")
        self.room: bool | None = facts.get("same_room")

    def in_room(self) -> bool:
        """Whether the supervisor is certainly in the same room."""
        return self.nearness == "immediate" or (self.room is True and self.nearness in {None, "line_of_sight"})

    def there(self) -> bool:
        """Whether the supervisor is certainly in the room, or sees them all the time."""
        return self.nearness == "line_of_sight" or self.in_room()

    def pattern(self, key: str) -> Any:
        """A part of ``visit_pattern`` where that is a mapping."""
        told = self.facts.get("visit_pattern")
        return told.get(key) if isinstance(told, Mapping) else None

    def says(self, word: str) -> bool:
        """Whether ``visit_pattern`` says a word, by itself or as a part that is true."""
        return self.facts.get("visit_pattern") == word or self.pattern(word) is True

    def visits(self) -> Fraction | None:
        """Visits in a week; a visit in each session counts as every school day."""
        told = self.facts.get("visit_pattern")
        if isinstance(told, Mapping):
            each = fraction(told.get("per_session"))
            return Fraction(_EVERY_DAY) if each is not None and each >= 1 else fraction(told.get("per_week"))
        if isinstance(told, str):
            return Fraction(_EVERY_DAY) if told == "continuous" else Fraction(_VISITS[told]) if told in _VISITS else None
        return fraction(told)

    def response(self) -> Fraction | None:
        """Minutes until the supervisor is there after a call."""
        told = self.facts.get("response_minutes")
        return fraction(self.pattern("response_minutes") if told is None else told)

    def share(self) -> Fraction | None:
        """The share of the day with the supervisor: ``0.75``, ``3/4``, ``75%`` or ``{minutes: 270, of: 360}``."""
        told = self.facts.get("share_of_time")
        if isinstance(told, Mapping):
            minutes, whole_day = fraction(told.get("minutes")), fraction(told.get("of"))
            return minutes / whole_day if minutes is not None and whole_day else None
        return fraction(told)

    def several_rooms(self, standard: str) -> Answer | None:
        """One person named for several rooms at once is in one of them at most."""
        named = self.facts.get("supervisor")
        rooms = fraction(named.get("rooms")) if isinstance(named, Mapping) else None
        if rooms is None or rooms <= 1 or standard not in _IN_ONE_ROOM:
            return None
        return violated(
            "The supervisor is named for {rooms} rooms at the same time.",
            remedy=act(Actor.SITE, "Name a supervisor for each room."),
            rooms=str(rooms),
        )


def judge(standard: str, seen: Seen) -> Answer | None:
    """What a standard says: None where it is kept to. Raises ``Unknown`` where the facts do not tell."""
    if (answer := seen.several_rooms(standard)) is not None:
        return answer
    share = seen.share()
    if standard in _ALL_THE_TIME and share is not None and share < 1:
        return _broken(standard, "The supervisor is there for a part of the day only.")
    return _STANDARDS[standard](seen)


def _line_of_sight(seen: Seen) -> Answer | None:
    if seen.there():
        return None
    if seen.nearness in {"nearby", "none"} or seen.room is False:
        return _broken("line_of_sight", "The supervisor does not always see them.")
    raise Unknown("supervision")


def _immediate(seen: Seen) -> Answer | None:
    """The product's word ``immediate`` says it; so does a supervisor in the same room, unless somebody else plans the work."""
    if seen.nearness == "immediate":
        return None
    if seen.nearness is not None or seen.room is False:
        return _broken("immediate_direction", "The supervisor is not in the room directing the work.")
    if seen.room is None:
        raise Unknown("same_room")
    if seen.facts.get("teacher_plans") is False:
        return _broken("immediate_direction", "The supervisor is in the room, and somebody else plans the work.")
    return None


def _proximity(seen: Seen) -> Answer | None:
    """Close and often. Guidance on Title I calls one or two visits a week, or another room with the class, too little."""
    if seen.there() or seen.says("continuous"):
        return None
    if seen.nearness == "none" or seen.says("elsewhere"):
        return _broken("proximity_close_frequent", "The supervisor is somewhere else.")
    visits = seen.visits()
    if visits is None:
        if seen.nearness is None and seen.room is None:
            raise Unknown("same_room", "visit_pattern")
        raise Unknown("visit_pattern")
    if visits <= _TOO_FEW:
        return _broken("proximity_close_frequent", "One or two visits a week are not often.")
    if seen.nearness != "nearby":
        raise Unknown("supervision")
    if visits < _EVERY_DAY:
        return undecided(
            "The supervisor is near and looks in {visits} times a week. The text does not say whether that is often.",
            remedy=act(Actor.DISTRICT, "Ask counsel, or plan a visit in each session."),
            visits=str(visits),
        )
    return None


def _aware(seen: Seen) -> Answer | None:
    """In the room or in sight; or, from somewhere else, aware without a break and able to step in."""
    if seen.there() or seen.says("continuous"):
        return None
    if seen.nearness == "none":
        return _broken("continuously_aware_can_modify", "They may be alone, so nobody is aware of the work all the time.")
    if (visits := seen.visits()) is not None or seen.says("on_call"):
        says = "The supervisor looks in now and then, and is not aware all the time."
        return _broken("continuously_aware_can_modify", says if visits else "The supervisor is called when needed only.")
    raise Unknown("visit_pattern" if seen.nearness or seen.room is not None else "same_room")


def _on_call(seen: Seen) -> Answer | None:
    """Nearer is on call too. Being reached counts, told as ``on_call`` or by how many minutes it takes."""
    if seen.there() or seen.nearness == "nearby" or seen.says("on_call") or seen.says("continuous"):
        return None
    if seen.response() is not None:
        return None
    if seen.pattern("on_call") is False:
        return _broken("available_on_call", "The supervisor cannot be called.")
    raise Unknown("visit_pattern")


def _responsible(seen: Seen) -> Answer | None:
    """Nothing about nearness: whether there is a licensed employee who answers for the work is asked beside this."""
    return None


_STANDARDS = {
    "line_of_sight": _line_of_sight,
    "immediate_direction": _immediate,
    "proximity_close_frequent": _proximity,
    "continuously_aware_can_modify": _aware,
    "available_on_call": _on_call,
    "responsible_not_present": _responsible,
}


def _broken(standard: str, says: str) -> Answer:
    return violated(
        f"{says} Asked for: {{standard}}.",
        remedy=act(Actor.SITE, "Arrange it so that {standard}.", standard=WORDS[standard]),
        standard=WORDS[standard],
    )
