# Recurrent networks: SimpleRNN with explicit loops, the weights given with each call
import math

import numpy as np


class SimpleRNN:
    def forward(self, x, w_x, w_h, b):
        batch, n_sequences, n_features = x.shape
        n_nodes = w_h.shape[0]
        self.x, self.w_x, self.w_h = x, w_x, w_h
        h = np.zeros((n_sequences + 1, batch, n_nodes))
        for t in range(n_sequences):
            for i in range(batch):
                for k in range(n_nodes):
                    a = b[k]
                    for j in range(n_features):
                        a += x[i, t, j] * w_x[j, k]
                    for j in range(n_nodes):
                        a += h[t, i, j] * w_h[j, k]
                    h[t + 1, i, k] = math.tanh(a)
        self.h = h
        return h[n_sequences]

    def backward(self, da):
        dx = np.empty(self.x.shape)
        dw_x, dw_h, db = 0, 0, 0
        for t in range(self.x.shape[1], 0, -1):
            d = da - da * self.h[t] * self.h[t]
            dw_x = dw_x + self.x[:, t - 1].T.dot(d)
            dw_h = dw_h + self.h[t - 1].T.dot(d)
            db = db + d.sum(0)
            dx[:, t - 1] = d.dot(self.w_x.T)
            da = d.dot(self.w_h.T)
        return dx, dw_x, dw_h, db
