"""The errors a user can cause: each says what, where and what to do, in one line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from graders.messages import Language, Message


class GraderError(Exception):
    """Base of every error that is shown to a user as one line, without a traceback.

    `said`: the line; a `Message` where a report or a page of a class repeats it in its language.
    """

    def __init__(self, said: str | Message = "") -> None:
        super().__init__(str(said))
        self.said = said

    def in_language(self, language: Language) -> str:
        """The line in that language, if it is known in it; else in English."""
        return self.said.in_language(language) if isinstance(self.said, Message) else str(self)


class SubmissionError(GraderError):
    """What was handed in can't be read."""

    def about(self, place: Path, named: Path) -> SubmissionError:
        """The same error where `place` is not a name that the user knows: it is `named`."""
        said = self.said
        if isinstance(said, Message):
            parameters = {
                k: v if isinstance(v, Message) else str(v).replace(str(place), str(named))
                for k, v in said.parameters.items()
            }
            return SubmissionError(replace(said, parameters=parameters))
        return SubmissionError(said.replace(str(place), str(named)))


class SpecError(GraderError):
    """A spec is malformed; the message names file, line, key and what was expected."""


class PluginError(GraderError):
    """A plugin can't be used; the message names it."""


class UsageError(GraderError):
    """An option has a value that can't be used."""


class MachineError(GraderError):
    """This machine has nothing left of what a grading needs, whatever is graded: descriptors, say."""
