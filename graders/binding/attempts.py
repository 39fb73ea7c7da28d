"""What the search for a plan gives: the attempts that were made, and the best of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from graders.binding.definitions import Definition
from graders.binding.plans import LayerPlan
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

    def summary(self) -> str:
        """Why the plan was dropped or kept, for `explain`."""
        if self.exact:
            return "right output"
        if self.died:
            return self.died
        if self.timed_out:
            return "out of time"
        if self.error:
            return str(self.error)
        return f"output of shape {self.y.array.shape}" if self.y else "no output"


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
