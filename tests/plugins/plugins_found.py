"""Which plugins the host finds, in a process of its own: prints them as JSON."""

from __future__ import annotations

import sys

import msgspec

from staffing import host

if __name__ == "__main__":
    plugins = host.load()
    found = {"names": plugins.names(), "titles": [p.title for p in plugins], "says": [f.says for f in plugins.failures]}
    sys.stdout.write(msgspec.json.encode(found).decode())
