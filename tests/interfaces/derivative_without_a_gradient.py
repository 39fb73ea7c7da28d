# items: sigmoid tanh
import numpy as np


class Sigmoid:
    def forward(self, Z):
        self.A = 1 / (1 + np.exp(-Z))
        return self.A

    def backward(self):
        return self.A * (1 - self.A)  #! sigmoid.dX: return self.A * (1 + self.A)


class Tanh:
    def forward(self, Z):
        self.A = np.tanh(Z)
        return self.A

    def backward(self):
        return 1 - self.A**2  #! tanh.dX: return 1 - self.A


class Net:
    def __init__(self):
        self.first, self.second = Sigmoid(), Tanh()

    def forward(self, X):
        return self.second.forward(self.first.forward(X))

    def backward(self, dA):
        slope = self.second.backward()
        dZ = dA * slope
        return dZ * self.first.backward()


net = Net()
net.forward(np.ones((2, 3)))
net.backward(np.ones((2, 3)))
