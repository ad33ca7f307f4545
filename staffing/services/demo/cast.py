"""The invented people of a community: always the same ones, with dates counted from today so that the demonstration lives on."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta

import msgspec

from staffing.services.demo.communities import Community, DemoPosition, NamedPerson, Names, Stage, agreed, names, stages

#: Languages that people can be written to in; others are written to in English.
_WRITTEN = {"en": "en", "es": "es", "zh": "zh-Hans", "vi": "vi", "ar": "ar", "ht": "ht"}
_RELATIONSHIPS = ("community", "community", "community", "parent", "parent", "relative", "former_employee")
_YEAR = timedelta(days=365)


class Invented(msgspec.Struct, frozen=True, kw_only=True):
    """A person of the cast and what they asked for. ``number`` counts them within their community."""

    number: int
    given: str
    family: str
    latin: str
    language: str
    speaks: tuple[str, ...]
    born_on: date
    email: str
    phone: str
    resident_since: date
    relationship: str
    position: str
    partner: str
    stage: Stage
    signed_up_on: date
    starts_on: date
    account: bool


def cast(community: Community, today: date) -> list[Invented]:
    """Everybody of a community: those its file names, then the others, stage by stage."""
    chance = random.Random(f"staffing demo {community.id}")  # noqa: S311  the same people every time
    people = []
    taken = {_address(p.latin or f"{p.given} {p.family}") for p in community.people}
    for number, (named, stage) in enumerate([*((p, p.stage) for p in community.people), *_others(community, chance, taken)]):
        people.append(_person(community, number, named, stage, chance=chance, today=today))
    return people


def _others(community: Community, chance: random.Random, taken: set[str]) -> Iterator[tuple[NamedPerson, Stage]]:
    spoken = [language for language, weight in community.languages.items() for _ in range(weight)]
    choices = {name: _positions(community, name) for name in stages()}
    for stage, size in stages().items():
        for _ in range(size.people):
            language = chance.choice(spoken)
            given, family, latin = _name(names()[language], chance, taken)
            position = chance.choice(choices[stage])
            of = next(p.of for p in community.positions if p.key == position)
            partner = of if of != "district" and chance.random() < 0.7 else ""
            yield (
                NamedPerson(
                    given=given, family=family, latin=latin, language=language, position=position, stage=stage, of=partner
                ),
                stage,
            )


def _positions(community: Community, stage: Stage) -> list[str]:
    """The work somebody of this stage may have."""
    return [position.key for position in community.positions if possible(community, position, stage)]


def possible(community: Community, position: DemoPosition, stage: Stage) -> bool:
    """Whether somebody in this position can stand at this stage: nobody waits for what the law there does not ask."""
    asks = set(position.asks)
    match stage:
        case "under_18":
            return agreed(community, position)["engagement"] == "volunteer" and "answers" not in asks
        case "waiting" | "sent_back":
            return "papers" in asks
        case "pending":
            return "checks" in asks
        case "expiring" | "expired":  # a check or a look-up ends one day; a diploma or a signed notice does not
            return bool(asks & {"checks", "lookup"})
        case _:
            return "answers" not in asks


def _name(pool: Names, chance: random.Random, taken: set[str]) -> tuple[str, str, str]:
    """A given and a family name, and both in Latin letters, given name first."""
    while True:
        given, family = chance.choice(pool.given), chance.choice(pool.family)
        own_given, latin_given = given if isinstance(given, tuple) else (given, given)
        own_family, latin_family = family if isinstance(family, tuple) else (family, family)
        latin = f"{latin_given} {latin_family}"
        if _address(latin) not in taken:
            taken.add(_address(latin))
            return own_given, own_family, latin


def _person(
    community: Community, number: int, named: NamedPerson, stage: Stage, *, chance: random.Random, today: date
) -> Invented:
    born_on = named.born or today - chance.randint(19, 74) * _YEAR - timedelta(days=chance.randint(0, 364))
    if stage == "under_18":
        born_on = today - 16 * _YEAR - timedelta(days=chance.randint(30, 300))
    if stage in ("placed", "expiring", "expired", "left"):
        starts_on = today - timedelta(days=chance.randint(40, 200))
        signed_up_on = starts_on - timedelta(days=chance.randint(14, 45))
    else:
        starts_on = today + timedelta(days=chance.randint(3, 35))
        signed_up_on = today - timedelta(days=chance.randint(1, 20))
    while starts_on.weekday() > 4:
        starts_on += timedelta(days=1)
    latin = named.latin or f"{named.given} {named.family}"
    resident = today - timedelta(days=chance.randint(400, 14_000))
    return Invented(
        number=number,
        given=named.given,
        family=named.family,
        latin=latin,
        language=_WRITTEN.get(named.language, "en"),
        speaks=tuple(dict.fromkeys((tag(named.language), "en"))),
        born_on=born_on,
        email=f"{_address(latin)}@{community.id}.example",
        phone=f"+1{community.area_code}55501{number:02d}",
        resident_since=max(resident, born_on),
        relationship="student" if stage == "under_18" else chance.choice(_RELATIONSHIPS),
        position=named.position,
        partner=named.of,
        stage=stage,
        signed_up_on=signed_up_on,
        starts_on=starts_on,
        account=named.account,
    )


def tag(language: str) -> str:
    """The BCP 47 tag of a language as the data files write it: people here write Chinese in simplified characters."""
    return "zh-Hans" if language == "zh" else language


def _address(latin: str) -> str:
    """The part of an e-mail address before the @: plain letters with dots."""
    plain = unicodedata.normalize("NFKD", latin.lower().translate(str.maketrans("đłøı", "dloi")))
    letters = "".join(c if c.isascii() and c.isalpha() else "." if c in " -" else "" for c in plain)
    return ".".join(part for part in letters.split(".") if part)
