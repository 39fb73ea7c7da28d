"""Functions that a spec gives as formulas alone: the formula as a library.

With this an item of kind function can be audited without a line of Python beside its spec.
"""

from __future__ import annotations

from graders.audit.library import Library
from graders.kinds.function.interfaces import NAME
from graders.specs import ItemSpec

MODULE = "formula"


def formula_library(spec: ItemSpec) -> Library | None:
    """The formula of a function without a reference as a module; None for any other item."""
    if spec.reference or not spec.value:
        return None
    values = [value.text for value in spec.value]
    result = values[0] if len(values) == 1 else f"({', '.join(values)})"
    source = (
        "from math import ceil, floor\n\n\n"
        f"def {NAME}({', '.join(spec.sizes)}):\n    return {result}\n"
    )
    return Library(MODULE, {MODULE: source}, {NAME: MODULE})
