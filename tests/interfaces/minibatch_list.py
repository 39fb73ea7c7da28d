# item: get_mini_batch
import numpy as np


def get_mini_batch(X, y, batch_size):
    """ミニバッチのリストを返す"""
    p = np.random.permutation(X.shape[0])
    batches = []
    for i in range(0, X.shape[0], batch_size):
        batches.append((X[p[i:i + batch_size]], y[p[i:i + batch_size]]))  #! forward,shape: batches.append((X[p[:batch_size]], y[p[:batch_size]]))
    return batches
