# item: conv1d_out_size
import numpy as np


def output_size(x, w, padding=0, stride=1):
    n_in, f = x.shape[-1], w.shape[-1]
    return (n_in + 2 * padding - f) // stride + 1  #! forward: return (n_in + 2 * padding - f + 1) // stride
