"""Accuracy on digits whose labels the student's process has never had, and what it proves."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from graders.checks.model import number
from graders.messages import M, Message

N_CLASSES = 10
_SURE = 4.75  # standard deviations: one false alarm in a million


@dataclass(frozen=True)
class Measured:
    """How a trained model answered. `confusion[i][j]`: digits i that were called j (10: neither)."""

    right: int
    n: int
    confusion: np.ndarray

    @property
    def accuracy(self) -> float:
        """The share of right answers."""
        return self.right / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % confidence interval of the accuracy."""
        return wilson(self.right, self.n, 1.96)

    def learns(self, floor: float) -> bool:
        """True if the accuracy is above the floor beyond chance."""
        return self.n > 0 and wilson(self.right, self.n, _SURE)[0] > floor

    @property
    def only_class(self) -> int | None:
        """The class that is answered for (nearly) every image; None if answers differ."""
        answered = self.confusion.sum(0)
        most = int(answered.argmax())
        return most if answered[most] >= 0.98 * self.n and most < N_CLASSES else None


def wilson(right: int, n: int, z: float) -> tuple[float, float]:
    """The score interval of a proportion (Wilson, 1927), at z standard deviations."""
    if n == 0:
        return 0.0, 1.0
    p = right / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def measure(classes: np.ndarray, labels: np.ndarray, meaning: np.ndarray | None = None) -> Measured:
    """Compare answers (m,) with the labels of the first m digits.

    `meaning[d]` is the class that stands for digit d in what the model was given; by default d.
    """
    truth = labels[: len(classes)].astype(np.int64)
    wanted = truth if meaning is None else meaning[truth]
    answered = np.where((classes >= 0) & (classes < N_CLASSES), classes, N_CLASSES)
    confusion = np.zeros((N_CLASSES, N_CLASSES + 1), np.int64)
    if meaning is not None:  # told in digits, not in the renamed classes
        back = np.append(np.argsort(meaning), N_CLASSES)
        answered = back[answered]
    np.add.at(confusion, (truth, answered), 1)
    return Measured(int((classes == wanted).sum()), len(classes), confusion)


def renamed(rng: np.random.Generator) -> np.ndarray:
    """New names for the ten classes, none its own: learnt only by who reads the labels given."""
    while True:
        names = rng.permutation(N_CLASSES)
        if not np.any(names == np.arange(N_CLASSES)):
            return names


def with_noise(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The digits with up to 2 of 255 grey levels of noise on the ink: no table of known images
    has them, and no eye sees it."""
    noise = rng.integers(-2, 3, images.shape)
    noisy: np.ndarray = np.where(images > 2, np.clip(images + noise, 1, 255), images)
    return noisy.astype(np.uint8)


@dataclass(frozen=True)
class Record:
    """A training as the report tells it."""

    way: str  # notebook: it trained the model itself; trial: we ran its training again;
    # steps: its steps are the reference's, which was trained in its place
    measured: Measured
    samples: int = 0
    epochs: int = 0
    rate_factor: float = 1.0
    seed: int = 0
    seconds: float = 0.0
    side: int = 28
    curve: tuple[float, ...] = ()
    complete: bool = True  # the whole trial of the spec, not one cut down to the budget
    trials: int = 1
    diverged: bool = False
    steps: int = 0  # of its own that were compared

    def told(self) -> Message:
        """Accuracy, number and interval in words."""
        low, high = self.measured.interval
        return M(
            "accuracy {accuracy} on {n} digits that it has never seen (95 %: {low} to {high})",
            accuracy=number(round(self.measured.accuracy, 3)),
            n=self.measured.n,
            low=number(round(low, 3)),
            high=number(round(high, 3)),
        )

    def effort(self) -> Message:
        """What it was trained on, in words."""
        if self.way == "notebook":
            return M("the model that the notebook itself has trained")
        if self.way == "steps":
            return M(
                "proved by equality of steps: in {steps} mini-batches a network of the reference moves each weight as it does, number for number; that network was trained from its weights on {samples} digits, {epochs} epochs, at {factor} times its learning rate, and its own predict answered with the weights that came of it",
                steps=self.steps,
                samples=self.samples,
                epochs=self.epochs,
                factor=number(self.rate_factor),
            )
        if self.rate_factor != 1:
            return M(
                "{samples} digits, {epochs} epochs, {factor} times its learning rate",
                samples=self.samples,
                epochs=self.epochs,
                factor=number(self.rate_factor),
            )
        return M("{samples} digits, {epochs} epochs", samples=self.samples, epochs=self.epochs)
