# item: sgd


class Optimizer(object):
    def __init__(self, lr=0.01):
        self.lr = lr

    def step(self):
        pass


class SGD(Optimizer):
    def __init__(self, lr=0.01):
        super().__init__(lr)

    def step(self):
        for (param, param_grad) in zip(self.net.params(), self.net.param_grads()):
            param -= self.lr * param_grad  #! update: param -= self.lr * self.lr * param_grad
