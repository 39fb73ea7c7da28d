"""What the source says of a parameter that may be an array: it is used, or passed, as one."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator

from graders.binding.callsites import CallSites
from graders.binding.definitions import Callable_, Definition
from graders.binding.lexicon import lexicon
from graders.submission.parsing import every_node, expression

_OF_ARRAYS = frozenset(
    "shape size ndim T copy reshape flatten ravel transpose swapaxes squeeze sum dot astype".split()
)
_TAKE_ARRAYS = frozenset(
    "len dot matmul einsum tensordot convolve correlate multiply flip asarray zeros_like".split()
)
_MAKE_ARRAYS = _OF_ARRAYS | frozenset(
    "array asarray arange ones zeros full linspace rand randn randint normal uniform".split()
)

_MADE_IN_SHAPE = frozenset({"zeros", "ones", "empty", "full"})
_GO_THROUGH = frozenset("tuple list zip prod max min sum enumerate map".split())


def used_as_array(definition: Definition, name: str) -> bool:
    """True if the class does with the constructor's parameter, or with the attribute that keeps
    it, what only an array allows: ``k.shape``, ``len(self.k)``, ``x @ self.k``, ``self.k[:, i]``.
    """
    return any(_as_array(node, is_it) for node, is_it in _uses(definition, name))


_A_FUNCTION = re.compile(r".+_(fn|func|function|callback|hook)s?", re.I)


def is_function(function: Callable_, name: str) -> bool:
    """True if the parameter is one, and no array: it is called, or named so, ``weight_init_fn``."""
    return _A_FUNCTION.fullmatch(name) is not None or any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
        for node in every_node(function.node)
    )


def made_by(constructor: Callable_, name: str) -> set[str]:
    """The attributes that are what a call of the parameter gives: ``self.W = weight_init_fn(a, b)``."""
    return _made_in(constructor.node, name)


def _made_in(function: ast.AST, name: str) -> set[str]:
    return {
        target.attr
        for node in every_node(function)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == name
        for target in node.targets
        if isinstance(target, ast.Attribute)
    }


def made_by_a_part(sites: CallSites, constructor: Callable_, name: str) -> set[str]:
    """The same of a parameter that is handed to a part of the layer, which calls it whatever it is."""
    return {
        attribute
        for part, own in sites.parts_given(constructor.node, name)
        if _does_nothing_but_call(part, own)
        for attribute in _made_in(part, own)
    }


def _does_nothing_but_call(function: ast.FunctionDef, name: str) -> bool:
    nodes = list(every_node(function))
    loads = [n for n in nodes if isinstance(n, ast.Name) and n.id == name]
    called = {id(n.func) for n in nodes if isinstance(n, ast.Call)}
    return bool(loads) and all(id(n) in called for n in loads)


def calls_kept(definition: Definition, name: str) -> bool:
    """True if the class calls what its constructor's parameter was kept as: ``self.function(x)``."""
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_it(node.func)
        for node, is_it in _uses(definition, name)
    )


def read_of(function: Callable_, name: str) -> set[str]:
    """The attributes that a function reads of its parameter, ``prev_layer.output``; none where it does
    anything else with it.
    """
    nodes = every_node(function.node)
    found = [
        node
        for node in nodes
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Load)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
    ]
    uses = sum(isinstance(node, ast.Name) and node.id == name for node in nodes)
    return {node.attr for node in found} if uses == len(found) else set()


def has_square_windows(*functions: Callable_ | None) -> bool:
    """True if a shape is unpacked into one name twice: ``f, f, n_c_prev, n_c = W.shape``."""
    for function in functions:
        for node in every_node(function.node) if function is not None else ():
            if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Attribute):
                continue
            for target in node.targets:
                if node.value.attr == "shape" and isinstance(target, ast.Tuple):
                    names = [e.id for e in target.elts if isinstance(e, ast.Name) and e.id != "_"]
                    if len(set(names)) < len(names):
                        return True
    return False


def keys_of(function: Callable_, name: str) -> tuple[str, ...]:
    """The keys that a function reads off its parameter, ``conv_param["stride"]``, ``.get("pad")``, or that one reads
    which it hands it on to; none where it does anything else with it but keep it.
    """
    keys = [k for one, own in _handed_on(function, name) for k in keys_of(one, own)]
    read: set[int] = set()
    for node in every_node(function.node):
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


def optional_keys(function: Callable_, name: str) -> frozenset[str]:
    """The keys of `keys_of` that a function can do without: read with a default, ``.get("eps", 1e-5)``, or only set."""
    needed = {
        key
        for one, own in _handed_on(function, name)
        for key in keys_of(one, own)
        if key not in optional_keys(one, own)
    }
    for node in every_node(function.node):
        match node:
            case ast.Subscript(
                value=ast.Name(id=found), slice=ast.Constant(value=str(key)), ctx=ast.Load()
            ) if found == name:
                needed.add(key)
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=found), attr="get"),
                args=[ast.Constant(value=str(key))],
            ) if found == name:
                needed.add(key)
    return frozenset(keys_of(function, name)) - needed


def _handed_on(function: Callable_, name: str) -> Iterator[tuple[Callable_, str]]:
    """The functions that a function hands its parameter on to, and what they call it."""
    for node in every_node(function.node):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        one = function.calls.get(node.func.id)
        if one is None:
            continue
        given = [*zip(one.names, node.args, strict=False)]
        given += [(k.arg, k.value) for k in node.keywords if k.arg in one.names]
        for own, value in given:
            if isinstance(value, ast.Name) and value.id == name:
                yield one, own


def entries_of(definition: Definition, name: str) -> int:
    """How many entries the class reads by number off a constructor's parameter, or off the
    attribute that keeps it: 4 for ``self.c_in = Filter[1]; self.f_w = Filter[3]``; else 0.
    """
    read = [0]
    for node, is_it in _uses(definition, name):
        if isinstance(node, ast.Subscript) and is_it(node.value):
            number = _number(node.slice)
            if number is not None:
                read.append(number + 1 if number >= 0 else -number)
    return max(read)


def unpacked(definition: Definition, name: str) -> int:
    """Into how many names the class takes apart a constructor's parameter, ``o, c, f = shape``, or
    the attribute that keeps it, ``o, c, f = self.shape``; else 0.
    """
    for node, is_it in _uses(definition, name):
        targets = node.targets if isinstance(node, ast.Assign) else []
        for target in (t for t in targets if isinstance(t, ast.Tuple | ast.List)):
            if isinstance(node, ast.Assign) and is_it(node.value):
                starred = any(isinstance(e, ast.Starred) for e in target.elts)
                return 0 if starred else len(target.elts)
    return 0


def several(definition: Definition, name: str) -> bool:
    """True if the class does with a constructor's parameter, or with what keeps it, what one
    number does not allow: it reads an entry by number, takes it apart, or goes through it,
    ``np.zeros((n, *size))``, ``for f in self.size``, ``np.prod(size)``.
    """
    return any(_as_several(node, is_it) for node, is_it in _uses(definition, name))


def several_in(function: Callable_, name: str) -> bool:
    """The same of a function's own parameter."""
    is_it = _names_it(_with_other_names(function.node, frozenset({name}), ()), ())
    return any(_as_several(node, is_it) for node in every_node(function.node))


def several_in_class(definition: Definition, method: Callable_, name: str) -> bool:
    """The same of a method's parameter, and of the attributes that it keeps it as, anywhere in the
    class and in what it is made from.
    """
    kept = kept_by(method, name)
    for other in definition.methods.values():
        own = frozenset({name} if other is method else ())
        is_it = _names_it(_with_other_names(other.node, own, kept), kept)
        if any(_as_several(node, is_it) for node in every_node(other.node)):
            return True
    return False


def several_kept(definition: Definition, attribute: str) -> bool:
    """The same of an attribute, in any method of the class."""
    kept = {attribute}
    for method in definition.methods.values():
        is_it = _names_it(_with_other_names(method.node, frozenset(), kept), kept)
        if any(_as_several(node, is_it) for node in every_node(method.node)):
            return True
    return False


def compared_with(definition: Definition, name: str) -> list[str]:
    """The words with which the class compares a constructor's parameter, or what keeps it, in their
    order: ``if self.kind == "dense"``.
    """
    found: list[str] = []
    for node, is_it in _uses(definition, name):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.In):
            sides = [node.left, *node.comparators]
            if any(map(is_it, sides)):
                parts = (part for side in sides for part in ast.walk(side))
                found += [
                    p.value
                    for p in parts
                    if isinstance(p, ast.Constant) and isinstance(p.value, str)
                ]
    return list(dict.fromkeys(found))


def _as_several(node: ast.AST, is_it: Callable[[ast.expr], bool]) -> bool:
    match node:
        case ast.Subscript(value=of, slice=place):
            return _number(place) is not None and is_it(of)
        case ast.Assign(targets=targets, value=of):
            return any(isinstance(t, ast.Tuple | ast.List) for t in targets) and is_it(of)
        case ast.Starred(value=of) | ast.For(iter=of) | ast.comprehension(iter=of):
            return is_it(of)
        case ast.Call(func=function, args=arguments):
            made = _last_name(function) in _MADE_IN_SHAPE  # of a number as well, but for the name
            if made and arguments and "shape" in _last_name(arguments[0]).lower():
                return is_it(arguments[0])
            return _last_name(function) in _GO_THROUGH and any(map(is_it, arguments))
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return (isinstance(left, ast.Tuple) and is_it(right)) or (
                isinstance(right, ast.Tuple) and is_it(left)
            )
    return False


def _number(node: ast.expr) -> int | None:
    """The whole number that an expression is: ``1``, ``-1``."""
    match node:
        case ast.Constant(value=int(number)):
            return int(number)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
            return -int(number)
    return None


def _uses(
    definition: Definition, name: str
) -> Iterator[tuple[ast.AST, Callable[[ast.expr], bool]]]:
    """Every node of the class, and what tells whether an expression in it is a parameter of the
    constructor: by its name there, by the attribute that keeps it, or by a name that a method
    gives either of them, ``k = self.kernel``.
    """
    constructor = definition.constructor
    if constructor is None:
        return
    kept = kept_by(constructor, name)
    for tree in _trees(definition):
        own = frozenset({name} if tree is constructor.node else ())
        is_it = _names_it(_with_other_names(tree, own, kept), kept)
        for node in every_node(tree):
            yield node, is_it


def _names_it(names: Collection[str], kept: Collection[str]) -> Callable[[ast.expr], bool]:
    """What tells whether an expression is one of these names, or of these attributes of self."""

    def is_it(node: ast.expr) -> bool:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            return node.value.id == "self" and node.attr in kept
        return isinstance(node, ast.Name) and node.id in names

    return is_it


def _with_other_names(
    tree: ast.AST, names: frozenset[str], kept: Collection[str]
) -> frozenset[str]:
    """The names, and those that a function gives them or the attributes, and nothing else."""
    is_it = _names_it(names, kept)
    given = Counter(
        target.id
        for node in every_node(tree)
        if isinstance(node, ast.Assign) and is_it(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    )
    stored = Counter(
        node.id
        for node in every_node(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    return names | {n for n, count in given.items() if stored[n] == count}


def _trees(definition: Definition) -> list[ast.AST]:
    constructor = definition.constructor
    trees = {id(m.node): m.node for m in definition.methods.values()}
    if constructor is not None:
        trees.setdefault(id(constructor.node), constructor.node)
    return list(trees.values())


def kept_in(method: Callable_, attribute: str) -> bool:
    """True if a method sets the attribute of its own object."""
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) == ("self", attribute)
        for node in every_node(method.node)
    )


def kept_by(constructor: Callable_, name: str) -> set[str]:
    """The attributes that are the parameter itself."""
    return {
        attribute
        for node in every_node(constructor.node)
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
        for node in every_node(tree)
    )


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
