import numpy as np

import reference


def im2col(input_data, filter_h, filter_w, stride=1, pad=0):
    images = np.pad(input_data, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    rows = [
        reference.columns(channel, filter_h, filter_w)[..., ::stride, ::stride]
        .reshape(filter_h * filter_w, -1)
        .T
        for image in images
        for channel in image
    ]
    return np.concatenate(rows)
