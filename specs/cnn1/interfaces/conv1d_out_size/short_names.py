import numpy as np

import reference


def calc_n_out(N, P, F, S):
    return np.floor(reference.conv_output_size(N, F, S, P)).astype(int)
