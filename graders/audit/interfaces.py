"""The interfaces that the reference is wrapped in: what students write, as source.

An interface's source is a module of a student who happens to have ``import reference``: it is
real Python that calls ``reference.Name``, and the audit puts the library that it is about in
that place. Interfaces of layers are made from the spec (`layer_interfaces`), those of kinds with
little freedom are here, and any item may have more as files beside its spec:
``SPRINT/interfaces/ITEM/NAME.py``, or ``NAME.md`` for prose.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from graders.audit.formula_source import formula_interfaces
from graders.audit.layer_interfaces import class_name, layer_sources
from graders.errors import SpecError
from graders.specs import ItemSpec
from graders.specs.model import Manner


@dataclass(frozen=True)
class Interface:
    """One way to write the answer to an item: source, or prose alone."""

    name: str
    source: str
    prose: str = ""

    def names(self) -> frozenset[str]:
        """The names of the reference that it uses."""
        return frozenset(
            node.attr
            for node in ast.walk(ast.parse(self.source))
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "reference"
        )

    def on(self, package: str) -> str:
        """The source with a loaded library in the place of ``reference``."""
        tree = ast.parse(self.source)
        tree.body = [n for n in tree.body if not _imports_reference(n)]
        put: ast.NodeTransformer = _Put(ast.parse(f"_sg_packages[{package!r}]", mode="eval").body)
        return ast.unparse(put.visit(tree))


class _Put(ast.NodeTransformer):
    def __init__(self, node: ast.expr) -> None:
        self._node = node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """The library for the name ``reference``."""
        return self._node if node.id == "reference" else node


def _imports_reference(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import) and [a.name for a in node.names] == ["reference"]


def interfaces(spec: ItemSpec) -> list[Interface]:
    """All interfaces of an item, the one for its mutants first; none for what has no reference.

    Raises:
        SpecError: a file beside the spec does not compile.
    """
    written = _KINDS.get(spec.kind)
    made = {} if written is None else written(spec)
    found = [Interface(name, _HEAD + dedent(source)) for name, source in made.items()]
    folder = Path(spec.file).parent / "interfaces" / spec.id
    for file in sorted(folder.glob("*")):
        if file.suffix not in (".py", ".md"):
            continue
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".md":
            found.append(Interface(file.stem, "", text))
            continue
        try:
            ast.parse(text)
        except SyntaxError as error:
            raise SpecError(f"{file}, line {error.lineno}: no valid Python: {error.msg}") from error
        found.append(Interface(file.stem, text))
    return found


_HEAD = "import numpy as np\nimport reference\n"
_FILL = re.compile(r"<(\w+)>")


def _filled(text: str, **values: str) -> str:
    return _FILL.sub(lambda m: values[m.group(1)], text)


def _reference(spec: ItemSpec) -> str:
    return "reference." + spec.reference.partition(":")[2]


def _initializers(spec: ItemSpec) -> dict[str, str]:
    values = {
        "Name": class_name(spec),
        "plain": re.sub(r"(?<!^)(?=[A-Z])", "_", class_name(spec)).lower(),
        "Reference": _reference(spec),
        "given": "sigma" if spec.gain is None else "",
        "parameter": ", sigma" if spec.gain is None else "",
        "default": ", sigma=0.01" if spec.gain is None else "",
    }
    return {
        "as in the text": _filled(
            """
            class <Name>:
                def __init__(self<parameter>):
                    self.start = <Reference>(<given>)
                def W(self, n_nodes1, n_nodes2):
                    rng = np.random.default_rng(np.random.randint(2**31))
                    return self.start((n_nodes1, n_nodes2), n_nodes1, rng)
                def B(self, n_nodes2):
                    return np.zeros(n_nodes2)
            """,
            **values,
        ),
        "weights as (outputs, inputs)": _filled(
            """
            class <Name>:
                def __init__(self<default>):
                    self.rng = np.random.default_rng(0)
                    self.start = <Reference>(<given>)
                def W(self, n_out, n_in):
                    return self.start((n_out, n_in), n_in, self.rng)
                def B(self, n_out):
                    return np.zeros((1, n_out))
            """,
            **values,
        ),
        "both at once": _filled(
            """
            class <Name>:
                def __init__(self<default>):
                    self.start = <Reference>(<given>)
                def coef(self, n_in, n_out):
                    rng = np.random.default_rng(1)
                    return self.start((n_in, n_out), n_in, rng), np.zeros(n_out)
            """,
            **values,
        ),
        "float32": _filled(
            """
            class <Name>:
                def __init__(self<default>):
                    self.start = <Reference>(<given>)
                def W(self, n_nodes1, n_nodes2):
                    rng = np.random.default_rng(7)
                    return self.start((n_nodes1, n_nodes2), n_nodes1, rng).astype("f")
                def B(self, n_nodes2):
                    return np.zeros(n_nodes2, dtype="f")
            """,
            **values,
        ),
    }


_DENSE = """
class FC:
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.optimizer = optimizer
        self.W = initializer.W(n_nodes1, n_nodes2)
        self.B = initializer.B(n_nodes2)
    def forward(self, X):
        self.X = X
        return X @ self.W + self.B
    def backward(self, dA):
        dX = dA @ self.W.T
        self.dW, self.dB = self.X.T @ dA, dA.sum(axis=0)
        self.optimizer.update(self)
        return dX
"""
_BOX = """
class Box:
    def step(self, optimizer, params, grads):
        self.params = {k: np.array(v, dtype=float) for k, v in params.items()}
        self.grads = {k: np.array(v, dtype=float) for k, v in grads.items()}
        optimizer.update(self)
        return self.params
"""


def _optimizers(spec: ItemSpec) -> dict[str, str]:
    numbers = {name: of for name, of in spec.hyperparameters.items() if not of.upto}
    values = {
        "Name": class_name(spec),
        "Reference": _reference(spec),
        "given": "".join(f", {name}={name}" for name in numbers),
        "parameters": "".join(f", {name}" for name in numbers),
        "defaults": "".join(f", {name}={of.default!r}" for name, of in numbers.items()),
        "kept": "".join(f"\n        self.{name} = {name}" for name in numbers),
    }
    return {
        "update(layer)": _DENSE
        + _BOX
        + _filled(
            """
class <Name>:
    def __init__(self, lr<parameters>):
        self.lr = lr
        self.rule, self.box = <Reference>(lr<given>), Box()
    def update(self, layer):
        new = self.box.step(
            self.rule, {"W": layer.W, "b": layer.B}, {"W": layer.dW, "b": layer.dB}
        )
        layer.W, layer.B = new["W"], new["b"]
        return layer
""",
            **values,
        ),
        "update(params, grads)": _BOX
        + _filled(
            """
class <Name>:
    def __init__(self, learning_rate=0.01<defaults>):
        self.learning_rate = learning_rate
        self.rule, self.box = <Reference>(learning_rate<given>), Box()
    def update(self, params, grads):
        new = self.box.step(self.rule, params, grads)
        for key in params:
            params[key][...] = new[key]
""",
            **values,
        ),
        "one an array, the result assigned": """
class Dense:
    def __init__(self, n_in, n_out, initializer, optimizer):
        self.w, self.b = initializer.W(n_in, n_out), initializer.B(n_out)
        self.opt_w, self.opt_b = optimizer(0.05), optimizer(0.05)
    def forward(self, x):
        self.x = x
        return x @ self.w + self.b
    def backward(self, dout):
        dx = dout @ self.w.T
        self.w = self.opt_w.update(self.x.T @ dout, self.w)
        self.b = self.opt_b.update(dout.sum(axis=0), self.b)
        return dx
"""
        + _BOX
        + _filled(
            """
class <Name>:
    def __init__(self, lr<defaults>):
        self.lr, self.rule, self.box = lr, <Reference>(lr<given>), Box()<kept>
    def update(self, grad, param):
        return self.box.step(self.rule, {"p": param}, {"p": grad})["p"]
""",
            **values,
        ),
    }


def _softmax(spec: ItemSpec) -> dict[str, str]:
    values = {"Name": class_name(spec), "Reference": _reference(spec)}
    return {
        "forward(A), backward(Z, Y)": _filled(
            """
            class <Name>:
                def __init__(self):
                    self.loss = <Reference>("sum")
                def forward(self, A):
                    self.A = A
                    labels = np.eye(A.shape[1])[np.zeros(len(A), dtype=int)]
                    self.loss.forward(A, labels)
                    return self.loss.probabilities
                def backward(self, Z, Y):
                    self.loss.forward(self.A, Y)
                    return self.loss.backward()
            """,
            **values,
        ),
        "loss from forward(A, Y), mean over the batch": _filled(
            """
            class <Name>:
                def __init__(self):
                    self.rows = <Reference>("mean")
                def forward(self, x, t):
                    loss = self.rows.forward(x, t)
                    self.y = self.rows.probabilities
                    return loss
                def backward(self, dout=1):
                    return self.rows.backward()
            """,
            **values,
        ),
        "backward(Y) with the loss": _filled(
            """
            class <Name>:
                def __init__(self):
                    self.both = <Reference>("sum")
                def forward(self, a):
                    self.a = a
                    labels = np.eye(a.shape[1])[np.zeros(len(a), dtype=int)]
                    self.both.forward(a, labels)
                    self.z = self.both.probabilities
                    return self.z
                def backward(self, y):
                    loss = self.both.forward(self.a, y)
                    return self.both.backward(), loss
            """,
            **values,
        ),
    }


def _losses(spec: ItemSpec) -> dict[str, str]:
    """Each with the reduction that is asked for first; numbers of classes where labels are one-hot."""
    one_hot = spec.arguments["labels"].one_hot
    values = {
        "Name": class_name(spec),
        "plain": spec.id,
        "Reference": _reference(spec),
        "reduction": repr(spec.reductions[0]),
        "labels": "np.eye(scores.shape[1])[labels]" if one_hot else "labels",
    }
    return {
        "forward(x, t), backward()": _filled(
            """
            class <Name>:
                def __init__(self):
                    self.rule = <Reference>(<reduction>)
                def forward(self, x, t):
                    return self.rule.forward(x, t)
                def backward(self):
                    return self.rule.backward()
            """,
            **values,
        ),
        "the loss and its derivative at once": _filled(
            """
            def <plain>(scores, labels):
                rule = <Reference>(<reduction>)
                return rule.forward(scores, <labels>), rule.backward()
            """,
            **values,
        ),
        "a function each, targets first": _filled(
            """
            def <plain>(y_true, y_pred):
                return <Reference>(<reduction>).forward(y_pred, y_true)
            def <plain>_grad(y_true, y_pred):
                rule = <Reference>(<reduction>)
                rule.forward(y_pred, y_true)
                return rule.backward()
            """,
            **values,
        ),
        "loss(), grad(), kept": _filled(
            """
            class <Name>:
                def __call__(self, outputs, targets):
                    self.rule = <Reference>(<reduction>)
                    self.loss = self.rule.forward(outputs, targets)
                    return self.loss
                def grad(self, outputs, targets):
                    self.rule.forward(outputs, targets)
                    self.dinputs = self.rule.backward()
            """,
            **values,
        ),
    }


def _dropouts(spec: ItemSpec) -> dict[str, str]:
    """Inverted and not, the probability to keep and to leave out, each way to be told a test."""
    values = {"Name": class_name(spec), "plain": spec.id, "Reference": _reference(spec)}
    return {
        "inverted, a flag of forward": _filled(
            """
            class <Name>:
                def __init__(self, dropout_ratio=0.5):
                    self.rule = <Reference>(dropout_ratio)
                def forward(self, x, train_flg=True):
                    return self.rule.forward(x, train_flg)
                def backward(self, dout):
                    return self.rule.backward(dout)
            """,
            **values,
        ),
        "not inverted, what is kept": _filled(
            """
            class <Name>:
                def __init__(self, keep_prob):
                    self.rule = <Reference>(1 - keep_prob, inverted=False)
                def forward(self, inputs, training):
                    return self.rule.forward(inputs, training)
                def backward(self, dvalues):
                    self.dinputs = self.rule.backward(dvalues)
            """,
            **values,
        ),
        "functions and a dict": _filled(
            """
            def <plain>_forward(x, dropout_param):
                rule = <Reference>(1 - dropout_param["p"])
                if dropout_param["mode"] == "train":
                    out = rule.forward(x)
                else:
                    out = rule.forward(x, False)
                return out, (dropout_param, rule)
            def <plain>_backward(dout, cache):
                _, rule = cache
                return rule.backward(dout)
            """,
            **values,
        ),
        "an attribute, not inverted": _filled(
            """
            class <Name>:
                def __init__(self, drop_prob=0.5):
                    self.rule = <Reference>(drop_prob, inverted=False)
                    self.training = True
                def train(self):
                    self.training = True
                def eval(self):
                    self.training = False
                def forward(self, x):
                    return self.rule.forward(x, self.training)
                def backward(self, grad):
                    return self.rule.backward(grad)
            """,
            **values,
        ),
    }


def _descending(spec: ItemSpec) -> dict[str, str]:
    """As in the text; columns and a history; settings of fit, without an option; weights and intercept apart."""
    penal = "penalty" in spec.settings
    proba = "predict_proba" in spec.facets
    values = {
        "Name": class_name(spec),
        "Reference": _reference(spec),
        "lam": ", lam=0.0" if penal else "",
        "l2": ", l2=0.0" if penal else "",
        "by_lam": ", lam" if penal else "",
        "by_l2": ", l2" if penal else "",
    }
    ask = "    def predict_proba(self, X):\n        return " if proba else ""
    return {
        name: _filled(dedent(source), **values) + (f"{ask}{answer}\n" if proba else "")
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
    names = {"neighbours": "k", "depth": "max_depth"}
    told = [names.get(s, s) for s in spec.settings]
    values = {
        "Name": class_name(spec),
        "Reference": _reference(spec),
        "more": "".join(f", {name}=1" for name in told),
        "given": ", ".join(told),
        "by_name": ", ".join(f"self.{name}" for name in told),
        "kept": "; ".join(f"self.{name} = {name}" for name in told) or "pass",
    }
    return {
        name: _filled(dedent(source), **values)
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
    values = {"Name": class_name(spec), "Reference": _reference(spec)}
    return {
        "as in the text": _filled(
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
        "a list that is kept, answers in a column": _filled(
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
        "another start in each fit": _filled(
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
    values = {"Name": class_name(spec), "Reference": _reference(spec)}
    return {
        "as in the text": _filled(
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
        "0 and 1, in columns": _filled(
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
        "settings of fit": _filled(
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


_OF_MANNERS = {
    Manner.DESCENT: _descending,
    Manner.ANSWERS: _answering,
    Manner.CENTRES: _centred,
    Manner.MARGIN: _margins,
}


def _estimators(spec: ItemSpec) -> dict[str, str]:
    assert spec.manner is not None
    return _OF_MANNERS[spec.manner](spec)


def _iterators(spec: ItemSpec) -> dict[str, str]:
    values = {"Name": class_name(spec), "Reference": _reference(spec)}
    return {
        "as in the text": _filled(
            """
            class <Name>:
                def __init__(self, X, y, batch_size=20, seed=0):
                    self.batches = <Reference>(X, y, batch_size, seed)
                def __len__(self):
                    return len(self.batches)
                def __getitem__(self, item):
                    return self.batches[item]
                def __iter__(self):
                    return iter(self.batches)
            """,
            **values,
        ),
        "a counter and __next__": _filled(
            """
            class <Name>:
                def __init__(self, x, y, batch_size=10, seed=None):
                    self.all = <Reference>(x, y, batch_size, 0 if seed is None else seed)
                def __iter__(self):
                    self.counter = 0
                    return self
                def __next__(self):
                    if self.counter >= len(self.all):
                        raise StopIteration
                    self.counter += 1
                    return self.all[self.counter - 1]
            """,
            **values,
        ),
        "a generator": _filled(
            """
            def get_mini_batch(X, y, batch_size, seed=1):
                yield from <Reference>(X, y, batch_size, seed)
            """,
            **values,
        ),
    }


_KINDS: dict[str, Callable[[ItemSpec], dict[str, str]]] = {
    "layer": layer_sources,
    "function": formula_interfaces,
    "initializer": _initializers,
    "optimizer": _optimizers,
    "softmax": _softmax,
    "loss": _losses,
    "dropout": _dropouts,
    "estimator": _estimators,
    "iterator": _iterators,
}
