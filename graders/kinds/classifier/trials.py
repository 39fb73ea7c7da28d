"""Runs a recipe in the student's process: learns its forms, makes trials of it, asks its model."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from graders.binding.definitions import Definition
from graders.data import Digits
from graders.kinds.classifier import formats
from graders.kinds.classifier.by_hand import Seen
from graders.kinds.classifier.formats import LabelFormat
from graders.kinds.classifier.programs import (
    IMAGE_NAMES,
    LABEL_NAMES,
    Effort,
    Learned,
    Slot,
    Trial,
    TrialProgram,
)
from graders.kinds.classifier.recipes import Recipe, Statement
from graders.kinds.classifier.rewriting import attributes_of
from graders.kinds.classifier.stepping import StepProgram, Watched, watched
from graders.sandbox.session import Session

DISTURBING_SECONDS = 8.0  # of CPU time, to show what answers


def _agreeing(slots: list[Slot], shown: dict[Any, Any]) -> list[Slot]:
    """Arguments that the notebook never came to have get the form of those that it has."""
    seen = [s for i, s in enumerate(slots) if (i, "rows") in shown]
    images = next((s.images for s in seen if s.images is not None), None)
    labels = next((s.labels for s in seen if s.labels is not None), None)
    found = []
    for i, slot in enumerate(slots):
        if (i, "rows") not in shown:
            if slot.images is not None and images is not None:
                slot = replace(slot, images=images)
            if slot.labels is not None and labels is not None:
                slot = replace(slot, labels=labels)
        found.append(slot)
    return found


def _steps(prelude: Sequence[Statement]) -> list[dict[str, Any]]:
    """Statements that are run before names are looked at, as far as they can be."""
    return [
        {"do": "exec", "source": ast.unparse(s.node), "line": s.node.lineno,
         "file": f"<cell {s.cell}>", "limit": 5.0, "optional": True}
        for s in prelude
    ]  # fmt: skip


class Trainer:
    """Makes trials of the recipes of one submission."""

    def __init__(self, session: Session, definitions: Sequence[Definition], digits: Digits) -> None:
        self._session, self._definitions, self._digits = session, list(definitions), digits

    # -- learning the forms --------------------------------------------------------------

    def learn(self, recipe: Recipe, shapes: Sequence[tuple[int, ...]]) -> Learned:
        """The forms that the call that trains wants; `shapes` are guesses for images."""
        arguments = [*recipe.fit.args, *(k.value for k in recipe.fit.keywords)]
        sources = [ast.unparse(a) for a in arguments]
        batches = self._batch_sources(recipe)
        prelude = _steps(recipe.written.prelude) if recipe.written is not None else []
        outcome = self._session.run(
            [*prelude, {"do": "describe", "sources": [*sources, *batches], "keep": "arg"}],
            [], recipe.cell, 10,
        )  # fmt: skip
        shown = {e.path[1:]: e for e in outcome.found if e.path[:1] == ("arg",)}
        slots = []
        parameters = [p.name for p in recipe.trainer.parameters] if recipe.trainer else []
        names = [*parameters[: len(recipe.fit.args)], *(k.arg or "" for k in recipe.fit.keywords)]
        kept = {n.id for n in ast.walk(recipe.targets) if isinstance(n, ast.Name)
                and isinstance(n.ctx, ast.Store)} if recipe.targets is not None else set()  # fmt: skip
        certain, batch = False, 20
        for i, source in enumerate(sources):
            rows = shown.get((i, "rows"))
            name = names[i] if i < len(names) else ""
            slot = Slot(source)
            name = name.removeprefix("_sg_")
            if source in kept:
                pass  # a weight of the module
            elif rows is not None:
                slot = self._slot(source, rows.array, rows.kind == "text")
                certain = certain or slot.images is not None
                if recipe.looped and slot.images is not None and not batches:
                    batch = int(rows.array.shape[0])
            elif (i,) not in shown and isinstance(arguments[i], ast.Name | ast.Subscript):
                if LABEL_NAMES.fullmatch(name or source):
                    slot = Slot(source, None, LabelFormat(10, "float64"))
                elif IMAGE_NAMES.fullmatch(name or source):
                    slot = Slot(source, formats.default_format(shapes[0]))
            if recipe.written is not None:
                slot = replace(slot, held_back=source in recipe.written.validation)
            slots.append(slot)
        for j in range(len(batches)):
            number = shown.get((len(sources) + j,))
            if number is not None and 1 <= float(number.array) <= 2000:
                batch = int(number.array)
                break
        return Learned(tuple(_agreeing(slots, shown)), batch, certain)

    def _slot(self, source: str, rows: np.ndarray, text: bool) -> Slot:
        labels = formats.learn_labels(rows, text)
        if labels is not None:
            return Slot(source, None, labels)
        if rows.ndim >= 2:
            return Slot(source, formats.learn_images(rows, self._digits.images))
        return Slot(source)

    def look(self, names: Sequence[str], prelude: Sequence[Statement], cell: int) -> Seen:
        """Which of these names hold digits, once the statements of `prelude` have run."""
        exists = [f"int({name!r} in globals())" for name in names]
        step = {"do": "describe", "sources": [*names, *exists], "keep": "name", "rows": 40}
        outcome = self._session.run([*_steps(prelude), step], [], cell, 20)
        shown = {e.path[1:]: e for e in outcome.found if e.path[:1] == ("name",)}
        images: set[str] = set()
        labels: set[str] = set()
        absent: set[str] = set()
        lengths: dict[str, int] = {}
        for i, name in enumerate(names):
            rows, there = shown.get((i, "rows")), shown.get((len(names) + i,))
            if there is not None and not there.array:
                absent.add(name)
            if rows is None or rows.array.ndim == 0 or len(rows.array) < 10:
                continue
            lengths[name] = int(shown[i, "shape"].array[0])
            if formats.learn_labels(rows.array, rows.kind == "text") is not None:
                labels.add(name)
            elif rows.array.ndim >= 2 and formats.are_digits(rows.array, self._digits.images):
                images.add(name)
        return Seen(frozenset(images), frozenset(labels), frozenset(absent), lengths)

    def _batch_sources(self, recipe: Recipe) -> list[str]:
        if recipe.written is not None:
            return list(recipe.written.batches)
        if not isinstance(recipe.fit.func, ast.Attribute):
            return []
        owner = ast.unparse(recipe.fit.func.value)
        names = [a for a in attributes_of(recipe.definition) if re.search(r"batch", a, re.I)]
        return [
            f"{owner}.{name}" for name in names if not re.search(r"mini_?x|get|data", name, re.I)
        ]

    # -- trials --------------------------------------------------------------------------

    def ask(
        self,
        recipe: Recipe,
        learned: Learned,
        held_out: np.ndarray,
        limit: float,
        disturbed: int = 0,
    ) -> Trial:
        """Ask the model that the notebook itself has trained."""
        effort = Effort(0, 0, limit, asked=len(held_out), disturbed=disturbed)
        program = TrialProgram(recipe, learned, self._digits, effort)
        program.asking(held_out, self._digits, limit)
        seconds = 3 * limit + 10 + self._disturb(program)
        outcome = self._session.run(program.steps, program.arrays, recipe.cell, seconds)
        return program.read(outcome)

    def _disturb(self, program: TrialProgram) -> float:
        """Have it shown what answers, if that is asked for; the seconds that it may take more."""
        if not program.effort.disturbed:
            return 0.0
        recipe = program.recipe
        own = {recipe.definition.name, *recipe.definition.bases}
        classes = {d.name for d in self._definitions if d.kind == "class"} - own
        program.observing(sorted(classes))
        program.disturbing(program.effort.disturbed, DISTURBING_SECONDS)
        return 2 * DISTURBING_SECONDS

    def trial(
        self,
        recipe: Recipe,
        learned: Learned,
        held_out: np.ndarray,
        effort: Effort,
        relabelled: np.ndarray,
    ) -> Trial:
        """Train a fresh model on digits whose classes are renamed by `relabelled`, and ask it."""
        program = TrialProgram(recipe, learned, self._digits, effort)
        program.training(self._definitions, relabelled)
        if effort.asked:
            program.asking(held_out[: effort.asked], self._digits, max(8.0, effort.limit))
        return self._tried(program, relabelled, self._disturb(program))

    def _tried(self, program: TrialProgram, relabelled: np.ndarray, more: float = 0.0) -> Trial:
        """What became of a training and of asking its model; `more`: seconds besides theirs."""
        limit = program.effort.limit
        seconds = 3 * (limit + max(8.0, limit)) + 20 + more
        outcome = self._session.run(program.steps, program.arrays, program.recipe.cell, seconds)
        trial = program.read(outcome)
        trial.relabelled = relabelled
        return trial

    def step(
        self,
        recipe: Recipe,
        learned: Learned,
        held_out: np.ndarray,
        effort: Effort,
        relabelled: np.ndarray,
    ) -> Watched:
        """Train a fresh model on a few mini-batches and ask it, the calls of its layers watched."""
        classes = self._layers(recipe)
        program = StepProgram(recipe, learned, self._digits, effort)
        program.watching(self._definitions, relabelled, held_out[: effort.asked], classes)
        seconds = 3 * effort.limit + 20
        outcome = self._session.run(program.steps, program.arrays, recipe.cell, seconds)
        seen = watched(outcome, classes)
        seen.given, seen.trial = program.given, program.read(outcome)
        return seen

    def carried(
        self,
        recipe: Recipe,
        learned: Learned,
        held_out: np.ndarray,
        effort: Effort,
        relabelled: np.ndarray,
        weights: Mapping[tuple[int, str], np.ndarray],
    ) -> Trial:
        """Give the layers of a fresh model weights that were learnt elsewhere, and ask it."""
        program = StepProgram(recipe, learned, self._digits, effort)
        program.carrying(
            self._definitions, relabelled, held_out[: effort.asked], self._layers(recipe), weights
        )
        return self._tried(program, relabelled)

    def _layers(self, recipe: Recipe) -> list[str]:
        """Names of the notebook's layers: classes with forward and backward that aren't the model."""
        methods = {"forward", "backward"}
        made = {d.name for d in self._definitions if d.kind == "class" and methods <= {*d.methods}}
        return sorted(made - {recipe.definition.name, *recipe.definition.bases})
