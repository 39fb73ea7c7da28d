"""What the spec of written answers has to have."""

from __future__ import annotations

from graders.specs.document import Document
from graders.specs.model import ItemSpec
from graders.specs.tasks.task import Task
from graders.spelling import nearest

_FACETS = ("shape", "answers")


def _check(document: Document, item: ItemSpec) -> None:
    if not item.answers:
        raise document.error((), "an item of kind answers needs answers")
    for i, answer in enumerate(item.answers):
        if answer.facet not in item.facets:
            raise document.error(
                ("answers", i, "facet"),
                f"{answer.facet!r} has no points{nearest(answer.facet, item.facets)}",
            )
        same = [a.id for a in item.answers].index(answer.id)
        if same != i:
            raise document.error(("answers", i, "id"), f"{answer.id!r} is also answer {same + 1}")
    for facet in _FACETS:
        if facet in item.facets and facet not in {a.facet for a in item.answers}:
            raise document.error(("facets", facet), "none of the answers is of this facet")


TASK = Task(
    "an item of kind answers",
    keys=("answers",),
    facets=lambda item: _FACETS,
    check=_check,
)
