"""The invented screening provider for a test: on a free port, told what to do over its own controls, ended with the test."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from .screening import Double, server_of
from .world import World


class Screening:
    """The double, as a test sees it: the address, and its controls."""

    def __init__(self, port: int) -> None:
        self.port, self.address = port, f"http://127.0.0.1:{port}"
        self._client = httpx.Client(base_url=self.address, timeout=15, trust_env=False)

    def close(self) -> None:
        self._client.close()

    def put(self, path: str, **sent: Any) -> None:
        self._client.put(f"/_double/{path}", json=sent).raise_for_status()

    def post(self, path: str, **sent: Any) -> Any:
        return self._client.post(f"/_double/{path}", json=sent).raise_for_status().json()

    @property
    def knows(self) -> dict[str, Any]:
        """Everything the double knows: candidates, invitations, reports, events, calls …"""
        return cast("dict[str, Any]", self._client.get("/_double/").raise_for_status().json())

    def account(self, key: str, *hooks: str, **more: Any) -> None:
        """An account with the addresses that its events are posted to."""
        self.put(f"accounts/{key}", hooks=list(hooks), **more)

    def faults(self, **faults: Any) -> None:
        """What goes wrong from now on; nothing without arguments."""
        self.put("faults", **faults)

    def finish(self, invitation: str, outcome: str | None = None) -> None:
        """The person fills in everything."""
        self.post(f"invitations/{invitation}/finish", outcome=outcome)

    def report(self, ident: str, status: str, result: str | None = None, **more: Any) -> None:
        """Bring a report to a state: a dispute, a revision, what the courts say at last."""
        self.post(f"reports/{ident}", status=status, result=result, **more)

    def settle(self) -> None:
        """Wait until every event on its way was taken or given up."""
        self._client.get("/_double/idle").raise_for_status()

    def calls(self, line: str = "") -> list[dict[str, Any]]:
        """The requests a vendor would have seen, those that begin with ``line``."""
        return [each for each in self.knows["calls"] if each["line"].startswith(line)]

    def page(self, path: str, **form: str) -> httpx.Response:
        """A page of the person's, or what comes of sending its form."""
        address = path if path.startswith("http") else f"{self.address}{path}"
        return self._client.post(address, data=form) if form else self._client.get(address)


@contextmanager
def served(state: Path | None = None, *, port: int = 0, pace: float | None = 0, retry_every: float = 0.02) -> Iterator[Screening]:
    """Serve the double while the block runs; the same ``state`` and ``port`` go on where it was."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
        port = int(listener.getsockname()[1])
        server = server_of(Double(World(state, pace), retry_every=retry_every), port)
        running = threading.Thread(target=server.run, args=([listener],), name="screening double")
        running.start()
        seen = Screening(port)
        try:
            yield seen
        finally:
            seen.close()
            server.should_exit = True
            running.join(20)
            assert not running.is_alive(), "the double did not end"


@pytest.fixture
def screening(tmp_path: Path) -> Iterator[Screening]:
    """The double with everything as it is at the beginning: reports are complete as soon as the person has finished."""
    with served(tmp_path / "double.json") as seen:
        yield seen
