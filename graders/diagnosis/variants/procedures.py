"""The functions of the procedural network as students get them wrong."""

import numpy as np

from reference import class_probabilities, columns, softmax, train_one_by_one


def window_by_columns(image, filter_height, filter_width):
    """Each window is read column by column."""
    cols = columns(image, filter_height, filter_width)
    return cols.swapaxes(0, 1).reshape(cols.shape)


def positions_by_columns(image, filter_height, filter_width):
    """The windows' positions go down before they go right."""
    cols = columns(image, filter_height, filter_width)
    return cols.swapaxes(2, 3).reshape(cols.shape)


def reshaped(image, filter_height, filter_width):
    """The table of windows is reshaped where it should be transposed."""
    cols = columns(image, filter_height, filter_width)
    return cols.transpose(2, 3, 0, 1).reshape(cols.shape)


def flipped(image, filter_height, filter_width):
    """Each window is turned round."""
    return columns(image, filter_height, filter_width)[::-1, ::-1]


def truncated(image, filter_height, filter_width):
    """The values are cut to whole numbers."""
    return np.trunc(columns(image, filter_height, filter_width))


def derivative_not_squared(x):
    """1 - tanh(x)."""
    return 1 - np.tanh(x)


def derivative_of_output(x):
    """1 - x^2, which is right for the output of tanh."""
    return 1 - np.asarray(x) ** 2


def derivative_as_sigmoid(x):
    """y (1 - y), the derivative of the sigmoid."""
    y = np.tanh(x)
    return y * (1 - y)


def derivative_is_tanh(x):
    """tanh itself."""
    return np.tanh(x)


def softmax_without_exp(x):
    """The scores divided by their sum."""
    return np.asarray(x) / np.sum(x)


def softmax_not_normalised(x):
    """The exponentials alone."""
    return np.exp(x)


def softmax_by_largest(x):
    """Divided by the largest exponential."""
    return np.exp(x) / np.max(np.exp(x))


def softmax_by_mean(x):
    """Divided by the mean."""
    return np.exp(x) / np.mean(np.exp(x))


def _scores(image, kernels, weights, function):
    cols = columns(image, *kernels.shape[1:]).reshape(kernels[0].size, -1)
    hidden = function(kernels.reshape(len(kernels), -1) @ cols)
    return weights.reshape(len(weights), -1) @ hidden.reshape(-1)


def predicted_without_tanh(image, kernels, weights):
    """The convolution goes into the dense layer as it is."""
    return np.asarray(np.argmax(_scores(image, kernels, weights, lambda u: u)))


def predicted_with_relu(image, kernels, weights):
    """ReLU in the place of tanh."""
    return np.asarray(np.argmax(_scores(image, kernels, weights, lambda u: np.maximum(u, 0))))


def predicted_least(image, kernels, weights):
    """The class with the smallest score."""
    return np.asarray(np.argmin(class_probabilities(image, kernels, weights)))


def predicted_flipped(image, kernels, weights):
    """The kernels are turned round."""
    return np.asarray(np.argmax(class_probabilities(image, kernels[:, ::-1, ::-1], weights)))


def _trained(images, targets, kernels, weights, lr, epochs, step):
    k, w = np.array(kernels, dtype=float), np.array(weights, dtype=float)
    for _ in range(epochs):
        for image, target in zip(images, targets, strict=True):
            cols = columns(image, *k.shape[1:]).reshape(k[0].size, -1)
            u = k.reshape(len(k), -1) @ cols
            h = np.tanh(u)
            z = w.reshape(len(w), -1) @ h.reshape(-1)
            k, w = step(k, w, cols, u, h, z, np.asarray(target), lr)
    return k, w


def _dense(w, error, h):
    return np.outer(error, h.reshape(-1)).reshape(w.shape)


def _kernels(k, w, error, slope, cols):
    back = (w.reshape(len(w), -1).T @ error).reshape(slope.shape)
    return ((back * slope) @ cols.T).reshape(k.shape)


def kernels_after_weights(images, targets, kernels, weights, lr, epochs=1):
    """The kernels' step uses the dense weights that were just updated."""

    def step(k, w, cols, u, h, z, target, lr):
        error = softmax(z) - target
        w = w - lr * _dense(w, error, h)
        return k - lr * _kernels(k, w, error, 1 - h**2, cols), w

    return _trained(images, targets, kernels, weights, lr, epochs, step)


def without_slope(images, targets, kernels, weights, lr, epochs=1):
    """The derivative of tanh is left out."""

    def step(k, w, cols, u, h, z, target, lr):
        error = softmax(z) - target
        moved = k - lr * _kernels(k, w, error, np.ones_like(h), cols)
        return moved, w - lr * _dense(w, error, h)

    return _trained(images, targets, kernels, weights, lr, epochs, step)


def slope_of_output(images, targets, kernels, weights, lr, epochs=1):
    """1 - tanh(h)^2 is taken of the output h, which has been through tanh already."""

    def step(k, w, cols, u, h, z, target, lr):
        error = softmax(z) - target
        moved = k - lr * _kernels(k, w, error, 1 - np.tanh(h) ** 2, cols)
        return moved, w - lr * _dense(w, error, h)

    return _trained(images, targets, kernels, weights, lr, epochs, step)


def ascends(images, targets, kernels, weights, lr, epochs=1):
    """The gradient is added."""
    return train_one_by_one(images, targets, kernels, weights, -lr, epochs)


def without_target(images, targets, kernels, weights, lr, epochs=1):
    """The label is not subtracted from the probabilities."""
    return train_one_by_one(images, np.zeros_like(targets), kernels, weights, lr, epochs)


def without_rate(images, targets, kernels, weights, lr, epochs=1):
    """The learning rate is left out."""
    return train_one_by_one(images, targets, kernels, weights, 1.0, epochs)


def scores_for_probabilities(images, targets, kernels, weights, lr, epochs=1):
    """The error is taken from the scores, without softmax."""

    def step(k, w, cols, u, h, z, target, lr):
        error = z - target
        moved = k - lr * _kernels(k, w, error, 1 - h**2, cols)
        return moved, w - lr * _dense(w, error, h)

    return _trained(images, targets, kernels, weights, lr, epochs, step)


def kernels_stay(images, targets, kernels, weights, lr, epochs=1):
    """The kernels are never updated."""

    def step(k, w, cols, u, h, z, target, lr):
        return k, w - lr * _dense(w, softmax(z) - target, h)

    return _trained(images, targets, kernels, weights, lr, epochs, step)


def weights_stay(images, targets, kernels, weights, lr, epochs=1):
    """The dense weights are never updated."""

    def step(k, w, cols, u, h, z, target, lr):
        return k - lr * _kernels(k, w, softmax(z) - target, 1 - h**2, cols), w

    return _trained(images, targets, kernels, weights, lr, epochs, step)


def first_image_only(images, targets, kernels, weights, lr, epochs=1):
    """Only the first image is learnt from."""
    return train_one_by_one(images[:1], targets[:1], kernels, weights, lr, epochs)


def one_epoch_only(images, targets, kernels, weights, lr, epochs=1):
    """The images are gone through once, whatever the number of epochs."""
    return train_one_by_one(images, targets, kernels, weights, lr, 1)
