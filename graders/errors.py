"""The errors a user can cause: each says what, where and what to do, in one line."""


class GraderError(Exception):
    """Base of every error that is shown to a user as one line, without a traceback."""


class SubmissionError(GraderError):
    """What was handed in can't be read."""


class SpecError(GraderError):
    """A spec is malformed; the message names file, line, key and what was expected."""


class PluginError(GraderError):
    """A plugin can't be used; the message names it."""


class UsageError(GraderError):
    """An option has a value that can't be used."""
