"""A library with only those definitions that some names need: what an instructor has to read, and no more."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from graders.audit.library import Library


def pruned(library: Library, uses: Iterable[str]) -> Library:
    """The library with what the names need, definition by definition; as it is where that can't be told."""
    modules = {name: _Module(source) for name, source in library.modules.items()}
    if any(module.opaque for module in modules.values()):
        return library
    pending = [(library.exports[name], name) for name in uses]
    needed: set[tuple[str, str]] = set()
    while pending:
        place = pending.pop()
        module, name = place
        if place in needed or module not in modules:
            continue
        needed.add(place)
        pending += ((module, other) for other in modules[module].always)
        imported = modules[module].imported.get(name)
        if imported is not None:
            pending.append(imported)
        else:
            pending += ((module, other) for other in modules[module].needs(name))
    kept = {
        name: module.source_of({n for m, n in needed if m == name})
        for name, module in modules.items()
        if any(m == name for m, _ in needed)
    }
    exports = {n: m for n, m in library.exports.items() if (m, n) in needed}
    return replace(library, modules=kept, exports=exports)


@dataclass
class _Module:
    """A module's statements, by what they define."""

    source: str
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)  # of its own package
    always: set[str] = field(
        default_factory=set
    )  # what statements that stay whatever is needed name
    opaque: bool = False  # it takes whole modules of its package

    def __post_init__(self) -> None:
        self._tree = ast.parse(self.source)
        self._lines = self.source.split("\n")
        self._defined = {n: node for node in self._tree.body for n in _names_of(node)}
        for node in self._tree.body:
            if isinstance(node, ast.ImportFrom) and node.level:
                self.opaque = self.opaque or not node.module or node.level > 1
                for alias in node.names:
                    self.imported[alias.asname or alias.name] = (node.module or "", alias.name)
        for node in self._tree.body:
            if not isinstance(node, ast.Import | ast.ImportFrom) and not [*_names_of(node)]:
                self.always |= self._own(node)

    def _own(self, node: ast.AST) -> set[str]:
        named = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        return named & (self._defined.keys() | self.imported.keys())

    def needs(self, name: str) -> set[str]:
        """The names of the module that a definition names."""
        node = self._defined.get(name)
        return set() if node is None else self._own(node)

    def source_of(self, names: set[str]) -> str:
        """The source with only these names."""
        parts = list(self._parts(names))
        return "\n".join(parts).strip("\n") + "\n"

    def _parts(self, names: set[str]) -> Iterator[str]:
        for node in self._tree.body:
            if isinstance(node, ast.ImportFrom) and node.level:
                aliases = [a for a in node.names if (a.asname or a.name) in names]
                if aliases:
                    yield ast.unparse(ast.ImportFrom(node.module, aliases, node.level))
                continue
            told = [*_names_of(node)]
            if told and names.isdisjoint(told):
                continue
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
            while first > 1 and self._lines[first - 2].startswith("#"):
                first -= 1  # a comment above is about what follows
            text = "\n".join(self._lines[first - 1 : node.end_lineno])
            is_definition = isinstance(node, ast.ClassDef | ast.FunctionDef)
            yield f"\n\n{text}" if is_definition else text


def _names_of(node: ast.stmt) -> Iterator[str]:
    """The names that a statement defines, imports aside."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (t.id for t in node.targets if isinstance(t, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id
