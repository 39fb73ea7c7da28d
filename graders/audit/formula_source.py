"""Functions that a spec gives as formulas alone: the formula as a library, and ways to write it.

With this an item of kind function can be audited without a line of Python beside its spec. What
has a reference, or interfaces of its own beside the spec, is audited with those.
"""

from __future__ import annotations

from graders.audit.library import Library
from graders.specs import ItemSpec

MODULE = "formula"
NAME = "value"


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


def formula_interfaces(spec: ItemSpec) -> dict[str, str]:
    """Sources by name; none where a size is not told by one role alone."""
    if formula_library(spec) is None:
        return {}
    roles = {formula.text: role for role, formula in spec.roles.items()}
    if set(roles) != set(spec.sizes) or len(roles) != len(spec.roles):
        return {}
    # The id of an item of kind function is, in the template, the name of the function.
    name = spec.canonical.partition("(")[0].strip()
    name = name if name.isidentifier() else spec.id
    parameters = [roles[size] for size in spec.sizes]
    handed = ", ".join(parameters)
    backwards = ", ".join(reversed(parameters))
    kinds = {
        "parameters in the spec's order": f"""
            def {name}({handed}):
                return reference.{NAME}({handed})
            """,
        "keywords in another order": f"""
            def {name}(*, {backwards}):
                return reference.{NAME}({handed})
            """,
        "a static method, the result as a float": f"""
            class Sizes:
                @staticmethod
                def {name}({backwards}):
                    return np.asarray(reference.{NAME}({handed}), dtype=float)
            """,
    }
    return kinds
