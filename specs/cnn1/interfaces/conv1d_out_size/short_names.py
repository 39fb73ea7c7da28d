import numpy as np

import reference


def calc_n_out(N, P, F, S):
    return np.float64(reference.conv_output_size(N, F, S, P))
