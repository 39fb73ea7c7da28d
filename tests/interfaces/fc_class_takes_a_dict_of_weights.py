# item: fc
class Affine:
    def __init__(self, params):
        self.w, self.bias = params["weight"], params["bias"]

    def forward(self, x):
        self.x = x
        return x @ self.w + self.bias

    def backward(self, dout):
        self.grads = {"weight": self.x.T @ dout, "bias": dout.sum(axis=0)}  #! dB: self.grads = {"weight": self.x.T @ dout, "bias": dout[0]}
        return dout @ self.w.T
