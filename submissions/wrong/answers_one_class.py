"""The most frequent label for every image."""
import numpy as np
from keras.datasets import mnist

(X_train, y_train), (X_test, y_test) = mnist.load_data()
X_train = X_train[:2000].reshape(-1, 784) / 255
X_test = X_test[:500].reshape(-1, 784) / 255
y_train, y_test = y_train[:2000], y_test[:500]


class ScratchDeepNeuralNetworkClassifier:

    def fit(self, X, y):
        self.most = np.bincount(y).argmax()

    def predict(self, X):
        return np.full(len(X), self.most)


model = ScratchDeepNeuralNetworkClassifier()
model.fit(X_train[:100], y_train[:100])
print((model.predict(X_test[:100]) == y_test[:100]).mean())
