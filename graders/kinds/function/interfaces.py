"""What students write as a function that a spec gives as formulas alone: the audit's interfaces.

What has a reference, or interfaces of its own beside the spec, is audited with those.
"""

from __future__ import annotations

from graders.specs import ItemSpec

NAME = "value"
"""What the formula is called in the library that is made of it (`audit.formula_source`)."""


def formula_interfaces(spec: ItemSpec) -> dict[str, str]:
    """Sources by name; none where a size is not told by one role alone."""
    if spec.reference or not spec.value:
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
