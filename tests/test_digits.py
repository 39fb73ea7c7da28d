"""The digits: the split, the cache, files of the full set, and the loaders that notebooks call."""

import gzip
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from graders import data, idx
from graders.errors import GraderError
from graders.kinds.classifier import formats
from graders.sandbox.session import Budget, Session
from graders.submission import read_submission

Write = Callable[..., Path]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    data._digits.cache_clear()
    return tmp_path / "cache" / "scratchgrade"


def small_mnist(n: int = 1300) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels in the form of MNIST, every digit equally often."""
    rng = np.random.default_rng(0)
    labels = (np.arange(n) % 10).astype(np.uint8)
    return rng.integers(0, 256, (n, 28, 28)).astype(np.uint8), labels


def idx_bytes(array: np.ndarray) -> bytes:
    """The array as an IDX file."""
    return (
        struct.pack(">BBBB", 0, 0, 8, array.ndim)
        + struct.pack(f">{array.ndim}I", *array.shape)
        + array.tobytes()
    )


def write_idx(folder: Path, packed: bool) -> Path:
    """The four files of the set."""
    folder.mkdir()
    images, labels = small_mnist()
    for stem, array in (("train-images-idx3", images), ("train-labels-idx1", labels),
                        ("t10k-images-idx3", images[::-1]), ("t10k-labels-idx1", labels[::-1])):  # fmt: skip
        raw = idx_bytes(np.ascontiguousarray(array))
        name = f"{stem}-ubyte" + (".gz" if packed else "")
        (folder / name).write_bytes(gzip.compress(raw, 1) if packed else raw)
    return folder


# -- the package's digits ------------------------------------------------------------------------


def test_the_digits_that_are_kept_back_are_not_among_those_given_away(cache: Path) -> None:
    digits = data.digits()
    assert digits.images.shape == (4000, 28, 28)
    assert np.bincount(digits.held_out_labels).tolist() == [100] * 10
    assert np.bincount(digits.labels).tolist() == [400] * 10
    given = {image.tobytes() for image in digits.images}
    assert not any(image.tobytes() in given for image in digits.held_out)
    with np.load(digits.file) as seen:
        assert len(seen["images"]) == 4000
        assert not any(len(seen[k].shape) and len(seen[k]) == 1000 for k in seen.files)


def test_a_damaged_cache_is_made_anew(cache: Path) -> None:
    first = data.digits()
    for file in cache.glob("*.npz"):
        file.write_bytes(file.read_bytes()[:-400])
    data._digits.cache_clear()
    again = data.digits()
    assert np.array_equal(first.held_out, again.held_out)
    with np.load(again.file) as seen:
        assert np.array_equal(seen["labels"], first.labels)


# -- the full set --------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [True, False], ids=["gz", "plain"])
def test_idx_files_are_read(cache: Path, tmp_path: Path, packed: bool) -> None:
    digits = data.digits(write_idx(tmp_path / "mnist", packed))
    images, labels = small_mnist()
    assert np.array_equal(digits.images[:1300], images)
    assert np.array_equal(digits.labels[:1300], labels)
    assert len(digits.held_out) == 1000
    assert len(digits.images) == 1300 + 300  # what is not kept back of the test digits is given


def test_a_keras_file_is_read(cache: Path, tmp_path: Path) -> None:
    images, labels = small_mnist()
    file = tmp_path / "mnist.npz"
    np.savez(file, x_train=images, y_train=labels, x_test=images, y_test=labels)
    assert len(data.digits(file).held_out) == 1000


def broken(folder: Path, what: str) -> Path:
    """A source with one thing wrong."""
    images, labels = small_mnist()
    if what == "absent":
        return folder / "nowhere"
    if what in ("text", "cut", "key", "shape", "labels", "few", "range"):
        file = folder / "mnist.npz"
        parts = {"x_train": images, "y_train": labels, "x_test": images, "y_test": labels}
        if what == "key":
            del parts["y_test"]
        if what == "shape":
            parts["x_train"] = images[:, :14]
        if what == "labels":
            parts["y_train"] = labels[:-1]
        if what == "few":
            parts |= {"x_test": images[:500], "y_test": labels[:500]}
        if what == "range":
            parts["y_train"] = labels + 1
        np.savez(file, **parts)  # type: ignore[arg-type]
        if what == "text":
            file.write_text("no numbers")
        if what == "cut":
            file.write_bytes(file.read_bytes()[:5000])
        return file
    source = write_idx(folder / "idx", what == "packed")
    file = next(source.glob("train-images*"))
    if what == "packed":
        file.write_bytes(file.read_bytes()[:2000])
    if what == "short":
        file.write_bytes(file.read_bytes()[:-9])
    if what == "magic":
        file.write_bytes(b"P5" + file.read_bytes()[2:])
    if what == "missing":
        file.unlink()
    return source


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("absent", "no such file or folder"), ("text", "not a .npz file"), ("cut", "cut off"),
        ("key", "no y_test in it"), ("shape", "expected (n, 28, 28)"),
        ("labels", "1300 images, but labels"), ("few", "500 test digits"),
        ("range", "labels outside 0 to 9"), ("packed", "is it complete"),
        ("short", "where the header says"), ("magic", "not an IDX file"),
        ("missing", "no train-images-idx"),
    ],
)  # fmt: skip
def test_a_broken_source_is_one_clear_line(
    cache: Path, tmp_path: Path, what: str, reason: str
) -> None:
    source = broken(tmp_path, what)
    with pytest.raises(GraderError, match="--mnist") as caught:
        data.digits(source)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_idx_files_of_other_endings_are_found(tmp_path: Path) -> None:
    folder = write_idx(tmp_path / "mnist", False)
    for file in folder.iterdir():
        file.rename(file.with_name(file.name.replace("-idx", ".idx")))
    assert len(idx.files_of(folder)) == 4


# -- the loaders of the notebooks ----------------------------------------------------------------

LOADERS = {
    "keras": "from keras.datasets import mnist\n(x, y), (v, w) = mnist.load_data()",
    "tensorflow.keras": "import tensorflow as tf\n(x, y), (v, w) = tf.keras.datasets.mnist.load_data()",
    "datasets": "from tensorflow.keras import datasets\n(x, y), (v, w) = datasets.mnist.load_data()",
    "openml": "from sklearn.datasets import fetch_openml\nm = fetch_openml('mnist_784', version=1)\nx, y = m['data'], m['target']\nv, w = x[60000:], y[60000:]\nx, y = x[:60000], y[:60000]",
    "openml frame": "from sklearn.datasets import fetch_openml\nx, y = fetch_openml('mnist_784', as_frame=True, return_X_y=True)\nx, y = x.to_numpy(), y.to_numpy()\nv, w = x[60000:], y[60000:]\nx, y = x[:60000], y[:60000]",
    "torchvision": "from torchvision import datasets\na, b = (datasets.MNIST('.', train=t, download=True) for t in (True, False))\nx, y, v, w = a.data.numpy(), a.targets.numpy(), b.data.numpy(), b.targets.numpy()",
    "examples": "from tensorflow.examples.tutorials.mnist import input_data\nm = input_data.read_data_sets('MNIST_data', one_hot=True, validation_size=0)\nx, y, v, w = m.train.images, m.train.labels, m.test.images, m.test.labels",
    "download": "import urllib.request, gzip\nimport numpy as np\ndef get(name, skip):\n    urllib.request.urlretrieve('http://yann.lecun.com/exdb/mnist/' + name, name)\n    with gzip.open(name) as f:\n        return np.frombuffer(f.read(), np.uint8, offset=skip)\nx = get('train-images-idx3-ubyte.gz', 16).reshape(-1, 28, 28)\ny = get('train-labels-idx1-ubyte.gz', 8)\nv = get('t10k-images-idx3-ubyte.gz', 16).reshape(10000, 784)\nw = get('t10k-labels-idx1-ubyte.gz', 8)",
}
SHOW = "import numpy as np\nprint(x.shape, len(y), v.shape, len(w), type(y[0]).__name__, float(np.max(x)))"
SEEN = {
    "keras": "(60000, 28, 28) 60000 (10000, 28, 28) 10000 uint8 255.0",
    "tensorflow.keras": "(60000, 28, 28) 60000 (10000, 28, 28) 10000 uint8 255.0",
    "datasets": "(60000, 28, 28) 60000 (10000, 28, 28) 10000 uint8 255.0",
    "openml": "(60000, 784) 60000 (10000, 784) 10000 str 255.0",
    "openml frame": "(60000, 784) 60000 (10000, 784) 10000 str 255.0",
    "torchvision": "(60000, 28, 28) 60000 (10000, 28, 28) 10000 int64 255.0",
    "examples": "(60000, 784) 60000 (10000, 784) 10000 ndarray 1.0",
    "download": "(60000, 28, 28) 60000 (10000, 784) 10000 uint8 255.0",
}


def test_every_loader_gives_what_the_real_one_gives(write_notebook: Write) -> None:
    cells = [f"{source}\n{SHOW}\ndel x, y, v, w" for source in LOADERS.values()]
    path = write_notebook(*cells)
    with Session(
        read_submission(path),
        sys.executable,
        Budget(cell=60, total=300),
        mnist=data.student_digits(),
    ) as session:
        session.load()
        got = {
            name: (run.output.strip() or str(run.error))
            for name, (_, run) in zip(LOADERS, sorted(session.runs.items()), strict=True)
        }
    assert got == SEEN


def test_what_is_no_mnist_is_not_downloaded_and_bars_do_no_harm(write_notebook: Write) -> None:
    path = write_notebook(
        "import urllib.request\nurllib.request.urlopen('http://example.org/cats.zip')",
        "from tqdm import tqdm, trange\nimport pyprind\nbar = pyprind.ProgBar(3)\nn = 0\n"
        "for i in tqdm(range(3)):\n    bar.update()\n    n += i\n"
        "with tqdm(total=3) as t:\n    t.update(1)\n    t.set_postfix(loss=1)\n"
        "for i in pyprind.prog_bar(trange(4)):\n    n += 10\nprint(n)  # mnist",
        "import logging\nopen('../logs/today/run.txt', 'w').write('x')\nprint('written')",
        "open('../secret/x.txt')",
    )
    with Session(read_submission(path), sys.executable, mnist=data.student_digits()) as session:
        session.load()
        runs = [run for _, run in sorted(session.runs.items())]
    assert [r.status for r in runs] == ["error", "ok", "ok", "error"]
    assert "no network" in str(runs[0].error)
    assert runs[1].output.strip() == "43"


def test_cupy_without_a_graphics_card_is_numpy(write_notebook: Write) -> None:
    path = write_notebook(
        "import cupy as np\nimport cupy.linalg\nfrom cupy import random as r, asnumpy",
        "np.cuda.Device(0).use()\nnp.get_default_memory_pool().free_all_blocks()\n"
        "np.random.seed(0)\nx = np.arange(6, dtype=np.float32).reshape(2, 3)\n"
        "print(float(np.dot(x, x.T).sum()), r.rand(2).shape, type(asnumpy([1])).__module__)",
        "import numpy\nx = np.get_array_module(x).ones(2)\n"
        "print(type(x) is numpy.ndarray, float(cupy.linalg.norm(x)) > 1.4, x[:, np.newaxis].shape)",
        "kernel = np.ElementwiseKernel('T x', 'T y', 'y = x', 'same')",
    )
    with Session(read_submission(path), sys.executable, mnist=data.student_digits()) as session:
        session.load()
        runs = [run for _, run in sorted(session.runs.items())]
        assert "cupy: NumPy in its place" in session.notes
        assert session.absent == []
    assert [r.output.strip() for r in runs[1:3]] == ["83.0 (2,) numpy", "True True (2, 1)"]
    assert [r.status for r in runs] == ["ok", "ok", "ok", "error"]
    assert "cupy.ElementwiseKernel is not installed" in str(runs[3].error)


# -- the form of a notebook's digits ---------------------------------------------------------------

FORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "grey": lambda g: g.astype(np.uint8),
    "0 to 1": lambda g: g / 255,
    "float32": lambda g: (g / 255).astype(np.float32),
    "-1 to 1": lambda g: g / 127.5 - 1,
    "inverted": lambda g: 1 - g / 255,
    "standardised": lambda g: (g - g.mean()) / g.std(),
    "pixel by pixel": lambda g: (g - g.mean(0)) / (g.std(0) + 1e-9),
    "black and white": lambda g: (g > 100).astype(np.int64),
}


@pytest.mark.parametrize("shape", [(784,), (1, 784), (28, 28), (1, 28, 28), (28, 28, 1)])
@pytest.mark.parametrize("form", FORMS)
def test_the_form_of_the_images_is_learnt_from_some_rows(form: str, shape: tuple[int, ...]) -> None:
    known = data.digits().images[:1500]
    grey = known.reshape(len(known), -1).astype(np.float64)
    whole = FORMS[form](grey).reshape(-1, *shape)
    rows = np.random.default_rng(0).permutation(len(known))[:300]
    learnt = formats.learn_images(whole[rows], known)
    assert learnt is not None
    assert learnt.learnt
    made = learnt.apply(known[rows])
    assert made.shape == (300, *shape)
    assert made.dtype == whole.dtype
    assert np.allclose(made, whole[rows], atol=1e-3)


def test_smaller_images_keep_their_layout() -> None:
    known = data.digits().images[:200]
    small = formats.resized(known, 14).reshape(-1, 1, 196) / 255
    learnt = formats.learn_images(small[:50], known)
    assert learnt is not None
    assert learnt.side == 14
    assert np.allclose(learnt.apply(known), small)
    layout = formats.default_format((1, 28, 28)).smaller(14)
    assert layout is not None
    assert layout.apply(known).shape == (200, 1, 14, 14)


@pytest.mark.parametrize("columns", [0, 1, 10])
@pytest.mark.parametrize("dtype", ["uint8", "int64", "float64"])
def test_the_form_of_the_labels_is_learnt(columns: int, dtype: str) -> None:
    labels = np.arange(30) % 10
    rows = formats.LabelFormat(columns, dtype).apply(labels)
    learnt = formats.learn_labels(rows)
    assert learnt == formats.LabelFormat(columns, dtype)


def test_images_are_no_labels() -> None:
    assert formats.learn_labels(data.digits().images[:20].reshape(20, -1) / 255) is None
    assert formats.learn_labels(np.linspace(0, 1, 20)) is None


@pytest.mark.parametrize("form", ["labels", "column", "one-hot", "scores", "transposed"])
def test_answers_are_read_in_any_form(form: str) -> None:
    classes = np.array([3, 0, 9, 9, 1, 5, 2])
    rows = np.eye(10)[classes]
    answer = {
        "labels": classes.astype(float), "column": classes[:, None], "one-hot": rows,
        "scores": rows * 7 - 3, "transposed": rows.T,
    }[form]  # fmt: skip
    decoded, nan = formats.decode(answer, 7)
    assert decoded is not None
    assert decoded.tolist() == classes.tolist()
    assert not nan


def test_answers_of_another_number_are_none_and_nan_is_seen() -> None:
    assert formats.decode(np.zeros(6), 7) == (None, False)
    decoded, nan = formats.decode(np.full((7, 10), np.nan), 7)
    assert decoded is not None
    assert nan
    assert (decoded == -1).all()
