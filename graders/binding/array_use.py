"""What the source says of a parameter that may be an array: it is used, or passed, as one."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from graders.binding.callsites import CallSites
from graders.binding.definitions import Callable_, Definition
from graders.binding.lexicon import lexicon
from graders.submission.parsing import expression

_OF_ARRAYS = frozenset(
    "shape size ndim T copy reshape flatten ravel transpose swapaxes squeeze sum dot astype".split()
)
_TAKE_ARRAYS = frozenset(
    "len dot matmul einsum tensordot convolve correlate multiply flip asarray zeros_like".split()
)
_MAKE_ARRAYS = _OF_ARRAYS | frozenset(
    "array asarray arange ones zeros full linspace rand randn randint normal uniform".split()
)


def used_as_array(definition: Definition, name: str) -> bool:
    """True if the class does with the constructor's parameter, or with the attribute that keeps
    it, what only an array allows: ``k.shape``, ``len(self.k)``, ``x @ self.k``, ``self.k[:, i]``.
    """
    constructor = definition.constructor
    if constructor is None:
        return False
    kept = _kept(constructor, name)
    inside = set(map(id, ast.walk(constructor.node)))

    def is_it(node: ast.expr) -> bool:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            return node.value.id == "self" and node.attr in kept
        return isinstance(node, ast.Name) and node.id == name and id(node) in inside

    trees = [constructor.node, *(m.node for m in definition.methods.values())]
    return any(_as_array(node, is_it) for tree in trees for node in ast.walk(tree))


_A_FUNCTION = re.compile(r".+_(fn|func|function|callback|hook)s?", re.I)


def is_called(function: Callable_, name: str) -> bool:
    """True if the function calls its parameter or hands on what is named as one that is called,
    ``weight_init_fn``; then it is no array.
    """
    return _A_FUNCTION.fullmatch(name) is not None or any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
        for node in ast.walk(function.node)
    )


def has_square_windows(*functions: Callable_ | None) -> bool:
    """True if a shape is unpacked into one name twice: ``f, f, n_c_prev, n_c = W.shape``."""
    for function in functions:
        for node in ast.walk(function.node) if function is not None else ():
            if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Attribute):
                continue
            for target in node.targets:
                if node.value.attr == "shape" and isinstance(target, ast.Tuple):
                    names = [e.id for e in target.elts if isinstance(e, ast.Name) and e.id != "_"]
                    if len(set(names)) < len(names):
                        return True
    return False


def keys_of(function: Callable_, name: str) -> tuple[str, ...]:
    """The keys that a function reads off its parameter, ``conv_param["stride"]``, ``.get("pad")``;
    none where it does anything else with it but keep it.
    """
    keys: list[str] = []
    read: set[int] = set()
    for node in ast.walk(function.node):
        match node:
            case ast.Subscript(value=ast.Name(id=found) as of, slice=ast.Constant(value=str(key))):
                mine = found == name
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=found) as of, attr="get"),
                args=[ast.Constant(value=str(key)), *_],
            ):
                mine = found == name
            case ast.Attribute(value=ast.Name(id=found)) | ast.Subscript(value=ast.Name(id=found)):
                if found == name and id(node.value) not in read:
                    return ()
                continue
            case _:
                continue
        if mine:
            read.add(id(of))
            keys.append(key)
    return tuple(dict.fromkeys(keys))


def entries_of(definition: Definition, name: str) -> int:
    """How many entries the class reads by number off a constructor's parameter, or off the
    attribute that keeps it: 4 for ``self.c_in = Filter[1]; self.f_w = Filter[3]``; else 0.
    """
    constructor = definition.constructor
    if constructor is None:
        return 0
    kept = _kept(constructor, name)
    inside = set(map(id, ast.walk(constructor.node)))
    trees = [constructor.node, *(m.node for m in definition.methods.values())]
    read = [0]
    for node in (n for tree in trees for n in ast.walk(tree)):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            of, number = node.value, node.slice.value
            attribute = isinstance(of, ast.Attribute) and of.attr in kept
            if isinstance(number, int) and (
                attribute or (isinstance(of, ast.Name) and of.id == name and id(of) in inside)
            ):
                read.append(number + 1)
    return max(read)


def unpacked(definition: Definition, name: str) -> int:
    """Into how many names the class takes apart a constructor's parameter, ``o, c, f = shape``, or
    the attribute that keeps it, ``o, c, f = self.shape``; else 0.
    """
    constructor = definition.constructor
    if constructor is None:
        return 0
    kept = _kept(constructor, name)
    inside = set(map(id, ast.walk(constructor.node)))
    trees = [constructor.node, *(m.node for m in definition.methods.values())]
    for node in (n for tree in trees for n in ast.walk(tree)):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple | ast.List):
            of, target = node.value, node.targets[0]
            parameter = isinstance(of, ast.Name) and of.id == name and id(of) in inside
            if parameter or (isinstance(of, ast.Attribute) and of.attr in kept):
                starred = any(isinstance(e, ast.Starred) for e in target.elts)
                return 0 if starred else len(target.elts)
    return 0


def _kept(constructor: Callable_, name: str) -> set[str]:
    """The attributes that are the parameter itself."""
    return {
        attribute
        for node in ast.walk(constructor.node)
        if isinstance(node, ast.Assign)
        for target in node.targets
        for attribute in _attributes_given(target, node.value, name)
    }


def _attributes_given(target: ast.expr, value: ast.expr, name: str) -> set[str]:
    """Attributes that an assignment gives the parameter: ``self.w, self.b = k, bias``."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        pairs = zip(target.elts, value.elts, strict=False)
        return {found for t, v in pairs for found in _attributes_given(t, v, name)}
    same = isinstance(value, ast.Name) and value.id == name
    return {target.attr} if same and isinstance(target, ast.Attribute) else set()


def _as_array(node: ast.AST, is_it: Callable[[ast.expr], bool]) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in _OF_ARRAYS and is_it(node.value)
    if isinstance(node, ast.Subscript):  # ``size[0]`` may be one of a pair
        return not isinstance(node.slice, ast.Constant) and is_it(node.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        return is_it(node.left) or is_it(node.right)
    if isinstance(node, ast.Call):
        return _last_name(node.func) in _TAKE_ARRAYS and any(map(is_it, node.args))
    return False


def passed_as_array(sites: CallSites, definition: Definition, name: str) -> bool:
    """True if the notebook's own call passes what is an array by its source or its name:
    ``Conv1d(np.array([3.0, 5.0]), b)``, ``Conv1d(w, b)``.
    """
    source = sites.expression(definition, definition.constructor, name)
    if source is None:
        return False
    tree = expression(source)
    if tree is None:
        return False
    if isinstance(tree, ast.Name | ast.Attribute):
        roles = lexicon().roles(_last_name(tree))
        return roles[:1] == ["weight"]
    return isinstance(tree, ast.List) or any(
        isinstance(node, ast.Call) and _last_name(node.func) in _MAKE_ARRAYS
        for node in ast.walk(tree)
    )


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
