"""What was handed in -> ordered cells with their problem sections. Nothing is executed here."""

from graders.submission.model import Cell, Section, Submission
from graders.submission.reader import read_submission

__all__ = ["Cell", "Section", "Submission", "read_submission"]
