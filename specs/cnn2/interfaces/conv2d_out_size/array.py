import numpy as np

import reference


def calc_output_size2d(n_h, n_w, f_h, f_w, pad_h, pad_w, stride_h, stride_w):
    out = reference.conv2d_output_size((n_h, n_w), (f_h, f_w), (stride_h, stride_w), (pad_h, pad_w))
    return np.array(out)
