import reference


def numerical_gradient(f, x):
    return reference.numerical_gradient(f, x)
