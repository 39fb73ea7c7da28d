"""The kinds that are built in, and what each asks of a spec."""

from __future__ import annotations

from collections.abc import Mapping

from graders.specs.tasks import (
    answers,
    classifier,
    dropout,
    estimator,
    function,
    layer,
    loss,
    optimizer,
    procedure,
    softmax,
)
from graders.specs.tasks.task import Task

TASKS: Mapping[str, Task] = {
    "optimizer": optimizer.TASK,
    "loss": loss.TASK,
    "layer": layer.TASK,
    "dropout": dropout.TASK,
    "estimator": estimator.TASK,
    "procedure": procedure.TASK,
    "function": function.TASK,
    "softmax": softmax.TASK,
    "initializer": Task("an initializer", facets=lambda item: ("forward", "shape")),
    "iterator": Task("an iterator", facets=lambda item: ("forward", "shape", "repeat")),
    "classifier": classifier.TASK,
    "answers": answers.TASK,
    "manual": Task("a manual item"),
}


def task_of(kind: str) -> Task:
    """What the kind asks; a plugin's asks what its own schema says (`specs.kinds`)."""
    return TASKS.get(kind, _PLUGGED)


_PLUGGED = Task("an item of this kind")
