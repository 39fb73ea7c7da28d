# items: batch_norm layer_norm
import numpy as np


class BatchNorm:
    def __init__(self, gamma, beta):
        self.gamma, self.beta = gamma, beta
        self.running_mean, self.running_var = np.zeros(len(gamma)), np.ones(len(gamma))

    def forward(self, x, for_training):
        mean, var = (x.mean(0), x.var(0)) if for_training else (self.running_mean, self.running_var)
        self.ivar = 1 / np.sqrt(var + 1e-5)
        self.norm = (x - mean) * self.ivar
        return self.gamma * self.norm + self.beta  #! batch_norm.forward: return self.gamma * (self.norm + self.beta)

    def backward(self, dout):
        d = dout * self.gamma
        dx = self.ivar * (d - d.mean(0) - self.norm * (d * self.norm).mean(0))  #! batch_norm.dX: dx = self.ivar * (d - d.mean(0))
        return dx, (dout * self.norm).sum(0), dout.sum(0)  #! batch_norm.dgamma,dbeta: return dx, dout.sum(0), (dout * self.norm).sum(0)


def layernorm_forward(x, gamma, beta, ln_param):
    mean, var = x.mean(1, keepdims=True), x.var(1, keepdims=True)
    ivar = 1 / np.sqrt(var + ln_param.get("eps", 1e-5))
    norm = (x - mean) * ivar
    return gamma * norm + beta, (norm, gamma, ivar)  #! layer_norm.forward: return gamma * norm - beta, (norm, gamma, ivar)


def layernorm_backward(dout, cache):
    norm, gamma, ivar = cache
    d = dout * gamma  #! layer_norm.dX: d = dout
    dx = ivar * (d - d.mean(1, keepdims=True) - norm * (d * norm).mean(1, keepdims=True))
    return dx, (dout * norm).sum(0), dout.sum(0)
