"""Tables that people may have edited: none of what somebody wrote into one is ever lost.

Each table that is written is known by its digest. One that is found otherwise is put aside under another
name before a new one takes its place; `scratchgrade mark --from FILE` takes its points over.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from graders.batch.outputs.files import new
from graders.batch.store import Store
from graders.errors import GraderError

_NOTE = "tables"


class Tables:
    """The tables of one writing; `finish` when all are written."""

    def __init__(self, store: Store, out: Path) -> None:
        self._store, self._out = store, out
        self._known: dict[str, list[str]] = json.loads(store.noted(_NOTE) or "{}")
        self._aside: list[str] = []
        self._written: set[str] = set()

    @contextmanager
    def new(self, name: str) -> Iterator[TextIO]:
        """A table that takes the place of the one before when the block has come to its end."""
        path = self._out / name
        self._spare(path)
        text = io.StringIO(newline="")
        yield text
        # Noted before it is there: a kill in between must not make ours look like somebody's.
        written = text.getvalue().encode("utf-8-sig", "replace")
        self._note(name, hashlib.sha256(written).hexdigest())
        with new(path, bom=True) as file:
            file.write(text.getvalue())
        self._written.add(name)

    def finish(self) -> list[str]:
        """Remove our tables of another time, and tell the names of what was put aside."""
        for name in sorted(self._known.keys() - self._written):
            self._spare(self._out / name)
            with suppress(OSError):
                (self._out / name).unlink(missing_ok=True)
            del self._known[name]
        self._store.note(_NOTE, json.dumps(self._known))
        return self._aside

    def _note(self, name: str, digest: str) -> None:
        self._known[name] = [*self._known.get(name, [])[-1:], digest]
        self._store.note(_NOTE, json.dumps(self._known))

    def _spare(self, path: Path) -> None:
        """Put a table aside that is not as we wrote it."""
        found = _digest(path)
        if not found or found in self._known.get(path.name, []):
            return
        number = 1
        while (aside := path.with_name(f"{path.stem}.edited-{number}{path.suffix}")).exists():
            number += 1
        try:
            os.replace(path, aside)
        except OSError as error:
            raise GraderError(f"{path}: can't be written ({error.strerror or error})") from error
        self._aside.append(aside.name)


def _digest(path: Path) -> str:
    """The hash of a file, "" where there is none."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
