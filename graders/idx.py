"""Reads the full MNIST set from files: IDX (gzipped or not) or Keras' ``mnist.npz``.

IDX: two zero bytes, 0x08 for unsigned bytes, the number of axes, each axis as a big-endian
32-bit number, then the values (http://yann.lecun.com/exdb/mnist/).
"""

from __future__ import annotations

import gzip
import math
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np

from graders.errors import GraderError

_PARTS = (
    ("train-images", "train-labels"),
    ("t10k-images", "t10k-labels"),
)
_KEYS = (("x_train", "y_train"), ("x_test", "y_test"))
Part = tuple[np.ndarray, np.ndarray]


def files_of(source: Path) -> list[Path]:
    """The files that `source` stands for: itself, or the four IDX files of a folder.

    Raises:
        GraderError: it is not there, or a file of the set is missing.
    """
    if source.is_file():
        return [source]
    if not source.is_dir():
        raise GraderError(f"--mnist {source}: no such file or folder")
    if (source / "mnist.npz").is_file():
        return [source / "mnist.npz"]
    return [_idx_file(source, name) for pair in _PARTS for name in pair]


def _idx_file(folder: Path, name: str) -> Path:
    for file in sorted(folder.iterdir()):
        if file.is_file() and file.name.replace(".", "-").startswith(name + "-idx"):
            return file
    raise GraderError(
        f"--mnist {folder}: no {name}-idx*-ubyte[.gz] in it; expected the four IDX files of MNIST "
        "or a Keras mnist.npz"
    )


def read_mnist(source: Path) -> tuple[Part, Part]:
    """((images, labels) to learn from, (images, labels) to test with); uint8, images (n, 28, 28).

    Raises:
        GraderError: a file is missing, broken, or something else; the message says which and why.
    """
    files = files_of(source)
    if len(files) == 1:
        first, second = _read_npz(files[0])
    else:
        arrays = [_read_idx(file) for file in files]
        first, second = (arrays[0], arrays[1]), (arrays[2], arrays[3])
    where = files[0] if len(files) == 1 else source
    return _valid(where, *first), _valid(where, *second)


def _read_npz(file: Path) -> tuple[Part, Part]:
    try:
        with np.load(file, allow_pickle=False) as data:
            if isinstance(data, np.ndarray):
                raise GraderError(f"--mnist {file}: one array; expected {_named()}")
            missing = [k for pair in _KEYS for k in pair if k not in data]
            if missing:
                raise GraderError(f"--mnist {file}: no {missing[0]} in it; expected {_named()}")
            one, two = [(data[x], data[y]) for x, y in _KEYS]
            return one, two
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        reason = "not a .npz file, or cut off" if not isinstance(error, OSError) else error.strerror
        raise GraderError(f"--mnist {file}: {reason or error}") from error


def _named() -> str:
    return "x_train, y_train, x_test and y_test, as in Keras' mnist.npz"


def _read_idx(file: Path) -> np.ndarray:
    try:
        raw = file.read_bytes()
        if raw[:2] == b"\x1f\x8b":
            raw = gzip.decompress(raw)
    except (OSError, EOFError, zlib.error) as error:
        raise GraderError(f"--mnist {file}: can't be read ({error}); is it complete?") from error
    if len(raw) < 4 or raw[:3] != b"\x00\x00\x08" or not 1 <= raw[3] <= 3:
        raise GraderError(f"--mnist {file}: not an IDX file of bytes")
    axes = raw[3]
    if len(raw) < 4 + 4 * axes:
        raise GraderError(f"--mnist {file}: the file is cut off")
    shape = struct.unpack(f">{axes}I", raw[4 : 4 + 4 * axes])
    body = len(raw) - 4 - 4 * axes
    if body != math.prod(shape):
        raise GraderError(
            f"--mnist {file}: {body} bytes of data where the header says {math.prod(shape)}"
        )
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * axes).reshape(shape)


def _valid(where: Path, images: np.ndarray, labels: np.ndarray) -> Part:
    def refuse(reason: str) -> GraderError:
        return GraderError(f"--mnist {where}: {reason}")

    if images.ndim != 3 or images.shape[1:] != (28, 28):
        raise refuse(f"images of shape {images.shape}; expected (n, 28, 28)")
    if labels.ndim != 1 or len(labels) != len(images):
        raise refuse(f"{len(images)} images, but labels of shape {labels.shape}")
    if images.dtype.kind not in "iu" or labels.dtype.kind not in "iu":
        raise refuse(f"values of type {images.dtype} and {labels.dtype}; expected whole numbers")
    if images.size and not (images.min() >= 0 and images.max() <= 255):
        raise refuse("grey values outside 0 to 255")
    if not np.isin(labels, np.arange(10)).all():
        raise refuse("labels outside 0 to 9")
    if len(np.unique(labels)) < 10:
        raise refuse("not every digit is there")
    return images.astype(np.uint8), labels.astype(np.uint8)
