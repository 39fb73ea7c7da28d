"""The kinds that are built in, and those of plugins."""

from __future__ import annotations

from collections.abc import Mapping

from graders.kinds.answers.kind import KIND as ANSWERS
from graders.kinds.building import Kind
from graders.kinds.classifier.kind import KIND as CLASSIFIER
from graders.kinds.dropout.kind import KIND as DROPOUT
from graders.kinds.estimator.kind import KIND as ESTIMATOR
from graders.kinds.function.kind import KIND as FUNCTION
from graders.kinds.initializer.kind import KIND as INITIALIZER
from graders.kinds.iterator.kind import KIND as ITERATOR
from graders.kinds.layer.kind import KIND as LAYER
from graders.kinds.loss.kind import KIND as LOSS
from graders.kinds.manual.kind import KIND as MANUAL
from graders.kinds.optimizer.kind import KIND as OPTIMIZER
from graders.kinds.procedure.kind import KIND as PROCEDURE
from graders.kinds.softmax.kind import KIND as SOFTMAX
from graders.plugins import plugins

BUILT_IN: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        ANSWERS,
        CLASSIFIER,
        DROPOUT,
        ESTIMATOR,
        FUNCTION,
        INITIALIZER,
        ITERATOR,
        LAYER,
        LOSS,
        MANUAL,
        OPTIMIZER,
        PROCEDURE,
        SOFTMAX,
    )
}


def kind_of(name: str) -> Kind:
    """The kind of that name.

    Raises:
        KeyError: neither the grader nor a plugin has it.
        PluginError: an installed plugin can't be used.
    """
    return BUILT_IN.get(name) or plugins().kinds[name]
