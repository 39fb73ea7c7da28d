"""One step of an assembled network beside the same step of the reference.

Layers that are right alone can be wrong together. The student's network makes one step on one
mini-batch; what each layer was given and gave back is compared with what the reference makes of
the same arrays and weights, in the order of the step: forward, the gradient of the loss, backward,
the update, and the way of predict. The first place where they part is told, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from graders.checks.model import number
from graders.kinds.classifier.step_arrays import (
    ACTIVATIONS,
    are_probabilities,
    as_rows,
    factor_of,
    fits,
    is_dense,
    is_parameter,
    is_plain,
    labels_in,
    linear_of,
    matrix_of,
    nearly,
    of_size,
    same,
    upstream_of,
)
from graders.kinds.classifier.stepping import FORWARD, Call, Watched
from graders.kinds.classifier.watched_steps import Step, layers_of, networks_of, steps_of
from graders.messages import Bilingual, M, Message

_SKIPS = re.compile(r"drop_?out|normali[sz]|batch_?norm", re.I)  # other in predict than in fit


@dataclass(frozen=True)
class Known:
    """A class of the notebook that is judged on its own: which item, and what is wrong with it."""

    title: Bilingual
    wrong: frozenset[str]  # facets


def first_parting(seen: Watched, known: Mapping[str, Known]) -> Message | None:
    """Where the step parts from the reference's first; None if it doesn't, or can't be told.

    Args:
        seen: the step, and one call of predict after it.
        known: by the name of a class, what was found when it was judged as a layer.
    """
    if not seen.whole:
        return None
    steps = steps_of(seen.calls)
    if not steps:
        return _unmoved(seen)
    step = _Step(steps[0].forward, steps[0].back, seen)
    rules = (_forward, _loss, _backward, _update, _prediction)
    return next((told for rule in rules for told in rule(step, known)), None)


@dataclass(frozen=True)
class _Step(Step):
    """The first step, with all that was seen."""

    seen: Watched


# -- forward -------------------------------------------------------------------------------------


def _forward(step: _Step, known: Mapping[str, Known]) -> Iterator[Message]:
    """Each layer's output, and whether the next one gets it."""
    for k, call in enumerate(step.forward):
        x, y = call.given[0], call.back[0]
        if not np.all(np.isfinite(y)):
            yield M("the output of {layer} has values that are not finite", layer=call.named)
        yield from _alone(call, known, {"forward"})
        if _sums_to_one_in_all(y):
            yield M(
                "the rows of what {layer} returns don't sum to 1: it divides by the sum over the whole mini-batch",
                layer=call.named,
            )
        if call.name not in known and is_dense(call) and linear_of(call) is None:
            yield M("the output of {layer} is not X·W + b", layer=call.named)
        after = step.next_of(k)
        if after is None or not after.given or same(after.given[0], y):
            continue
        sources = [(c, c.back[0]) for c in step.forward[:k]]
        skipped = next((c for c, out in sources if same(out, after.given[0])), None)
        if skipped is not None and not same(skipped.back[0], y):
            yield M(
                "the output of {layer} goes nowhere: {next} is given the output of {other}",
                layer=call.named,
                next=after.named,
                other=skipped.named,
            )
        elif same(after.given[0], x) and not same(x, y):
            yield M(
                "the output of {layer} goes nowhere: {next} is given the same input",
                layer=call.named,
                next=after.named,
            )


def _alone(call: Call, known: Mapping[str, Known], facets: set[str]) -> Iterator[Message]:
    """A layer that was judged by itself and found wrong in what is now its turn."""
    found = known.get(call.name)
    if found is not None and facets & found.wrong:
        yield M(
            "{layer} is wrong by itself in {facets}; see «{item}»",
            layer=call.named,
            facets=", ".join(f for f in ("forward", "dX", "dW", "dB") if f in facets & found.wrong),
            item=found.title,
        )


def _sums_to_one_in_all(y: np.ndarray) -> bool:
    rows = as_rows(y)
    if len(rows) < 2 or rows.shape[1] < 2 or np.any(rows < 0):
        return False
    return bool(abs(rows.sum() - 1) < 1e-6)


# -- the loss ------------------------------------------------------------------------------------


def _loss(step: _Step, known: Mapping[str, Known]) -> Iterator[Message]:
    """The gradient that backward starts with: probabilities minus one-hot labels, over N or not."""
    if not step.back:
        if any(c.kept for c in step.forward):
            yield M("after forward no layer's backward is called, so nothing learns")
        return
    top = _top(step)
    if top is None:
        return
    where, p, gradient = top
    found = labels_in(p, gradient)
    if found is None:
        yield M(
            "the gradient that backward starts with, at {layer}, is not the probabilities minus the one-hot labels",
            layer=where.named,
        )
    elif found[0] < 0:
        yield M(
            "the gradient that backward starts with, at {layer}, has the wrong sign: it is the labels minus the probabilities",
            layer=where.named,
        )


def _top(step: _Step) -> tuple[Call, np.ndarray, np.ndarray] | None:
    """The last layer, the probabilities (N, K) and the gradient of the scores before them."""
    last = step.forward[-1]
    y = as_rows(last.back[0])
    back = step.back.get(last.instance)
    if back is None or y.shape[0] != step.n or y.shape[1] < 2:
        return None
    if are_probabilities(y):
        gradient = of_size(back.back, y.size)
        p = y
    else:
        gradient = upstream_of(back, last)
        if y.shape[1] != 10:
            return None
        p = np.exp(y - y.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
    return None if gradient is None else (last, p, gradient.reshape(p.shape))


# -- backward ------------------------------------------------------------------------------------


def _backward(step: _Step, known: Mapping[str, Known]) -> Iterator[Message]:
    """Each layer's gradient, from the last to the first, and whether it reaches the one before."""
    for k in range(len(step.forward) - 1, -1, -1):
        call = step.forward[k]
        if not any(c.kept for c in step.forward[: k + 1]):
            return  # nothing here or before it learns
        back, after = step.back.get(call.instance), step.next_of(k)
        if back is None:
            if after is None and not call.kept:
                continue  # the loss and its gradient may be worked out elsewhere
            yield M(
                "{layer}.backward is never called, so that nothing up to it learns",
                layer=call.named,
            )
            return
        upstream = upstream_of(back, call)
        if after is not None and upstream is not None:
            yield from _arrives(step, call, after, upstream)
        needed = {"dW", "dB"} if call.kept else set()
        if any(c.kept for c in step.forward[:k]):
            needed.add("dX")
        yield from _alone(call, known, needed)
        if upstream is not None and "dX" in needed and call.name not in known:
            yield from _passed_back(call, back, upstream)


def _arrives(step: _Step, call: Call, after: Call, upstream: np.ndarray) -> Iterator[Message]:
    """Whether what the next layer's backward returned is what this one's is given."""
    later = step.back.get(after.instance)
    if later is None or not same(after.given[0], call.back[0]):
        return
    coming = of_size(later.back, after.given[0].size)
    if coming is None or coming.size != upstream.size or same(coming, upstream):
        return
    factor = factor_of(upstream, coming)
    if factor is not None and nearly(factor * step.n, 1):
        yield M(
            "between {next}.backward and {layer}.backward the gradient is divided by the number of samples",
            next=after.named,
            layer=call.named,
        )
    elif factor is not None:
        yield M(
            "between {next}.backward and {layer}.backward the gradient is multiplied by {factor}",
            next=after.named,
            layer=call.named,
            factor=number(factor),
        )
    else:
        yield M(
            "{layer}.backward is not given the gradient that {next}.backward returned",
            next=after.named,
            layer=call.named,
        )


def _passed_back(call: Call, back: Call, upstream: np.ndarray) -> Iterator[Message]:
    """The gradient of the input beside the reference's for the same weights, or the same function."""
    x = call.given[0]
    mine = of_size(back.back, x.size)
    if mine is None:
        if not back.back and not back.kept:
            yield M("{layer}.backward returns no gradient", layer=call.named)
        return
    wanted: list[np.ndarray] = []
    if is_dense(call):
        if not is_plain(call):
            return
        weights = [matrix_of(call, kept) for kept in (call.kept, back.kept)]
        wanted = [as_rows(upstream) @ w.T for w in weights if w is not None]
        wanted += [g / len(x) for g in wanted]
        text = M("the gradient that {layer}.backward returns is not dA·Wᵀ", layer=call.named)
    else:
        alike = [a for a in (kind() for kind in ACTIVATIONS) if same(a.forward(x), call.back[0])]
        if len(alike) == 1 and not same(x, call.back[0]):  # ReLU of what is positive: or flattening
            wanted = [alike[0].backward(upstream.reshape(x.shape))]
        text = M(
            "the gradient that {layer}.backward returns is not the derivative of its forward",
            layer=call.named,
        )
    if wanted and not any(same(mine, g) for g in wanted):
        yield text


# -- the update ----------------------------------------------------------------------------------


def _update(step: _Step, known: Mapping[str, Known]) -> Iterator[Message]:
    """Whether the weights move, which way, and how far."""
    top = _top(step)
    found = None if top is None else labels_in(top[1], top[2])
    scale = None if found is None else found[0]
    for call in step.forward:
        after = step.seen.after.get(call.instance, {})
        names = [n for n in call.kept if n in after and after[n].shape == call.kept[n].shape]
        names = [n for n in names if is_parameter(n)] or names
        if not names:
            continue
        back = step.back.get(call.instance)
        upstream = None if back is None else upstream_of(back, call)
        if upstream is not None and not np.any(upstream):
            continue  # units that are all dead: so would the reference's be
        if all(np.array_equal(call.kept[n], after[n]) for n in names):
            yield M(
                "the weights of {layer} do not change in a step ({names})",
                layer=call.named,
                names=", ".join(names),
            )
        if upstream is None or not is_dense(call) or not is_plain(call):
            continue
        yield from _moves(step, call, after, upstream, scale)


def _moves(
    step: _Step,
    call: Call,
    after: Mapping[str, np.ndarray],
    upstream: np.ndarray,
    scale: float | None,
) -> Iterator[Message]:
    name = next(n for n, w in call.kept.items() if fits(call, w))
    if name not in after:
        return
    change = (call.kept[name] - after[name]).astype(np.float64)
    x, g = as_rows(call.given[0]).astype(np.float64), as_rows(upstream)
    gradient = x.T @ g if change.shape == (x.shape[1], g.shape[1]) else g.T @ x
    if not np.all(np.isfinite(change)):
        yield M("after the step the weights of {layer} are not finite", layer=call.named)
        return
    if not change.any():  # its bias does
        yield M(
            "the weights of {layer} do not change in a step ({names})",
            layer=call.named,
            names=name,
        )
        return
    at = np.abs(gradient) > 1e-9 * np.abs(gradient).max(initial=0.0)
    agreeing = float(np.mean(np.sign(change[at]) == np.sign(gradient[at]))) if at.any() else 1.0
    if agreeing < 0.05:
        yield M(
            "the weights of {layer} move along their gradient instead of against it",
            layer=call.named,
        )
    elif agreeing < 0.9:
        yield M("the weights of {layer} do not move along their gradient", layer=call.named)
    factor, rate = factor_of(change, gradient), step.seen.rates.get(call.instance)
    if factor is not None and rate and scale and step.n > 1:
        share = factor / rate / scale * step.n  # 1: the mean over samples, N: the sum
        if nearly(share * step.n, 1):
            yield M(
                "the mean over the samples is taken twice, so that the weights of {layer} move {n} times less than the learning rate says",
                layer=call.named,
                n=step.n,
            )


# -- predict -------------------------------------------------------------------------------------


def _prediction(step: _Step, known: Mapping[str, Known]) -> Iterator[Message]:
    """Whether predict goes the same way as fit; the last activation may be left out."""
    layers = layers_of(step.seen.asked, networks_of(step.seen.calls))
    asked = {c.instance: c for c in reversed(layers) if c.method == FORWARD}
    there = [c for c in sorted(asked.values(), key=lambda c: c.begin) if not _SKIPS.search(c.name)]
    here = [c for c in step.forward if not _SKIPS.search(c.name)]
    fit, predict = [c.label for c in here], [c.label for c in there]
    if not predict or predict == fit or (predict == fit[:-1] and not here[-1].kept):
        return
    yield M(
        "predict goes another way than fit: {predict}, where fit goes {fit}",
        predict=" → ".join(predict),
        fit=" → ".join(fit),
    )


def weights_moved(seen: Watched) -> bool:
    """True if a step has changed the weights of every layer that keeps any."""
    before = {c.instance: c.kept for c in reversed(seen.calls) if c.kept}
    told = [
        any(not np.array_equal(array, after[name]) for name, array in kept.items() if name in after)
        for number, kept in before.items()
        if (after := seen.after.get(number)) is not None
    ]
    return bool(told) and all(told)


def _unmoved(seen: Watched) -> Message | None:
    """Weights that the model itself keeps, and that a step leaves as they were."""
    still = [
        name
        for name, moved in seen.moved.items()
        if not moved and is_parameter(name) and "init" not in name.lower()
    ]
    if not still:
        return None
    return M("a step of fit does not change {names}", names=", ".join(still[:8]))
