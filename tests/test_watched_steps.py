"""Steps are made of calls whose arrays were kept, and of no other's."""

import numpy as np

from graders.kinds.classifier.stepping import BACKWARD, FORWARD, Call
from graders.kinds.classifier.watched_steps import steps_of

LAYERS = ("Conv2d", "ReLU", "FC")


def calls(*passes: tuple[int, int, int]) -> list[Call]:
    """Forward, or backward, (method) through all layers with so many samples; only of the first few
    layers are the arrays kept.
    """
    found: list[Call] = []
    for method, n, kept in passes:
        order = [*range(len(LAYERS))]
        for k in order if method == FORWARD else order[::-1]:
            begin = 2 * len(found)
            arrays = [np.full((n, 4), float(k))] if k < kept else []
            call = Call(LAYERS[k], k, method, begin, begin + 1, LAYERS[k], arrays, [*arrays])
            found.append(call)
    return found


def test_the_last_forward_before_backward_is_the_steps() -> None:
    (step,) = steps_of(calls((FORWARD, 50, 3), (FORWARD, 20, 3), (BACKWARD, 20, 3)))
    assert (step.n, len(step.forward), len(step.back)) == (20, 3, 3)


def test_a_forward_that_is_kept_in_part_is_no_part_of_the_next_step() -> None:
    trained = (FORWARD, 20, 3), (BACKWARD, 20, 3)
    validated = FORWARD, 50, 2
    unkept = (FORWARD, 20, 0), (BACKWARD, 20, 0)
    assert [s.n for s in steps_of(calls(*trained, validated, *unkept))] == [20]


def test_without_a_backward_the_forward_is_the_step() -> None:
    (step,) = steps_of(calls((FORWARD, 20, 3)))
    assert (step.n, step.back) == (20, {})
