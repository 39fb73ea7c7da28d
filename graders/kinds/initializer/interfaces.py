"""What students write as initialisers, around the reference: the audit's interfaces."""

from __future__ import annotations

import re

from graders.kinds.sources import class_name, filled, reference_of
from graders.specs import ItemSpec


def interfaces(spec: ItemSpec) -> dict[str, str]:
    """Sources by name, the one for the mutants first."""
    values = {
        "Name": class_name(spec),
        "plain": re.sub(r"(?<!^)(?=[A-Z])", "_", class_name(spec)).lower(),
        "Reference": reference_of(spec),
        "given": "sigma" if spec.gain is None else "",
        "parameter": ", sigma" if spec.gain is None else "",
        "default": ", sigma=0.01" if spec.gain is None else "",
    }
    return {
        "as in the text": filled(
            """
            class <Name>:
                def __init__(self<parameter>):
                    self.start = <Reference>(<given>)
                def W(self, n_nodes1, n_nodes2):
                    rng = np.random.default_rng(np.random.randint(2**31))
                    return self.start((n_nodes1, n_nodes2), n_nodes1, rng)
                def B(self, n_nodes2):
                    return np.zeros(n_nodes2)
            """,
            **values,
        ),
        "weights as (outputs, inputs)": filled(
            """
            class <Name>:
                def __init__(self<default>):
                    self.rng = np.random.default_rng(0)
                    self.start = <Reference>(<given>)
                def W(self, n_out, n_in):
                    return self.start((n_out, n_in), n_in, self.rng)
                def B(self, n_out):
                    return np.zeros((1, n_out))
            """,
            **values,
        ),
        "both at once": filled(
            """
            class <Name>:
                def __init__(self<default>):
                    self.start = <Reference>(<given>)
                def coef(self, n_in, n_out):
                    rng = np.random.default_rng(1)
                    return self.start((n_in, n_out), n_in, rng), np.zeros(n_out)
            """,
            **values,
        ),
        "float32": filled(
            """
            class <Name>:
                def __init__(self<default>):
                    self.start = <Reference>(<given>)
                def W(self, n_nodes1, n_nodes2):
                    rng = np.random.default_rng(7)
                    return self.start((n_nodes1, n_nodes2), n_nodes1, rng).astype("f")
                def B(self, n_nodes2):
                    return np.zeros(n_nodes2, dtype="f")
            """,
            **values,
        ),
    }
