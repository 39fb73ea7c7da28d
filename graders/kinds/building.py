"""A kind of the grader's own, made as a plugin makes one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from graders import plugins
from graders.judging.context import Context
from graders.judging.results import ItemResult
from graders.specs import ItemSpec
from graders.traits import KINDS

Kind: TypeAlias = plugins.Kind[Callable[[ItemSpec, Context], ItemResult]]
Interfaces: TypeAlias = Callable[[ItemSpec], dict[str, str]]


class Judge(Protocol):
    """Judges the items of a kind in one submission."""

    def judge(self, spec: ItemSpec, /) -> ItemResult:
        """The verdict on an item."""


def built_in(
    name: str, judge: Callable[[Context], Judge], interfaces: Interfaces | None = None
) -> Kind:
    """A kind whose judge is made once for a submission. Its facets are those of its task
    (`specs.tasks`), its template is the file beside its module.
    """

    def judged(spec: ItemSpec, context: Context) -> ItemResult:
        return context.once(judge).judge(spec)

    return plugins.Kind(name, judged, {}, traits=KINDS[name], interfaces=interfaces)
