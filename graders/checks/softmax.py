"""Checks of softmax with cross-entropy, in each of the forms that students give it.

forward(A) that returns the probabilities, or forward(A, Y) that returns the loss and keeps
them; backward with Y, (Z, Y), (Y, Z) or the upstream gradient 1, that returns the gradient, a
tuple with the loss, or keeps it; summed or averaged over the batch. Where the notebook forms
Z - Y itself, a backward that passes on what it is given is right.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from graders.binding import standing
from graders.binding.candidates import methods_for
from graders.binding.definitions import Callable_, Definition, Parameter
from graders.binding.lexicon import lexicon
from graders.binding.matching import Match, Truth
from graders.binding.standing import Standing
from graders.checks import model
from graders.checks.model import CheckResult
from graders.messages import M, Message
from graders.sandbox.session import Found, Outcome, Session
from graders.specs import ItemSpec


@dataclass(frozen=True)
class SoftmaxPlan:
    """What forward and backward are given: logits A, labels Y, the output Z, one, or the gradient G
    that is to be passed on.
    """

    definition: Definition
    construct: tuple[dict[str, Any], ...]
    forward: tuple[str, ...]
    backward: tuple[str, ...] | None
    as_of: int | None
    kept: tuple[str | int, ...] = ()  # where the probabilities are, if forward returns others


@dataclass
class SoftmaxRun:
    """One case, run: what was found of the true arrays, and where."""

    outcome: Outcome
    logits: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    gradient: np.ndarray
    y: Sequence[Found]
    ret: Sequence[Found]
    forward: Match | None
    backward: Match | None
    forward_ran: bool
    backward_ran: bool
    kept: tuple[str | int, ...] = ()  # where the instance keeps the probabilities
    rivals: Mapping[str, tuple[Found, ...]] = field(default_factory=dict)  # what else could be it

    @property
    def found_forward(self) -> bool:
        """True if what stands for the probabilities is right."""
        return self.forward is not None

    @property
    def found_backward(self) -> bool:
        """True if what stands for the gradient is right."""
        return self.backward is not None


def softmax(logits: np.ndarray) -> np.ndarray:
    """Row-wise softmax with the maximum shifted to zero; (N, K) float64."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _call(target: Callable_ | None, given: tuple[str, ...] | None) -> str:
    return "" if target is None or given is None else f"{target.name}({', '.join(given)})"


def _wanted(target: Callable_) -> list[Parameter]:
    """What a call must be given, keyword-only parameters last."""
    return [
        *target.required,
        *(p for p in target.parameters if p.keyword_only and p.default is None),
    ]


class SoftmaxChecks:
    """Finds the way a softmax class is called and judges it."""

    def __init__(
        self,
        session: Session,
        spec: ItemSpec,
        definition: Definition,
        construct: tuple[dict[str, Any], ...],
        as_of: int | None,
        rng: np.random.Generator,
        passes_on: bool = False,
    ) -> None:
        self._session, self._spec, self._rng = session, spec, rng
        self._passes_on = passes_on
        self._definition, self._construct, self._as_of = definition, construct, as_of
        self._forward_method, self._backward_method = methods_for(spec, definition)
        forward = self._forward_method
        self._asked = 1 if forward is None else max(len(_wanted(forward)), 1)
        self.plan: SoftmaxPlan | None = None
        self.notes: list[Message] = []
        self.ran: list[SoftmaxRun] = []

    @property
    def forward_call(self) -> str:
        """How forward is called, in words."""
        return _call(self._forward_method, self.plan.forward if self.plan else None)

    @property
    def backward_call(self) -> str:
        """How backward is called, in words; empty where there is none."""
        return _call(self._backward_method, self.plan.backward if self.plan else None)

    # -- plans ---------------------------------------------------------------------------

    def _plans(self) -> Iterator[SoftmaxPlan]:
        forward, backward = self._forward_method, self._backward_method
        if forward is None:
            return
        n = self._asked
        ways: list[tuple[str, ...] | None] = [None]
        if backward is not None:
            m = max(len(_wanted(backward)), min(len(backward.parameters), 1))
            ways = [w for w in itertools.product("YZ1A", repeat=m) if len(set(w)) == m]
            names = [_misnamed(backward.required, w or ()) for w in ways]
            if (
                0 in names
            ):  # (z, y) are what they say: swapped, a gradient of the wrong sign is right
                ways = [w for w, n in zip(ways, names, strict=True) if n < 2]
            ways.sort(key=lambda w: ("Y" not in (w or ()), _misnamed(backward.required, w or ())))
            if self._passes_on and m == 1:
                ways.append(("G",))
        given_ways = [w for w in itertools.product("AY", repeat=n) if "A" in w]
        if n == 1 and _takes_labels(forward):
            given_ways.append(("A", "Y"))
        for given in given_ways:
            for way in ways:
                yield SoftmaxPlan(self._definition, self._construct, given, way, self._as_of)

    def bind(self) -> bool:
        """Choose the plan that shows the most; False if forward raises in every one."""
        best, most = None, -1
        for plan in itertools.islice(self._plans(), 24):
            run = self._run(plan, *self._draw())
            tried = [(plan, run)]
            if run.kept and not run.found_backward and "Z" in (plan.backward or ()):
                # forward returns a loss or logarithms; backward is given what is kept beside them
                other = replace(plan, kept=run.kept)
                tried.append((other, self._run(other, *self._draw())))
            for one, run in tried:
                score = 8 * run.found_forward + 4 * run.found_backward + 2 * bool(run.y)
                # given the labels beforehand, a backward that is wrong answers at least
                score += 3 * (len(one.forward) > self._asked and run.backward_ran)
                if score > most:
                    best, most = one, score
                if run.found_forward and run.found_backward:
                    self.plan = one
                    return True
        self.plan = best
        return best is not None

    # -- running -------------------------------------------------------------------------

    def _draw(self) -> tuple[np.ndarray, np.ndarray]:
        sizes = {n: int(self._rng.integers(a, b + 1)) for n, (a, b) in self._spec.sizes.items()}
        logits = self._rng.standard_normal((sizes["N"], sizes["K"])) * 2
        labels = np.eye(sizes["K"])[self._rng.integers(0, sizes["K"], sizes["N"])]
        return logits, labels

    def _steps(
        self, plan: SoftmaxPlan, a: int, y: int, label: str = "", keep: bool = True
    ) -> list[dict[str, Any]]:
        values: dict[str, dict[str, Any]] = {
            "A": {"a": a}, "Y": {"a": y}, "1": {"v": 1}, "G": {"a": 2},
            "Z": {"h": "self", "path": list(plan.kept)} if plan.kept else {"h": "y"},
        }  # fmt: skip

        def call(target: Callable_, given: tuple[str, ...]) -> dict[str, Any]:
            """The target's own name, its positional and its keyword-only arguments."""
            definition = plan.definition
            cell = definition.cells.get(target.name)
            step: dict[str, Any] = {"do": "call"}
            if cell is not None:
                step |= {"name": target.name, "cell": cell}
            elif target.static:
                step |= {"name": definition.name, "cell": definition.cell, "method": target.name}
            else:
                step |= {"on": "self", "method": target.name}
            named = {
                p.name: g for p, g in zip(_wanted(target), given, strict=False) if p.keyword_only
            }
            step["args"] = [values[g] for g in given[: len(given) - len(named)]]
            step["kwargs"] = {k: values[g] for k, g in named.items()}
            return step

        forward, backward = self._forward_method, self._backward_method
        assert forward is not None
        steps: list[dict[str, Any]] = [
            {**call(forward, plan.forward), "out": "y", "keep": f"{label}y" if keep else ""},
            {"do": "harvest", "label": f"{label}pre:", "of": ["self"]},
        ]  # fmt: skip
        if backward is not None and plan.backward is not None:
            steps.append(
                {**call(backward, plan.backward), "out": "ret",
                 "keep": f"{label}ret" if keep else "", "optional": True}
            )  # fmt: skip
        return [*steps, {"do": "harvest", "label": label, "of": ["self"]}]

    def _make(self, plan: SoftmaxPlan) -> dict[str, Any]:
        if plan.definition.kind == "pair":  # functions: nothing is constructed
            return {"do": "hold", "out": "self", "value": {"v": None}}
        return {"do": "make", "name": plan.definition.name, "cell": plan.definition.cell,
                "out": "self", "args": list(plan.construct)}  # fmt: skip

    def _run(
        self, plan: SoftmaxPlan, logits: np.ndarray, labels: np.ndarray, warm: bool = False
    ) -> SoftmaxRun:
        truth = softmax(logits)
        gradient, handed = truth - labels, self._handed(plan, logits)
        arrays = [logits, labels, *handed]
        steps = [self._make(plan)]
        if warm:
            before = self._steps(plan, len(arrays), len(arrays) + 1, keep=False)
            arrays += self._draw() if not handed else (logits[::-1], labels[::-1])
            steps += [{**s, "optional": True} for s in before if s["do"] == "call"]
        first = len(steps)
        steps += self._steps(plan, 0, 1)
        outcome = self._session.run(steps, arrays, plan.as_of)
        gradient, factors = (handed[0], (1.0,)) if handed else (gradient, (1.0, 1.0 / len(logits)))
        y = [e for e in outcome.found if e.path[0] in ("y", "pre:self")]
        ret = [e for e in outcome.found if e.path[0] in ("ret", "self")]
        axes, tolerance = ("N", "K"), self._spec.tolerance
        stands = _stands_forward(y, Truth(truth, axes), [logits, labels])
        forward = stands.right(Truth(truth, axes), tolerance, (1.0,))
        returned = (e for e in y if e.path[0] == "y")
        given = [logits, labels, *(e.array for e in (*returned, *stands.entries))]
        passed = _stands_backward(ret, y, Truth(gradient, axes), given)
        backward = passed.right(Truth(gradient, axes), tolerance, factors)
        if backward is not None and backward.factor != 1.0:
            self._note(M("{facet} averaged over the batch", facet="dX"))
        if backward is not None and handed:
            self._note(M("backward passes on what it is given: the network forms Z - Y itself"))
        done = outcome.outcomes[first + 2 : first + 3] == (True,) and plan.backward is not None
        ran = outcome.outcomes[first : first + 1] == (True,)
        kept = [e for e in y if e.path[0] == "y"]
        return SoftmaxRun(
            outcome, logits, labels, truth, gradient, kept, [e for e in ret if e.path[0] == "ret"],
            forward, backward, ran, done,
            forward.path[1:] if forward is not None and forward.path[0] == "pre:self" else (),
            {"forward": stands.rivals, "dX": passed.rivals},
        )  # fmt: skip

    def _handed(self, plan: SoftmaxPlan, logits: np.ndarray) -> list[np.ndarray]:
        """What a backward that only passes on a gradient is given."""
        if plan.backward != ("G",):
            return []
        return [self._rng.standard_normal(logits.shape)]

    def _note(self, note: Message) -> None:
        if note not in self.notes:
            self.notes.append(note)

    # -- verdicts ------------------------------------------------------------------------

    def run(self) -> Iterator[CheckResult]:
        """The verdict on each facet."""
        plan = self.plan
        assert plan is not None
        fresh = [self._run(plan, *self._draw()) for _ in range(self._spec.cases)]
        used = [self._run(plan, *self._draw(), warm=True) for _ in range(2)]
        self.ran = [*fresh, *used]
        name = plan.definition.name
        for facet in self._spec.facets:
            if facet == "forward":
                yield self._forward(name, [*fresh, *used])
            elif facet == "dX":
                yield self._backward(name, [*fresh, *used])
            elif facet == "repeat":
                yield self._repeat(plan)

    def _forward(self, name: str, runs: list[SoftmaxRun]) -> CheckResult:
        what = M("The probabilities (the output of forward)")
        for run in runs:
            if run.found_forward:
                continue
            if run.rivals.get("forward"):
                return model.ambiguous("forward", "forward", what, run.rivals["forward"])
            if not run.y:
                call = f"{name}.{self.forward_call}"
                if run.forward_ran:
                    return CheckResult("forward", "forward", model.FAILED, M(
                        "{call} returns nothing that is an array.", call=call))  # fmt: skip
                return model.raised(
                    "forward", "forward", call, run.outcome.error,
                    run.outcome.timed_out, run.outcome.died,
                )  # fmt: skip
            return model.compare("forward", "forward", what, run.y[0].array, run.probabilities)
        elsewhere = _elsewhere([run.forward for run in runs[: self._spec.cases]])
        if elsewhere:
            return model.ambiguous("forward", "forward", what, elsewhere)
        return model.passed("forward", "forward", M(
            "The output is right in {n} random cases.", n=len(runs)))  # fmt: skip

    def _backward(self, name: str, runs: list[SoftmaxRun]) -> CheckResult:
        assert self.plan is not None
        what = M("The gradient of the logits (Z - Y)")
        if self.plan.backward is None:
            return CheckResult("dX", "dX", model.FAILED, M(
                "{name} has no method that computes gradients (backward).", name=name))  # fmt: skip
        for run in runs:
            if run.found_backward:
                continue
            if not run.backward_ran:
                return model.raised(
                    "dX", "dX", f"{name}.{self.backward_call}", run.outcome.error,
                    run.outcome.timed_out, run.outcome.died,
                )  # fmt: skip
            if run.rivals.get("dX"):
                return model.ambiguous("dX", "dX", what, run.rivals["dX"])
            same = [e for e in run.ret if e.array.shape == run.gradient.shape]
            if same:
                return model.compare("dX", "dX", what, same[0].array, run.gradient)
            return CheckResult("dX", "dX", model.FAILED, M(
                "{what} was not found: neither returned nor kept by the layer.", what=what))  # fmt: skip
        elsewhere = _elsewhere([run.backward for run in runs[: self._spec.cases]])
        if elsewhere:
            return model.ambiguous("dX", "dX", what, elsewhere)
        return model.passed("dX", "dX", M(
            "{what} is right in {n} random cases.", what=what, n=len(runs)))  # fmt: skip

    def _repeat(self, plan: SoftmaxPlan) -> CheckResult:
        steps = [
            self._make(plan),
            *self._steps(plan, 0, 1, "one:"),
            *self._steps(plan, 0, 1, "two:"),
        ]
        logits, labels = self._draw()
        given = [logits, labels, *self._handed(plan, logits)]
        outcome = self._session.run(steps, given, plan.as_of)
        arrays = {e.path: e.array for e in outcome.found}
        answered = any(path[0] in ("one:y", "one:ret") for path in arrays)
        if not answered and not any(r.found_forward or r.found_backward for r in self.ran):
            return model.skipped("repeat", "repeat", M("Not checked: forward gives no output."))
        for path, array in arrays.items():
            head = str(path[0])
            if head.startswith("one:") and head.endswith(("y", "ret")):
                other = arrays.get((head.replace("one:", "two:"), *path[1:]))
                if other is not None and len(path) > 1 and _is_history(array, other):
                    continue
                if other is None or not (
                    other.shape == array.shape and np.allclose(other, array, equal_nan=True)
                ):
                    got = other if other is not None else np.zeros(0)
                    what = M("The output of a second, equal call")
                    return model.compare("repeat", "repeat", what, got, array)
        return model.passed("repeat", "repeat", M("The same call twice gives the same answer."))


def _stands_forward(y: Sequence[Found], truth: Truth, known: Sequence[np.ndarray]) -> Standing:
    """What stands for the probabilities: shares that are one together, returned or else kept."""
    shares = [e for e in standing.fitting(y, truth, known) if _are_shares(e.array)]
    if not shares:
        shares = standing.fitting(y, truth, known)
    back = [e for e in shares if e.path[0] == "y"]
    here = standing.returned(
        back, standing.forms_of(truth), lambda name: lexicon().is_a(name, "output")
    )
    if here.entries or here.rivals:
        return here
    return standing.only([e for e in shares if e.path[0] != "y"], truth)


def _are_shares(array: np.ndarray) -> bool:
    with np.errstate(all="ignore"):
        return bool(np.all(array >= 0) and np.allclose(array.sum(axis=-1), 1))


def _stands_backward(
    ret: Sequence[Found], before: Sequence[Found], truth: Truth, known: Sequence[np.ndarray]
) -> Standing:
    """What stands for the gradient: returned, or else kept under a name that says so, or alone."""
    back = standing.fitting([e for e in ret if e.path[0] == "ret"], truth, known)
    here = standing.returned(back, standing.forms_of(truth), _says_gradient)
    if here.entries or here.rivals:
        return here
    had = {e.path[1:]: e.array for e in before if e.path[0] == "pre:self"}
    kept = standing.fitting([e for e in ret if e.path[0] == "self"], truth, known)
    moved = [
        e for e in kept
        if e.path[1:] not in had or not np.array_equal(had[e.path[1:]], e.array, equal_nan=True)
    ]  # fmt: skip
    for pool in (moved, kept):
        told = [e for e in pool if _says_gradient(str(e.path[-1]))]
        here = standing.only(told or pool, truth)
        if here.entries or here.rivals:
            return here
    return Standing()


def _says_gradient(name: str) -> bool:
    return lexicon().is_a(name, "upstream")


def _elsewhere(hits: Sequence[Match | None]) -> tuple[Found, ...]:
    """Where the answers stood, if not at one place and by one factor throughout."""
    paths = dict.fromkeys(hit.path for hit in hits if hit is not None)
    if len(paths) < 2:
        return ()
    return tuple(Found(path, np.zeros(0), "array") for path in paths)


def _takes_labels(target: Callable_) -> bool:
    """True for ``forward(x, y=None)``, whose backward reads what forward was given."""
    more = target.parameters[1:2]
    return bool(more) and not more[0].keyword_only and bool(_MEANT["Y"].fullmatch(more[0].name))


def _is_history(before: np.ndarray, after: np.ndarray) -> bool:
    """True for a list of losses, returned beside the gradient, that grew by the same loss again."""
    if before.ndim != 1 or not 0 < before.size == after.size - 1:
        return False
    longer = np.append(before, before[-1])
    return after.shape == longer.shape and np.allclose(after, longer, equal_nan=True)


_MEANT = {
    "Y": re.compile(
        r"(y|t|label|target|true|correct|ans|actual|gt|one_?hot)(?!_?(hat|pred|out)).*", re.I
    ),
    "Z": re.compile(r"(z|a|out|prob|pred|y_?(hat|pred|out)).*", re.I),
}


def _misnamed(parameters: Sequence[Parameter], given: Sequence[str]) -> int:
    """How many arguments go to a parameter whose name speaks of another.

    Where the gradient is wrong, nothing else tells labels from outputs.
    """
    meant = [next((k for k, p in _MEANT.items() if p.fullmatch(x.name)), "") for x in parameters]
    return sum(m not in ("", g) for m, g in zip(meant, given, strict=False))
