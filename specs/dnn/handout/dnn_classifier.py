import numpy as np
import reference

# %%
class ScratchDeepNeuralNetworkClassifier:
    def __init__(self, n_epochs=5, batch_size=20, lr=0.1):
        self.n_epochs, self.batch_size, self.lr = n_epochs, batch_size, lr

    def fit(self, X, y):
        rng = np.random.default_rng(0)
        start = reference.XavierInitializer()
        self.layers = [
            reference.FC.initialised(X.shape[1], 400, start, rng), reference.Tanh(),
            reference.FC.initialised(400, 200, start, rng), reference.Tanh(),
            reference.FC.initialised(200, 10, start, rng),
        ]
        loss, optimizer = reference.SoftmaxCrossEntropy("mean"), reference.SGD(self.lr)
        for _ in range(self.n_epochs):
            for batch_X, batch_y in reference.GetMiniBatch(X, y, self.batch_size, rng):
                loss.forward(self.scores(batch_X), batch_y)
                gradient = loss.backward()
                for layer in reversed(self.layers):
                    gradient = layer.backward(gradient)
                for layer in self.layers[::2]:
                    optimizer.update(layer)
        return self

    def scores(self, X):
        for layer in self.layers:
            X = layer.forward(X)
        return X

    def predict(self, X):
        return np.argmax(self.scores(X), axis=1)

# %%
model = ScratchDeepNeuralNetworkClassifier()
model.fit(X_train, y_train)
print("accuracy", np.mean(model.predict(X_test) == y_test))
