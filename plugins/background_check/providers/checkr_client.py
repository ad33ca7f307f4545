"""Checkr's interface (v1), as far as a hosted check needs it: a candidate, an invitation, and the report that comes of it.

Only ids, states and dates are read of an answer (``checkr_answers``). The searches themselves, which hold what was found, are
never asked for; of a canceled one only the reason is.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, uuid5

import msgspec

from staffing.api import Client, OrderAsk, OrderSeen, OrderStatus, Outcome, PackageSeen, ProviderTrouble

from ..rules.status import checkr_invitation, checkr_report
from .checkr_answers import Invitation, Report, moment, searches_of
from .http import Caller

#: Letters of a node's custom id, as Checkr allows them.
_NODE = re.compile(r"[A-Za-z0-9 \-:&_]+")
#: Searches that name no address and no person when they were canceled: the reason is asked of one of these.
_SAYS_WHY = {
    "sex_offender_search_id": "sex_offender_searches",
    "global_watchlist_search_id": "global_watchlist_searches",
    "national_criminal_search_id": "national_criminal_searches",
}
_Kind = TypeVar("_Kind")
_MET = frozenset({Outcome.ELIGIBLE, Outcome.WITH_CONDITIONS})


class CheckrClient(Client):
    """One account."""

    def __init__(self, caller: Caller, *, node: str = "") -> None:
        self._call, self._node = caller, node

    async def packages(self) -> list[PackageSeen]:
        """What the account, or its node, may order."""
        allowed = await self._allowed()
        found = []
        async for each in self._call.pages("packages"):
            slug = each.get("slug")
            if isinstance(slug, str) and slug and (allowed is None or slug in allowed):
                kinds = [str(one.get("type", "")) for one in each.get("screenings") or () if isinstance(one, dict)]
                found.append(PackageSeen(code=slug, title=str(each.get("name") or slug), searches=tuple(filter(None, kinds))))
        return found

    async def order(self, ask: OrderAsk) -> OrderSeen:
        """Invite somebody. What this order's reference has already made is found again, so a second call makes nothing."""
        self._askable(ask)
        candidate = ask.subject_ref or await self._candidate(ask)
        invitation = await self._invitation_of(candidate, ask)
        if invitation is None:
            body: dict[str, Any] = {"package": ask.package, "candidate_id": candidate, "tags": [ask.ref]}
            if node := ask.node or self._node:
                body["node"] = node
            if ask.state:
                body["work_locations"] = [_location(ask)]
            invitation = _read(await self._call.post("invitations", body, key=_key("invitation", ask.ref)), Invitation, self)
        return await self._seen(invitation)

    async def look(self, order: OrderSeen) -> OrderSeen:
        """The invitation, and its report once there is one, as they are now."""
        found = await self._call.found(f"invitations/{_part(order.order_ref)}", include_deleted="true")
        if found is not None:
            return await self._seen(_read(found, Invitation, self), report=order.report_ref)
        if not order.report_ref:
            raise self.trouble("does not know this invitation any more. Order it again", again=False, code="unknown")
        return await self._reported(order.report_ref, Invitation(id=order.order_ref, candidate_id=order.subject_ref))

    async def cancel(self, order: OrderSeen) -> OrderSeen:
        """Take back an invitation that the person has not used. What they have finished comes to its end by itself."""
        now = await self.look(order)
        if now.status.over or now.status is OrderStatus.COMPLETE:
            return now
        if now.status is not OrderStatus.AWAITING_SUBJECT:
            raise self.trouble(
                "has begun to search, so the order cannot be taken back. It comes to its end by itself and may be left undecided",
                again=False,
                code="too_late",
            )
        await self._call.delete(f"invitations/{_part(now.order_ref)}")
        return await self.look(now)

    async def decided(self, order: OrderSeen, outcome: Outcome) -> None:
        """Tell Checkr whom the district took. A decision against them is not told: the letters are the district's own."""
        if not order.report_ref:
            return
        report = f"reports/{_part(order.report_ref)}"
        if outcome in _MET:
            await self._call.post(report, {"adjudication": "engaged"}, key=_key("engaged", order.report_ref))

    async def changed(self, since: datetime) -> AsyncIterator[OrderSeen]:
        """Orders whose reports were revised since then, as after a dispute. Those still open are better looked at one by one."""
        moment_of_it = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        async for candidate in self._call.pages("candidates", report_revised_after=moment_of_it):
            if not isinstance(candidate.get("id"), str):
                continue
            async for each in self._call.pages("invitations", candidate_id=candidate["id"]):
                invitation = _read(each, Invitation, self)
                if invitation.report_id:
                    yield await self._seen(invitation)

    def trouble(self, said: str, *, again: bool, code: str) -> ProviderTrouble:
        """Something that did not work, as a sentence about Checkr."""
        return ProviderTrouble(f"{self._call.who} {said}.", again=again, code=code)

    async def _allowed(self) -> frozenset[str] | None:
        """The packages of this account's node; None if every package may be ordered."""
        if not self._node:
            return None
        async for node in self._call.pages("nodes", include="packages"):
            if node.get("custom_id") == self._node:
                named = [each.get("slug") if isinstance(each, dict) else each for each in node.get("packages") or ()]
                return frozenset(each for each in named if isinstance(each, str)) or None
        raise self.trouble(
            f"has no node with the custom id “{self._node}” in this account. "
            "An administrator writes the one that the account's hierarchy shows",
            again=True,
            code="node",
        )

    def _askable(self, ask: OrderAsk) -> None:
        if not ask.subject.email and not ask.subject_ref:
            raise ProviderTrouble(
                "Checkr invites people by e-mail, and no e-mail address is on record for this person. Add one and order again.",
                again=False,
                code="email",
            )
        node = ask.node or self._node
        if node and not _NODE.fullmatch(node):
            raise ProviderTrouble(
                f"“{node}” cannot be a node at Checkr: only letters, digits, spaces and - : & _ may stand in it. "
                "Correct it in the account, then order again.",
                again=False,
                code="node",
            )

    async def _candidate(self, ask: OrderAsk) -> str:
        """The candidate that stands for this order: the one made before, else a new one.

        An idempotency key lives for a day; looking first makes asking again harmless after that too.
        """
        async for each in self._call.pages("candidates", custom_id=ask.ref):
            if each.get("custom_id") == ask.ref and isinstance(each.get("id"), str):
                return str(each["id"])
        person = ask.subject
        body: dict[str, Any] = {
            "custom_id": ask.ref,
            "email": person.email,
            "first_name": person.given_name,
            "last_name": person.family_name,
        }
        if person.phone:
            body["phone"] = person.phone
        if re.fullmatch(r"\d{5}(-\d{4})?", person.postcode):
            body["zipcode"] = person.postcode[:5]
        if ask.state:
            body["work_locations"] = [_location(ask)]
        made = await self._call.post("candidates", body, key=_key("candidate", ask.ref))
        if not isinstance(made, dict) or not isinstance(made.get("id"), str):
            raise self.trouble("answered without the id of the candidate. It is tried again", again=True, code="answer")
        return str(made["id"])

    async def _invitation_of(self, candidate: str, ask: OrderAsk) -> Invitation | None:
        """The invitation made for this order before, if there is one."""
        async for each in self._call.pages("invitations", candidate_id=candidate):
            found = _read(each, Invitation, self)
            ours = ask.ref in (found.tags or ()) or (not ask.subject_ref and not found.tags)
            if ours and found.word != "deleted":
                return found
        return None

    async def _seen(self, invitation: Invitation, *, report: str = "") -> OrderSeen:
        if ref := invitation.report_id or report:
            return await self._reported(ref, invitation)
        read = checkr_invitation(invitation.word)
        waiting = read.status is OrderStatus.AWAITING_SUBJECT
        return OrderSeen(
            order_ref=invitation.id,
            status=read.status,
            raw=read.raw[:60],
            detail=read.detail,
            subject_ref=invitation.candidate_id,
            link=(invitation.invitation_url or "") if waiting else "",
            link_until=moment(invitation.expires_at) if waiting else None,
        )

    async def _reported(self, ref: str, invitation: Invitation) -> OrderSeen:
        answer = await self._call.get(f"reports/{_part(ref)}")
        report = _read(answer, Report, self)
        reasons = await self._why_canceled(answer) if report.status == "canceled" else frozenset[str]()
        read = checkr_report(report.status, report.result, includes_canceled=bool(report.includes_canceled), reasons=reasons)
        held = read.status is OrderStatus.ON_HOLD
        eta = moment(report.estimated_completion_time)
        return OrderSeen(
            order_ref=invitation.id,
            status=read.status,
            raw=read.raw[:60],
            result=read.result,
            detail=read.detail,
            subject_ref=report.candidate_id or invitation.candidate_id,
            report_ref=report.id,
            link=await self._to_do(report.id) if held else "",
            eta=eta.date() if eta else None,
            completed_at=moment(report.completed_at),
            revised_at=moment(report.revised_at),
            searches=searches_of(answer, read, whole=not report.includes_canceled),
        )

    async def _to_do(self, report: str) -> str:
        """Where the person goes on with what Checkr still wants from them."""
        answer = await self._call.found(f"reports/{_part(report)}/verifications")
        listed = answer.get("data") if isinstance(answer, dict) else None
        for each in listed if isinstance(listed, list) else ():
            if isinstance(each, dict) and not each.get("completed_at") and isinstance(each.get("verification_url"), str):
                return str(each["verification_url"])
        return ""

    async def _why_canceled(self, report: Mapping[str, Any]) -> frozenset[str]:
        """Why nothing could be searched, of one of the report's canceled searches. Nothing else of it is read."""
        for name, path in _SAYS_WHY.items():
            if isinstance(report.get(name), str):
                found = await self._call.found(f"{path}/{_part(report[name])}")
                if isinstance(found, dict) and isinstance(found.get("cancellation_reason"), str):
                    return frozenset({found["cancellation_reason"]})
        return frozenset()


def _location(ask: OrderAsk) -> dict[str, str]:
    return {"country": "US", "state": ask.state} | ({"city": ask.city} if ask.city else {})


def _key(what: str, ref: str) -> str:
    """An idempotency key that is always the same for one thing of one order."""
    return str(uuid5(NAMESPACE_URL, f"staffing:checkr:{what}:{ref}"))


def _part(ref: str) -> str:
    """An id as part of a path; an id of other letters than Checkr's is known to nobody."""
    return ref if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", ref) else "none"


def _read(answer: object, kind: type[_Kind], client: CheckrClient) -> _Kind:
    try:
        return msgspec.convert(answer, kind, strict=False)
    except msgspec.ValidationError:
        raise client.trouble(
            "answered in a way that is not understood here. It is tried again; nothing is lost", again=True, code="answer"
        ) from None
