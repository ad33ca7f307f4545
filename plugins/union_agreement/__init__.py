"""Union agreements, side letters and waivers: what they ask of a placement, from proposal to expiry.

Agreements are typed, dated, cited clauses. They are checked at placement time, simulated before they are signed, and
they end as their place's law says. No individual's union membership is known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from staffing.api import Case, Finding, Known, Link, Text, Viewer, hookimpl

STAFFING_API = (1, 1)
TITLE = "Union agreements"
JURISDICTIONS = ("us",)
#: The product leaves agreements to this plugin: a case that names some is not held where it is switched on.
READS_AGREEMENTS = True


@hookimpl
def findings(case: Case, on: date) -> Iterable[Finding]:
    """What each clause in force says of the case."""
    from .rules.deciding import findings_of

    return findings_of(case, on)


@hookimpl
def concerned(case: Case, on: date) -> bool:
    """Whether an agreement, or a law about labor, could have something to say."""
    from .rules.deciding import concerns

    return concerns(case, on)


@hookimpl(specname="tables")  # the module tables would take this name away when it is imported
def tables_app() -> str:
    """The plugin's tables."""
    return f"{__name__}.piccolo_app"


@hookimpl
async def known_here(tenant: str) -> Known | None:
    """The district's agreements and what is on record about them."""
    from .services.known import known

    return await known(tenant)


@hookimpl
async def demonstrate(tenant: str, jurisdiction: str, staff: Sequence[Viewer]) -> None:
    """Agreements of the demonstration, all invented."""
    from .services import demo

    await demo.load(tenant, staff)


@hookimpl
def routes() -> Iterable[Any]:
    """The pages of both sides."""
    from .web import handlers

    return handlers


@hookimpl
def menu(viewer: Viewer) -> Iterable[Link]:
    """The agreements, for those who act for a side."""
    if viewer.role not in {"hr", "admin", "union"}:
        return []
    return [Link(Text("Agreements"), "/p/union_agreement/", 10)]


@hookimpl
def actions(finding: Finding, person: UUID, placement: UUID | None, position: UUID | None, viewer: Viewer) -> Iterable[Link]:
    """What staff can do about a clause: one page quotes it and offers what would satisfy it."""
    if viewer.role != "hr" or (placement is None and position is None):
        return []
    words = {
        "needs_notice": "Send the notice",
        "needs_cosign": "Ask for the co-signature",
        "hold": "Tell what is missing",
    }.get(finding.effect.value, "What the agreement asks")
    which = f"placement={placement}" if placement else f"position={position}"
    return [Link(Text(words), f"/p/union_agreement/people/{person}?{which}#c-{finding.ref}")]


@hookimpl
def check_agreements(agreements: Sequence[Any], file: str) -> None:
    """Read the agreements of a scenario strictly."""
    from .rules.library import resolve

    resolve(agreements, file)
