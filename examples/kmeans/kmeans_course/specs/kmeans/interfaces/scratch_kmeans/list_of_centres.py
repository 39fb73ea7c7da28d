import reference


class KMeans:
    def __init__(self, k=3, iterations=100, n_init=10):
        self.inner = reference.KMeans(k, n_init, iterations)
        self.inner_centres = []

    def fit(self, data):
        self.inner.fit(data)
        self.inner_centres = [list(map(float, c)) for c in self.inner.centres]
        return self

    def predict(self, data):
        return [int(n) for n in self.inner.predict(data)]
