"""Names mistakes: compares what came out wrong with what known misconceptions give."""

from graders.diagnosis.misconceptions import MISCONCEPTIONS, misconceptions_for
from graders.diagnosis.model import Misconception

__all__ = ["MISCONCEPTIONS", "Misconception", "misconceptions_for"]
