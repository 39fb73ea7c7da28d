"""The small edits that are tried: one function a kind of slip, in a table.

Each is given one spot of a function's tree and says what could stand there instead. What it says is
only tried: whether it repairs anything is for `search` to prove. Earlier ones are tried first; `rank`
0 exchanges what is there, 1 puts something small in, 2 makes up a term. A later rank is tried where
no earlier one repairs anything.
"""

from __future__ import annotations

import ast
import difflib
import itertools
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graders.messages import M
from graders.repair.model import Edit, Kind
from graders.repair.places import Function
from graders.submission.exchanging import Exchange, written


@dataclass(frozen=True)
class Spot:
    """A node of a statement, with what it stands in and where."""

    node: ast.AST
    parent: ast.AST | None
    statement: ast.stmt
    function: Function


@dataclass(frozen=True)
class Change:
    """What could stand in the place of a spot's node, or of another; `sign` tells twins."""

    new: ast.expr | str
    sign: str
    node: ast.AST | None = None
    rank: int = 0
    before: str = ""  # a line of its own, put in before the function's first statement


Rule = Callable[[Spot], Iterator[Change]]


def _like(node: Any, **fields: Any) -> Any:
    """A copy of a node with other fields; the tree itself is shared and never changed."""
    return type(node)(**{**{name: getattr(node, name) for name in node._fields}, **fields})


def _name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _number(value: int | float) -> ast.expr:
    """A number as Python reads it."""
    return ast.Constant(value) if value >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))


def _whole(node: ast.AST | None) -> int | None:
    """A literal whole number, or None."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _whole(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    return None


def _wholes(nodes: Sequence[ast.AST]) -> list[int] | None:
    found = [_whole(node) for node in nodes]
    return [n for n in found if n is not None] if found and None not in found else None


def _is_module(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "numpy", "cp", "math", "scipy")


# -- names ---------------------------------------------------------------------------------------


def _loaded(node: ast.AST) -> str:
    """The plain name that is read there; empty if it is none."""
    return node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) else ""


def _own_attribute(spot: Spot) -> str:
    """The attribute of the instance that is read there; empty if it is none."""
    node = spot.node
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        return node.attr if _is_own(node.value, spot.function) else ""
    return ""


def _is_own(node: ast.AST, function: Function) -> bool:
    return isinstance(node, ast.Name) and node.id == function.this != ""


def unknown_name(spot: Spot) -> Iterator[Change]:
    """A name that nothing binds, for the nearest one in scope: `daut` for `dout`."""
    function = spot.function
    name, attribute = _loaded(spot.node), _own_attribute(spot)
    mine = function.attributes | function.members
    local = [*function.parameters, *function.stored]
    near = [
        n for n in local if n != name and n.lower() == name.lower()
    ]  # X, though some x is known
    if near and name not in local:
        yield from (Change(ast.Name(other), "name") for other in near)
    elif name and name not in function.known:
        near = difflib.get_close_matches(name, local, 4, 0.3)
        near += difflib.get_close_matches(name, sorted(function.world.names), 2)
        for other in near:
            yield Change(ast.Name(other), "name")
    elif attribute and attribute not in mine:
        for other in difflib.get_close_matches(attribute, sorted(mine), 3):
            yield Change(_like(spot.node, attr=other), "name")


def missing_self(spot: Spot) -> Iterator[Change]:
    """`W` for `self.W`, and `self.x` for a local `x`."""
    function = spot.function
    name, attribute = _loaded(spot.node), _own_attribute(spot)
    if function.this and name in function.attributes | function.members:
        yield Change(ast.Attribute(ast.Name(function.this), name), "self")
    if attribute and attribute in (*function.parameters, *function.stored):
        yield Change(ast.Name(attribute), "no self")


def other_name(spot: Spot) -> Iterator[Change]:
    """Another local name or attribute for one of the same sort."""
    function = spot.function
    name, attribute = _loaded(spot.node), _own_attribute(spot)
    local = [*function.parameters, *function.stored]
    if _is_called(spot):
        return
    if name in local:
        for other in _nearest(name, local):
            yield Change(ast.Name(other), f"{name}->{other}", rank=1)
    elif attribute in function.attributes:
        for other in _nearest(attribute, sorted(function.attributes)):
            yield Change(_like(spot.node, attr=other), f"{attribute}->{other}", rank=1)


def _is_called(spot: Spot) -> bool:
    return isinstance(spot.parent, ast.Call) and spot.parent.func is spot.node


_NEIGHBOURS = 8


def _nearest(name: str, names: Collection[str]) -> list[str]:
    """Other names, the likest first."""
    others = [n for n in dict.fromkeys(names) if n not in (name, "_")]

    def unlike(other: str) -> float:
        return -difflib.SequenceMatcher(None, name.lower(), other.lower()).ratio()

    return sorted(others, key=lambda n: (unlike(n), n))[:_NEIGHBOURS]


# -- axes ----------------------------------------------------------------------------------------

_REDUCING = frozenset(
    "sum mean max min prod std var any all argmax argmin average median nansum cumsum".split()
)
_AXES: tuple[tuple[int, ...], ...] = (
    (0,), (1,), (2,), (3,), (0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3), (0, 1, 2), (0, 2, 3), (1, 2, 3), (0, 1, 3),
)  # fmt: skip


def axes_of_sum(spot: Spot) -> Iterator[Change]:
    """The axes of a sum, a mean, a maximum: one removed, one added, others."""
    node = spot.node
    if not isinstance(node, ast.Call) or _name_of(node.func) not in _REDUCING:
        return
    place = 1 if isinstance(node.func, ast.Name) or _is_module(_owner(node)) else 0
    keyword = next((k for k in node.keywords if k.arg == "axis"), None)
    given = keyword.value if keyword else node.args[place] if len(node.args) > place else None
    if given is None:
        if place == 0 or node.args:
            for axes in _AXES:
                new = _like(node, keywords=[*node.keywords, ast.keyword("axis", _axes(axes))])
                yield Change(new, f"+axis {axes}")
        return
    now = _wholes(given.elts) if isinstance(given, ast.Tuple | ast.List) else _wholes([given])
    if now is None:
        return
    near = sorted(_AXES, key=lambda axes: (len(set(axes) ^ set(now)), axes))
    for axes in near:
        if set(axes) != set(now):
            yield Change(_axes(axes), f"axis {now}->{axes}", given)
    if keyword is not None:
        yield Change(_like(node, keywords=[k for k in node.keywords if k is not keyword]), "-axis")
    else:
        yield Change(_like(node, args=node.args[:place]), "-axis")


def _owner(node: ast.Call) -> ast.expr:
    """What a method is called on, or the module of a function."""
    return node.func.value if isinstance(node.func, ast.Attribute) else node.func


def _axes(axes: Sequence[int]) -> ast.expr:
    if len(axes) == 1:
        return _number(axes[0])
    return ast.Tuple([_number(a) for a in axes], ast.Load())


def axis_elsewhere(spot: Spot) -> Iterator[Change]:
    """`axis=` of any other call, and `keepdims`."""
    node = spot.node
    if not isinstance(node, ast.Call):
        return
    for keyword in node.keywords:
        if keyword.arg == "axis" and _name_of(node.func) not in _REDUCING:
            now = _whole(keyword.value)
            for axis in (0, 1, 2, 3, -1) if now is not None else ():
                if axis != now:
                    yield Change(_number(axis), f"axis {now}->{axis}", keyword.value)
    if _name_of(node.func) in _REDUCING and any(k.arg == "axis" for k in node.keywords):
        kept = [k for k in node.keywords if k.arg != "keepdims"]
        if len(kept) == len(node.keywords):
            kept = [*kept, ast.keyword("keepdims", ast.Constant(True))]
        yield Change(_like(node, keywords=kept), "keepdims", rank=1)


def permutation(spot: Spot) -> Iterator[Change]:
    """A literal order of axes: `transpose(0, 2, 1)` for `transpose(0, 1, 2)`."""
    node = spot.node
    if not isinstance(node, ast.Call):
        return
    if _name_of(node.func) == "transpose":
        listed = node.args
        if len(listed) == (2 if _is_module(_owner(node)) else 1):
            whole = listed[-1]
            listed = whole.elts if isinstance(whole, ast.Tuple | ast.List) else []
        now = _wholes(listed) or []
        if sorted(now) != list(range(len(now))) or not 1 < len(now) < 6:
            return
        others = [o for o in itertools.permutations(range(len(now))) if o != tuple(now)]
        others.sort(key=lambda order: (_moved(order, now), order))
        numbers = {id(part) for part in listed}
        for order in others:
            new = iter(map(_number, order))
            yield Change(
                _like(node, args=[_reordered(a, numbers, new) for a in node.args]),
                f"order {now}->{order}",
            )
    elif _name_of(node.func) in ("swapaxes", "moveaxis", "rollaxis"):
        pair = node.args[-2:]
        now = _wholes(pair) or []
        if len(now) < 2:
            return
        # Of two axes that change places, either may come first.
        turns = _name_of(node.func) != "swapaxes"
        for other in itertools.permutations(range(4), 2):
            if list(other) != now and (turns or (set(other) != set(now) and other[0] < other[1])):
                axes = map(_number, other)
                yield Change(_like(node, args=[*node.args[:-2], *axes]), f"order {now}->{other}")


def _moved(order: Sequence[int], now: Sequence[int]) -> int:
    return sum(a != b for a, b in zip(order, now, strict=True))


def _reordered(node: ast.expr, numbers: Collection[int], new: Iterator[ast.expr]) -> ast.expr:
    if id(node) in numbers:
        return next(new)
    if isinstance(node, ast.Tuple | ast.List):
        elements = [_reordered(e, numbers, new) for e in node.elts]
        return ast.Tuple(elements, ast.Load()) if isinstance(node, ast.Tuple) else ast.List(elements, ast.Load())  # fmt: skip
    return node


def reshape_or_transpose(spot: Spot) -> Iterator[Change]:
    """`reshape` where a transposition is meant, and the sizes of a `reshape` in another order."""
    node = spot.node
    if not isinstance(node, ast.Call) or _name_of(node.func) != "reshape":
        return
    of_module = isinstance(node.func, ast.Attribute) and _is_module(node.func.value)
    array = node.args[0] if of_module and node.args else _owner(node)
    listed: list[ast.expr] = list(node.args[1:] if of_module else node.args)
    if len(listed) == 1 and isinstance(listed[0], ast.Tuple | ast.List):
        listed = listed[0].elts
    if len(listed) == 1:
        yield Change(ast.Attribute(array, "T"), "reshape->T", rank=1)
        return
    if not 2 <= len(listed) <= 5 or any(isinstance(a, ast.Starred) for a in listed):
        return
    orders = list(itertools.permutations(range(len(listed))))[1:]
    for order in orders:
        new = ast.Call(ast.Attribute(array, "transpose"), [_number(n) for n in order], [])
        yield Change(new, f"reshape->transpose {order}")
    for order in orders:
        sizes = [listed[n] for n in order]
        made = ast.Call(ast.Attribute(array, "reshape"), sizes, [])
        if list(map(ast.dump, sizes)) != list(map(ast.dump, listed)):
            yield Change(made, f"reshape {order}")
    for order in orders:
        back = [order.index(n) for n in range(len(order))]
        made = ast.Call(ast.Attribute(array, "reshape"), [listed[n] for n in order], [])
        turned = ast.Call(ast.Attribute(made, "transpose"), [_number(n) for n in back], [])
        yield Change(turned, f"reshape {order} and back", rank=1)


def transposition_removed(spot: Spot) -> Iterator[Change]:
    """`.T`, `transpose` or `swapaxes` too much."""
    node = spot.node
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield Change(node.value, "-T")
    if isinstance(node, ast.Call) and _name_of(node.func) in ("transpose", "swapaxes", "moveaxis"):
        of_module = node.args and _is_module(_owner(node))
        yield Change(node.args[0] if of_module else _owner(node), "-T")


def transposition_added(spot: Spot) -> Iterator[Change]:
    """A transposition that is missing: of a factor of a product first, then of any array."""
    node, parent = spot.node, spot.parent
    if not isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
        return
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load) or _is_called(spot):
        return
    if isinstance(node, ast.Attribute) and node.attr in ("T", "shape"):
        return
    if isinstance(parent, ast.Attribute) or _is_module(node):
        return
    if (isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.MatMult)) or (
        isinstance(parent, ast.Call) and _name_of(parent.func) in ("dot", "matmul")
    ):
        yield Change(ast.Attribute(node, "T"), "+T")
    elif _is_value(spot):
        yield Change(ast.Attribute(node, "T"), "+T", rank=1)
        for axes in ((0, 1), (0, 2), (1, 2), (1, 3), (2, 3), (0, 3)):
            called = ast.Call(ast.Attribute(node, "swapaxes"), list(map(_number, axes)), [])
            yield Change(called, f"+swapaxes {axes}", rank=2)


def _is_value(spot: Spot) -> bool:
    """True for what is assigned, returned, handed over or reckoned with."""
    parent = spot.parent
    if isinstance(parent, ast.Subscript):
        return parent.value is spot.node
    return isinstance(
        parent, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return | ast.Call | ast.BinOp | ast.Tuple | ast.Dict
    )  # fmt: skip


# -- reckoning -----------------------------------------------------------------------------------

_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Mult: (ast.Div, ast.Pow, ast.Add, ast.MatMult, ast.Sub, ast.FloorDiv),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult),
    ast.FloorDiv: (ast.Mod, ast.Div, ast.Mult),
    ast.Mod: (ast.FloorDiv,),
    ast.MatMult: (ast.Mult,),
    ast.Pow: (ast.Mult,),
}
_ONE_SIDED = (ast.Sub, ast.Div, ast.FloorDiv, ast.MatMult, ast.Pow, ast.Mod)


def operator(spot: Spot) -> Iterator[Change]:
    """`*` for `/`, `+` for `-`, and the two sides of a product or difference exchanged."""
    node = spot.node
    if not isinstance(node, ast.BinOp):
        return
    for other in _OPERATORS.get(type(node.op), ()):
        yield Change(
            ast.BinOp(node.left, other(), node.right), f"{type(node.op).__name__}->{other.__name__}"
        )
    if isinstance(node.op, _ONE_SIDED):
        yield Change(ast.BinOp(node.right, node.op, node.left), "sides")


_ASSIGNING: dict[type[ast.operator], tuple[str, ...]] = {
    ast.Add: ("=", "-="), ast.Sub: ("+=", "="), ast.Mult: ("/=", "="), ast.Div: ("*=", "="),
}  # fmt: skip


def assignment(spot: Spot) -> Iterator[Change]:
    """`=` for `+=`, `-=` for `+=`."""
    node = spot.node
    if isinstance(node, ast.AugAssign):
        target, value = ast.unparse(node.target), ast.unparse(node.value)
        for sign in _ASSIGNING.get(type(node.op), ()):
            yield Change(f"{target} {sign} {value}", f"{type(node.op).__name__}->{sign}")
    elif isinstance(node, ast.Assign) and len(node.targets) == 1:
        only = node.targets[0]
        if isinstance(only, ast.Subscript | ast.Attribute | ast.Name):
            for sign in ("+=", "*="):
                yield Change(f"{ast.unparse(only)} {sign} {ast.unparse(node.value)}", f"=->{sign}")


def growing(spot: Spot) -> Iterator[Change]:
    """An attribute that grows from call to call, for a fresh one in each."""
    node, function = spot.node, spot.function
    if not function.this or function.node.name == "__init__":
        return
    target = _grown(node)
    while isinstance(target, ast.Subscript):
        target = target.value
    if isinstance(target, ast.Attribute) and _is_own(target.value, function):
        name = ast.unparse(target)
        fresh = f"{name} = []" if isinstance(node, ast.Expr) else f"{name} = np.zeros_like({name})"
        yield Change("", "fresh", before=fresh)


def _grown(node: ast.AST) -> ast.expr | None:
    """What a statement adds something to."""
    if isinstance(node, ast.AugAssign):
        return node.target
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        return node.targets[0]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        called = node.value.func
        if isinstance(called, ast.Attribute) and called.attr in ("append", "extend"):
            return called.value
    return None


def sign_or_call_removed(spot: Spot) -> Iterator[Change]:
    """A minus too much, a `not` too much, a call around a value too much."""
    node = spot.node
    if isinstance(node, ast.UnaryOp) and not isinstance(node.operand, ast.Constant):
        yield Change(node.operand, f"-{type(node.op).__name__}")
    if isinstance(node, ast.Call) and node.args and not isinstance(spot.parent, ast.Expr):
        inner = node.args[-1]
        if not isinstance(inner, ast.Starred) and _name_of(node.func) not in ("range", "zip"):
            yield Change(inner, f"-{_name_of(node.func)}")
    if not isinstance(node, ast.Call) or isinstance(spot.parent, ast.Expr):
        return
    if _owner(node) is not node.func and not _is_module(_owner(node)):
        yield Change(_owner(node), f"-.{_name_of(node.func)}")


def term_removed(spot: Spot) -> Iterator[Change]:
    """A term or a factor too much."""
    node = spot.node
    if isinstance(node, ast.BinOp):
        yield Change(node.left, f"-right {type(node.op).__name__}")
        if isinstance(node.op, ast.Add | ast.Mult | ast.MatMult):
            yield Change(node.right, f"-left {type(node.op).__name__}")


_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt, ast.GtE), ast.LtE: (ast.Lt, ast.GtE, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt, ast.LtE), ast.GtE: (ast.Gt, ast.LtE, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
}  # fmt: skip


def comparison(spot: Spot) -> Iterator[Change]:
    """`<` for `<=`, `and` for `or`, a condition the wrong way round."""
    node = spot.node
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in _COMPARED.get(type(node.ops[0]), ()):
            new = ast.Compare(node.left, [other()], node.comparators)
            yield Change(new, f"{type(node.ops[0]).__name__}->{other.__name__}")
    elif isinstance(node, ast.BoolOp):
        other_op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield Change(ast.BoolOp(other_op, node.values), "and/or")
    elif isinstance(node, ast.IfExp):
        yield Change(ast.IfExp(node.test, node.orelse, node.body), "branches")
    tested = spot.parent.test if isinstance(spot.parent, ast.If | ast.While) else None
    if tested is node and not isinstance(tested, ast.UnaryOp | None):
        yield Change(ast.UnaryOp(ast.Not(), tested), "not", rank=1)


# -- sizes, bounds and indices -------------------------------------------------------------------


def number(spot: Spot) -> Iterator[Change]:
    """A number that is one too large or too small, an axis of a shape, a factor of two."""
    node = spot.node
    if not isinstance(node, ast.Constant) or isinstance(spot.statement, ast.FunctionDef):
        return
    value = node.value
    if isinstance(value, bool):
        yield Change(ast.Constant(not value), "bool")
    elif isinstance(value, int):
        shape = isinstance(spot.parent, ast.Subscript) and _name_of(spot.parent.value) == "shape"
        for other in dict.fromkeys([value - 1, value + 1, *((0, 1, 2, 3) if shape else ())]):
            if other != value:
                yield Change(_number(other), f"{other - value:+d}")
        if value not in (0, 1):
            yield Change(ast.Constant(1), "->1")
    elif isinstance(value, float):
        for by, other_value in (("/2", value / 2), ("*2", value * 2), ("->1", 1.0), ("->0", 0.0)):
            if other_value != value:
                yield Change(_number(other_value), by)


def bound(spot: Spot) -> Iterator[Change]:
    """The bound of a `range`: one more, one less, another size in scope."""
    node = spot.node
    if not (isinstance(node, ast.Call) and _name_of(node.func) == "range" and node.args):
        return
    last = node.args[min(len(node.args), 2) - 1]
    yield from _by_one(last)
    for size in _sizes(spot.function):
        if ast.dump(size) != ast.dump(last):
            yield Change(size, f"->{ast.unparse(size)}", last)
    if len(node.args) >= 2:
        yield from _by_one(node.args[0])
        turned = [*node.args[:-2], node.args[-1], node.args[-2]]
        yield Change(_like(node, args=turned), "turned")


def _by_one(node: ast.expr) -> Iterator[Change]:
    """One more and one less, where it is no number of its own; what was added is left out, too."""
    match node:
        case ast.BinOp(left=rest, op=ast.Add() | ast.Sub(), right=term) if _whole(term) is not None:
            yield Change(rest, "-term", node)
    if _whole(node) is None:
        for op, sign in ((ast.Sub(), "-1"), (ast.Add(), "+1")):
            yield Change(ast.BinOp(node, op, ast.Constant(1)), sign, node)


_MOST_SIZES = 8


def _sizes(function: Function) -> list[ast.expr]:
    """What stands for a size in a function: bounds of its other ranges, names taken of a shape."""
    found: dict[str, ast.expr] = {}

    def take(node: ast.expr) -> None:
        found.setdefault(ast.dump(node), node)

    for node in ast.walk(function.node):
        if isinstance(node, ast.Call) and _name_of(node.func) == "range" and node.args:
            take(node.args[min(len(node.args), 2) - 1])
        elif isinstance(node, ast.Assign) and "shape" in ast.unparse(node.value):
            targets = [t for target in node.targets for t in ast.walk(target)]
            for target in targets:
                if isinstance(target, ast.Name) and target.id != "_":
                    take(ast.Name(target.id))
    return list(found.values())[:_MOST_SIZES]


def index(spot: Spot) -> Iterator[Change]:
    """An index or the bound of a slice: one more, one less, left out; an axis turned round or not."""
    node = spot.node
    if not isinstance(node, ast.Subscript):
        return
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for place, part in enumerate(parts):
        if not isinstance(part, ast.Slice):
            if not isinstance(part, ast.Constant | ast.Tuple | ast.List | ast.UnaryOp):
                for change in _by_one(part):
                    yield Change(change.new, f"{place}{change.sign}", part)
            continue
        if part.lower is None and part.upper is None:
            step = part.step
            if step is not None:
                yield _slice(spot, node, place, ast.Slice(), "unstepped")
            else:
                turned = ast.Slice(step=ast.UnaryOp(ast.USub(), ast.Constant(1)))
                yield _slice(spot, node, place, turned, f"turned {place}")
        for name in ("lower", "upper"):
            value = getattr(part, name)
            if value is None:
                continue
            yield _slice(spot, node, place, _like(part, **{name: None}), f"-{name}")
            if _whole(value) is None:
                for change in _by_one(value):
                    yield Change(change.new, f"{name}{change.sign}", value)
        if part.step is None and (part.lower is not None) != (part.upper is not None):
            if part.lower is not None:
                yield _slice(spot, node, place, ast.Slice(upper=part.lower), "lower->upper")
            else:
                yield _slice(spot, node, place, ast.Slice(lower=part.upper), "upper->lower")


def _slice(spot: Spot, node: ast.Subscript, place: int, new: ast.Slice, sign: str) -> Change:
    if isinstance(node.slice, ast.Tuple):
        parts: list[ast.expr] = list(node.slice.elts)
        parts[place] = new
        return Change(_like(node, slice=ast.Tuple(parts, ast.Load())), sign)
    return Change(_like(node, slice=new), sign)


def rounding(spot: Spot) -> Iterator[Change]:
    """Rounded down where up is meant, and the other way."""
    node = spot.node
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv):
        inner = ast.BinOp(ast.UnaryOp(ast.USub(), node.left), ast.FloorDiv(), node.right)
        if not isinstance(spot.parent, ast.UnaryOp):
            yield Change(ast.UnaryOp(ast.USub(), inner), "up")
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        match node.operand:
            case ast.BinOp(
                left=ast.UnaryOp(op=ast.USub(), operand=whole), op=ast.FloorDiv(), right=by
            ):
                yield Change(ast.BinOp(whole, ast.FloorDiv(), by), "down")


# -- calls ---------------------------------------------------------------------------------------

_MOST_PERMUTED = 4


def arguments(spot: Spot) -> Iterator[Change]:
    """The arguments of a call in another order: of an own helper first."""
    node, function = spot.node, spot.function
    if not isinstance(node, ast.Call) or len(node.args) < 2 or _name_of(node.func) == "reshape":
        return
    if any(isinstance(a, ast.Starred) for a in node.args):
        return
    own = (isinstance(node.func, ast.Name) and node.func.id in function.world.functions) or (
        isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == function.this != ""
    )
    many = len(node.args)
    every = list(itertools.permutations(range(many))) if many <= _MOST_PERMUTED else []
    pairs = [o for o in every if sum(a != b for a, b in enumerate(o)) == 2]
    if not every:
        for one, other in itertools.combinations(range(many), 2):
            turned = list(range(many))
            turned[one], turned[other] = other, one
            pairs.append(tuple(turned))
    further = [o for o in every[1:] if o not in pairs] if own else []
    for order in [*pairs, *further]:
        shown = [node.args[n] for n in order]
        if list(map(ast.dump, shown)) != list(map(ast.dump, node.args)):
            yield Change(_like(node, args=shown), f"arguments {order}", rank=0 if own else 1)


_FUNCTIONS = (
    ("sum", "mean"), ("max", "min"), ("argmax", "argmin"), ("maximum", "minimum"), ("zeros", "ones"),
    ("zeros_like", "ones_like"), ("exp", "log"), ("floor", "ceil"), ("std", "var"), ("add", "subtract"),
    ("multiply", "divide"), ("dot", "multiply"), ("hstack", "vstack"), ("tanh", "sin"), ("cosh", "cos"), ("tanh", "cosh"),
    ("square", "sqrt"), ("add", "maximum"), ("max", "mean"), ("max", "sum"), ("flip", "fliplr"),
    ("flip", "flipud"), ("repeat", "tile"), ("empty", "zeros"), ("standard_normal", "random"),
)  # fmt: skip
_TURNS = {
    one: [b if one == a else a for a, b in _FUNCTIONS if one in (a, b)]
    for one in dict.fromkeys(name for pair in _FUNCTIONS for name in pair)
}


def other_function(spot: Spot) -> Iterator[Change]:
    """A function for its neighbour: `sum` for `mean`, `zeros` for `ones`."""
    node = spot.node
    if not isinstance(node, ast.Call):
        return
    for name in _TURNS.get(_name_of(node.func), ()):
        if isinstance(node.func, ast.Attribute):
            yield Change(_like(node, func=_like(node.func, attr=name)), f"->{name}")
        elif name in ("sum", "max", "min"):
            yield Change(_like(node, func=ast.Name(name)), f"->{name}")


def order_of_a_pair(spot: Spot) -> Iterator[Change]:
    """The two of a pair exchanged: (rows, columns) for (columns, rows)."""
    node = spot.node
    inside = isinstance(spot.parent, ast.Subscript)
    if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and not inside:
        for turned, sign in _turned(node.elts):
            yield Change(ast.Tuple(turned, ast.Load()), sign)
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
        for turned, sign in _turned(node.slice.elts):
            yield Change(_like(node, slice=ast.Tuple(turned, ast.Load())), sign, rank=1)


def _turned(nodes: Sequence[ast.expr]) -> Iterator[tuple[list[ast.expr], str]]:
    """The same with two of them exchanged."""
    for one, other in itertools.combinations(range(len(nodes)), 2):
        if ast.dump(nodes[one]) != ast.dump(nodes[other]):
            turned = list(nodes)
            turned[one], turned[other] = turned[other], turned[one]
            yield turned, f"pair {one}{other}"


# -- what is put in ------------------------------------------------------------------------------


def sign_added(spot: Spot) -> Iterator[Change]:
    """A minus that is missing, of what is assigned, returned or handed over."""
    node = spot.node
    none = isinstance(node, ast.UnaryOp | ast.Constant | ast.Tuple | ast.Dict | ast.keyword)
    if isinstance(node, ast.expr) and _is_whole_value(spot) and not none:
        yield Change(ast.UnaryOp(ast.USub(), node), "+USub", rank=1)


def _is_whole_value(spot: Spot) -> bool:
    """True for all that is assigned, returned or handed over at its place."""
    parent = spot.parent
    if isinstance(parent, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return):
        return parent.value is spot.node
    return isinstance(parent, ast.Call) and spot.node in parent.args


_WRAPPING = ("exp", "log", "sqrt", "abs", "tanh")


def call_added(spot: Spot) -> Iterator[Change]:
    """A function that is missing around a value."""
    node = spot.node
    if not isinstance(node, ast.expr) or not (
        _is_whole_value(spot) or isinstance(spot.parent, ast.BinOp)
    ):
        return
    if isinstance(node, ast.Constant | ast.Tuple | ast.Dict | ast.JoinedStr):
        return
    for name in _WRAPPING:
        called = ast.Call(ast.Attribute(ast.Name("np"), name), [node], [])
        yield Change(called, f"+{name}", rank=2)
    yield Change(ast.Call(ast.Attribute(node, "copy"), [], []), "+copy", rank=2)
    if isinstance(node, ast.Name | ast.Attribute):
        for axis in (0, 1, 2, 3):
            turned = ast.Call(ast.Attribute(ast.Name("np"), "flip"), [node, _number(axis)], [])
            yield Change(turned, f"+flip {axis}", rank=2)


_MOST_TERMS = 10


def term_added(spot: Spot) -> Iterator[Change]:
    """A term or a factor that is missing, of names in scope."""
    node, function = spot.node, spot.function
    if not isinstance(node, ast.expr) or isinstance(node, ast.Constant | ast.Tuple | ast.Dict):
        return
    if not (_is_whole_value(spot) or isinstance(spot.parent, ast.BinOp)) or _is_module(node):
        return
    names: list[ast.expr] = [ast.Name(n) for n in (*function.parameters, *function.stored)]
    names += [ast.Attribute(ast.Name(function.this), a) for a in sorted(function.attributes)]
    there = {_name_of(n) for n in ast.walk(spot.statement) if isinstance(n, ast.expr)}
    near = sorted(names, key=lambda n: _name_of(n) not in there)[:_MOST_TERMS]
    for other in (*near, ast.Constant(1), ast.Constant(2)):
        if ast.dump(other) == ast.dump(node):
            continue
        for op in (ast.Mult(), ast.Add(), ast.Sub(), ast.Div()):
            if isinstance(op, ast.Mult | ast.Div) and _whole(other) == 1:
                continue
            sign = f"{type(op).__name__} {ast.unparse(other)}"
            yield Change(ast.BinOp(node, op, other), sign, rank=2)


# -- statements ----------------------------------------------------------------------------------


def indentation(spot: Spot) -> Iterator[Change]:
    """The last statement of a block set in too far: a `return` inside the loop."""
    node = spot.node
    parent = spot.parent
    if not isinstance(node, ast.stmt) or node is not spot.statement:
        return
    if not isinstance(parent, ast.For | ast.While | ast.If | ast.With):
        return
    block = getattr(parent, "orelse", None) or parent.body
    alone = parent.lineno < node.lineno == node.end_lineno
    if len(block) > 1 and block[-1] is node and alone:
        yield Change("", f"out of {type(parent).__name__}")


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


# -- making edits --------------------------------------------------------------------------------


def edits_in(
    function: Function, statement: ast.stmt, around: ast.AST, rank: int, common: bool
) -> Iterator[Edit]:
    """Every edit of a rank of a statement itself, those inside it left out; `around`: what it stands in.

    `common`: those of the kinds that are met most, or all others.
    """
    spots = [Spot(n, p, statement, function) for n, p in _nodes(statement, around)]
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


_BLOCKS = ("body", "orelse", "finalbody", "handlers")


def _nodes(statement: ast.stmt, around: ast.AST) -> Iterator[tuple[ast.AST, ast.AST | None]]:
    yield statement, around
    for name, value in ast.iter_fields(statement):
        if name in (*_BLOCKS, "annotation", "returns", "decorator_list", "args"):
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.AST):
                yield from _inside(part, statement)


def _inside(node: ast.AST, parent: ast.AST) -> Iterator[tuple[ast.AST, ast.AST | None]]:
    if isinstance(node, ast.JoinedStr):
        return
    if hasattr(node, "lineno") and not isinstance(node, ast.Starred):
        yield node, parent
    for child in ast.iter_child_nodes(node):
        yield from _inside(child, node)


def statements_of(node: ast.FunctionDef) -> Iterator[tuple[ast.stmt, ast.AST]]:
    """Every statement of a function with what it stands in; no docstrings, no guards."""

    def inside(around: ast.AST) -> Iterator[tuple[ast.stmt, ast.AST]]:
        for block in _BLOCKS:
            for part in getattr(around, block, None) or ():
                if isinstance(part, ast.ExceptHandler):
                    yield from inside(part)
                    continue
                if not isinstance(part, ast.stmt):
                    continue
                if isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant):
                    continue
                if not isinstance(part, ast.Import | ast.ImportFrom | ast.Raise | ast.Pass):
                    yield part, around
                yield from inside(part)

    yield from inside(node)


def own_lines(statement: ast.stmt) -> range:
    """The lines of a statement itself, without those of the statements inside it."""
    inner = getattr(statement, "body", None)
    last = statement.end_lineno or statement.lineno
    if isinstance(inner, list) and inner:
        last = max(statement.lineno, inner[0].lineno - 1)
    return range(statement.lineno, last + 1)
