"""The same people put to zen-engine, OpenFisca-Core and ephios, in a Python of their own, and their answers compared with ours.

None of them reads evidence: each is handed, per requirement, the day of the newest clear item and what else it needs, worked out
beforehand and not counted. They give no reason and name no evidence. ephios can only say "qualified" or "not".
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.mass.people import ON, Helper

FOLDER = Path(tempfile.gettempdir()) / "staffing-bench-peers"
CHILD = Path(__file__).with_name("peers_child.py")
_GROUPS = {
    "bg": ("state_criminal_history", "fbi_fingerprint"),
    "ca": ("child_abuse_history",),
    "re": ("sex_offender_registry", "national_sex_offender_registry"),
    "tb": ("tb_screening",),
    "mr": ("mandated_reporter_training",),
    "no": ("affirmation", "notice_acknowledgement"),
}


def python() -> Path:
    """The interpreter that has the peers, installed at the first call."""
    interpreter = FOLDER / "bin" / "python"
    done = FOLDER / "installed"
    if not done.exists():
        subprocess.run([sys.executable, "-m", "venv", FOLDER], check=True)
        wanted = Path(__file__).with_name("requirements.txt")
        subprocess.run([interpreter, "-m", "pip", "install", "-q", "-r", wanted], check=True)
        done.touch()
    return interpreter


def facts(helper: Helper, outcome: str) -> dict[str, Any]:
    """What the peers are told of somebody: day numbers of the newest clear items (0: none), flags, and our answer."""
    told: dict[str, Any] = {
        "outcome": outcome,
        "start": helper.starts_on.toordinal(),
        "on": ON.toordinal(),
        "young": helper.born_on > ON.replace(year=ON.year - 18),
        "board": bool(helper.facts.get("board_exemption")),
        "open": any(p.kind in _GROUPS["bg"] and p.state != "complete" and (p.requested_on or ON) <= ON for p in helper.evidence),
    }
    for name, kinds in _GROUPS.items():
        days: dict[str, dict[str | None, int]] = {kind: {} for kind in kinds}
        for p in helper.evidence:
            if p.kind in days and p.state == "complete" and p.issued_on is not None and p.issued_on <= ON:
                held = days[p.kind]
                held[p.result] = max(held.get(p.result, 0), p.issued_on.toordinal())
        told[name] = max(held.get("clear", 0) for held in days.values())
        told[f"{name}_bad"] = any(
            held.get("not_clear", 0) and held["not_clear"] >= held.get("clear", 0) for held in days.values()
        )
    return told


def run(helpers: list[Helper], outcomes: list[str], ours: float) -> None:
    """Print decisions a second and how many outcomes differ, for each peer and for one with ours."""
    with tempfile.TemporaryDirectory(prefix="staffing-bench-") as folder:
        file = Path(folder) / "people.json"
        began = time.process_time()
        told = [facts(h, o) for h, o in zip(helpers, outcomes, strict=True)]
        each = (time.process_time() - began) / len(told)
        file.write_text(json.dumps(told))
        done = subprocess.run([python(), CHILD, file], check=True, stdout=subprocess.PIPE, text=True, cwd=folder)
    print(f"finding for a peer what it is told takes {each * 1e6:.0f} µs a person; ours finds it itself")
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            one = json.loads(line)
            print(
                f"{one['name']:27}{one['rate']:>11,.0f} decisions/s, {1 / (1 / one['rate'] + each):,.0f} with what it is told; "
                f"ours are {ours / one['rate']:,.2f} and {ours * (1 / one['rate'] + each):,.2f} times as many; "
                f"{one['differ']:,} of {one['of']:,} outcomes differ; {one['memory']:.0f} MiB. {one['note']}"
            )
