"""What seeds are made of: a secret of the installation, so that nobody knows a grading's inputs beforehand.

A seed that can be computed from the submission alone could be computed at home, and the answers to
its inputs written into the submission. The seed is a keyed hash instead: the same submission and the
same secret, the same seed. The seed stands in the report; the secret in no report and in no
student's process.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import os
import re
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

from graders.errors import UsageError

VARIABLE = "SCRATCHGRADE_SECRET"
_FILE = "secret"
_KEY = re.compile("[0-9a-f]{64}")  # as we write one; other texts are hashed
_LEAST = 16  # characters: what is shorter can be guessed
_SEED_BYTES = 6  # whole in every reader of JSON, whose numbers are doubles
_ADVICE = "make one with: python -c 'import secrets; print(secrets.token_hex(32))'"


@dataclass(frozen=True)
class Secret:
    """A key for seeds. `passing`: why it is this run's alone; "" for one that is kept."""

    key: bytes
    passing: str = ""

    @property
    def text(self) -> str:
        """What reads as this secret again."""
        return self.key.hex()

    def seed_of(self, fingerprint: str) -> int:
        """The seed for a submission, from what identifies it."""
        digest = hashlib.blake2b(
            fingerprint.encode(), key=self.key, digest_size=_SEED_BYTES, person=b"scratchgrade"
        )
        return int.from_bytes(digest.digest(), "big")


def secret_for(file: Path | None = None) -> Secret:
    """The secret to grade with: the given file's, the environment's, or the installation's.

    Raises:
        UsageError: the file can't be read, or what was given is too short to be a secret.
    """
    return given(file) or installation()


def given(file: Path | None = None) -> Secret | None:
    """The secret of a file, or of the environment; None where neither is given.

    Raises:
        UsageError: the file can't be read, or what is in it is too short to be a secret.
    """
    if file is not None:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "no text"
            raise UsageError(f"--secret-file {file}: can't be read ({reason}); {_ADVICE}") from None
        return _of_text(text, f"--secret-file {file}")
    text = os.environ.get(VARIABLE, "")
    return _of_text(text, VARIABLE) if text else None


def installation() -> Secret:
    """The secret that this user's gradings share, made at the first of them. Where none can be
    kept, one for this run alone.
    """
    file = place()
    if file is None:
        return _of_this_run("no home folder")
    try:
        text = kept_in(file)
    except OSError as error:
        return _of_this_run(f"{file}: {error.strerror or error}")
    try:
        return _of_text(text, str(file))
    except UsageError:
        return _of_this_run(f"{file}: no secret")


def place() -> Path | None:
    """Where the installation's secret is kept: in the user's folder for state; None without one."""
    state = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(state):  # what is relative doesn't count, by the XDG specification
        home = os.path.expanduser("~")  # without HOME the user's by the system's list
        if not os.path.isabs(home) or os.environ.get("HOME") == "":
            return None
        mac = sys.platform == "darwin"
        state = os.path.join(
            home, *(("Library", "Application Support") if mac else (".local", "state"))
        )
    return Path(state, "scratchgrade", _FILE)


def kept_in(file: Path) -> str:
    """The text of a file of 64 hexadecimal digits, for its owner alone; the first one who comes writes it, and
    the others wait for that.

    Raises:
        OSError: it can be neither read nor written.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        with os.fdopen(descriptor, encoding="utf-8", errors="replace") as kept:
            fcntl.flock(kept, fcntl.LOCK_SH)
            if text := kept.read():
                return text
    except FileNotFoundError:
        pass
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    with os.fdopen(os.open(file, flags, 0o600), "r+", encoding="utf-8") as kept:
        fcntl.flock(kept, fcntl.LOCK_EX)
        text = kept.read()
        if not text:
            text = secrets.token_hex(32) + "\n"
            kept.write(text)
            kept.flush()
            os.fsync(kept.fileno())
    return text


@functools.cache
def _of_this_run(why: str) -> Secret:
    return Secret(secrets.token_bytes(32), why)


def _of_text(text: str, where: str) -> Secret:
    text = text.strip()
    if len(text) < _LEAST:
        raise UsageError(
            f"{where}: {len(text)} characters; a secret has {_LEAST} or more; {_ADVICE}"
        )
    if _KEY.fullmatch(text):
        return Secret(bytes.fromhex(text))
    return Secret(hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest())
