"""What the plugin does by itself: orders are sent and followed, events are worked off, people are reminded."""

from __future__ import annotations

from .services.events import EVENTS, work_off
from .services.onward import RENEWALS, SHARES, renewals, shares
from .services.reconcile import RECONCILE, SWEEP, reconcile, sweep
from .services.sending import SEND, send
from .services.withdrawing import END, end_withdrawn

__all__ = [
    "END",
    "EVENTS",
    "RECONCILE",
    "RENEWALS",
    "SEND",
    "SHARES",
    "SWEEP",
    "end_withdrawn",
    "reconcile",
    "renewals",
    "send",
    "shares",
    "sweep",
    "work_off",
]
