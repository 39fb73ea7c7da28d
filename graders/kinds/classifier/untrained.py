"""A recipe for a classifier that the notebook defines but never trains, where the names of its
parameters leave nothing open."""

from __future__ import annotations

import ast

from graders.binding.definitions import Callable_, Definition
from graders.kinds.classifier.programs import IMAGE_NAMES, LABEL_NAMES
from graders.kinds.classifier.recipes import Recipe, Statement, asker_of, trainer_of
from graders.kinds.classifier.rewriting import is_epochs, is_rate
from graders.kinds.classifier.unfolding import Unfolding
from graders.specs import Training
from graders.submission.parsing import expression, parse

GIVEN = "_sg_given"  # names that the module doesn't have: they get the digits
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


def uncalled(function: Callable_, unfolding: Unfolding, training: Training) -> ast.Module | None:
    """A call of a function that trains a network it is given, and what makes the network; None if a
    name says too little.
    """
    given: dict[str, str] = {}
    before = []
    for parameter in function.required:
        methods = {
            c.func.attr for c in ast.walk(function.node)
            if isinstance(c, ast.Call) and isinstance(c.func, ast.Attribute)
            and isinstance(c.func.value, ast.Name) and c.func.value.id == parameter.name
        } & {m for d in unfolding.classes.values() for m in d.methods}  # fmt: skip
        setting = _setting(parameter.name, training)
        if methods:
            made = [
                (d, s) for d in unfolding.classes.values()
                if methods <= {*d.methods}
                and (s := _settings(d.constructor, training)) is not None
            ]  # fmt: skip
            if not made:
                return None
            before.append(f"{parameter.name} = {made[-1][0].name}({made[-1][1]})")
            given[parameter.name] = parameter.name
        elif setting is not None:
            given[parameter.name] = str(setting)
        elif _kind(parameter.name) is not None:
            given[parameter.name] = f"{GIVEN}_{parameter.name}"
        else:
            return None
    call = f"{function.name}({', '.join(f'{n}={v}' for n, v in given.items())})"
    return parse("\n".join([*before, call])) if before else None


def _settings(constructor: Callable_ | None, training: Training) -> str | None:
    given = []
    for parameter in constructor.required if constructor is not None else ():
        setting = _setting(parameter.name, training)
        if setting is None:
            return None
        given.append(f"{parameter.name}={setting}")
    return ", ".join(given)


def _setting(name: str, training: Training) -> float | None:
    """What a parameter of that name gets: how long and how fast to train."""
    if is_epochs(name):
        return training.epochs
    if "batch" in name.lower():
        return training.batch
    return training.rate if is_rate(name) else None


def _data(trainer: Callable_) -> str | None:
    """Names that the module doesn't have: they get the digits in the forms that are tried."""
    kinds = [_kind(p.name) for p in trainer.required]
    if kinds[:2] != ["images", "labels"] or None in kinds:
        return None
    return ", ".join(f"{GIVEN}{i}" for i in range(len(kinds)))


def _kind(name: str) -> str | None:
    """Labels first: ``X_train`` is no label, but ``y_data`` is no image."""
    if LABEL_NAMES.fullmatch(name):
        return "labels"
    return "images" if IMAGE_NAMES.fullmatch(name) else None
