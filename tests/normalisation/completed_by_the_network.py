# items: batch_norm layer_norm
import copy

import numpy as np


class Layer:
    def set_input_shape(self, shape):
        self.input_shape = shape

    def forward_pass(self, X, training):
        raise NotImplementedError()


class BatchNormalization(Layer):
    def __init__(self, momentum=0.99):
        self.momentum = momentum
        self.trainable = True
        self.eps = 0.01
        self.running_mean = None
        self.running_var = None

    def initialize(self, optimizer):
        self.gamma = np.ones(self.input_shape)
        self.beta = np.zeros(self.input_shape)
        self.gamma_opt = copy.copy(optimizer)
        self.beta_opt = copy.copy(optimizer)

    def parameters(self):
        return np.prod(self.gamma.shape) + np.prod(self.beta.shape)

    def forward_pass(self, X, training=True):
        if self.running_mean is None:
            self.running_mean = np.mean(X, axis=0)
            self.running_var = np.var(X, axis=0)
        if training and self.trainable:
            mean = np.mean(X, axis=0)
            var = np.var(X, axis=0)  #! batch_norm.forward,dX: var = np.var(X, axis=0) * len(X) / (len(X) - 1)
            self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mean
            self.running_var = self.momentum * self.running_var + (1 - self.momentum) * var
        else:
            mean, var = self.running_mean, self.running_var
        self.X_centered = X - mean
        self.stddev_inv = 1 / np.sqrt(var + self.eps)
        return self.gamma * self.X_centered * self.stddev_inv + self.beta

    def backward_pass(self, accum_grad):
        gamma = self.gamma
        if self.trainable:
            X_norm = self.X_centered * self.stddev_inv
            grad_gamma = np.sum(accum_grad * X_norm, axis=0)  #! batch_norm.dgamma: grad_gamma = np.sum(accum_grad * self.X_centered, axis=0)
            grad_beta = np.sum(accum_grad, axis=0)  #! batch_norm.dbeta: grad_beta = np.sum(accum_grad * gamma, axis=0)
            self.gamma = self.gamma_opt.update(self.gamma, grad_gamma)
            self.beta = self.beta_opt.update(self.beta, grad_beta)
        n = accum_grad.shape[0]
        inner = n * accum_grad - np.sum(accum_grad, axis=0)
        inner = inner - self.X_centered * self.stddev_inv**2 * np.sum(accum_grad * self.X_centered, axis=0)  #! batch_norm.dX: inner = inner - np.sum(accum_grad * self.X_centered, axis=0)
        return gamma * self.stddev_inv * inner / n


class LayerNormalization(Layer):
    def __init__(self, epsilon=1e-8, input_shape=None):
        self.epsilon = epsilon
        self.input_shape = input_shape

    def build(self, gamma=None, beta=None):
        self.gamma = np.ones((1,) + self.input_shape) if gamma is None else gamma
        self.beta = np.zeros((1,) + self.input_shape) if beta is None else beta

    def forward_pass(self, X, training=False):
        mean = np.mean(X, axis=1, keepdims=True)
        std = np.sqrt(np.mean((X - mean) ** 2, axis=1, keepdims=True)) + self.epsilon
        X_hat = (X - mean) / std
        if training:
            self.cache = X_hat, std
        return self.gamma * X_hat + self.beta  #! layer_norm.forward: return self.gamma * X_hat - self.beta

    def backward_pass(self, dZ):
        X_hat, std = self.cache
        dgamma = np.sum(dZ * X_hat, axis=0, keepdims=True)
        dbeta = np.sum(dZ, axis=0, keepdims=True)
        d = dZ * self.gamma
        dX = (d - d.mean(1, keepdims=True) - X_hat * (d * X_hat).mean(1, keepdims=True)) / std  #! layer_norm.dX: dX = d / std
        return dX, dgamma, dbeta  #! layer_norm.dgamma,dbeta: return dX, dbeta, dgamma
