"""Certification: training, health screening, qualifications and permits that a role asks for.

The rules are dated packs in ``packs/``, one a jurisdiction, each rule with its citation; their cases are in ``cases/``.
"""

from __future__ import annotations

STAFFING_API = (1, 0)
TITLE = "Training, health and qualifications"
JURISDICTIONS = ("us",)
