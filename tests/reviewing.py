"""`scratchgrade review` as a process of its own, and clients of servers of ours without a browser."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.axe import violations

ROOT = Path(__file__).resolve().parent.parent
_IDLE = 20  # seconds: a server keeps a connection a minute
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
    with started(line_of(out, *more), ("decisions are kept", "決定"), end) as (_, printed):
        found = re.match(r"http://([^:/]+):(\d+)/\?token=(\S+)", printed)
        assert found is not None, printed
        yield Address(found[1], int(found[2]), found[3])


@contextmanager
def started(
    line: list[str], last: tuple[str, ...], end: int = signal.SIGINT
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server and the first line that it printed; it ends well, and says one of `last`. One that the block
    has killed is not asked.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    try:
        printed = process.stdout.readline()
        assert printed, process.communicate(timeout=LONGEST)[1]
        yield process, printed
    except BaseException:
        process.kill()
        process.communicate()
        raise
    if process.poll() == -signal.SIGKILL:
        process.communicate()
        return
    process.send_signal(end)
    said, wrong = process.communicate(timeout=LONGEST)
    assert process.returncode == 0, wrong
    assert any(one in said for one in last), said
    assert "Traceback" not in wrong, wrong


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str
    cookies: tuple[tuple[str, str], ...] = ()


class Asking:
    """A browser's connection, without the browser."""

    def __init__(self, host: str, port: int, cookie: str = "") -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=LONGEST)
        self.cookie = cookie
        self._host, self._port = host, port
        self._asked = time.monotonic()

    def stranger(self) -> Asking:
        """One who comes without a cookie."""
        return Asking(self._host, self._port)

    def close(self) -> None:
        """The next question opens a connection of its own."""
        self._connection.close()

    def ask(self, place: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
        """GET, or POST with a form. `headers`: others than a browser's (underscores for hyphens)."""
        given = {k.replace("_", "-"): v for k, v in headers.items()}
        if form is None:
            return self.send("GET", place, None, given)
        given.setdefault("Content-Type", "application/x-www-form-urlencoded")
        return self.send("POST", place, urlencode(form).encode(), given)

    def send(self, method: str, place: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        """Any request."""
        if time.monotonic() - self._asked > _IDLE:
            self.close()
        self._asked = time.monotonic()
        self._connection.request(method, place, body, {"Cookie": self.cookie, **headers})
        answer = self._connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        told = [(k.lower(), v) for k, v in answer.getheaders()]
        pairs = [v.partition(";")[0].partition("=") for k, v in told if k == "set-cookie"]
        return Answer(answer.status, dict(told), text, tuple((n, v) for n, _, v in pairs))


class Client(Asking):
    """Of `review`, with its cookie."""

    def __init__(self, address: Address) -> None:
        super().__init__(address.host, address.port)
        self.cookie = self.ask(f"/?token={address.token}").headers["set-cookie"].partition(";")[0]


def must_be_accessible(page: Any, where: object) -> None:
    """Axe finds no fault in what a browser shows, and it is no wider than the window."""
    wrong = [(v["id"], [n["html"] for n in v["nodes"]][:3]) for v in violations(page)]
    assert wrong == [], where
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), where


def field(name: str, text: str) -> str:
    """The value of a hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found is not None, (name, text[:2000])
    return found[1]


def pressing(page: Any, key: str) -> None:
    """Press a key of a page, once the page knows its keys."""
    page.wait_for_load_state("load")
    page.keyboard.press(key)
