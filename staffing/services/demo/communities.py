"""The demonstration's communities as its data files tell them. Districts, partners and people are all invented."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Literal

import msgspec
import yaml

from staffing.services.actors import Role

Stage = Literal["applied", "waiting", "sent_back", "pending", "ready", "placed", "expiring", "expired", "under_18", "left"]

#: What the law of the place asks of people in a position before they start: papers they send in, checks that a state answers,
#: something the district looks up, or an answer that staff still owe, so that everybody there waits. Nothing: an empty list.
Asks = Literal["papers", "checks", "lookup", "answers"]

DATA = files("staffing.services.demo") / "data"


class Partner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A partner organisation; ``key`` is what the file calls it."""

    key: str
    name: str
    kind: str


class DemoSite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place; ``of`` is the partner that runs it, or the district."""

    key: str
    name: str
    kind: str
    setting: str
    address: str
    of: str = "district"


class DemoPosition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Work asked for; ``terms`` names an entry of ``terms.yaml``, and ``also`` holds what is told of this position besides."""

    key: str
    title: str
    site: str
    of: str
    terms: str
    summary: str
    places: int
    languages: tuple[str, ...] = ()
    asks: tuple[Asks, ...] = ("papers", "checks")
    also: dict[str, Any] = {}


class StaffAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody to sign in as; ``email`` is the part before the @."""

    name: str
    role: Role
    email: str
    site: str = ""
    of: str = ""


class NamedPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person the file names; the rest of the cast is put together by chance. ``account`` makes a sign-in for them."""

    given: str
    family: str
    language: str
    position: str
    stage: Stage
    latin: str = ""
    born: Any = None
    of: str = ""
    account: bool = False


class Community(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One community. ``languages`` weighs how often the cast speaks each; ``overlays`` count where a plugin brings them.

    ``context`` is what its staff have told of the whole district.
    """

    id: str
    name: str
    community: str
    jurisdiction: str
    time_zone: str
    area_code: int
    languages: dict[str, int]
    partners: tuple[Partner, ...]
    sites: tuple[DemoSite, ...]
    positions: tuple[DemoPosition, ...]
    staff: tuple[StaffAccount, ...]
    people: tuple[NamedPerson, ...]
    overlays: tuple[str, ...] = ()
    context: dict[str, Any] = {}


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of one language; a pair holds the name in its own script and in Latin letters."""

    given: tuple[str | tuple[str, str], ...]
    family: tuple[str | tuple[str, str], ...]
    family_first: bool = False


class StageSize(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many people of a community stand at a stage, and what the stage is."""

    people: int
    is_: str = msgspec.field(name="is")


def _read(name: str) -> Any:
    return yaml.safe_load(DATA.joinpath(name).read_text(encoding="utf-8"))


@cache
def communities() -> tuple[Community, ...]:
    """All of them, by id."""
    folder = DATA / "communities"
    texts = [entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".yaml")]
    return tuple(sorted((msgspec.convert(yaml.safe_load(text), Community) for text in texts), key=lambda c: c.id))


@cache
def names() -> dict[str, Names]:
    """Names by language."""
    return msgspec.convert(_read("names.yaml"), dict[str, Names])


@cache
def terms() -> dict[str, dict[str, Any]]:
    """Placement facts by the name positions give."""
    found: dict[str, dict[str, Any]] = _read("terms.yaml")
    return found


def agreed(community: Community, position: DemoPosition) -> dict[str, Any]:
    """The placement facts of a position, with what staff have told of it and of the district under ``context``."""
    also = dict(position.also)
    context = community.context | also.pop("context", {})
    return terms()[position.terms] | also | ({"context": context} if context else {})


@cache
def stages() -> dict[Stage, StageSize]:
    """The stages in the order of a person's way."""
    return msgspec.convert(_read("stages.yaml"), dict[Stage, StageSize])
