"""What the plugin does by itself: orders are sent and followed, events are worked off, people are reminded."""

from __future__ import annotations
