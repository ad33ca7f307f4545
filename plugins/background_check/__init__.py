"""Background checks: which criminal-history, child-abuse-history and registry checks a state asks for, and how long they hold.

The rules are dated packs in ``packs/``, one a jurisdiction, each rule with its citation; their cases are in ``cases/``.
Only the fact that a check exists, its date, purpose and holder are read: never what it contained.
"""

from __future__ import annotations

STAFFING_API = (1, 0)
TITLE = "Background checks"
JURISDICTIONS = ("us",)
