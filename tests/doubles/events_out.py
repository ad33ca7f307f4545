"""Events, posted to the addresses of an account: signed, again after anything but 2xx, and wrong in every way on demand."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Coroutine
from typing import Any

import httpx

from .world import World, new_id, stamp

NO_KEY = "Please create an API key to check the authenticity of our webhooks."
#: Checkr tries every minute ten times, then every hour for a day. The double stops after the first ten.
TRIES = 10


class Events:
    """Posts events in the background. ``retry_every``: seconds until the next try; a vendor waits a minute."""

    def __init__(self, world: World, retry_every: float = 60) -> None:
        self.world, self.retry_every = world, retry_every
        self.held: list[tuple[str, bytes, dict[str, str]]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._at_once = asyncio.Semaphore(20)
        self._client: httpx.AsyncClient | None = None
        self._turning = False

    def checkr(self, key: str, kind: str, about: dict[str, Any]) -> None:
        """Tell of a change, as Checkr does: only the object's id, unless the account has the object included."""
        account = self.world["accounts"][key]
        named = about if account.get("include_object") else {name: about[name] for name in ("id", "object", "uri")}
        body = {"id": new_id(), "object": "event", "type": kind, "created_at": stamp(), "data": {"object": named}}
        self._send(account, key, body, signed=True)

    def accurate(self, key: str, order: dict[str, Any]) -> None:
        """Tell of a change, as Accurate does: without a signature."""
        body = {
            "id": new_id(),
            "created": stamp(),
            "eventType": "ORDER_STATUS_CHANGE",
            "environment": "sandbox",
            "test": True,
            "eventInfo": {
                "orderId": order["id"],
                "orderStatus": order["status"],
                "orderResult": order.get("result"),
                "percentageComplete": str(order["percentageComplete"]),
            },
        }
        self._send(self.world["accounts"][key], key, body, signed=False)

    def _send(self, account: dict[str, Any], key: str, body: dict[str, Any], *, signed: bool) -> None:
        faults = self.world["faults"].get("events", {})
        raw = json.dumps(body, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json", "User-Agent": "Checkr-Webhook/1.0" if signed else "Accurate"}
        if signed:
            secret = account.get("client_secret") or key
            signature = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
            if faults.get("wrong_signature"):
                signature = hmac.new(b"somebody else", raw, hashlib.sha256).hexdigest()
            headers["X-Checkr-Signature"] = NO_KEY if faults.get("no_key") else signature
        self.world["events"].append(
            {"id": body["id"], "type": body.get("type") or body["eventType"], "about": body, "answers": []}
        )
        if faults.get("lost"):
            return
        copies = [(hook, raw, headers) for hook in account["hooks"][:2]] * (1 + int(faults.get("duplicates", 0)))
        if faults.get("hold"):
            self.held += copies
        elif faults.get("out_of_order"):
            self.held += copies
            if not self._turning:
                self._turning = True
                self._start(self._turn())
        else:
            for each in copies:
                self._start(self._deliver(*each))

    def release(self, order: str = "") -> int:
        """Send what is held, as it came or in ``reverse``; gives how many."""
        held, self.held = self.held[:: -1 if order == "reverse" else 1], []
        self._start(self._one_after_another(held))
        return len(held)

    async def idle(self) -> None:
        """Until everything that is on its way has been taken or given up."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _turn(self) -> None:
        """Wait for those that belong together, then send the last first."""
        await asyncio.sleep(0.05)
        self._turning = False
        self.release("reverse")

    async def _one_after_another(self, held: list[tuple[str, bytes, dict[str, str]]]) -> None:
        for each in held:
            await self._deliver(*each)

    async def _deliver(self, hook: str, raw: bytes, headers: dict[str, str]) -> None:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=10, trust_env=False)
        told = next(each for each in self.world["events"] if each["id"] == json.loads(raw)["id"])
        for tried in range(TRIES):
            if tried:
                await asyncio.sleep(self.retry_every)
            try:
                async with self._at_once:
                    answer = await self._client.post(hook, content=raw, headers=headers)
            except httpx.HTTPError:
                told["answers"].append(0)
                continue
            told["answers"].append(answer.status_code)
            if answer.is_success:
                return
