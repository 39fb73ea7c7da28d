"""A recipe's statements with other numbers in them: epochs, learning rate, and our own data.

The notebook's code stays what it is; only the values that say how long and how fast to train are
replaced where the notebook gives them, or given where it leaves them to a default.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Mapping, Sequence

from graders.binding.definitions import Callable_, Definition
from graders.kinds.classifier.recipes import Recipe
from graders.submission.parsing import expression

EPOCHS = re.compile(r"(\w*_)?(n|num|max|total)?_?(epo(c|h|k)\w*|iter(ation)?s?(_?num)?)", re.I)
_RATE = re.compile(r"(\w*_)?(lr|l_r|learning_?rate|alpha|eta|rate)\d?", re.I)
_NOT_RATE = re.compile(r"drop|decay|keep|momentum|regular", re.I)
_BATCH = re.compile(r"(\w*_)?(mini)?_?batch(_?size)?", re.I)
_VERBOSE = re.compile(r"verbose|debug|disp(lay)?|plot|graph", re.I)


def is_epochs(name: str) -> bool:
    """True if a parameter or attribute of that name says how often all the data is gone through."""
    return EPOCHS.fullmatch(name) is not None


def is_rate(name: str) -> bool:
    """True if a parameter of that name is a learning rate."""
    return _RATE.fullmatch(name) is not None and _NOT_RATE.search(name) is None


class Rewriter(ast.NodeTransformer):
    """Puts epochs and rates into the calls of a notebook's own classes and functions.

    `batch`: the size of a mini-batch likewise, 0 for the notebook's own. `rates` counts the
    learning rates that were met.
    """

    def __init__(
        self,
        targets: Mapping[str, Callable_ | None],
        epochs: int,
        factor: float,
        batch: int = 0,
    ) -> None:
        self._targets, self._epochs, self._factor = targets, epochs, factor
        self._batch = batch
        self.rates = 0
        self.epochs_set = False

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Calls of known classes and functions, and ``dict(lr=...)``."""
        self.generic_visit(node)
        if not isinstance(node.func, ast.Name):
            return node
        if node.func.id == "dict":
            for keyword in node.keywords:
                if keyword.arg:
                    keyword.value = self._value(keyword.arg, keyword.value)
            return node
        return self.into(node, self._targets.get(node.func.id))

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        """``{"learning_rate": 0.01}``."""
        self.generic_visit(node)
        node.values = [
            self._value(k.value, v) if isinstance(k, ast.Constant) and isinstance(k.value, str) else v
            for k, v in zip(node.keys, node.values, strict=True)
        ]  # fmt: skip
        return node

    def into(self, node: ast.Call, target: Callable_ | None) -> ast.Call:
        """Put the values into a call of `target`."""
        if target is None or any(isinstance(a, ast.Starred) for a in node.args):
            return node
        known = {p.name for p in target.parameters}
        if target.node.args.kwarg is None and any(k.arg is None for k in node.keywords) is False:
            # The class was changed after the call was written: what it no longer takes is left out.
            node.keywords = [k for k in node.keywords if k.arg in known]
        given: set[str] = set()
        for i, (parameter, value) in enumerate(zip(target.parameters, node.args, strict=False)):
            node.args[i] = self._value(parameter.name, value)
            given.add(parameter.name)
        for keyword in node.keywords:
            if keyword.arg:
                keyword.value = self._value(keyword.arg, keyword.value)
                given.add(keyword.arg)
            else:
                return node  # **options
        for parameter in target.parameters:
            if parameter.name in given or parameter.default is None:
                continue
            old = copy.deepcopy(expression(parameter.default))
            if old is None:
                continue
            new = self._value(parameter.name, old)
            if ast.dump(new) != ast.dump(old):
                node.keywords.append(ast.keyword(parameter.name, new))
        return node

    def _value(self, name: str, value: ast.expr) -> ast.expr:
        if is_epochs(name):
            self.epochs_set = True
            return ast.Constant(self._epochs)
        if is_rate(name) and not (isinstance(value, ast.Constant) and value.value is None):
            self.rates += 1
            if self._factor != 1:
                return ast.BinOp(value, ast.Mult(), ast.Constant(self._factor))
        if self._batch and _BATCH.fullmatch(name) and _is_number(value):
            return ast.Constant(self._batch)
        if _VERBOSE.fullmatch(name) and isinstance(value, ast.Constant) and value.value is True:
            return ast.Constant(False)
        return value


def _is_number(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, int)


def targets_for(recipe: Recipe, definitions: Sequence[Definition]) -> dict[str, Callable_ | None]:
    """What the names of classes and functions stand for at the recipe's place."""
    found: dict[str, Callable_ | None] = {}
    for definition in definitions:
        if definition.cell <= recipe.cell or definition.name not in found:
            target = definition.constructor if definition.kind == "class" else definition.function
            found[definition.name] = target
    return found


def rewritten(node: ast.stmt, rewriter: Rewriter) -> ast.stmt:
    """The statement with the values in it."""
    new: ast.stmt = rewriter.visit(copy.deepcopy(node))
    return ast.fix_missing_locations(new)


def global_epochs(definitions: Sequence[Definition]) -> list[str]:
    """Module-level names by which classes read the number of epochs, instead of their own."""
    found: list[str] = []
    for definition in definitions:
        for name, _ in globals_read(definition):
            if is_epochs(name) and name not in found:
                found.append(name)
    return found


def globals_read(definition: Definition) -> list[tuple[str, str]]:
    """(name, method) of names that the methods read from outside: no parameters, no locals."""
    found: list[tuple[str, str]] = []
    methods = definition.methods.values() if definition.kind == "class" else [definition.function]
    for method in methods:
        if method is None:
            continue
        known = {p.name for p in method.parameters}
        loads: list[str] = []
        for node in ast.walk(method.node):
            if isinstance(node, ast.Name):
                if isinstance(node.ctx, ast.Store):
                    known.add(node.id)
                else:
                    loads.append(node.id)
            elif isinstance(node, ast.arg):
                known.add(node.arg)
        found += [(n, method.name) for n in dict.fromkeys(loads) if n not in known]
    return found


def attributes_of(definition: Definition) -> list[str]:
    """Names of the attributes that a class gives its instances, in order."""
    names = [
        node.attr
        for node in ast.walk(definition.tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    ]
    return list(dict.fromkeys(names))
