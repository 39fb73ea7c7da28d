"""What students write as estimators, around the reference: the audit's interfaces."""

from __future__ import annotations

from textwrap import dedent

from graders.kinds.sources import class_name, filled, reference_of
from graders.specs import ItemSpec
from graders.specs.model import Manner


def _descending(spec: ItemSpec) -> dict[str, str]:
    """As in the text; columns and a history; settings of fit, without an option; weights and intercept apart."""
    penal = "penalty" in spec.settings
    proba = "predict_proba" in spec.facets
    values = {
        "Name": class_name(spec),
        "Reference": reference_of(spec),
        "lam": ", lam=0.0" if penal else "",
        "l2": ", l2=0.0" if penal else "",
        "by_lam": ", lam" if penal else "",
        "by_l2": ", l2" if penal else "",
    }
    ask = "    def predict_proba(self, X):\n        return " if proba else ""
    return {
        name: filled(dedent(source), **values) + (f"{ask}{answer}\n" if proba else "")
        for name, source, answer in (
            (
                "as in the text",
                """
                class <Name>:
                    def __init__(self, num_iter, lr, no_bias=False, verbose=False<lam>):
                        self.rule = <Reference>(num_iter, lr, not no_bias<by_lam>)
                    def fit(self, X, y, X_val=None, y_val=None):
                        self.rule.fit(X, y, X_val, y_val)
                        self.coef_ = self.rule.theta
                        self.loss, self.val_loss = self.rule.loss, self.rule.val_loss
                    def predict(self, X):
                        return self.rule.predict(X)
                """,
                "self.rule.predict_proba(X)",
            ),
            (
                "columns and a history",
                """
                class <Name>:
                    def __init__(self, learning_rate=0.1, n_iterations=10, fit_intercept=True<l2>):
                        self.rule = <Reference>(n_iterations, learning_rate, fit_intercept<by_l2>)
                    def fit(self, X, y, X_valid=None, y_valid=None):
                        (n, one) = y.shape
                        val = [] if X_valid is None else [X_valid, y_valid.reshape(-1)]
                        self.rule.fit(X, y.reshape(n), *val)
                        self.theta = self.rule.theta.reshape(-1, one)
                        self.history = {"loss": list(self.rule.loss), "val_loss": list(self.rule.val_loss)}
                        return self
                    def predict(self, X):
                        return self.rule.predict(X).reshape(-1, 1)
                """,
                "np.column_stack([1 - self.rule.predict_proba(X), self.rule.predict_proba(X)])",
            ),
            (
                "settings of fit",
                """
                class <Name>:
                    def fit(self, x, t, x_test, t_test, epochs=5, eta=0.1<lam>):
                        self.rule = <Reference>(epochs, eta, True<by_lam>)
                        self.rule.fit(x, t, x_test, t_test)
                        self.w = [float(v) for v in self.rule.theta]
                        self.costs, self.test_costs = list(self.rule.loss), list(self.rule.val_loss)
                    def predict(self, x):
                        return [float(v) for v in self.rule.predict(x)]
                """,
                "self.rule.predict_proba(X)",
            ),
            (
                "weights and intercept apart",
                """
                class <Name>:
                    def __init__(self, alpha, max_iter, bias=1<lam>):
                        self.alpha, self.max_iter, self.bias<self_lam> = alpha, max_iter, bias<by_lam>
                    def fit(self, X, y, X_val=None, y_val=None):
                        rule = <Reference>(self.max_iter, self.alpha, bool(self.bias)<of_lam>)
                        rule.fit(X, y, X_val, y_val)
                        self.cost, self.val_cost = rule.loss, rule.val_loss
                        self.weights, self.intercept_ = rule.theta[1:], rule.theta[0]
                    def _rule(self):
                        rule = <Reference>()
                        rule.theta = np.concatenate([[self.intercept_], self.weights])
                        return rule
                    def predict(self, X):
                        return self._rule().predict(X)
                """.replace("<self_lam>", ", self.lam" if penal else "").replace(
                    "<of_lam>", ", self.lam" if penal else ""
                ),
                "self._rule().predict_proba(X)",
            ),
        )
    }  # fmt: skip


def _answering(spec: ItemSpec) -> dict[str, str]:
    """Settings of the constructor; columns and lists; settings of the answer."""
    names = {"neighbours": "k", "depth": "max_depth", "smoothing": "var_smoothing"}
    told = [names.get(s, s) for s in spec.settings]
    values = {
        "Name": class_name(spec),
        "Reference": reference_of(spec),
        "more": "".join(f", {name}=1" for name in told),
        "given": ", ".join(told),
        "by_name": ", ".join(f"self.{name}" for name in told),
        "kept": "; ".join(f"self.{name} = {name}" for name in told) or "pass",
    }
    return {
        name: filled(dedent(source), **values)
        for name, source in (
            (
                "settings of the constructor",
                """
                class <Name>:
                    def __init__(self<more>):
                        self.rule = <Reference>(<given>)
                    def fit(self, X, y):
                        self.rule.fit(X, y)
                    def predict(self, X):
                        return self.rule.predict(X)
                """,
            ),
            (
                "a column, and a list",
                """
                class <Name>:
                    def __init__(self, verbose=False<more>):
                        <kept>
                    def fit(self, X, y):
                        (n, one) = y.shape
                        self.model = <Reference>(<by_name>)
                        self.model.fit(X, y.reshape(n))
                        return self
                    def predict(self, X):
                        return [self.model.predict(x[None])[0] for x in X]
                """,
            ),
            (
                "settings of the answer",
                """
                class <Name>:
                    def train(self, x, t):
                        self.x, self.t = x, t
                    def predict(self, x<more>):
                        rule = <Reference>(<given>)
                        rule.fit(self.x, self.t)
                        return rule.predict(x).reshape(-1, 1)
                """,
            ),
        )
    }


def _centred(spec: ItemSpec) -> dict[str, str]:
    """As in the text; lists; another start in each fit, centres that are not told."""
    values = {"Name": class_name(spec), "Reference": reference_of(spec)}
    return {
        "as in the text": filled(
            """
            class <Name>:
                def __init__(self, n_clusters, n_init, max_iter, tol, verbose=False):
                    self.rule = <Reference>(n_clusters, max_iter)
                def fit(self, X):
                    self.rule.fit(X)
                    self.centers = self.rule.centres
                def predict(self, X):
                    return self.rule.predict(X)
            """,
            **values,
        ),
        "a list that is kept, answers in a column": filled(
            """
            class <Name>:
                def __init__(self, k=8, n_iter=300):
                    self.k, self.n_iter = k, n_iter
                def train(self, data):
                    rule = <Reference>(self.k, self.n_iter)
                    rule.fit(data)
                    self.cluster_centers_ = [[float(v) for v in c] for c in rule.centres]
                def assign(self, data):
                    return <Reference>(self.k).nearest(np.array(self.cluster_centers_), data).reshape(-1, 1)
            """,
            **values,
        ),
        "another start in each fit": filled(
            """
            class <Name>:
                def __init__(self, k, max_iterations=50):
                    self.k, self.max_iterations = k, max_iterations
                def fit(self, X, y=None):
                    np.random.seed()
                    self.rule = <Reference>(self.k, self.max_iterations)
                    self.rule.fit(X)
                    self.kept = self.rule.__dict__.pop("centres")
                    return self
                def predict(self, X):
                    return [int(i) for i in self.rule.nearest(self.kept, X)]
            """,
            **values,
        ),
    }


def _margins(spec: ItemSpec) -> dict[str, str]:
    """As in the text; classes that were 0 and 1, in columns; settings of fit, numbers of rows in a list."""
    values = {"Name": class_name(spec), "Reference": reference_of(spec)}
    return {
        "as in the text": filled(
            """
            class <Name>:
                def __init__(self, num_iter, lr, kernel="linear", threshold=1e-5, verbose=False):
                    self.rule = <Reference>(num_iter, lr, threshold)
                def fit(self, X, y, X_val=None, y_val=None):
                    self.rule.fit(X, y)
                    self.X_sv, self.y_sv, self.lam_sv = self.rule.rows, self.rule.classes, self.rule.multipliers
                def predict(self, X):
                    return self.rule.predict(X)
            """,
            **values,
        ),
        "0 and 1, in columns": filled(
            """
            class <Name>:
                def __init__(self, learning_rate=0.1, n_iterations=10):
                    self.rule = <Reference>(n_iterations, learning_rate)
                def fit(self, X, y):
                    (n, one) = y.shape
                    if y.min() < 0:
                        raise ValueError("labels are 0 and 1")
                    self.rule.fit(X, 2 * y.reshape(n) - 1)
                    self.support_vectors_ = [list(row) for row in self.rule.__dict__.pop("rows")]
                    self.rule.rows = np.array(self.support_vectors_)
                    return self
                def predict(self, X):
                    return (self.rule.predict(X).reshape(-1, 1) + 1) / 2
            """,
            **values,
        ),
        "settings of fit": filled(
            """
            class <Name>:
                def train(self, x, t, epochs=5, eta=0.1):
                    self.rule = <Reference>(epochs, eta)
                    self.rule.fit(x, t)
                    self.sv_index = [int(i) for i in self.rule.support]
                def predict(self, x):
                    return [int(v) if v == int(v) else v for v in self.rule.predict(x)]
            """,
            **values,
        ),
    }


def _components(spec: ItemSpec) -> dict[str, str]:
    """As in the text, other signs; lists, other names, as many directions as fit is told; as many as transform is told."""
    kept = {
        "both": "self.explained_variance_ratio_, self.explained_variance_ = self.rule.ratios(), self.rule.variances()",
        "list": "self.ratio = [float(v) for v in self.kept.ratios()]",
        "all": "self.explained_variance_ratio = whole.ratios()",
    }
    told = "explained_variance" in spec.facets
    values = {"Name": class_name(spec), "Reference": reference_of(spec)}
    values |= {name: line if told else "pass" for name, line in kept.items()}
    return {
        "as in the text": filled(
            """
            class <Name>:
                def __init__(self, n_components):
                    self.rule = <Reference>(n_components)
                def fit(self, X):
                    self.rule.fit(X)
                    <both>
                    return self
                def transform(self, X):
                    return self.rule.transform(X)
                def fit_transform(self, X):
                    return self.fit(X).transform(X)
            """,
            **values,
        ),
        "lists, other signs": filled(
            """
            class <Name>:
                def fit(self, X, y=None, k=2):
                    self.kept = <Reference>(k)
                    self.kept.fit(X)
                    <list>
                def project(self, X):
                    return [[float(-v) for v in self.kept.transform(X)[i]] for i in range(len(X))]
            """,
            **values,
        ),
        "settings of the answer": filled(
            """
            class <Name>:
                def __init__(self):
                    self.data = self.explained_variance_ratio = None
                def fit(self, data, labels=None):
                    self.data, whole = data, <Reference>(data.shape[1])
                    whole.fit(data)
                    <all>
                def transform(self, data, n_components):
                    rule = <Reference>(n_components)
                    rule.fit(self.data)
                    return rule.transform(data).astype(np.float32)
            """,
            **values,
        ),
    }


_OF_MANNERS = {
    Manner.DESCENT: _descending,
    Manner.ANSWERS: _answering,
    Manner.CENTRES: _centred,
    Manner.MARGIN: _margins,
    Manner.COMPONENTS: _components,
}


def interfaces(spec: ItemSpec) -> dict[str, str]:
    """Sources by name, the one for the mutants first."""
    assert spec.manner is not None
    return _OF_MANNERS[spec.manner](spec)
