"""Judges softmax with cross-entropy."""

from __future__ import annotations

from typing import Any

from graders.binding.candidates import (
    Candidate,
    Reason,
    forward_of,
    function_pairs,
    keeps_weights,
    losses_of_logits,
    losses_with_gradient,
    methods_for,
    name_rank,
    words_for,
)
from graders.binding.definitions import Definition
from graders.binding.moments import section_end
from graders.judging.contended import contended
from graders.judging.context import Context
from graders.judging.results import Binding, ItemResult, explained, finished
from graders.kinds.layer.binder import LayerBinder
from graders.kinds.softmax.checks import SoftmaxChecks
from graders.kinds.softmax.explanation import diagnose_softmax
from graders.kinds.softmax.search import SoftmaxSearch
from graders.messages import M
from graders.specs import ItemSpec


def _may_answer(spec: ItemSpec, definition: Definition) -> bool:
    """A class of that name, or one that has it among its methods: ``Activation.softmax``."""
    forward, _ = methods_for(spec, definition)
    if forward is None or "fit" in definition.methods:
        return False
    own = forward_of(definition)
    named = name_rank(spec, definition.name) is not None
    return named or own is None or own is not forward or bool(_words(spec, definition))


def _words(spec: ItemSpec, definition: Definition) -> list[str]:
    """By which a class for several activations is told that it is softmax: ``Activation("softmax")``."""
    constructor = definition.constructor
    alone = constructor is not None and len(constructor.parameters) == 1
    if not alone or keeps_weights(definition) or forward_of(definition) is None:
        return []
    return words_for(spec, definition) if name_rank(spec, definition.name) is None else []


class SoftmaxJudge:
    """Judges the softmax item of one submission."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def judge(self, spec: ItemSpec) -> ItemResult:
        """The verdict on the class that answers; see `binding.choice`."""
        context = self._context
        named = [
            d for d in context.definitions
            if d.kind == "class" and _may_answer(spec, d)
        ]  # fmt: skip
        pairs = [c.definition for c in function_pairs(spec, context.definitions)]
        pairs += losses_with_gradient(spec, context.definitions)
        likely = [*reversed(named), *pairs]
        kept = sorted(likely, key=lambda d: name_rank(spec, d.name) is None)[:5]
        candidates = [d for d in likely if d in kept] or losses_of_logits(context.definitions)[:5]
        result = contended(context, spec, candidates, lambda d: self._judged(spec, d))
        if result is not None:
            return result
        near = [
            Candidate(d, 0.0, Reason(0)) for d in context.definitions if "max" in d.name.lower()
        ]
        return context.absent(spec, [(c, None) for c in near])

    def _is_handed_in(self, spec: ItemSpec, definition: Definition) -> bool:
        """True if the network forms Z - Y and hands it to this backward."""
        _, backward = methods_for(spec, definition)
        if backward is None:
            return False
        return self._context.differences.error_is_handed_in(definition, backward.name)

    def _judged(self, spec: ItemSpec, definition: Definition) -> ItemResult:
        context = self._context
        constructor = definition.constructor
        arguments: list[dict[str, Any]] = []
        words = _words(spec, definition)
        if words:
            arguments.append({"v": words[0]})
        for parameter in constructor.required if constructor and not words else ():
            source = context.sites.expression(definition, constructor, parameter.name)
            arguments.append({"expr": source} if source else {"v": None})
        search = SoftmaxSearch(
            context.session, spec, definition, tuple(arguments),
            section_end(context.session, definition), context.rng(f"softmax/{definition.order}"),
            self._is_handed_in(spec, definition), context.once(LayerBinder).tensors(),
        )  # fmt: skip
        plan = search.bind()
        context.tried += search.tried
        assert plan is not None  # a candidate has a forward
        checks = SoftmaxChecks(spec, search, plan)
        results = list(checks.run())
        forward, backward = search.call(plan)
        binding = Binding(
            definition.name, definition.cell,
            f"{definition.name}({', '.join(map(repr, words[:1]))})", forward, backward,
            (M("arrays as {layout}", layout="(K, 1)" if plan.column else "(N, K)"), *search.notes),
        )  # fmt: skip
        result = finished(spec, results, binding, plan)
        return explained(result, lambda: diagnose_softmax(spec, checks.ran, results))
