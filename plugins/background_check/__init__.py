"""Which criminal-history, child-abuse-history and registry checks a state asks of whom, and how long they hold.

Every rule is dated and cited. Only that a check exists, its date, purpose and holder are read, never what it contained.
"""

from __future__ import annotations

STAFFING_API = (1, 0)
TITLE = "Background checks"
JURISDICTIONS = ("us",)
