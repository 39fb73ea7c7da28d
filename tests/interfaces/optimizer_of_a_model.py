# items: sgd adagrad
import numpy as np


class SGD:
    def __init__(self, model, loss_func, learning_rate=1e-4):
        self.model = model
        self.loss_func = loss_func
        self.lr = learning_rate

    def backward(self, y_pred, y_true):
        self.model.backward(self.loss_func.backward(y_pred, y_true))

    def _update(self, w, dw, lr):
        return w - lr * dw  #! sgd.update: return w - lr * np.sign(dw)

    def step(self):
        for name in self.model.grads:
            w, dw = self.model.params[name], self.model.grads[name]
            self.model.params[name] = self._update(w, dw, lr=self.lr)
        self.model.reset_grad()


class AdaGrad:
    def __init__(self, model, loss_func, learning_rate=1e-4, eps=1e-8):
        self.model = model
        self.loss_func = loss_func
        self.lr = learning_rate
        self.eps = eps
        self.optim_configs = {p: {} for p in self.model.params}

    def backward(self, y_pred, y_true):
        self.model.backward(self.loss_func.backward(y_pred, y_true))

    def _update(self, w, dw, config, lr):
        config.setdefault("cache", np.zeros_like(w))
        config["cache"] = config["cache"] + dw ** 2  #! adagrad.update: config["cache"] = dw ** 2
        return w - lr * dw / (np.sqrt(config["cache"]) + self.eps), config

    def step(self):
        for name in self.model.grads.keys():
            w, dw = self.model.params[name], self.model.grads[name]
            config = self.optim_configs[name]
            next_w, next_config = self._update(w, dw, config, lr=self.lr)
            self.model.params[name] = next_w
            self.optim_configs[name] = next_config
        self.model.reset_grad()


class ClassificationNet:
    def __init__(self, hidden_size=10):
        self.params = {"W1": np.random.randn(20, hidden_size), "b1": np.zeros(hidden_size)}
        self.reset_grad()

    def reset_grad(self):
        self.grads = {}

    def forward(self, X):
        self.X = X
        return X @ self.params["W1"] + self.params["b1"]

    def backward(self, dy):
        self.grads = {"W1": self.X.T @ dy, "b1": dy.sum(0)}
        return self.grads
