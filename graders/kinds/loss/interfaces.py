"""What students write as losses, around the reference: the audit's interfaces."""

from __future__ import annotations

from graders.kinds.sources import class_name, filled, reference_of
from graders.specs import ItemSpec


def interfaces(spec: ItemSpec) -> dict[str, str]:
    """Sources by name, the one for the mutants first."""
    """Each with the reduction that is asked for first; numbers of classes where labels are one-hot."""
    one_hot = spec.arguments["labels"].one_hot
    values = {
        "Name": class_name(spec),
        "plain": spec.id,
        "Reference": reference_of(spec),
        "reduction": repr(spec.reductions[0]),
        "labels": "np.eye(scores.shape[1])[labels]" if one_hot else "labels",
    }
    return {
        "forward(x, t), backward()": filled(
            """
            class <Name>:
                def __init__(self):
                    self.rule = <Reference>(<reduction>)
                def forward(self, x, t):
                    return self.rule.forward(x, t)
                def backward(self):
                    return self.rule.backward()
            """,
            **values,
        ),
        "the loss and its derivative at once": filled(
            """
            def <plain>(scores, labels):
                rule = <Reference>(<reduction>)
                return rule.forward(scores, <labels>), rule.backward()
            """,
            **values,
        ),
        "a function each, targets first": filled(
            """
            def <plain>(y_true, y_pred):
                return <Reference>(<reduction>).forward(y_pred, y_true)
            def <plain>_grad(y_true, y_pred):
                rule = <Reference>(<reduction>)
                rule.forward(y_pred, y_true)
                return rule.backward()
            """,
            **values,
        ),
        "loss(), grad(), kept": filled(
            """
            class <Name>:
                def __call__(self, outputs, targets):
                    self.rule = <Reference>(<reduction>)
                    self.loss = self.rule.forward(outputs, targets)
                    return self.loss
                def grad(self, outputs, targets):
                    self.rule.forward(outputs, targets)
                    self.dinputs = self.rule.backward()
            """,
            **values,
        ),
    }
