"""What an import would do or did, row by row."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import msgspec

Action = Literal["create", "update", "unchanged", "skip", "error"]


class ReportRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row: where it stands (``file:line``), what it is, what happens to it and why."""

    where: str
    what: str
    action: Action
    why: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.action} {self.what}" + (f" ({self.why})" if self.why else "")


class Report(msgspec.Struct, kw_only=True):
    """The rows of an import, what was left out on purpose or for want of a use, and whether it was written.

    ``not_kept`` maps an element that must never be stored to how often it was met; ``not_used`` maps rows of the
    standard that nothing here needs. ``next_steps`` are sentences for the person who ran the import.
    """

    tenant: str
    rows: list[ReportRow] = []
    not_kept: dict[str, int] = {}
    not_used: dict[str, int] = {}
    committed: bool = False
    next_steps: list[str] = []

    def add(self, where: str, what: str, action: Action, why: str = "") -> None:
        """Add a row."""
        self.rows.append(ReportRow(where=where, what=what, action=action, why=why))

    @property
    def errors(self) -> list[ReportRow]:
        """The rows that stop the import."""
        return [row for row in self.rows if row.action == "error"]

    def counts(self) -> dict[str, dict[str, int]]:
        """How many rows of each kind get each action: ``{"person": {"create": 68}}``."""
        totals: dict[str, Counter[str]] = {}
        for row in self.rows:
            totals.setdefault(row.what.split(" ", 1)[0], Counter())[row.action] += 1
        return {kind: dict(actions) for kind, actions in totals.items()}

    @property
    def changes(self) -> int:
        """How many rows are created or changed."""
        return sum(1 for row in self.rows if row.action in ("create", "update"))
