# items: sgd adagrad
import numpy as np


class SGD:
    def __init__(self, model, lr=0.1, momentum=0):
        self.l = model.layers
        self.L = len(model.layers)
        self.lr = lr
        self.mu = momentum
        self.v_W = [np.zeros(self.l[i].W.shape) for i in range(self.L)]
        self.v_b = [np.zeros(self.l[i].b.shape) for i in range(self.L)]

    def step(self):
        for i in range(self.L):  #! sgd.update: for i in range(self.L - 1):
            if self.mu == 0:
                self.l[i].W = self.l[i].W - self.lr * self.l[i].dLdW
                self.l[i].b = self.l[i].b - self.lr * self.l[i].dLdb
            else:
                self.v_W[i] = self.mu * self.v_W[i] + self.l[i].dLdW
                self.v_b[i] = self.mu * self.v_b[i] + self.l[i].dLdb
                self.l[i].W = self.l[i].W - self.lr * self.v_W[i]
                self.l[i].b = self.l[i].b - self.lr * self.v_b[i]


class AdaGrad:
    def __init__(self, model, lr=0.1, eps=1e-8):
        self.model, self.lr, self.eps = model, lr, eps
        self.hW = [0 for _ in model.layers]
        self.hb = [0 for _ in model.layers]

    def step(self):
        for i, layer in enumerate(self.model.layers):
            self.hW[i] = self.hW[i] + layer.dLdW ** 2
            self.hb[i] = self.hb[i] + layer.dLdb ** 2
            layer.W = layer.W - self.lr * layer.dLdW / (np.sqrt(self.hW[i]) + self.eps)
            layer.b = layer.b - self.lr * layer.dLdb / (np.sqrt(self.hb[i]) + self.eps)  #! adagrad.update: layer.b = layer.b - self.lr * layer.dLdb / (np.sqrt(self.hb[0]) + self.eps)
