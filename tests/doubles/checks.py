"""How a check of an invented person goes: what they do on the double's page, and what the invented courts then say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from .events_out import Events
from .serving import Refused
from .world import World, days, new_id, past, stamp

#: What may come of a check: the report's status and result, whether some searches were not made, why they were canceled.
OUTCOMES: dict[str, tuple[str, str | None, bool, str]] = {
    "clear": ("complete", "clear", False, ""),
    "consider": ("complete", "consider", False, ""),
    "includes_canceled": ("complete", "clear", True, "vendor_unable_to_complete"),
    "suspended": ("suspended", None, False, ""),
    "under_age": ("canceled", None, True, "candidate_below_minimum_age"),
    "all_canceled": ("canceled", None, True, "candidate_withdrew_consent"),
    "paused": ("paused", None, False, ""),
}
#: The event that tells of a report's status.
_EVENTS = {
    "pending": "report.resumed",
    "complete": "report.completed",
    "suspended": "report.suspended",
    "paused": "report.updated",
    "dispute": "report.disputed",
    "canceled": "report.canceled",
}
#: Accurate's words for the same, with how much of the order is done.
_ACCURATE: dict[str, tuple[str, str | None, int]] = {
    "clear": ("COMPLETE", "MEETS REQUIREMENTS", 100),
    "consider": ("COMPLETE", "NEEDS REVIEW", 100),
    "includes_canceled": ("COMPLETE", "COURT CLOSED", 100),
    "suspended": ("NEEDS ATTENTION", None, 40),
    "under_age": ("CANCELLED", None, 100),
}


class Checks:
    """The steps of a check, and the events that tell of them."""

    def __init__(self, world: World, events: Events) -> None:
        self.world, self.events = world, events
        self._timers: set[asyncio.TimerHandle] = set()

    def tell(self, about: dict[str, Any], kind: str) -> None:
        self.events.checkr(about["account"], kind, about)
        self.world.changed()

    def close(self) -> None:
        for timer in self._timers:
            timer.cancel()

    def resume(self) -> None:
        """After a restart: what was being searched goes on."""
        for report in self.world["reports"].values():
            if report["status"] == "pending" and report["outcome"]:
                self._in_time(lambda report=report: self._complete(report))  # type: ignore[misc]  # bound at once
        for order in self.world["orders"].values():
            if order["outcome"]:
                self._in_time(lambda order=order: self._complete_order(order))  # type: ignore[misc]  # bound at once

    def expire(self) -> None:
        """Let invitations run out whose time is over."""
        for invitation in self.world["invitations"].values():
            if invitation["status"] == "pending" and not invitation["deleted_at"] and past(invitation["expires_at"]):
                invitation["status"] = "expired"
                self.tell(invitation, "invitation.expired")

    def expected(self, email: str) -> str:
        """What is to come of this person's check, if somebody has said so."""
        return str(self.world["people"].get(email, {}).get("outcome", "clear"))

    def finish(self, invitation: dict[str, Any], outcome: str) -> None:
        """The person has filled in everything: the invitation is used up and there is a report."""
        self.expire()
        if invitation["status"] != "pending" or invitation["deleted_at"]:
            raise Refused(409, "This invitation can no longer be used")
        candidate = self.world["candidates"][invitation["candidate_id"]]
        package = next(each for each in self.world["packages"] if each["slug"] == invitation["package"])
        report = self._new_report(invitation, package["screenings"], outcome)
        candidate["report_ids"].append(report["id"])
        invitation |= {"status": "completed", "completed_at": stamp(), "report_id": report["id"]}
        self.tell(invitation, "invitation.completed")
        self.tell(report, "report.created")
        self._in_time(lambda: self._complete(report))

    def _new_report(self, invitation: dict[str, Any], kinds: list[str], outcome: str) -> dict[str, Any]:
        ident = new_id()
        report: dict[str, Any] = {
            "id": ident,
            "object": "report",
            "uri": f"/v1/reports/{ident}",
            "status": "pending",
            "result": None,
            "assessment": None,
            "adjudication": None,
            "includes_canceled": False,
            "created_at": stamp(),
            "completed_at": None,
            "revised_at": None,
            "turnaround_time": None,
            "estimated_completion_time": days(3),
            "package": invitation["package"],
            "candidate_id": invitation["candidate_id"],
            "work_locations": invitation["work_locations"],
            "account": invitation["account"],
            "outcome": outcome,
        }
        for kind in kinds:
            search = new_id()
            self.world["searches"][search] = {
                "id": search,
                "object": kind,
                "status": "pending",
                "result": None,
                "cancellation_reason": None,
                "account": invitation["account"],
            }
            many = kind in ("county_criminal_search", "state_criminal_search")
            report[f"{kind}_ids" if many else f"{kind}_id"] = [search] if many else search
        self.world["reports"][ident] = report
        return report

    def _complete(self, report: dict[str, Any]) -> None:
        outcome, report["outcome"] = report["outcome"] or "clear", ""
        status, result, includes_canceled, reason = OUTCOMES[outcome]
        self.set_report(report, status, result, includes_canceled=includes_canceled, reason=reason)

    def set_report(
        self, report: dict[str, Any], status: str, result: str | None, *, includes_canceled: bool = False, reason: str = ""
    ) -> None:
        """Bring a report to a state, now, and tell of it. A second completion is a revision."""
        report["status"] = status
        if status in ("complete", "canceled"):
            report |= {"result": result, "includes_canceled": includes_canceled}
            report["revised_at" if report["completed_at"] else "completed_at"] = stamp()
        elif status == "suspended":
            self._want(report)
        for search in self._searches_of(report):
            search["status"] = "canceled" if reason else "complete" if status == "complete" else search["status"]
            search["cancellation_reason"] = reason or None
            if includes_canceled and status == "complete":
                reason = ""  # one of them was not made, the others were
        self.tell(report, _EVENTS[status])

    def _searches_of(self, report: dict[str, Any]) -> list[dict[str, Any]]:
        ids = [value for name, value in report.items() if name.endswith("_search_id") or name == "ssn_trace_id"]
        ids += [each for name, value in report.items() if name.endswith("_search_ids") for each in value]
        return [self.world["searches"][ident] for ident in ids]

    def _want(self, report: dict[str, Any]) -> None:
        """Something more is wanted from the person."""
        ident = new_id()
        self.world["verifications"][ident] = {
            "id": ident,
            "object": "verification",
            "uri": f"/v1/verifications/{ident}",
            "verification_type": "id_document",
            "verification_url": f"{self.world['address']}/send/{ident}",
            "completed_at": None,
            "report_id": report["id"],
            "account": report["account"],
        }
        self.tell(self.world["verifications"][ident], "verification.created")

    def sent(self, verification: dict[str, Any]) -> None:
        """The person has sent what was wanted."""
        if verification["completed_at"]:
            raise Refused(409, "This has been sent already")
        verification["completed_at"] = stamp()
        report = self.world["reports"][verification["report_id"]]
        self.tell(verification, "verification.completed")
        self.set_report(report, "pending", None)
        report["outcome"] = "clear"
        self._in_time(lambda: self._complete(report))

    def finish_order(self, order: dict[str, Any], outcome: str) -> None:
        """The person has filled in Accurate's pages."""
        if order["percentageComplete"] != 0:
            raise Refused(409, "This invitation can no longer be used")
        order |= {"status": "IN PROGRESS", "percentageComplete": 25, "outcome": outcome}
        self._tell_order(order)
        self._in_time(lambda: self._complete_order(order))

    def _complete_order(self, order: dict[str, Any]) -> None:
        outcome, order["outcome"] = order["outcome"] or "clear", ""
        status, result, percent = _ACCURATE[outcome]
        order |= {"status": status, "result": result, "percentageComplete": percent}
        if percent == 100:
            order["completed"] = stamp()
        self._tell_order(order)

    def _tell_order(self, order: dict[str, Any]) -> None:
        self.events.accurate(order["account"], order)
        self.world.changed()

    def _in_time(self, does: Callable[[], None]) -> None:
        """Do something when the pace says so: at once, after some seconds, or when somebody asks for it."""
        pace = self.world["pace"]
        if pace is None:
            return
        if not pace:
            does()
            return
        timer = asyncio.get_running_loop().call_later(pace, does)
        self._timers.add(timer)
