# item: conv2d_out_size
import numpy as np


def compute_out(N_in, padding, filter_size, stride):
    h = (N_in.shape[0] + 2 * padding - filter_size.shape[0]) / stride + 1  #! forward: h = (N_in.shape[0] + padding - filter_size.shape[0]) / stride + 1
    w = (N_in.shape[1] + 2 * padding - filter_size.shape[1]) / stride + 1
    return np.zeros((int(h), int(w)))


feature_map = compute_out(np.arange(100).reshape(10, 10), 0, np.ones((3, 3)), 1)
print(feature_map.shape)
