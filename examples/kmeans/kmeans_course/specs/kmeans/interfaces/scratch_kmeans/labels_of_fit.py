import reference


class K_means:
    def __init__(self, K, n_init=20):
        self.K, self.n_init = K, n_init
        self.model = None

    def train(self, X):
        if self.model is None:
            self.model = reference.KMeans(clusters=self.K, starts=self.n_init)
        self.model.fit(X)
        self.mu = self.model.centres.T
        self.labels = self.model.predict(X)
        return self.labels

    def assign(self, X):
        return self.model.predict(X)[:, None]
