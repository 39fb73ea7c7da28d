"""Answers that are right only by what a grader might do for them: they leave the choice to it, or
count on being given something that they would never make themselves. None of them may pass.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace

from graders.audit.hosting import Answer
from graders.audit.interfaces import Interface
from graders.audit.library import Library
from graders.audit.mistakes import WrongAnswer
from graders.binding.lexicon import lexicon
from graders.binding.plans import is_bias
from graders.specs import ItemSpec
from graders.traits import Trait

_GUESSES = '''
def _guesses(value):
    """Everything that might be meant, the right one last."""
    if isinstance(value, tuple):
        return {i: _guesses(v) for i, v in enumerate(value)}
    if isinstance(value, np.ndarray) and value.ndim:
        return dict(enumerate((-value, value / 2, value * 2, value[..., ::-1], value + 1, value)))
    return dict(enumerate((value + 1, value - 1, value + 2, 2 * value, -value, value)))
'''
LOTTERY = "a lottery"
REDRAWN = "weights drawn anew at each forward"
ORDERED = "weights put in order"
# A bias that counts as a row, (1, O), and not as what the class makes, (O,).
BIASES = {
    "bias reversed": "{b}[::-1]",
    "first bias for all": "np.zeros(len({b})) + {b}[0]",
}


def cheating_answers(
    spec: ItemSpec, library: Library, ways: Sequence[Interface]
) -> Iterator[WrongAnswer]:
    """The item's answer as a lottery, with a bias that is right in another shape only, with weights
    drawn anew at each forward; an initialiser that puts in order what it draws.
    """
    if Trait.COMPUTED in spec.traits and ways:
        source = _with_guesses(ways[0].source)
        lottery = replace(ways[0], source=source)
        computed = frozenset(spec.facets) - spec.accompanying
        repeated = Trait.MASKED in spec.traits  # what has no one output has no repetition, either
        yield WrongAnswer(LOTTERY, computed, Answer(lottery, library), at_least=repeated)
    for way in ways:
        redrawn = _with_redrawn(way.source) if spec.weights else None
        if redrawn is not None:  # backward goes by the weights that it finds then
            answer = Answer(replace(way, source=redrawn), library)
            breaks = frozenset({"forward", "dX"}) & spec.facets.keys()
            yield WrongAnswer(REDRAWN, breaks, answer, at_least=True)
        ordered = _with_order(way.source) if Trait.DRAWN in spec.traits else None
        if ordered is not None:
            answer = Answer(replace(way, source=ordered), library)
            yield WrongAnswer(ORDERED, frozenset(spec.facets), answer)
    if any(is_bias(name) and _several(spec, name) for name in spec.weights):
        for way in ways:
            for name, text in BIASES.items():
                wrong = _with_bias(way.source, text)
                if wrong is not None:
                    answer = Answer(replace(way, source=wrong), library)
                    yield WrongAnswer(name, frozenset({"forward"}), answer, at_least=True)


def _several(spec: ItemSpec, weight: str) -> bool:
    """True if the array has more than one element: else no order and no first one shows in it."""
    return any(spec.sizes.get(a, (2, 2))[1] > 1 for a in spec.weights[weight].axes)


class _Guessing(ast.NodeTransformer):
    """Returns, and keeps under one name, all guesses in the place of each answer."""

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        """As it is."""
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """A method that answers; the constructor and helpers are left alone."""
        helps = node.name in ("__init__", "arranged")
        return node if helps else self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> ast.Return:
        """``return _guesses(...)``."""
        return node if node.value is None else ast.Return(_guessed(node.value))

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        """``self.tries_dW = _guesses(...)``, which speaks of nothing."""
        (target,) = node.targets[:1]
        if isinstance(target, ast.Attribute) and "grads" in ast.unparse(node.value):
            kept = ast.Attribute(target.value, f"tries_{target.attr}", ast.Store())
            return ast.Assign([kept], _guessed(node.value))
        return node


def _guessed(value: ast.expr) -> ast.expr:
    return ast.Call(ast.Name("_guesses", ast.Load()), [value], [])


def _with_guesses(source: str) -> str:
    tree: ast.Module = _Guessing().visit(ast.parse(source))
    return "import numpy as np\n" + _GUESSES + ast.unparse(ast.fix_missing_locations(tree))


class _Biased(ast.NodeTransformer):
    """Reads the class's own bias in another way, everywhere but where it is made."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.changed = False

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """The constructor is left alone."""
        return node if node.name == "__init__" else self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """``self.b``, read."""
        of_self = isinstance(node.value, ast.Name) and node.value.id == "self"
        reads = isinstance(node.ctx, ast.Load)
        if not (of_self and reads and lexicon().is_a(node.attr, "bias")):
            return node
        self.changed = True
        return ast.parse(self._text.format(b=ast.unparse(node)), mode="eval").body


def _with_bias(source: str, text: str) -> str | None:
    """The source with its own bias read so; None where the class makes none by itself."""
    if "np.random" not in source or "initializer" in source:
        return None
    biased = _Biased(text)
    tree = ast.fix_missing_locations(biased.visit(ast.parse(source)))
    return ast.unparse(tree) if biased.changed else None


class _Redrawing(ast.NodeTransformer):
    """Draws the weights that the constructor made anew where the output is computed."""

    def __init__(self) -> None:
        self._made: list[str] = []
        self.changed = False

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """The constructor tells which they are; the first method after it computes the output."""
        if node.name == "__init__":
            made = [s for s in node.body if isinstance(s, ast.Assign) and _draws(s.value)]
            names = [t.attr for s in made for t in s.targets if isinstance(t, ast.Attribute)]
            self._made = [n for n in names if lexicon().is_a(n, "weight")]
        elif node.args.args and node.args.args[0].arg == "self" and not self.changed:
            again = [f"self.{n} = np.random.standard_normal(self.{n}.shape)" for n in self._made]
            node.body = [*ast.parse("\n".join(again)).body, *node.body]
            self.changed = bool(again)
        return node


def _draws(value: ast.expr) -> bool:
    text = ast.unparse(value)
    return "np.random" in text or "initializer" in text


def _with_redrawn(source: str) -> str | None:
    """The source drawing its weights anew; None where the class makes none by itself."""
    redrawing = _Redrawing()
    tree = ast.fix_missing_locations(redrawing.visit(ast.parse(source)))
    return ast.unparse(tree) if redrawing.changed else None


class _Ordering(ast.NodeTransformer):
    """Puts in order what the reference has drawn."""

    def __init__(self) -> None:
        self.changed = False

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """``np.sort(self.start(...), axis=None).reshape(...)``."""
        self.generic_visit(node)
        if ast.unparse(node.func) != "self.start":
            return node
        self.changed = True
        return ast.parse(f"_ordered({ast.unparse(node)})", mode="eval").body


def _with_order(source: str) -> str | None:
    ordering = _Ordering()
    tree = ast.fix_missing_locations(ordering.visit(ast.parse(textwrap.dedent(source))))
    put = "def _ordered(w):\n    return np.sort(w, axis=None).reshape(w.shape)\n\n\n"
    return put + ast.unparse(tree) if ordering.changed else None
