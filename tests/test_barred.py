"""Packages that do the work are absent when submissions run, whatever way leads to them; an
import that nothing uses costs nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graders.sandbox.isolation import Wanted
from graders.sandbox.session import Session
from graders.sandbox.sgworker import barred
from graders.specs.barred import FROM_SCRATCH, Barred
from graders.submission import Cell, Section, Submission
from tests.built_in import built_in_sprints

DETOURS = {
    "import": "from sklearn.neural_network import MLPClassifier as M\nM()",
    "star": "from sklearn.svm import *\nimport sklearn.svm as s\ns.SVC().fit([[0], [1]], [0, 1])",
    "getattr": "import sklearn\ngetattr(sklearn, 'neural_network').MLPClassifier()",
    "importlib": "import importlib\nimportlib.import_module('sklearn.tree').DecisionTreeClassifier()",
    "__import__": "__import__('scipy.signal').signal.correlate([1.0, 2.0], [1.0])",
    "private": "from sklearn.linear_model._logistic import LogisticRegression as L\nL()",
    "other submodule": "from sklearn.discriminant_analysis import LinearDiscriminantAnalysis as L\nL()",
    "another": "from sklearn.semi_supervised import LabelPropagation as L\nL()",
    "one that others need": "import sklearn.decomposition as d\nd._dict_learning.Lars()",
    "a function": "from scipy.ndimage import convolve1d\nconvolve1d([1.0, 2.0, 3.0], [1.0, 1.0])",
    "patches": "from sklearn.feature_extraction.image import extract_patches_2d as e\ne([[1.0]], (1, 1))",
    "a helper": "from sklearn.utils.extmath import softmax\nsoftmax([[1.0]])",
    "a matrix of it": "from scipy.linalg import convolution_matrix\nconvolution_matrix([1.0], 3)",
    "differences": "import scipy.optimize as o\no.approx_fprime([1.0], sum, 1e-6)",
    "its module": "import scipy.ndimage._filters as f\nf.correlate([1.0, 2.0, 3.0], [1.0, 1.0])",
    "in C": "import scipy.ndimage._nd_image as c\nc.correlate1d()",
    "keras": "from keras.layers import Dense\nDense(3)",
    "keras's attribute": "import tensorflow as tf\ntf.keras.layers.Dense(3)",
    "torch": "import torch\ntorch.nn.functional.conv1d(1, 2)",
    "a base class": "import torch.nn as nn\nclass Net(nn.Module): pass\nNet()",
    "a companion": "import layers\nlayers.network()",
}
WITHOUT_THE_FINDER = """
import sys
sys.meta_path[:] = [f for f in sys.meta_path if "barred" not in type(f).__module__]
for name in list(sys.modules):
    if name.startswith("sklearn") or name.startswith("scipy.signal"):
        del sys.modules[name]
"""
HONEST = """
import numpy as np
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.metrics import accuracy_score, confusion_matrix
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.pipeline import make_pipeline
from sklearn.base import BaseEstimator, ClassifierMixin
from scipy.special import expit
from scipy import ndimage, stats
import pandas, matplotlib.pyplot
X, y = load_iris(return_X_y=True)
a, b, c, d = train_test_split(X, y)
scaled = make_pipeline(StandardScaler(), PCA(2)).fit_transform(a)
hot = OneHotEncoder().fit_transform(c[:, None])
accuracy_score(d, d), confusion_matrix(d, d), expit(0.0)
turned = ndimage.rotate(np.eye(4), 30), ndimage.shift(np.eye(4), 1)
class Mine(BaseEstimator, ClassifierMixin):
    def fit(self, X, y): return self
    def predict(self, X): return np.zeros(len(X), int)
Mine().fit(a, c).score(b, d)
from keras.layers import Dense, Flatten
import torch
from sklearn.linear_model import LogisticRegression
from scipy.signal import *
class Flatten: pass
Flatten()
"""


def session(*sources: str, companions: tuple[tuple[str, Path], ...] = ()) -> Session:
    """What the cells do where the packages of courses from scratch are barred."""
    import sys

    cells = tuple(Cell(i, source, Section()) for i, source in enumerate(sources))
    work = Submission(
        Path("x.ipynb"), "notebook", "", cells, "\n".join(sources), "en", companions=companions
    )
    opened = Session(
        work, sys.executable, wanted=Wanted(), barred=(FROM_SCRATCH.names, FROM_SCRATCH.let)
    )
    with opened:
        opened.load()
    return opened


def test_no_detour_leads_to_what_is_barred(tmp_path: Path) -> None:
    module = tmp_path / "layers.py"
    module.write_text(
        "from sklearn.neural_network import MLPClassifier\ndef network(): return MLPClassifier()\n"
    )
    ran = session(*DETOURS.values(), companions=(("layers.py", module),))
    told = {name: ran.runs[i].error for i, name in enumerate(DETOURS)}
    assert {n: str(e) for n, e in told.items() if not e or barred.REFUSAL not in e.message} == {}


def test_what_prepares_data_and_measures_is_there_and_an_import_costs_nothing() -> None:
    run = session(HONEST).runs[0]
    assert run.error is None


def test_a_process_that_takes_the_finder_out_reads_no_file_of_what_is_barred() -> None:
    ran = session(
        WITHOUT_THE_FINDER,
        "import sklearn.neural_network as s\ns.MLPClassifier()",
        "import scipy.signal as s\ns.correlate([1.0, 2.0], [1.0])",
        "import scipy, os\nopen(os.path.dirname(scipy.__file__) + '/signal/__init__.py').read()",
        "import sklearn.metrics",
    )
    if ran.isolation.level == "limits":
        pytest.skip("no walls here")
    assert ran.runs[0].error is None
    for number in (1, 2, 3):
        assert ran.runs[number].error is not None, number
    assert ran.runs[4].error is None


def test_names_and_what_is_let_of_them() -> None:
    bars: Any = barred.Bars(("a", "b.c", "d.f"), ("a.x", "b.c.y"))  # type: ignore[no-untyped-call]
    held = [
        n for n in "a a.x a.x.z a.y a.y.x b b.c b.c.y b.c.z ab d d.f d.fg".split() if bars.hold(n)
    ]
    assert held == ["a.y", "a.y.x", "b.c.z", "d.f"]
    mine = Barred(("a", "b"), ("a.x",)).and_also(["c"], ["b"])
    assert mine == Barred(("a", "c"), ("a.x", "b"))


def test_every_course_has_them_and_says_what_else() -> None:
    for sprint in built_in_sprints().values():
        assert {"sklearn", "scipy.signal", "torch"} <= {*sprint.barred.names}
        assert "sklearn.metrics" in sprint.barred.let
