"""What a plugin says of itself in its ``__init__``, read and checked, and the sentences about one that cannot be used."""

from __future__ import annotations

import importlib
import inspect
import re
import traceback
from pathlib import Path
from types import ModuleType

import msgspec

from staffing import hookspecs
from staffing.core.errors import StaffingError

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class PluginError(StaffingError):
    """A plugin cannot be used, or gave an answer that cannot be."""

    status = 503
    exit_code = 3
    title = "A plugin failed"


class Plugin(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin that runs. ``folder`` is None for one that is a single file and so brings no folders.

    ``reads_agreements``: it answers for the agreements a case names, so that such a case is not held for want of a reader.
    """

    name: str
    title: str
    version: str
    description: str
    jurisdictions: tuple[str, ...]
    folder: Path | None
    module: str
    reads_agreements: bool = False


def imported(name: str, module_path: str) -> ModuleType:
    """The plugin's module. Raises ``PluginError`` for a name that cannot be used and for whatever the import raises."""
    if not _NAME.fullmatch(name):
        raise PluginError(
            f"The plugin {name!r} has a name that cannot be used. Use small letters, digits and _, for example my_plugin."
        )
    try:
        return importlib.import_module(module_path)
    except (Exception, SystemExit) as error:
        raise PluginError(
            f"The plugin {name} was left out because it does not import: {words(error)}. "
            f"Install what it needs, or leave it out with STAFFING_PLUGINS_OFF={name}."
        ) from error


def manifest(name: str, module: ModuleType, version: str) -> Plugin:
    """Read and check what a plugin says of itself. Raises ``PluginError``."""
    ours = hookspecs.API_VERSION
    wanted = getattr(module, "STAFFING_API", None)
    match wanted:
        case (int(major), int(minor)):
            if major != ours[0] or minor > ours[1]:
                raise PluginError(
                    f"The plugin {name} needs plugin API {major}.{minor}; this installation offers {ours[0]}.{ours[1]}. "
                    f"Install a version of the plugin made for {ours[0]}.{ours[1]}."
                )
        case _:
            raise PluginError(
                f"The plugin {name} does not say which plugin API it was written for. "
                f"Add STAFFING_API = {ours} to its __init__.py."
            )
    title, places = getattr(module, "TITLE", ""), getattr(module, "JURISDICTIONS", ("*",))
    if not title or not isinstance(title, str):
        raise PluginError(f'The plugin {name} has no title. Add TITLE = "what it is called" to its __init__.py.')
    if isinstance(places, str) or not all(isinstance(p, str) for p in places):
        raise PluginError(f'The plugin {name} gives JURISDICTIONS = {places!r}. Give a tuple of codes, for example ("us-ca",).')
    folder = Path(module.__path__[0]) if hasattr(module, "__path__") else None
    return Plugin(
        name=name,
        title=title,
        version=version,
        description=inspect.getdoc(module) or "",
        jurisdictions=tuple(places),
        folder=folder,
        module=module.__name__,
        reads_agreements=getattr(module, "READS_AGREEMENTS", False) is True,
    )


def check_tables(name: str, module: ModuleType) -> None:
    """Check that a plugin's Piccolo app keeps to the plugin's own name, schema and migration names. Raises ``PluginError``.

    Piccolo imports migrations by bare file name, so two apps with a ``0001_initial.py`` would run one of them twice.
    """
    app = getattr(module, "APP_CONFIG", None)
    if app is None:
        raise PluginError(f"The plugin {name} was left out: {module.__name__} has no APP_CONFIG. Add one; see docs/hooks.md.")
    if app.app_name != name:
        raise PluginError(f"The plugin {name} was left out: its Piccolo app is called {app.app_name!r}. Call it {name!r}.")
    for table in app.table_classes:
        if table._meta.schema != name:
            raise PluginError(
                f"The plugin {name} was left out: its table {table.__name__} is in the schema {table._meta.schema or 'public'}. "
                f'Give the class schema="{name}".'
            )
    for migration in Path(app.resolved_migrations_folder_path).glob("*.py"):
        if not migration.name.startswith((f"{name}_", "__")):
            raise PluginError(
                f"The plugin {name} was left out: its migration {migration.name} may be taken for another plugin's. "
                f"Call it {name}_{migration.name}."
            )


def words(error: BaseException) -> str:
    """The error's class and message in one line, without a full stop."""
    return f"{type(error).__name__}: {first_line(error)}" if str(error) else type(error).__name__


def first_line(error: BaseException) -> str:
    """The message in one line of at most 500 characters, without a full stop."""
    return " ".join(str(error).split())[:500].rstrip(".") if str(error) else type(error).__name__


def trace(error: BaseException) -> str:
    """The whole traceback, with what caused it."""
    return "".join(traceback.format_exception(error))
