"""How a softmax with cross-entropy wants to be called, and what of its answers stands for what.

forward(A) returns the probabilities; forward(A, Y) the loss, and keeps them or not. backward is given
Y, (Z, Y), (Y, Z), the upstream gradient 1, or a gradient that softmax alone is to carry back; it
returns the gradient, a tuple with the loss, or keeps it; or forward returns it beside the loss.
Labels are one-hot rows or the numbers of the classes. Sums or means over the batch. Logits are rows, or
the column of one sample.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from graders.arrays.matching import EXACT, Match, Truth
from graders.binding import standing
from graders.binding.best import best_of
from graders.binding.candidates import methods_for
from graders.binding.definitions import Callable_, Definition, Parameter
from graders.binding.lexicon import lexicon
from graders.binding.one_column import tells_samples_apart
from graders.binding.plans import TensorForm
from graders.binding.standing import Standing
from graders.binding.tensors import CARRYING, called_whole
from graders.binding.training_flag import is_flag, left_out
from graders.messages import M, Message
from graders.rounding import GUARD, Sums, explained
from graders.sandbox.session import Found, Outcome, Session
from graders.specs import ItemSpec

_MOST = 24  # plans of one kind that are tried
_LOG_GUARD = 1e-5  # the largest number that students add to keep the logarithm from zero


@dataclass(frozen=True)
class SoftmaxPlan:
    """What forward and backward are given: logits A, labels Y, the output Z, one, the gradient G
    that is to be passed on, the gradient U that softmax alone is to carry back, or True (T) where
    they ask whether it is a training.
    """

    definition: Definition
    construct: tuple[dict[str, Any], ...]
    forward: tuple[str, ...]
    backward: tuple[str, ...] | None
    as_of: int | None
    kept: tuple[str | int, ...] = ()  # where the probabilities are, if forward returns others
    column: bool = False  # one sample in each call, (K, 1)
    numbered: bool = False  # labels are the numbers of the classes, (N,), not one-hot rows
    tensor: TensorForm | None = None  # logits, labels and loss; the loss carries the gradient back

    @property
    def together(self) -> bool:
        """True if forward has to give the gradient, too: ``loss, dx = softmax_loss(x, y)``."""
        return self.backward is None and "Y" in self.forward


@dataclass(frozen=True)
class Loss:
    """What stands for the cross-entropy in forward's answer, and what it should be."""

    actual: np.ndarray
    expected: np.ndarray


@dataclass
class SoftmaxRun:
    """One case, run: what was found of the true arrays, and where."""

    plan: SoftmaxPlan
    outcome: Outcome
    logits: np.ndarray
    labels: np.ndarray  # one-hot rows, however the plan gives them
    probabilities: np.ndarray
    gradient: np.ndarray
    y: Sequence[Found]
    ret: Sequence[Found]
    forward: Match | None
    backward: Match | None
    forward_ran: bool
    backward_ran: bool
    loss: Loss | None = None  # if forward is judged by it
    stands: Mapping[str, Standing] = field(default_factory=dict)  # what stands for each facet

    @property
    def found_forward(self) -> bool:
        """True if what stands for the probabilities (or the loss) is right."""
        return self.forward is not None

    @property
    def whole(self) -> bool:
        """True if both are right."""
        return self.found_forward and self.found_backward

    @property
    def found_backward(self) -> bool:
        """True if what stands for the gradient is right."""
        return self.backward is not None

    @property
    def kept(self) -> tuple[str | int, ...]:
        """Where the instance keeps the probabilities, if forward does not return them."""
        match = self.forward
        return match.path[1:] if match is not None and match.path[0] == "pre:self" else ()


def softmax(logits: np.ndarray) -> np.ndarray:
    """Row-wise softmax with the maximum shifted to zero; (N, K) float64."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return shares


def cross_entropy(probabilities: np.ndarray, labels: np.ndarray, guard: float = 0.0) -> np.ndarray:
    """Of each sample, (N,) float64; `guard` is added inside the logarithm."""
    losses: np.ndarray = -np.log((probabilities * labels).sum(axis=1) + guard)
    return losses


class SoftmaxSearch:
    """Finds the way a softmax class, or functions in its place, is called, and calls it."""

    def __init__(
        self,
        session: Session,
        spec: ItemSpec,
        definition: Definition,
        construct: tuple[dict[str, Any], ...],
        as_of: int | None,
        rng: np.random.Generator,
        passes_on: bool = False,
        tensors: Sequence[TensorForm] = (),
    ) -> None:
        self._tensors = tensors
        self._session, self._spec, self._rng = session, spec, rng
        self._passes_on = passes_on
        self._alone = False  # one sample is drawn at a time
        self._definition, self._construct, self._as_of = definition, construct, as_of
        self._forward_method, self._backward_method = self._methods()
        forward = self._forward_method
        self._asked = 1 if forward is None else max(len(wanted_of(forward)), 1)
        self.notes: list[Message] = []
        self.tried: list[SoftmaxPlan] = []

    def _methods(self) -> tuple[Callable_ | None, Callable_ | None]:
        """What computes the output, and what computes the gradient, if no tensor carries it."""
        forward, backward = methods_for(self._spec, self._definition)
        if forward is not None and self._tensors and called_whole(self._definition):
            return replace(forward, name="__call__"), None
        return forward, backward

    def call(self, plan: SoftmaxPlan | None) -> tuple[str, str]:
        """How forward and backward are called, in words; empty where there is none."""
        forward = _call(self._forward_method, plan.forward if plan else None)
        if plan is not None and plan.tensor is not None and self._forward_method is not None:
            return forward, f"{self._forward_method.name}(...).{CARRYING.name}()"
        return forward, _call(self._backward_method, plan.backward if plan else None)

    # -- plans ---------------------------------------------------------------------------

    def bind(self) -> SoftmaxPlan | None:
        """The plan that shows the most; None if there is no forward to call."""
        best = best_of(self._runs(), self._shows, lambda run: run.whole)
        if best is not None and best.whole:
            return best.plan
        return self._in_one_column() or (None if best is None else best.plan)

    def _runs(self) -> Iterator[SoftmaxRun]:
        takes_rows = False
        for plan in self._plans():
            if plan.numbered and takes_rows:
                return
            run = self.run(plan, *self.draw())
            takes_rows = takes_rows or (_ran_with_labels(run) and self._as_named(plan))
            self.tried.append(plan)
            yield run
            if run.kept and not run.found_backward and "Z" in (plan.backward or ()):
                # forward returns a loss or logarithms; backward is given what is kept beside them
                other = replace(plan, kept=run.kept)
                self.tried.append(other)
                yield self.run(other, *self.draw())

    def _shows(self, run: SoftmaxRun) -> tuple[float, ...]:
        score = 8 * run.found_forward + 4 * run.found_backward + 2 * bool(run.y)
        # given the labels beforehand, a backward that is wrong answers at least
        score += 3 * (len(run.plan.forward) > self._asked and run.backward_ran)
        return (score + (self._says_carried(run.plan) and run.backward_ran),)

    def _in_one_column(self) -> SoftmaxPlan | None:
        """The plan with one sample in each call, a column, where a batch of rows breaks a class that
        nowhere tells samples apart; None if it is not right then.
        """
        definition = self._definition
        if definition.kind != "class" or tells_samples_apart(definition):
            return None
        if {"v": None} in self._construct:
            return None  # nothing in the notebook makes one: it may be a class that can't be made
        rows = self._carried()
        if not rows or any(self.run(plan, *self.draw()).backward_ran for plan in rows):
            return None
        self._alone = True
        for plan in (replace(plan, column=True) for plan in rows):
            runs = [self.run(plan, *self.draw()) for _ in range(2)]
            self.tried.append(plan)
            if all(run.found_forward and run.found_backward for run in runs):
                self._note(M("one sample in each call, as a column: more of them break it"))
                return plan
        self._alone = False
        return None

    def _plans(self) -> Iterator[SoftmaxPlan]:
        """One-hot labels first, then a gradient that is carried back, then numbers of classes."""
        if self._forward_method is None:
            return
        yield from self._of_tensors()
        plain = [
            SoftmaxPlan(self._definition, self._construct, given, way, self._as_of)
            for given in self._given()
            for way in self._ways()
        ][:_MOST]
        yield from plain
        yield from self._carried()
        for plan in plain:
            if "Y" in (*plan.forward, *(plan.backward or ())):
                yield replace(plan, numbered=True)

    def _of_tensors(self) -> Iterator[SoftmaxPlan]:
        """A loss that carries its gradient back itself, where no method does."""
        if self._backward_method is not None:
            return
        for form, given, numbered in itertools.product(self._tensors, self._given(), (True, False)):
            if "Y" in given:
                yield SoftmaxPlan(
                    self._definition, self._construct, given, (), self._as_of,
                    numbered=numbered, tensor=form,
                )  # fmt: skip

    def _carried(self) -> list[SoftmaxPlan]:
        """A gradient that softmax alone is to carry back."""
        return [
            SoftmaxPlan(self._definition, self._construct, given, way, self._as_of)
            for given in self._given()
            if set(given) <= {"A", "T"} and given.count("A") == 1
            for way in self._carrying()
        ][:_MOST]

    def _given(self) -> list[tuple[str, ...]]:
        forward = self._forward_method
        wanted = wanted_of(forward) if forward is not None else []
        choices = ["T" if is_flag(p) else "AY" for p in wanted] or ["AY"]
        ways = [w for w in itertools.product(*choices) if "A" in w]
        ways.sort(key=lambda w: len(w) > 1 and "Y" not in w)
        if self._asked == 1 and forward is not None and _takes_labels(forward):
            ways.append(("A", "Y"))
        after = forward.parameters[len(wanted) :][:1] if forward is not None else ()
        if wanted and forward is not None and any(p in left_out(forward) for p in after):
            ways += [(*w, "T") for w in ways if len(w) == len(wanted)]
        return ways

    def _ways(self) -> list[tuple[str, ...] | None]:
        backward = self._backward_method
        if backward is None:
            return [None]
        m = self._arguments(backward)
        ways: list[tuple[str, ...] | None]
        ways = [w for w in itertools.product("YZ1A", repeat=m) if len(set(w)) == m]
        names = [_misnamed(backward.required, w or ()) for w in ways]
        if 0 in names:  # (z, y) are what they say: swapped, a gradient of the wrong sign is right
            ways = [w for w, n in zip(ways, names, strict=True) if n < 2]
        ways.sort(key=lambda w: ("Y" not in (w or ()), _misnamed(backward.required, w or ())))
        if self._passes_on and m == 1:
            ways.append(("G",))
        return ways

    def _carrying(self) -> list[tuple[str, ...]]:
        """Of a softmax whose loss is a class of its own: ``backward(dout)``."""
        backward = self._backward_method
        if backward is None:
            return []
        m = self._arguments(backward)
        ways = itertools.product("UZA", repeat=m)
        return [w for w in ways if "U" in w and len(set(w)) == m]

    def _as_named(self, plan: SoftmaxPlan) -> bool:
        """True if nothing that is called labels is given another thing: a one in their place bears all."""
        given = [(self._forward_method, plan.forward), (self._backward_method, plan.backward or ())]
        return not any(_misnamed(m.required, way) for m, way in given if m is not None)

    def _says_carried(self, plan: SoftmaxPlan) -> bool:
        """True if what is given U is called a gradient, ``dout``: where it is wrong, nothing else tells."""
        backward = self._backward_method
        if backward is None or "U" not in (plan.backward or ()):
            return False
        given = zip(backward.parameters, plan.backward or (), strict=False)
        return any(g == "U" and len(p.name) > 1 and _says_gradient(p.name) for p, g in given)

    @staticmethod
    def _arguments(backward: Callable_) -> int:
        return max(len(wanted_of(backward)), min(len(backward.parameters), 1))

    # -- running -------------------------------------------------------------------------

    def draw(self) -> tuple[np.ndarray, np.ndarray]:
        """Logits and one-hot labels, (N, K) float64 each."""
        sizes = {n: int(self._rng.integers(a, b + 1)) for n, (a, b) in self._spec.sizes.items()}
        sizes |= {"N": 1} if self._alone else {}
        logits = self._rng.standard_normal((sizes["N"], sizes["K"])) * 2
        labels = np.eye(sizes["K"])[self._rng.integers(0, sizes["K"], sizes["N"])]
        return logits, labels

    def run(
        self, plan: SoftmaxPlan, logits: np.ndarray, labels: np.ndarray, warm: bool = False
    ) -> SoftmaxRun:
        """One case; `warm`: after a call with other data."""
        arrays, handed = self._arrays(plan, logits, labels)
        steps = [self._make(plan)]
        if warm:
            before = self._steps(plan, len(arrays), len(arrays) + 1, keep=False)
            if handed is None:
                arrays += self._arrays(plan, *self.draw())[0]
            else:  # of the same sizes, as the gradient that is handed
                arrays += [a[::-1] for a in arrays[:2]]
            steps += [{**s, "optional": True} for s in before if s["do"] == "call"]
        first = len(steps)
        steps += self._steps(plan, 0, 1)
        outcome = self._session.run(steps, arrays, plan.as_of)
        return self._read(plan, outcome, first, logits, labels, handed)

    def twice(self, plan: SoftmaxPlan) -> Outcome:
        """The same call two times, on one instance: ``one:y``, ``two:y`` and so on."""
        steps = [
            self._make(plan),
            *self._steps(plan, 0, 1, "one:"),
            *self._steps(plan, 0, 1, "two:"),
        ]
        return self._session.run(steps, self._arrays(plan, *self.draw())[0], plan.as_of)

    def _arrays(
        self, plan: SoftmaxPlan, logits: np.ndarray, labels: np.ndarray
    ) -> tuple[list[np.ndarray], np.ndarray | None]:
        """What is sent, and the gradient among it that backward is given, if any."""
        sent = [logits, labels.argmax(axis=1) if plan.numbered else labels]
        if not {"G", "U"} & set(plan.backward or ()):
            return sent, None
        handed = self._rng.standard_normal(logits.shape)
        return [a.T if plan.column else a for a in (*sent, handed)], handed

    def _make(self, plan: SoftmaxPlan) -> dict[str, Any]:
        if plan.definition.kind == "pair":  # functions: nothing is constructed
            return {"do": "hold", "out": "self", "value": {"v": None}}
        return {"do": "make", "name": plan.definition.name, "cell": plan.definition.cell,
                "out": "self", "args": list(plan.construct)}  # fmt: skip

    def _steps(
        self, plan: SoftmaxPlan, a: int, y: int, label: str = "", keep: bool = True
    ) -> list[dict[str, Any]]:
        values: dict[str, dict[str, Any]] = {
            "A": {"a": a}, "Y": {"a": y}, "1": {"v": 1}, "G": {"a": 2}, "U": {"a": 2},
            "T": {"v": True},
            "Z": {"h": "self", "path": list(plan.kept)} if plan.kept else {"h": "y"},
        }  # fmt: skip
        form, inside = plan.tensor, {}
        if form is not None:
            values |= {"A": {**form.made({"a": a}), "as": "x"}, "Y": form.made({"a": y})}
            inside = {"inside": list(form.data)}

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
                p.name: g for p, g in zip(wanted_of(target), given, strict=False) if p.keyword_only
            }
            step["args"] = [values[g] for g in given[: len(given) - len(named)]]
            step["kwargs"] = {k: values[g] for k, g in named.items()}
            return step

        forward, backward = self._forward_method, self._backward_method
        assert forward is not None
        steps: list[dict[str, Any]] = [
            {**call(forward, plan.forward), "out": "y", "keep": f"{label}y" if keep else "", **inside},
            {"do": "harvest", "label": f"{label}pre:", "of": ["self"]},
        ]  # fmt: skip
        if backward is not None and plan.backward is not None:
            steps.append(
                {**call(backward, plan.backward), "out": "ret",
                 "keep": f"{label}ret" if keep else "", "optional": True}
            )  # fmt: skip
        if form is not None:
            steps.append(
                {"do": "call", "on": "y", "method": CARRYING.name, "out": "ret", "optional": True,
                 "keep": f"{label}ret" if keep else "", "gives": {"h": "x", "path": list(form.gradient)}}
            )  # fmt: skip
        return [*steps, {"do": "harvest", "label": label, "of": ["self"]}]

    # -- reading -------------------------------------------------------------------------

    def _read(
        self, plan: SoftmaxPlan, outcome: Outcome, first: int,
        logits: np.ndarray, labels: np.ndarray, handed: np.ndarray | None,
    ) -> SoftmaxRun:  # fmt: skip
        """What of the answers stands for what, and which of it is right; `first`: forward's step."""
        truth, tolerance, axes = softmax(logits), self._spec.tolerance, ("N", "K")
        if plan.column:  # as the row that the truth is
            rows = (replace(e, array=_as_row(e.array, logits)) for e in outcome.found)
            outcome = replace(outcome, found=tuple(rows))
        gradient, factors = _gradient(plan, truth, labels, handed)
        y = [e for e in outcome.found if e.path[0] in ("y", "pre:self")]
        ret = [e for e in outcome.found if e.path[0] in ("ret", "self")]
        returned = [e for e in y if e.path[0] == "y"]
        sent = [logits, labels, *([] if handed is None else [handed])]
        stands = _stands_forward(y, Truth(truth, axes), sent, "Y" in plan.forward)
        forward, loss = stands.right(Truth(truth, axes), tolerance, (1.0,)), None
        if forward is None and "Y" in plan.forward and not any(map(_are_shares, stands.entries)):
            shown = _read_loss(returned, truth, labels, tolerance)
            if shown.right is not None or plan.together:
                stands, forward, loss = shown.stands, shown.right, shown.loss
        if plan.together:  # beside the loss; the probabilities, if they are there, are no gradient
            ret = [replace(e, path=("ret", *e.path[1:])) for e in returned] + ret
            known = [logits, labels, *(e.array for e in y if _are_shares(e))]
        else:
            known = [*sent[:2], *(e.array for e in (*returned, *stands.entries))]
        passed = stands_backward(ret, y, Truth(gradient, axes), known)
        backward = passed.right(Truth(gradient, axes), tolerance, factors)
        if backward is not None and backward.factor != 1.0:
            self._note(M("{facet} averaged over the batch", facet="dX"))
        if backward is not None and plan.backward == ("G",):
            self._note(M("backward passes on what it is given: the network forms Z - Y itself"))
        if backward is not None and "U" in (plan.backward or ()):
            self._note(M("backward carries back the gradient of the probabilities"))
        if (forward is not None or backward is not None) and plan.numbered:
            self._note(M("labels as the numbers of the classes, (N,)"))
        ran = outcome.outcomes[first : first + 1] == (True,)
        done = outcome.outcomes[first + 2 : first + 3] == (True,) and plan.backward is not None
        return SoftmaxRun(
            plan, outcome, logits, labels, truth, gradient, returned,
            [e for e in ret if e.path[0] == "ret"], forward, backward, ran,
            ran if plan.together else done, loss,
            {"forward": stands, "dX": passed},
        )  # fmt: skip

    def _note(self, note: Message) -> None:
        if note not in self.notes:
            self.notes.append(note)


def _as_row(array: np.ndarray, logits: np.ndarray) -> np.ndarray:
    return array.T if array.shape == logits.shape[::-1] else array


def _ran_with_labels(run: SoftmaxRun) -> bool:
    """True if all calls ran, one of them with one-hot rows: what takes them is judged with them."""
    plan = run.plan
    given = "Y" in (*plan.forward, *(plan.backward or ())) and not plan.numbered
    return given and run.forward_ran and (plan.backward is None or run.backward_ran)


def _gradient(
    plan: SoftmaxPlan, probabilities: np.ndarray, labels: np.ndarray, handed: np.ndarray | None
) -> tuple[np.ndarray, tuple[float, ...]]:
    """The true gradient, (N, K), and the factors that count as right."""
    mean = (1.0, 1.0 / len(labels))
    if handed is None:
        return probabilities - labels, mean
    if plan.backward == ("G",):
        return handed, (1.0,)
    inner = (handed * probabilities).sum(axis=1, keepdims=True)
    return probabilities * (handed - inner), mean


def _stands_forward(
    y: Sequence[Found], truth: Truth, known: Sequence[np.ndarray], labelled: bool
) -> Standing:
    """What stands for the probabilities: shares that are one together, returned or else kept.

    What is kept counts beside logarithms of shares that are returned, and beside a loss.
    """
    fitting = standing.fitting(y, truth, known)
    back = [e for e in fitting if e.path[0] == "y"]
    shares = [e for e in fitting if _are_shares(e)] or fitting
    if not back or labelled or any(map(_are_logarithms, back)):
        back = [e for e in shares if e.path[0] == "y"]
    here = standing.returned(
        back, standing.forms_of(truth), lambda name: lexicon().is_a(name, "output")
    )
    if here.entries or here.rivals:
        return here
    return standing.only([e for e in shares if e.path[0] != "y"], truth)


def _are_logarithms(entry: Found) -> bool:
    with np.errstate(all="ignore"):
        return _are_shares(replace(entry, array=np.exp(entry.array)))


def _are_shares(entry: Found) -> bool:
    if entry.array.ndim != 2:
        return False
    with np.errstate(all="ignore"):
        return bool(np.all(entry.array >= 0) and np.allclose(entry.array.sum(axis=-1), 1))


@dataclass(frozen=True)
class _ShownLoss:
    stands: Standing
    right: Match | None = None
    loss: Loss | None = None


def _read_loss(
    returned: Sequence[Found], probabilities: np.ndarray, labels: np.ndarray, tolerance: float
) -> _ShownLoss:
    """The loss in what forward returned: the mean, the sum, or one of each sample."""
    each = cross_entropy(probabilities, labels)
    guarded = cross_entropy(probabilities, labels, _LOG_GUARD)
    numbers = [
        e for e in returned
        if e.array.dtype.kind == "f" and (e.array.size == 1 or e.array.shape == each.shape)
    ]  # fmt: skip
    stands = standing.returned(
        numbers, lambda e: [e.array.ravel()], lambda name: _LOSS.search(name) is not None
    )
    shown = None
    for entry in stands.entries:
        for reduce in (np.mean, np.sum, np.asarray):
            expected, least = np.asarray(reduce(each)), np.asarray(reduce(guarded))
            actual = entry.array if entry.array.ndim == expected.ndim else entry.array.ravel()
            actual = actual.reshape(()) if actual.size == 1 else actual
            if actual.shape != expected.shape:
                continue
            shown = shown or Loss(actual, expected)
            error = explained(actual, expected, tolerance, Sums(len(each)))
            if error is None and np.all((least - EXACT <= actual) & (actual <= expected)):
                error = GUARD
            if error is not None:
                return _ShownLoss(stands, Match(entry.path, (), 1.0, error), Loss(actual, expected))
    return _ShownLoss(stands, None, shown)


def stands_backward(
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


def _call(target: Callable_ | None, given: tuple[str, ...] | None) -> str:
    return "" if target is None or given is None else f"{target.name}({', '.join(given)})"


def wanted_of(target: Callable_) -> list[Parameter]:
    """What a call must be given, keyword-only parameters last."""
    return [
        *target.required,
        *(p for p in target.parameters if p.keyword_only and p.default is None),
    ]


def _takes_labels(target: Callable_) -> bool:
    """True for ``forward(x, y=None)``, whose backward reads what forward was given."""
    more = target.parameters[1:2]
    return bool(more) and not more[0].keyword_only and bool(_MEANT["Y"].fullmatch(more[0].name))


_LOSS = re.compile(r"loss|cost|entropy|err", re.I)
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
