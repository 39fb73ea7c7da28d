"""A session in which a function of the student's has other code, for one program at a time.

Everything that is called, read and judged with it is called, read and judged as ever: what repairs a
layer is decided by the checks that decide verdicts, on other inputs, and it decides no verdict.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from graders.repair.model import Edit
from graders.sandbox.session import Budget, Outcome, Session


@dataclass
class Edited(Session):
    """A view of a session: its calls are made on edited code."""

    host: Session | None = None
    edit: Edit | None = None
    gone: bool = field(default=False)  # the process ended: nothing more is to be tried

    def run(
        self,
        steps: list[dict[str, Any]],
        arrays: list[np.ndarray],
        as_of: int | None = None,
        seconds: float | None = None,
    ) -> Outcome:
        """Make the calls with the edit made first, in the host's process."""
        assert self.host is not None
        if self.gone:
            return Outcome(died="the student's process ended")
        before = [] if self.edit is None else [self.edit.step()]
        outcome = self.host.run([*before, *steps], arrays, as_of, seconds)
        self.gone = bool(outcome.died)
        many = len(before)
        failed = outcome.failed_step
        return replace(
            outcome,
            failed_step=None if failed is None else max(0, failed - many),
            outcomes=outcome.outcomes[many:],
        )

    @contextlib.contextmanager
    def in_any_case(self) -> Iterator[None]:
        """Nothing is made in any case here: a repair is worth no more than its budget."""
        yield


def edited(session: Session, edit: Edit | None, budget: Budget) -> Edited:
    """A view of the session with the edit made."""
    view = Edited(session.submission, session.python, budget)
    view.host, view.edit, view.runs = session, edit, session.runs
    return view
