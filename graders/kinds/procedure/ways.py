"""How a plain function may be given a procedure's inputs: which parameter is what, laid out how.

Everything that a procedure needs comes as a parameter or as a module-level name that it reads.
"""

from __future__ import annotations

import ast
import builtins
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from graders.arrays import layouts
from graders.arrays.layouts import Layout
from graders.binding.definitions import Callable_, Definition
from graders.binding.lexicon import lexicon
from graders.cases import resolve
from graders.specs import ItemSpec, Pair
from graders.specs.tasks.procedure import pair_sizes

DEFAULT = ""  # the role of a parameter that is left alone
MAX_ASSIGNMENTS = 24
MAX_LAYOUTS = 150
CLASS_NUMBERS: Layout = ("class number",)  # in the place of one-hot rows


@dataclass(frozen=True)
class ProcedureCase:
    """Sizes, the inputs by role, and what each meaning makes of them, by facet.

    `one_step`: no result depends on another that may be wrong.
    """

    one_step: bool
    sizes: Mapping[str, int]
    inputs: Mapping[str, np.ndarray]
    expected: Sequence[Mapping[str, np.ndarray]]  # a meaning each
    functions: Mapping[str, str] = field(default_factory=dict)  # by role, as expressions

    @property
    def handed(self) -> list[Any]:
        """What a reference is called with: functions, then arrays of its own."""
        # Written by a reference of ours, or of the spec's author.
        made = [eval(text, {}) for text in self.functions.values()]
        return [*made, *self.inputs.values()]


@dataclass(frozen=True)
class Way:
    """One way to call a function: a role for each parameter and for each global, a layout for
    each array, and what that means for the sizes.
    """

    definition: Definition
    roles: tuple[str, ...]
    globals: Mapping[str, str]
    layouts: Mapping[str, Layout]
    fixed: Mapping[str, int] = field(default_factory=dict)
    ties: tuple[tuple[str, ...], ...] = ()

    @property
    def call(self) -> str:
        """The call in words."""
        return f"{self.definition.name}({', '.join(r for r in self.roles if r)})"


def draw(spec: ItemSpec, way: Way, rng: np.random.Generator, number: int = 0) -> ProcedureCase:
    """Random inputs of sizes that the way allows, as different from each other as can be had.

    The first case is a single step; each one after it leaves one more of its sizes free.
    """
    sizes = _sizes(spec, way, rng)
    for _ in range(20):
        if len(set(sizes.values())) == len(sizes):
            break
        sizes = _sizes(spec, way, rng)
    free = number % (len(spec.one_step) + 1)
    sizes |= dict(list(spec.one_step.items())[free:])
    sizes = spec.with_shapes(sizes)
    inputs = {}
    for role, argument in spec.arguments.items():
        shape = [sizes[a] for a in argument.axes]
        if argument.one_hot:
            inputs[role] = np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])]
        elif argument.mask:
            inputs[role] = _mask(shape, rng)
        elif argument.between is not None:
            inputs[role] = rng.uniform(*argument.between, size=shape)
        else:
            inputs[role] = rng.normal(size=shape)
    return _case(spec, sizes, inputs, free == 0, rng)


def _mask(shape: Sequence[int], rng: np.random.Generator) -> np.ndarray:
    """True and False; each row has both, so that it is a mask whichever of them hides."""
    mask = rng.random(shape) < 0.5
    for row in mask.reshape(-1, shape[-1]):
        shown, hidden = rng.choice(shape[-1], 2, replace=False)
        row[shown], row[hidden] = True, False
    return mask


def documented(spec: ItemSpec, pair: Pair) -> ProcedureCase:
    """The case of a documented pair."""
    inputs = {role: np.asarray(pair.given[role], dtype=float) for role in spec.arguments}
    return _case(spec, pair_sizes(spec, pair), inputs, False, np.random.default_rng(0))


def takes(way: Way, case: ProcedureCase) -> bool:
    """True if the way allows the sizes of the case."""
    fixed = all(case.sizes.get(name, size) == size for name, size in way.fixed.items())
    return fixed and all(len({case.sizes[name] for name in group}) == 1 for group in way.ties)


def _case(
    spec: ItemSpec,
    sizes: Mapping[str, int],
    inputs: Mapping[str, np.ndarray],
    one_step: bool,
    rng: np.random.Generator,
) -> ProcedureCase:
    first = next(iter(inputs.values()), np.zeros(0))
    functions = {role: resolve(name)(first, rng) for role, name in spec.functions.items()}
    case = ProcedureCase(one_step, sizes, inputs, (), functions)
    config = {name: formula(sizes) for name, formula in spec.config.items()}
    expected = []
    for meaning in spec.meanings:
        result = resolve(meaning.reference)(*case.handed, **config, **spec.numbers)
        parts = result if isinstance(result, tuple) else (result,)
        expected.append(dict(zip(meaning.results, map(np.asarray, parts), strict=True)))
    return replace(case, expected=expected)


def _sizes(spec: ItemSpec, way: Way, rng: np.random.Generator) -> dict[str, int]:
    sizes = {name: int(rng.integers(low, high + 1)) for name, (low, high) in spec.sizes.items()}
    for group in way.ties:
        sizes |= dict.fromkeys(group, sizes[group[0]])
    return sizes | dict(way.fixed)


def ways(
    spec: ItemSpec, definition: Definition, definitions: Sequence[Definition]
) -> Iterator[Way]:
    """The ways to call the function, the likeliest first."""
    target = definition.function
    assert target is not None
    free = read_names(definition, definitions)
    for roles in _assignments(spec, target):
        globals_ = _globals(spec, free, roles)
        given = {*roles, *globals_.values()}
        if not {*spec.arguments, *spec.functions} <= given:
            continue
        ties = tuple(axes for role, axes in spec.equal.items() if role in given)
        for chosen in _laid_out(spec):
            yield Way(definition, roles, globals_, chosen, _ones(spec, chosen, given), ties)


def widened(spec: ItemSpec, way: Way) -> Iterator[Way]:
    """The way for square images and filters alone, and for the course's own sizes alone."""
    if spec.natural:
        yield Way(way.definition, way.roles, way.globals, way.layouts, way.fixed,
                  tuple(spec.equal.values()))  # fmt: skip
        yield Way(way.definition, way.roles, way.globals, way.layouts,
                  {**way.fixed, **spec.natural})  # fmt: skip


def _ones(spec: ItemSpec, chosen: Mapping[str, Layout], given: set[str]) -> dict[str, int]:
    """Sizes that must be 1: axes that a layout leaves out, and sizes that the call can't tell."""
    told = {n for r in given if r in spec.roles for n in spec.roles[r].names}
    told |= {a for argument in spec.arguments.values() for a in argument.axes}
    ones = {name: 1 for name, (low, _) in spec.sizes.items() if low == 1 and name not in told}
    for role, layout in chosen.items():
        argument = spec.arguments[role]
        axes = argument.axes[:-1] if layout == CLASS_NUMBERS else argument.axes
        used = axes if layout == CLASS_NUMBERS else layouts.letters(layout)
        ones |= {a: 1 for a in axes if a not in used}
    return ones


def _laid_out(spec: ItemSpec) -> Iterator[dict[str, Layout]]:
    """A layout for each array: the likeliest together first."""
    options: list[list[Layout]] = []
    for argument in spec.arguments.values():
        numbers = [CLASS_NUMBERS] if argument.one_hot else []
        options.append([*argument.layouts, *numbers])
    places = sorted(itertools.product(*(range(len(o)) for o in options)), key=lambda p: (sum(p), p))
    for place in places[:MAX_LAYOUTS]:
        chosen = {
            role: option[i] for role, option, i in zip(spec.arguments, options, place, strict=True)
        }
        if _agree(spec, chosen):
            yield chosen


def _agree(spec: ItemSpec, chosen: Mapping[str, Layout]) -> bool:
    """True if an axis that one array leaves out is left out by all: one image has one label."""
    kept, left_out = set(), set()
    for role, layout in chosen.items():
        if layout != CLASS_NUMBERS:  # they have one axis less in any case
            axes = set(spec.arguments[role].axes)
            kept |= axes & set(layouts.letters(layout))
            left_out |= axes - set(layouts.letters(layout))
    return not kept & left_out


def laid_out(spec: ItemSpec, role: str, layout: Layout, array: np.ndarray) -> np.ndarray:
    """An input as the way wants it. ValueError if the layout leaves out an axis larger than 1."""
    if layout == CLASS_NUMBERS:
        return np.asarray(np.argmax(array, axis=-1))
    return layouts.apply(layout, array, spec.arguments[role].axes)


def _known(spec: ItemSpec, name: str) -> list[str]:
    """The roles of the item that the name may have."""
    wanted = {*spec.functions, *spec.arguments, *spec.roles, *spec.numbers}
    return [r for r in lexicon().roles(name) if r in wanted]


def _assignments(spec: ItemSpec, target: Callable_) -> Iterator[tuple[str, ...]]:
    """Roles for the parameters: by their names; those whose names say nothing, in every order."""
    options: list[list[str]] = []
    for parameter in target.parameters:
        named = _known(spec, parameter.name)
        if parameter.default is not None:
            options.append([*named, DEFAULT])
        else:
            every = [*spec.functions, *spec.arguments, *spec.roles, *spec.numbers]
            options.append(named or every)
    found = []
    for roles in itertools.islice(itertools.product(*options), 20_000):
        used = [r for r in roles if r != DEFAULT]
        if len(set(used)) == len(used):
            found.append(roles)
            if len(found) >= MAX_ASSIGNMENTS:
                break
    yield from found


def _globals(spec: ItemSpec, free: Sequence[str], roles: Sequence[str]) -> dict[str, str]:
    """Module-level names that stand for something which no parameter brings."""
    found: dict[str, str] = {}
    for name in free:
        role = next((r for r in _known(spec, name) if r not in roles), None)
        arrays = {r for r in found.values() if r in spec.arguments}
        if role is not None and role not in arrays:
            found[name] = role
    return found


def read_names(definition: Definition, definitions: Sequence[Definition]) -> list[str]:
    """Module-level names, other than functions, that a function reads, its helpers included."""
    functions = {d.name: d for d in definitions if d.function is not None}
    known = {d.name for d in definitions} | set(dir(builtins))
    read: dict[str, None] = {}
    waiting, seen = [definition], {definition.name}
    while waiting:
        function = waiting.pop().function
        assert function is not None
        for name in _free(function):
            if name in functions and name not in seen:
                seen.add(name)
                waiting.append(functions[name])
            elif name not in known:
                read[name] = None
    return list(read)


def _free(function: Callable_) -> list[str]:
    node = function.node
    declared = [n for part in ast.walk(node) if isinstance(part, ast.Global) for n in part.names]
    own = {p.arg for p in ast.walk(node.args) if isinstance(p, ast.arg)}
    names = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
    own |= {n.id for n in names if isinstance(n.ctx, ast.Store)}
    own -= {*declared}
    return [n for n in dict.fromkeys([*(n.id for n in names), *declared]) if n not in own]
