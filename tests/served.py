"""``staffing run`` as a process of its own, for tests that need the real thing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path


class Served:
    """A running server: its address, its process and everything it said."""

    def __init__(self, data: Path, port: int, *arguments: str, **env: str) -> None:
        self.port, self.address, self.lines = port, f"http://127.0.0.1:{port}", list[str]()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "staffing", "run", *arguments],
            env={**os.environ, "STAFFING_DATA": str(data), "PORT": str(port), "STAFFING_DATABASE_URL": "", **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)
            if "staffing is ready" in line:
                self._ready.set()
        self._ready.set()

    @property
    def said(self) -> str:
        return "".join(self.lines)

    def wait_until_ready(self) -> Served:
        assert self._ready.wait(120), self.said
        assert self.process.poll() is None, self.said
        return self

    def stop(self, with_signal: int = signal.SIGINT) -> int:
        """End it as Ctrl-C does and give its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        code = self.process.wait(60)
        self._reader.join(10)
        assert self.process.stdout
        self.process.stdout.close()
        return code


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
