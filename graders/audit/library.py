"""The reference as source that can be carried into a student's process, whole or with one change.

A package is executed there module by module under a name of its own, so that many variations of
it can live in one process. What a library holds is text; nothing is executed here.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from graders.errors import SpecError

LOADER = '''\
import sys
import types

_sg_packages = {}
_sg_compiled = {}
_sg_lines = set()


def _sg_load(package, modules, names, replaced):
    """Execute modules (name -> source) in their order, as one package with that name."""
    root = types.ModuleType(package)
    root.__path__ = []
    sys.modules[package] = _sg_packages[package] = root
    for name, source in modules.items():
        module = types.ModuleType(package + "." + name)
        module.__package__ = package
        sys.modules[module.__name__] = module
        if name == "variant":
            _sg_name(root, names)
        if (name, source) not in _sg_compiled:
            _sg_compiled[name, source] = compile(source, "<reference %s>" % name, "exec")
        exec(_sg_compiled[name, source], module.__dict__)
    _sg_name(root, names)
    _sg_name(root, replaced)


def _sg_name(root, names):
    for name, (module, its_name) in names.items():
        setattr(root, name, getattr(sys.modules[root.__name__ + "." + module], its_name))


def _sg_trace():
    def line(frame, event, argument):
        if event == "line":
            _sg_lines.add((frame.f_code.co_filename, frame.f_lineno))
        return line

    def call(frame, event, argument):
        return line if frame.f_code.co_filename.startswith("<reference ") else None

    sys.settrace(call)


def _sg_seen(module):
    file = "<reference %s>" % module
    return [n for name, n in sorted(_sg_lines) if name == file]
'''


@dataclass(frozen=True)
class Library:
    """Modules of a package, in an order in which each can be executed.

    `exports` has the module of each name that the package itself offers; `replaced` has names
    that come from elsewhere instead: (module, name there).
    """

    package: str
    modules: Mapping[str, str] = field(repr=False)
    exports: Mapping[str, str] = field(repr=False)
    replaced: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def only(self, names: Iterable[str]) -> Library:
        """Only what these names of the package need, and what stands in the place of others.

        Raises:
            KeyError: the package offers no such name.
        """
        wanted = {self.exports[name] for name in names} | {m for m, _ in self.replaced.values()}
        pending = sorted(wanted)
        while pending:
            for name in _imports(self.modules[pending.pop()]):
                other = self.exports.get(name, name)
                if other in self.modules and other not in wanted:
                    wanted.add(other)
                    pending.append(other)
        return replace(
            self,
            modules={m: s for m, s in self.modules.items() if m in wanted},
            exports={n: m for n, m in self.exports.items() if m in wanted},
        )

    def with_module(self, module: str, source: str) -> Library:
        """The same with another source for one module."""
        return replace(self, modules={**self.modules, module: source})

    def with_variant(self, source: str, name: str, instead_of: str) -> Library:
        """The same with a class or function of another module in the place of one of its own.

        `source` imports from the package by its name, and each import is turned into a relative
        one.
        """
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                root, _, rest = node.module.partition(".")
                if root == self.package:
                    node.level, node.module = 1, rest or None
        return replace(
            self,
            modules={**self.modules, "variant": ast.unparse(tree)},
            replaced={instead_of: ("variant", name)},
        )

    def loading(self, name: str) -> str:
        """Source that loads it under a name, after `LOADER`."""
        names = {n: (m, n) for n, m in self.exports.items()}
        return f"_sg_load({name!r}, {dict(self.modules)!r}, {names!r}, {dict(self.replaced)!r})\n"


def read_library(package: str) -> Library:
    """A package's modules that import nothing but each other and what is installed.

    Raises:
        SpecError: there is no such package, or its modules import each other in a circle.
    """
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise SpecError(f"reference {package}: no such package")
    file = Path(found.origin)
    if not found.submodule_search_locations:
        source = file.read_text(encoding="utf-8")
        return Library(package, {package: source}, dict.fromkeys(_defined(source), package))
    sources = {
        path.stem: path.read_text(encoding="utf-8")
        for path in sorted(file.parent.glob("*.py"))
        if path.name != "__init__.py"
    }
    exports = {}
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module:
            exports.update({a.asname or a.name: node.module for a in node.names})
    for module in sources:
        # A module itself can be named, too, where nothing else has its name.
        for name in _defined(sources[module]):
            exports.setdefault(name, module)
    return Library(package, _in_order(package, sources), exports)


def _imports(source: str) -> list[str]:
    """Modules of its own package that a module imports from, and names of the package itself."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            if node.module:
                found.append(node.module.partition(".")[0])
            else:
                found += [alias.name for alias in node.names]
    return found


def _defined(source: str) -> list[str]:
    tree = ast.parse(source)
    return [n.name for n in tree.body if isinstance(n, ast.ClassDef | ast.FunctionDef)]


def _in_order(package: str, sources: Mapping[str, str]) -> dict[str, str]:
    """Each module after those that it imports."""
    ordered: dict[str, str] = {}
    left = dict(sources)
    imports = {module: set(_imports(source)) for module, source in sources.items()}
    while left:
        ready = [m for m in left if not imports[m] & left.keys()]
        if not ready:
            raise SpecError(f"reference {package}: its modules import each other in a circle")
        for module in ready:
            ordered[module] = left.pop(module)
    return ordered
