"""Where else this project lies in an interpreter: installed, copied, or checked out and pointed to.

Any copy of the reference answers every item, and any copy of the specs says what is asked. So what
our distribution installs is found by what it is, in every folder that the interpreter imports from,
and not only where the grader itself runs. Packages of courses that plug into it count, too.
"""

from __future__ import annotations

import ast
import contextlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from graders.own import MARKS, OURS, is_copy

_NAME = "scratchgrade"
_MAPPING = re.compile(r"^MAPPING\b[^=]*=\s*(\{.*?\})\s*$", re.MULTILINE)
_POINTS = re.compile(rf"^\[\s*{_NAME}(\.\w+)*\s*\]", re.MULTILINE)
_TELLING = (".pth", ".egg-link", ".dist-info", ".egg-info")
_LONGEST = 2**20  # bytes of a file that names others


def copies_in(folders: Iterable[str]) -> list[str]:
    """What has to be hidden, from the folders that an interpreter imports from: files and folders,
    by each of their names.
    """
    found: dict[str, None] = {}
    for folder in dict.fromkeys(map(os.path.realpath, folders)):
        for place in _copies(Path(folder)):
            found[str(place)] = None
            found[os.path.realpath(place)] = None
    return [place for place in found if os.path.exists(place)]


def libraries(prefixes: Iterable[str]) -> Iterator[str]:
    """The folders of packages below prefixes, those of an environment in one of them included."""
    for prefix in dict.fromkeys(map(os.path.realpath, prefixes)):
        for name in _names(prefix):
            inner = os.path.join(prefix, name)
            if name.startswith("lib"):
                yield from _packages(inner)
            elif name.startswith("python3"):
                yield from _packages(prefix, name)
            if os.path.exists(os.path.join(inner, "pyvenv.cfg")):
                yield from _packages(os.path.join(inner, "lib"))


def _packages(library: str, only: str = "python3") -> Iterator[str]:
    """``python3.11/site-packages`` and the like below a folder."""
    for python in _names(library):
        if python.startswith(only):
            for name in _names(os.path.join(library, python)):
                if name.endswith("-packages"):
                    yield os.path.join(library, python, name)


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def file_in(place: str) -> str | None:
    """One file of a place, for who tries to read it; None if there is none."""
    if os.path.isfile(place):
        return place
    for folder, _, names in os.walk(place):
        for name in sorted(names):
            return os.path.join(folder, name)
    return None


def _copies(folder: Path) -> Iterator[Path]:
    yield from _checkout(folder)
    for name in _names(str(folder)):
        plain = name.lower()
        if not (_NAME in plain or plain.endswith(_TELLING)):
            continue
        if plain.endswith((".dist-info", ".egg-info")):  # hundreds of them
            yield from _installed(folder, name)
            continue
        place = folder / name
        if plain.endswith((".pth", ".egg-link")):
            yield from _pointed(place)
        elif _NAME in plain and plain.endswith((".egg", ".whl", ".zip")):
            yield place
        elif _NAME in plain and plain.endswith("_finder.py"):
            yield place
            yield from _mapped(place)


def _checkout(folder: Path) -> Iterator[Path]:
    """Ours in a folder that holds one of our packages."""
    known = [folder / name for name in MARKS if is_copy(str(folder / name))]
    yield from known
    if len(known) == len(MARKS) and not folder.name.endswith("-packages"):
        yield from (folder / name for name in OURS)


def _pointed(file: Path) -> Iterator[Path]:
    """Of the folders that a .pth adds to the path; and the file itself, if it is our installation's."""
    if _NAME in file.name.lower():
        yield file
    for line in _text(file).splitlines():
        if line.strip() and not line.startswith(("#", "import ", "import\t")):
            yield from _checkout(file.parent / line.strip())


def _mapped(file: Path) -> Iterator[Path]:
    """The packages that the finder of an editable installation leads to."""
    found = _MAPPING.search(_text(file))
    with contextlib.suppress(ValueError, SyntaxError, RecursionError, AttributeError):
        for target in ast.literal_eval(found.group(1) if found else "{}").values():
            yield Path(str(target))
            yield from _checkout(Path(str(target)).parent)


def _installed(folder: Path, name: str) -> Iterator[Path]:
    """What a distribution of ours, or one that plugs into it, has installed; `name`: its metadata's."""
    points = _text(os.path.join(folder, name, "entry_points.txt"))
    ours = name.lower().startswith((f"{_NAME}-", f"{_NAME}."))
    if not ours and not (_NAME in points and _POINTS.search(points)):
        return
    metadata = folder / name
    tops = {line.strip() for line in _text(metadata / "top_level.txt").splitlines()}
    for line in _text(metadata / "RECORD").splitlines():
        tops.add(line.split(",")[0].strip('"').split("/")[0])
    for top in sorted(tops):
        if (
            not top
            or top in ("..", ".", "__pycache__")
            or top.endswith((".dist-info", ".egg-info"))
        ):
            continue
        for place in (folder / top, folder / f"{top}.py"):
            if place.exists():
                yield place
                if place.name.endswith("_finder.py"):
                    yield from _mapped(place)
    with contextlib.suppress(ValueError, AttributeError):
        source = urlsplit(json.loads(_text(metadata / "direct_url.json") or "{}").get("url", ""))
        if source.scheme == "file":
            for place in (Path(unquote(source.path)), Path(unquote(source.path), "src")):
                yield from _checkout(place)


def _text(file: str | Path) -> str:
    """The beginning of a small text file; "" where there is none to be read."""
    try:
        with open(file, "rb") as opened:
            return opened.read(_LONGEST).decode("utf-8", "replace")
    except OSError:
        return ""
