"""That a layer's reference can be asked what it gives in a test, by what its spec says of that."""

from __future__ import annotations

import inspect

import numpy as np

from graders.specs.document import Document
from graders.specs.model import ItemSpec, Testing
from graders.specs.references import found_reference
from graders.spelling import nearest


def check_testing(document: Document, item: ItemSpec, testing: Testing) -> None:
    """Refuse a number or settings that the reference does not take, and a reference that knows no test.

    Raises:
        SpecError: with file, line, key and what went wrong.
    """
    reference = found_reference(document, item.reference)
    parameters = inspect.signature(reference).parameters
    if testing.number not in parameters:
        near = nearest(testing.number, parameters)
        reason = f"{item.reference} takes no {testing.number!r}{near}"
        raise document.error(("test", "number"), reason)
    low, high = testing.between
    if not low < high:
        raise document.error(("test", "between"), f"[{low}, {high}] is empty; expected [low, high]")
    sizes = item.with_shapes({name: high for name, (_, high) in item.sizes.items()})
    x = np.random.default_rng(0).standard_normal([sizes[a] for a in item.axes])
    weights = [np.ones([sizes[a] for a in w.axes]) for w in item.weights.values()]
    config = {name: formula(sizes) for name, formula in item.config.items()}
    for number, way in enumerate(testing.ways):
        place: tuple[str | int, ...] = ("test", "ways", number - 1) if number else ("reference",)
        for name in way.settings:
            if name not in parameters:
                reason = f"{item.reference} takes no {name!r}{nearest(name, parameters)}"
                raise document.error((*place, "settings", name), reason)
        try:
            layer = reference(*weights, **config, **way.settings, **{testing.number: low})
            given = layer.forward(x)
            tested = layer.forward(x, training=False)
        except Exception as error:  # whatever an author's class raises
            raise document.error(
                place, f"{item.reference} gives nothing in a test: {type(error).__name__}: {error}"
            ) from error
        if np.shape(given) != np.shape(tested):
            reason = f"gives {np.shape(tested)} in a test and {np.shape(given)} in a training"
            raise document.error(place, f"{item.reference} {reason}")
