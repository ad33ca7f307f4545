"""What the plugin does by itself: orders are sent and followed, events are worked off, people are reminded."""

from __future__ import annotations

from .services.certificates import print_destruction
from .services.events import EVENTS, work_off
from .services.fair_clock import CLOCKS, clocks
from .services.keeping import DESTROY, PRINT, destroy
from .services.notices import print_notice
from .services.onward import RENEWALS, SHARES, renewals, shares
from .services.papers import PAPERS, follow_papers
from .services.reconcile import RECONCILE, SWEEP, reconcile, sweep
from .services.sending import SEND, send
from .services.telling import TELL, tell
from .services.withdrawing import END, end_withdrawn

__all__ = [
    "CLOCKS",
    "DESTROY",
    "END",
    "EVENTS",
    "PAPERS",
    "PRINT",
    "RECONCILE",
    "RENEWALS",
    "SEND",
    "SHARES",
    "SWEEP",
    "TELL",
    "clocks",
    "destroy",
    "end_withdrawn",
    "follow_papers",
    "print_destruction",
    "print_notice",
    "reconcile",
    "renewals",
    "send",
    "shares",
    "sweep",
    "tell",
    "work_off",
]
