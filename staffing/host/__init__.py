"""Finding plugins, checking them, and asking them one at a time.

A plugin is a module whose ``__init__`` holds its manifest (``STAFFING_API``, ``TITLE``, ``JURISDICTIONS``, a docstring) and its
hooks. It is found as a folder of ``plugins/`` beside this package or under the entry-point group ``staffing.plugins`` of an
installed distribution, which wins over a folder of the same name. What cannot be used is left out and told in ``Host.failures``.

Light on purpose: commands and the web process both start here, so nothing in here imports a framework.
"""

from staffing.host.discovery import BUNDLED, GROUP, load
from staffing.host.manifest import Plugin, PluginError
from staffing.host.running import Answer, Failure, Host, Trouble

__all__ = ["BUNDLED", "GROUP", "Answer", "Failure", "Host", "Plugin", "PluginError", "Trouble", "load"]
