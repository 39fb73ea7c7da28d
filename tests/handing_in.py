"""`scratchgrade serve` as a process of its own, and who hands in without a browser."""

from __future__ import annotations

import csv
import io
import json
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
from urllib.parse import urlsplit

from tests.reviewing import LONGEST, Answer, Asking, field, started

_BOUNDARY = "part-of-a-form"


@dataclass(frozen=True)
class Place:
    """Where it is served, and the process."""

    course: Path
    host: str
    port: int
    process: subprocess.Popen[str]

    @property
    def base(self) -> str:
        """Its address."""
        return f"http://{self.host}:{self.port}"


def line_of(course: Path, *more: object) -> list[str]:
    """The command."""
    return [
        sys.executable,
        "-m",
        "graders.cli",
        "serve",
        str(course),
        "--lang",
        "en",
        *map(str, more),
    ]


def written_course(folder: Path, settings: str, students: list[tuple[str, str, str]]) -> Path:
    """A class's folder. `students`: number, name, e-mail."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "hand-in.yaml").write_text(settings, encoding="utf-8")
    with (folder / "roster.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("ID", "Student", "Email"), *students])
    return folder


@contextmanager
def serving(course: Path, *more: object, end: int = signal.SIGINT) -> Iterator[Place]:
    """The command at work, until the block ends; it ends well."""
    given = (*more,) if "--port" in more else (*more, "--port", 0)
    line = line_of(course, *given)
    with started(line, ("what was handed in is kept",), end) as (process, printed):
        found = re.match(r"http://([^:/]+):(\d+): ", printed)
        assert found is not None, printed
        yield Place(course, found[1], int(found[2]), process)


def links(course: Path) -> dict[str, str]:
    """The path of everybody's personal link, by number or name."""
    done = subprocess.run(
        line_of(course, "--links"), capture_output=True, text=True, timeout=LONGEST, check=True
    )
    rows = csv.DictReader(io.StringIO(done.stdout, newline=""))
    return {row["id"]: urlsplit(row["link"]).path for row in rows}


class Visitor(Asking):
    """Who came by a link; "" is a stranger."""

    def __init__(self, place: Place, link: str = "") -> None:
        super().__init__(place.host, place.port)
        if link:
            self.cookie = self.ask(link).headers["set-cookie"].partition(";")[0]

    def form(self) -> str:
        """The secret of this person's forms."""
        return field("form", self.ask("/").text)

    def hand_in(
        self, name: str, content: bytes, form: str | None = None, **headers: str
    ) -> Answer:  # fmt: skip
        """Hand a file in, with the person's own form."""
        secret = self.form() if form is None else form
        return self.post({"form": secret}, name, content, **headers)

    def post(self, fields: dict[str, str], name: str, content: bytes, **headers: str) -> Answer:
        """Send a form with a file as a browser does."""
        parts = [
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in fields.items()
        ]
        parts.append(
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        body = "".join(parts).encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode()
        given = {k.replace("_", "-"): v for k, v in headers.items()}
        given.setdefault("Content-Type", f"multipart/form-data; boundary={_BOUNDARY}")
        return self.send("POST", "/", body, given)

    def state(self, attempt: int) -> dict[str, Any]:
        """What a page that waits is told."""
        answer = self.ask(f"/attempt/{attempt}/state")
        assert answer.status == 200, answer
        found: dict[str, Any] = json.loads(answer.text)
        return found

    def graded(self, attempt: int) -> str:
        """What became of an attempt, when something has."""
        deadline = time.monotonic() + LONGEST
        while not (state := self.state(attempt))["done"]:
            assert time.monotonic() < deadline, state
            time.sleep(0.1)
        return str(state["text"])
