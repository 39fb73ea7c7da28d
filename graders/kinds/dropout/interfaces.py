"""What students write as dropout, around the reference: the audit's interfaces."""

from __future__ import annotations

from graders.kinds.sources import class_name, filled, reference_of
from graders.specs import ItemSpec


def interfaces(spec: ItemSpec) -> dict[str, str]:
    """Sources by name, the one for the mutants first."""
    """Inverted and not, the probability to keep and to leave out, each way to be told a test."""
    values = {"Name": class_name(spec), "plain": spec.id, "Reference": reference_of(spec)}
    return {
        "inverted, a flag of forward": filled(
            """
            class <Name>:
                def __init__(self, dropout_ratio=0.5):
                    self.rule = <Reference>(dropout_ratio)
                def forward(self, x, train_flg=True):
                    return self.rule.forward(x, train_flg)
                def backward(self, dout):
                    return self.rule.backward(dout)
            """,
            **values,
        ),
        "not inverted, what is kept": filled(
            """
            class <Name>:
                def __init__(self, keep_prob):
                    self.rule = <Reference>(1 - keep_prob, inverted=False)
                def forward(self, inputs, training):
                    return self.rule.forward(inputs, training)
                def backward(self, dvalues):
                    self.dinputs = self.rule.backward(dvalues)
            """,
            **values,
        ),
        "functions and a dict": filled(
            """
            def <plain>_forward(x, dropout_param):
                rule = <Reference>(1 - dropout_param["p"])
                if dropout_param["mode"] == "train":
                    out = rule.forward(x)
                else:
                    out = rule.forward(x, False)
                return out, (dropout_param, rule)
            def <plain>_backward(dout, cache):
                _, rule = cache
                return rule.backward(dout)
            """,
            **values,
        ),
        "an attribute, not inverted": filled(
            """
            class <Name>:
                def __init__(self, drop_prob=0.5):
                    self.rule = <Reference>(drop_prob, inverted=False)
                    self.training = True
                def train(self):
                    self.training = True
                def eval(self):
                    self.training = False
                def forward(self, x):
                    return self.rule.forward(x, self.training)
                def backward(self, grad):
                    return self.rule.backward(grad)
            """,
            **values,
        ),
    }
