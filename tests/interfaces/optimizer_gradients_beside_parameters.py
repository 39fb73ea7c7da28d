# item: sgd


class SGD:
    def __init__(self, learning_rate):
        self.learning_rate = learning_rate

    def apply(self, params, gradients):
        for name, param in params.items():
            param.data = param.data - self.learning_rate * gradients[name]  #! update: param.data = param.data - self.learning_rate * gradients["W"].mean()
