"""`scratchgrade review` as a process of its own, and a client of it without a browser."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 120  # seconds until a server hangs


@dataclass(frozen=True)
class Address:
    """Where it is served."""

    host: str
    port: int
    token: str

    @property
    def base(self) -> str:
        """The address without the token."""
        return f"http://{self.host}:{self.port}"

    @property
    def whole(self) -> str:
        """What was printed."""
        return f"{self.base}/?token={self.token}"


def line_of(out: Path, *more: object) -> list[str]:
    """The command."""
    return [sys.executable, "-m", "graders.cli", "review", str(out), *map(str, more)]


@contextmanager
def served(out: Path, *more: object, end: int = signal.SIGINT) -> Iterator[Address]:
    """The command at work on a class, until the block ends; it ends well."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        line_of(out, *more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        printed = process.stdout.readline()
        found = re.match(r"http://([^:/]+):(\d+)/\?token=(\S+)", printed)
        assert found is not None, printed + process.communicate(timeout=LONGEST)[1]
        yield Address(found[1], int(found[2]), found[3])
    except BaseException:
        process.kill()
        process.communicate()
        raise
    process.send_signal(end)
    said, wrong = process.communicate(timeout=LONGEST)
    assert process.returncode == 0, wrong
    assert "decisions are kept" in said or "決定" in said, said
    assert "Traceback" not in wrong, wrong


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str


class Client:
    """A browser's connection, without the browser."""

    def __init__(self, address: Address) -> None:
        self._connection = http.client.HTTPConnection(address.host, address.port, timeout=LONGEST)
        self.cookie = ""
        self.cookie = self.ask(f"/?token={address.token}").headers["set-cookie"].partition(";")[0]

    def close(self) -> None:
        """The next question opens a connection of its own."""
        self._connection.close()

    def ask(self, place: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
        """GET, or POST with a form. `headers`: others than a browser's (underscores for hyphens)."""
        given = {"Cookie": self.cookie, **{k.replace("_", "-"): v for k, v in headers.items()}}
        if form is not None:
            given.setdefault("Content-Type", "application/x-www-form-urlencoded")
        body = None if form is None else urlencode(form)
        self._connection.request("GET" if form is None else "POST", place, body, given)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, text)


def field(name: str, text: str) -> str:
    """The value of a hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found is not None, (name, text[:2000])
    return found[1]
