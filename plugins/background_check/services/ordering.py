"""What can be ordered for a person's work: the packages that would give what the rules miss, and ordering several at once."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from staffing.api import (
    Finding,
    Invalid,
    NotAllowed,
    PersonSeen,
    StaffingError,
    Viewer,
    Work,
    person_of,
    tenant_transaction,
    work_of,
)

from .order_view import PackageView, may_see
from .orders import place_order, why_impossible
from .packages import offered

_OURS = "background_check"


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """A package that can be ordered: ``answers`` are the findings it would give evidence for, ``not_now`` why it cannot be
    ordered now."""

    package: PackageView
    answers: tuple[Finding, ...]
    suggested: bool
    not_now: str = ""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What the page for ordering shows. ``missing``: findings that no package here would answer."""

    person: PersonSeen
    work: Work | None
    finding: Finding | None
    options: tuple[Option, ...]
    missing: tuple[Finding, ...]


async def options(
    viewer: Viewer, person: UUID, *, placement: UUID | None = None, position: UUID | None = None, rule: str = ""
) -> Choice:
    """The packages for a person's work, those first that answer ``rule`` or, without one, anything that is missing.

    Raises ``NotFound``, ``NotAllowed``.
    """
    may_see(viewer)
    who = await person_of(viewer.tenant, person)
    work = await work_of(viewer, person, placement=placement, position=position) if placement or position else None
    open_ = [finding for finding in (work.decision.findings if work else ()) if _asks(finding)]
    finding = next((one for one in open_ if one.rule == rule), None)
    wanted = [finding] if finding else open_
    found = []
    for package in await offered(viewer):
        answers = tuple(one for one in open_ if set(one.accepts) & set(package.kinds))
        suggested = any(one in answers for one in wanted)
        found.append(
            Option(
                package=package,
                answers=answers,
                suggested=suggested,
                not_now=await why_impossible(viewer, who, package.id),
            )
        )
    found.sort(key=lambda option: (not option.suggested, not option.answers, option.package.title))
    answered = {one.rule for option in found for one in option.answers}
    return Choice(
        person=who,
        work=work,
        finding=finding,
        options=tuple(found),
        missing=tuple(one for one in open_ if one.rule not in answered),
    )


def _asks(finding: Finding) -> bool:
    return finding.plugin == _OURS and bool(finding.accepts) and (not finding.effect.clears or finding.state in _RUNNING_OUT)


#: States of findings that clear today and still ask for a check soon.
_RUNNING_OUT = frozenset({"expiring", "provisional"})


async def place_several(
    viewer: Viewer,
    person: UUID,
    packages: Sequence[UUID],
    *,
    placement: UUID | None = None,
    position: UUID | None = None,
    why: str = "needed",
) -> list[UUID]:
    """Order several packages for a person: all of them or none. Gives the orders' ids.

    Raises ``Invalid`` where none was chosen, and what ``place_order`` raises.
    """
    if viewer.role not in {"hr", "system"}:
        raise NotAllowed("Checks are ordered by the district's HR clearance staff.")
    if not packages:
        raise Invalid("Choose at least one check to order.", {"packages": "Choose at least one check to order."})
    made: list[UUID] = []
    try:
        async with tenant_transaction(viewer.tenant):
            for package in dict.fromkeys(packages):
                made.append(await place_order(viewer, person, package, placement=placement, position=position, why=why))
    except StaffingError as error:
        if len(packages) > 1 and error.status in {409, 422}:
            raise Invalid(f"{error} None of the {len(packages)} checks was ordered.") from error
        raise
    return made
