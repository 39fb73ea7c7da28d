"""What a classifier's spec has to have: how it is trained, and what it has to reach."""

from __future__ import annotations

import math

from graders.specs.document import Document
from graders.specs.model import ItemSpec, Training
from graders.specs.references import check_config
from graders.specs.tasks.task import Task


def _check(document: Document, item: ItemSpec) -> None:
    if item.training is None:
        raise document.error((), "an item of kind classifier needs training")
    _check_training(document, item, item.training)
    check_config(document, item)


def _check_training(document: Document, item: ItemSpec, training: Training) -> None:
    if not item.reference:
        raise document.error((), "a classifier needs reference")
    if training.floor >= training.accuracy:
        raise document.error(
            ("training", "accuracy"), f"is not above the floor of {training.floor}"
        )
    reached = training.mean - 3 * training.sd
    if training.accuracy > reached:
        raise document.error(
            ("training", "accuracy"),
            f"{training.accuracy} is more than the reference reaches with three standard "
            f"deviations of margin ({reached:.3f})",
        )
    for i, shape in enumerate(training.layouts):
        if math.prod(shape) != 784:
            raise document.error(
                ("training", "image", i), f"{list(shape)} is no shape of 28 x 28 pixels"
            )


TASK = Task(
    "a classifier", keys=("training",), facets=lambda item: ("training", "repeat"), check=_check
)
