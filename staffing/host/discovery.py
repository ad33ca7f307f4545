"""Finding plugins: folders of ``plugins/`` beside this package, and the entry points of installed distributions."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

from staffing import settings
from staffing.host.manifest import PluginError
from staffing.host.running import Host, log

GROUP = "staffing.plugins"
BUNDLED = Path(__file__).resolve().parents[2] / "plugins"


@cache
def load() -> Host:
    """Find, check and register every plugin, once a process."""
    host = Host(off=settings.load().plugins_off)
    if host.tracing and not log.handlers:
        log.addHandler(logging.StreamHandler())
        log.setLevel(logging.INFO)
    found = {path.parent.name: f"plugins.{path.parent.name}" for path in BUNDLED.glob("*/__init__.py")}
    installed = _installed()
    for name in sorted(found.keys() | installed.keys()):
        offers = installed.get(name, {})
        if len(offers) > 1:
            both = " and ".join(f"{module} ({made_by})" for module, (made_by, _) in sorted(offers.items()))
            host.fail(name, PluginError(f"Two installed plugins are called {name}: {both}. Uninstall one of them."))
        elif offers:
            ((module, (_, version)),) = offers.items()
            host.add(name, module, version)
        else:
            host.add(name, found[name])
    for name in sorted(host.off - found.keys() - installed.keys()):
        log.warning("STAFFING_PLUGINS_OFF names %s, and there is no plugin of that name.", name)
    return host


def _installed() -> dict[str, dict[str, tuple[str, str]]]:
    """Plugins of other distributions: name → module → distribution and version. Ours are found as folders."""
    if not _others_declared():
        return {}
    from importlib.metadata import distributions

    found: dict[str, dict[str, tuple[str, str]]] = {}
    for distribution in distributions():
        for point in distribution.entry_points:
            made_by = distribution.metadata["Name"]
            if point.group == GROUP and made_by != "staffing":
                found.setdefault(point.name, {}).setdefault(point.value, (made_by, distribution.version))
    return found


def _others_declared() -> bool:
    """Whether a distribution other than ours declares plugins: a look at file names, where importlib.metadata takes 40 ms."""
    for place in map(Path, sys.path):
        if place.is_file():
            return True  # a zip; let importlib.metadata look inside
        for found in place.glob("*.*-info"):
            if not found.name.startswith("staffing-"):
                with suppress(OSError):
                    if f"[{GROUP}]" in (found / "entry_points.txt").read_text(encoding="utf-8"):
                        return True
    return False
