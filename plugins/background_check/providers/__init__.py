"""Providers of checks: whom the district asks. Each answers where an order is and what a source said; none decides.

``record``, ``upload`` and ``list`` need no vendor. A district's own plugin brings more through the hook ``screening_providers``.
"""

from __future__ import annotations

from staffing.api import ScreeningProvider

from .accurate import Accurate
from .checkr import Checkr
from .lists import CsvBatch
from .record import Manual
from .upload import DocumentUpload

SHIPPED: tuple[ScreeningProvider, ...] = (Checkr(), Accurate(), Manual(), DocumentUpload(), CsvBatch())
