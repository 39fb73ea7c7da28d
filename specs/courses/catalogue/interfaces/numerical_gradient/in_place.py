import numpy as np

import reference


def eval_numerical_gradient(f, x, verbose=True, h=0.00001):
    grad = np.zeros_like(x)
    grad[...] = reference.numerical_gradient(f, x, h)
    if verbose:
        print(grad)
    return grad
