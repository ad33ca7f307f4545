"""The double's own controls, under ``/_double/``: accounts, faults, what comes of somebody's check, events held and let go.

No vendor has these. They stand in for what a vendor's staff, courts and the passing of time do.
"""

from __future__ import annotations

import asyncio
from typing import Any

from .checks import OUTCOMES, Checks
from .events_out import Events
from .serving import Answer, Refused, Request, Routes, as_json
from .world import World, days, new_id

_FAULTS = frozenset({"slow", "slow_work", "busy", "broken", "lost_answer", "down", "remaining", "events"})


class Control:
    """Handlers for ``/_double/``."""

    def __init__(self, world: World, checks: Checks, events: Events) -> None:
        self.world, self.checks, self.events = world, checks, events

    def routes(self, routes: Routes) -> None:
        for method, path, does in (
            ("GET", "/_double/", self.all),
            ("PUT", "/_double/accounts/{}", self.account),
            ("PUT", "/_double/nodes", self.nodes),
            ("PUT", "/_double/packages", self.packages),
            ("PUT", "/_double/people/{}", self.person),
            ("PUT", "/_double/pace", self.pace),
            ("PUT", "/_double/forget", self.forget),
            ("PUT", "/_double/wide", self.wide),
            ("PUT", "/_double/faults", self.faults),
            ("POST", "/_double/invitations/{}/finish", self.finish),
            ("POST", "/_double/invitations/{}/age", self.age),
            ("POST", "/_double/reports/{}", self.report),
            ("POST", "/_double/release", self.release),
            ("GET", "/_double/idle", self.idle),
        ):
            routes.add(method, path, does)

    def _known(self, kind: str, ident: str) -> dict[str, Any]:
        found: dict[str, Any] | None = self.world[kind].get(ident)
        if found is None:
            raise Refused(404, f"No such thing among the {kind}")
        return found

    async def all(self, request: Request) -> Answer:
        """Everything the double knows."""
        return as_json(self.world.data)

    async def account(self, request: Request) -> Answer:
        """``{hooks: [url], client_secret?, secret?, hierarchy?, include_object?}`` for a key: made, or changed."""
        known = self.world["accounts"].setdefault(request.ids[0], {"hooks": []})
        known |= request.sent
        return as_json(known)

    async def nodes(self, request: Request) -> Answer:
        """``{nodes: [{custom_id, name, packages: [slug]}]}``, the same for every account."""
        self.world.data["nodes"] = request.sent["nodes"]
        return as_json({})

    async def packages(self, request: Request) -> Answer:
        """``{packages: [{name, slug, screenings: [kind]}]}``, the same for every account."""
        self.world.data["packages"] = request.sent["packages"]
        return as_json({})

    async def person(self, request: Request) -> Answer:
        """``{outcome?, refused_for_age?}`` for an e-mail address."""
        if request.sent.get("outcome", "clear") not in OUTCOMES:
            raise Refused(400, f"outcome is one of {', '.join(OUTCOMES)}")
        self.world["people"][request.ids[0]] = request.sent
        return as_json({})

    async def pace(self, request: Request) -> Answer:
        """``{seconds}`` until a report is complete; null leaves it pending until ``POST /_double/reports/{id}``."""
        self.world.data["pace"] = request.sent["seconds"]
        return as_json({})

    async def forget(self, request: Request) -> Answer:
        """A day passes: idempotency keys are forgotten."""
        self.world["keys"].clear()
        return as_json({})

    async def wide(self, request: Request) -> Answer:
        """``{account, orders}``: an Accurate account with so many orders more, whose list is narrowed to none of them."""
        for _ in range(request.sent["orders"]):
            order = {"id": new_id(), "account": request.sent["account"], "status": "COMPLETE", "result": None, "outcome": ""}
            self.world["orders"][order["id"]] = order | {"percentageComplete": 100, "referenceCodes": []}
        self.world.data["wide"] = True
        return as_json({})

    async def faults(self, request: Request) -> Answer:
        """All faults there are from now on; ``{}`` ends them.

        ``slow`` {seconds}, ``slow_work`` {seconds} (while the idempotency key is in use), ``busy`` {reset} (429),
        ``broken`` {status}, ``lost_answer`` (the work is done and 504 is answered), ``down`` (everything is 503),
        ``remaining`` {number, reset}, ``events`` {lost, hold, out_of_order, duplicates, wrong_signature, no_key}.
        Those of requests take ``times`` and ``on`` ("POST /v1/invitations").
        """
        unknown = request.sent.keys() - _FAULTS
        if unknown:
            raise Refused(400, f"No such fault: {', '.join(sorted(unknown))}")
        self.world.data["faults"] = request.sent
        return as_json({})

    async def finish(self, request: Request) -> Answer:
        """The person fills in everything: ``{outcome?}``."""
        ident, outcome = request.ids[0], request.sent.get("outcome")
        if ident in self.world["orders"]:
            self.checks.finish_order(self.world["orders"][ident], outcome or "clear")
            return as_json({})
        invitation = self._known("invitations", ident)
        email = self.world["candidates"][invitation["candidate_id"]]["email"]
        self.checks.finish(invitation, outcome or self.checks.expected(email))
        return as_json({"report_id": invitation["report_id"]})

    async def age(self, request: Request) -> Answer:
        """Time passes: the invitation runs out."""
        self._known("invitations", request.ids[0])["expires_at"] = days(-1)
        self.checks.expire()
        return as_json({})

    async def report(self, request: Request) -> Answer:
        """``{status, result?, includes_canceled?, reason?}``: what the courts, a dispute or a revision make of a report."""
        sent = request.sent
        self.checks.set_report(
            self._known("reports", request.ids[0]),
            sent["status"],
            sent.get("result"),
            includes_canceled=bool(sent.get("includes_canceled")),
            reason=sent.get("reason", ""),
        )
        return as_json({})

    async def release(self, request: Request) -> Answer:
        """Let held events go: ``{order: "" | "reverse"}``."""
        return as_json({"released": self.events.release(request.sent.get("order", ""))})

    async def idle(self, request: Request) -> Answer:
        """Answers when no event is on its way any more, or after ``seconds`` (10)."""
        try:
            await asyncio.wait_for(self.events.idle(), float(request.query.get("seconds", "10")))
        except TimeoutError:
            raise Refused(504, "Events are still on their way") from None
        return as_json({})
