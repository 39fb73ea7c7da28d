"""Layers that refuse sizes which their windows leave a rest of, as they may: the sizes they take."""

from __future__ import annotations

import ast

import numpy as np

from graders import cases
from graders.binding.attempts import Attempt
from graders.binding.candidates import methods_for
from graders.binding.definitions import Definition
from graders.errors import SpecError
from graders.formulas import FormulaError
from graders.specs import ItemSpec

MAX_REFUSALS = 6  # plans that are tried again with sizes that leave no rest
_DRAWS = 200


def refused(spec: ItemSpec, definition: Definition, attempt: Attempt) -> bool:
    """True if forward did not fail but said no: a ``raise`` or ``assert`` of its own, or a bare
    ``return`` under a condition and no output.
    """
    if attempt.error is not None:
        return attempt.error.text.startswith(("raise ", "assert ", "assert("))
    forward, _ = methods_for(spec, definition)
    if forward is None or attempt.y is not None or attempt.timed_out or attempt.died:
        return False
    return any(
        isinstance(inner, ast.Return)
        and (
            inner.value is None or (isinstance(inner.value, ast.Constant) and not inner.value.value)
        )
        for node in ast.walk(forward.node)
        if isinstance(node, ast.If)
        for inner in ast.walk(node)
    )


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
