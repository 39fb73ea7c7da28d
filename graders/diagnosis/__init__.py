"""Names mistakes: compares what came out wrong with what known misconceptions give.

Checks decide; a diagnosis only explains, and changes no status.
"""

from graders.diagnosis.known import (
    MISCONCEPTIONS,
    all_misconceptions,
    misconceptions_for,
    misconceptions_of,
)
from graders.misconceptions import Diagnosis, Lesson, Misconception, Name

__all__ = [
    "MISCONCEPTIONS",
    "Diagnosis",
    "Lesson",
    "Misconception",
    "Name",
    "all_misconceptions",
    "misconceptions_for",
    "misconceptions_of",
]
