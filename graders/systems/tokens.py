"""The token that lets us into a learning system: from the environment or a file of one's own, never from a
command line, which others on the machine can read.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from graders.errors import UsageError
from graders.messages import M

_MOST = 4096
_TOKEN = re.compile(r"[!-~]{8,}")  # printable, no blanks: nothing that ends a header


def token_for(variable: str, file: Path | None) -> tuple[str, str]:
    """The token, and where it is from. `variable`: of the environment, where no file is given.

    Raises:
        UsageError: there is none, or others can read the file.
    """
    if file is None:
        text, where = os.environ.get(variable, ""), variable
        if not text.strip():
            raise UsageError(
                M("no token: put it into the environment as {variable}, or into a file for you alone and say "
                  "--token-file", variable=variable)
            )  # fmt: skip
    else:
        text, where = _of_file(file), str(file)
    text = text.strip()
    if not _TOKEN.fullmatch(text):
        raise UsageError(M("{where}: that is no token", where=where))
    return text, where


def _of_file(file: Path) -> str:
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            state = os.fstat(descriptor)
            if not stat.S_ISREG(state.st_mode):
                raise UsageError(M("--token-file {file}: no regular file", file=str(file)))
            if state.st_mode & 0o077 or state.st_uid != os.geteuid():
                raise UsageError(
                    M("--token-file {file}: others can read it or it is not yours; chmod 600 it, and "
                      "make a new token if anybody may have seen it", file=str(file))
                )  # fmt: skip
            return os.read(descriptor, _MOST).decode("ascii", "replace")
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UsageError(
            M(
                "--token-file {file}: can't be read ({why})",
                file=str(file),
                why=error.strerror or "",
            )
        ) from error
