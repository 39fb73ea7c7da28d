import numpy as np
import reference


# %%
class ScratchDeepNeuralNetworkClassifier:
    def __init__(self, n_epochs=5, batch_size=20, lr=0.1):
        self.n_epochs, self.batch_size, self.lr = n_epochs, batch_size, lr

    def fit(self, X, y):
        rng = np.random.default_rng(0)
        self.network = reference.dnn_classifier(rng, X.shape[1])
        self.network.fit(
            X,
            y,
            optimizer=reference.SGD(self.lr),
            epochs=self.n_epochs,
            batch_size=self.batch_size,
            seed=rng,
        )
        return self

    def predict(self, X):
        return self.network.predict(X)


# %%
model = ScratchDeepNeuralNetworkClassifier()
model.fit(X_train, y_train)
print("accuracy", np.mean(model.predict(X_test) == y_test))
