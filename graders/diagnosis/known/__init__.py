"""The misconceptions, a module a family of items."""

from graders.cases import resolve
from graders.diagnosis.known import (
    convolution1d,
    convolution2d,
    dense,
    pooling,
    procedures,
    sizes,
    training,
)
from graders.messages import both
from graders.misconceptions import Lesson, Misconception, known
from graders.plugins import plugins
from graders.specs import ItemSpec, Slip

MISCONCEPTIONS = (
    *convolution1d.MISCONCEPTIONS,
    *convolution2d.MISCONCEPTIONS,
    *pooling.MISCONCEPTIONS,
    *dense.MISCONCEPTIONS,
    *training.MISCONCEPTIONS,
    *sizes.MISCONCEPTIONS,
    *procedures.MISCONCEPTIONS,
)


def misconceptions_for(item: str) -> tuple[Misconception, ...]:
    """The misconceptions that are known for an item."""
    return tuple(m for m in all_misconceptions() if item in m.items)


def misconceptions_of(spec: ItemSpec) -> tuple[Misconception, ...]:
    """Those that are known for an item, and those that its spec names itself; what counts as right in the
    course at hand is none.
    """
    right = {spec.reference, *(form.reference for form in spec.forms)}
    own = (_of_slip(spec, slip) for slip in spec.slips if slip.variant not in right)
    return (*misconceptions_for(spec.id), *own)


def _of_slip(spec: ItemSpec, slip: Slip) -> Misconception:
    said = (both(text.en, text.ja) for text in (slip.title, slip.explanation, slip.hint))
    return known(
        slip.id, spec.id, " ".join(slip.breaks or spec.facets), resolve(slip.variant), Lesson(*said)
    )


def all_misconceptions() -> tuple[Misconception, ...]:
    """Those that come with the grader and those of plugins."""
    return (*MISCONCEPTIONS, *plugins().misconceptions)
