# items: sgd adagrad
import numpy as np


class OptimizerBase:
    def __init__(self, lr, scheduler=None):
        self.lr = lr
        self.cache = {}
        self.cur_step = 0

    def __call__(self, param, param_grad, param_name, cur_loss):
        return self.update(param, param_grad, param_name, cur_loss)

    def step(self):
        self.cur_step += 1

    def update(self, param, param_grad, param_name, cur_loss):
        raise NotImplementedError


class SGD(OptimizerBase):
    def __init__(self, lr=0.01, momentum=0.0, clip_norm=None, lr_scheduler=None):
        super().__init__(lr, lr_scheduler)
        self.hyperparameters = {"id": "SGD", "momentum": momentum, "clip_norm": clip_norm}

    def update(self, param, param_grad, param_name, cur_loss):
        C, H = self.cache, self.hyperparameters
        t = np.inf if H["clip_norm"] is None else H["clip_norm"]
        if np.linalg.norm(param_grad) > t:
            param_grad = param_grad * t / np.linalg.norm(param_grad)
        if param_name not in C:
            C[param_name] = np.zeros_like(param_grad)
        C[param_name] = H["momentum"] * C[param_name] + self.lr * param_grad
        return param - C[param_name]  #! sgd.update: return param + C[param_name]


class AdaGrad(OptimizerBase):
    def __init__(self, lr=0.01, eps=1e-7):
        super().__init__(lr)
        self.eps = eps

    def update(self, param, param_grad, param_name, cur_loss):
        if param_name not in self.cache:  #! adagrad.update: if True:
            self.cache[param_name] = np.zeros_like(param_grad)
        self.cache[param_name] += param_grad ** 2
        return param - self.lr * param_grad / (np.sqrt(self.cache[param_name]) + self.eps)


class Dense:
    def __init__(self, n_out, optimizer=None):
        self.n_out, self.optimizer = n_out, optimizer
        self.parameters = {}

    def update(self, cur_loss=None):
        for name, grad in self.gradients.items():
            self.parameters[name] = self.optimizer(self.parameters[name], grad, name, cur_loss)
