"""What carries out tasks: the contract between the coordinator and its workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Done:
    """A task came back. `result` has the fields of a `store.Result`."""

    id: str
    result: dict[str, Any]


@dataclass(frozen=True)
class Died:
    """The worker that had the task is gone, or could not finish it, and why.

    `final`: it was tried often enough. `scarce`: the machine has too little for any task.
    """

    id: str
    reason: str
    final: bool = False
    scarce: bool = False


Outcome = Done | Died


class Executor(Protocol):
    """Carries out tasks elsewhere. Use as a context manager: leaving it ends all that runs."""

    def __enter__(self) -> Executor: ...

    def __exit__(self, *_: object) -> None: ...

    @property
    def free(self) -> int:
        """How many more tasks it would take now."""
        ...

    def submit(self, task: dict[str, Any]) -> None:
        """Begin a task."""
        ...

    def outcome(self, seconds: float) -> Outcome | None:
        """The next task that ended; None if there is none within this time.

        Raises:
            GraderError: there are no workers, and there can't be any.
        """
        ...
