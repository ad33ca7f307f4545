"""The running plugins, and asking them one at a time, so that one plugin's failure never loses another's answer."""

from __future__ import annotations

import importlib
import inspect
import logging
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pluggy

from staffing import __version__, hookspecs
from staffing.core.errors import StaffingError
from staffing.host.manifest import Plugin, PluginError, check_tables, first_line, imported, manifest, trace, words

log = logging.getLogger("staffing.plugins")


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a plugin was left out: a sentence for people, and the traceback for whoever mends it."""

    plugin: str
    says: str
    traceback: str


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """The last failure of a running plugin in one hook."""

    plugin: str
    hook: str
    says: str
    traceback: str


class Answer(msgspec.Struct, frozen=True):
    """What one plugin answered, or the error it raised instead."""

    plugin: str
    value: Any = None
    error: BaseException | None = None


class Host:
    """The plugins of this installation: those that run, those left out, and how to ask them.

    ``failures`` holds one entry for each plugin left out; ``troubles`` the last failure of a running plugin in each hook;
    ``off`` the names that ``STAFFING_PLUGINS_OFF`` leaves out.
    """

    def __init__(self, off: Collection[str] = ()) -> None:
        self.off = frozenset(off)
        self.failures: list[Failure] = []
        self.troubles: dict[tuple[str, str], Trouble] = {}
        self._running: dict[str, Plugin] = {}
        self.tracing = bool(os.environ.get("STAFFING_TRACE_PLUGINS"))
        self._manager = pluggy.PluginManager("staffing")
        self._manager.add_hookspecs(hookspecs)

    def __iter__(self) -> Iterator[Plugin]:
        return iter([self._running[name] for name in sorted(self._running)])

    def __getitem__(self, name: str) -> Plugin:
        """The running plugin of this name. Raises ``KeyError``."""
        return self._running[name]

    def names(self) -> tuple[str, ...]:
        """The plugins that run, in name order."""
        return tuple(sorted(self._running))

    def missing(self, active: Collection[str] | None = None) -> dict[str, str]:
        """Those of ``active`` that do not run (None: every plugin that failed), each with a sentence that says why."""
        if active is None:
            active = [failure.plugin for failure in self.failures]
        return {name: self.why_not(name) for name in sorted(set(active) - self._running.keys())}

    def why_not(self, name: str) -> str:
        """Why a plugin does not run."""
        for failure in self.failures:
            if failure.plugin == name:
                return failure.says
        if name in self.off:
            return f"The plugin {name} is left out of this installation: STAFFING_PLUGINS_OFF names it."
        return f"The plugin {name} is not installed. Install it, or switch it off for this district."

    def folders(self, name: str) -> dict[str, Path]:
        """The folders of this name (``packs``, ``cases``, ``templates``, ``static``, ``locale``) by the plugin that brings it."""
        return {p.name: p.folder / name for p in self if p.folder and (p.folder / name).is_dir()}

    # --- adding and leaving out ---

    def add(self, name: str, module_path: str, version: str = __version__) -> None:
        """Import a plugin, check it and let it run. A plugin that cannot be used is left out; nothing is raised."""
        if name in self.off:
            return
        try:
            module = imported(name, module_path)
            plugin = manifest(name, module, version)
            self._register(name, module)
        except (Exception, SystemExit) as error:
            self.fail(name, error)
        else:
            self._running[name] = plugin

    def fail(self, plugin: str, error: BaseException, says: str = "") -> None:
        """Leave a plugin out from now on, because of this error. Gates then block wherever it is switched on.

        :param says: the sentence for administrators; the error's own if it is one of ours.
        """
        if self._manager.has_plugin(plugin):
            self._manager.unregister(name=plugin)
        self._running.pop(plugin, None)
        if not says:
            says = str(error) if isinstance(error, StaffingError) else f"The plugin {plugin} was left out: {words(error)}."
        self.failures = [f for f in self.failures if f.plugin != plugin]
        self.failures.append(Failure(plugin=plugin, says=says, traceback=trace(error)))
        self.failures.sort(key=lambda f: f.plugin)
        log.error("%s", says)

    def table_apps(self) -> dict[str, str]:
        """The modules of the plugins' Piccolo apps by plugin, each imported; a plugin whose tables cannot be used is left out."""
        apps = {}
        for answer in self.ask("tables"):
            try:
                if answer.error:
                    raise answer.error
                check_tables(answer.plugin, importlib.import_module(answer.value))
            except (Exception, SystemExit) as error:
                says = f"The plugin {answer.plugin} was left out because its tables do not import: {words(error)}."
                self.fail(answer.plugin, error, "" if isinstance(error, StaffingError) else says)
            else:
                apps[answer.plugin] = answer.value
        return apps

    def import_modules(self, name: str) -> None:
        """Import the module of this name (``jobs``) of each plugin that has one; a plugin whose module fails is left out."""
        for plugin in self:
            if plugin.folder and ((plugin.folder / f"{name}.py").is_file() or (plugin.folder / name / "__init__.py").is_file()):
                try:
                    importlib.import_module(f"{plugin.module}.{name}")
                except (Exception, SystemExit) as error:
                    says = f"The plugin {plugin.name} was left out because its {name} do not import: {words(error)}."
                    self.fail(plugin.name, error, says)

    def _register(self, name: str, module: ModuleType) -> None:
        try:
            self._manager.register(module, name)
            self._manager.check_pending()
        except pluggy.PluginValidationError as error:
            raise PluginError(f"The plugin {name} does not fit the hooks of this version: {first_line(error)}") from error
        for caller in self._manager.get_hookcallers(self._manager.get_plugin(name)) or []:
            if any(impl.plugin_name == name and (impl.wrapper or impl.hookwrapper) for impl in caller.get_hookimpls()):
                raise PluginError(
                    f"The plugin {name} wraps the hook {caller.name}. "
                    "One plugin may not change another's answer; use a plain @hookimpl."
                )

    # --- asking ---

    def answers_to(self, hook: str) -> bool:
        """Whether any running plugin implements this hook."""
        return bool(getattr(self._manager.hook, hook).get_hookimpls())

    def implementing(self, hook: str) -> frozenset[str]:
        """The names of the running plugins that implement this hook."""
        return frozenset(impl.plugin_name for impl in getattr(self._manager.hook, hook).get_hookimpls())

    def ask(self, hook: str, active: Collection[str] | None = None, **given: Any) -> list[Answer]:
        """Ask each plugin in name order. One that raises answers with its error; one that says None is not in the list.

        :param hook: a name of ``staffing.hookspecs``.
        :param active: only these plugins (those switched on here); None asks all that run.
        :param given: the hook's arguments, by name, all of them.
        """
        answers = []
        for impl in self._implementations(hook, active, given):
            try:
                value = impl.function(*(given[name] for name in impl.argnames))
                if inspect.isawaitable(value):
                    if inspect.iscoroutine(value):
                        value.close()
                    raise PluginError(f"The plugin {impl.plugin_name} answers {hook} with a coroutine. Make it a plain function.")
                value = _checked(impl.plugin_name, hook, value)
                if hook == "predicates" and value is not None:
                    value = {name: self._guarded(impl.plugin_name, name, function) for name, function in value.items()}
            except (Exception, SystemExit) as error:
                if not (hook in hookspecs.MUST_ANSWER and isinstance(error, StaffingError)):  # that is an answer, not a failure
                    self.report(impl.plugin_name, hook, error)
                answers.append(Answer(impl.plugin_name, error=error))
            else:
                if value is not None:
                    answers.append(Answer(impl.plugin_name, value))
        return answers

    async def ask_async(
        self,
        hook: str,
        active: Collection[str] | None = None,
        *,
        within: Callable[[], AbstractAsyncContextManager[Any]] = nullcontext,
        **given: Any,
    ) -> list[Answer]:
        """Like ``ask``, and what must be awaited is.

        ``within`` makes the context each plugin is asked in: inside a database transaction give ``DB.transaction``, so that
        a plugin's failed statement undoes its own work (a savepoint) and not everybody's.
        """
        answers = []
        for impl in self._implementations(hook, active, given):
            try:
                async with within():
                    value = impl.function(*(given[name] for name in impl.argnames))
                    if inspect.isawaitable(value):
                        value = await value
                    value = _checked(impl.plugin_name, hook, value)
            except (Exception, SystemExit) as error:
                self.report(impl.plugin_name, hook, error)
                answers.append(Answer(impl.plugin_name, error=error))
            else:
                if value is not None:
                    answers.append(Answer(impl.plugin_name, value))
        return answers

    def _implementations(self, hook: str, active: Collection[str] | None, given: Mapping[str, Any]) -> Iterator[Any]:
        caller = getattr(self._manager.hook, hook)
        if absent := [name for name in caller.spec.argnames if name not in given]:
            raise TypeError(f"ask({hook!r}) needs the argument {absent[0]}")
        for impl in sorted(caller.get_hookimpls(), key=lambda i: i.plugin_name):
            if active is None or impl.plugin_name in active:
                started = time.perf_counter()
                yield impl
                if self.tracing:  # names only: the arguments are about people
                    taken = (time.perf_counter() - started) * 1000
                    log.info("asked %s %s(%s): %.2f ms", impl.plugin_name, hook, ", ".join(impl.argnames), taken)

    def _guarded(self, plugin: str, name: str, function: Callable[..., Any]) -> Callable[..., bool | None]:
        """A predicate whose failure is told to administrators; the kernel then blocks on the rule and keeps the others."""

        def guarded(view: Any, on: date) -> bool | None:
            try:
                answer = function(view, on)
                if answer is not None and not isinstance(answer, bool):
                    raise PluginError(
                        f"The predicate {name} answers {answer!r:.80}. It must answer True, False or None for unknown."
                    )
            except (Exception, SystemExit) as error:
                self.report(plugin, name, error)
                raise PluginError(f"The predicate {name} failed.") from error
            return answer

        return guarded

    def report(self, plugin: str, hook: str, error: BaseException) -> None:
        """Tell administrators that a running plugin failed in what a hook gave, such as a panel's template."""
        says = str(error) if isinstance(error, StaffingError) else f"The plugin {plugin} failed in {hook}: {words(error)}."
        if (known := self.troubles.get((plugin, hook))) is None or known.says != says:  # once, not for each of a million cases
            self.troubles[plugin, hook] = Trouble(plugin=plugin, hook=hook, says=says, traceback=trace(error))
            log.error("%s", says, exc_info=error)


def _checked(plugin: str, hook: str, value: Any) -> Any:
    """The answer as a plain value: rows as a tuple, so that a generator fails here and not in the caller's loop."""
    if value is None:
        return None
    if (item := hookspecs.ITEMS.get(hook)) is not None:
        value = tuple(value)
        for one in value:
            if not isinstance(one, item):
                raise PluginError(f"The plugin {plugin} answers {hook} with {one!r:.80}. Each item must be a {item.__name__}.")
            _check_own(plugin, hook, one)
    elif hook == "predicates" and not (isinstance(value, Mapping) and all(callable(f) for f in value.values())):
        raise PluginError(f"The plugin {plugin} answers predicates with {value!r:.80}. Give a mapping of names to functions.")
    elif (whole := hookspecs.WHOLE.get(hook)) is not None and not isinstance(value, whole):
        raise PluginError(f"The plugin {plugin} answers {hook} with {value!r:.80}. Give a {whole.__name__}.")
    elif hook == "tables" and not isinstance(value, str):
        raise PluginError(f"The plugin {plugin} answers tables with {value!r:.80}. Give the dotted path of its piccolo_app.")
    return value


def _check_own(plugin: str, hook: str, one: Any) -> None:
    """Check that a route's name, a link's address and a panel's template are the plugin's own. Raises ``PluginError``."""
    if hook == "routes" and not isinstance(one, type):
        what, given, wanted = "route", getattr(one, "name", None), f"{plugin}."
    elif hook in {"menu", "actions"}:
        what, given, wanted = "link", one.url, f"/p/{plugin}/"
    elif hook in {"person_panels", "own_panels"}:
        what, given, wanted = "template", one.template, f"{plugin}/"
    else:
        return
    if isinstance(given, str) and not given.startswith(wanted):
        raise PluginError(f"The plugin {plugin} gives the {what} {given!r}. It must start with {wanted!r}.")
