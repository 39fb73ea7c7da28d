"""Right answers as source: the reference in the signature that the item asks for, or in an interface of the audit."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from graders.audit.formula_source import formula_library
from graders.audit.interfaces import Interface, interfaces
from graders.audit.library import Library, read_library
from graders.binding.lexicon import lexicon
from graders.errors import UsageError
from graders.formulas import Formula
from graders.kinds.layer.interfaces import in_functions, in_signature
from graders.messages import Language
from graders.release.pruning import pruned
from graders.release.selection import Selection
from graders.specs import ItemSpec
from graders.specs.signatures import Signature, signature_of
from graders.traits import Trait

FOLDER = "handout"  # beside a sprint's specs: ITEM.py, a solution in cells (# %%)
_NAME = re.compile(r"\breference(?=\.)")
_IMPORT = re.compile(r"^import (reference|numpy as np)\n", re.MULTILINE)
_CELL = re.compile(r"^# %%.*\n", re.MULTILINE)


@dataclass(frozen=True)
class Solved:
    """The cells that answer an item; they call the library by `name`."""

    cells: tuple[str, ...]
    library: Library | None = None
    uses: frozenset[str] = frozenset()
    name: str = ""


def solved(selection: Selection, spec: ItemSpec) -> Solved:
    """The solution of an item.

    Raises:
        UsageError: there is none: no interface is known, and none lies beside the spec.
    """
    if Trait.WRITTEN in spec.traits:
        return Solved((_told(spec, selection.language),))
    if Trait.PERSON in spec.traits:
        return Solved(())
    library, name = _library(spec)
    own = Path(spec.file).parent / FOLDER / f"{spec.id}.py"
    if own.is_file():
        text = own.read_text(encoding="utf-8")
        cells = [c for c in _CELL.split(text) if c.strip()]
        return _on(library, name, *cells)
    if spec.ability:
        return Solved((_shown(selection, spec),))
    wide = _widened(selection, spec)
    ways = [w for w in interfaces(wide) if w.source]
    written = _as_asked(selection, wide)
    signature = signature_of(spec)
    if written is None and signature is not None:
        ways.sort(key=lambda way: not _has(way, signature))
    if written is None and not ways:
        raise UsageError(
            f"{spec.id}: there is no solution for the kind {spec.kind!r}; put one into "
            f"{FOLDER}/{spec.id}.py or interfaces/{spec.id}/ beside the spec"
        )
    source = written if written is not None else ways[0].source
    if spec.driven_by and spec.driven_by in [i.id for i in selection.items]:
        source = _without(source, _classes_of(selection.sprint.item(spec.driven_by)))
    return _on(library, name, source)


def _library(spec: ItemSpec) -> tuple[Library | None, str]:
    formula = formula_library(spec)
    if formula is not None:
        return formula, f"{formula.package}_{spec.id}"
    if not spec.reference:
        return None, ""
    package = spec.reference.partition(":")[0].partition(".")[0]
    return _read(package), f"{package}_text"


_read = functools.cache(read_library)


def _on(library: Library | None, name: str, *sources: str) -> Solved:
    """Sources that call ``reference``, with the library in its place."""
    uses = frozenset().union(*(Interface("", s).names() for s in sources))
    cells = tuple(_NAME.sub(name, _IMPORT.sub("", s)).strip("\n") for s in sources)
    return Solved(cells, library, uses, name)


def _as_asked(selection: Selection, spec: ItemSpec) -> str | None:
    """A layer in its canonical signature, with the parameters of the abilities that extend it; None
    where the signature is of another form.
    """
    signature = signature_of(spec)
    if Trait.LAYER not in spec.traits or signature is None:
        return None
    if not signature.is_class:
        return in_functions(spec, signature.calls)
    parameters = dict(signature.calls[0].parameters)
    for other in _abilities(selection, spec):
        more = signature_of(other)
        if more is not None and more.name == signature.name:
            parameters |= {n: d for n, d in more.calls[0].parameters if n not in parameters}
    methods = [signature.method("forward"), signature.method("backward")]
    forward, backward = methods
    if forward is None or backward is None or any(len(m.parameters) != 1 for m in methods if m):
        return None
    roles = _roles(spec, parameters)
    return in_signature(spec, roles, parameters, forward.names[0], backward.names[0])


def _abilities(selection: Selection, spec: ItemSpec) -> list[ItemSpec]:
    return [i for i in selection.items if i.ability and i.base == spec.id]


def _widened(selection: Selection, spec: ItemSpec) -> ItemSpec:
    """A layer with the settings, and the sizes, that the abilities which extend it set free."""
    sizes, config, roles = dict(spec.sizes), dict(spec.config), dict(spec.roles)
    for other in _abilities(selection, spec):
        config |= {k: f for k, f in other.config.items() if k not in config}
        roles |= {r: f for r, f in other.roles.items() if f.text not in spec.sizes}
        freed = {a: r for a, r in other.sizes.items() if r != spec.sizes.get(a)}
        sizes |= {a: r for a, r in freed.items() if a in _settable(spec, config)}
    return replace(spec, sizes=sizes, config=config, roles=roles)


def _settable(spec: ItemSpec, config: Mapping[str, Formula]) -> set[str]:
    """The sizes that abilities set free: those of the reference's settings, and of the batch."""
    settings = set().union(*(re.findall(r"[A-Z]", f.text) for f in config.values()), ())
    return settings | {spec.axes[0]}


def _roles(spec: ItemSpec, parameters: Mapping[str, str]) -> dict[str, str]:
    """The parameter of each role that the item has."""
    found: dict[str, str] = {}
    for name in parameters:
        for role in lexicon().roles(name):
            if role in spec.roles or role in ("initializer", "optimizer"):
                found.setdefault(role, name)
                break
    return found


def _shown(selection: Selection, spec: ItemSpec) -> str:
    """An ability is there already, in the class that it extends: a comment says so."""
    signature = signature_of(spec)
    base = selection.extended(spec)
    own = signature is not None and signature.name == base
    call = signature.calls[0].head() if own and signature is not None else base
    return f"# {call}"


def _told(spec: ItemSpec, language: Language) -> str:
    lines = []
    for answer in spec.answers:
        question = answer.question.in_language(language)
        lines.append(f"print({f'{question}: {answer.expected}'!r})")
    return "\n".join(lines)


def _has(way: Interface, signature: Signature) -> bool:
    """True if an interface has the signature: the name, and the parameters in their order."""
    for node in ast.parse(way.source).body:
        target: ast.stmt | None = node
        if getattr(node, "name", "") != signature.name:
            continue
        if isinstance(node, ast.ClassDef):
            target = next((n for n in node.body if getattr(n, "name", "") == "__init__"), None)
        if isinstance(target, ast.FunctionDef):
            names = [a.arg for a in target.args.args if a.arg != "self"]
            if names == list(signature.calls[0].names):
                return True
    return False


def _classes_of(spec: ItemSpec) -> frozenset[str]:
    signature = signature_of(spec)
    return frozenset() if signature is None else frozenset([signature.name])


def _without(source: str, names: frozenset[str]) -> str:
    """The source without definitions that the notebook has already."""
    lines = source.split("\n")
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and node.name in names:
            for i in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[i] = "\0"
    return "\n".join(line for line in lines if line != "\0")


def together(answers: Sequence[Solved]) -> Iterator[tuple[str, Library]]:
    """The libraries of several answers by name, each with only what is used of it."""
    found: dict[str, tuple[Library, set[str]]] = {}
    for answer in answers:
        if answer.library is not None and answer.uses:
            _, uses = found.setdefault(answer.name, (answer.library, set()))
            uses |= answer.uses
    for name, (library, uses) in found.items():
        yield name, pruned(library.only(sorted(uses)), sorted(uses))
