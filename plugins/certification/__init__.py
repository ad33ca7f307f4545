"""Which training, health screening, qualifications and permits a role asks for, and how long they hold.

Every rule is dated and cited.
"""

from __future__ import annotations

STAFFING_API = (1, 0)
TITLE = "Training, health and qualifications"
JURISDICTIONS = ("us",)
