"""A recipe for a classifier that the notebook defines but never trains, where the names of its
parameters leave nothing open."""

from __future__ import annotations

import ast

from graders.binding.definitions import Callable_, Definition
from graders.binding.programs import IMAGE_NAMES, LABEL_NAMES
from graders.binding.recipes import Recipe, Statement, asker_of, trainer_of
from graders.binding.rewriting import is_epochs, is_rate
from graders.specs import Training
from graders.submission.parsing import expression, parse

_MODEL = "_sg_model"


def untrained(definition: Definition, training: Training) -> Recipe | None:
    """How the class would be constructed, fitted and asked; None if a name says too little.

    Sizes of layers and the like can't be guessed: what the constructor asks for must be epochs,
    the size of mini-batches or a learning rate, and what fit asks for images and labels.
    """
    trainer, asker = trainer_of(definition), asker_of(definition)
    if definition.kind != "class" or trainer is None or asker is None or len(asker.required) != 1:
        return None
    settings = _settings(definition.constructor, training)
    data = _data(trainer)
    if settings is None or data is None:
        return None
    construct = parse(f"{_MODEL} = {definition.name}({settings})")
    fit = expression(f"{_MODEL}.{trainer.name}({data})")
    if construct is None or not isinstance(fit, ast.Call):
        return None
    return Recipe(
        definition, definition.cell, definition.section,
        (Statement(definition.cell, construct.body[0]),), fit, None, False, _MODEL, None, asker,
    )  # fmt: skip


def _settings(constructor: Callable_ | None, training: Training) -> str | None:
    given = []
    for parameter in constructor.required if constructor is not None else ():
        if is_epochs(parameter.name):
            given.append(f"{parameter.name}={training.epochs}")
        elif "batch" in parameter.name.lower():
            given.append(f"{parameter.name}={training.batch}")
        elif is_rate(parameter.name):
            given.append(f"{parameter.name}={training.rate}")
        else:
            return None
    return ", ".join(given)


def _data(trainer: Callable_) -> str | None:
    """Names that the module doesn't have: they get the digits in the forms that are tried."""
    kinds = [_kind(p.name) for p in trainer.required]
    if kinds[:2] != ["images", "labels"] or None in kinds:
        return None
    return ", ".join(f"_sg_given{i}" for i in range(len(kinds)))


def _kind(name: str) -> str | None:
    """Labels first: ``X_train`` is no label, but ``y_data`` is no image."""
    if LABEL_NAMES.fullmatch(name):
        return "labels"
    return "images" if IMAGE_NAMES.fullmatch(name) else None
