"""The one door to Python's parser: strangers' code, with bounds on its size and depth.

Nothing here raises for what a student wrote. A tree that comes out of here is never deeper than
`MAX_DEPTH`, so that whoever walks it may use recursion; it is shared by all who ask for the same
text, so that nobody may change it.
"""

from __future__ import annotations

import ast
import copy
import re
import threading
import warnings
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from graders.submission.magics import python_of
from graders.submission.text import has_many_marks

if TYPE_CHECKING:
    from graders.submission.model import Cell

MAX_DEPTH = 120
"""Levels of a statement's tree: ast.unparse takes three frames a level, copy.deepcopy four."""
MAX_TOKENS = 250_000
"""Words and signs of code in a submission: a tree takes about 1 kB for each."""
MAX_CHARACTERS = 1_000_000
"""Of code: texts and comments are few words, but are read, too."""

_TOKEN = re.compile(r"\w+|[^\w\s]")


def size_of(source: str) -> int:
    """How much there is to parse: the number of words and signs, about that of tokens.

    More than `MAX_TOKENS` for what can't be parsed in a time that grows with its length alone.
    """
    if len(source) > MAX_CHARACTERS or has_many_marks(source):
        return MAX_TOKENS + 1
    return sum(1 for _ in _TOKEN.finditer(source))


def parse(source: str) -> ast.Module | None:
    """The tree of Python code, not to be changed; None where it is none, or too much of it.

    A statement that is nested too deeply is left out, and its neighbours stay: see `deep_statements`.
    """
    return _trees.get(source).tree


def own_copy(source: str) -> ast.Module:
    """The tree of a text that was put together of a submission's parts, to be changed at will.

    Raises:
        RecursionError: what stands in it is nested too deeply, or is too much.
    """
    tree = parse(source)
    if tree is None or not tree.body:
        raise RecursionError("nested too deeply")
    return copy.deepcopy(tree)


def own_expression(source: str) -> ast.expr:
    """Likewise the tree of one expression. Raises RecursionError as `own_copy` does."""
    found = expression(source)
    if found is None:
        raise RecursionError("nested too deeply")
    return copy.deepcopy(found)


def expression(source: str) -> ast.expr | None:
    """The tree of one expression, not to be changed; None where it is none."""
    tree = parse(f"({source}\n)")
    if tree is None or len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
        return None
    return tree.body[0].value


def compiled(cell: Cell) -> ast.Module | None:
    """The cell's tree, magics and leading blanks allowed; None if it does not compile.

    It is shared, and not to be changed.
    """
    return _of_cell(cell.source).tree


def every_node(tree: ast.AST) -> tuple[ast.AST, ...]:
    """What `ast.walk` yields, kept as long as the tree: a definition is read for a dozen things.

    The tree must come from here, for these are not changed.
    """
    found = _nodes.get(tree)
    if found is None:
        # The tree itself, its first node, is left out of what is kept: it would keep itself.
        _nodes[tree] = found = tuple(ast.walk(tree))[1:]
    return (tree, *found)


_nodes: WeakKeyDictionary[ast.AST, tuple[ast.AST, ...]] = WeakKeyDictionary()


def deep_statements(source: str) -> tuple[ast.stmt, ...]:
    """A cell's statements that `compiled` leaves out: only for who walks without recursion."""
    return _of_cell(source).deep


def is_too_deep(source: str) -> bool:
    """True if something of a cell is nested too deeply to be looked at."""
    parsed = _of_cell(source)
    return parsed.refused or bool(parsed.deep)


@dataclass(frozen=True)
class _Parsed:
    tree: ast.Module | None = None
    deep: tuple[ast.stmt, ...] = ()
    refused: bool = False  # Python's own parser finds it nested too deeply


class _Trees:
    """The trees of the last texts, up to a size in all: a dozen readers ask for each."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._kept: OrderedDict[str, tuple[int, _Parsed]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, source: str) -> _Parsed:
        with self._lock:
            if source in self._kept:
                self._kept.move_to_end(source)
                return self._kept[source][1]
        size = size_of(source)
        parsed = _parsed(source) if size <= MAX_TOKENS else _Parsed()
        with self._lock:
            if source not in self._kept:
                self._kept[source] = size + _ENTRY, parsed
                self._left -= size + _ENTRY
            while self._left < 0 and len(self._kept) > 1:
                self._left += self._kept.popitem(last=False)[1][0]
        return parsed


_ENTRY = 50  # what an entry takes beside its tree, in tokens
_trees = _Trees(MAX_TOKENS)


def _of_cell(source: str) -> _Parsed:
    parsed = _trees.get(source)
    if parsed.tree is None and not parsed.refused and size_of(source) <= MAX_TOKENS:
        plain = python_of(source)
        if plain != source:
            return _trees.get(plain)
    return parsed


def _parsed(source: str) -> _Parsed:
    for _ in range(3):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # an invalid escape in the student's text
                tree = ast.parse(source)
        except SystemError:
            continue  # CPython 3.11 loses count of its depth when threads parse side by side
        except (RecursionError, MemoryError):
            return _Parsed(refused=True)
        except (SyntaxError, ValueError):
            return _Parsed()
        deep = {id(node): node for node in tree.body if _is_deep(node)}
        if deep:
            tree.body = [node for node in tree.body if id(node) not in deep]
        return _Parsed(tree, tuple(deep.values()))
    return _Parsed()


def _is_deep(node: ast.AST) -> bool:
    """Looked at level by level, without recursion."""
    level: list[ast.AST] = [node]
    for _ in range(MAX_DEPTH):
        level = [child for parent in level for child in ast.iter_child_nodes(parent)]
        if not level:
            return False
    return True
