"""What trainings prove, in words."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from graders.checks import model
from graders.checks.model import CheckResult, number
from graders.checks.training import Record
from graders.kinds.classifier.network import NOT_LOOKED_AT, Finding
from graders.kinds.classifier.programs import Learned, Trial
from graders.kinds.classifier.recipes import Recipe
from graders.messages import M, Message
from graders.specs import Training


@dataclass
class Attempt:
    """What became of one recipe."""

    checks: list[CheckResult] = field(default_factory=list)
    record: Record | None = None
    untold: Message | None = None  # why a person has to look at it
    notes: list[Message] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)


@dataclass
class State:
    """What is known of one recipe while it is tried."""

    recipe: Recipe
    learned: Learned
    meaning: np.ndarray
    attempt: Attempt
    own: Record | None = None
    best: Record | None = None
    aligned: bool = False  # only numbers of images that the batch size divides
    odd: Message | None = None  # what is wrong with other numbers
    network: Finding = NOT_LOOKED_AT  # what is found of the best trial's model
    ignores: bool = False  # it learnt the true labels, which it was not given
    foreign: bool = False  # it went through other digits than those that it was given
    spread: bool = False  # its replica learnt from weights of the usual spread, not of its own
    reads: str = ""  # the data of the module that its fit reads in the place of what it is given
    tried: list[Trial] = field(default_factory=list)
    rates: int = 0
    parted: Message | None = None  # where its steps are not the reference's, if that has a name
    still: tuple[str, ...] = ()  # layers of which no step moves a weight
    watched: Trial | None = None  # the latest training whose steps were watched


def why_not(training: Training, state: State, record: Record) -> Message:
    """Why the best training is not enough."""
    rates = sorted({t.effort.factor for t in state.tried if t.classes is not None})
    tried = ", ".join(number(f) for f in rates)
    if record.diverged:
        return M(
            "Does not learn, it diverges: there is NaN in what predict returns; {told}; learning rates tried: {rates} times its own.",
            told=record.told(),
            rates=tried,
        )
    only = record.measured.only_class
    if only is not None:
        return M(
            "Does not learn: it answers {only} for every image; {told}; learning rates tried: {rates} times its own.",
            only=only,
            told=record.told(),
            rates=tried,
        )
    if record.measured.learns(training.floor):
        return M(
            "Learns too little: {told} after {effort}, where the reference reaches {mean}; learning rates tried: {rates} times its own.",
            told=record.told(),
            effort=record.effort(),
            mean=number(training.mean),
            rates=tried,
        )
    return M(
        "Does not learn: {told} after {effort}; learning rates tried: {rates} times its own.",
        told=record.told(),
        effort=record.effort(),
        rates=tried,
    )


def repeat_of(training: Training, state: State, fair: bool) -> tuple[str, Message]:
    """The status of the facet `repeat`, and why. `fair`: enough was tried to say that it fails."""
    if state.reads:
        return model.FAILED, M(
            "{call} does not learn from the data that it is given: it was given other digits and went through the module's {name}, which its code names.",
            call=state.recipe.told,
            name=state.reads,
        )
    if state.ignores:
        return model.FAILED, M(
            "{call} does not learn from the data that it is given: it was given digits with other class names and learnt the notebook's own.",
            call=state.recipe.told,
        )
    if state.odd is not None:
        return model.FAILED, state.odd
    if state.best is not None and state.best.measured.learns(training.floor):
        return model.PASSED, M("Trained once more on other digits, it learns these.")
    if not fair and state.own is not None and state.own.measured.learns(training.floor):
        return model.SKIPPED, M(
            "Not checked: it can be trained once more, but not for long enough to say whether it learns other digits."
        )
    return model.FAILED, M("Trained once more on other digits, it does not learn these.")


def unaligned(state: State, trial: Trial, batch: int) -> Message | None:
    """What is wrong with a number of images that is no multiple of the batch size."""
    if trial.error is not None and "inhomogeneous" in trial.error.message:
        return None  # losses of unequal batches in one array: the NumPy of its year took that
    return M(
        "With {n} images, which is no multiple of the batch size {batch}, {call} raised {error}.",
        n=trial.effort.samples,
        batch=batch,
        call=state.recipe.told,
        error=str(trial.error),
    )
