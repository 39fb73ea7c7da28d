"""The program of one trial: the notebook's own statements on our digits, and what came of them.

It is sent with our arrays under names of ours; the labels of the digits that are asked for are
never sent.
"""

from __future__ import annotations

import ast
import copy
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from graders.binding.definitions import Definition
from graders.binding.statements import loads, stored
from graders.data import Digits
from graders.kinds.classifier import formats
from graders.kinds.classifier.formats import ImageFormat, LabelFormat
from graders.kinds.classifier.recipes import Recipe
from graders.kinds.classifier.rewriting import (
    Rewriter,
    attributes_of,
    global_epochs,
    globals_read,
    is_epochs,
    rewritten,
    targets_for,
)
from graders.sandbox.session import CellError, Found, Outcome
from graders.submission.parsing import expression

CHUNKS = 4
DISTURBED = "disturbed"  # what is told of answers with weights disturbed begins with it
FORWARDS = ["forward", "__call__"]  # by which a layer is asked for its output
ODD = 7  # a number of images that no batch size divides
IMAGE_NAMES = re.compile(r"(\w*_)?(x|images?|imgs?|inputs?|data|samples?)(_\w*|\d*)?", re.I)
LABEL_NAMES = re.compile(r"(\w*_)?(y|t|labels?|targets?|answers?|one_?hot\w*)(_\w*|\d*)?", re.I)


@dataclass(frozen=True)
class Slot:
    """One argument of the call that trains: what it is, and in what form it wants our digits."""

    source: str
    images: ImageFormat | None = None
    labels: LabelFormat | None = None
    held_back: bool | None = None  # no training data; None: the second of its kind is


@dataclass(frozen=True)
class Learned:
    """What was learnt of a recipe from the notebook's own arrays."""

    slots: tuple[Slot, ...]
    batch: int
    certain: bool  # the forms are those of the notebook's arrays, not our guess

    @property
    def images(self) -> ImageFormat | None:
        """The form of the training images."""
        return next((s.images for s in self.slots if s.images is not None), None)

    @property
    def labels(self) -> LabelFormat | None:
        """The form of the training labels."""
        return next((s.labels for s in self.slots if s.labels is not None), None)

    @property
    def data(self) -> frozenset[str]:
        """The module's names of the images and labels that the call hands over: data, no weights."""
        given = (s.source for s in self.slots if s.images is not None or s.labels is not None)
        trees = (tree for source in given if (tree := expression(source)) is not None)
        return frozenset(name for tree in trees for name in loads(tree))

    def guesses(self, shapes: Sequence[tuple[int, ...]]) -> list[Learned]:
        """Itself, then other forms: a notebook that stopped early has not its last ones."""
        known = self.labels
        other = LabelFormat(10, "float64") if known and known.columns <= 1 else LabelFormat()
        swapped = replace(
            self, slots=tuple(replace(s, labels=other) if s.labels else s for s in self.slots)
        )
        if self.certain:
            return [self, swapped]
        return [
            kind.with_images(formats.default_format(shape))
            for shape in shapes
            for kind in (self, swapped)
        ]

    def with_images(self, form: ImageFormat) -> Learned:
        """The same with images in another form."""
        return replace(
            self, slots=tuple(replace(s, images=form) if s.images else s for s in self.slots)
        )


@dataclass(frozen=True)
class Effort:
    """How long and how fast to train. `limit`: seconds of CPU time, after which it is stopped."""

    samples: int
    epochs: int
    limit: float
    factor: float = 1.0  # of the learning rate
    seed: int = 0
    asked: int = 1000
    disturbed: int = 0  # images that are asked for with weights disturbed
    odd: bool = False  # ask for a number of images first that no batch size divides
    batch: int = 0  # the size of a mini-batch, where the notebook lets one choose; 0: its own

    @property
    def visits(self) -> int:
        """How many images are gone through, each epoch counted."""
        return self.samples * self.epochs


@dataclass(frozen=True)
class Given:
    """The data that a training was given: rows as the notebook has them, and their classes.

    `places`: which of the grader's digits they are; `digits`: what they show, whose names are others
    among the classes.
    """

    rows: np.ndarray
    places: np.ndarray
    classes: np.ndarray
    digits: np.ndarray
    epochs: int


@dataclass
class Trial:
    """What became of one training.

    `stage` is where it ended: setup, fit, predict or done. `classes` are the answers for the
    first of the digits that were asked for, `relabelled` the classes that stand for the digits
    0 to 9 in what it was given.
    """

    effort: Effort
    stage: str = "done"
    error: CellError | None = None
    cut: bool = False
    fit_cpu: float = 0.0
    predict_cpu: float = 0.0
    classes: np.ndarray | None = None
    nan: bool = False
    answered: tuple[int, ...] | None = None  # the shape of an answer that fits nothing
    odd_error: CellError | None = None
    odd_short: bool = False
    curve: tuple[float, ...] = ()
    late: bool = False
    died: str = ""
    relabelled: np.ndarray = field(default_factory=lambda: np.arange(10))
    rates: int = 0
    disturbed: tuple[Found, ...] = ()  # what was seen of the answers with weights disturbed


def _every_class(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """An order in which every ten digits in a row hold every class, as long as they last.

    Encoders that are fitted to few labels would otherwise miss some.
    """
    order = rng.permutation(len(labels))
    turn = np.empty(len(labels))
    for digit in range(formats.N_CLASSES):
        members = np.flatnonzero(labels[order] == digit)
        turn[members] = np.arange(len(members)) + rng.random()
    rows: np.ndarray = order[np.argsort(np.floor(turn) + rng.random(len(turn)) * 0.99)]
    return rows


def _part(slot: Slot, before: int) -> int:
    """Which part of the digits a slot gets: those to train on, or a few others."""
    return min(before, 1) if slot.held_back is None else int(slot.held_back)


class TrialProgram:
    """The steps of one trial and how to read what came of them."""

    def __init__(self, recipe: Recipe, learned: Learned, digits: Digits, effort: Effort) -> None:
        self.recipe, self.learned, self.effort = recipe, learned, effort
        self.digits = digits
        self.steps: list[dict[str, Any]] = []
        self.arrays: list[np.ndarray] = []
        self.stages: list[str] = []
        self.rates = 0
        self.asked: list[int] = []
        self.given: Given | None = None

    def _step(self, stage: str, **step: Any) -> None:
        self.steps.append(step)
        self.stages.append(stage)

    def _exec(self, stage: str, node: ast.stmt | str, cell: int, **more: Any) -> None:
        source = node if isinstance(node, str) else ast.unparse(ast.fix_missing_locations(node))
        line = 1 if isinstance(node, str) else getattr(node, "lineno", 1)
        self._step(stage, do="exec", source=source, line=line, file=f"<cell {cell}>", **more)

    def _array(self, array: np.ndarray) -> dict[str, Any]:
        self.arrays.append(np.ascontiguousarray(array))
        return {"a": len(self.arrays) - 1}

    def _labels(self, form: LabelFormat, labels: np.ndarray) -> dict[str, Any]:
        value = self._array(form.apply(labels))
        return {"text": value["a"]} if form.text else value

    # -- training ------------------------------------------------------------------------

    def training(self, definitions: Sequence[Definition], relabelled: np.ndarray) -> None:
        recipe, effort = self.recipe, self.effort
        self._step("setup", do="seed", seed=effort.seed)
        self._step("setup", do="shrink", over=1000, rows=200)
        self._data(relabelled, definitions)
        targets = targets_for(recipe, definitions)
        rewriter = Rewriter(targets, effort.epochs, effort.factor, effort.batch)
        for statement in recipe.setup:
            self._exec("setup", rewritten(statement.node, rewriter), statement.cell)
        if recipe.written is not None:
            self._define("setup", recipe.written.trains)
        self._own_epochs(rewriter)
        self._fit(rewriter)
        self.rates = rewriter.rates

    def _define(self, stage: str, function: ast.FunctionDef) -> None:
        """A function that was written of the notebook's lines: no line of it has a place."""
        self._step(stage, do="exec", source=ast.unparse(function), line=1, file="<training>")

    def _data(self, relabelled: np.ndarray, definitions: Sequence[Definition]) -> None:
        """Our digits under names of ours; the notebook's own names get them with true labels."""
        order = _every_class(self.digits.labels, np.random.default_rng(self.effort.seed))
        parts = (order[: self.effort.samples], order[self.effort.samples :][:50])
        parts = (parts[0], parts[1] if len(parts[1]) >= 2 else parts[0][:50])
        values: dict[str, dict[str, Any]] = {}
        seen = {"images": 0, "labels": 0}
        for i, slot in enumerate(self.learned.slots):
            plain = slot.source.isidentifier()
            if slot.images is not None:
                part = parts[_part(slot, seen["images"])]
                seen["images"] += 1
                rows = slot.images.apply(self.digits.images[part])
                values[f"_sg_{i}"] = self._array(rows)
                if part is parts[0]:
                    shown = self.digits.labels[part]
                    self.given = Given(rows, part, relabelled[shown], shown, self.effort.epochs)
                if plain and not self.recipe.looped:
                    values[slot.source] = values[f"_sg_{i}"]
            elif slot.labels is not None:
                part = parts[_part(slot, seen["labels"])]
                seen["labels"] += 1
                labels = self.digits.labels[part]
                values[f"_sg_{i}"] = self._labels(slot.labels, relabelled[labels])
                if plain and not self.recipe.looped:
                    values[slot.source] = self._labels(slot.labels, labels)
        for name in global_epochs(definitions):
            values[name] = {"v": self.effort.epochs}
        self._step("setup", do="globals", values=values)

    def _own_epochs(self, rewriter: Rewriter) -> None:
        """Where epochs are no parameter but an attribute, it is set on the fresh object."""
        func = self.recipe.fit.func
        if rewriter.epochs_set or not isinstance(func, ast.Attribute):
            return
        owner = ast.unparse(func.value)
        for name in attributes_of(self.recipe.definition):
            if is_epochs(name):
                source = f"{owner}.{name} = {self.effort.epochs}"
                self._exec("setup", source, self.recipe.cell)

    def _fit(self, rewriter: Rewriter) -> None:
        recipe = self.recipe
        call = copy.deepcopy(recipe.fit)
        slots = list(self.learned.slots)
        cut = "[_sg_i:_sg_i + _sg_b]" if recipe.looped else ""

        def value(i: int, old: ast.expr) -> ast.expr:
            ours = slots[i].images is not None or slots[i].labels is not None
            own = copy.deepcopy(expression(f"_sg_{i}{cut}"))
            return own if ours and own is not None else old

        n = len(call.args)
        call.args = [value(i, a) for i, a in enumerate(call.args)]
        for j, keyword in enumerate(call.keywords):
            keyword.value = value(n + j, keyword.value)
        call = rewriter.into(call, recipe.trainer)
        if recipe.targets is not None:
            assert isinstance(recipe.targets, ast.Assign)
            node: ast.stmt = ast.Assign(recipe.targets.targets, call, lineno=call.lineno)
        else:
            node = ast.Expr(call, lineno=getattr(call, "lineno", 1))
        if recipe.looped:
            batch = self.effort.batch or self.learned.batch
            whole = self.effort.samples - self.effort.samples % batch or self.effort.samples
            source = (
                f"_sg_b = {batch}\n"
                f"for _sg_e in range({self.effort.epochs}):\n"
                f"    for _sg_i in range(0, {whole}, _sg_b):\n"
                f"        {ast.unparse(ast.fix_missing_locations(node))}"
            )
            self._exec("fit", source, recipe.cell, limit=self.effort.limit, keep="fit",
                       asks=self.effort.epochs == 1)  # fmt: skip
        else:
            self._exec("fit", node, recipe.cell, limit=self.effort.limit, keep="fit",
                       asks=self.effort.epochs == 1)  # fmt: skip

    # -- asking --------------------------------------------------------------------------

    def asking(self, held_out: np.ndarray, digits: Digits, limit: float) -> None:
        recipe = self.recipe
        form = self.learned.images
        assert form is not None
        if recipe.written is not None:
            self._define("predict", recipe.written.asks)
        values = {"_sg_t": self._array(form.apply(held_out))}
        dummy = self.learned.labels or LabelFormat()
        values["_sg_d"] = self._labels(dummy, np.zeros(len(held_out), np.int64))
        self._step("predict", do="globals", values=values)
        if self.effort.odd:
            self._exec("odd", f"_sg_odd = {self._call(0, ODD)}", recipe.cell, optional=True,
                       limit=limit / 2, keep="odd", asks=True)  # fmt: skip
            self._step("odd", do="hold", value={"expr": "_sg_odd"}, out="odd", optional=True)
            self._step("odd", do="harvest", of=["odd"])
        edges = np.linspace(0, len(held_out), CHUNKS + 1).astype(int)
        edges = np.unique(edges)
        for k, (a, b) in enumerate(itertools.pairwise(edges)):
            self.asked.append(int(b - a))
            self._exec("predict", f"_sg_p{k} = {self._call(int(a), int(b))}", recipe.cell,
                       limit=limit / 2, keep=f"ask{k}", asks=True)  # fmt: skip
            self._step("cut", do="hold", value={"expr": f"_sg_p{k}"}, out=f"p{k}", optional=True)
            self._step("cut", do="harvest", of=[f"p{k}"])
        if recipe.model:
            for source in dict.fromkeys([ast.unparse(recipe.fit.func.value), recipe.model]):  # type: ignore[attr-defined]
                self._step("cut", do="curve", source=source, keep="curve", optional=True)

    def _call(self, a: int, b: int) -> str:
        """The call that asks for digits a to b."""
        recipe, images, labels = self.recipe, f"_sg_t[{a}:{b}]", f"_sg_d[{a}:{b}]"
        assert recipe.asker is not None
        if recipe.written is not None:
            labelled = len(recipe.written.asks.args.args) - 1
            return f"_sg_ask({', '.join([images, *[labels] * labelled])})"
        parameters = recipe.asker.parameters
        call = copy.deepcopy(recipe.predict)
        if recipe.single:
            assert call is not None
            names = [p.name for p in parameters[: len(call.args)]]
            named = [*names, *(k.arg or "" for k in call.keywords)]
            at = next((i for i, n in enumerate(named) if IMAGE_NAMES.fullmatch(n)), 0)
            one = ast.Name("_sg_one", ast.Load())
            if at < len(call.args):
                call.args[at] = one
            else:
                call.keywords[at - len(call.args)].value = one
            return f"[{ast.unparse(call)} for _sg_one in {images}]"
        parts = [images]
        given = [ast.unparse(x) for x in call.args[1:]] if call is not None else []
        for i, parameter in enumerate(parameters[1:]):
            if parameter.default is not None or parameter.keyword_only:
                break
            if LABEL_NAMES.fullmatch(parameter.name) or i >= len(given):
                parts.append(labels)
            else:
                parts.append(given[i])
        if recipe.model:
            return f"{recipe.model}.{recipe.asker.name}({', '.join(parts)})"
        return f"{recipe.asker.name}({', '.join([images, *given])})"

    # -- what answers --------------------------------------------------------------------

    def observing(self, classes: Sequence[str]) -> None:
        """Watch the layers of these classes from before the model is trained, or asked."""
        first = ("fit", "predict")
        at = next(
            i
            for i, (step, s) in enumerate(zip(self.steps, self.stages, strict=True))
            if s in first and step["do"] == "exec"
        )
        step = {"do": "observe", "classes": list(classes), "methods": FORWARDS, "optional": True}
        self.steps.insert(at, {**step, "trained": self.effort.epochs > 0, **self._models()})
        self.stages.insert(at, "cut")

    def disturbing(self, asked: int, limit: float) -> None:
        """Ask for so many of the digits again, with weights disturbed."""
        self._step(
            "cut", do="disturb", keep=DISTURBED, source=f"_sg_asked = {self._call(0, asked)}",
            limit=limit, seed=self.effort.seed + 1, optional=True, **self._models(),
        )  # fmt: skip

    def _models(self) -> dict[str, Any]:
        """What holds the weights: the model and who trains it, and names of the module's."""
        recipe = self.recipe
        models = [recipe.model] if recipe.model else []
        if models and isinstance(recipe.fit.func, ast.Attribute):
            models.append(ast.unparse(recipe.fit.func.value))
        data = self.learned.data
        names = [name for name, _ in globals_read(recipe.definition) if name not in data]
        if recipe.targets is not None:
            names = [*sorted(stored(recipe.targets)), *names]
        told = {"models": list(dict.fromkeys(models)), "names": list(dict.fromkeys(names))[:64]}
        if recipe.written is not None:
            told |= {"names": [], "holders": list(recipe.written.holders)}
        return told

    # -- reading -------------------------------------------------------------------------

    def read(self, outcome: Outcome) -> Trial:
        trial = Trial(self.effort, rates=self.rates, late=outcome.timed_out, died=outcome.died)
        found = {e.path: e.array for e in reversed(outcome.found)}

        def number(*path: str) -> float:
            array = found.get(path)
            return float(array) if array is not None and array.size == 1 else 0.0

        trial.fit_cpu, trial.cut = number("fit", "cpu"), number("fit", "cut") > 0
        for index, done in enumerate(outcome.outcomes):
            stage = self.stages[index] if index < len(self.stages) else "done"
            if not done and stage not in ("odd", "cut"):
                trial.stage = stage
                break
        if outcome.error is not None and outcome.failed_step is not None:
            stage = self.stages[outcome.failed_step]
            if stage == "odd":
                ran = self.steps[outcome.failed_step]["do"] == "exec"  # else it was not come to
                trial.odd_error = outcome.error if ran else None
                trial.error = outcome.error if trial.stage != "done" else None
            elif trial.stage != "done":
                trial.error = outcome.error
        if outcome.died:
            trial.stage = "fit"
        trial.disturbed = tuple(e for e in outcome.found if e.path[:1] == (DISTURBED,))
        self._answers(outcome, found, trial)
        curves = [e.array for e in outcome.found if e.path[:1] == ("curve",)]
        if curves:
            longest = max(curves, key=len)
            trial.curve = tuple(float(v) for v in longest[:200])
        return trial

    def _answers(
        self, outcome: Outcome, found: dict[tuple[str | int, ...], np.ndarray], trial: Trial
    ) -> None:
        classes: list[np.ndarray] = []
        for k, n in enumerate(self.asked):
            trial.predict_cpu += float(found.get((f"ask{k}", "cpu"), np.array(0.0)))
            answer = next((e.array for e in outcome.found if e.path[:1] == (f"p{k}",)), None)
            if answer is None:
                break
            decoded, nan = formats.decode(answer, n)
            trial.nan = trial.nan or nan
            if decoded is None:
                trial.answered = answer.shape
                break
            classes.append(decoded)
        if classes:
            trial.classes = np.concatenate(classes)
        if self.effort.odd:
            odd = next(
                (e.array for e in outcome.found if e.path[:1] == ("odd",) and len(e.path) == 1),
                None,
            )
            trial.odd_short = odd is not None and formats.decode(odd, ODD)[0] is None
