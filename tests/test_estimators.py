"""Estimators in the ways that people write them: what is right passes, each slip fails where it is made, and what learns
nothing earns nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import reference
from graders.judging.results import ItemResult
from graders.specs import SprintSpec, load_course
from graders.specs.courses import everything
from tests.built_in import built_in_sprints
from tests.idiom_examples import shows
from tests.twins import fails_where_it_is_wrong, modules_in, results_of, told, twins_of

FOLDER = Path(__file__).parent / "estimators"
MODULES = modules_in(FOLDER)
TWINS = twins_of(MODULES)
# What a style has nothing of: it is not asked for there.
LEFT = {"another_start_each_time": ("loss", "val_loss", "repeat")}


@pytest.fixture(scope="module")
def course() -> SprintSpec:
    """The course, and what of the catalogue it does not ask for."""
    (sprint,) = load_course("diveintocode_ml", built_in_sprints()).values()
    others = (i for s in everything().values() for i in s.items if i.kind == "estimator")
    more = {i.id: i for i in others if i.id not in {mine.id for mine in sprint.items}}
    return replace(sprint, items=(*sprint.items, *more.values()))


def judged(
    course: SprintSpec, folder: Path, source: str, item: str, left: tuple[str, ...] = ()
) -> ItemResult:
    spec = course.item(item)
    facets: Mapping[str, float] = {f: p for f, p in spec.facets.items() if f not in left}
    items = tuple(replace(i, facets=facets) if i.id == item else i for i in course.items)
    return results_of(folder, source, replace(course, items=items), (item,))[item]


@pytest.mark.parametrize("name", MODULES)
def test_a_right_estimator_passes(course: SprintSpec, tmp_path: Path, name: str) -> None:
    module = MODULES[name]
    result = judged(course, tmp_path, module.right, module.items[0], LEFT.get(name, ()))
    assert result.status == "passed", told(result)
    shows(name, [result])


@pytest.mark.parametrize(("name", "item", "facets"), TWINS)
def test_a_slip_fails_where_it_is_made(
    course: SprintSpec, tmp_path: Path, name: str, item: str, facets: str
) -> None:
    source = MODULES[name].wrong[item, facets]
    result = judged(course, tmp_path, source, item, LEFT.get(name, ()))
    fails_where_it_is_wrong(result, facets)


NOTHING = """
import numpy as np

class LinearRegression:
    def __init__(self, num_iter, lr, no_bias=False):
        self.num_iter, self.lr = num_iter, lr
    def fit(self, X, y, X_val=None, y_val=None):
        {fit}
    def predict(self, X):
        return {answer}
"""


@pytest.mark.parametrize(
    ("fit", "answer"),
    [
        ("self.loss = np.zeros(self.num_iter)", "np.zeros(len(X))"),
        ("self.loss = self.val_loss = np.zeros(self.num_iter)", "X.sum(axis=1)"),
        ("self.mean = y.mean()", "np.full(len(X), self.mean)"),
        ("self.known = {row.tobytes(): t for row, t in zip(X, y)}", "np.array([self.known.get(row.tobytes(), 0.0) for row in X])"),
        # the best solution, however many iterations are asked for
        ("self.theta = np.linalg.lstsq(np.c_[np.ones(len(X)), X], y, rcond=None)[0]", "self.theta[0] + X @ self.theta[1:]"),
        # the same, blurred as if it had come from a start of its own
        ("self.theta = np.linalg.lstsq(np.c_[np.ones(len(X)), X], y, rcond=None)[0] + 1e-8 * np.random.default_rng().standard_normal(X.shape[1] + 1)", "self.theta[0] + X @ self.theta[1:]"),
    ],
)  # fmt: skip
def test_what_does_not_descend_earns_nothing(
    course: SprintSpec, tmp_path: Path, fit: str, answer: str
) -> None:
    source = NOTHING.format(fit=fit, answer=answer)
    result = judged(course, tmp_path, source, "linear_regression")
    assert result.score == 0, told(result)


def test_the_reference_settles_where_scikit_learn_does() -> None:
    linear_model = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(3)
    x = rng.standard_normal((40, 3))
    y = x @ [1.0, -2.0, 0.5] + 0.7 + rng.normal(0, 0.2, 40)
    for intercept in (True, False):
        mine = reference.LinearRegression(3000, 0.2, intercept)
        mine.fit(x, y)
        theirs = linear_model.LinearRegression(fit_intercept=intercept).fit(x, y)
        np.testing.assert_allclose(mine.predict(x), theirs.predict(x), atol=1e-9)
    classes = (rng.random(40) < 1 / (1 + np.exp(-2 * x[:, 0]))).astype(int)
    for rule, strength in (
        (reference.LogisticRegression, 1 / 3),
        (reference.PlainPenalty, 1 / 120),
    ):
        ours = rule(6000, 0.3, True, 3.0)
        ours.fit(x, classes)
        best = linear_model.LogisticRegression(C=strength, tol=1e-12, max_iter=10000).fit(
            x, classes
        )
        np.testing.assert_allclose(ours.predict_proba(x), best.predict_proba(x)[:, 1], atol=1e-6)


def test_the_gradient_is_that_of_the_cost() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.standard_normal((12, 3)), rng.integers(0, 2, 12)
    for rule in (reference.LinearRegression(), reference.LeastSquares(), reference.LogisticRegression(penalty=2.0),
                 reference.PlainPenalty(penalty=2.0)):  # fmt: skip
        theta = rng.standard_normal(4)
        slopes = [
            (rule.cost(theta + e, x, y) - rule.cost(theta - e, x, y)) / 2e-6
            for e in 1e-6 * np.eye(4)
        ]
        np.testing.assert_allclose(rule.gradient(theta, x, y), slopes, atol=1e-7)


ANSWERING = """
import numpy as np

class {name}:
    def __init__(self, k=3, n_clusters=3):
        self.k, self.n_clusters = k, n_clusters
    def fit(self, X, y=None):
        {fit}
    def predict(self, X):
        return {answer}
"""


@pytest.mark.parametrize(
    ("item", "name"),
    [("k_nearest_neighbours", "KNN"), ("decision_tree", "DecisionTree"), ("decision_stump", "DecisionStump"), ("k_means", "KMeans"), ("gaussian_naive_bayes", "GaussianNB")],
)  # fmt: skip
@pytest.mark.parametrize(
    ("fit", "answer"),
    [
        ("pass", "np.zeros(len(X), int)"),
        ("self.top = 0 if y is None else np.bincount(y).argmax()", "np.full(len(X), self.top)"),
        ("pass", "np.random.randint(0, 3, len(X))"),
        ("pass", "np.arange(len(X)) % 2"),
        ("pass", "(X[:, 0] > 0).astype(int)"),
        # a table of what was fitted
        ("y = np.zeros(len(X)) if y is None else y; self.known = {row.tobytes(): t for row, t in zip(X, y)}", "np.array([self.known.get(row.tobytes(), 0) for row in X])"),
        # the start is the end
        ("self.centers = X[:self.n_clusters]", "((X[:, None] - self.centers) ** 2).sum(axis=2).argmin(axis=1)"),
    ],
)  # fmt: skip
def test_what_learns_nothing_earns_nothing(
    course: SprintSpec, tmp_path: Path, item: str, name: str, fit: str, answer: str
) -> None:
    source = ANSWERING.format(name=name, fit=fit, answer=answer)
    result = judged(course, tmp_path, source, item)
    assert result.score == 0, told(result)


@pytest.mark.parametrize(
    ("item", "name", "imported", "made"),
    [
        ("k_nearest_neighbours", "KNN", "sklearn.neighbors", "KNeighborsClassifier(self.k)"),
        ("decision_tree", "DecisionTree", "sklearn.tree", "DecisionTreeClassifier()"),
        ("k_means", "KMeans", "sklearn.cluster", "KMeans(self.n_clusters)"),
        ("gaussian_naive_bayes", "NaiveBayes", "sklearn.naive_bayes", "GaussianNB()"),
        ("support_vector_machine", "SVM", "sklearn.svm", "SVC(kernel='linear', C=1e6)"),
    ],
)
def test_a_library_in_the_place_of_the_student_earns_nothing(
    course: SprintSpec, tmp_path: Path, item: str, name: str, imported: str, made: str
) -> None:
    pytest.importorskip("sklearn")
    source = f"import {imported}\n" + ANSWERING.format(
        name=name,
        fit=f"self.model = {imported}.{made}; self.model.fit(X, y)",
        answer="self.model.predict(X)",
    )
    result = judged(course, tmp_path, source, item)
    assert result.score == 0, told(result)


PARTING = """
import numpy as np

class SVM:
    def __init__(self, num_iter=1000, lr=0.01):
        self.num_iter, self.lr = num_iter, lr
    def fit(self, X, y):
        self.X_sv = X[:2]
        {fit}
    def predict(self, X):
        return {answer}
"""
_SIGN = "np.where(X @ self.w + self.b > 0, 1, -1)"


@pytest.mark.parametrize(
    ("fit", "answer"),
    [
        ("pass", "np.zeros(len(X))"),
        ("self.top = np.sign(y.sum())", "np.full(len(X), self.top)"),
        ("pass", "np.random.choice([-1, 1], len(X))"),
        ("self.known = {row.tobytes(): t for row, t in zip(X, y)}", "np.array([self.known.get(row.tobytes(), 1) for row in X])"),
        # the nearest mean, least squares, the nearest row, and any plane that parts the classes
        ("a, b = X[y > 0].mean(axis=0), X[y < 0].mean(axis=0); self.w = a - b; self.b = (b @ b - a @ a) / 2", _SIGN),
        ("self.w, self.b = X.T @ y, 0.0", _SIGN),
        ("self.w, self.b = np.linalg.lstsq(X, y, rcond=None)[0], 0.0", _SIGN),
        ("self.all = np.linalg.lstsq(np.c_[X, np.ones(len(X))], y, rcond=None)[0]; self.w, self.b = self.all[:-1], self.all[-1]", _SIGN),
        ("self.rows, self.y = X, y", "self.y[((X[:, None] - self.rows) ** 2).sum(axis=2).argmin(axis=1)]"),
        ("""self.w, self.b = np.zeros(X.shape[1]), 0.0
        for _ in range(self.num_iter):
            for row, t in zip(X, y):
                if t * (row @ self.w + self.b) <= 0:
                    self.w, self.b = self.w + t * row, self.b + t""", _SIGN),
        ("""self.w, self.b = np.zeros(X.shape[1]), 0.0
        for _ in range(self.num_iter):
            off = 1 / (1 + np.exp(-(X @ self.w + self.b))) - (y > 0)
            self.w, self.b = self.w - self.lr * X.T @ off, self.b - self.lr * off.sum()""", _SIGN),
    ],
)  # fmt: skip
def test_what_is_not_the_widest_margin_earns_nothing(
    course: SprintSpec, tmp_path: Path, fit: str, answer: str
) -> None:
    source = PARTING.format(fit=fit, answer=answer)
    result = judged(course, tmp_path, source, "support_vector_machine")
    assert result.score == 0, told(result)


def test_the_widest_margin_is_that_of_scikit_learn() -> None:
    svm = pytest.importorskip("sklearn.svm")
    rng = np.random.default_rng(4)
    for number in range(6):
        x = rng.standard_normal((20, 2 + number % 2))
        y = np.where(x[:, 0] + 0.5 * x[:, 1] > 0, 1, -1)
        x[:, 0] += 0.8 * y
        mine = reference.WidestWithIntercept()
        mine.settle(x, y)
        best = svm.SVC(kernel="linear", C=1e6, tol=1e-10).fit(x, y)
        np.testing.assert_allclose(mine.scores(x), best.decision_function(x), atol=1e-6)
        np.testing.assert_array_equal(np.sort(best.support_), mine.support)
        for rule in (reference.WidestMargin, reference.WidestWithOnes):
            plane, climbed = rule(), rule(30000, 0.02)
            plane.settle(x, y)
            climbed.fit(x, y)
            np.testing.assert_allclose(climbed.scores(x), plane.scores(x), atol=1e-3)
            # what makes it the best one: none inside the margin, and what pulls lies on it
            assert (y * plane.scores(x)).min() == pytest.approx(1)
            assert (plane.multipliers > 0).all()
            np.testing.assert_allclose((y * plane.scores(x))[plane.support], 1)


def test_components_are_those_of_scikit_learn() -> None:
    decomposition = pytest.importorskip("sklearn.decomposition")
    rng = np.random.default_rng(6)
    x = rng.standard_normal((30, 5)) @ rng.standard_normal((5, 5)) + 3
    new = rng.standard_normal((8, 5))
    for k in (1, 3, 5):
        mine = reference.ExplainedVariance(k)
        mine.fit(x)
        theirs = decomposition.PCA(k, svd_solver="full").fit(x)
        laid, wanted = mine.transform(new), theirs.transform(new)
        signs = np.sign((laid * wanted).sum(axis=0))
        np.testing.assert_allclose(laid * signs, wanted, atol=1e-9)
        np.testing.assert_allclose(mine.variances(), theirs.explained_variance_)
        np.testing.assert_allclose(mine.ratios(), theirs.explained_variance_ratio_)


LAYING = """
import numpy as np

class PCA:
    def __init__(self, n_components):
        self.n_components = n_components
        self.explained_variance_ratio_ = np.ones(n_components) / n_components
    def fit(self, X):
        {fit}
    def transform(self, X):
        return {answer}
"""


@pytest.mark.parametrize("item", ["principal_components", "explained_variance"])
@pytest.mark.parametrize(
    ("fit", "answer"),
    [
        ("pass", "np.zeros((len(X), self.n_components))"),
        ("pass", "X[:, : self.n_components]"),
        ("self.mean = X.mean(axis=0)", "(X - self.mean)[:, : self.n_components]"),
        ("self.top = np.argsort(X.var(axis=0))[::-1][: self.n_components]; self.mean = X.mean(axis=0)", "(X - self.mean)[:, self.top]"),
        ("self.axes = np.random.randn(X.shape[1], self.n_components)", "X @ self.axes"),
        # what is asked about is decomposed, whatever was fitted
        ("pass", "np.linalg.svd(X - X.mean(axis=0), full_matrices=False)[0][:, : self.n_components] * np.linalg.svd(X - X.mean(axis=0))[1][: self.n_components]"),
        # the right plane, turned within itself
        ("self.mean = X.mean(axis=0); self.axes = np.linalg.svd(X - self.mean)[2][: self.n_components]; self.axes[:2] = np.array([[0.6, 0.8], [-0.8, 0.6]]) @ self.axes[:2]", "(X - self.mean) @ self.axes.T"),
    ],
)  # fmt: skip
def test_what_finds_no_directions_earns_nothing(
    course: SprintSpec, tmp_path: Path, item: str, fit: str, answer: str
) -> None:
    result = judged(course, tmp_path, LAYING.format(fit=fit, answer=answer), item)
    assert result.score == 0, told(result)


def test_a_library_that_finds_the_directions_earns_nothing(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    (course,) = load_course("estimators", built_in_sprints()).values()
    for name in ("PCA", "KernelPCA", "TruncatedSVD"):
        source = f"from sklearn.decomposition import {name} as Theirs\n" + LAYING.format(
            fit="self.mean = X.mean(axis=0); self.model = Theirs(self.n_components).fit(X - self.mean)",
            answer="self.model.transform(X - self.mean)",
        )
        result = judged(course, tmp_path, source, "principal_components")
        assert result.score == 0, told(result)


def test_naive_bayes_answers_as_scikit_learn_does() -> None:
    naive_bayes = pytest.importorskip("sklearn.naive_bayes")
    rng = np.random.default_rng(8)
    y = np.array([0] * 9 + [1] * 20 + [2] * 31)
    x = rng.standard_normal((60, 3)) * (1 + y[:, None]) + y[:, None]
    new = rng.normal(0, 3, (200, 3))
    for mine, smoothing in (
        (reference.GaussianNaiveBayes(), 0.0),
        (reference.SmoothedNaiveBayes(0.3), 0.3),
    ):
        mine.fit(x, y)
        theirs = naive_bayes.GaussianNB(var_smoothing=smoothing).fit(x, y)
        np.testing.assert_array_equal(mine.predict(new), theirs.predict(new))
        joint = theirs.predict_joint_log_proba(new)
        np.testing.assert_allclose(mine.posteriors(new), joint, atol=1e-9)
