"""Start-up, first run, memory and every page of the path, on the demonstration's data, one request at a time.

Starts ``staffing run`` in a data folder of its own: once empty (database made, migrated, demo loaded), then warm.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def start(data: Path, port: int) -> tuple[subprocess.Popen[bytes], float]:
    """Start the server; give the process and the seconds until its first page."""
    env = {**os.environ, "STAFFING_DATA": str(data), "PORT": str(port)}
    began = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-m", "staffing", "run"], env=env, stdout=subprocess.DEVNULL)
    while True:  # a plain socket: a client library of its own would take part of the machine it measures
        with socket.socket() as visitor:
            if visitor.connect_ex(("127.0.0.1", port)) == 0:
                visitor.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                if visitor.recv(12) == b"HTTP/1.1 200":
                    return child, time.perf_counter() - began
        if child.poll() is not None:
            raise SystemExit("the server did not start; its words are above")
        time.sleep(0.005)


def stop(child: subprocess.Popen[bytes]) -> None:
    child.send_signal(signal.SIGTERM)
    child.wait(30)


def megabytes(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def sign_in(client: httpx.Client, email: str) -> None:
    page = client.get("/demo").text
    token = re.search(r'name="_csrf_token" value="([^"]+)"', page)
    account = re.search(rf'{re.escape(email)}.*?name="account" value="([^"]+)"', page, re.S)
    assert token and account, f"{email} is not on the demo page"
    answer = client.post(
        "/demo", data={"_csrf_token": token[1], "account": account[1]}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 303, answer.text[:300]


def measure(client: httpx.Client, path: str, times: int) -> tuple[float, float, int]:
    client.get(path)
    took = []
    size = 0
    for _ in range(times):
        began = time.perf_counter()
        answer = client.get(path)
        took.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        size = len(answer.content)
    return statistics.median(took), statistics.quantiles(took, n=20)[-1], size


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--times", type=int, default=100, help="requests a page")
    options.add_argument("--starts", type=int, default=5, help="warm starts")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="staffing-bench-") as folder:
        data, port = Path(folder), free_port()
        child, first = start(data, port)
        print(f"first run to first page      {first:6.2f} s   (goal 20)")
        stop(child)
        warm = []
        for _ in range(chosen.starts):
            child, seconds = start(data, port)
            warm.append(seconds)
            if len(warm) < chosen.starts:
                stop(child)
        print(f"warm start to first page     {statistics.median(warm):6.2f} s   (goal 1; {min(warm):.2f} to {max(warm):.2f})")
        base = f"http://127.0.0.1:{port}"
        try:
            pages(base, chosen.times)
            print(f"web process after the pages  {megabytes(child.pid):6.1f} MiB (goal 120)")
        finally:
            stop(child)


def pages(base: str, times: int) -> None:
    print(f"\n{'page':52} {'median':>8} {'p95':>8}   ms (goal p95 20) {'bytes':>8}")
    with httpx.Client(base_url=base) as anybody:
        for path in ("/", "/d/oakland", "/d/oakland/join/do", "/sign-in", "/verify"):
            report(anybody, path, times)
    with httpx.Client(base_url=base) as staff:
        sign_in(staff, "hr@oakland.example")
        for path in ("/hr/queue", "/hr/people", "/hr/placements", "/hr/credentials"):
            report(staff, path, times)
        for kind in ("people", "credentials"):
            listed = staff.get(f"/hr/{kind}").text
            found = re.search(rf'href="(/hr/{kind}/[0-9a-f-]{{36}})"', listed)
            if found:
                report(staff, found[1], times)
                if kind == "people":
                    report(staff, f"{found[1]}/place", times)
    with httpx.Client(base_url=base) as volunteer:
        sign_in(volunteer, "linh.dang@oakland.example")
        report(volunteer, "/me", times)


def report(client: httpx.Client, path: str, times: int) -> None:
    middle, high, size = measure(client, path, times)
    print(f"{path[:52]:52} {middle:8.1f} {high:8.1f} {'':18} {size:8}")


if __name__ == "__main__":
    main()
