"""Files import one another by the name of a package whose folder was handed in under another name."""

from pathlib import Path
from typing import Any

import pytest

from graders.grading import Grading, Request

INIT = """\
import numpy as np


class UniformInit:
    def __init__(self, low, high):
        self.low, self.high = low, high
        self.rng = np.random.RandomState(SEED)

    def __call__(self, shape):
        return self.rng.uniform(self.low, self.high, shape)
"""
LAYERS = """\
import numpy as np
{imports}


class FC:
    def __init__(self, n_in, n_out, init=UniformInit(-0.1, 0.1)):
        self.W, self.B = init((n_in, n_out)), init((n_out,))

    def forward(self, X):
        self.X = X
        return X @ self.W + self.B

    def backward(self, dA):
        self.dW, self.dB = self.X.T @ dA, dA.sum(axis=0)
        return dA @ self.W.T
"""
WAYS = {
    "a folder of the package": "from mlp.initialisers import UniformInit",
    "a module of it": "import mlp.initialisers as init\nUniformInit = init.UniformInit",
    "from the package": "from mlp import initialisers\nUniformInit = initialisers.UniformInit",
    "folders above it": "from course.mlp.initialisers import UniformInit",
    "beside what is not there": "from mlp.fast import conv\nfrom mlp.initialisers import UniformInit",
}


def graded(folder: Path, layers: str, own: bool) -> dict[str, Any]:
    folder.mkdir()
    (folder / "initialisers.py").write_text(
        INIT.replace("SEED", "DEFAULT_SEED" if own else "1").replace(
            "\n\n", "\nfrom mlp import DEFAULT_SEED\n" if own else "\n\n", 1
        )
    )
    if own:
        (folder / "__init__.py").write_text("DEFAULT_SEED = 123\n")
    (folder / "layers.py").write_text(layers)
    grading = Grading(Request(folder, "dnn", language="en"))
    grading.select(frozenset({"fc"}))
    for _ in grading.events():
        pass
    data: dict[str, Any] = grading.report.as_dict()
    return data


@pytest.mark.parametrize("way", WAYS)
def test_the_folder_answers_to_the_name_it_had(way: str, tmp_path: Path) -> None:
    own = "folders above" not in way and "not there" not in way
    right = LAYERS.format(imports=WAYS[way])
    assert graded(tmp_path / "right", right, own)["items"][0]["status"] == "passed"


def test_what_is_wrong_in_it_stays_wrong(tmp_path: Path) -> None:
    wrong = LAYERS.format(imports=WAYS["a module of it"]).replace("dA @ self.W.T", "dA @ self.W")
    assert graded(tmp_path / "wrong", wrong, True)["items"][0]["status"] == "partial"


def test_a_library_is_no_folder_of_the_submission(tmp_path: Path) -> None:
    """A file that has the name of a part of a library does not answer for the library."""
    layers = LAYERS.format(imports="from tensorflow.initialisers import UniformInit")
    data = graded(tmp_path / "library", layers, False)
    assert data["items"][0]["status"] != "passed"
    errors = [str(cell["error"]) for cell in data["load"]["cells"] if cell["error"]]
    assert any("tensorflow.initialisers" in error for error in errors)


HELPER = "def turned(W):\n    return W.T\n"
BESIDE = """\
import numpy as np
from ..helpers import turned
from ..optimizers import SGD as First


class FC:
    def __init__(self, n_in, n_out):
        self.W, self.B = np.random.randn(n_in, n_out), np.zeros(n_out)

    def forward(self, X):
        self.X = X
        return X @ self.W + self.B

    def backward(self, dA):
        from ..optimizers import SGD as Same  # a second copy would be another class

        assert Same is First
        self.dW, self.dB = self.X.T @ dA, dA.sum(axis=0)
        return dA @ turned(self.W)
"""


@pytest.mark.parametrize(
    ("helper", "status"), [(HELPER, "passed"), (HELPER.replace(".T", ""), "partial")]
)
def test_packages_side_by_side_become_files_side_by_side(
    helper: str, status: str, tmp_path: Path
) -> None:
    (tmp_path / "helpers.py").write_text(helper)
    (tmp_path / "optimizers.py").write_text(
        "from ..helpers import turned\n\n\nclass SGD:\n    pass\n"
    )
    (tmp_path / "layers.py").write_text(BESIDE)
    grading = Grading(Request(tmp_path, "dnn", language="en"))
    grading.select(frozenset({"fc"}))
    for _ in grading.events():
        pass
    data = grading.report.as_dict()
    assert data["items"][0]["status"] == status
    assert [c["error"] for c in data["load"]["cells"] if c["error"]] == []
