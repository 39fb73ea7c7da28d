"""What students fill in: a class or functions with the canonical signature, and docstrings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import indent

from graders.binding.lexicon import lexicon
from graders.messages import Language
from graders.release import shapes, words
from graders.specs import ItemSpec
from graders.specs.signatures import Call, Signature, signature_of
from graders.traits import Trait

_UNWRITTEN = "raise NotImplementedError"
# Roles that a name says of itself, whatever the item is.
_ANYWHERE = frozenset(
    "initializer optimizer activation lr sigma epochs batch_size in_nodes out_nodes weight bias labels".split()
)
_FIXED = {
    ("softmax", "forward", 0): words.SCORES,
    ("softmax", "backward", 0): words.PROBABILITIES,
    ("softmax", "backward", 1): words.ONE_HOT,
    ("iterator", "", 0): words.SAMPLES,
    ("iterator", "", 1): words.CLASSES,
    ("iterator", "", 3): words.SEED,
    ("optimizer", "update", 0): words.LAYER,
}
"""What a parameter is, by kind, method ("" for the constructor) and place."""
_ITERATES = (Call("__iter__", ()), Call("__len__", ()))


def template(spec: ItemSpec, language: Language) -> str:
    """The source of the cell; empty where an item is answered without a class or function."""
    signature = signature_of(spec)
    if signature is None:
        return ""
    return _Template(spec, signature, language).source()


class _Template:
    def __init__(self, spec: ItemSpec, signature: Signature, language: Language) -> None:
        self._spec, self._signature, self._language = spec, signature, language

    def source(self) -> str:
        signature, title = self._signature, self._spec.title.in_language(self._language)
        if not signature.is_class:
            last = signature.calls[-1]
            functions = [
                self._function(c, title if c is signature.calls[0] else "", c is last)
                for c in signature.calls
            ]
            return "\n\n\n".join(functions)
        constructor, *methods = signature.calls
        if Trait.ITERATED in self._spec.traits and not methods:
            methods = [*_ITERATES]
        title += words.ENDS.in_language(self._language)
        parts = [self._docstring([title], list(self._parameters(constructor)))]
        if constructor.parameters:
            head = f"def __init__({constructor.listed('self')}):"
            parts.append(f"{head}\n    {_UNWRITTEN}")
        for method in methods:
            parts.append(self._function(method, "", method is methods[-1], "self"))
        body = "\n\n".join(parts)
        return f"class {constructor.name}:\n{indent(body, '    ')}"

    def _function(self, call: Call, title: str, last: bool, *before: str) -> str:
        said = words.METHOD_WORDS.get(call.name)
        ends = words.ENDS.in_language(self._language)
        about = said.in_language(self._language) if said else title + ends if title else ""
        details = list(self._parameters(call))
        gives = self._gives(call)
        if gives:
            details.append(f"{words.GIVES.in_language(self._language)}: {gives}")
        if last and self._signature.kept:
            kept = ", ".join(self._signature.kept)
            told = words.KEPT.in_language(self._language).replace("{names}", kept)
            details.append(told)
        doc = self._docstring([about] if about else [], details)
        body = f"{doc}\n{_UNWRITTEN}" if doc else _UNWRITTEN
        return f"def {call.head(*before)}:\n{indent(body, '    ')}"

    def _docstring(self, first: Sequence[str], details: Sequence[str]) -> str:
        if not first and not details:
            return ""
        lines = [*first, *([""] if first and details else []), *details]
        if len(lines) == 1:
            return f'"""{lines[0]}"""'
        return '"""' + "\n".join([*lines, '"""'])

    # -- what a parameter is ------------------------------------------------------------------

    def _parameters(self, call: Call) -> Iterator[str]:
        for place, name in enumerate(call.names):
            said = self._said_of(call, place, name)
            if said:
                yield f"{name}: {said}"
        if call is self._signature.calls[0] and Trait.LAYER in self._spec.traits:
            letters = {f.text for f in self._spec.roles.values()} & set(self._letters(call))
            rules = shapes.rules(self._spec, {*letters, *shapes.layout_of(self._spec)})
            yield from rules

    def _letters(self, call: Call) -> Iterator[str]:
        for name in call.names:
            role = self._role(name)
            if role in self._spec.roles:
                yield self._spec.roles[role].text

    def _role(self, name: str) -> str:
        spec = self._spec
        known = {*spec.roles, *spec.arguments, *_ANYWHERE} & set(lexicon().roles(name))
        ordered = [r for r in lexicon().roles(name) if r in known]
        own = [r for r in ordered if r in spec.roles or r in spec.arguments]
        return next(iter([*own, *ordered]), "")

    def _said_of(self, call: Call, place: int, name: str) -> str:
        """What a parameter is, with its shape; empty where nothing is known of it."""
        spec, language = self._spec, self._language
        method = call.name if call is not self._signature.calls[0] else ""
        fixed = _FIXED.get((spec.kind, method, place))
        if fixed is not None and self._fits(call):
            return fixed.in_language(language)
        array = self._array(call, method, place, name)
        if array:
            return array
        role = self._role(name)
        said = words.ROLE_WORDS.get(role)
        if said is None or name in spec.hyperparameters:
            return ""
        letter = spec.roles[role].text if role in spec.roles else ""
        return said.in_language(language) + (f" ({letter})" if letter.isalpha() else "")

    def _fits(self, call: Call) -> bool:
        """True if a call has as many parameters as what is said by their places is about."""
        usual = {"softmax": {"forward": 1, "backward": 2}, "optimizer": {"update": 1}}
        return len(call.names) == usual.get(self._spec.kind, {}).get(call.name, len(call.names))

    def _array(self, call: Call, method: str, place: int, name: str) -> str:
        spec, language = self._spec, self._language
        if Trait.LAYER in spec.traits:
            backward = "back" in call.name
            first = method or not self._signature.is_class
            if first and place == 0:
                which = words.ROLE_WORDS["upstream" if backward else "input"]
                sides = shapes.output_shape(spec) if backward else shapes.input_shape(spec)
                return f"{which.in_language(language)}, {sides}"
            for weight, sides in shapes.weight_shapes(spec).items():
                if name.lower() == weight.lower():
                    role = "bias" if weight in ("b", "B") else "weight"
                    return f"{words.ROLE_WORDS[role].in_language(language)}, {sides}"
        if spec.arguments:
            told = lexicon().roles(name)
            if Trait.LABELLED in spec.traits and method != "backward":
                told = ["input", "labels"][place : place + 1]
            for role in told:
                if role in spec.arguments:
                    said = words.ROLE_WORDS[role].in_language(language)
                    return f"{said}, {shapes.shape(spec.arguments[role].layouts[0])}"
        if spec.training and method in ("fit", "predict"):
            samples = ["n", *map(str, spec.training.layouts[0])] if place == 0 else ["n"]
            return shapes.shape([(side,) for side in samples])
        return ""

    def _gives(self, call: Call) -> str:
        spec = self._spec
        given = call.gives
        if Trait.LAYER in spec.traits and not (
            self._signature.is_class and call is self._signature.calls[0]
        ):
            back = "back" in call.name
            sides = shapes.input_shape(spec) if back else shapes.output_shape(spec)
            return f"{given} {sides}" if given and "," not in given else given or sides
        if Trait.DRAWN in spec.traits and call.name in ("W", "B"):
            return shapes.shape([(n,) for n in call.names])
        if Trait.TRAINED in spec.traits and call.name == "predict":
            return f"{given} (n,)".strip()
        return given
