"""An autograder for Gradescope: its two scripts, this grader's code, specs, and pinned libraries."""

from __future__ import annotations

import shlex
import stat
import zipfile
from collections.abc import Iterator
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

import graders
from graders import grading
from graders.errors import GraderError, UsageError
from graders.grading import Request
from graders.secret import secret_for

_PACKAGES = ("graders", "reference", "specs")
_LEFT_OUT = {"__pycache__"}
# Options that are the same for every submission; paths among them go into the archive.
_FIELDS = {
    "sprint": "--sprint", "course": "--course", "language": "--lang", "feedback": "--feedback", "budget": "--budget",
    "seed": "--seed", "require_isolation": "--require-isolation",
}  # fmt: skip
_BUNDLED = {
    "specs": "--specs", "policy": "--policy", "overrides": "--overrides", "mnist": "--mnist",
}  # fmt: skip
_EPOCH = (2020, 1, 1, 0, 0, 0)  # the same content is the same archive


def write_autograder(request: Request, path: Path) -> None:
    """Write the archive that Gradescope takes under Configure Autograder.

    Raises:
        GraderError: a value of the request can't be used, or the archive can't be written.
    """
    grading.sprints_for(request)
    if request.sprint == "auto" and not request.course:
        raise UsageError("--sprint: say which sprint the assignment is about")
    if request.plugin:
        raise UsageError(
            "--plugin: an autograder has none; install the plugin's package in its setup.sh"
        )
    options: list[str] = ["--strict-interface"] if request.strict else []
    options += ["--cost"] if request.cost else []
    for field, flag in _FIELDS.items():
        value: Any = getattr(request, field)
        if value is not None:
            options += [flag, str(value)]
    files: list[tuple[str, Path]] = list(_packages())
    for field, flag in _BUNDLED.items():
        given: Path | None = getattr(request, field)
        if given is not None:
            name = f"given/{field}" if given.is_dir() else f"given/{field}{given.suffix}"
            files += [(f"{name}/{n}".rstrip("/"), p) for n, p in _below(given)]
            options += [flag, name]
    if request.seed is None:
        options += ["--secret-file", "given/secret"]
    part = path.with_name(path.name + ".part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            _add(archive, "setup.sh", _template("setup.sh"), program=True)
            text = _template("run_autograder").replace("@OPTIONS@", shlex.join(options))
            _add(archive, "run_autograder", text, program=True)
            _add(archive, "requirements.txt", "\n".join(sorted(pinned())) + "\n")
            if request.seed is None:  # every container draws a submission's inputs alike
                kept = secret_for(request.secret_file).text + "\n"
                _add(archive, "given/secret", kept)
            for name, file in files:
                _add(archive, name, file.read_bytes())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise GraderError(f"-o {path}: can't be written ({error.strerror or error})") from error


def _template(name: str) -> str:
    return (resources.files("graders.export") / "templates" / name).read_text(encoding="utf-8")


def _add(archive: zipfile.ZipFile, name: str, content: str | bytes, program: bool = False) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.external_attr = (stat.S_IFREG | (0o755 if program else 0o644)) << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, content)


def _packages() -> Iterator[tuple[str, Path]]:
    """The files of our own packages, by their names in the archive."""
    home = Path(graders.__file__).resolve().parents[1]
    for package in _PACKAGES:
        for name, file in _below(home / package):
            yield f"{package}/{name}", file


def _below(path: Path) -> Iterator[tuple[str, Path]]:
    """The files of a folder, sorted, by their names in it; of a file itself, under ""."""
    if path.is_file():
        yield "", path
        return
    for file in sorted(path.rglob("*")):
        inside = file.relative_to(path)
        if file.is_file() and not _LEFT_OUT.intersection(inside.parts):
            yield inside.as_posix(), file


def pinned() -> set[str]:
    """What this installation runs with, as ``name==version``: what it needs, and what that needs."""
    found: set[str] = set()
    pending = ["scratchgrade"]
    seen = set(pending)
    while pending:
        for text in metadata.requires(pending.pop()) or ():
            requirement = Requirement(text)
            if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
                continue
            name = requirement.name.lower().replace("_", "-")
            if name in seen:
                continue
            seen.add(name)
            found.add(f"{name}=={metadata.version(name)}")
            pending.append(name)
    return found
