# items: batch_norm_running
import numpy as np


class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum = eps, momentum
        self.weight, self.bias = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.training = True

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def forward(self, x):
        if self.training:
            mean, var = x.mean(0), x.var(0)
            n = len(x)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var * n / (n - 1)  #! test: self.running_var = (1 - self.momentum) * self.running_var + self.momentum * np.sqrt(var)
        else:
            mean, var = self.running_mean, self.running_var
        self.x_hat = (x - mean) / np.sqrt(var + self.eps)
        return self.weight * self.x_hat + self.bias

    def backward(self, dout):
        self.dweight, self.dbias = (dout * self.x_hat).sum(0), dout.sum(0)
        return dout
