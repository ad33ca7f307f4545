"""Accurate's interface (v3), as far as an interactive order needs it.

No idempotency key is published, so an order is never posted twice by itself: before a new one is placed, the account's orders
are searched for ours by the reference code it carries. Few fields are read, and one that is missing is taken as not said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from staffing.api import Client, OrderAsk, OrderSeen, OrderStatus, PackageSeen, ProviderTrouble, Result

from ..rules.status import accurate_order
from .http import Caller

_PAGE = 100
#: Pages of orders that are searched for one of ours before we say that the list cannot be searched.
_MOST_PAGES = 50
_LINK_NAMES = ("invitationLink", "link", "url")


class AccurateClient(Client):
    """One account. ``labels`` are what its result words mean."""

    def __init__(self, caller: Caller, *, labels: Mapping[str, Result], county: str = "") -> None:
        self._call, self._labels, self._county = caller, labels, county

    async def packages(self) -> list[PackageSeen]:
        """The account's active packages."""
        found = []
        for each in _listed(await self._call.get("packages")):
            code = each.get("type") or each.get("packageType")
            if isinstance(code, str) and code:
                products = [str(one.get("productType", "")) for one in _listed(each.get("products"))]
                title = str(each.get("title") or each.get("name") or code)
                found.append(PackageSeen(code=code, title=title, searches=tuple(filter(None, products))))
        return found

    async def order(self, ask: OrderAsk) -> OrderSeen:
        """Order for somebody, who is then invited by Accurate. An order that carries this reference already is found again."""
        if not ask.subject.email:
            raise self._trouble(
                "invites people by e-mail, and no e-mail address is on record for this person. Add one and order again", "email"
            )
        if not ask.state or not ask.city:
            raise self._trouble(
                "wants to know where the work is done: the state and the city. Add them to the site, then order again",
                "work_location",
            )
        placed = await self._placed(ask.ref)
        if placed is None:
            candidate = ask.subject_ref or await self._candidate(ask)
            body = {
                "packageType": ask.package,
                "workflow": "INTERACTIVE",
                "candidateId": candidate,
                "jobLocation": {"country": "US", "region": ask.state, "region2": self._county or None, "city": ask.city},
                "copyOfReport": False,
                "referenceCodes": [ask.ref],
            }
            placed = await self._call.post("order", body)
        return await self._seen(placed)

    async def look(self, order: OrderSeen) -> OrderSeen:
        """The order as it is now."""
        return await self._seen(await self._call.get(f"order/{_part(order.order_ref)}"))

    async def cancel(self, order: OrderSeen) -> OrderSeen:
        """Accurate publishes no way to end an order; one that has ended by itself is told."""
        now = await self.look(order)
        if now.status.over or now.status is OrderStatus.COMPLETE:
            return now
        raise self._trouble(
            "takes an order back only on its own pages. End it there; what becomes of it is then seen here", "by_hand"
        )

    async def _candidate(self, ask: OrderAsk) -> str:
        person = ask.subject
        body = {"firstName": person.given_name, "lastName": person.family_name, "email": person.email}
        if person.phone:
            body["phone"] = person.phone
        made = await self._call.post("candidate", body)
        if not isinstance(made, dict) or not isinstance(made.get("id"), str):
            raise ProviderTrouble(
                "Accurate answered without the id of the candidate. It is tried again.", again=True, code="answer"
            )
        return str(made["id"])

    async def _placed(self, ref: str) -> Mapping[str, Any] | None:
        """The order that carries this reference, if there is one. The list is read whole, in case it is not narrowed to it."""
        before: list[Mapping[str, Any]] = []
        for page in range(1, _MOST_PAGES + 1):
            listed = _listed(await self._call.get("orders", referenceCode=ref, page=page, pageSize=_PAGE))
            for each in listed:
                if ref in (each.get("referenceCodes") or ()):
                    return each
            if len(listed) < _PAGE or listed == before:
                return None
            before = listed
        raise self._trouble(
            "does not let its list of orders be searched for this one, and ordering without that could order it twice. "
            "Order it on Accurate's own pages and record what it says",
            "list",
        )

    async def _seen(self, order: object) -> OrderSeen:
        if not isinstance(order, dict) or not isinstance(order.get("id"), str):
            raise ProviderTrouble(
                "Accurate answered in a way that is not understood here. It is tried again.", again=True, code="answer"
            )
        label = order.get("result") or order.get("orderResult")
        read = accurate_order(
            str(order.get("status") or order.get("orderStatus") or ""),
            label if isinstance(label, str) else None,
            self._labels,
            _percent(order.get("percentageComplete")),
        )
        waiting = read.status is OrderStatus.AWAITING_SUBJECT
        candidate = order.get("candidateId")
        return OrderSeen(
            order_ref=order["id"],
            status=read.status,
            raw=(f"{read.raw}: {label}" if isinstance(label, str) and label else read.raw)[:60],
            result=read.result,
            detail=read.detail,
            subject_ref=candidate if isinstance(candidate, str) else "",
            report_ref=order["id"] if read.status is OrderStatus.COMPLETE else "",
            link=await self._link(order["id"]) if waiting else "",
            completed_at=moment(order.get("completed")),
            searches=tuple(
                (str(each["productType"]), str(each.get("status") or ""))
                for each in _listed(order.get("searches"))
                if isinstance(each.get("productType"), str)
            ),
        )

    async def _link(self, order: str) -> str:
        """Where the person goes on. Accurate writes to them too, so an order without a link still goes on."""
        answer = await self._call.found(f"order/{_part(order)}/invitation-link")
        if not isinstance(answer, dict):
            return ""
        return next((str(answer[name]) for name in _LINK_NAMES if isinstance(answer.get(name), str)), "")

    def _trouble(self, said: str, code: str) -> ProviderTrouble:
        return ProviderTrouble(f"{self._call.who} {said}.", again=False, code=code)


def explain(status: int, text: str) -> ProviderTrouble | None:
    """What Accurate's refusals mean, by their known words. ``text`` is in lower case and goes no further than here."""
    if status in (400, 404, 422) and "package" in text:
        return ProviderTrouble(
            "Accurate does not have this package for this account. "
            "An administrator chooses one of the account's packages; then order again.",
            again=False,
            code="package",
        )
    return None


def moment(given: object) -> datetime | None:
    """A moment as Accurate writes it, or None."""
    if not isinstance(given, str):
        return None
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        return None
    return at.replace(tzinfo=at.tzinfo or UTC)


def _listed(answer: object) -> list[Mapping[str, Any]]:
    """The objects of a list, whether it stands alone or under ``data``, ``orders`` or ``packages``."""
    if isinstance(answer, dict):
        answer = next((answer[name] for name in ("data", "orders", "packages") if isinstance(answer.get(name), list)), None)
    return [each for each in answer if isinstance(each, dict)] if isinstance(answer, list) else []


def _percent(given: object) -> int | None:
    found = re.fullmatch(r"\s*(\d{1,3})\s*%?\s*", str(given))
    return int(found[1]) if found else None


def _part(ref: str) -> str:
    """An id as part of a path; an id of other letters is known to nobody."""
    return ref if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", ref) else "none"
