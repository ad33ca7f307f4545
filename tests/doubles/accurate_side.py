"""What Accurate's interface (v3) answers, as far as it is published: candidates, interactive orders, packages."""

from __future__ import annotations

from typing import Any

from .checks import Checks
from .serving import Answer, Handler, Refused, Request, Routes, as_json
from .world import INVENTED, World, new_id, stamp


class AccurateSide:
    """Handlers for ``/v3``."""

    def __init__(self, world: World, checks: Checks) -> None:
        self.world, self.checks = world, checks

    def routes(self, routes: Routes) -> None:
        for method, path, does in (
            ("GET", "/v3/packages", self.packages),
            ("POST", "/v3/candidate", self.make_candidate),
            ("POST", "/v3/order", self.make_order),
            ("GET", "/v3/orders", self.list_orders),
            ("GET", "/v3/order/{}", self.get_order),
            ("GET", "/v3/order/{}/invitation-link", self.link),
        ):
            routes.add(method, path, self._guarded(does))

    def _guarded(self, does: Handler) -> Handler:
        async def handle(request: Request) -> Answer:
            ident, secret = request.basic
            account = self.world.account(ident) if ident else None
            if account is None or (not ident.startswith(INVENTED) and account.get("secret") != secret):
                raise Refused(401, "Authentication failed")
            return await does(request)

        return handle

    def _mine(self, request: Request) -> dict[str, Any]:
        found: dict[str, Any] | None = self.world["orders"].get(request.ids[0])
        if found is None or found["account"] != request.basic[0]:
            raise Refused(404, "Order not found")
        return found

    async def packages(self, request: Request) -> Answer:
        return as_json(
            [
                {
                    "type": f"PKG_{each['slug'].upper()}",
                    "title": each["name"],
                    "products": [{"productType": kind} for kind in each["screenings"]],
                }
                for each in self.world["packages"]
            ]
        )

    async def make_candidate(self, request: Request) -> Answer:
        sent = request.sent
        if not all(sent.get(name) for name in ("firstName", "lastName", "email")):
            raise Refused(400, "firstName, lastName and email are required")
        made = {name: sent.get(name) for name in ("firstName", "lastName", "email", "phone")}
        made |= {"id": new_id(), "account": request.basic[0], "report_ids": []}
        self.world["candidates"][made["id"]] = made
        return as_json(_shown(made), 201)

    async def make_order(self, request: Request) -> Answer:
        sent = request.sent
        candidate = self.world["candidates"].get(str(sent.get("candidateId")))
        if candidate is None or candidate["account"] != request.basic[0]:
            raise Refused(404, "Candidate not found")
        if sent.get("packageType") not in {f"PKG_{each['slug'].upper()}" for each in self.world["packages"]}:
            raise Refused(400, "Invalid packageType")
        if not all((sent.get("jobLocation") or {}).get(name) for name in ("country", "region", "city")):
            raise Refused(400, "jobLocation is required")
        made = {
            "id": new_id(),
            "candidateId": candidate["id"],
            "packageType": sent["packageType"],
            "workflow": sent.get("workflow"),
            "status": "PENDING",
            "result": None,
            "percentageComplete": 0,
            "referenceCodes": sent.get("referenceCodes") or [],
            "created": stamp(),
            "completed": None,
            "account": request.basic[0],
            "outcome": "",
        }
        self.world["orders"][made["id"]] = made
        return as_json(_shown(made), 201)

    async def list_orders(self, request: Request) -> Answer:
        code = request.query.get("referenceCode")
        size, page = int(request.query.get("pageSize", "25")), int(request.query.get("page", "1"))
        mine = [each for each in reversed(self.world["orders"].values()) if each["account"] == request.basic[0]]
        found = [each for each in mine if code is None or self.world["wide"] or code in each["referenceCodes"]]
        return as_json({"orders": [_shown(each) for each in found[(page - 1) * size : page * size]]})

    async def get_order(self, request: Request) -> Answer:
        return as_json(_shown(self._mine(request)))

    async def link(self, request: Request) -> Answer:
        return as_json({"invitationLink": f"{request.base}/apply/{self._mine(request)['id']}"})


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name not in ("account", "outcome", "report_ids")}
