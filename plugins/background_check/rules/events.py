"""Which of our orders an event is about, by the references it names. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

import msgspec


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """An order under the names that its provider has for it; '' where it has none yet."""

    order: UUID
    order_ref: str = ""
    report_ref: str = ""
    subject_ref: str = ""


def by_reference(orders: Iterable[Named]) -> dict[str, list[Named]]:
    """The orders under each of their references."""
    found: dict[str, list[Named]] = {}
    for named in orders:
        for ref in {named.order_ref, named.report_ref, named.subject_ref} - {""}:
            found.setdefault(ref, []).append(named)
    return found


def orders_of(refs: Iterable[str], known: Mapping[str, list[Named]]) -> frozenset[UUID]:
    """The orders that an event is about; none where it names nothing of ours.

    The order's or the report's own reference says which. A reference of the person alone means each of their orders that has no
    report yet, as a new report is first heard of by its person; without such an order, all of them.
    """
    refs = set(refs) - {""}
    named = [order for ref in refs for order in known.get(ref, ())]
    exact = frozenset(each.order for each in named if each.order_ref in refs or each.report_ref in refs)
    return exact or frozenset(each.order for each in named if not each.report_ref) or frozenset(each.order for each in named)
