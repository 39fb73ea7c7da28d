"""The ways to construct a class and to call its methods: which parameter gets what."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from functools import cached_property

from graders.binding.array_use import (
    entries_of,
    is_function,
    kept_in,
    keys_of,
    made_by,
    made_by_a_part,
    optional_keys,
    passed_as_array,
    read_of,
    several,
    several_in,
    unpacked,
    used_as_array,
)
from graders.binding.callsites import CallSites
from graders.binding.definitions import Callable_, Definition, Parameter
from graders.binding.filled import LIST, called_on, filled, unread
from graders.binding.inner_activation import is_activation, is_affine
from graders.binding.keeping import roles_for
from graders.binding.lexicon import lexicon
from graders.binding.mode_names import mode_words, takes_word
from graders.binding.plans import Argument, Call, is_bias, role_of, sides_of
from graders.binding.training_flag import is_flag
from graders.binding.worded import asks_for_shape, is_pair, is_text, literal_value, worded
from graders.formulas import Formula
from graders.specs import ItemSpec

PROVIDED = ("initializer", "optimizer", "activation", "lr", "sigma")
_INPUT_SHAPE = re.compile(r"(in(put)?s?|x|im(age|g)|sample|prev(ious)?)_?(shape|dims?|size)", re.I)
_SHAPE_WORDS = ("shape", "size", "dim", "info")
_STEPS = ("stride", "padding", "dilation")
MAX_READINGS = 16
MAX_ENTRIES = 8  # ways to read parameters of several entries


def _apart(arguments: Sequence[Argument]) -> bool:
    """False where two parameters are the same pair."""
    pairs = [a.text for a in arguments if a.kind == "pair"]
    return len(pairs) == len(set(pairs))


class Construction:
    """What the parameters of one class may get, for one item."""

    def __init__(
        self, sites: CallSites, spec: ItemSpec, definition: Definition, as_image: bool = False
    ) -> None:
        self._sites, self._spec, self._definition = sites, spec, definition
        self._as_image = as_image  # a 1-D layer over images that are one pixel high
        self._arrays = {role_of(name) for name in spec.weights}
        self._in_forward = False
        self._pairs_of_forward: dict[str, str | None] = {}
        self._filled_by_forward: set[str] = set()

    @cached_property
    def affine(self) -> bool:
        """True if the item has no activation inside that it could be handed."""
        return not self._spec.weights or is_affine(self._spec)

    # -- the constructor -----------------------------------------------------------------

    def ways(self) -> Iterator[tuple[Argument, ...]]:
        """The constructor's arguments, likeliest first."""
        seen = set()
        for way in self._ways():
            if way not in seen:
                seen.add(way)
                yield way

    def _ways(self) -> Iterator[tuple[Argument, ...]]:
        constructor = self._definition.constructor
        if constructor is None:
            yield ()
            return
        if handed := self._definition.handed:
            yield tuple(Argument(p, "expression", source) for p, source in handed.items())
            return
        # A layer without weights has nothing to initialise or update.
        allowed = {*(PROVIDED if self._spec.weights else ()), *self._spec.roles, *self._arrays}
        base = self._arguments(constructor, allowed, set())
        if any(a.kind == "initializer" for a in base):  # then the weights are made inside
            allowed -= self._arrays
            base = self._arguments(constructor, allowed, set())
        base = self._with_own_activation(constructor, base)
        for way in worded(self._spec, self._definition, constructor, base):
            yield way
            yield from itertools.islice(self._paired(way), 1)
        yield from self._by_entries(base)
        yield from self._shaped(base, unpacked_only=True)
        yield from self._used_arrays(base, passed_too=True)
        arrays = self._arrays_by_other_names(constructor, base)
        yield from (way for way, likely in arrays if likely)
        # Another reading of the names is better evidence if it tells more of the weight's shape.
        known = self._covered(base)
        for reading in self._readings(constructor, allowed):
            if self._covered(reading) > known:
                yield reading
                yield from self._paired(reading)
        own: list[list[Argument | None]] = []
        for argument in base:
            options: list[Argument | None] = [argument]
            if argument.kind in ("initializer", "optimizer", "activation"):
                source = self._sites.expression(self._definition, constructor, argument.parameter)
                if source is not None:
                    options.append(
                        Argument(argument.parameter, "expression", source, argument.keyword)
                    )
                if argument.keyword:
                    options.append(None)
            elif is_activation(argument) and not self.affine:  # it may come after the layer
                options.append(replace(argument, kind="activation", text=""))
            own.append(options)
        combos = sorted(itertools.product(*(range(len(o)) for o in own)), key=lambda c: (sum(c), c))
        for combo in combos[:6]:
            chosen = [own[i][c] for i, c in enumerate(combo)]
            yield tuple(a for a in chosen if a is not None)
        yield from (way for way, likely in arrays if not likely)
        yield from self._used_arrays(base)
        yield from self._paired(base)
        yield from self._shaped(base)
        yield from self._guessed(base)
        # As the notebook itself constructs it, where the names say nothing.
        literal = self._literal(constructor)
        if literal is not None:
            yield literal

    def _with_own_activation(self, constructor: Callable_, base: list[Argument]) -> list[Argument]:
        """The notebook's own activation in the place of the stub, where the item has one inside."""
        found = []
        for argument in base:
            source = None
            if argument.kind == "activation" and not self.affine:
                source = self._sites.expression(self._definition, constructor, argument.parameter)
            found.append(replace(argument, kind="expression", text=source) if source else argument)
        return found

    def _arrays_by_other_names(
        self, constructor: Callable_, base: Sequence[Argument]
    ) -> list[tuple[tuple[Argument, ...], bool]]:
        """The weight under a name that says a size or nothing, ``Conv1d(k, bias)``, where the bias
        is passed and the weight is the one array that is not; and whether the source bears it out.
        """
        kinds = {a.kind for a in base}
        missing = [n for n in self._spec.weights if role_of(n) not in kinds]
        if len(missing) != 1 or is_bias(missing[0]) or not kinds & self._arrays:
            return []
        if "initializer" in kinds:
            return []
        numbers = {p.name for p in constructor.parameters if literal_value(p.default) is not None}
        axes = set(self._spec.weights[missing[0]].axes)
        found = []
        for place, argument in enumerate(base):
            size = argument.kind == "size" and self._spec.roles[argument.text].names & axes
            unknown = argument.kind in ("value", "expression")
            name = argument.parameter
            if name in numbers or not (size or unknown):
                continue
            likely = used_as_array(self._definition, name) or passed_as_array(
                self._sites, self._definition, name
            )
            array = replace(argument, kind=role_of(missing[0]), text="")
            found.append(((*base[:place], array, *base[place + 1 :]), likely))
        return found

    def _used_arrays(
        self, base: Sequence[Argument], passed_too: bool = False
    ) -> Iterator[tuple[Argument, ...]]:
        """Weight and bias where the source uses a parameter as an array, whatever it is called and
        whatever else is passed: ``Conv2d(F, stride)``, ``Conv2d(w, b, initializer)``; `passed_too`:
        only if the notebook's own call passes an array for one of them, too.
        """
        found = list(base)
        kinds = {a.kind for a in base}
        for place, argument in enumerate(base):
            if argument.kind not in ("size", "value", "expression"):
                continue
            free = [r for n in self._spec.weights if (r := role_of(n)) not in kinds]
            named = [r for r in roles_for(self._spec, argument.parameter) if r in free]
            likely = [*named, *(r for r in free if r != "bias")][:1]
            if likely and used_as_array(self._definition, argument.parameter):
                found[place] = replace(argument, kind=likely[0], text="")
                kinds.add(likely[0])
        changed = [a.parameter for a, old in zip(found, base, strict=True) if a != old]
        passed = (passed_as_array(self._sites, self._definition, name) for name in changed)
        if changed and (not passed_too or any(passed)):
            yield tuple(found)

    def _covered(self, arguments: Sequence[Argument]) -> int:
        """How many axes of the weight the class is told; all where it is given the array alone."""
        first = next(iter(self._spec.weights), None)
        if first is None:
            return len({a.text for a in arguments if a.kind in ("size", "pair")})
        axes = set(self._spec.weights[first].axes)
        told: set[str] = set()
        for argument in arguments:
            if argument.kind in ("size", "pair"):
                told |= self._spec.roles[argument.text].names & axes
            if argument.kind == "pair":
                told |= axes & {n for r in self._sides(argument.text) for n in r.names}
        given = any(a.kind == role_of(first) for a in arguments)
        return len(axes) if given and not told else len(told)

    def _sides(self, role: str) -> list[Formula]:
        return sides_of(self._spec, role)

    def _readings(
        self, constructor: Callable_, allowed: set[str]
    ) -> Iterator[tuple[Argument, ...]]:
        """Names that may stand for several roles (``filters``), read in another way."""
        parameters = constructor.parameters
        options = [len([r for r in self._roles(p) if r in allowed]) for p in parameters]
        found = 0
        for cost in (1, 2):
            for places in itertools.combinations_with_replacement(range(len(parameters)), cost):
                turns = {i: places.count(i) for i in places}
                if any(options[i] <= turns[i] for i in turns):
                    continue
                yield tuple(self._arguments(constructor, allowed, set(), turns))
                found += 1
                if found >= MAX_READINGS:
                    return

    def _paired(self, base: Sequence[Argument]) -> Iterator[tuple[Argument, ...]]:
        """Sizes of two axes given as one pair: ``filter_size=(3, 2)``, ``stride=(1, 1)``."""
        pairs = {
            a: replace(a, kind="pair")
            for a in base
            if a.kind == "size" and self._pairs(a.text) and not self._is_number(a.parameter)
        }
        if pairs:
            yield tuple(pairs.get(a, a) for a in base)
            for alone in pairs:
                yield tuple(pairs[a] if a is alone else a for a in base)

    def _is_number(self, name: str) -> bool:
        """True if the parameter's default, or else the notebook's own call, is one number."""
        constructor = self._definition.constructor
        parameters = constructor.parameters if constructor else ()
        default = next((p.default for p in parameters if p.name == name), None)
        shown = default or self._sites.expression(self._definition, constructor, name, live=True)
        return isinstance(literal_value(shown), int | float)

    def _pairs(self, role: str) -> bool:
        """True if the role can be given for two axes at once."""
        stem = role.split("_")[0]
        known = role in ("filter_size", "pool_size", *_STEPS)
        return known and (self._as_image or f"{stem}_height" in self._spec.roles)

    def _shaped(
        self, base: Sequence[Argument], unpacked_only: bool = False
    ) -> Iterator[tuple[Argument, ...]]:
        """The weight's shape given as one tuple: ``filter_shape=(O, C, F)``. Where the class takes
        the tuple apart, the number of its sizes is known.
        """
        if "W" not in self._spec.weights:
            return
        for place, argument in enumerate(base):
            unknown = argument.kind in ("value", "expression")
            if not (unknown or argument.kind in ("size", "weight")):
                continue
            count = unpacked(self._definition, argument.parameter)
            name = argument.parameter.lower()
            told = any(w in name for w in (_SHAPE_WORDS if unknown else ("shape", "info")))
            if count < 2 and (unpacked_only or not told):
                continue
            for layout in self._shapes():
                if count in (0, len(layout)):
                    shape = replace(argument, kind="shape", text=layout)
                    yield (*base[:place], shape, *base[place + 1 :])

    def _shapes(self) -> list[str]:
        """Orders in which the sizes of the weight may stand in one tuple; one that is 1 in this item
        may be left out.
        """
        known = [text for text in self._spec.weights["W"].layouts if len(text) > 1]
        ones = {a for text in known for a in text if self._spec.sizes.get(a) == (1, 1)}
        shorter = ["".join(a for a in text if a != one) for text in known for one in sorted(ones)]
        return list(dict.fromkeys([*self._spec.weights["W"].layouts, *shorter]))

    def _by_entries(self, base: Sequence[Argument]) -> Iterator[tuple[Argument, ...]]:
        """Parameters of which the class reads entries by number: ``Filter[3]`` is the shape of the
        weight, ``N_in[1]`` the width of the input, ``Strides[0]`` a step down; or which it takes
        apart, ``s_h, s_w = self.stride``. Then the sizes beside them may be pairs, too.
        """
        counts = {
            a: max(count(self._definition, a.parameter) for count in (entries_of, unpacked))
            for a in base
        }
        for argument in base if self._sided() else ():
            if counts[argument] < 2 and several(self._definition, argument.parameter):
                counts[argument] = 2
        if max(counts.values(), default=0) < 2:
            return
        taken = {a.text.split("_")[0] for a in base if a.kind in ("size", "pair")}
        options = [self._with_entries(a, counts[a], taken) or [a] for a in base]
        ways = filter(_apart, itertools.product(*options))
        found = list(itertools.islice(ways, MAX_ENTRIES))
        yield from found
        for way in found:
            if any(a.kind == "pair" for a in way):
                yield from itertools.islice(self._paired(way), 1)

    def _with_entries(self, argument: Argument, count: int, taken: Set[str]) -> list[Argument]:
        """What a parameter of so many entries may be, the likeliest first; a pair whose name says
        nothing is any of the item's that no other parameter is (`taken`).
        """
        weight = self._spec.weights.get("W")
        if count < 2 or argument.kind not in ("size", "pair", "weight", "value", "expression"):
            return []
        if count == len(self._spec.axes) - 1 > 1 and _INPUT_SHAPE.fullmatch(argument.parameter):
            return [replace(argument, kind="sample_shape", text="")]
        if weight is not None and count == len(weight.axes):
            return [replace(argument, kind="shape", text=text) for text in weight.layouts]
        named = lexicon().roles(argument.parameter)
        if "pool_size" in self._spec.roles and count > 2 and "pool_size" in named:
            side, channels = self._spec.roles["pool_size"].text, self._spec.axes[1]
            shapes = {4: 2 * channels + 2 * side, 3: 2 * side + channels}
            return [replace(argument, kind="shape", text=shapes[count])] if count in shapes else []
        if count == 2:
            stems = [r.split("_")[0] for r in (argument.text, *named)]
            sided = {r.split("_")[0]: r for r in self._sided()}
            roles = [sided[s] for s in stems if s in sided][:1]
            roles = roles or [r for s, r in sided.items() if s not in taken]
            return [replace(argument, kind="pair", text=r) for r in roles]
        return []

    def _sided(self) -> list[str]:
        """What may be told for height and width at once, the likeliest first."""
        windows = [r for r in ("pool_size", "filter_size") if self._pairs(r)]
        inputs = ["input_size"] if "input_height" in self._spec.roles else []
        return [*windows, *inputs, *(r for r in _STEPS if self._pairs(r))]

    def _guessed(self, base: list[Argument]) -> Iterator[tuple[Argument, ...]]:
        """Parameters whose names say nothing, tried as each size that no other parameter has."""
        unknown = [i for i, a in enumerate(base) if a.kind in ("value", "expression")]
        taken = {a.text for a in base if a.kind == "size"}
        free = [r for r in self._spec.roles if r not in taken]
        if not 0 < len(unknown) <= 3:
            return
        meant = [lexicon().misspelt(base[i].parameter, free) for i in unknown]
        spelt = [tuple(roles) for roles in itertools.product(*meant) if len({*roles}) == len(roles)]
        others = itertools.islice(itertools.permutations(free, len(unknown)), 30)
        for roles in dict.fromkeys((*spelt[:4], *others)):
            chosen = list(base)
            for place, role in zip(unknown, roles, strict=True):
                old = base[place]
                guessed = roles not in spelt
                chosen[place] = Argument(old.parameter, "size", role, old.keyword, guessed=guessed)
            yield tuple(chosen)

    def _literal(self, constructor: Callable_) -> tuple[Argument, ...] | None:
        for site in self._sites.of(self._definition, constructor):
            arguments = [
                Argument(
                    p.name,
                    "expression",
                    site.arguments[p.name],
                    p.keyword_only or p.default is not None,
                )
                for p in constructor.parameters
                if p.name in site.arguments
            ]
            needed = {p.name for p in constructor.required}
            if needed <= {a.parameter for a in arguments}:
                return tuple(arguments)
        return None

    # -- parameters ----------------------------------------------------------------------

    def _arguments(
        self,
        target: Callable_,
        allowed: set[str],
        taken: set[str],
        turns: dict[int, int] | None = None,
    ) -> list[Argument]:
        """An argument for each parameter; `turns`: how many likelier roles a parameter skips."""
        arguments = []
        for place, parameter in enumerate(target.parameters):
            skip = (turns or {}).get(place, 0)
            argument = self._argument(target, parameter, allowed, taken, skip)
            if argument is not None:
                arguments.append(argument)
        return arguments

    def _argument(
        self,
        target: Callable_,
        parameter: Parameter,
        allowed: set[str],
        taken: set[str],
        skip: int = 0,
    ) -> Argument | None:
        keyword = parameter.keyword_only or parameter.default is not None
        fitting = [r for r in self._roles(parameter) if r in allowed and r not in taken]
        if is_function(target, parameter.name):  # a hook: neither an array nor a size
            fitting = [r for r in fitting if r in PROVIDED]
        role = fitting[skip] if skip < len(fitting) else None
        others = (*PROVIDED, *self._arrays, "input", "output")
        if role is not None and role not in others:
            role = role if role in self._spec.roles else None
        if (given := self._to_fill(target, parameter, keyword)) is not None:
            return given
        settings = self._settings(target, parameter)
        if settings is not None:
            return Argument(parameter.name, "settings", "", keyword, settings)
        if (arrays := self._arrays_in(target, parameter)) and not taken & {r for _, r in arrays}:
            taken |= {role for _, role in arrays}
            return Argument(parameter.name, "arrays", "", keyword, arrays)
        in_pairs = target is not self._definition.constructor and several_in(target, parameter.name)
        if role is None and in_pairs:
            role = self._pair_by_use(parameter, allowed - taken)
        if role is None:
            if parameter.default is not None:
                makes = self._made_by_a_part(target, parameter)
                if makes:
                    return Argument(parameter.name, "initializer", makes, keyword)
                return None  # the student's own default stands
            if target is not self._definition.constructor and unread(target, parameter.name):
                return Argument(parameter.name, "nothing", "", keyword)
            if is_flag(parameter) and target is not self._definition.constructor:
                return Argument(parameter.name, "flag", "", keyword)
            if lexicon().is_a(parameter.name, "label"):
                # As the notebook has it, which may number its layers.
                called = self._sites.expression(self._definition, target, parameter.name)
                return Argument(parameter.name, "expression", called or "'layer'", keyword)
            if lexicon().is_a(parameter.name, "layer_penalty"):  # none of it is asked for
                return Argument(parameter.name, "expression", "0", keyword)
            if before := self._output_of_another(target, parameter):
                return Argument(parameter.name, "layer_before", before, keyword)
            source = self._sites.expression(self._definition, target, parameter.name)
            if source is None:
                named = (n for n in self._spec.numbers if lexicon().is_a(parameter.name, n))
                source = next((repr(self._spec.numbers[n]) for n in named), None)
            if source is None and (makes := self._made_array(target, parameter)):
                return Argument(parameter.name, "initializer", makes, keyword)
            if source is None:
                return Argument(parameter.name, "value", "", keyword)
            return Argument(parameter.name, "expression", source, keyword)
        taken.add(role)
        if role in self._spec.roles:
            pair = (is_pair(parameter.default) or in_pairs) and self._pairs(role)
            return Argument(parameter.name, "pair" if pair else "size", role, keyword)
        return Argument(parameter.name, role, "", keyword)

    def _to_fill(self, target: Callable_, parameter: Parameter, keyword: bool) -> Argument | None:
        """A dict or a list that a method fills, or that forward has filled for backward: ``backward(dout, cache, grads)``."""
        if target is self._definition.constructor:
            return None
        name = parameter.name
        if not self._in_forward and name in self._filled_by_forward:
            return Argument(name, "filled_before", name, keyword)
        needed = filled(target, name)
        if needed is None:
            return None
        if self._in_forward:
            self._filled_by_forward.add(name)
        if needed == LIST:
            return Argument(name, "filled", LIST, keyword)
        if isinstance(
            needed, str
        ):  # an object: of the class that has the methods which are called on it
            source = self._sites.made_with(called_on(target, name))
            return None if source is None else Argument(name, "filled", source, keyword)
        return Argument(name, "filled", "", keyword, needed)

    def _output_of_another(self, target: Callable_, parameter: Parameter) -> str:
        """The attribute that backward reads of the layer before it, which keeps its output, this layer's
        input, as this layer keeps its own: ``X = prev_layer.output``.
        """
        read = read_of(target, parameter.name) if target is not self._definition.constructor else ()
        if self._in_forward or len(read) != 1:
            return ""
        (attribute,) = read
        kept = any(kept_in(m, attribute) for m in self._definition.methods.values())
        return attribute if kept and lexicon().is_a(attribute, "output") else ""

    def _made_array(self, target: Callable_, parameter: Parameter) -> str:
        """The role of the weight that the constructor makes by calling its parameter, a function that
        it can't do without: ``self.W = weight_init_fn(n_in, n_out)``.
        """
        if target is not self._definition.constructor:
            return ""
        roles = (roles_for(self._spec, name) for name in sorted(made_by(target, parameter.name)))
        return next((r for found in roles for r in found if r in self._arrays), "")

    def _made_by_a_part(self, target: Callable_, parameter: Parameter) -> str:
        """The same of a function that can be left out, but that the constructor hands to a part of the layer
        which can't do without: ``Conv2d(weight_init_fn=None)`` makes ``Conv2d_stride1(weight_init_fn)``.
        """
        if target is not self._definition.constructor or parameter.default != "None":
            return ""
        names = sorted(made_by_a_part(self._sites, target, parameter.name))
        return next((r for n in names for r in roles_for(self._spec, n) if r in self._arrays), "")

    def _pair_by_use(self, parameter: Parameter, free: Set[str]) -> str | None:
        """The role of a parameter that a function takes apart, where its name says nothing: the
        first pair that is free, and the same in backward. There others may be what forward kept.
        """
        if self._in_forward:
            role = next((r for r in self._sided() if r in free), None)
            self._pairs_of_forward[parameter.name] = role
        return self._pairs_of_forward.get(parameter.name)

    def _settings(
        self, target: Callable_, parameter: Parameter
    ) -> tuple[tuple[str, str], ...] | None:
        """The roles of the sizes that the target reads off its parameter by keys, if it reads
        nothing else: ``conv_param["stride"]``. What it can do without keeps its own default, and
        a word that says that it is a training is told: ``bn_param["mode"]``, ``.get("eps", 1e-5)``.
        """
        keys = keys_of(target, parameter.name)
        if not keys:
            return None
        optional, found = optional_keys(target, parameter.name), []
        for key in keys:
            roles = [r for r in roles_for(self._spec, key) if r in self._spec.roles]
            word, _ = mode_words([target])
            if roles:
                found.append((key, roles[0]))
            elif key not in optional:
                if not takes_word(key) or not word:
                    return None
                found.append((key, repr(word)))
        return tuple(found)

    def _arrays_in(self, target: Callable_, parameter: Parameter) -> tuple[tuple[str, str], ...]:
        """The roles of the weights that the target reads off its parameter by keys, if it reads nothing else:
        ``params["W"]``, ``params["b"]``.
        """
        found: list[tuple[str, str]] = []
        for key in keys_of(target, parameter.name):
            roles = [r for r in roles_for(self._spec, key) if r in self._arrays]
            if not roles or roles[0] in [role for _, role in found]:
                return ()
            found.append((key, roles[0]))
        return tuple(found)

    def _roles(self, parameter: Parameter) -> list[str]:
        """The roles that the name may have; a default that is no number speaks against a size."""
        if parameter.role:
            return [parameter.role]
        if parameter.default in ("True", "False") or is_text(parameter.default):
            return []
        found = roles_for(self._spec, parameter.name)
        if literal_value(parameter.default) is not None:  # a number or a pair: no array, no object
            none = {"weight", "bias", "initializer", "optimizer", "activation", *self._arrays}
            if self._definition.kind == "pair":
                none -= {"bias"}  # one number for one channel: forward(x, w, b=1)
            found = [r for r in found if r not in none]
        return found

    def told(self, arguments: Sequence[Argument]) -> bool:
        """True if the class has no parameter that may be a size under a name that is not known."""
        constructor = self._definition.constructor
        given = {a.parameter for a in arguments}
        left = [p for p in constructor.parameters if p.name not in given] if constructor else []
        return all(a.kind not in ("expression", "value") for a in arguments) and all(
            set(self._roles(p)) & set(PROVIDED) for p in left
        )

    # -- methods -------------------------------------------------------------------------

    def known(self, target: Callable_) -> dict[str, Argument]:
        """By its name, each parameter of a method of which it is known what it gets."""
        allowed = {*PROVIDED, *self._spec.roles, *self._arrays}
        arguments = self._arguments(target, allowed, set())
        return {a.parameter: a for a in arguments if a.kind not in ("value", "expression")}

    def call(self, target: Callable_, first: str, allowed: set[str]) -> Call:
        """The arguments of forward (first: input) or backward (first: upstream)."""
        self._in_forward = first == "input"
        required = [p for p in target.parameters if p.default is None]
        arguments: list[Argument] = []
        taken: set[str] = set()
        possible = [
            p for p in required or target.parameters
            if filled(target, p.name) is None
            and (first in lexicon().roles(p.name) or not unread(target, p.name))
        ]  # fmt: skip
        main = self._main_parameter(possible or required or list(target.parameters), first)
        for parameter in target.parameters:
            keyword = parameter.keyword_only or (
                parameter.default is not None and parameter is not main
            )
            if parameter is main:
                keys = self._main_in_a_dict(target, parameter, first)
                kind = "arrays" if keys else first
                arguments.append(Argument(parameter.name, kind, "", parameter.keyword_only, keys))
                taken |= {role for _, role in keys}
                continue
            if asks_for_shape(parameter):
                arguments.append(Argument(parameter.name, "input_shape", "", True))
                continue
            argument = self._argument(target, parameter, allowed - {first}, taken)
            if argument is None or (
                parameter.default is not None and argument.kind in ("input", "output")
            ):
                continue
            if keyword and argument.kind == "size" and self._definition.kind != "pair":
                continue  # a method's own default stands; a function has nothing else to go by
            arguments.append(argument)
        return Call(target.name, tuple(arguments))

    def _main_in_a_dict(
        self, target: Callable_, parameter: Parameter, first: str
    ) -> tuple[tuple[str, str], ...]:
        """What the input or the upstream gradient is handed in, where the target reads it off its parameter by a
        key, ``inputs["x"]``, alone or beside the weights: ``inputs["X"]``, ``inputs["W"]``, ``inputs["b"]``.
        """
        keys = keys_of(target, parameter.name)
        if len(keys) == 1:
            return ((keys[0], first),)
        found: list[tuple[str, str]] = []
        for key in keys:
            roles = [r for r in roles_for(self._spec, key) if r in (first, *self._arrays)]
            if not roles or roles[0] in [role for _, role in found]:
                return ()
            found.append((key, roles[0]))
        return tuple(found) if first in [role for _, role in found] else ()

    @staticmethod
    def _main_parameter(parameters: list[Parameter], first: str) -> Parameter | None:
        if len(parameters) > 1 and first == "upstream":
            for parameter in parameters:
                roles = lexicon().roles(parameter.name)
                if roles and roles[0] == "upstream":
                    return parameter
            for parameter in parameters:
                roles = lexicon().roles(parameter.name)
                if not roles or "upstream" in roles:
                    return parameter
        return parameters[0] if parameters else None
