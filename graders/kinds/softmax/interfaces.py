"""What students write as softmax, around the reference: the audit's interfaces."""

from __future__ import annotations

from graders.kinds.sources import class_name, filled, reference_of
from graders.specs import ItemSpec


def interfaces(spec: ItemSpec) -> dict[str, str]:
    """Sources by name, the one for the mutants first."""
    values = {"Name": class_name(spec), "Reference": reference_of(spec)}
    return {
        "forward(A), backward(Z, Y)": filled(
            """
            class <Name>:
                def __init__(self):
                    self.loss = <Reference>("sum")
                def forward(self, A):
                    self.A = A
                    labels = np.eye(A.shape[1])[np.zeros(len(A), dtype=int)]
                    self.loss.forward(A, labels)
                    return self.loss.probabilities
                def backward(self, Z, Y):
                    self.loss.forward(self.A, Y)
                    return self.loss.backward()
            """,
            **values,
        ),
        "loss from forward(A, Y), mean over the batch": filled(
            """
            class <Name>:
                def __init__(self):
                    self.rows = <Reference>("mean")
                def forward(self, x, t):
                    loss = self.rows.forward(x, t)
                    self.y = self.rows.probabilities
                    return loss
                def backward(self, dout=1):
                    return self.rows.backward()
            """,
            **values,
        ),
        "backward(Y) with the loss": filled(
            """
            class <Name>:
                def __init__(self):
                    self.both = <Reference>("sum")
                def forward(self, a):
                    self.a = a
                    labels = np.eye(a.shape[1])[np.zeros(len(a), dtype=int)]
                    self.both.forward(a, labels)
                    self.z = self.both.probabilities
                    return self.z
                def backward(self, y):
                    loss = self.both.forward(self.a, y)
                    return self.both.backward(), loss
            """,
            **values,
        ),
    }
