# item: flatten
class Flatten:
    """The shape of the input; the twin keeps the first one."""

    def __init__(self):
        self.shape = None

    def forward(self, X):
        self.shape = X.shape  #! dX: self.shape = self.shape or X.shape
        return X.reshape(len(X), -1)

    def backward(self, dA):
        return dA.reshape(self.shape)
