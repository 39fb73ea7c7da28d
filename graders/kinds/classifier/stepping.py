"""Steps of a student's own training, watched: what each layer was given and gave back."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graders.binding.definitions import Definition
from graders.kinds.classifier.programs import Given, Trial, TrialProgram
from graders.sandbox.session import Found, Outcome

FORWARD, BACKWARD = 0, 1


@dataclass
class Call:
    """One call of a layer's forward or backward. `begin` and `end` order all calls.

    `kept` are the floating-point arrays that the layer has from before its first call, by name, as
    they were when it was called.
    """

    name: str
    instance: int
    method: int
    begin: int
    end: int
    label: str
    given: list[np.ndarray] = field(default_factory=list)
    back: list[np.ndarray] = field(default_factory=list)
    kept: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def named(self) -> str:
        """A layer as the student knows it: the name under which the model keeps it, and its class."""
        return self.label if self.label == self.name else f"{self.label} ({self.name})"


@dataclass
class Watched:
    """Steps of fit, and one call of predict after them. `whole`: nothing of it was left out."""

    calls: list[Call]
    asked: list[Call]
    after: dict[int, dict[str, np.ndarray]]  # what each layer keeps in the end
    rates: dict[int, float]
    moved: dict[str, bool]  # of each array that the model keeps: has it been changed?
    whole: bool = True
    given: Given | None = None  # what it was trained on
    trial: Trial | None = None  # what became of it


class StepProgram(TrialProgram):
    """A training of a few mini-batches, with the calls of layers watched."""

    def watching(
        self,
        definitions: Sequence[Definition],
        relabelled: np.ndarray,
        held_out: np.ndarray,
        classes: Sequence[str],
    ) -> None:
        """The steps of the program. `classes` are the names of the notebook's layers."""
        func = self.recipe.fit.func
        owner = ast.unparse(func.value) if isinstance(func, ast.Attribute) else ""
        model = self.recipe.model or owner
        self.training(definitions, relabelled)
        self._watch("fit", list(classes), model, arrays=True)
        self.asking(held_out, self.digits, self.effort.limit)
        self._watch("predict", list(classes), model, arrays=False)

    def carrying(
        self,
        definitions: Sequence[Definition],
        relabelled: np.ndarray,
        held_out: np.ndarray,
        classes: Sequence[str],
        weights: Mapping[tuple[int, str], np.ndarray],
    ) -> None:
        """Train as little as makes the layers, give them these weights, then ask the model.

        `weights`: by the number of a layer in the order in which layers are called, and by name.
        """
        self.training(definitions, relabelled)
        self._watch("fit", list(classes), "", arrays=False)
        for (instance, name), array in weights.items():
            value = self._array(array)
            self._step("carry", do="carry", instance=instance, name=name, array=value)
        self.asking(held_out, self.digits, self.effort.limit)

    def _watch(self, stage: str, classes: list[str], model: str, arrays: bool) -> None:
        """Put a watch around the first statement of that stage that runs something."""
        at = next(
            i
            for i, (step, s) in enumerate(zip(self.steps, self.stages, strict=True))
            if s == stage and step["do"] == "exec"
        )
        before = {"do": "watch", "classes": classes, "model": model, "arrays": arrays}
        after = {"do": "unwatch", "model": model, "keep": stage}
        self.steps[at : at + 1] = [before, self.steps[at], after]
        self.stages[at : at + 1] = ["cut", stage, "cut"]


def watched(outcome: Outcome, classes: Sequence[str]) -> Watched:
    """What the outcome of a `StepProgram` tells."""
    seen = Watched([], [], {}, {}, {})
    calls: dict[tuple[str, int], Call] = {}
    for entry in outcome.found:
        stage, *way = entry.path
        if stage not in ("fit", "predict") or len(way) < 2:
            continue
        _take(seen, calls, str(stage), way, entry, classes)
    last: dict[int, dict[str, np.ndarray]] = {}  # an array is told again only if it has changed
    for (stage, _), call in sorted(calls.items(), key=lambda item: item[1].begin):
        if stage != "fit":
            seen.asked.append(call)
            continue
        call.kept = last[call.instance] = {**last.get(call.instance, {}), **call.kept}
        seen.calls.append(call)
    seen.after = {k: {**kept, **seen.after.get(k, {})} for k, kept in last.items()}
    return seen


def _take(
    seen: Watched,
    calls: dict[tuple[str, int], Call],
    stage: str,
    way: Sequence[Any],
    entry: Found,
    classes: Sequence[str],
) -> None:
    match way:
        case [int(i), "meta", str(label)] if entry.array.shape == (5,):
            name, instance, method, begin, end = (int(n) for n in entry.array)
            if 0 <= name < len(classes):
                told = label or classes[name]
                calls[stage, i] = Call(classes[name], instance, method, begin, end, told)
        case [int(i), "given", int()] if (stage, i) in calls:
            calls[stage, i].given.append(entry.array)
        case [int(i), "back", int()] if (stage, i) in calls:
            calls[stage, i].back.append(entry.array)
        case [int(i), "kept", str(name)] if (stage, i) in calls:
            calls[stage, i].kept[name] = entry.array
        case ["whole", int()]:
            seen.whole = seen.whole and bool(entry.array)
        case ["after", int(number), str(name)]:
            seen.after.setdefault(number, {})[name] = entry.array
        case ["rate", int(number)]:
            seen.rates[number] = float(entry.array)
        case ["moved", *path]:
            seen.moved[".".join(map(str, path))] = bool(entry.array)
