"""How long and how fast lines train that were cut out of a notebook: their loops and numbers."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator, Sequence

from graders.binding.definitions import Callable_
from graders.binding.statements import calls, loads, stored
from graders.kinds.classifier.rewriting import is_epochs, is_rate
from graders.kinds.classifier.unfolding import Unfolding, called
from graders.submission.parsing import own_expression

EPOCHS = "_sg_epochs"
_BATCH = re.compile(r"(\w*_)?batch_?(size|num|n)|(n_)?(mini_?)?batch|bs", re.I)
_DRAWS = re.compile(r"choice|randint|integers|sample|permutation")
_USUAL_BATCH = 20
_MOST_PASSES = 40  # over all the data at once, for each epoch that is asked for


class Pace:
    """The loop of a training with the number of epochs that is asked for.

    Whatever it counts (epochs, mini-batches that are drawn, passes over all data), it
    goes through as many images as so many epochs have.
    """

    def __init__(
        self, images: str, data: set[str], variables: set[str], unfolding: Unfolding
    ) -> None:
        self._images, self._data = images, data
        self._variables, self._unfolding = variables, unfolding
        self.batches: tuple[str, ...] = ()

    def of(self, node: ast.stmt, before: Sequence[ast.stmt]) -> ast.stmt:
        """The line as it is run. `before`: lines that it depends on."""
        node = copy.deepcopy(node)
        known = self._derived([*before, node])
        names = [n for n in sorted(loads(node)) if _BATCH.fullmatch(n) and n in self._variables]
        self.batches = tuple(n for n in names if n not in stored(node))
        if not isinstance(node, ast.For):
            return node
        if self._goes_over(node.iter, known):
            if any("epo" in n.lower() for n in loads(node.iter)):
                return node  # as many steps as so many epochs have
            loop = ast.For(
                ast.Name("_sg_epoch", ast.Store()), _range(ast.Name(EPOCHS, ast.Load())),
                [node], [],
            )  # fmt: skip
            return ast.fix_missing_locations(loop)
        counted = next((c for c in calls(node.iter) if called(c) == "range"), None)
        if counted is None:
            return node
        count = self._count(node, counted, known)
        counted.args = [count]
        return ast.fix_missing_locations(node)

    def _count(self, node: ast.For, counted: ast.Call, known: set[str]) -> ast.expr:
        if any(self._goes_over(i, known) for i in _iterated(node)) or self._loops_inside(node):
            return ast.Name(EPOCHS, ast.Load())
        parts = [p for p in ast.walk(node) if isinstance(p, ast.Subscript)]
        if any(loads(p.value) & self._data for p in parts) or self._drawn(node) is not None:
            size = self._size(node)
            text = f"max(1, {EPOCHS} * len({self._images}) // {size})"
        else:  # all of them at once
            own = ast.unparse(counted.args[-1] if len(counted.args) < 3 else counted.args[1])
            text = f"min({own}, {_MOST_PASSES} * {EPOCHS})"
        return own_expression(text)

    def _size(self, node: ast.For) -> str:
        """How many images a step has."""
        if self.batches:
            return self.batches[0]
        drawn = self._drawn(node)
        return ast.unparse(drawn) if drawn is not None else str(_USUAL_BATCH)

    def _drawn(self, node: ast.For) -> ast.expr | None:
        """How many are drawn at random."""
        for call in calls(node):
            if isinstance(call.func, ast.Attribute) and _DRAWS.fullmatch(call.func.attr):
                named = next((k.value for k in call.keywords if k.arg == "size"), None)
                size = named or (call.args[-1] if len(call.args) > 1 else None)
                if size is not None:
                    return size
        return None

    def _derived(self, body: Sequence[ast.stmt]) -> set[str]:
        """The data, and names that are worked out from them."""
        known = {*self._data}
        for _ in range(4):
            for node in body:
                for part in ast.walk(node):
                    if isinstance(part, ast.Assign):
                        for target, value in _pairs(part):
                            known |= stored(target) if loads(value) & known else set()
                    elif isinstance(part, ast.For) and loads(part.iter) & known:
                        known |= stored(part.target)
        return known

    def _goes_over(self, iterated: ast.expr, known: set[str]) -> bool:
        return bool(loads(iterated) & known)

    def _loops_inside(self, node: ast.For) -> bool:
        """True if what is called is given whole data and goes over them by itself."""
        for call in calls(node):
            given = {a.id for a in [*call.args, *(k.value for k in call.keywords)]
                     if isinstance(a, ast.Name)}  # fmt: skip
            if not given & self._data:
                continue
            for function in _targets(call, self._unfolding):
                parameters = {*function.names}
                if any(loads(i) & parameters for i in _iterated(function.node)):
                    return True
        return False


def _iterated(node: ast.AST) -> Iterator[ast.expr]:
    """What the loops inside a node go over."""
    for part in ast.walk(node):
        if part is not node and isinstance(part, ast.For):
            yield part.iter
        elif isinstance(part, ast.While):
            yield part.test


def _pairs(node: ast.Assign) -> list[tuple[ast.expr, ast.expr]]:
    """Targets with their values: those of ``n, size = len(X), 20`` one by one."""
    target, value = node.targets[0], node.value
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return list(zip(target.elts, value.elts, strict=False))
    return [(t, value) for t in node.targets]


def _range(count: ast.expr) -> ast.Call:
    return ast.Call(ast.Name("range", ast.Load()), [count], [])


def _targets(call: ast.Call, unfolding: Unfolding) -> list[Callable_]:
    """What a call may be of: a function, a constructor, or methods of that name."""
    name = called(call)
    if isinstance(call.func, ast.Attribute):
        return [d.methods[name] for d in unfolding.classes.values() if name in d.methods]
    if name in unfolding.functions:
        function = unfolding.functions[name].function
        return [function] if function is not None else []
    if name in unfolding.classes:
        constructor = unfolding.classes[name].constructor
        return [constructor] if constructor is not None else []
    return []


def lifted(
    body: Sequence[ast.stmt], unfolding: Unfolding
) -> tuple[list[ast.stmt], dict[str, ast.expr]]:
    """The lines with epochs and learning rates that their calls are given taken out of them.

    Returns them, and the rates by the names that they now have.
    """
    lifting = _Lifting(unfolding)
    return [lifting.visit(copy.deepcopy(s)) for s in body], lifting.rates


class _Lifting(ast.NodeTransformer):
    def __init__(self, unfolding: Unfolding) -> None:
        self._unfolding = unfolding
        self.rates: dict[str, ast.expr] = {}

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        targets = _targets(node, self._unfolding)
        names = list(targets[0].names) if targets else []
        if any(isinstance(a, ast.Starred) for a in node.args):
            return node
        for i, (name, value) in enumerate(zip(names, node.args, strict=False)):
            node.args[i] = self._value(name, value)
        given = {*names[: len(node.args)], *(k.arg for k in node.keywords)}
        for keyword in node.keywords:
            if keyword.arg:
                keyword.value = self._value(keyword.arg, keyword.value)
        for parameter in targets[0].parameters if len(targets) == 1 and None not in given else ():
            if parameter.name in given or parameter.default is None:
                continue
            default = own_expression(parameter.default)
            value = self._value(parameter.name, default)
            if value is not default:
                node.keywords.append(ast.keyword(parameter.name, value))
        return node

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        self.generic_visit(node)
        node.values = [
            self._value(k.value, v) if isinstance(k, ast.Constant) and isinstance(k.value, str) else v
            for k, v in zip(node.keys, node.values, strict=True)
        ]  # fmt: skip
        return node

    def _value(self, name: str, value: ast.expr) -> ast.expr:
        if not isinstance(value, ast.Constant) or type(value.value) not in (int, float):
            return value
        if is_epochs(name):
            return ast.Name(EPOCHS, ast.Load())
        if is_rate(name):
            kept = f"_sg_{len(self.rates)}_lr"
            self.rates[kept] = value
            return ast.Name(kept, ast.Load())
        return value
