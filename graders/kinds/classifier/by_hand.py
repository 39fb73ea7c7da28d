"""Trainings that no fit makes: a loop of the notebook's own, in the module or in a function.

A training is whatever lines of the notebook change weights while they read images and labels, and a
prediction whatever it takes classes from: ``argmax`` of what the same objects, arrays or functions make
of images. Of both a `Recipe` is written: ``_sg_fit`` is made of the lines that train, on the digits
that it is given, and ``_sg_ask`` of those that lead from images to classes. It is read here, never run.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from graders.binding.definitions import Callable_, Definition, Parameter
from graders.binding.statements import calls, loads, rebinds, stored, touches
from graders.kinds.classifier.asking import Asked, Asking
from graders.kinds.classifier.pacing import EPOCHS, Pace, lifted
from graders.kinds.classifier.programs import IMAGE_NAMES, LABEL_NAMES
from graders.kinds.classifier.recipes import Recipe, Statement, Written
from graders.kinds.classifier.rewriting import is_rate
from graders.kinds.classifier.unfolding import Line, Unfolding, called, live_in
from graders.kinds.classifier.untrained import GIVEN, uncalled
from graders.specs import Training
from graders.submission import Submission

_VALIDATION = re.compile(r"test|val|dev|eval", re.I)
_COUNT = re.compile(r"(\w*_)?((n|num|max|total)_?epochs?|epochs|epoch_?(num|size|n|count))", re.I)
_MOST_NAMES = 60
_MOST_TRAININGS = 12  # lines that may train: each is looked at in the student's process


@dataclass(frozen=True)
class Seen:
    """Which names hold digits in the student's process. `rows`: how many; `absent`: not defined."""

    images: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    rows: Mapping[str, int] = field(default_factory=dict)


Look = Callable[[Sequence[str], Sequence[Statement], int], Seen]


@dataclass(frozen=True)
class _Training:
    """A line that trains, and what it needs."""

    at: int
    making: tuple[int, ...]  # lines that make its objects anew
    images: tuple[str, ...]
    labels: tuple[str, ...]
    held: frozenset[str]  # names of what it trains and trains with: no data


class HandReader:
    """Finds the trainings of one submission that are made by hand."""

    def __init__(
        self,
        submission: Submission,
        definitions: Sequence[Definition],
        look: Look,
        known: Collection[tuple[int, str]] = (),
    ) -> None:
        """`known`: cell and method of trainings that are found without this."""
        self._known = known
        self._unfolding = Unfolding(submission, definitions)
        self._look = look
        self._lines: list[Line] = []
        self._variables: set[str] = set()
        self._known_reads: dict[int, dict[str, None]] = {}  # of the lines, which live as long
        self._seen = Seen()
        self._recipes: list[Recipe] | None = None
        self.unasked: list[str] = []  # trainings of which nothing asks for classes
        self.unfed: list[tuple[str, list[str]]] = []  # without images or labels, and what they read

    def recipes(self) -> list[Recipe]:
        """Every such training, in its order."""
        if self._recipes is None:
            self._recipes = self.found(self._unfolding.lines())
        return self._recipes

    def uncalled(self, training: Training) -> list[Recipe]:
        """Trainings in functions that nothing calls, where the names of parameters leave nothing open."""
        found: list[Recipe] = []
        lines = self._unfolding.lines()
        called_ones = {called(c) for line in lines for c in calls(line.node)}
        called_ones |= {line.inside for line in lines}
        for name, definition in reversed(self._unfolding.functions.items()):
            if name not in called_ones and definition.function is not None:
                statements = uncalled(definition.function, self._unfolding, training)
                cell = self._unfolding.cell_of(definition)
                if statements is not None and cell is not None:
                    more = [(cell, s) for s in statements.body]
                    found += self.found(self._unfolding.lines(more))
        return found

    def found(self, lines: Sequence[Line]) -> list[Recipe]:
        """The trainings among these lines."""
        self._lines = list(lines)
        self._known_reads = {}
        self._variables = {n for line in lines for n in stored(line.node) | touches(line.node)}
        self._variables |= {n for line in lines for n in loads(line.node) if n.startswith(GIVEN)}
        found: list[Recipe] = []
        tried = 0
        for at, line in enumerate(lines):
            if tried >= _MOST_TRAININGS:
                break
            if self._may_train(line.node) and not self._is_known(line):
                tried += 1
                with contextlib.suppress(
                    RecursionError
                ):  # functions in functions, each of them deep
                    recipe = self._recipe(at)
                    found += [recipe] if recipe is not None else []
        return found

    def _is_known(self, line: Line) -> bool:
        return any(
            (line.cell.index, ast.unparse(c.func)) in self._known for c in calls(line.node)
        )  # fmt: skip

    def _may_train(self, node: ast.stmt) -> bool:
        if isinstance(node, ast.For | ast.While):
            return self._unfolding.trains(node)
        return any(
            isinstance(c.func, ast.Attribute)
            and isinstance(c.func.value, ast.Name)
            and self._unfolding.method_trains(c.func.attr)
            for c in calls(node)
        )

    # -- one training --------------------------------------------------------------------

    def _recipe(self, at: int) -> Recipe | None:
        line = self._lines[at]
        training = self._training(at)
        if training is None:
            return None
        passing = stored(line.node) - {*live_in([line.node])}  # mini-batches, from run to run
        images = (self._seen.images - passing) | {*training.images}
        labels = self._seen.labels | {*training.labels}
        asked = Asking(
            self._unfolding, self._lines, at, images, labels, training.held - images - labels
        ).found()
        told = _told(line)
        if asked is None:
            self.unasked.append(told)
            return None
        main = training.images[0]
        setup, region = self._parted(training)
        rates = [
            n for n in sorted(training.held)
            if is_rate(n) and not any(n in stored(s.node) for s in region)
        ]  # fmt: skip
        data = (*training.images, *training.labels)
        pace = Pace(main, {*data}, self._variables, self._unfolding)
        body = [s.node for s in region]
        paced = pace.of(line.node, [s.node for s in (*setup, *region)])
        body, numbers = lifted([*body, paced], self._unfolding)
        trains = _written(data, rates, numbers, body, self._variables)
        definition = self._definition(line, trains, data, rates, numbers)
        fit = ast.Call(
            ast.Name("_sg_fit", ast.Load()), [ast.Name(n, ast.Load()) for n in data], []
        )  # fmt: skip
        written = Written(
            prelude=self._prelude(at), trains=trains, asks=asked.function,
            holders=tuple(sorted(training.held | asked.held)),
            made_of=self._made_of([*setup, *region], line.node, asked),
            told=told, asked=asked.told, batches=pace.batches,
            validation=frozenset(n for n in data if n in self._held_back(training)),
        )  # fmt: skip
        asker = Callable_("_sg_ask", (Parameter("X"),), asked.function)
        return Recipe(
            definition, line.cell.index, line.cell.section, tuple(setup), fit, None, False,
            "", None, asker, written=written,
        )  # fmt: skip

    def _training(self, at: int) -> _Training | None:
        """What the line needs; None if it reads no images or no labels."""
        names = self._closure(at)
        seen = self._look(names, self._prelude(at), self._lines[at].cell.index)
        line = self._lines[at]
        wanted = self._reads(line.node)
        made = touches(line.node) - {n for n in touches(line.node) if n in seen.labels}
        images = {n for n in names if n in seen.images} | {
            n for n in wanted
            if n in seen.absent and IMAGE_NAMES.fullmatch(n) and not LABEL_NAMES.fullmatch(n)
        }  # fmt: skip
        images -= {n for n in made if n not in seen.images}
        labels = {n for n in names if n in seen.labels} | {
            n for n in wanted if n in seen.absent and LABEL_NAMES.fullmatch(n)
        }
        making = self._making(wanted, at, images | labels)
        used = list(wanted)
        for place in making:
            used += [n for n in self._reads(self._lines[place].node) if n not in used]
        ours = tuple(n for n in used if n in images), tuple(n for n in used if n in labels)
        if not ours[0] or not ours[1]:
            self.unfed.append((_told(line), [*wanted]))
            return None
        held = {n for n in used if n not in images | labels}
        self._seen = seen
        first = sorted(ours[0], key=lambda n: bool(_VALIDATION.search(n)))
        second = sorted(ours[1], key=lambda n: bool(_VALIDATION.search(n)))
        return _Training(at, making, tuple(first), tuple(second), frozenset(held))

    def _held_back(self, training: _Training) -> set[str]:
        """Data that are not trained on: called so, or of another length than the images."""
        main = self._seen.rows.get(training.images[0])
        return {
            n for n in (*training.images[1:], *training.labels)
            if _VALIDATION.search(n)
            or (main is not None and self._seen.rows.get(n, main) != main
                and len(training.labels) > 1)
        }  # fmt: skip

    def _closure(self, at: int) -> list[str]:
        """Names that the training may need, and those that are read after it."""
        found = list(self._reads(self._lines[at].node))
        for place in reversed(range(at)):
            node = self._lines[place].node
            if touches(node) & {*found}:
                found += [n for n in self._reads(node) if n not in found]
        for line in self._lines[at + 1 :]:
            if len(found) >= _MOST_NAMES:
                break
            found += [n for n in self._reads(line.node) if n not in found]
        return found[:_MOST_NAMES]

    def _prelude(self, at: int) -> tuple[Statement, ...]:
        """What a function does before it trains: its data stand in no name of the module."""
        line = self._lines[at]
        if not line.inside:
            return ()
        return tuple(
            Statement(other.cell.index, other.node)
            for other in self._lines[:at]
            if other.place == line.place and not self._may_train(other.node)
        )

    def _reads(self, node: ast.stmt) -> dict[str, None]:
        """Variables that a line reads before it binds them, and that what it calls reads."""
        known_ones = self._known_reads.get(id(node))
        if known_ones is not None:
            return known_ones
        found = {n: None for n in live_in([node]) if n in self._variables}
        pending: list[ast.AST] = [node]
        known: set[int] = set()
        while pending:
            for function in self._called(pending.pop()):
                if id(function.node) in known:
                    continue
                known.add(id(function.node))
                own = {a.arg for p in ast.walk(function.node) if isinstance(p, ast.arguments)
                       for a in [*p.posonlyargs, *p.args, *p.kwonlyargs]}  # fmt: skip
                free = {n for n in live_in(function.node.body) if n not in own}
                found |= {n: None for n in sorted(free) if n in self._variables}
                pending.append(function.node)
        self._known_reads[id(node)] = found
        return found

    def _called(self, node: ast.AST) -> Iterator[Callable_]:
        unfolding = self._unfolding
        for call in calls(node):
            name = called(call)
            if isinstance(call.func, ast.Attribute):
                methods = (d.methods.get(name) for d in unfolding.classes.values())
                yield from (m for m in methods if m is not None)
            elif name in unfolding.functions:
                function = unfolding.functions[name].function
                yield from [function] if function is not None else []
            elif name in unfolding.classes:
                constructor = unfolding.classes[name].constructor
                yield from [constructor] if constructor is not None else []

    def _making(self, names: Mapping[str, None], at: int, data: set[str]) -> tuple[int, ...]:
        """The lines that make the objects of these names anew; data are not made anew."""
        needed = {*names} - data
        chosen = []
        for place in reversed(range(at)):
            node = self._lines[place].node
            touched = (touches(node) | self._handed(node)) & needed
            if not touched or self._trains_already(node):
                continue
            chosen.append(place)
            needed -= {n for n in touched if rebinds(node, n)}
            needed |= {*self._reads(node)} - data
        return tuple(reversed(chosen))

    def _trains_already(self, node: ast.stmt) -> bool:
        return self._may_train(node) or (
            isinstance(node, ast.AugAssign) and self._unfolding.trains(node)
        )

    def _handed(self, node: ast.stmt) -> set[str]:
        """Names that a bare call of a function of the notebook is given: it may fill them."""
        bare = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        own = {called(c) for c in calls(node)} & {*self._unfolding.functions}
        return loads(node) if bare and own else set()

    def _parted(self, training: _Training) -> tuple[list[Statement], list[Statement]]:
        """Lines before the training proper, and those that are part of it: they read labels."""
        setup: list[Statement] = []
        region: list[Statement] = []
        bound = {*training.labels}
        for place in training.making:
            line = self._lines[place]
            statement = Statement(line.cell.index, line.node)
            if {*self._reads(line.node)} & bound:
                region.append(statement)
                bound |= touches(line.node)
            else:
                setup.append(statement)
        return setup, region

    def _made_of(
        self, statements: Sequence[Statement], node: ast.stmt, asked: Asked
    ) -> tuple[Definition, ...]:
        """The classes and functions that the training is made of."""
        named = {n for s in statements for n in loads(s.node)} | loads(node) | loads(asked.function)
        unfolding = self._unfolding
        return tuple(
            d for n, d in [*unfolding.classes.items(), *unfolding.functions.items()] if n in named
        )  # fmt: skip

    def _definition(
        self, line: Line, trains: ast.FunctionDef, data: Sequence[str],
        rates: Sequence[str], numbers: Mapping[str, ast.expr],
    ) -> Definition:  # fmt: skip
        parameters = [Parameter(f"_sg_{n}") for n in data]
        parameters.append(Parameter(EPOCHS, "5"))
        parameters += [Parameter(f"_sg_{n}", n) for n in rates]
        parameters += [Parameter(n, ast.unparse(v)) for n, v in numbers.items()]
        function = Callable_("_sg_fit", tuple(parameters), trains)
        return Definition(
            line.inside or _told(line), line.cell.index, line.cell.section, 0, "function", {},
            function, ast.unparse(trains),
        )  # fmt: skip


def _told(line: Line) -> str:
    """A training as its author knows it: the head of its loop, or its call."""
    return ast.unparse(line.node).split("\n")[0].rstrip(":")[:100]


def _written(
    data: Sequence[str], rates: Sequence[str], numbers: Mapping[str, ast.expr],
    body: Sequence[ast.stmt], variables: set[str],
) -> ast.FunctionDef:  # fmt: skip
    """``_sg_fit``: the names of the notebook get the digits, then its lines follow."""
    read = {n for s in body for n in loads(s)}
    counts = sorted(n for n in variables & read if _COUNT.fullmatch(n))
    named = {n for s in body for n in stored(s)} | {*data, *rates, *counts}
    arguments = [*(f"_sg_{n}" for n in data), EPOCHS, *(f"_sg_{n}" for n in rates), *numbers]
    defaults: list[ast.expr] = [
        ast.Constant(5), *(ast.Name(n, ast.Load()) for n in rates), *numbers.values(),
    ]  # fmt: skip
    given = [
        *((n, f"_sg_{n}") for n in (*data, *rates)),
        *((n, EPOCHS) for n in counts),
    ]  # fmt: skip
    lines: list[ast.stmt] = [
        ast.Global(sorted(n for n in named if not n.startswith("_sg_"))),
        *(ast.Assign([ast.Name(n, ast.Store())], ast.Name(v, ast.Load())) for n, v in given),
        *copy.deepcopy(list(body)),
    ]
    function = ast.FunctionDef(
        "_sg_fit",
        ast.arguments([], [ast.arg(a) for a in arguments], None, [], [], None, defaults),
        lines, [],
    )  # fmt: skip
    for part in ast.walk(function):
        part.__dict__.setdefault("lineno", 1)
    return ast.fix_missing_locations(function)
