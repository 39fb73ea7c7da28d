"""Plugins: what a course adds in Python where a spec can't say it. New kinds of items with judges of
their own, further checks for items of any kind, and mistakes that are known by name.

A plugin is a module with one or more of the hooks of `Hooks`, as functions of these names; what
their values are made of is in `graders.api`. It is found through an entry point of the group
``scratchgrade``, which an installed package has, or given with ``--plugin``::

    [project.entry-points.scratchgrade]
    clustering = "my_course.plugin"

A plugin is the instructor's own code: it runs in the grader's process and never in a student's.
What is wrong with one is told in a sentence before anything is graded; a judge or a check of it
that raises costs one item, and the student is told that it says nothing about the code.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, Protocol, TypeVar

import pluggy

from graders.errors import PluginError
from graders.messages import Bilingual
from graders.misconceptions import Misconception
from graders.spelling import nearest
from graders.traits import KINDS, Trait

GROUP = "scratchgrade"
_PREFIX = "scratchgrade_"
_WORD = re.compile(r"[a-z][a-z0-9_]{0,30}")
_FACET = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}")
_hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)  # optional: a function with a hook's name is one anyway


Judge = TypeVar("Judge", bound=Callable[..., Any])
Run = TypeVar("Run", bound=Callable[..., Any])


class Item(Protocol):
    """What is asked of an item here: the rooms that know all of it come later."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def facets(self) -> Mapping[str, Any]:
        """Its facets, with their points."""


@dataclass(frozen=True)
class Kind(Generic[Judge]):
    """A kind of item. `graders.api` says what a judge is.

    Attributes:
        name: what specs say under ``kind``.
        judge: gives the verdict on an item of the kind. It runs in the grader; what it wants of
            the submission it asks the student's process (`graders.api.Calls`).
        facets: the facets that its checks know, and what each is about. The checks of an item are
            one for each of its facets, with the facet's name as their id.
        options: JSON Schema of what an item of the kind has under ``options``.
        needs: keys that an item of the kind must have besides, such as ``names``.
        template: what ``specs new --kind NAME`` writes below ``kind``: YAML, with CLASS, FUNCTION
            and PATTERN in the place of names made of the item's id.
        traits: what rooms that treat some kinds alike may count on (`graders.traits`).
        interfaces: of an item with a reference, what students write: sources by name, in which
            ``reference.NAME`` stands for it. The audit grades them, and with mistakes in the reference.
    """

    name: str
    judge: Judge
    facets: Mapping[str, Bilingual]
    options: Mapping[str, Any] = field(default_factory=lambda: {"additionalProperties": False})
    needs: tuple[str, ...] = ()
    template: str = ""
    traits: Trait = Trait.CALLED
    interfaces: Callable[..., dict[str, str]] | None = None


@dataclass(frozen=True)
class Check(Generic[Run]):
    """One more check of an item, for one of its facets: the facet is right if this passes, too.

    `run` is called when the item's own checks have been made, with their result; `id` begins with
    the facet's name and a hyphen (``forward-dtype``).
    """

    id: str
    facet: str
    run: Run


class Hooks:
    """What a plugin may define, as functions of its module; each is optional."""

    @_hookspec
    def scratchgrade_kinds(self) -> Sequence[Kind[Any]]:
        """Kinds of items besides the built-in ones."""
        raise NotImplementedError

    @_hookspec
    def scratchgrade_checks(self, item: Item) -> Sequence[Check[Any]]:
        """Further checks for an item; it is asked of every item that is loaded."""
        raise NotImplementedError

    @_hookspec
    def scratchgrade_misconceptions(self) -> Sequence[Misconception]:
        """Mistakes that are known by name: the audit tries them, reports name them."""
        raise NotImplementedError


T = TypeVar("T")


class Plugins:
    """All plugins of this process, and what they add.

    Raises:
        PluginError: a plugin can't be imported, or gives something else than its hooks are for.
    """

    def __init__(self, given: Iterable[str] = ()) -> None:
        self._manager = _Manager(GROUP)
        self._manager.add_hookspecs(Hooks)
        self.places: list[Path] = []  # the code of the plugins: files, or folders of packages
        installed = sorted(entry_points(group=GROUP), key=lambda p: (p.name, p.value))
        for point in installed:
            self._add(point.value, functools.partial(importlib.import_module, point.module))
        for name in given:
            self._add(name, functools.partial(_imported, name))
        self.kinds: dict[str, Kind[Any]] = {}
        self.misconceptions: tuple[Misconception, ...] = ()
        self.owners: dict[str, str] = {}  # the plugin of each misconception
        for plugin, said in self._asked("scratchgrade_kinds", Kind):
            for kind in said:
                self._add_kind(plugin, kind)
        self._add_misconceptions()

    def checks(self, item: Item) -> tuple[Check[Any], ...]:
        """The further checks of an item.

        Raises:
            PluginError: a hook fails, or gives checks that the item has no room for.
        """
        found: list[Check[Any]] = []
        for plugin, said in self._asked("scratchgrade_checks", Check, item=item):
            for check in said:
                wrong = ""
                if check.facet not in item.facets:
                    wrong = f"{item.id} has no facet {check.facet!r}"
                elif not check.id.startswith(f"{check.facet}-"):
                    wrong = f"its id must begin with {check.facet}-"
                elif check.id in [c.id for c in found] or "-documented-" in check.id:
                    wrong = "another check has this id"
                elif not callable(check.run):
                    wrong = "its run can't be called"
                if wrong:
                    raise PluginError(f"plugin {plugin}: check {check.id!r}: {wrong}")
                found.append(check)
        return tuple(found)

    def traits(self, kind: str) -> Trait:
        """What is true of the items of a plugin's kind."""
        own = self.kinds.get(kind)
        return Trait.CALLED if own is None else own.traits

    # -- what plugins say --------------------------------------------------------------------

    def _add(self, name: str, load: Callable[[], ModuleType]) -> None:
        try:
            module = load()
        except PluginError:
            raise
        except (Exception, SystemExit) as error:
            raise PluginError(
                f"plugin {name}: can't be imported: {type(error).__name__}: {error}"
            ) from error
        if self._manager.is_registered(module):
            return
        try:
            self._manager.register(module, name)
            self._manager.check_pending()
        except (pluggy.PluginValidationError, ValueError) as error:
            raise PluginError(f"plugin {name}: {_sentence(error)}") from error
        if not self._manager.get_hookcallers(module):
            raise PluginError(
                f"plugin {name}: has none of the hooks {', '.join(sorted(_hook_names()))}"
            )
        self.places.append(_place(module))

    def _asked(self, hook: str, wanted: type[T], **given: Any) -> Iterator[tuple[str, list[T]]]:
        """What each plugin answers, with its name."""
        for implementation in getattr(self._manager.hook, hook).get_hookimpls():
            name = implementation.plugin_name
            try:
                said = implementation.function(*(given[a] for a in implementation.argnames))
                said = list(said)
            except (Exception, SystemExit) as error:
                raise PluginError(
                    f"plugin {name}: {hook} failed: {type(error).__name__}: {error}"
                ) from error
            for one in said:
                if not isinstance(one, wanted):
                    raise PluginError(
                        f"plugin {name}: {hook} must give a list of {wanted.__name__}, "
                        f"and {type(one).__name__} is none"
                    )
            yield name, said

    def _add_kind(self, plugin: str, kind: Kind[Any]) -> None:
        wrong = ""
        if not isinstance(kind.name, str) or not _WORD.fullmatch(kind.name):
            wrong = "its name must be small letters, digits and _"
        elif kind.name in KINDS:
            wrong = "it is a built-in kind; choose another name"
        elif kind.name in self.kinds:
            wrong = "another plugin has a kind of this name"
        elif not callable(kind.judge):
            wrong = "its judge can't be called"
        elif not kind.facets or not all(_FACET.fullmatch(str(f)) for f in kind.facets):
            wrong = (
                "it needs facets: a name in letters, digits and _ for each, and what it is about"
            )
        elif not all(isinstance(t, Bilingual) for t in kind.facets.values()):
            wrong = "what a facet is about must be in both languages: Text(en, ja)"
        else:
            import jsonschema  # most gradings have no plugin with a kind

            try:
                jsonschema.Draft202012Validator.check_schema(kind.options)
            except jsonschema.SchemaError as error:
                wrong = f"its options are no JSON Schema: {error.message[:200]}"
        if wrong:
            raise PluginError(f"plugin {plugin}: kind {kind.name!r}: {wrong}")
        self.kinds[kind.name] = kind

    def _add_misconceptions(self) -> None:
        found: dict[str, Misconception] = {}
        for plugin, said in self._asked("scratchgrade_misconceptions", Misconception):
            for one in said:
                if one.id in found:
                    raise PluginError(f"plugin {plugin}: misconception {one.id!r} is there twice")
                found[one.id], self.owners[one.id] = one, plugin
        self.misconceptions = tuple(found.values())


class _Manager(pluggy.PluginManager):
    """A function is a hook by its name, as pytest users know it; the marker is optional."""

    def parse_hookimpl_opts(self, plugin: Any, name: str) -> pluggy.HookimplOpts | None:
        options = super().parse_hookimpl_opts(plugin, name)
        named = name.startswith(_PREFIX) and inspect.isfunction(getattr(plugin, name, None))
        return _OPTIONS.copy() if options is None and named else options


_OPTIONS = pluggy.HookimplOpts(
    wrapper=False, hookwrapper=False, optionalhook=False, tryfirst=False, trylast=False,
    specname=None,
)  # fmt: skip


def _hook_names() -> list[str]:
    return [n for n in vars(Hooks) if n.startswith(_PREFIX)]


def _sentence(error: Exception) -> str:
    """Pluggy's message in one line, with the hook that may have been meant."""
    text = " ".join(str(error).split())
    unknown = re.search(r"unknown hook '(\w+)'", text)
    if unknown:
        name = unknown.group(1)
        return f"unknown hook {name!r}{nearest(name, _hook_names())}"
    return text[:300]


def _place(module: ModuleType) -> Path:
    """The file of a module by itself; the folder of the package that it is of."""
    top = sys.modules[module.__name__.partition(".")[0]]
    file = Path(top.__file__ or module.__file__ or "")
    return file.parent if hasattr(top, "__path__") else file


def _imported(name: str) -> ModuleType:
    """A module by its name, or by the path of its file."""
    if not name.endswith(".py"):
        return importlib.import_module(name)
    path = Path(name).resolve()
    if not path.is_file():
        raise PluginError(f"plugin {name}: no such file")
    own = f"_scratchgrade_plugin_{path.stem}"
    known = sys.modules.get(own)
    if known is not None and known.__file__ == str(path):
        return known
    spec = importlib.util.spec_from_file_location(own, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[own] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[own]
        raise
    return module


_given: tuple[str, ...] = ()


@functools.cache
def loaded(names: tuple[str, ...]) -> Plugins:
    """The installed plugins and those named.

    Raises:
        PluginError: one can't be used.
    """
    return Plugins(names)


def names_of(given: str) -> tuple[str, ...]:
    """The names of modules or paths of files that stand in it, with commas between them."""
    return tuple(name.strip() for name in given.split(",") if name.strip())


def use(names: tuple[str, ...]) -> None:
    """Let these be the plugins of the gradings that follow in this process."""
    global _given
    _given = names


def plugins() -> Plugins:
    """The plugins in use.

    Raises:
        PluginError: an installed one can't be used.
    """
    return loaded(_given)
