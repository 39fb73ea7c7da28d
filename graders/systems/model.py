"""What learning systems have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from graders.messages import Message


@dataclass(frozen=True)
class Account:
    """Somebody in an assignment. `id`: the system's own number; `known_as`: login, number of the school."""

    id: str
    name: str
    email: str = ""
    known_as: tuple[str, ...] = ()


@dataclass(frozen=True)
class There:
    """What the system has of somebody. `mark`: as it was entered there, None where none is; `left_alone`: why
    nothing is to be entered.
    """

    account: Account
    mark: float | None
    left_alone: Message | None = None


@dataclass(frozen=True)
class Assignment:
    """What marks are for. `most`: the points that it is worth there."""

    title: str
    most: float


class System(Protocol):
    """One assignment of a learning system. Every method raises `GraderError`, in one sentence."""

    @property
    def name(self) -> str:
        """What the system is called."""
        ...

    @property
    def place(self) -> str:
        """The address of the assignment, without anything secret: marks that were sent are kept under it."""
        ...

    @property
    def numbers_are_ids(self) -> frozenset[str]:
        """The layouts of classes whose students' numbers are the accounts' ids."""
        ...

    def assignment(self) -> Assignment:
        """What the assignment is; refused where marks must not be entered by somebody else."""
        ...

    def all(self) -> list[There]:
        """Everybody who is in it, with the marks of now."""
        ...

    def now(self, there: There) -> There:
        """The same account, asked for once more."""
        ...

    def put(self, there: There, mark: float) -> float | None:
        """Enter a mark; what counts there afterwards, None where the system doesn't say."""
        ...
