"""How a notebook trains its classifier: the statements from construction to prediction.

No two notebooks construct, fill and fit a classifier alike, but each says how, in its own later
cells. A `Recipe` is that part of the notebook, cut out of it: what has to be run to have a fresh
estimator, the call that trains it, and the call that asks it. It is read here, never run.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass

from graders.binding.definitions import Callable_, Definition
from graders.binding.statements import (
    bound_value,
    calls,
    loads,
    rebinds,
    simple,
    stored,
    target,
    targets,
    touches,
)
from graders.submission import Cell, Section, Submission
from graders.submission.parsing import compiled, expression

FIT = re.compile(r"(fit|train|learn)(_?(model|net|network))?", re.I)
PREDICT = re.compile(r"_?(predict\w*|pred|estimate|infer(ence)?|classify|test)", re.I)
_TRAINER = re.compile(r"train|learn|fit|back_?prop|\bsgd\b|gradient_?descent|optimi[sz]e", re.I)


@dataclass(frozen=True)
class Statement:
    """One statement of the notebook, where it stands."""

    cell: int
    node: ast.stmt


@dataclass(frozen=True)
class Written:
    """A training and a prediction that were written of the notebook's own lines (`by_hand`).

    `prelude` makes the data where a function keeps them to itself, `holders` are the names of
    what is trained, `made_of` the classes and functions that take part, `validation` data that are
    not trained on, `batches` names that hold the size of a mini-batch; `told` and `asked` say it
    in the notebook's own words.
    """

    prelude: tuple[Statement, ...]
    trains: ast.FunctionDef
    asks: ast.FunctionDef
    holders: tuple[str, ...]
    made_of: tuple[Definition, ...]
    told: str
    asked: str
    batches: tuple[str, ...]
    validation: frozenset[str]


@dataclass(frozen=True)
class Recipe:
    """How the notebook itself comes to a trained model.

    `fit` is the call that trains (`looped`: once a mini-batch, in a loop of the notebook's), and
    `predict` one that asks; `model` is the source of the estimator that is asked, "" where
    functions and module-level weights do the work.
    """

    definition: Definition
    cell: int
    section: Section
    setup: tuple[Statement, ...]
    fit: ast.Call
    targets: ast.stmt | None  # the assignment around a fit that is a function
    looped: bool
    model: str
    predict: ast.Call | None
    asker: Callable_ | None
    single: bool = False  # the model is asked for one image at a time
    written: Written | None = None

    @property
    def told(self) -> str:
        """What trains, as the notebook has it."""
        return self.written.told if self.written is not None else ast.unparse(self.fit)

    @property
    def asked(self) -> str:
        """What is asked for classes, as the notebook has it."""
        if self.written is not None:
            return self.written.asked
        return f"{self.asker.name}(…)" if self.asker is not None else ""

    @property
    def trainer(self) -> Callable_ | None:
        """The method or function that trains."""
        if self.definition.kind == "function":
            return self.definition.function
        assert isinstance(self.fit.func, ast.Attribute)
        return self.definition.method(self.fit.func.attr)


@dataclass(frozen=True)
class _Unit:
    """A top-level statement."""

    cell: Cell
    place: int
    node: ast.stmt


class RecipeReader:
    """Finds the recipes of one submission."""

    def __init__(self, submission: Submission, definitions: Sequence[Definition]) -> None:
        self._definitions = list(definitions)
        self._units: list[_Unit] = []
        self._helpers = {
            d.name: d for d in self._definitions if d.kind == "function" and _fits_inside(d)
        }
        for cell in submission.cells:
            tree = compiled(cell)
            for node in tree.body if tree is not None else ():
                if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                    self._units.append(_Unit(cell, len(self._units), node))

    def recipes(self) -> list[Recipe]:
        """Every training of an estimator in the notebook, in its order."""
        found = []
        for unit in self._units:
            for statement, before, loops in simple(unit.node):
                for call in calls(statement):
                    recipe = self._of_call(unit, statement, before, loops, call)
                    if recipe is not None:
                        found.append(recipe)
        return found

    # -- estimators ----------------------------------------------------------------------

    def _of_call(
        self,
        unit: _Unit,
        statement: ast.stmt,
        before: Sequence[ast.stmt],
        loops: Sequence[ast.stmt],
        call: ast.Call,
    ) -> Recipe | None:
        if isinstance(call.func, ast.Name):
            inner = self._inside(call, call.func.id)
            if inner is not None:
                return self._of_call(unit, statement, before, loops, inner)
            return self._of_function(unit, statement, loops, call, call.func.id)
        if not (isinstance(call.func, ast.Attribute) and FIT.fullmatch(call.func.attr)):
            return None
        owner = call.func.value
        if isinstance(owner, ast.Call) and isinstance(owner.func, ast.Name):  # C(...).fit(...)
            definition = self._class(owner.func.id, unit)
            if definition is None or definition.method(call.func.attr) is None:
                return None
            variable = target(statement) or "_sg_model"
            new = ast.Assign([ast.Name(variable, ast.Store())], owner, lineno=statement.lineno)
            setup = (
                *self._slice(loads(owner) - {owner.func.id}, unit, before, True),
                Statement(unit.cell.index, new),
            )
            fresh = ast.Call(
                ast.Attribute(ast.Name(variable, ast.Load()), call.func.attr, ast.Load()),
                call.args, call.keywords,
            )  # fmt: skip
            return self._recipe(definition, unit, setup, fresh, loops, variable, None)
        if not isinstance(owner, ast.Name):
            return None
        bound = self._construction(owner.id, unit, before)
        definition = self._class(bound.func.id, unit) if bound is not None else None  # type: ignore[attr-defined]
        if definition is None or definition.method(call.func.attr) is None:
            return None
        setup = self._slice({owner.id}, unit, before, False)
        return self._recipe(definition, unit, setup, call, loops, owner.id, bound)

    def _inside(self, call: ast.Call, name: str) -> ast.Call | None:
        """The fit inside a function that is given the model, with the caller's own arguments."""
        helper = self._helpers.get(name)
        if helper is None or helper.function is None:
            return None
        given: dict[str, ast.expr] = {}
        for parameter, value in zip(helper.function.parameters, call.args, strict=False):
            given[parameter.name] = value
        given |= {k.arg: k.value for k in call.keywords if k.arg}
        for parameter in helper.function.parameters:
            if parameter.default is not None and parameter.name not in given:
                default = expression(parameter.default)
                if default is not None:
                    given[parameter.name] = default
        inner = copy.deepcopy(_fits_inside(helper)[0])
        for part in ast.walk(inner):
            for key, child in ast.iter_fields(part):
                if isinstance(child, ast.Name) and child.id in given:
                    setattr(part, key, copy.deepcopy(given[child.id]))
                elif isinstance(child, list):
                    child[:] = [
                        copy.deepcopy(given[c.id])
                        if isinstance(c, ast.Name) and c.id in given
                        else c
                        for c in child
                    ]
        return inner

    def _recipe(
        self,
        definition: Definition,
        unit: _Unit,
        setup: tuple[Statement, ...],
        call: ast.Call,
        loops: Sequence[ast.stmt],
        variable: str,
        bound: ast.Call | None,
    ) -> Recipe | None:
        model, asker = variable, _asker(definition)
        predict = self._prediction(variable, unit)
        if asker is None:  # a trainer: the model is what it was given
            for given in [*(bound.args if bound else ()), *call.args]:
                inner = (
                    self._construction(given.id, unit, ()) if isinstance(given, ast.Name) else None
                )
                other = self._class(inner.func.id, unit) if inner is not None else None  # type: ignore[attr-defined]
                if other is not None and _asker(other) is not None:
                    assert isinstance(given, ast.Name)
                    model, asker = given.id, _asker(other)
                    predict = self._prediction(model, unit)
                    break
        if asker is None:
            return None
        arguments = {n for a in [*call.args, *(k.value for k in call.keywords)] for n in loads(a)}
        inner_names = {n for loop in loops for n in stored(loop)}
        looped = bool(loops) and bool(arguments & inner_names)
        return Recipe(
            definition, unit.cell.index, unit.cell.section, setup, call, None, looped,
            model, predict, asker,
        )  # fmt: skip

    def _class(self, name: str, unit: _Unit) -> Definition | None:
        named = [d for d in self._definitions if d.kind == "class" and d.name == name]
        earlier = [d for d in named if d.cell <= unit.cell.index]
        return (earlier or named)[-1] if named else None

    def _construction(self, name: str, unit: _Unit, before: Sequence[ast.stmt]) -> ast.Call | None:
        """The call of a class of the notebook that a name is bound to, nearest before the unit."""
        earlier = [u.node for u in self._units[: unit.place]]
        for node in [*reversed(before), *reversed(earlier), *(u.node for u in self._units)]:
            for statement, _, _ in reversed(list(simple(node))):
                value = bound_value(statement, name)
                if (
                    isinstance(value, ast.Call)
                    and isinstance(value.func, ast.Name)
                    and self._class(value.func.id, unit) is not None
                ):
                    return value
        return None

    def _prediction(self, variable: str, unit: _Unit) -> ast.Call | None:
        """The first call after the unit, else anywhere, that asks the variable."""
        for other in [*self._units[unit.place :], *self._units[: unit.place]]:
            for statement, _, _ in simple(other.node):
                for call in calls(statement):
                    if (
                        isinstance(call.func, ast.Attribute)
                        and PREDICT.fullmatch(call.func.attr)
                        and isinstance(call.func.value, ast.Name)
                        and call.func.value.id == variable
                    ):
                        return call
        return None

    # -- what a fresh estimator needs ----------------------------------------------------

    def _slice(
        self, names: set[str], unit: _Unit, before: Sequence[ast.stmt], optional: bool
    ) -> tuple[Statement, ...]:
        """The statements that make the objects of these names anew, in order.

        Data is not made anew: it stands in the namespace.
        """
        needed = set(names)
        if optional:
            needed = {n for n in needed if self._makes_objects(n, unit)}
        chosen: list[tuple[int, Statement]] = []
        earlier = [(u.cell.index, u.node) for u in self._units[: unit.place]]
        inner = [(unit.cell.index, s) for s in before]
        for place, (cell, node) in reversed(list(enumerate([*earlier, *inner]))):
            if not needed:
                break
            touched = touches(node) & needed
            if not touched or any(_is_fit(c) for c in calls(node)):
                continue
            if isinstance(node, ast.For | ast.While | ast.If | ast.With | ast.Try):
                binding = [s for s, _, _ in simple(node) if targets(s) & touched]
                if binding:  # made in a loop over settings: the last ones stand in the namespace
                    node = binding[-1]
                    touched = targets(node) & needed
            chosen.append((place, Statement(cell, node)))
            fresh = {n for n in touched if rebinds(node, n)}
            needed -= fresh
            more = loads(node) - touched
            needed |= {n for n in more if self._makes_objects(n, unit)}
        return tuple(statement for _, statement in reversed(chosen))

    def _makes_objects(self, name: str, unit: _Unit) -> bool:
        """True if the notebook binds the name to objects of its classes, a list, dict or number."""
        classes = {d.name for d in self._definitions if d.kind == "class"}
        if name in classes:
            return False
        for other in reversed(self._units[: unit.place + 1]):
            for statement, _, _ in simple(other.node):
                value = bound_value(statement, name)
                if value is None:
                    continue
                if isinstance(value, ast.List | ast.Dict | ast.Tuple | ast.Constant | ast.UnaryOp):
                    return True
                return any(
                    isinstance(n, ast.Call)
                    and isinstance(n.func, ast.Name)
                    and n.func.id in classes
                    for n in ast.walk(value)
                )
        return False

    # -- functions and module-level weights ----------------------------------------------

    def _of_function(
        self,
        unit: _Unit,
        statement: ast.stmt,
        loops: Sequence[ast.stmt],
        call: ast.Call,
        name: str,
    ) -> Recipe | None:
        """``W, k = train(images, labels, W, k, epochs)``, asked with ``predict(image, W, k)``."""
        if not isinstance(statement, ast.Assign) or not _TRAINER.search(name):
            return None
        named = [d for d in self._definitions if d.kind == "function" and d.name == name]
        named = [d for d in named if d.cell <= unit.cell.index] or named
        if not named:
            return None
        weights = {n.id for t in statement.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
        given = {n for a in [*call.args, *(k.value for k in call.keywords)] for n in loads(a)}
        if not weights & given:
            return None
        asked = self._asked_function(unit, weights, name)
        if asked is None:
            return None
        predict, asker, single = asked
        setup: list[Statement] = []
        for weight in sorted(weights & given):
            first = next(
                (
                    (u.cell.index, s)
                    for u in self._units
                    for s, _, _ in simple(u.node)
                    if weight in targets(s) and weight not in loads(s)
                ),
                None,
            )
            if first is not None:
                setup.append(Statement(*first))
        return Recipe(
            named[-1], unit.cell.index, unit.cell.section, tuple(setup), call, statement,
            False, "", predict, asker, single,
        )  # fmt: skip

    def _asked_function(
        self, unit: _Unit, weights: set[str], trainer: str
    ) -> tuple[ast.Call, Callable_, bool] | None:
        functions = {d.name: d for d in self._definitions if d.kind == "function"}
        for other in [*self._units[unit.place :], *self._units[: unit.place]]:
            for statement, _, loops in simple(other.node):
                for call in calls(statement):
                    if not isinstance(call.func, ast.Name) or call.func.id == trainer:
                        continue
                    definition = functions.get(call.func.id)
                    given = loads(call) - {call.func.id}
                    looped = {n for loop in loops for n in stored(loop)} | _comprehended(statement)
                    if definition is None or not weights <= given or definition.function is None:
                        continue
                    return call, definition.function, bool(given & looped)
        return None


def _comprehended(statement: ast.stmt) -> set[str]:
    """The loop variables of the comprehensions in a statement."""
    return {
        name.id
        for part in ast.walk(statement)
        if isinstance(part, ast.comprehension)
        for name in ast.walk(part.target)
        if isinstance(name, ast.Name)
    }


def _asker(definition: Definition) -> Callable_ | None:
    """The method that is asked for the classes."""
    named = [m for n, m in definition.methods.items() if PREDICT.fullmatch(n) and m.parameters]
    named.sort(key=lambda m: (m.name != "predict", "proba" in m.name))
    return named[0] if named else None


def asker_of(definition: Definition) -> Callable_ | None:
    """The method that is asked for the classes of images, None if the class has none."""
    return _asker(definition)


def trainer_of(definition: Definition) -> Callable_ | None:
    """The method that trains, None if the class has none."""
    return next((m for n, m in definition.methods.items() if FIT.fullmatch(n)), None)


def _fits_inside(definition: Definition) -> list[ast.Call]:
    """Calls ``model.fit(...)`` in a function that is given the model."""
    if definition.function is None:
        return []
    names = {p.name for p in definition.function.parameters}
    return [
        c
        for c in calls(definition.function.node)
        if _is_fit(c)
        and isinstance(c.func, ast.Attribute)
        and isinstance(c.func.value, ast.Name)
        and c.func.value.id in names
    ]


def _is_fit(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and bool(FIT.fullmatch(call.func.attr))
