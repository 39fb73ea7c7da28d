"""Layers that refuse sizes which their windows leave a rest of, as they may: the sizes they take."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import numpy as np

from graders import cases
from graders.binding.candidates import methods_for
from graders.binding.definitions import Definition, statements_in
from graders.errors import SpecError
from graders.formulas import FormulaError
from graders.kinds.layer.attempts import Attempt
from graders.specs import ItemSpec
from graders.submission import Submission
from graders.submission.parsing import compiled, every_node

MAX_REFUSALS = 6  # plans that are tried again with sizes that leave no rest
_DRAWS = 200


def refused(
    spec: ItemSpec,
    definition: Definition,
    attempt: Attempt,
    submission: Submission | None = None,
) -> bool:
    """True if forward did not fail but said no: a ``raise`` or ``assert`` of its own, a ``reshape`` that a rest makes
    impossible, or a bare ``return`` under a condition and no output; in a function of the `submission` that the class calls
    as well, whose answer is then None.
    """
    error = attempt.error
    if error is not None and "NoneType" in error.message and submission is not None:
        return any(_says_no(f) for f in _called(definition, submission))
    if error is not None:  # NumPy says no where an image is cut into whole windows by ``reshape``
        cut = "cannot reshape array" in error.message and "reshape(" in error.text
        return cut or error.text.startswith(("raise ", "assert ", "assert("))
    forward, _ = methods_for(spec, definition)
    if forward is None or attempt.y is not None or attempt.timed_out or attempt.died:
        return False
    return _says_no(forward.node)


def _says_no(function: ast.AST) -> bool:
    """True for a function with a bare ``return`` under a condition."""
    return any(
        isinstance(inner, ast.Return)
        and (
            inner.value is None or (isinstance(inner.value, ast.Constant) and not inner.value.value)
        )
        for node in every_node(function)
        if isinstance(node, ast.If)
        for inner in ast.walk(node)
    )


def _called(definition: Definition, submission: Submission) -> Iterator[ast.FunctionDef]:
    """The functions of a submission that a class calls by their names."""
    names = {
        node.func.id
        for node in every_node(definition.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    for cell in submission.cells if names else ():
        tree = compiled(cell)
        for node in statements_in(tree.body) if tree is not None else ():
            if isinstance(node, ast.FunctionDef) and node.name in names:
                yield node


def filled(spec: ItemSpec, rng: np.random.Generator) -> dict[str, int]:
    """Sizes of the item that its windows fill without a rest; empty if none were met.

    A window of more than two, if there is one: what is right for pairs only is to be seen.
    """
    settings = {n for f in spec.config.values() for n in f.names}
    found: dict[str, int] = {}
    for _ in range(_DRAWS):
        try:
            sizes = cases.draw_sizes(spec, rng)
            if not cases.leaves_rest(spec, sizes):
                wanted = {n for f in spec.shapes.values() for n in f.names} & spec.sizes.keys()
                found = {n: sizes[n] for n in sorted(wanted)}
                if all(sizes[n] > 2 for n in settings):
                    break
        except (FormulaError, SpecError):
            continue
    return found
