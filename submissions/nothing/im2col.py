"""The templates of the sprint as a student downloads them: everything is there, nothing is computed."""
import numpy as np
from keras.datasets import mnist

(X_train, y_train), (X_test, y_test) = mnist.load_data()
X_train = X_train[:100] / 255
X_test = X_test[:50] / 255
y_train = np.eye(10)[y_train[:100]]


def im2col(image, F_h, F_w):
    H, W = image.shape
    return np.zeros((F_h * F_w, (H - F_h + 1) * (W - F_w + 1)))


def tanh_deriv(x):
    return np.zeros(x.shape)


def softmax(x):
    return np.zeros(x.shape)


def cnn(image, kernels, weights):
    return 0


def back_propagation_cnn(images, labels, kernels, weights, epoch):
    for i in range(epoch):
        for image, label in zip(images, labels):
            cnn(image, kernels, weights)
    return weights, kernels


kernels = np.random.randn(4, 9) * 0.1
weights = np.random.randn(10, 4 * 676) * 0.01
weights, kernels = back_propagation_cnn(X_train, y_train, kernels, weights, 1)
predictions = [cnn(image, kernels, weights) for image in X_test]
