# items: sgd adagrad
import numpy as np


class GradientDescentLearningRule(object):
    def __init__(self, learning_rate=1e-3):
        assert learning_rate > 0.0, "learning_rate should be positive."
        self.learning_rate = learning_rate

    def initialise(self, params):
        self.params = params

    def reset(self):
        pass

    def update_params(self, grads_wrt_params):
        for param, grad in zip(self.params, grads_wrt_params):
            param -= self.learning_rate * grad  #! sgd.update: param = param - self.learning_rate * grad


class AdaGradLearningRule(GradientDescentLearningRule):
    def __init__(self, learning_rate=1e-2, epsilon=1e-8):
        super(AdaGradLearningRule, self).__init__(learning_rate)
        self.epsilon = epsilon

    def initialise(self, params):
        super(AdaGradLearningRule, self).initialise(params)
        self.sum_sq_grads = []
        for param in self.params:
            self.sum_sq_grads.append(np.zeros_like(param))

    def reset(self):
        for sum_sq_grad in self.sum_sq_grads:
            sum_sq_grad *= 0.0

    def update_params(self, grads_wrt_params):
        for param, sum_sq_grad, grad in zip(self.params, self.sum_sq_grads, grads_wrt_params):
            sum_sq_grad += grad ** 2  #! adagrad.update: sum_sq_grad += (self.learning_rate * grad) ** 2
            param -= self.learning_rate * grad / (sum_sq_grad + self.epsilon) ** 0.5
