"""What Checkr's interface (v1) answers, as its public documentation describes it, for the part that hosted checks use."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from .checks import Checks
from .serving import Answer, Handler, Refused, Request, Routes, as_json
from .world import World, days, new_id, stamp

_LIMIT = 1200


class CheckrSide:
    """Handlers for ``/v1``."""

    def __init__(self, world: World, checks: Checks) -> None:
        self.world, self.checks = world, checks
        self._running: set[str] = set()

    def routes(self, routes: Routes) -> None:
        for method, path, does in (
            ("POST", "/v1/candidates", self.make_candidate),
            ("GET", "/v1/candidates", self.list_candidates),
            ("GET", "/v1/candidates/{}", self.one("candidates")),
            ("POST", "/v1/invitations", self.make_invitation),
            ("GET", "/v1/invitations", self.list_invitations),
            ("GET", "/v1/invitations/{}", self.get_invitation),
            ("DELETE", "/v1/invitations/{}", self.delete_invitation),
            ("GET", "/v1/reports/{}", self.one("reports")),
            ("POST", "/v1/reports/{}", self.adjudicate),
            ("GET", "/v1/reports/{}/verifications", self.list_verifications),
            ("GET", "/v1/reports/{}/adverse_items", self.adverse_items),
            ("POST", "/v1/reports/{}/adverse_actions", self.adverse_action),
            ("GET", "/v1/packages", self.list_packages),
            ("GET", "/v1/nodes", self.list_nodes),
            ("GET", "/v1/sex_offender_searches/{}", self.one("searches")),
            ("GET", "/v1/global_watchlist_searches/{}", self.one("searches")),
            ("GET", "/v1/national_criminal_searches/{}", self.one("searches")),
        ):
            routes.add(method, path, self._guarded(does))

    def _guarded(self, does: Handler) -> Handler:
        """With a known key, and each thing once for one idempotency key."""

        async def handle(request: Request) -> Answer:
            key = request.basic[0]
            if not key or self.world.account(key) is None:
                raise Refused(401, "Bad authentication error")
            once = request.headers.get("idempotency-key")
            if request.method != "POST" or not once:
                return await does(request)
            name = f"{key} {once}"
            if name in self.world["keys"]:
                kept = self.world["keys"][name]
                return Answer(kept["status"], kept["body"].encode(), {"content-type": "application/json"})
            if name in self._running:
                raise Refused(409, "A request with this idempotency key is still in progress")
            self._running.add(name)
            try:
                if (slow := self.world.took("slow_work", f"{request.method} {request.path}")) is not None:
                    await asyncio.sleep(slow["seconds"])
                answer = await does(request)
                self.world["keys"][name] = {"status": answer.status, "body": answer.body.decode()}
                return answer
            finally:
                self._running.discard(name)

        return handle

    def _mine(self, kind: str, request: Request, ident: str | None = None) -> dict[str, Any]:
        found: dict[str, Any] | None = self.world[kind].get(ident or request.ids[0])
        if found is None or found["account"] != request.basic[0]:
            raise Refused(404, f"{kind[:-1].capitalize()} not found")
        return found

    def one(self, kind: str) -> Handler:
        async def get(request: Request) -> Answer:
            return as_json(_shown(self._mine(kind, request)))

        return get

    def _list(self, request: Request, found: list[dict[str, Any]]) -> Answer:
        """One page, in the documented envelope."""
        per_page = int(request.query.get("per_page", "25"))
        page = int(request.query.get("page", "1"))
        if not 0 <= per_page <= 100 or page < 1:
            raise Refused(400, "per_page must be between 0 and 100")
        here = found[(page - 1) * per_page : page * per_page]

        def at(number: int) -> str:
            return f"{request.base}{request.path}?{urlencode(request.query | {'page': str(number), 'per_page': str(per_page)})}"

        return as_json(
            {
                "object": "list",
                "data": [_shown(each) for each in here],
                "count": len(found),
                "next_href": at(page + 1) if page * per_page < len(found) else None,
                "previous_href": at(page - 1) if page > 1 else None,
            }
        )

    def _all(self, kind: str, request: Request, keep: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        return [each for each in self.world[kind].values() if each["account"] == request.basic[0] and keep(each)]

    async def make_candidate(self, request: Request) -> Answer:
        sent = request.sent
        if "@" not in str(sent.get("email", "")):
            raise Refused(400, "email is invalid")
        same = self._all("candidates", request, lambda each: _alike(each, sent))
        if len(same) >= 2:
            raise Refused(409, "You may create no more than 2 duplicate candidates in 24 hours")
        known = ("email", "first_name", "last_name", "middle_name", "phone", "zipcode", "custom_id", "work_locations", "metadata")
        ident = new_id()
        made: dict[str, Any] = {
            "id": ident,
            "object": "candidate",
            "uri": f"/v1/candidates/{ident}",
            "created_at": stamp(),
            "ssn": None,
            "report_ids": [],
        }
        made |= {name: sent.get(name) for name in known} | {"account": request.basic[0]}
        self.world["candidates"][ident] = made
        self.checks.tell(made, "candidate.created")
        return as_json(_shown(made), 201)

    async def list_candidates(self, request: Request) -> Answer:
        asked = request.query

        def keep(each: dict[str, Any]) -> bool:
            if any(name in asked and each.get(name) != asked[name] for name in ("custom_id", "email")):
                return False
            after = asked.get("report_revised_after")
            reports = [self.world["reports"][ref] for ref in each["report_ids"]]
            return after is None or any((report["revised_at"] or "") >= after for report in reports)

        return self._list(request, self._all("candidates", request, keep))

    async def make_invitation(self, request: Request) -> Answer:
        sent, account = request.sent, self.world["accounts"][request.basic[0]]
        candidate = self._mine("candidates", request, str(sent.get("candidate_id")))
        if sent.get("package") not in {each["slug"] for each in self.world["packages"]}:
            raise Refused(400, "Package not found")
        if account.get("hierarchy"):
            if not sent.get("node"):
                raise Refused(400, "node is required for hierarchy-enabled accounts")
            if sent["node"] not in {each["custom_id"] for each in self.world["nodes"]}:
                raise Refused(400, "Node not found")
            if not sent.get("work_locations"):
                raise Refused(400, "work_locations is required for hierarchy-enabled accounts")
        if self.world["people"].get(candidate["email"], {}).get("refused_for_age"):
            raise Refused(400, "Candidate is below the minimum age for this package")
        today = self._all("invitations", request, lambda each: each["candidate_id"] == candidate["id"])
        if len(today) >= 3:
            raise Refused(409, "You may request no more than 3 reports per candidate in 24 hours")
        ident = new_id()
        made = {
            "id": ident,
            "object": "invitation",
            "uri": f"/v1/invitations/{ident}",
            "status": "pending",
            "invitation_url": f"{request.base}/apply/{ident}",
            "created_at": stamp(),
            "expires_at": days(7),
            "completed_at": None,
            "deleted_at": None,
            "package": sent["package"],
            "candidate_id": candidate["id"],
            "report_id": None,
            "tags": sent.get("tags") or [],
            "node": sent.get("node"),
            "work_locations": sent.get("work_locations") or [],
            "account": request.basic[0],
        }
        self.world["invitations"][ident] = made
        self.checks.tell(made, "invitation.created")
        return as_json(_shown(made), 201)

    async def list_invitations(self, request: Request) -> Answer:
        asked = request.query
        self.checks.expire()

        def keep(each: dict[str, Any]) -> bool:
            return not each["deleted_at"] and all(
                name not in asked or each[name] == asked[name] for name in ("candidate_id", "status")
            )

        return self._list(request, self._all("invitations", request, keep))

    async def get_invitation(self, request: Request) -> Answer:
        self.checks.expire()
        found = self._mine("invitations", request)
        if found["deleted_at"] and request.query.get("include_deleted") != "true":
            raise Refused(404, "Invitation not found")
        return as_json(_shown(found))

    async def delete_invitation(self, request: Request) -> Answer:
        found = self._mine("invitations", request)
        if found["status"] != "pending" or found["deleted_at"]:
            raise Refused(400, "Only a pending invitation can be canceled")
        found["deleted_at"] = stamp()
        self.checks.tell(found, "invitation.deleted")
        return as_json(_shown(found))

    async def adjudicate(self, request: Request) -> Answer:
        report = self._mine("reports", request)
        if request.sent.get("adjudication") != "engaged":
            raise Refused(400, "adjudication must be engaged")
        if report["status"] != "complete":
            raise Refused(400, "The report is not complete")
        report["adjudication"] = "engaged"
        self.checks.tell(report, "report.engaged")
        return as_json(_shown(report))

    async def list_verifications(self, request: Request) -> Answer:
        report = self._mine("reports", request)
        return self._list(request, self._all("verifications", request, lambda each: each["report_id"] == report["id"]))

    async def adverse_items(self, request: Request) -> Answer:
        report = self._mine("reports", request)
        if report["result"] != "consider" or report["id"] in self.world["actions"]:
            raise Refused(400, "The report has no items to act on")
        item = {
            "id": new_id(),
            "object": "adverse_item",
            "text": "an invented entry of an invented court",
            "account": request.basic[0],
        }
        return self._list(request, [item])

    async def adverse_action(self, request: Request) -> Answer:
        report = self._mine("reports", request)
        if not request.sent.get("adverse_item_ids"):
            raise Refused(400, "adverse_item_ids is required")
        made = {"id": new_id(), "object": "adverse_action", "status": "pending", "report_id": report["id"]}
        self.world["actions"][report["id"]] = made
        report["adjudication"] = "pre_adverse_action"
        self.checks.tell(report, "report.pre_adverse_action")
        return as_json(made, 201)

    async def list_packages(self, request: Request) -> Answer:
        found = [
            {"id": each["slug"], "object": "package", "name": each["name"], "slug": each["slug"]}
            | {"screenings": [{"type": kind, "subtype": None} for kind in each["screenings"]]}
            for each in self.world["packages"]
        ]
        return self._list(request, found)

    async def list_nodes(self, request: Request) -> Answer:
        return self._list(request, self.world["nodes"])

    def limits(self) -> dict[str, str]:
        """The headers that every answer carries."""
        left = self.world["faults"].get("remaining", {})
        return {
            "x-ratelimit-limit": str(_LIMIT),
            "x-ratelimit-remaining": str(left.get("number", _LIMIT - 1)),
            "x-ratelimit-reset": str(left.get("reset", 60)),
        }


def _alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(one.get(name) == other.get(name) for name in ("email", "first_name", "last_name", "custom_id"))


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name not in ("account", "outcome", "pending_since")}
