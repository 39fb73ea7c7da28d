"""The errors a user can cause: each says what, where and what to do, in one line."""

from __future__ import annotations

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


class SpecError(GraderError):
    """A spec is malformed; the message names file, line, key and what was expected."""


class PluginError(GraderError):
    """A plugin can't be used; the message names it."""


class UsageError(GraderError):
    """An option has a value that can't be used."""
