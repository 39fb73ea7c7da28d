# items: sgd
import numpy as np


class BaseOptimizer:
    def __init__(self, model, learning_rate=1e-4):
        self.learning_rate = learning_rate
        self.steps = {number: 0 for number, _ in enumerate(model.modules)}


class SGD(BaseOptimizer):
    def __init__(self, model, learning_rate=1e-4):
        super().__init__(model, learning_rate)

    def update(self, model):
        for number, module in enumerate(model.modules):
            if hasattr(module, "weight"):
                self.steps[number] += 1
                module.weight = module.weight - self.learning_rate * module.dw  #! update: module.weight = module.weight + self.learning_rate * module.dw
            if hasattr(module, "bias"):
                module.bias = module.bias - self.learning_rate * module.db
