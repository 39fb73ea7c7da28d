# Sprint: recurrent neural network, Problem 1
import numpy as np


class ScratchSimpleRNN:
    def __init__(self, wx, wh, b):
        self.params = {"wx": wx, "wh": wh, "b": b}
        self.grads = {}

    def forward(self, x):
        wx, wh, b = self.params["wx"], self.params["wh"], self.params["b"]
        self.x = x
        self.states = [np.zeros((x.shape[0], wh.shape[0]))]
        for t in reversed(range(x.shape[1])):
            self.states.append(np.tanh(np.dot(x[:, t], wx) + np.dot(self.states[-1], wh) + b))
        return self.states[-1]

    def backward(self, dout):
        wx, wh = self.params["wx"], self.params["wh"]
        dwx, dwh, db = np.zeros(wx.shape), np.zeros(wh.shape), np.zeros(wh.shape[1])
        dxs = []
        for t in reversed(range(self.x.shape[1])):
            delta = dout * (1 - self.states[t + 1] ** 2)
            dwx += np.dot(self.x[:, t].T, delta)
            dwh += np.dot(self.states[t].T, delta)
            db += np.sum(delta, axis=0)
            dxs.insert(0, np.dot(delta, wx.T))
            dout = np.dot(delta, wh.T)
        self.grads = {"wx": dwx, "wh": dwh, "b": db}
        return np.stack(dxs, axis=1)


rnn = ScratchSimpleRNN(np.ones((2, 4)) / 10, np.ones((4, 4)) / 10, np.ones(4))
print(rnn.forward(np.ones((1, 3, 2))))
