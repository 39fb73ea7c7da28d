"""What the search for a plan gives: the attempts that were made, and the best of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from graders.binding.definitions import Definition
from graders.binding.plans import LayerPlan
from graders.messages import M, Message
from graders.sandbox.session import CellError, Found


@dataclass
class Attempt:
    """One plan that was tried: what became of it."""

    plan: LayerPlan
    score: float
    error: CellError | None = None
    timed_out: bool = False
    died: str = ""
    y: Found | None = None

    @property
    def exact(self) -> bool:
        """True if the output was the true one."""
        return self.score >= 2

    def summary(self) -> Message | str:
        """Why the plan was dropped or kept, for `explain`."""
        if self.exact:
            return M("right output")
        if self.timed_out and not self.died:
            return M("out of time")
        if self.died or self.error:
            return self.died or str(self.error)
        if self.y:
            return M("output of shape {shape}", shape=str(self.y.array.shape))
        return M("no output")


@dataclass
class BoundLayer:
    """A class with the plan it is called by, or the reason why it can't be called."""

    definition: Definition
    plan: LayerPlan | None
    attempt: Attempt | None
    error: CellError | None = None
    tried: list[Attempt] = field(default_factory=list)

    @property
    def exact(self) -> bool:
        """True if the plan gave the true output on the probe."""
        return self.attempt is not None and self.attempt.exact

    @property
    def score(self) -> float:
        """How near the best plan came."""
        return self.attempt.score if self.attempt else -1.0
