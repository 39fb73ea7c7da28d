"""Are a student's steps the reference's? Proof by equality, number for number.

From the weights that the student's network had, the replica makes the same mini-batches. Every
weight after every update has to be the student's. What is equal in several steps, on batches of
different data and sizes, learns what the replica learns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from graders.kinds.classifier.formats import places_among
from graders.kinds.classifier.programs import Given
from graders.kinds.classifier.stepping import Watched
from graders.kinds.classifier.steps.moves import fitting, is_dead, moves_of, slipping
from graders.kinds.classifier.steps.nodes import Array, Node, Reshaped, Weighted
from graders.kinds.classifier.steps.parting import Cause, Parting, of_batches, of_steps
from graders.kinds.classifier.steps.recognition import between, recognised
from graders.kinds.classifier.steps.replica import Place, Replica
from graders.kinds.classifier.steps.rules import Rule
from graders.kinds.classifier.watched_steps import Step, steps_of
from graders.messages import M, Message

LEAST_STEPS = 3
OTHER_IMAGES = M("a mini-batch is not made of the images that fit was given")


@dataclass(frozen=True)
class Proof:
    """A student's network as the reference has it, and how its weights are moved.

    `start`: the weights before the first step; `batch`: the size of a whole mini-batch; `slips`:
    known mistakes in how a weight is moved, which the replica makes, too; `still`: layers whose
    weight is not moved.
    """

    replica: Replica
    rules: Mapping[Place, Rule]
    start: Mapping[Place, Array]
    steps: int
    batch: int
    slips: Sequence[Message]
    still: Sequence[str]

    def told(self) -> str:
        """The network and its rules, for the log."""
        nodes = [type(n).__name__ for n in self.replica.nodes if type(n) is not Reshaped]
        rules = sorted({rule.told() for rule in self.rules.values()})
        return f"{' '.join(nodes)}; {', '.join(rules)}"


def proved(seen: Watched, digits: Array) -> Proof | Parting:
    """The proof, or what stands against it. `digits` (n, 28, 28): those that students' code may see."""
    given = seen.given
    if given is None or seen.trial is None or seen.trial.stage in ("setup", "fit"):
        return Parting(f"it could not be run: {seen.trial.error if seen.trial is not None else ''}")
    try:
        steps = steps_of(seen.calls)
        if _is_foreign(steps, given, digits):
            return Parting("images", OTHER_IMAGES, Cause.FOREIGN)
        if seen.trial.cut:
            return Parting("a few mini-batches take too long", cause=Cause.LARGE)
        if not seen.whole:
            return Parting("too much to be watched", cause=Cause.LARGE)
        return _read(steps, seen, given)
    except (ValueError, IndexError) as error:  # arrays of shapes that nobody thought of
        return Parting(f"its arrays can't be read: {error}")


def _read(steps: Sequence[Step], seen: Watched, given: Given) -> Proof | Parting:
    if len(steps) < 2:
        return Parting(f"{len(steps)} steps seen")
    batches = [_rows_of(step, given) for step in steps]
    chosen = [rows for rows in batches if rows is not None]
    if len(chosen) < len(batches):
        return Parting("images", OTHER_IMAGES)
    told = of_batches(chosen, given)
    if told is not None:
        return told
    if len(steps) < LEAST_STEPS:
        return Parting(f"{len(steps)} steps seen")
    read = _replica(steps)
    if isinstance(read, Parting):
        return read
    moves = moves_of(read, steps, chosen, seen, given)
    if moves is None:
        return Parting("a weight is not kept under one name in one shape")
    if any(is_dead(move) for move in moves.values()):
        return Parting("dead from its start", cause=Cause.DEAD)
    rules: dict[Place, Rule] = {}
    for place, move in reversed(moves.items()):  # as backward goes
        rule = fitting(move) or slipping(move)
        if rule is None:
            return of_steps(read, steps, chosen, given, moves, place)
        rules[place] = rule
    labels = {call.instance: call.named for call in steps[0].forward}
    slips = [_slip(rule, labels[k], name, steps[0].n) for (k, name), rule in rules.items()]
    start = {place: move[0].before for place, move in moves.items()}
    return Proof(
        read,
        rules,
        start,
        len(steps),
        max(len(rows) for rows in chosen),
        [slip for slip in slips if slip is not None],
        _still(read, rules, labels),
    )


def _slip(rule: Rule, layer: str, name: str, n: int) -> Message | None:
    """What is said of the mistake in how a weight is moved, if there is one."""
    if not rule.rate:
        return M(
            "the weights of {layer} do not change in a step ({names})", layer=layer, names=name
        )
    if rule.slip is None:
        return None
    return M("{name} of {layer}: {mistake}", name=name, layer=layer, mistake=rule.slip.title)


def _still(replica: Replica, rules: Mapping[Place, Rule], labels: Mapping[int, str]) -> list[str]:
    """Layers whose weight does not move, whatever their bias does, with its name and shape."""
    return [
        f"{labels[k]}: {node.weight} {'x'.join(map(str, node.weights[node.weight].shape))}"
        for k, node in zip(replica.places, replica.nodes, strict=True)
        if k is not None and isinstance(node, Weighted) and not rules[k, node.weight].rate
    ]


def _rows_of(step: Step, given: Given) -> Array | None:
    """Which of the images the mini-batch has, each found again; None if one isn't there."""
    x = np.asarray(step.forward[0].given[0], np.float64)
    rows = np.asarray(given.rows, np.float64).reshape(len(given.rows), -1)
    if x.size != len(x) * rows.shape[1]:
        return None
    found = []
    for row in x.reshape(len(x), -1):
        alike = np.flatnonzero(np.all(np.abs(rows - row) <= 1e-6 * (1 + np.abs(row)), axis=1))
        if len(alike) != 1:
            return None
        found.append(int(alike[0]))
    return np.array(found)


def _is_foreign(steps: Sequence[Step], given: Given, known: Array) -> bool:
    """True if most samples are of the digits that the module can load by itself, and not of those that
    it was given.
    """
    samples = [step.forward[0].given[0] for step in steps[:LEAST_STEPS]]
    found = [places_among(rows, known) for rows in samples if rows.ndim > 1]
    places = [n for part in found if part is not None for n in part]
    own = [n for n in places if n >= 0 and n not in {*given.places}]
    return len(own) > 0.5 * sum(map(len, samples))


def _replica(steps: Sequence[Step]) -> Replica | Parting:
    """The network of nodes, read off the largest step after the first: no bias is 0 any more."""
    step = max(steps[1:], key=lambda s: s.n)
    nodes: list[tuple[int | None, Node]] = []
    last = step.forward[0].given[0]
    for k, call in enumerate(step.forward):
        way = between(last, call.given[0])
        if way is None:
            return Parting(f"{call.named} is not given what the layer before it returned")
        nodes.append((None, way))
        read = recognised(call, step.back.get(call.instance))
        if read is None:
            return Parting(f"{call.named} is no layer that is known")
        if read.last and k < len(step.forward) - 1:
            return Parting(f"{call.named} stands before other layers")
        nodes += [(call.instance, node) for node in read.nodes]
        last = call.back[0]
    return Replica([node for _, node in nodes], [k for k, _ in nodes])
