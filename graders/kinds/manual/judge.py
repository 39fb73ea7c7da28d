"""Judges what a person is to look at: not at all."""

from __future__ import annotations

from graders.judging.context import Context
from graders.judging.results import ItemResult
from graders.messages import M
from graders.specs import ItemSpec


class ManualJudge:
    """Leaves the manual items of one submission to a person."""

    def __init__(self, context: Context) -> None:
        """Nothing is asked of the submission."""

    def judge(self, spec: ItemSpec) -> ItemResult:
        """The item, to be looked at."""
        return ItemResult(spec, "manual", M("To be looked at by a person."))
