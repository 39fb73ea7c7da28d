"""Axes of sums and products, their order, shapes."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Collection, Iterator, Sequence

from graders.repair.spots import (
    Change,
    Spot,
    is_called,
    is_module,
    is_value,
    like,
    owner_of,
    whole_of,
    wholes_of,
)
from graders.submission.trees import last_name, number_of

_REDUCING = frozenset(
    "sum mean max min prod std var any all argmax argmin average median nansum cumsum".split()
)
_AXES: tuple[tuple[int, ...], ...] = (
    (0,), (1,), (2,), (3,), (0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3), (0, 1, 2), (0, 2, 3), (1, 2, 3), (0, 1, 3),
)  # fmt: skip


def axes_of_sum(spot: Spot) -> Iterator[Change]:
    """The axes of a sum, a mean, a maximum: one removed, one added, others."""
    node = spot.node
    if not isinstance(node, ast.Call) or last_name(node.func) not in _REDUCING:
        return
    place = 1 if isinstance(node.func, ast.Name) or is_module(owner_of(node)) else 0
    keyword = next((k for k in node.keywords if k.arg == "axis"), None)
    given = keyword.value if keyword else node.args[place] if len(node.args) > place else None
    if given is None:
        if place == 0 or node.args:
            for axes in _AXES:
                new = like(node, keywords=[*node.keywords, ast.keyword("axis", _axes(axes))])
                yield Change(new, f"+axis {axes}")
        return
    now = wholes_of(given.elts) if isinstance(given, ast.Tuple | ast.List) else wholes_of([given])
    if now is None:
        return
    near = sorted(_AXES, key=lambda axes: (len(set(axes) ^ set(now)), axes))
    for axes in near:
        if set(axes) != set(now):
            yield Change(_axes(axes), f"axis {now}->{axes}", given)
    if keyword is not None:
        yield Change(like(node, keywords=[k for k in node.keywords if k is not keyword]), "-axis")
    else:
        yield Change(like(node, args=node.args[:place]), "-axis")


def _axes(axes: Sequence[int]) -> ast.expr:
    if len(axes) == 1:
        return number_of(axes[0])
    return ast.Tuple([number_of(a) for a in axes], ast.Load())


def axis_elsewhere(spot: Spot) -> Iterator[Change]:
    """`axis=` of any other call, and `keepdims`."""
    node = spot.node
    if not isinstance(node, ast.Call):
        return
    for keyword in node.keywords:
        if keyword.arg == "axis" and last_name(node.func) not in _REDUCING:
            now = whole_of(keyword.value)
            for axis in (0, 1, 2, 3, -1) if now is not None else ():
                if axis != now:
                    yield Change(number_of(axis), f"axis {now}->{axis}", keyword.value)
    if last_name(node.func) in _REDUCING and any(k.arg == "axis" for k in node.keywords):
        kept = [k for k in node.keywords if k.arg != "keepdims"]
        if len(kept) == len(node.keywords):
            kept = [*kept, ast.keyword("keepdims", ast.Constant(True))]
        yield Change(like(node, keywords=kept), "keepdims", rank=1)


def permutation(spot: Spot) -> Iterator[Change]:
    """A literal order of axes: `transpose(0, 2, 1)` for `transpose(0, 1, 2)`."""
    node = spot.node
    if not isinstance(node, ast.Call):
        return
    if last_name(node.func) == "transpose":
        listed = node.args
        if len(listed) == (2 if is_module(owner_of(node)) else 1):
            whole = listed[-1]
            listed = whole.elts if isinstance(whole, ast.Tuple | ast.List) else []
        now = wholes_of(listed) or []
        if sorted(now) != list(range(len(now))) or not 1 < len(now) < 6:
            return
        others = [o for o in itertools.permutations(range(len(now))) if o != tuple(now)]
        others.sort(key=lambda order: (_moved(order, now), order))
        numbers = {id(part) for part in listed}
        for order in others:
            new = iter(map(number_of, order))
            yield Change(
                like(node, args=[_reordered(a, numbers, new) for a in node.args]),
                f"order {now}->{order}",
            )
    elif last_name(node.func) in ("swapaxes", "moveaxis", "rollaxis"):
        pair = node.args[-2:]
        now = wholes_of(pair) or []
        if len(now) < 2:
            return
        # Of two axes that change places, either may come first.
        turns = last_name(node.func) != "swapaxes"
        for other in itertools.permutations(range(4), 2):
            if list(other) != now and (turns or (set(other) != set(now) and other[0] < other[1])):
                axes = map(number_of, other)
                yield Change(like(node, args=[*node.args[:-2], *axes]), f"order {now}->{other}")


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
    if not isinstance(node, ast.Call) or last_name(node.func) != "reshape":
        return
    of_module = isinstance(node.func, ast.Attribute) and is_module(node.func.value)
    array = node.args[0] if of_module and node.args else owner_of(node)
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
        new = ast.Call(ast.Attribute(array, "transpose"), [number_of(n) for n in order], [])
        yield Change(new, f"reshape->transpose {order}")
    for order in orders:
        sizes = [listed[n] for n in order]
        made = ast.Call(ast.Attribute(array, "reshape"), sizes, [])
        if list(map(ast.dump, sizes)) != list(map(ast.dump, listed)):
            yield Change(made, f"reshape {order}")
    for order in orders:
        back = [order.index(n) for n in range(len(order))]
        made = ast.Call(ast.Attribute(array, "reshape"), [listed[n] for n in order], [])
        turned = ast.Call(ast.Attribute(made, "transpose"), [number_of(n) for n in back], [])
        yield Change(turned, f"reshape {order} and back", rank=1)


def transposition_removed(spot: Spot) -> Iterator[Change]:
    """`.T`, `transpose` or `swapaxes` too much."""
    node = spot.node
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield Change(node.value, "-T")
    if isinstance(node, ast.Call) and last_name(node.func) in ("transpose", "swapaxes", "moveaxis"):
        of_module = node.args and is_module(owner_of(node))
        yield Change(node.args[0] if of_module else owner_of(node), "-T")


def transposition_added(spot: Spot) -> Iterator[Change]:
    """A transposition that is missing: of a factor of a product first, then of any array."""
    node, parent = spot.node, spot.parent
    if not isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
        return
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load) or is_called(spot):
        return
    if isinstance(node, ast.Attribute) and node.attr in ("T", "shape"):
        return
    if isinstance(parent, ast.Attribute) or is_module(node):
        return
    if (isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.MatMult)) or (
        isinstance(parent, ast.Call) and last_name(parent.func) in ("dot", "matmul")
    ):
        yield Change(ast.Attribute(node, "T"), "+T")
    elif is_value(spot):
        yield Change(ast.Attribute(node, "T"), "+T", rank=1)
        for axes in ((0, 1), (0, 2), (1, 2), (1, 3), (2, 3), (0, 3)):
            called = ast.Call(ast.Attribute(node, "swapaxes"), list(map(number_of, axes)), [])
            yield Change(called, f"+swapaxes {axes}", rank=2)
