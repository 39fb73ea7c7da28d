# items: xavier_initializer he_initializer
import numpy as np

rng = np.random.default_rng(1)


class Xavier:
    @staticmethod
    def init_weight(n_in, n_out):
        return rng.standard_normal((n_in, n_out)) * np.sqrt(1 / n_in)

    @staticmethod
    def init_bias(n_out):
        return np.zeros(n_out)


class He:
    @staticmethod
    def init_weight(n_in, n_out):
        return rng.standard_normal((n_in, n_out)) * np.sqrt(2 / n_in)  #! he_initializer.forward: return rng.random((n_in, n_out)) * np.sqrt(2 / n_in)

    @staticmethod
    def init_bias(n_out):
        return np.zeros(n_out)
