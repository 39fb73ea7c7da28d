"""Networks that are trained by lines of the notebook's own, in whatever style: those that learn pass,
and what only looks like it does not.
"""

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from graders.engine import ItemFinished, Options, grade
from graders.judging.results import ItemResult
from graders.sandbox.session import Budget
from graders.submission import read_submission
from tests.built_in import built_in_sprints

DATA = """
import numpy as np
from keras.datasets import mnist
(X_train, y_train), (X_test, y_test) = mnist.load_data()
X_train, y_train = X_train[:600].reshape(-1, 784) / 255, y_train[:600]
X_test, y_test = X_test[:200].reshape(-1, 784) / 255, y_test[:200]
Y_train = np.eye(10)[y_train]
"""
LAYERS = """
class Dense:
    def __init__(self, n_in, n_out, lr=0.1):
        self.W = np.random.randn(n_in, n_out) / np.sqrt(n_in)
        self.B = np.zeros(n_out)
        self.lr = lr
    def forward(self, X):
        self.X = X
        return X @ self.W + self.B
    def backward(self, dA):
        dX = dA @ self.W.T
        self.W -= self.lr * self.X.T @ dA
        self.B -= self.lr * dA.sum(axis=0)
        return dX

class Tanh:
    def forward(self, A):
        self.Z = np.tanh(A)
        return self.Z
    def backward(self, dZ):
        return dZ * (1 - self.Z ** 2)

class Softmax:
    def forward(self, A):
        e = np.exp(A - A.max(axis=1, keepdims=True))
        self.Z = e / e.sum(axis=1, keepdims=True)
        return self.Z
    def backward(self, Y):
        return (self.Z - Y) / len(Y)

class Network:
    def __init__(self):
        self.layers = [Dense(784, 50), Tanh(), Dense(50, 10), Softmax()]
    def forward(self, X):
        for layer in self.layers:
            X = layer.forward(X)
        return X
    def backward(self, d):
        for layer in reversed(self.layers):
            d = layer.backward(d)
"""
TRAIN = """
def train(model, X, y, epochs=2, batch=20):
    for epoch in range(epochs):
        for i in range(0, len(X), batch):
            model.forward(X[i:i + batch])
            model.backward(y[i:i + batch])
"""
PARAMETERS = """
def initialize(hidden):
    return {"W1": np.random.randn(784, hidden) * 0.05, "b1": np.zeros(hidden),
            "W2": np.random.randn(hidden, 10) * 0.1, "b2": np.zeros(10)}
def forward(X, params):
    Z = np.maximum(X @ params["W1"] + params["b1"], 0)
    e = np.exp(Z @ params["W2"] + params["b2"])
    return e / e.sum(axis=1, keepdims=True), Z
def backward(X, Y, P, Z, params):
    D = (P - Y) / len(X)
    inner = D @ params["W2"].T * (Z > 0)
    return {"W1": X.T @ inner, "b1": inner.sum(axis=0), "W2": Z.T @ D, "b2": D.sum(axis=0)}
def update(params, grads, lr):
    for key in params:
        params[key] = params[key] - lr * grads[key]
    return params
"""
DESCENT = """
params = initialize(40)
lr = 0.1
for epoch in range(3):
    order = np.random.permutation(len(X_train))
    for start in range(0, len(X_train), 20):
        rows = order[start:start + 20]
        X_batch, Y_batch = X_train[rows], Y_train[rows]
        P, Z = forward(X_batch, params)
        grads = backward(X_batch, Y_batch, P, Z, params)
        params = update(params, grads, lr)
    predictions, _ = forward(X_test, params)
    accuracy = np.mean(np.argmax(predictions, axis=1) == y_test)
    print(epoch, accuracy)
"""
# In the style of Stanford's course: loss(X) gives scores, loss(X, y) the loss and gradients.
SOLVER = """
class TwoLayerNet:
    def __init__(self, input_dim=784, hidden_dim=40, num_classes=10):
        self.params = {"W1": 0.05 * np.random.randn(input_dim, hidden_dim), "b1": np.zeros(hidden_dim),
                       "W2": 0.1 * np.random.randn(hidden_dim, num_classes), "b2": np.zeros(num_classes)}
    def loss(self, X, y=None):
        W1, b1, W2, b2 = (self.params[k] for k in ("W1", "b1", "W2", "b2"))
        H = np.maximum(X @ W1 + b1, 0)
        scores = H @ W2 + b2
        if y is None:
            return scores
        P = np.exp(scores - scores.max(axis=1, keepdims=True))
        P /= P.sum(axis=1, keepdims=True)
        D = P.copy()
        D[np.arange(len(y)), y] -= 1
        D /= len(y)
        dH = D @ W2.T * (H > 0)
        grads = {"W2": H.T @ D, "b2": D.sum(axis=0), "W1": X.T @ dH, "b1": dH.sum(axis=0)}
        return -np.log(P[np.arange(len(y)), y] + 1e-9).mean(), grads

class Solver:
    def __init__(self, model, data, **kwargs):
        self.model = model
        self.X_train, self.y_train = data["X_train"], data["y_train"]
        self.lr = kwargs.pop("optim_config", {}).get("learning_rate", 1e-2)
        self.num_epochs, self.batch_size = kwargs.pop("num_epochs", 10), kwargs.pop("batch_size", 100)
    def _step(self):
        rows = np.random.choice(len(self.X_train), self.batch_size)
        loss, grads = self.model.loss(self.X_train[rows], self.y_train[rows])
        for name, grad in grads.items():
            self.model.params[name] -= self.lr * grad
    def train(self):
        for t in range(self.num_epochs * max(len(self.X_train) // self.batch_size, 1)):
            self._step()
"""
SOLVED = """
data = {"X_train": X_train, "y_train": y_train, "X_val": X_test, "y_val": y_test}
model = TwoLayerNet()
solver = Solver(model, data, num_epochs=2, batch_size=20, optim_config={"learning_rate": 0.2})
solver.train()
print((np.argmax(model.loss(X_test), axis=1) == y_test).mean())
"""
ARRAYS = """
rng = np.random.default_rng(0)
V, W = rng.normal(0, 0.05, (784, 30)), rng.normal(0, 0.1, (30, 10))
c, b = np.zeros(30), np.zeros(10)
learning_rate, batch_size, iters_num = 0.1, 20, 60
def softmax(a):
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
for i in range(iters_num):
    mask = np.random.choice(len(X_train), batch_size)
    x, t = X_train[mask], Y_train[mask]
    h = np.tanh(x @ V + c)
    p = softmax(h @ W + b)
    d = (p - t) / batch_size
    g = d @ W.T * (1 - h ** 2)
    W -= learning_rate * h.T @ d
    b -= learning_rate * d.sum(axis=0)
    V -= learning_rate * x.T @ g
    c -= learning_rate * g.sum(axis=0)
def predict(X):
    return softmax(np.tanh(X @ V + c) @ W + b).argmax(axis=1)
print((predict(X_test) == y_test).mean())
"""
# In the style of nnfs: nothing is returned, everything is an attribute, an optimiser is handed the layers.
KEPT = """
class Layer_Dense:
    def __init__(self, n_inputs, n_neurons):
        self.weights = 0.05 * np.random.randn(n_inputs, n_neurons)
        self.biases = np.zeros((1, n_neurons))
    def forward(self, inputs):
        self.inputs = inputs
        self.output = inputs @ self.weights + self.biases
    def backward(self, dvalues):
        self.dweights = self.inputs.T @ dvalues
        self.dbiases = dvalues.sum(axis=0, keepdims=True)
        self.dinputs = dvalues @ self.weights.T
class Activation_ReLU:
    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.maximum(0, inputs)
    def backward(self, dvalues):
        self.dinputs = dvalues * (self.inputs > 0)
class Activation_Softmax_Loss:
    def forward(self, inputs, y_true):
        e = np.exp(inputs - inputs.max(axis=1, keepdims=True))
        self.output = e / e.sum(axis=1, keepdims=True)
        return -np.log(self.output[range(len(y_true)), y_true] + 1e-9).mean()
    def backward(self, dvalues, y_true):
        self.dinputs = dvalues.copy()
        self.dinputs[range(len(y_true)), y_true] -= 1
        self.dinputs /= len(y_true)
class Optimizer_SGD:
    def __init__(self, learning_rate=1.0):
        self.learning_rate = learning_rate
    def update_params(self, layer):
        layer.weights -= self.learning_rate * layer.dweights
        layer.biases -= self.learning_rate * layer.dbiases
dense1 = Layer_Dense(784, 40)
activation1 = Activation_ReLU()
dense2 = Layer_Dense(40, 10)
loss_activation = Activation_Softmax_Loss()
optimizer = Optimizer_SGD(0.5)
steps = len(X_train) // 20
for epoch in range(3):
  for step in range(steps):
    X_batch = X_train[step * 20:(step + 1) * 20]
    y_batch = y_train[step * 20:(step + 1) * 20]
    dense1.forward(X_batch)
    activation1.forward(dense1.output)
    dense2.forward(activation1.output)
    loss = loss_activation.forward(dense2.output, y_batch)
    predictions = np.argmax(loss_activation.output, axis=1)
    accuracy = np.mean(predictions == y_batch)
    loss_activation.backward(loss_activation.output, y_batch)
    dense2.backward(loss_activation.dinputs)
    activation1.backward(dense2.dinputs)
    dense1.backward(activation1.dinputs)
    optimizer.update_params(dense1)
    optimizer.update_params(dense2)
"""
LOOP = """
model = Network()
for epoch in range(2):
    for i in range(0, len(X_train), 20):
        model.forward(X_train[i:i + 20])
        model.backward(Y_train[i:i + 20])
"""
RIGHT = {
    "a function that is given the network": LAYERS + TRAIN
    + "net = Network()\ntrain(net, X_train, Y_train)\nprint((net.forward(X_test).argmax(axis=1) == y_test).mean())",
    "a function that nothing calls": LAYERS + TRAIN.replace("train(model", "train_model(model")
    + "def predict(model, X):\n    return np.argmax(model.forward(X), axis=1)",
    "a bare loop, and a function that predicts": LAYERS + LOOP
    + "def predict(model, X):\n    return np.argmax(model.forward(X), axis=1)\n"
    + "print((predict(model, X_test) == y_test).mean())",
    "an accuracy in a function, in a loop": LAYERS
    + "def accuracy(net, X, t):\n    y = net.forward(X)\n    y = np.argmax(y, axis=1)\n    return np.mean(y == t)\n"
    + LOOP.replace("epoch in range(2)", "epoch in range(1, 3)") + "    print(accuracy(model, X_test, y_test))",
    "layers in a list, gone through": LAYERS + """
layers = []
for n_in, n_out in ((784, 50), (50, 10)):
    layers.append(Dense(n_in, n_out))
    layers.append(Tanh() if n_out != 10 else Softmax())
batches = [(X_train[i:i + 20], Y_train[i:i + 20]) for i in range(0, len(X_train), 20)]
for epoch in range(2):
    for x, t in batches:
        for layer in layers:
            x = layer.forward(x)
        d = t
        for layer in layers[::-1]:
            d = layer.backward(d)
out = X_test
for layer in layers:
    out = layer.forward(out)
print((np.argmax(out, axis=1) == y_test).mean())
""",
    "layers gone through, and nothing after it": LAYERS + """
layers = [Dense(784, 50), Tanh(), Dense(50, 10), Softmax()]
steps = len(X_train) // 20
for epoch in range(2):
    for i in range(steps):
        x, t = X_train[20 * i:20 * i + 20], Y_train[20 * i:20 * i + 20]
        for layer in layers:
            x = layer.forward(x)
        loss = -np.sum(t * np.log(x + 1e-9))
        d = t
        for layer in reversed(layers):
            d = layer.backward(d)
""",
    "one image at a time": LAYERS + TRAIN + """
net = Network()
train(net, X_train[:200], Y_train[:200], batch=1, epochs=1)
right = 0
for i in range(len(X_test)):
    right += np.argmax(net.forward(X_test[i:i + 1])) == y_test[i]
""",
    "rates that are tried one after the other": LAYERS.replace("lr=0.1", "lr").replace("def __init__(self):", "def __init__(self, lr):")
    .replace("Dense(784, 50)", "Dense(784, 50, lr)").replace("Dense(50, 10)", "Dense(50, 10, lr)") + TRAIN + """
for lr in [0.1, 0.01]:
    net = Network(lr)
    train(net, X_train, Y_train)
    print(lr, np.mean(net.forward(X_test).argmax(axis=1) == y_test))
""",
    "all images at once": ARRAYS.replace("iters_num = 0.1, 20, 60", "iters_num = 0.5, 600, 40")
    .replace("    mask = np.random.choice(len(X_train), batch_size)\n    x, t = X_train[mask], Y_train[mask]\n", "    x, t = X_train, Y_train\n")
    .replace("/ batch_size", "/ len(x)"),
    "mini-batches drawn, and parameters in the network": SOLVER.split("class Solver")[0].replace("loss(self, X, y=None)", "gradient(self, X, y=None)") + """
    def predict(self, x):
        return self.gradient(x)
    def accuracy(self, x, t):
        y = np.argmax(self.predict(x), axis=1)
        return np.sum(y == t) / float(x.shape[0])
network = TwoLayerNet(input_dim=784, hidden_dim=30, num_classes=10)
iters_num, train_size, batch_size, learning_rate = 60, X_train.shape[0], 50, 0.1
train_acc_list = []
iter_per_epoch = max(train_size / batch_size, 1)
for i in range(iters_num):
    batch_mask = np.random.choice(train_size, batch_size)
    x_batch = X_train[batch_mask]
    t_batch = y_train[batch_mask]
    loss, grad = network.gradient(x_batch, t_batch)
    for key in ("W1", "b1", "W2", "b2"):
        network.params[key] -= learning_rate * grad[key]
    if i % iter_per_epoch == 0:
        train_acc_list.append(network.accuracy(X_train, y_train))
""",
    "layers that keep what they give": KEPT,
    "functions and a dict of parameters": PARAMETERS + DESCENT,
    "a solver that is given the data": SOLVER + SOLVED,
    "arrays of the module, mini-batches drawn": ARRAYS,
    "main, which does it all": LAYERS + TRAIN + """
def main():
    net = Network()
    train(net, X_train, Y_train, epochs=3)
    return (net.forward(X_test).argmax(axis=1) == y_test).mean()
if __name__ == "__main__":
    print(main())
""",
}  # fmt: skip
MEAN = """
class Network:
    def __init__(self):
        self.means = np.zeros((10, 784))
        self.n = np.ones(10)
    def forward(self, X):
        return -((X[:, None] - self.means) ** 2).sum(axis=2)
    def update(self, X, Y):
        for x, k in zip(X, Y.argmax(axis=1)):
            self.n[k] += 1
            self.means[k] += (x - self.means[k]) / self.n[k]
model = Network()
for epoch in range(2):
    for i in range(0, len(X_train), 20):
        model.update(X_train[i:i + 20], Y_train[i:i + 20])
print((model.forward(X_test).argmax(axis=1) == y_test).mean())
"""
WRONG = {
    "never updates": LAYERS.replace("        self.W -=", "        dW =").replace("        self.B -=", "        dB =") + LOOP
    + "print((model.forward(X_test).argmax(axis=1) == y_test).mean())",
    "moves by noise alone": LAYERS.replace("self.lr * self.X.T @ dA", "0.01 * np.random.randn(*self.W.shape)") + LOOP
    + "print((model.forward(X_test).argmax(axis=1) == y_test).mean())",
    "answers with the labels that it is handed": LAYERS.replace("def forward(self, X):\n        for", "def forward(self, X, Y=None):\n        if Y is not None and len(self.seen) > 600:\n            return Y\n        self.seen.append(0)\n        for")
    .replace("self.layers =", "self.seen = []\n        self.layers =").replace("        self.W -=", "        dW =")
    + LOOP.replace("model.forward(X_train[i:i + 20])", "model.forward(X_train[i:i + 20], Y_train[i:i + 20])")
    + "Y_test = np.eye(10)[y_test]\nprint((model.forward(X_test, Y_test).argmax(axis=1) == y_test).mean())",
    "nearest class mean": MEAN,
    "learns its biases only": LAYERS.replace("        self.W -=", "        dW =") + LOOP
    + "print((model.forward(X_test).argmax(axis=1) == y_test).mean())",
    "the hidden weights never move, their bias does": LAYERS.replace("        self.W -= self.lr *", "        self.W -= (self.W.shape[1] == 10) * self.lr *")
    .replace("Dense(784, 50)", "Dense(784, 300)").replace("Dense(50, 10)", "Dense(300, 10)") + LOOP
    + "print((model.forward(X_test).argmax(axis=1) == y_test).mean())",
    "hidden arrays never move": ARRAYS.replace("    V -= learning_rate * x.T @ g\n", ""),
    "one layer": ARRAYS.replace("h = np.tanh(x @ V + c)", "h = x").replace("np.tanh(X @ V + c)", "X")
    .replace("(30, 10)", "(784, 10)").replace("    V -= learning_rate * x.T @ g\n", "").replace("    c -= learning_rate * g.sum(axis=0)\n", "").replace("    g = d @ W.T * (1 - h ** 2)\n", ""),
    "another's answers": LOOP.replace("model = Network()", """
class Network:
    def __init__(self):
        self.W1, self.W2 = np.random.randn(784, 50), np.random.randn(50, 10)
        self.means = np.zeros((10, 784))
    def forward(self, X):
        self.X, self.H = X, X @ self.W1
        self.out = self.H @ self.W2
        return -((X[:, None] - self.means) ** 2).sum(axis=2)
    def backward(self, Y):
        self.W1 -= 0.01 * self.X.T @ (Y @ self.W2.T)
        self.W2 -= 0.01 * self.H.T @ Y
        for x, k in zip(self.X, Y.argmax(axis=1)):
            self.means[k] += 0.1 * (x - self.means[k])
model = Network()""") + "print((model.forward(X_test).argmax(axis=1) == y_test).mean())",
}  # fmt: skip


IMAGES = DATA.replace(".reshape(-1, 784)", ".reshape(-1, 1, 28, 28)")
CONVOLUTION = """
class Conv2d:
    def __init__(self, n_in, n_out, size, lr=0.1):
        self.W, self.B = np.random.randn(n_out, n_in, size, size) * 0.2, np.zeros(n_out)
        self.lr, self.size = lr, size
    def forward(self, X):
        self.parts = np.lib.stride_tricks.sliding_window_view(X, (self.size, self.size), axis=(2, 3))
        out = np.tensordot(self.parts, self.W, axes=([1, 4, 5], [1, 2, 3])) + self.B
        return out.transpose(0, 3, 1, 2)
    def backward(self, d):
        self.W -= self.lr * np.tensordot(d, self.parts, axes=([0, 2, 3], [0, 2, 3]))
        self.B -= self.lr * d.sum(axis=(0, 2, 3))

class Thin:
    def forward(self, A):
        self.A = A
        return np.maximum(A, 0)[:, :, ::3, ::3].reshape(len(A), -1)
    def backward(self, d):
        out = np.zeros_like(self.A)
        out[:, :, ::3, ::3] = d.reshape(self.A[:, :, ::3, ::3].shape)
        return out * (self.A > 0)
"""
CONVOLVED = """
layers = [Conv2d(1, 4, 3), Thin(), Dense(324, 10), Softmax()]
for epoch in range(2):
    for i in range(0, len(X_train), 20):
        x = X_train[i:i + 20]
        for layer in layers:
            x = layer.forward(x)
        d = Y_train[i:i + 20]
        for layer in reversed(layers):
            d = layer.backward(d)
def predict_cnn(layers, X):
    for layer in layers:
        X = layer.forward(X)
    return X.argmax(axis=1)
print((predict_cnn(layers, X_test) == y_test).mean())
"""


def test_a_convolution_is_trained_by_hand(tmp_path: Path) -> None:
    source = IMAGES + LAYERS + CONVOLUTION + CONVOLVED
    result = judged(tmp_path, source, "cnn2d_classifier")
    assert result.status == "passed", (result.message, result.trace)


def test_dense_layers_are_no_convolution_whoever_trains_them(tmp_path: Path) -> None:
    dense = CONVOLVED.replace(
        "Conv2d(1, 4, 3), Thin(), Dense(324, 10)", "Flat(), Dense(784, 50), Tanh(), Dense(50, 10)"
    )
    flat = """
class Flat:
    def forward(self, X):
        return X.reshape(len(X), -1)
    def backward(self, d):
        return d
"""
    result = judged(tmp_path, IMAGES + LAYERS + CONVOLUTION + flat + dense, "cnn2d_classifier")
    assert result.score == 0, (result.message, result.trace)


def test_what_was_looked_for_is_told(tmp_path: Path) -> None:
    untaken = "net = Dense(784, 10)\nfor x, t in ((X_train, Y_train),):\n    size = len(x)\n    net.backward(t)\n"
    for rest, status, words in (
        ("", "missing", "No training was found"),
        (LAYERS.replace("Network", "Layers") + untaken, "missing", "leads from images to their classes"),
        (LAYERS + untaken, "failed", "leads from images to their classes"),
        ("W = np.zeros(3)\nfor i in range(3):\n    W -= 0.1 * (W - 1)\n", "missing", "no MNIST images"),
    ):  # fmt: skip
        result = judged(tmp_path, DATA + rest)
        told = " ".join([str(result.message), *(str(c.message) for c in result.checks)])
        assert (result.status, words in told) == (status, True), told


TOLD = {
    "never updates": "Training never changes the weights of Dense: W 784x",
    "learns its biases only": "Training never changes the weights of Dense: W 784x",
    "the hidden weights never move, their bias does": "never changes the weights of Dense: W 784x300",
    "hidden arrays never move": "never changes the weights of V 784x30",
    "one layer": "take part in predict: 1",
    "nearest class mean": "take part in predict: 1",
    "another's answers": "take part in predict: 1",
}


def judged(folder: Path, source: str, item: str = "dnn_classifier") -> ItemResult:
    """The verdict on a classifier."""
    sprint = next(s for s in built_in_sprints().values() if any(i.id == item for i in s.items))
    path = folder / "work.py"
    path.write_text(dedent(source))
    options = Options(sys.executable, budget=Budget(cell=6.0), items=frozenset({item}))
    for event in grade(read_submission(path), sprint, options):
        if isinstance(event, ItemFinished) and event.result.spec.id == item:
            return event.result
    raise AssertionError(item)


@pytest.mark.parametrize("style", RIGHT)
def test_what_learns_passes_in_whatever_style(tmp_path: Path, style: str) -> None:
    result = judged(tmp_path, DATA + RIGHT[style])
    assert result.status == "passed", (result.message, result.trace)


@pytest.mark.parametrize("fault", WRONG)
def test_what_only_looks_like_it_does_not(tmp_path: Path, fault: str) -> None:
    result = judged(tmp_path, DATA + WRONG[fault])
    assert result.status in ("failed", "manual"), (result.message, result.trace)
    assert result.score == 0
    assert TOLD.get(fault, "") in " ".join(str(c.message) for c in result.checks)
