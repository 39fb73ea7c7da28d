"""What students write as optimisers, around the reference: the audit's interfaces."""

from __future__ import annotations

from graders.kinds.sources import class_name, filled, reference_of
from graders.specs import ItemSpec

_DENSE = """
class FC:
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.optimizer = optimizer
        self.W = initializer.W(n_nodes1, n_nodes2)
        self.B = initializer.B(n_nodes2)
    def forward(self, X):
        self.X = X
        return X @ self.W + self.B
    def backward(self, dA):
        dX = dA @ self.W.T
        self.dW, self.dB = self.X.T @ dA, dA.sum(axis=0)
        self.optimizer.update(self)
        return dX
"""


_BOX = """
class Box:
    def step(self, optimizer, params, grads):
        self.params = {k: np.array(v, dtype=float) for k, v in params.items()}
        self.grads = {k: np.array(v, dtype=float) for k, v in grads.items()}
        optimizer.update(self)
        return self.params
"""


def interfaces(spec: ItemSpec) -> dict[str, str]:
    """Sources by name, the one for the mutants first."""
    numbers = {name: of for name, of in spec.hyperparameters.items() if not of.upto}
    values = {
        "Name": class_name(spec),
        "Reference": reference_of(spec),
        "given": "".join(f", {name}={name}" for name in numbers),
        "parameters": "".join(f", {name}" for name in numbers),
        "defaults": "".join(f", {name}={of.default!r}" for name, of in numbers.items()),
        "kept": "".join(f"\n        self.{name} = {name}" for name in numbers),
    }
    return {
        "update(layer)": _DENSE
        + _BOX
        + filled(
            """
class <Name>:
    def __init__(self, lr<parameters>):
        self.lr = lr
        self.rule, self.box = <Reference>(lr<given>), Box()
    def update(self, layer):
        new = self.box.step(
            self.rule, {"W": layer.W, "b": layer.B}, {"W": layer.dW, "b": layer.dB}
        )
        layer.W, layer.B = new["W"], new["b"]
        return layer
""",
            **values,
        ),
        "update(params, grads)": _BOX
        + filled(
            """
class <Name>:
    def __init__(self, learning_rate=0.01<defaults>):
        self.learning_rate = learning_rate
        self.rule, self.box = <Reference>(learning_rate<given>), Box()
    def update(self, params, grads):
        new = self.box.step(self.rule, params, grads)
        for key in params:
            params[key][...] = new[key]
""",
            **values,
        ),
        "one an array, the result assigned": """
class Dense:
    def __init__(self, n_in, n_out, initializer, optimizer):
        self.w, self.b = initializer.W(n_in, n_out), initializer.B(n_out)
        self.opt_w, self.opt_b = optimizer(0.05), optimizer(0.05)
    def forward(self, x):
        self.x = x
        return x @ self.w + self.b
    def backward(self, dout):
        dx = dout @ self.w.T
        self.w = self.opt_w.update(self.x.T @ dout, self.w)
        self.b = self.opt_b.update(dout.sum(axis=0), self.b)
        return dx
"""
        + _BOX
        + filled(
            """
class <Name>:
    def __init__(self, lr<defaults>):
        self.lr, self.rule, self.box = lr, <Reference>(lr<given>), Box()<kept>
    def update(self, grad, param):
        return self.box.step(self.rule, {"p": param}, {"p": grad})["p"]
""",
            **values,
        ),
    }
