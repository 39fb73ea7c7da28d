"""A session in which a function of the student's has other code, for one program at a time.

Everything that is called, read and judged with it is called, read and judged as ever: what repairs a
layer is decided by the checks that decide verdicts, on other inputs, and it decides no verdict.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from graders.edits.model import Edit
from graders.sandbox.session import Outcome, Session
from graders.sandbox.view import View


@dataclass
class Edited(View):
    """A view of a session: its calls are made on edited code."""

    edit: Edit | None = None

    def run(
        self,
        steps: list[dict[str, Any]],
        arrays: list[np.ndarray],
        as_of: int | None = None,
        seconds: float | None = None,
    ) -> Outcome:
        """Make the calls with the edit made first, in the host's process."""
        if self.edit is None:
            return super().run(steps, arrays, as_of, seconds)
        outcome = super().run([self.edit.step(), *steps], arrays, as_of, seconds)
        return replace(outcome, outcomes=outcome.outcomes[1:])

    def ended(self, outcome: Outcome) -> bool:
        """True for a process that did not answer, too: another one was begun in its place."""
        return super().ended(outcome) or (outcome.timed_out and not outcome.outcomes)


def edited(session: Session, edit: Edit | None) -> Edited:
    """A view of the session with the edit made."""
    return Edited(session.submission, session.python, session.budget, host=session, edit=edit)
