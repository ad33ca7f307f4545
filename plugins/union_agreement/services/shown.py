"""An agreement as a page shows it: plain words beside the text, what changed since the last version, and what may follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import Text, Viewer, tenant_transaction, today

from ..rules import lifecycle
from ..rules.agreement import Agreement as Model
from ..rules.clause import Clause
from ..rules.in_force import Mode, after_expiry, inactive, mode_of, stands
from ..rules.lifecycle import OWN_SIDE, WORDS, State
from ..rules.profiles import Profile, profile
from ..rules.records import spoken
from ..rules.types import TYPES
from ..tables import Agreement, Happening, Step
from . import records, simulation
from .drafts import find, parsed
from .sides import Office, offices, side_of
from .steps import standing_of


class ClauseShown(msgspec.Struct, frozen=True, kw_only=True):
    """A clause for people. ``change``: new, changed, the same or gone, against the last version. ``binds`` says how far today."""

    id: str
    title: str
    type: str
    plain: str
    meaning: str
    text: str
    paraphrased: bool
    effect: str
    layer: str
    whom: str
    cite: str
    url: str | None
    change: str
    before: str
    binds: str
    asleep: Text | None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list. ``days_left`` until the last day, where there is one ahead."""

    id: UUID
    code: str
    version: int
    title: str
    kind: str
    state: str
    words: str
    side: str
    since: date
    until: date | None
    days_left: int | None
    units: tuple[str, ...]
    clauses: int
    own_draft: bool


class Reminder(msgspec.Struct, frozen=True, kw_only=True):
    """A day ahead that somebody should know of."""

    on: date
    what: str
    agreement: UUID
    code: str


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one agreement."""

    line: Line
    side: str
    made: Model
    why: Text
    place: Profile
    clauses: tuple[ClauseShown, ...]
    base: tuple[ClauseShown, ...]
    steps: tuple[lifecycle.Possible, ...]
    history: Sequence[Mapping[str, Any]]
    signed: tuple[tuple[str, str, bool], ...]
    votes: Mapping[str, Mapping[str, int]]
    told: frozenset[str]
    mine: list[Office]
    records: list[records.Kept]
    events: tuple[tuple[str, date | None], ...]
    simulations: list[simulation.Run]
    versions: list[Mapping[str, Any]]
    frozen_digest: str
    frozen_at: datetime | None
    may_change: bool
    ends_as: str


async def desk(viewer: Viewer) -> list[Line]:
    """The agreements a viewer sees: those both sides see, and the drafts of the viewer's own side."""
    side = side_of(viewer)
    async with tenant_transaction(viewer.tenant):
        rows = (
            await Agreement.select().order_by(Agreement.code).order_by(Agreement.version, ascending=False).output(load_json=True)
        )
    return [_line(row, side) for row in rows if State(row["state"]) not in OWN_SIDE or row["side"] == side]


async def ahead(viewer: Viewer, days: int = 400) -> list[Reminder]:
    """A calendar of what begins, nears its end and ends in the coming days, with the reminders both sides get."""
    found = []
    until = today() + timedelta(days=days)
    for line in await desk(viewer):
        if line.state in {"draft", "rejected", "withdrawn", "void", "superseded", "terminated"}:
            continue
        dates = [(line.since, "begins")]
        if line.until is not None:
            dates.append((line.until, "last day in effect"))
            dates += [(line.until - timedelta(days=n), f"{n} days before its end") for n in lifecycle.REMINDERS]
        found += [
            Reminder(on=day, what=what, agreement=line.id, code=line.code) for day, what in dates if today() <= day <= until
        ]
    return sorted(found, key=lambda one: (one.on, one.code))


async def page(viewer: Viewer, ident: UUID) -> Page:
    """Everything about an agreement. Raises ``NotFound`` for a draft of the other side too."""
    side = side_of(viewer)
    async with tenant_transaction(viewer.tenant):
        row = await find(viewer, ident, side)
        steps = await Step.select().where(Step.agreement == ident).order_by(Step.at).output(load_json=True)
        told = await Happening.select().where(Happening.agreement == ident)
        before = await Agreement.select().where(Agreement.id == row["previous"]).output(load_json=True)
        versions = (
            await Agreement.select(Agreement.id, Agreement.version, Agreement.state, Agreement.side)
            .where(Agreement.code == row["code"])
            .order_by(Agreement.version, ascending=False)
        )
        tried = await simulation.of_agreement(row, side)
        mine = await offices(viewer)
        kept = await records.of_agreement(ident)
    now = standing_of(row, steps)
    days = {one["event"]: one["on"] for one in told}
    how = stands(now.agreement, today(), days)
    old = {c.id: c for c in parsed(before[0]).clauses} if before else {}
    shown = tuple(_clause(c, now.agreement, old.get(c.id), bool(before), days) for c in now.agreement.clauses)
    gone = tuple(_gone(c) for ident_, c in old.items() if ident_ not in {c.id for c in now.agreement.clauses})
    base = now.agreement.base
    waits = (*now.agreement.ends.events, *(c.condition.event for c in now.agreement.clauses if c.condition))
    state = State(row["state"])
    return Page(
        line=_line(row, side),
        side=side,
        made=now.agreement,
        why=how.why,
        place=profile(now.agreement.jurisdiction),
        clauses=(*shown, *gone),
        base=tuple(_clause(c, base, None, False, days) for c in base.clauses) if base else (),
        steps=lifecycle.steps(now, today()),
        history=steps,
        signed=tuple((one.role, one.side, one.role in now.signed) for one in now.agreement.signatories),
        votes=now.votes,
        told=now.told,
        mine=mine,
        records=kept,
        events=tuple((event, days.get(event)) for event in dict.fromkeys(waits)),
        simulations=tried,
        versions=[one for one in versions if State(one["state"]) not in OWN_SIDE or one["side"] == side],
        frozen_digest=row["frozen_digest"],
        frozen_at=row["frozen_at"],
        may_change=state in lifecycle.OPEN_TEXT and not row["frozen_digest"],
        ends_as=after_expiry(now.agreement),
    )


def _line(row: Mapping[str, Any], side: str) -> Line:
    left = (row["until"] - today()).days if row["until"] is not None else None
    return Line(
        **{name: row[name] for name in ("id", "code", "version", "title", "kind", "state", "side", "since", "until")},
        words=WORDS[State(row["state"])],
        days_left=left if left is not None and left >= 0 else None,
        units=tuple(row["body"].get("units") or ()),
        clauses=len(row["body"].get("clauses") or ()),
        own_draft=State(row["state"]) in OWN_SIDE and row["side"] == side,
    )


def _clause(clause: Clause, made: Model, old: Clause | None, compare: bool, days: Mapping[str, date]) -> ClauseShown:
    kind = TYPES[clause.type]
    how = stands(made, today(), days)
    plain = clause.plain or kind.words(clause.params)
    change, before = "", ""
    if compare:
        change = "new" if old is None else "same" if _same(clause, old) else "changed"
        before = (old.plain or TYPES[old.type].words(old.params)) if old is not None and change == "changed" else ""
    return ClauseShown(
        id=clause.id,
        title=clause.title or spoken(clause.type).capitalize(),
        type=clause.type,
        plain=plain,
        meaning=kind.meaning,
        text=clause.text,
        paraphrased=clause.cite.paraphrased or not clause.text,
        effect=clause.effect.value,
        layer=clause.layer.value,
        whom=whom(clause),
        cite=clause.cite.title or clause.pattern,
        url=clause.cite.url,
        change=change,
        before=before,
        binds=(mode_of(clause, made, how) if how.mode is not Mode.NONE or how.after else Mode.NONE).value,
        asleep=inactive(clause, made, today()),
    )


def _gone(clause: Clause) -> ClauseShown:
    kind = TYPES[clause.type]
    plain = clause.plain or kind.words(clause.params)
    return ClauseShown(
        id=clause.id,
        title=clause.title or spoken(clause.type).capitalize(),
        type=clause.type,
        plain="",
        meaning=kind.meaning,
        text="",
        paraphrased=True,
        effect=clause.effect.value,
        layer=clause.layer.value,
        whom=whom(clause),
        cite="",
        url=None,
        change="gone",
        before=plain,
        binds=Mode.NONE.value,
        asleep=None,
    )


def _same(one: Clause, other: Clause) -> bool:
    change = msgspec.structs.replace
    return change(one, line=0, agreement="") == change(other, line=0, agreement="")


_ROLES = {
    "volunteer": "volunteers",
    "national_service": "national service members",
    "work_study": "work-study students",
    "paid_tutor_district": "paid tutors of the district",
    "cbo_staff": "partner staff",
    "substitute": "substitutes",
    "parapro": "paraprofessionals",
    "student_teacher": "student teachers",
}


def whom(clause: Clause) -> str:
    """Whom a clause is about, in words."""
    scope = clause.scope
    parts = [_listed([_ROLES[role] for role in scope.roles]) if scope.roles else "everybody placed"]
    for words, values in (
        ("for", scope.duties),
        ("at", scope.sites),
        ("paid by", scope.funding),
        ("where it is", scope.setting),
        ("in work of", scope.units),
    ):
        if values:
            parts.append(f"{words} {_listed([spoken(one) for one in values])}")
    return " ".join(parts)


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
