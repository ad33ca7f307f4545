"""Providers of checks: whom the district asks. Each answers where an order is and what a source said; none decides.

``record``, ``upload`` and ``list`` need no vendor. A district's own plugin brings more through the hook ``screening_providers``.
"""

from __future__ import annotations

from staffing.api import ScreeningProvider

SHIPPED: tuple[ScreeningProvider, ...] = ()
