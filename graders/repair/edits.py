"""The small edits that are tried: one function a kind of slip, in a table.

Each is given one spot of a function's tree and says what could stand there instead. What it says is
only tried: whether it repairs anything is for `search` to prove. Earlier ones are tried first; `rank`
0 exchanges what is there, 1 puts something small in, 2 makes up a term. A later rank is tried where
no earlier one repairs anything.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from graders.edits.model import Edit, Kind
from graders.edits.places import Function
from graders.messages import M
from graders.repair.rules.additions import call_added, sign_added, term_added
from graders.repair.rules.axes import (
    axes_of_sum,
    axis_elsewhere,
    permutation,
    reshape_or_transpose,
    transposition_added,
    transposition_removed,
)
from graders.repair.rules.bounds import bound, index, number, rounding
from graders.repair.rules.calls import arguments, order_of_a_pair, other_function
from graders.repair.rules.names import missing_self, other_name, unknown_name
from graders.repair.rules.reckoning import (
    assignment,
    comparison,
    growing,
    operator,
    sign_or_call_removed,
    term_removed,
)
from graders.repair.rules.statements import indentation
from graders.repair.spots import (
    Change,
    Rule,
    Spot,
)
from graders.repair.statements import nodes_of
from graders.submission.exchanging import Exchange, written

KINDS: tuple[tuple[Kind, Rule], ...] = (
    (Kind("unknown-name", M("a name that nothing defines")), unknown_name),
    (Kind("self", M("`self.`, which is missing or too much")), missing_self),
    (Kind("assignment", M("`=` or `+=`")), assignment),
    (Kind("axes", M("the axes that are added up over")), axes_of_sum),
    (Kind("axis", M("the axis")), axis_elsewhere),
    (Kind("permutation", M("the order of the axes")), permutation),
    (Kind("transposition", M("a transposition")), transposition_removed),
    (Kind("transposition", M("a transposition")), transposition_added),
    (Kind("operator", M("an operator, or its two sides")), operator),
    (Kind("comparison", M("a comparison or condition")), comparison),
    (Kind("bound", M("the bound of a range")), bound),
    (Kind("index", M("an index or a slice")), index),
    (Kind("number", M("a number")), number),
    (Kind("arguments", M("the order of the arguments")), arguments),
    (Kind("function", M("the function that is called")), other_function),
    (Kind("fresh", M("what is kept from the call before")), growing),
    (Kind("indentation", M("how far the line is set in")), indentation),
    (Kind("reshape", M("`reshape` or `transpose`")), reshape_or_transpose),
    (Kind("pair", M("the order of the sizes")), order_of_a_pair),
    (Kind("rounding", M("rounding up or down")), rounding),
    (Kind("sign", M("a sign or a call too much")), sign_or_call_removed),
    (Kind("term", M("a term or factor too much")), term_removed),
    (Kind("name", M("the name that is used")), other_name),
    (Kind("minus", M("a minus that is missing")), sign_added),
    (Kind("missing-call", M("a function that is missing")), call_added),
    (Kind("missing-term", M("a term or factor that is missing")), term_added),
)  # fmt: skip
"""Every edit: the kind of slip, as the sentences name it, and what it tries."""


def edits_in(
    function: Function, statement: ast.stmt, around: ast.AST, rank: int, common: bool
) -> Iterator[Edit]:
    """Every edit of a rank of a statement itself, those inside it left out; `around`: what it stands in.

    `common`: those of the kinds that are met most, or all others.
    """
    spots = [Spot(n, p, statement, function) for n, p in nodes_of(statement, around)]
    seen: set[tuple[Exchange, ...]] = set()
    for kind, rule in KINDS:
        if rank not in _RANKED.get(rule, (0,)) or (kind.id in _COMMON) != common:
            continue
        for spot in spots:
            for change in rule(spot):
                for edit in _made(kind, spot, change) if change.rank == rank else ():
                    if edit.exchanges not in seen:
                        seen.add(edit.exchanges)
                        yield edit


RANKS = (0, 1, 2)
_COMMON = frozenset(
    "unknown-name self assignment axes permutation transposition operator comparison bound arguments fresh "
    "indentation name".split()
)
_RANKED: dict[Rule, tuple[int, ...]] = {
    other_name: (1,), sign_added: (1,), call_added: (2,), term_added: (2,), arguments: (0, 1),
    transposition_added: RANKS, comparison: (0, 1), reshape_or_transpose: (0, 1), axis_elsewhere: (0, 1), order_of_a_pair: (0, 1),
}  # fmt: skip


def _made(kind: Kind, spot: Spot, change: Change) -> Iterator[Edit]:
    function, node = spot.function, change.node or spot.node
    line: int = node.lineno  # type: ignore[attr-defined]
    if change.before:
        first = _first_statement(function.node)
        start = function.text.at(first.lineno, first.col_offset)
        blanks = function.text.blanks(first.lineno)
        exchanges = (Exchange(start, start, f"{change.before}\n{blanks}"),)
    elif kind.id == "indentation":
        assert isinstance(spot.parent, ast.stmt)
        start = function.text.at(line)
        blanks = function.text.blanks(spot.parent.lineno)
        exchanges = (Exchange(start, function.text.at(line, spot.statement.col_offset), blanks),)
    else:
        new = change.new
        try:
            text = new if isinstance(new, str) else written(new, _parent(spot, node))
        except (ValueError, RecursionError):
            return
        exchanges = (function.text.exchange(node, text),)
    yield Edit(kind, function, line, exchanges, f"{kind.id} {change.sign}", change.rank)


def _parent(spot: Spot, node: ast.AST) -> ast.AST | None:
    """What a node stands in; of another than the spot's own, which stands in a call or an index, none
    takes it apart.
    """
    return spot.parent if node is spot.node else None


def _first_statement(node: ast.FunctionDef) -> ast.stmt:
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return node.body[1] if documented and len(node.body) > 1 else first
