"""How long one badge takes in a warm worker, by the script of the name, and what it costs to start one. Goal: 50 ms.

python benchmarks/badge.py [TIMES]
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from staffing.documents import badge, conformance
from staffing.documents.render import Renderer
from tests.documents.cards import PEOPLE, card

GOAL = 50.0
#: Names in these are held to the goal; a font for Chinese or Korean has tens of thousands of letters to choose from.
HELD = ("Vietnamese", "Haitian Creole", "very long")


def milliseconds(since: float) -> float:
    return (time.perf_counter() - since) * 1000


async def main(times: int) -> int:
    renderer = Renderer()
    started = time.perf_counter()
    await renderer.warm()
    print(f"start of the worker, once: {milliseconds(started):.0f} ms")
    medians = {}
    print(f"{'name in':16}{'first':>8}{'median':>8}{'95 %':>8}  ms{'size':>8} kB")
    for script, changed in PEOPLE.items():
        asked, taken = card(**changed), []
        for _ in range(times + 1):
            started = time.perf_counter()
            pdf = await renderer.badge(asked)
            taken.append(milliseconds(started))
        if faults := conformance.faults(pdf):
            print(f"not sound: {faults}")
        warm = sorted(taken[1:])
        medians[script] = statistics.median(warm)
        print(f"{script:16}{taken[0]:8.1f}{medians[script]:8.1f}{warm[int(len(warm) * 0.95)]:8.1f}{len(pdf) / 1000:13.1f}")
    renderer.close()
    started = time.perf_counter()
    for _ in range(times):
        badge.html_of(card())
    print(f"of which HTML and QR code: {milliseconds(started) / times:.1f} ms")
    worst = max(medians[script] for script in HELD)
    print(f"goal {GOAL:.0f} ms: {'met' if worst <= GOAL else 'missed'} ({worst:.1f} ms)")
    return int(worst > GOAL)


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)))
