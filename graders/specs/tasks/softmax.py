"""What the spec of softmax has to have."""

from __future__ import annotations

from graders.specs.document import Document
from graders.specs.model import ItemSpec
from graders.specs.tasks.task import Task


def _check(document: Document, item: ItemSpec) -> None:
    for size in ("N", "K"):
        if size not in item.sizes:
            raise document.error(("sizes",), f"softmax needs the size {size!r}")


TASK = Task("softmax", facets=lambda item: ("forward", "dX", "repeat"), check=_check)
