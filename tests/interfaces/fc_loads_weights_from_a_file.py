# item: fc
import numpy as np


class Linear:
    def __init__(self, in_features, out_features):
        self.fc_w = self.init_weight((in_features, out_features))
        self.fc_b = self.init_weight((1, out_features))

    def init_weight(self, weight_shape):
        return 2 * np.random.random(weight_shape) - 1

    def load_weights(self, weight_name, bias_name, load_path):
        kept = np.load(load_path)
        self.fc_w, self.fc_b = kept[weight_name], kept[bias_name]

    def __call__(self, x):
        self.x = x
        return x @ self.fc_w + self.fc_b

    def backprop(self, d):
        self.dw = self.x.T @ d  #! dW: self.dw = self.x.T @ d / 5
        self.db = d.sum(axis=0, keepdims=True)
        return d @ self.fc_w.T
