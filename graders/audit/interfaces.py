"""The interfaces that the reference is wrapped in: what students write, as source.

An interface's source is a module of a student who happens to have ``import reference``: it is
real Python that calls ``reference.Name``, and the audit puts the library that it is about in
that place. Interfaces of layers are made from the spec (`layer_interfaces`), those of kinds with
little freedom are here, and any item may have more as files beside its spec:
``SPRINT/interfaces/ITEM/NAME.py``, or ``NAME.md`` for prose.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from graders.errors import SpecError
from graders.kinds.built_in import kind_of
from graders.specs import ItemSpec


@dataclass(frozen=True)
class Interface:
    """One way to write the answer to an item: source, or prose alone."""

    name: str
    source: str
    prose: str = ""

    def names(self) -> frozenset[str]:
        """The names of the reference that it uses."""
        return frozenset(
            node.attr
            for node in ast.walk(ast.parse(self.source))
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "reference"
        )

    def on(self, package: str) -> str:
        """The source with a loaded library in the place of ``reference``."""
        tree = ast.parse(self.source)
        tree.body = [n for n in tree.body if not _imports_reference(n)]
        put: ast.NodeTransformer = _Put(ast.parse(f"_sg_packages[{package!r}]", mode="eval").body)
        return ast.unparse(put.visit(tree))


class _Put(ast.NodeTransformer):
    def __init__(self, node: ast.expr) -> None:
        self._node = node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """The library for the name ``reference``."""
        return self._node if node.id == "reference" else node


def _imports_reference(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import) and [a.name for a in node.names] == ["reference"]


def interfaces(spec: ItemSpec) -> list[Interface]:
    """All interfaces of an item, the one for its mutants first; none for what has no reference.

    Raises:
        SpecError: a file beside the spec does not compile.
    """
    written = kind_of(spec.kind).interfaces
    made = {} if written is None else written(spec)
    found = [Interface(name, _HEAD + dedent(source)) for name, source in made.items()]
    folder = Path(spec.file).parent / "interfaces" / spec.id
    for file in sorted(folder.glob("*")):
        if file.suffix not in (".py", ".md"):
            continue
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".md":
            found.append(Interface(file.stem, "", text))
            continue
        try:
            ast.parse(text)
        except SyntaxError as error:
            raise SpecError(f"{file}, line {error.lineno}: no valid Python: {error.msg}") from error
        found.append(Interface(file.stem, text))
    return found


_HEAD = "import numpy as np\nimport reference\n"
