"""What the plugin keeps of checks: that one was asked for, where it is, what a source said in one word, what a person decided.

Never what a record says: no table has a column for it, and every text that comes in goes through the scanner of what is never
kept (``staffing.api.refuse_private``).
"""

from __future__ import annotations

SCHEMA = "background_check"
