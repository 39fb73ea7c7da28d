# items: batch_norm layer_norm
from abc import ABC, abstractmethod

import numpy as np


class LayerBase(ABC):
    def __init__(self):
        self.X = []
        self.trainable = True
        self.gradients = {}
        self.parameters = {}
        self.derived_variables = {}

    @abstractmethod
    def forward(self, z, **kwargs):
        raise NotImplementedError

    def flush_gradients(self):
        self.X = []
        for k, v in self.gradients.items():
            self.gradients[k] = np.zeros_like(v)

    def update(self, optimizer):
        for k, v in self.gradients.items():
            self.parameters[k] = optimizer(self.parameters[k], v, k)
        self.flush_gradients()


class LayerNorm1D(LayerBase):
    def __init__(self, epsilon=1e-5):
        super().__init__()
        self.n_in = None
        self.epsilon = epsilon
        self.parameters = {"scaler": None, "intercept": None}
        self.is_initialized = False

    def _init_params(self):
        scaler = np.random.rand(self.n_in)
        intercept = np.zeros(self.n_in)
        self.parameters = {"scaler": scaler, "intercept": intercept}
        self.gradients = {"scaler": np.zeros_like(scaler), "intercept": np.zeros_like(intercept)}
        self.is_initialized = True

    @property
    def hyperparameters(self):
        return {"layer": "LayerNorm1D", "n_in": self.n_in, "epsilon": self.epsilon}

    def forward(self, X, retain_derived=True):
        if not self.is_initialized:
            self.n_in = X.shape[1]
            self._init_params()
        scaler, intercept = self.parameters["scaler"], self.parameters["intercept"]
        if retain_derived:
            self.X.append(X)
        mean, var = X.mean(axis=1, keepdims=True), X.var(axis=1, keepdims=True)
        lnorm = (X - mean) / np.sqrt(var + self.hyperparameters["epsilon"])
        return scaler * lnorm + intercept  #! layer_norm.forward: return scaler * (lnorm + intercept)

    def backward(self, dLdy, retain_grads=True):
        if not isinstance(dLdy, list):
            dLdy = [dLdy]
        dX = []
        for dy, x in zip(dLdy, self.X):
            dx, dScaler, dIntercept = self._bwd(dy, x)
            dX.append(dx)
            if retain_grads:
                self.gradients["scaler"] += dScaler
                self.gradients["intercept"] += dIntercept
        return dX[0] if len(self.X) == 1 else dX

    def _bwd(self, dLdy, X):
        scaler = self.parameters["scaler"]
        n_in = X.shape[1]
        mean, var = X.mean(axis=1, keepdims=True), X.var(axis=1, keepdims=True)
        std = np.sqrt(var + self.hyperparameters["epsilon"])
        lnorm = (X - mean) / std
        dIntercept = dLdy.sum(axis=0)
        dScaler = np.sum(dLdy * lnorm, axis=0)  #! layer_norm.dgamma: dScaler = np.sum(dLdy * X, axis=0)
        dL = dLdy * scaler
        inner = n_in * dL - dL.sum(axis=1, keepdims=True) - lnorm * (dL * lnorm).sum(axis=1, keepdims=True)  #! layer_norm.dX: inner = n_in * dL - dL.sum(axis=1, keepdims=True)
        return inner / (n_in * std), dScaler, dIntercept


class BatchNorm:
    def __init__(self, momentum=0.9):
        self.momentum = momentum
        self.gamma = None
        self.beta = None

    def forward(self, x):
        if self.gamma is None:
            self.gamma = np.ones((1, x.shape[1]))
            self.beta = np.zeros((1, x.shape[1]))
        self.std = np.sqrt(x.var(axis=0) + 1e-7)
        self.x_hat = (x - x.mean(axis=0)) / self.std
        return self.gamma * self.x_hat + self.beta

    def backward(self, dout):
        self.grad_gamma = (dout * self.x_hat).sum(axis=0, keepdims=True)
        self.grad_beta = dout.sum(axis=0, keepdims=True)  #! batch_norm.dbeta: self.grad_beta = dout.sum(axis=1, keepdims=True)
        d = dout * self.gamma
        return (d - d.mean(axis=0) - self.x_hat * (d * self.x_hat).mean(axis=0)) / self.std  #! batch_norm.dX: return (d - self.x_hat * (d * self.x_hat).mean(axis=0)) / self.std
