"""A session that makes its calls in the process of another one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graders.sandbox.session import Outcome, Session


@dataclass
class View(Session):
    """What one judge, or one try, has of a process that it shares; of one that ended over it, no more."""

    host: Session | None = None
    gone: bool = field(default=False, init=False)  # the process ended over it

    def run(
        self,
        steps: list[dict[str, Any]],
        arrays: list[np.ndarray],
        as_of: int | None = None,
        seconds: float | None = None,
    ) -> Outcome:
        """Make the calls in the host's process.

        Raises:
            OutOfBudget: as the host says.
        """
        assert self.host is not None
        if self.gone:
            return Outcome(died="the student's process ended")
        before = self.host.call_seconds
        outcome = self.host.run(steps, arrays, as_of, seconds)
        self.calls += 1
        self.call_seconds += self.host.call_seconds - before
        self.gone = self.ended(outcome)
        return outcome

    def ended(self, outcome: Outcome) -> bool:
        """True if there is nothing left to make further calls in."""
        return bool(outcome.died)
