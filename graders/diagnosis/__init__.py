"""Names mistakes: compares what came out wrong with what known misconceptions give."""

from graders.diagnosis.known import MISCONCEPTIONS
from graders.diagnosis.model import Lesson, Misconception

__all__ = ["MISCONCEPTIONS", "Lesson", "Misconception", "misconceptions_for"]


def misconceptions_for(item: str) -> tuple[Misconception, ...]:
    """The misconceptions that are known for an item."""
    return tuple(m for m in MISCONCEPTIONS if item in m.items)
