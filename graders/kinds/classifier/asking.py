"""How a notebook without predict comes from images to classes: the lines that lead to an argmax."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graders.binding.definitions import Callable_
from graders.binding.statements import calls, loads, rebinds, simple, stored
from graders.kinds.classifier.programs import IMAGE_NAMES, LABEL_NAMES
from graders.kinds.classifier.recipes import PREDICT
from graders.kinds.classifier.unfolding import Line, Unfolding, bound, called
from graders.submission.parsing import own_copy, own_expression

_FORWARD = re.compile(r"forward\w*|fprop|call|feed_?forward|calculate", re.I)
_DEEPEST = 3
_MOST_UNFOLDED = 300
_IMAGES = "_sg_images"
_TEST = re.compile(r"test|val|dev|eval", re.I)


@dataclass(frozen=True)
class Asked:
    """``_sg_ask(images, labels...)``, written of the notebook's lines; `held`: names it reads."""

    function: ast.FunctionDef
    told: str
    held: frozenset[str]

    @property
    def labelled(self) -> bool:
        """True if it reads labels."""
        return len(self.function.args.args) > 1


@dataclass(frozen=True)
class _Place:
    """An expression that gives classes or scores, and the statements before it, nearest last."""

    value: ast.expr
    before: tuple[ast.stmt, ...]
    in_training: bool = False  # it is computed on the way, and need not be classes


class Asking:
    """Looks for the way from images to classes around one training.

    Args:
        images: names that hold images; labels: names that hold labels; held: names of what is
            trained and trains.
    """

    def __init__(
        self, unfolding: Unfolding, lines: Sequence[Line], at: int,
        images: frozenset[str], labels: frozenset[str], held: frozenset[str],
    ) -> None:  # fmt: skip
        self._unfolding, self._lines, self._at = unfolding, lines, at
        self._images, self._labels, self._held = images, labels, held
        self._unfolds = 0
        self._variables = {n for line in lines for n in stored(line.node)}

    def found(self) -> Asked | None:
        """The first way that leads from images over what is trained to classes."""
        spare = None
        for place in self._places():
            asked = self._way(place) or self._way(place, kept=True)
            if asked is not None and not (place.in_training and asked.labelled):
                return asked
            spare = spare or asked  # it may be a loss
        return spare

    # -- where classes come from ---------------------------------------------------------

    def _places(self) -> Iterator[_Place]:
        """After the training, in it, before it; last what it computes before it steps back."""
        lines = [line.node for line in self._lines]
        at = self._at
        order = [*range(at + 1, len(lines)), at, *reversed(range(at))]
        for k, statement, before in ((j, s, b) for j in order for s, b, _ in simple(lines[j])):
            if not calls(statement):
                continue
            yield from self._in(statement, (*lines[:k], *before), 0)
        yield from self._by_name()
        yield from self._of_training(lines[at], tuple(lines[:at]))

    def _in(
        self, statement: ast.stmt, before: tuple[ast.stmt, ...], depth: int
    ) -> Iterator[_Place]:
        found = calls(statement)
        for call in found:
            if called(call) == "argmax":
                yield _Place(call, before)
        for call in found:
            if PREDICT.fullmatch(called(call)) and not self._unfolding.trains(call):
                yield _Place(call, before)
        if depth >= _DEEPEST:
            return
        for call in found:
            for function, owner in self._functions(call):
                self._unfolds += 1
                if self._unfolds > _MOST_UNFOLDED:
                    return
                inner = calls(function.node)
                if any(called(c) == "argmax" or PREDICT.fullmatch(called(c)) for c in inner):
                    start, body = bound(function.node, call, set(), owner)
                    for part in body:
                        for deeper, earlier, _ in simple(part):
                            index = body.index(part)
                            context = (*before, *start, *body[:index], *earlier)
                            yield from self._in(deeper, context, depth + 1)

    def _functions(self, call: ast.Call) -> Iterator[tuple[Callable_, ast.expr | None]]:
        name = called(call)
        if isinstance(call.func, ast.Name) and name in self._unfolding.functions:
            function = self._unfolding.functions[name].function
            if function is not None:
                yield function, None
        elif isinstance(call.func, ast.Attribute) and loads(call.func.value) & self._held:
            for definition in self._unfolding.classes.values():
                if name in definition.methods:
                    yield definition.methods[name], call.func.value
                    return

    def _by_name(self) -> Iterator[_Place]:
        """A function predict(model, X) that nothing calls, by its names."""
        for name, definition in self._unfolding.functions.items():
            function = definition.function
            if function is None or not PREDICT.fullmatch(name):
                continue
            given = []
            for parameter in function.required:
                if parameter.name in self._held:
                    given.append(parameter.name)
                elif IMAGE_NAMES.fullmatch(parameter.name):
                    given.append(_IMAGES)
                else:
                    break
            if len(given) == len(function.required) and _IMAGES in given:
                call = own_expression(f"{name}({', '.join(given)})")
                yield _Place(call, ())

    def _of_training(self, node: ast.stmt, before: tuple[ast.stmt, ...]) -> Iterator[_Place]:
        """What the training computes of its images before its first step back; inner loops first."""
        body = list(getattr(node, "body", ()))
        at = next((i for i, part in enumerate(body) if self._unfolding.trains(part)), None)
        if at is None:
            return
        yield from self._of_training(body[at], (*before, *body[:at]))
        for i in reversed(range(at)):
            part = body[i]
            if isinstance(part, ast.Assign | ast.For):
                own = part.targets[0] if isinstance(part, ast.Assign) else part.target
                names = _names_in_order(own if isinstance(part, ast.Assign) else part)
                if isinstance(part, ast.For):
                    names = [n for n in names if n not in stored(own)]
                for name in names[:1]:  # ``scores, cache = forward(x)``
                    value = ast.Name(name, ast.Load())
                    yield _Place(value, (*before, *body[: i + 1]), True)
            elif isinstance(part, ast.Expr):
                yield _Place(part.value, (*before, *body[:i]), True)

    # -- the way there -------------------------------------------------------------------

    def _way(self, place: _Place, kept: bool = False) -> Asked | None:
        """The statements between images and the value, as a function of the images.

        `kept`: layers keep what they give, ``dense.forward(X)`` and then ``dense.output``.
        """
        local = {n for node in place.before for n in stored(node)}
        cutting = _Whole(self._images, (self._variables | local) - self._held)
        value = cutting.visit(copy.deepcopy(place.value))
        needed, used = self._open(value, local), loads(value)
        labels = loads(value) & self._labels
        chosen: list[ast.stmt] = []
        root = ""
        for node in reversed(place.before):
            touched = stored(node) & needed
            known = used & self._images or any(not self._is_label(n) for n in needed)
            steps = kept and not known and self._is_forward(node)
            if not touched and not steps:
                continue
            if self._unfolding.trains(node) or stored(node) & (self._images | self._labels):
                return None
            if self._is_opaque_cut(node):
                names = [n for n in _names_in_order(node) if n in touched and not self._is_label(n)]
                if root or len(names) != 1:
                    return None
                root = names[0]
                needed -= touched
                continue
            for part in [node] if steps else _single(node, touched):
                if self._is_of_labels(part):
                    labels |= stored(part)
                    continue
                whole = cutting.visit(copy.deepcopy(part))
                chosen.append(whole)
                used |= loads(whole)
                labels |= loads(whole) & self._labels
                needed |= self._open(whole, local) - touched
            needed -= {n for n in touched if rebinds(node, n)}
            needed |= {n for n in touched if not rebinds(node, n)}
        labels |= {n for n in needed if self._is_label(n)}
        needed -= labels
        roots = [_IMAGES] if _IMAGES in used else [n for n in sorted(used) if n in self._images]
        if not root and roots:
            root = next((n for n in roots if _TEST.search(n)), roots[-1])
        elif not root and len(needed) == 1:
            root = next(iter(needed))  # what a loop goes over: ``for x, t in batches``
        needed.discard(root)
        if not root or needed or not self._uses_weights([*chosen, value]):
            return None
        held = frozenset(n for n in used if n in self._held)
        function = _written(root, sorted(labels), [*reversed(chosen)], value, cutting.rows)
        return Asked(function, _head(place.value), held)

    def _open(self, node: ast.AST, local: set[str]) -> set[str]:
        """Variables that still have to be told: no weights, no images."""
        loops = [p.target for p in ast.walk(node) if isinstance(p, ast.For | ast.comprehension)]
        names = loads(node) - {n for t in loops for n in stored(t)}
        return (names & (self._variables | local)) - self._held - self._images - self._labels

    def _is_label(self, name: str) -> bool:
        if name in self._labels:
            return True
        return bool(LABEL_NAMES.fullmatch(name)) and not IMAGE_NAMES.fullmatch(name)

    def _is_forward(self, node: ast.stmt) -> bool:
        """True for ``dense.forward(...)``, a call that may change what the network keeps."""
        return isinstance(node, ast.Expr | ast.Assign) and any(
            isinstance(c.func, ast.Attribute)
            and _FORWARD.fullmatch(c.func.attr)
            and bool(loads(c.func.value) & self._held)
            for c in calls(node)
        )

    def _is_opaque_cut(self, node: ast.stmt) -> bool:
        """True for ``x, t = next_batch(X, Y, i)``: mini-batches, and nothing of the network."""
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Tuple):
            return False
        names = loads(node.value)
        given = bool(names & self._images) and bool(names & self._labels)
        return given and not names & self._weights() and not isinstance(node.value, ast.Tuple)

    def _is_of_labels(self, node: ast.stmt) -> bool:
        """True for ``t = Y[rows]``, which gets others in its place."""
        names = loads(node.value) if isinstance(node, ast.Assign) else set()
        return bool(names & self._labels) and not names & (self._images | self._weights())

    def _weights(self) -> set[str]:
        """Names of what is trained, numbers aside."""
        numbers = {
            n for line in self._lines if isinstance(line.node, ast.Assign)
            and isinstance(line.node.value, ast.Constant) for n in stored(line.node)
        }  # fmt: skip
        return {*self._held} - numbers

    def _uses_weights(self, nodes: Sequence[ast.AST]) -> bool:
        names = {n for node in nodes for n in loads(node)}
        functions = {*self._unfolding.functions}
        return bool(names & (self._weights() | functions))


class _Whole(ast.NodeTransformer):
    """``X[i:i + 20]`` and ``X[rows]``, a part that varies, is all that is asked for.

    `rows`: a part of one image alone was cut with a slice, so that it has rows all the same.
    """

    def __init__(self, images: frozenset[str], varying: set[str]) -> None:
        self._images, self._varying = images, varying
        self.rows = False

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """A part of images."""
        self.generic_visit(node)
        if not (isinstance(node.value, ast.Name) and node.value.id in self._images):
            return node
        first = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
        if not loads(first) & self._varying:
            return node
        self.rows = self.rows or isinstance(first, ast.Slice)
        return ast.copy_location(ast.Name(_IMAGES, ast.Load()), node)


def _names_in_order(node: ast.AST) -> list[str]:
    return [
        n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    ]


def _single(node: ast.stmt, wanted: set[str]) -> list[ast.stmt]:
    """Of ``x, t = X[rows], Y[rows]`` the assignments that are wanted; else the statement."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            return [
                ast.Assign([t], v, lineno=node.lineno)
                for t, v in zip(target.elts, value.elts, strict=False)
                if isinstance(t, ast.Name) and t.id in wanted
            ]
    return [node]


def _written(
    root: str, labels: Sequence[str], chosen: Sequence[ast.stmt], value: ast.expr, rows: bool
) -> ast.FunctionDef:
    """``_sg_ask``: for all images at once, or one by one where the notebook takes one class alone."""
    body = [*chosen, ast.Return(value)]
    first = root
    if isinstance(value, ast.Call) and called(value) == "argmax" and _of_one(value):
        first = "_sg_all"
        each = f"{first}[:, None]" if rows else first
        loop = own_copy(f"_sg_answers = []\nfor {root} in {each}:\n    pass\nreturn _sg_answers")
        add = own_copy("_sg_answers.append(0)").body[0]
        assert isinstance(loop.body[1], ast.For) and isinstance(add, ast.Expr)
        assert isinstance(add.value, ast.Call)
        add.value.args = [value]
        loop.body[1].body = [*chosen, add]
        body = loop.body
    function = ast.FunctionDef(
        "_sg_ask",
        ast.arguments([], [ast.arg(n) for n in (first, *labels)], None, [], [], None, []),
        body, [],
    )  # fmt: skip
    for part in ast.walk(function):
        part.__dict__.setdefault("lineno", 1)
    return ast.fix_missing_locations(function)


def _of_one(argmax: ast.Call) -> bool:
    """True for an argmax over everything: the class of one image."""
    method = isinstance(argmax.func, ast.Attribute) and not (
        isinstance(argmax.func.value, ast.Name) and argmax.func.value.id in ("np", "numpy", "cp")
    )
    return not argmax.keywords and len(argmax.args) == (0 if method else 1)


def _head(value: ast.expr) -> str:
    return ast.unparse(value).split("\n")[0][:100]
